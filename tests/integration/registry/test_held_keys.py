"""What registry holds of a roster under way is wrapped anew with people's keys, and opens after."""

from __future__ import annotations

from pathlib import Path

from services.registry.handlers.importing.holding import HELD, Holding, Kind
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from shared.vault import rewrapping
from shared.vault.rotating import kek_ids, make_kek
from tests.integration.registry.house import House


def test_pieces_that_are_held_open_after_their_keys_were_wrapped_anew(
    house: House, tmp_path: Path, clock: FixedClock
) -> None:
    base = house.rooms.base
    holding, holder = Holding(base.vault.keyring, clock), new_id(clock.now())
    pieces = {number: f"row {number}".encode() for number in range(12)}
    with house.database.begin() as tx:
        for number, content in pieces.items():
            holding.put(tx, holder, Kind.ROWS, number, holder, content)
    directory = base.settings.key_directory
    (old,) = kek_ids(directory, "identity")
    young = make_kek(directory, "identity")
    after, steps = "", []
    while True:
        with house.database.begin() as tx:
            step = rewrapping.step(tx, base.vault.keyring, HELD, "identity", after=after, limit=5)
        if step.last is None:
            break
        steps.append(step.done)
        after = step.last
    assert steps == [5, 5, 2]
    with house.database.begin() as tx:
        assert rewrapping.counts(tx, [HELD]) == {("identity", young): 12}
        assert {number: holding.get(tx, holder, Kind.ROWS, number) for number in pieces} == pieces
        assert HELD in base.wrapped
        assert old != young
