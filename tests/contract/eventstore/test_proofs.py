"""What a service gives of its log for others to check is what was signed, in the forms that other tools read."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from sqlalchemy import func, select

from shared.access.permissions import Permission
from shared.eventstore import tables as t
from shared.hosting import proofs
from shared.kernel.ids import new_id
from shared.kernel.refusals import NotFound, Refusal
from shared.ledger.bundles import LONGEST, entries_in
from shared.ledger.merkle import leaf_hash, root_of
from shared.ledger.notes import read_checkpoint
from shared.ledger.receipts import read_receipt
from shared.testing.rooms import call_as, place_pending
from tests.contract.eventstore.conftest import NOW, order
from tests.contract.eventstore.lantern import Lantern, LanternLit


def asked(rooms: Any, door: Any, **data: Any) -> dict[str, Any]:
    answer: dict[str, Any] = door(rooms, call_as(rooms, data, Permission.ENTRY_VIEW))
    return answer


def tile(rooms: Any, level: int, index: int, width: int = 256) -> list[bytes]:
    found = base64.b64decode(proofs.tile(rooms, {"level": level, "index": index, "width": width})["tile"])
    return [found[at : at + 32] for at in range(0, len(found), 32)]


@pytest.fixture
def signed(rooms, light):
    """A log of 260 entries, signed."""
    for _ in range(4):
        light(new_id(NOW), times=65)
    while not rooms.database.is_sqlite and place_pending(rooms):
        pass
    with rooms.database.begin() as tx:
        rooms.base.checkpoints.make(tx)
    return rooms


def test_tiles_and_bundles_fit_each_other_and_the_signed_root(signed) -> None:
    bundles = [
        base64.b64decode(asked(signed, proofs.bundle, index=0, width=256)["bundle"]),
        base64.b64decode(asked(signed, proofs.bundle, index=1, width=4)["bundle"]),
    ]
    entries = [one for bundle in bundles for one in entries_in(bundle)]
    leaves = [leaf_hash(one) for one in entries]
    assert tile(signed, 0, 0) + tile(signed, 0, 1, 4) == leaves
    assert tile(signed, 1, 0, 1) == [root_of(leaves[:256])]
    (newest,) = asked(signed, proofs.checkpoints, after=-1, limit=10)["items"]
    assert read_checkpoint(newest["note"], [signed.base.verifier]).root == root_of(leaves)
    assert (newest["size"], newest["time"]) == (260, "2026-03-02T08:00:00.000000Z")


@pytest.mark.parametrize(("level", "index", "width"), [(0, 1, 5), (0, 1, 256), (1, 0, 2), (2, 0, 1), (0, 9, 1)])
def test_what_is_not_signed_is_not_shown(signed, light, level: int, index: int, width: int) -> None:
    light(new_id(NOW), times=50)  # placed perhaps, and not signed
    with pytest.raises(NotFound):
        tile(signed, level, index, width)
    if level == 0:
        with pytest.raises(NotFound):
            asked(signed, proofs.bundle, index=index, width=width)


def test_checkpoints_are_read_a_page_at_a_time(signed, light) -> None:
    light(new_id(NOW))
    if not signed.database.is_sqlite:
        place_pending(signed)
    with signed.database.begin() as tx:
        signed.base.checkpoints.make(tx)
    first = asked(signed, proofs.checkpoints, after=-1, limit=1)
    assert ([one["size"] for one in first["items"]], first["next"]) == ([260], 260)
    second = asked(signed, proofs.checkpoints, after=first["next"], limit=1)
    assert ([one["size"] for one in second["items"]], second["next"]) == ([261], None)


def test_a_receipt_of_an_event_that_is_not_signed_yet_has_it_signed(signed, light) -> None:
    child = new_id(NOW)
    decision = light(new_id(NOW), child)
    if not signed.database.is_sqlite:
        place_pending(signed)
    event = decision.events[0].id
    found = asked(signed, proofs.receipt, event=event)
    read = read_receipt(found["receipt"])
    checkpoint = read.verify([signed.base.verifier])
    assert (found["position"], read.position, checkpoint.size) == (260, 260, 261)
    assert json.loads(read.entry)["id"] == event
    again = asked(signed, proofs.receipt, event=event)
    assert again == found


def test_an_event_that_is_not_in_the_log_has_no_receipt(signed) -> None:
    with pytest.raises(NotFound):
        asked(signed, proofs.receipt, event=new_id(NOW))


def test_the_shape_of_each_event_is_told_and_what_of_it_is_sealed(rooms) -> None:
    items = {one["type"]: one for one in asked(rooms, proofs.schemas)["items"]}
    lit = items["casework.lantern_lit"]
    assert (lit["version"], "casework.lantern_put_out" in items) == (2, True)
    assert "log.parked_dropped" in items, "what every service may record is told too"
    assert sorted(lit["data"]["properties"]) == ["brightness", "child", "lantern"]
    assert lit["sealed"] == {"words": {"purpose": "notes", "of": "child"}}


def test_an_entry_that_no_bundle_could_hold_is_refused_by_name_and_leaves_nothing(rooms) -> None:
    def decide(work: Any) -> Lantern:
        it = work.find(Lantern, lantern)
        it.record(LanternLit(lantern=lantern, child=new_id(NOW), brightness=1, words="secret"))
        return it

    lantern = new_id(NOW)
    rooms.base.desk.decide(order(), decide)
    with rooms.database.read() as tx:
        written = len(rooms.base.store.stream(tx, f"casework.lantern-{lantern}"))
        base = tx.execute(select(func.length(t.events.c.entry))).scalar_one()
    # The longest that fits, to the byte, and one byte more: the legal basis is a field of the envelope.
    fits, long = order(), order()
    room = LONGEST - base - len(b',"legal_basis":""')
    for one, length in ((fits, room), (long, room + 1)):
        object.__setattr__(one, "cause", one.cause._replace(legal_basis="x" * length))
    rooms.base.desk.decide(fits, decide)
    with pytest.raises(Refusal) as refused:
        rooms.base.desk.decide(long, decide)
    assert refused.value.code == "entry_too_long"
    assert refused.value.facts == {"type": "casework.lantern_lit", "bytes": LONGEST + 1, "most": LONGEST}
    with rooms.database.read() as tx:
        assert len(rooms.base.store.stream(tx, f"casework.lantern-{lantern}")) == written + 1
        longest = tx.execute(select(func.max(func.length(t.events.c.entry)))).scalar_one()
    assert longest == LONGEST
