"""What cannot be written or read is refused by name, on both databases, and every table is as it was before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import inspect, text, update

from shared.eventstore.codec import Codec, UnknownEvent
from shared.eventstore.work import Work
from shared.kernel.ids import new_id
from shared.kernel.messages import PURPOSES, Event, Person, Ref, event
from shared.kernel.refusals import Changed, NotFound, Refusal
from shared.ledger.bundles import LONGEST
from shared.ledger.canonical import CanonicalError
from shared.vault.erasing import destroy, restrict
from shared.vault.errors import KeyringError, PersonErased, Tampered
from shared.vault.keyring import Keyring
from shared.vault.tables import vault_keys
from tests.contract.eventstore.conftest import NOW, order
from tests.contract.eventstore.lantern import Lantern, LanternLit, LanternPutOut


@event("casework.lantern_lit", version=3)
@dataclass(frozen=True, kw_only=True)
class LanternOfTomorrow(Event):
    """What a later release might record."""

    lantern: Ref
    child: Person


@event("casework.lantern_stolen", version=1)
@dataclass(frozen=True, kw_only=True)
class LanternStolen(Event):
    """What this service does not record."""

    lantern: Ref


class Careless(Lantern):
    """Records what nobody has entered among the service's events."""

    def _apply_lantern_stolen(self, _: LanternStolen) -> None:
        pass

    def _apply_lantern_of_tomorrow(self, _: LanternOfTomorrow) -> None:
        pass


def everything(rooms: Any) -> dict[str, list[str]]:
    """Each row of each table."""
    with rooms.database.read() as tx:
        tables = inspect(tx).get_table_names()
        return {one: sorted(map(_plain, tx.execute(text(f'SELECT * FROM "{one}"')))) for one in tables}


def _plain(row: Any) -> str:
    return repr([bytes(cell) if isinstance(cell, memoryview) else cell for cell in row])


def recording(lantern: str, *events: Event) -> Callable[[Work], Lantern]:
    """A decision that records these."""

    def decide(work: Work) -> Lantern:
        it = work.find(Careless, lantern)
        # Something right in front of it, which must not be left behind.
        it.light(new_id(NOW), words="in front")
        for one in events:
            it.record(one)
        return it

    return decide


def lit(**differs: Any) -> LanternLit:
    usual = {"lantern": new_id(NOW), "child": new_id(NOW), "brightness": 1}
    return LanternLit(**(usual | differs))


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (lit(brightness=0.5), CanonicalError),
        (lit(brightness=2**53), CanonicalError),
        (lit(lantern="x" * LONGEST), Refusal),
        (LanternStolen(lantern=Ref("l")), UnknownEvent),
        (LanternOfTomorrow(lantern=Ref("l"), child=Person("c")), UnknownEvent),
    ],
    ids=["a float", "an integer that not every reader holds", "too long", "unknown type", "unknown version"],
)
def test_an_event_that_cannot_be_an_entry_is_refused_and_takes_what_came_with_it_along(
    rooms: Any, light: Any, wrong: Event, refusal: type[Exception]
) -> None:
    lantern = new_id(NOW)
    light(lantern)
    before = everything(rooms)
    with pytest.raises(refusal) as refused:
        rooms.base.desk.decide(order(), recording(lantern, wrong))
    assert everything(rooms) == before
    if refusal is Refusal:
        assert refused.value.code == "entry_too_long"
    if refusal is UnknownEvent:
        assert wrong.type in str(refused.value)
    light(lantern)


@pytest.mark.parametrize(
    ("knows", "said"),
    [((LanternPutOut,), "casework.lantern_lit"), ((LanternOfTomorrow,), "casework.lantern_lit version 2")],
    ids=["type", "version"],
)
def test_a_history_that_is_not_understood_is_decided_about_by_nobody(
    rooms: Any, light: Any, knows: tuple[type[Event], ...], said: str
) -> None:
    lantern = new_id(NOW)
    light(lantern, words="words")
    before = everything(rooms)
    rooms.base.store.codec = Codec(knows)
    with pytest.raises(UnknownEvent, match=f"^{said}$"):
        rooms.base.desk.decide(order(), recording(lantern))
    with rooms.database.read() as tx, pytest.raises(UnknownEvent, match=f"^{said}$"):
        rooms.base.store.stream(tx, f"casework.lantern-{lantern}", opened=True)
    assert everything(rooms) == before


def test_a_stream_that_does_not_exist_is_not_found_and_not_begun(rooms: Any) -> None:
    lantern = new_id(NOW)
    before = everything(rooms)
    with pytest.raises(NotFound) as refused:
        rooms.base.desk.decide(order(), lambda work: work.load(Lantern, lantern))
    assert refused.value.facts["id"] == lantern
    assert everything(rooms) == before
    with rooms.database.read() as tx:
        assert rooms.base.store.stream(tx, f"casework.lantern-{lantern}") == []


@pytest.mark.parametrize("expected", [0, 2, 99])
def test_a_version_that_is_not_the_present_one_is_refused_with_both(rooms: Any, light: Any, expected: int) -> None:
    lantern = new_id(NOW)
    light(lantern)
    before = everything(rooms)
    with pytest.raises(Changed) as refused:
        light(lantern, words="words", expected=expected)
    assert (refused.value.facts["expected"], refused.value.facts["actual"]) == (expected, 1)
    assert everything(rooms) == before


def test_nothing_is_recorded_for_whom_was_erased_nor_for_anybody_beside(rooms: Any, light: Any) -> None:
    lantern, erased = new_id(NOW), new_id(NOW)
    light(lantern, erased, words="words")
    with rooms.database.begin() as tx:
        destroy(tx, erased)
    before = everything(rooms)
    with pytest.raises(PersonErased) as refused:
        rooms.base.desk.decide(order(), recording(lantern, lit(lantern=lantern, child=erased, words="again")))
    assert refused.value.facts == {"person": erased}
    assert everything(rooms) == before


def test_a_restricted_key_opens_nothing_and_what_is_kept_stays(rooms: Any, light: Any) -> None:
    lantern, closed = new_id(NOW), new_id(NOW)
    light(lantern, closed, words="words")
    with rooms.database.begin() as tx:
        restrict(tx, closed)
    before = everything(rooms)
    with rooms.database.read() as tx:
        (one,) = rooms.base.store.stream(tx, f"casework.lantern-{lantern}", opened=True)
    assert one.event.words is None
    assert everything(rooms) == before


@pytest.mark.parametrize("damage", ["the stored key", "another key-encryption key", "no key-encryption key"])
def test_with_damaged_keys_nothing_is_read_as_if_it_were_gone_and_nothing_is_written(
    rooms: Any, light: Any, tmp_path: Any, damage: str
) -> None:
    lantern, child = new_id(NOW), new_id(NOW)
    light(lantern, child, words="words")
    right = rooms.base.vault.keyring
    if damage == "the stored key":
        with rooms.database.begin() as tx:
            tx.execute(update(vault_keys).values(wrapped=b"x" * 60))
    else:
        other = Keyring.create(tmp_path / "other", PURPOSES)
        named = {
            purpose: {
                (right.newest(purpose) if damage == "another key-encryption key" else other.newest(purpose)): next(
                    iter(keys.values())
                )
            }
            for purpose, keys in other._keks.items()
            if purpose in right.purposes
        }
        rooms.base.vault.keyring = Keyring(named, b"")
    before = everything(rooms)
    with rooms.database.read() as tx, pytest.raises((Tampered, KeyringError)):
        rooms.base.store.stream(tx, f"casework.lantern-{lantern}", opened=True)
    with pytest.raises(KeyringError):
        rooms.base.desk.decide(order(), recording(lantern, lit(lantern=lantern, child=child, words="more")))
    assert everything(rooms) == before
