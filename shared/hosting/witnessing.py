"""The doors between logs and their witnesses: a neighbour offers its checkpoint, an auditor asks what was cosigned.

Keys come from the directory of keys and from nowhere else: `log-<service>` signs a log's checkpoints,
`witness-<service>` cosigns those of others.
"""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import Connection, case, exists, select
from sqlalchemy.exc import IntegrityError

from shared.access.principals import Call
from shared.contracts import LANGUAGE
from shared.hosting import contradictions
from shared.hosting.foundation import Foundation, Rooms, origin_of, witness_name
from shared.kernel.refusals import Denied, Refusal
from shared.ledger.cosignatures import WitnessKey
from shared.ledger.notes import NoteError, Verifier
from shared.ledger.tables import log_checkpoints, log_cosignatures, log_witnessed
from shared.ledger.witnessing import Verdict
from shared.messaging.deciding import followed_log_id, followed_log_of
from shared.storage.columns import instant_text
from shared.vault.errors import KeyringError
from shared.vault.keyfiles import load_public_ed25519

log = structlog.get_logger(__name__)
Asked = Call[dict[str, Any]]
MOST_CONTRADICTIONS = 50
"""Contradictions that an answer shows, the latest first; the number of all stands beside them."""
MOST_DECISIONS = 20
"""Decisions about one log that an answer shows: the latest."""


def log_key(base: Foundation, service: str) -> Verifier:
    """What a service's checkpoints verify with. Raises KeyringError where the directory does not hold it."""
    key = load_public_ed25519(base.settings.key_directory, f"log-{service}")
    return Verifier(origin_of(base.settings, service), key.public_bytes_raw())


def witness_key(base: Foundation, service: str) -> WitnessKey:
    """What a service's cosignatures verify with. Raises KeyringError where the directory does not hold it."""
    key = load_public_ed25519(base.settings.key_directory, f"witness-{service}")
    return WitnessKey(witness_name(base.settings, service), key.public_bytes_raw())


def witness(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """This service's cosignature under the caller's checkpoint: `{"cosignature", "size"}`.

    Raises Refusal `log.checkpoint_conflict` {size, note} where the caller is mistaken about what was cosigned last,
    `log.checkpoint_contradicted` {kind, size, note} where its log is not what it was, and `log.checkpoint_unknown`
    for a note that is not by the caller's own log.
    """
    base, asked = rooms.base, call.data
    service = call.principal.id.removeprefix("system:") if call.principal.is_system else ""
    with base.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
    if service not in LANGUAGE or service == base.name:
        raise Denied(str(call.permission), log=True)  # a log is offered by nobody but its own service
    verdict = _looked(base, service, asked)
    if verdict.cosignature is not None:
        return {"cosignature": verdict.cosignature, "size": verdict.knows.size}
    knows = {"size": verdict.knows.size, "note": verdict.knows.note}
    if (found := verdict.contradiction) is None:
        raise Refusal("log.checkpoint_conflict", **knows)
    log.error(
        "log_contradicted",
        log=found.log,
        kind=found.kind,
        known_size=found.known_size,
        offered_size=found.offered_size,
    )
    raise Refusal("log.checkpoint_contradicted", kind=found.kind, **knows)


def _looked(base: Foundation, service: str, asked: dict[str, Any]) -> Verdict:
    for last in (False, True):
        try:
            key = log_key(base, service)
            with base.database.begin() as tx:
                proof = [bytes.fromhex(one) for one in asked["proof"]]
                return base.witness.look(tx, key, asked["note"], asked["old"], proof)
        except (NoteError, KeyringError) as error:
            log.error("checkpoint_unknown", log=service, error=type(error).__name__)  # noqa: TRY400 - expected
            raise Refusal("log.checkpoint_unknown") from error
        except IntegrityError:  # another replica of that log's service was here at the same moment
            if last:
                raise
    raise AssertionError("unreachable")


def witnessed(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """A page of what was cosigned here of a log, the earliest first: `{"items": [note], "lost": [note], "next"}`.

    `lost` are those beyond the size from which the log was witnessed anew: evidence of what it once held, which it need
    not continue.
    """
    base, asked = rooms.base, call.data
    at, later = log_witnessed.c, log_witnessed.alias()
    lost = exists().where(later.c.log == at.log, later.c.era > at.era, later.c.size < at.size)
    wanted = (
        select(at.number, at.note, case((lost, 1), else_=0).label("lost"))
        .where(at.log == origin_of(base.settings, asked["log"]), at.number > int(asked["after"] or 0), at.note != "")
        .order_by(at.number)
        .limit(asked["limit"] + 1)
    )
    with base.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        rows = tx.execute(wanted).all()
    shown = rows[: asked["limit"]]
    return {
        "items": [row.note for row in shown if not row.lost],
        "lost": [row.note for row in shown if row.lost],
        "next": str(shown[-1].number) if len(rows) > len(shown) else None,
    }


def standing(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """How this log stands with its witnesses: `standing_facts`, the note as it is cosigned, the contradictions met.

    `accepted` are the decisions of this service to go on with another log that is not what it was: `decisions`.
    """
    base = rooms.base
    with base.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        facts = standing_facts(base, tx) | {"accepted": decisions(base, tx)}
        met = contradictions.latest(base, tx, MOST_CONTRADICTIONS)
        note = base.checkpoints.latest(tx)
    return facts | {"note": note, "verifier": str(base.verifier), "contradictions": met}


def decisions(base: Foundation, tx: Connection) -> list[dict[str, Any]]:
    """What was decided here about the logs of neighbours, and by whom: `{log, event, type, time, by, role, data}`."""
    logs = {followed_log_of(base.name)(followed_log_id(base.name, one)).stream: one for one in LANGUAGE}
    found = base.store.streams(tx, sorted(logs))
    return [
        {
            "log": origin_of(base.settings, logs[stream]),
            "event": one.id,
            "type": one.event.type,
            "time": instant_text(one.time),
            "by": one.cause.actor.id,
            "role": one.cause.actor.role,
            "data": dict(vars(one.event)),
        }
        for stream in sorted(logs, key=lambda each: logs[each])
        for one in found[stream][-MOST_DECISIONS:]
    ]


def standing_facts(base: Foundation, tx: Connection) -> dict[str, Any]:
    """`{checkpoint: {size, time} | None, cosigned: [{witness, size, time}], contradicted}`.

    `contradicted` is the number of contradictions on record that nobody has decided.

    Each service that has ever cosigned stands in `cosigned`, with the largest size that it did.
    """
    newest = select(log_checkpoints.c.size, log_checkpoints.c.time).order_by(log_checkpoints.c.size.desc()).limit(1)
    signed = tx.execute(newest).one_or_none()
    return {
        "checkpoint": {"size": signed.size, "time": instant_text(signed.time)} if signed else None,
        "cosigned": last_cosigned(base, tx),
        "contradicted": contradictions.how_many(base, tx),
    }


def last_cosigned(base: Foundation, tx: Connection) -> list[dict[str, Any]]:
    """For each service that has cosigned this log: `{witness, size, time}` of the largest size."""
    at = log_cosignatures.c
    found = []
    for service in LANGUAGE:
        name = witness_name(base.settings, service)
        newest = select(at.size, at.time).where(at.witness == name).order_by(at.size.desc()).limit(1)
        row = tx.execute(newest).one_or_none()
        if row is not None:
            found.append({"witness": service, "size": row.size, "time": instant_text(row.time)})
    return found
