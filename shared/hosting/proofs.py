"""What a service gives of its log for others to check: tiles, bundles of entries, checkpoints, receipts, schemas.

All of it reaches as far as the newest checkpoint and no further: what nobody has signed proves nothing.
"""

from __future__ import annotations

import base64
import contextlib
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from shared.access.principals import Call
from shared.eventstore import tables as t
from shared.hosting.foundation import Rooms
from shared.kernel.messages import Event, sealed_fields
from shared.kernel.refusals import NotFound, Refusal
from shared.ledger.bundles import bundle_of
from shared.ledger.receipts import Receipt
from shared.ledger.tables import log_checkpoints, log_positions
from shared.ledger.tiles import ENTRIES, WIDTH, Tile, read_tile
from shared.ledger.tree import DamagedTreeError, cosigned
from shared.storage.columns import instant_text

Asked = Call[dict[str, Any]]


def tile(rooms: Rooms[Any, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """The hashes of a tile in base64. Raises NotFound where no checkpoint covers all of it."""
    wanted = Tile(asked["level"], asked["index"], asked["width"])
    with rooms.database.read() as tx:
        _covered(tx, wanted)
        try:
            return {"tile": _text64(read_tile(tx, rooms.base.store.tree, wanted))}
        except DamagedTreeError as error:
            raise Refusal("log_damaged", what=str(error)) from error


def bundle(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """The entries of a tile of leaves in base64. One that is missing is empty, which its leaf hash contradicts."""
    wanted = Tile(ENTRIES, call.data["index"], call.data["width"])
    start = wanted.index * WIDTH
    with rooms.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        _covered(tx, wanted)
        rows = rooms.base.store.log(tx, after=start - 1, limit=wanted.width)
    found = {row.position: row.entry for row in rows}
    return {"bundle": _text64(bundle_of(found.get(at, b"") for at in range(start, start + wanted.width)))}


def checkpoints(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """Stored checkpoints by size, after a size: each with its note, signatures included, and when it was made."""
    asked, c = call.data, log_checkpoints.c
    query = select(c.size, c.note, c.time).where(c.size > asked["after"]).order_by(c.size).limit(asked["limit"] + 1)
    with rooms.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        rows = tx.execute(query).all()
        shown = rows[: asked["limit"]]
        notes = [cosigned(tx, row.size, row.note) for row in shown]
    items = [
        {"size": row.size, "time": instant_text(row.time), "note": note} for row, note in zip(shown, notes, strict=True)
    ]
    return {"items": items, "next": shown[-1].size if len(rows) > len(shown) else None}


def receipt(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """The receipt of an event. An event that no checkpoint covers yet has one signed for it.

    Raises NotFound where the log does not hold the event.
    """
    base, event = rooms.base, call.data["event"]
    place = select(log_positions.c.position).where(log_positions.c.event_id == event)
    with rooms.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        position = tx.execute(place).scalar_one_or_none()
        signed = _signed(tx)
    if position is None:
        raise NotFound("event", id=event)
    if position >= signed:
        # Another process may be signing the same size at this moment, which is as good.
        with contextlib.suppress(IntegrityError), base.database.begin() as tx:
            base.checkpoints.make(tx)
    with rooms.database.read() as tx:
        entry = tx.execute(select(t.events.c.entry).where(t.events.c.id == event)).scalar_one_or_none()
        newest = select(log_checkpoints.c.size, log_checkpoints.c.note).order_by(log_checkpoints.c.size.desc()).limit(1)
        size, note = tx.execute(newest).one()
        note = cosigned(tx, size, note)
        try:
            proof = base.store.tree.inclusion(tx, position, size)
        except DamagedTreeError as error:
            raise Refusal("log_damaged", what=str(error)) from error
    if entry is None:
        raise Refusal("log_damaged", what=f"the entry at position {position} is missing")
    made = Receipt(bytes(entry), position, tuple(proof), note)
    return {"event": event, "position": position, "size": size, "receipt": made.text()}


def schemas(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """The shape of each type of event that this log holds: its clear data as a JSON Schema, its sealed fields."""
    with rooms.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
    return {"items": [_schema(cls) for _, cls in sorted(rooms.base.store.codec.classes.items())]}


def _schema(cls: type[Event]) -> dict[str, Any]:
    sealed = sealed_fields(cls)
    (whole,), definitions = msgspec.json.schema_components([cls], ref_template="#/$defs/{name}")
    shape = dict(definitions.pop(whole["$ref"].removeprefix("#/$defs/")))
    shape["properties"] = {name: one for name, one in shape["properties"].items() if name not in sealed}
    shape["$defs"] = definitions
    # Under the dialect's own name the file can be handed to any validator of JSON Schema.
    shape["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    words = {name: {"purpose": purpose, "of": of} for name, (purpose, of) in sealed.items()}
    return {"type": cls.type, "version": cls.schema_version, "data": shape, "sealed": words}


def _covered(tx: Connection, wanted: Tile) -> None:
    if not wanted.lies_in(_signed(tx)):
        raise NotFound("tile")


def _signed(tx: Connection) -> int:
    """The size of the newest checkpoint."""
    return int(tx.execute(select(func.max(log_checkpoints.c.size))).scalar() or 0)


def _text64(material: bytes) -> str:
    return base64.b64encode(material).decode()
