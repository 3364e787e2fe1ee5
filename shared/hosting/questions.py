"""What the doors that all services have alike are asked: the words of each, with the bounds of every one."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.access.schemas import AsOf, Command, Id, Paged, Query
from shared.ledger.tiles import MOST_INDEX, MOST_LEVEL, WIDTH
from shared.messaging.contradictions import ContradictionReason
from shared.messaging.dropping import DropReason
from shared.messaging.epochs import MOST_EPOCHS


class Nothing(Query):
    """A question that needs no words."""


class Range(Query):
    """The places of the log after a position, for one reader."""

    after = fields.Integer(required=True, strict=True, validate=validate.Range(-1))
    limit = fields.Integer(load_default=500, strict=True, validate=validate.Range(1, 1000))
    reader = fields.String(required=True, validate=validate.Length(max=40))


class Pairs(Query):
    """People and purposes whose keys a neighbour needs: `[[person, purpose], …]`."""

    pairs = fields.List(
        fields.Tuple((Id(), fields.String(validate=validate.Length(max=20)))),
        required=True,
        validate=validate.Length(max=1000),
    )


class Offered(Query):
    """A checkpoint, the size that its log takes to be cosigned already, and the proof that it only grew since."""

    note = fields.String(required=True, validate=validate.Length(1, 10_000))
    old = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**63 - 1))
    proof = fields.List(
        fields.String(validate=validate.Regexp(r"\A[0-9a-f]{64}\Z")), required=True, validate=validate.Length(max=63)
    )


class Verified(Query):
    """By how many seconds a time may stand back without being a verdict: a backlog that somebody knows of."""

    accept_late = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 10**9))


class KeptNotes(Query):
    """Notes of this log that somebody keeps, the smallest size first, and the size up to which others agreed."""

    notes = fields.List(
        fields.String(validate=validate.Length(max=10_000)), required=True, validate=validate.Length(max=500)
    )
    agreed = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 2**63 - 1))


class OneLog(Paged):
    """Checkpoints of a service's log (`log`) that were cosigned here, after a number (`after`)."""

    log = fields.String(required=True, validate=validate.Length(max=40))


class Entries(Paged):
    """Entries after a position or cursor (`after`), of a type, a person, a stream, recorded from `since` to `until`.

    `latest` begins at the end of the log and goes back.
    """

    type = fields.String(validate=validate.Length(max=100))
    person = Id()
    stream = fields.String(validate=validate.Length(max=120))
    since = fields.AwareDateTime(format="iso")
    until = fields.AwareDateTime(format="iso")
    latest = fields.Boolean(load_default=False)


class News(Query):
    """What happened behind a position."""

    after = fields.Integer(load_default=-1, strict=True, validate=validate.Range(-1, 2**62))
    limit = fields.Integer(load_default=100, strict=True, validate=validate.Range(1, 500))


class OneBundle(Query):
    """A bundle of entries, or its first `width`."""

    index = fields.Integer(required=True, strict=True, validate=validate.Range(0, MOST_INDEX, max_inclusive=False))
    width = fields.Integer(load_default=WIDTH, strict=True, validate=validate.Range(1, WIDTH))


class OneTile(OneBundle):
    """A tile of the tree, or its first `width` hashes."""

    level = fields.Integer(required=True, strict=True, validate=validate.Range(0, MOST_LEVEL))


class Checkpoints(Query):
    """Checkpoints of more than `after` entries."""

    after = fields.Integer(load_default=-1, strict=True, validate=validate.Range(-1))
    limit = fields.Integer(load_default=500, strict=True, validate=validate.Range(1, 1000))


class OneEvent(Query):
    """An event of this log."""

    event = Id(required=True)


class StateAsOf(AsOf):
    """A thing as it stood, by the kind of it."""

    kind = fields.String(required=True, validate=validate.Regexp(r"^[a-z_]{1,40}$", error="not_a_kind"))
    id = Id(required=True)


class SomeParked(Query):
    """What is parked of one source or projector, or all of it."""

    source = fields.String(validate=validate.Length(max=40))
    projector = fields.String(validate=validate.Length(max=80))


class Rebuilt(Query):
    """Whether the rebuilt views shall take the place of the live ones."""

    switch = fields.Boolean(load_default=False)


class Dropped(Command):
    """A parked event that shall not be applied, and why."""

    source = fields.String(required=True, validate=validate.Length(max=40))
    projector = fields.String(required=True, validate=validate.Length(max=80))
    position = fields.Integer(required=True, strict=True, validate=validate.Range(0))
    reason = fields.Enum(DropReason, by_value=True, required=True)


class BackupSeen(Command):
    """A backup of this service's log that was verified: the log in it, and when it was taken."""

    size = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**63 - 1))
    root = fields.String(required=True, validate=validate.Regexp(r"\A[0-9a-f]{64}\Z"))
    epoch = Id(required=True)
    taken = fields.AwareDateTime(format="iso", required=True)


class OneCommand(Query):
    """A command of the caller's own."""

    command_id = Id(required=True)


class Epoch(Schema):
    """An epoch of a log, and the size that the log had when it began."""

    id = Id(required=True)
    began = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**63 - 1))


class Accepted(Query):
    """A source whose log was restored, with its epochs as it tells of them, the present one first.

    Of a log that was written anew in the same epoch, `agreed` is the size up to which it is what was cosigned of it.
    """

    source = fields.String(required=True, validate=validate.Length(max=40))
    epochs = fields.List(fields.Nested(Epoch), required=True, validate=validate.Length(1, MOST_EPOCHS))
    agreed = fields.Integer(load_default=None, strict=True, allow_none=True, validate=validate.Range(0, 2**63 - 1))
    reason = fields.Enum(ContradictionReason, by_value=True, load_default=ContradictionReason.RESTORED_FROM_BACKUP)


class Decided(Command):
    """A contradiction on record, and what was behind it."""

    contradiction = Id(required=True)
    reason = fields.Enum(ContradictionReason, by_value=True, required=True)
