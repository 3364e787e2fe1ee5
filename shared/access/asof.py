"""How a thing stood at a past moment, by its own history: what was known then, and of that what was already true.

Known-at counts by when an entry was recorded; true-at by the day of the act, where the act has one, else by the day on
which it was recorded. The history is replayed with the aggregate's own fold, and what comes of it is masked as the
present state is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, select

from shared.access import tables as access
from shared.access.principals import Call
from shared.access.roles import FieldClass
from shared.access.schemas import View
from shared.kernel.aggregate import Aggregate
from shared.kernel.clock import day_of
from shared.kernel.messages import Event, Recorded
from shared.kernel.refusals import Refusal
from shared.storage.columns import instant_text

A = TypeVar("A", bound=Aggregate)
Facts = dict[str, Any]
Tellings = Mapping[str, Callable[[Connection, frozenset[FieldClass]], "Telling[Any]"]]
"""What a service can tell of the past, by the kind of thing."""
MOST_CHANGES = 500
"""The most changes that a history tells, the latest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling(Generic[A]):
    """How a kind of thing is told: what of it is shown, and how that is masked.

    `acted` names the field of an event that says on which day the act was, where it is not the command's. `parts` takes
    apart what changes piece by piece, for the history. `more` gives facts of the same moment that other streams tell.
    """

    kind: type[A]
    facts: Callable[[A], Facts]
    view: View
    acted: Mapping[type[Event], str] = field(default_factory=dict)
    parts: Callable[[Facts], Facts] = dict
    more: Callable[[A, datetime, date | None], Facts] | None = None

    def day(self, one: Recorded) -> date:
        """The day on which what was recorded was done."""
        said = self.acted.get(type(one.event))
        day: date | None = getattr(one.event, said) if said else None
        return day or one.cause.happened_on or day_of(one.time)


def known_and_true(call: Call[dict[str, Any]], now: datetime) -> tuple[datetime, date | None]:
    """The two times that a call asks about; known-at is now where nothing is said.

    Raises Refusal `as_of_in_future`: nobody knows yet.
    """
    known_at, true_at = call.data.get("known_at") or now, call.data.get("true_at")
    if known_at > now:
        raise Refusal("as_of_in_future", field="known_at")
    if true_at is not None and true_at > day_of(now):
        raise Refusal("as_of_in_future", field="true_at")
    return known_at, true_at


def up_to(
    history: Sequence[Recorded], telling: Telling[Any], known_at: datetime, true_at: date | None
) -> list[Recorded]:
    """Those events of a history that were known at a moment and true on a day, in the order in which they were true.

    Raises Refusal `as_of_too_early {first}` where the thing was not there yet.
    """
    told = [one for one in history if one.time <= known_at]
    if not told:
        raise Refusal("as_of_too_early", first=day_of(history[0].time).isoformat())
    if true_at is None:
        return told
    first = telling.day(told[0])
    if first > true_at:
        raise Refusal("as_of_too_early", first=first.isoformat())
    # What was written down late takes its place among what was done then; nothing comes before the beginning.
    later = [one for one in told[1:] if telling.day(one) <= true_at]
    return [told[0], *sorted(later, key=telling.day)]


def as_of(
    tx: Connection,
    call: Call[dict[str, Any]],
    telling: Telling[A],
    aggregate_id: str,
    history: Sequence[Recorded],
    now: datetime,
    *,
    seen: frozenset[FieldClass],
) -> dict[str, Any]:
    """How a thing stood, as a cleared call asks and as a reader of these classes of fields sees it.

    The answer is `{id, version, known_at, true_at, state, history}`; the history is told where `history` is asked for,
    the latest change first. Raises what `known_and_true` and `up_to` raise.
    """
    known_at, true_at = known_and_true(call, now)
    events = up_to(history, telling, known_at, true_at)
    it = telling.kind.replayed(aggregate_id, [one.event for one in events])
    facts = {**telling.facts(it), **(telling.more(it, known_at, true_at) if telling.more else {})}
    answer = {
        "id": aggregate_id,
        "version": it.version,
        "known_at": instant_text(known_at),
        "true_at": true_at.isoformat() if true_at else None,
        "state": telling.view.shown(facts, seen),
        "history": None,
    }
    if call.data.get("history"):
        answer["history"] = _named(tx, list(_changes(telling, aggregate_id, events, seen)))
    return answer


def _changes(
    telling: Telling[A], aggregate_id: str, events: Sequence[Recorded], seen: frozenset[FieldClass]
) -> Iterator[dict[str, Any]]:
    """Each value that each field had, from when until when, and who changed it. What is masked has no history."""
    it = telling.kind(aggregate_id)
    known: Facts = {}
    found: list[dict[str, Any]] = []
    standing: dict[str, dict[str, Any]] = {}
    for one in events:
        it.record(one.event)
        facts = telling.view.shown(telling.facts(it), seen)
        masked = facts.pop("masked", [])
        now = {name: value for name, value in telling.parts(facts).items() if name not in masked}
        for name in (*now, *(known.keys() - now.keys())):
            value = now.get(name)
            if value == known.get(name):
                continue
            if name in standing:
                standing[name] |= {"until": instant_text(one.time), "until_day": telling.day(one).isoformat()}
            standing[name] = _change(name, value, one, telling.day(one))
            found.append(standing[name])
        known = now
    yield from found[: -MOST_CHANGES - 1 : -1]


def _change(name: str, value: Any, one: Recorded, day: date) -> dict[str, Any]:
    actor = one.cause.actor
    return {
        "field": name,
        "value": value,
        "from": instant_text(one.time),
        "from_day": day.isoformat(),
        "until": None,
        "until_day": None,
        "by": actor.id,
        "role": actor.role,
    }


def _named(tx: Connection, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = staff_names(tx, {one["by"] for one in changes})
    return [one | {"by_name": names.get(one["by"])} for one in changes]


def staff_names(tx: Connection, staff: set[str]) -> dict[str, str | None]:
    """The names of members of staff, by reference."""
    s = access.staff.c
    return dict(tx.execute(select(s.staff, s.name).where(s.staff.in_(staff))).all())
