"""The keys of a service: what wraps them, and those wrapped anew step by step."""

from __future__ import annotations

from typing import Any

import structlog

from shared.access.principals import Call
from shared.hosting.foundation import Foundation, Rooms
from shared.kernel.refusals import Refusal
from shared.vault import rewrapping
from shared.vault.errors import KeyringError

Asked = Call[dict[str, Any]]
log = structlog.get_logger(__name__)


def status(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """Which key-encryption keys are held here, and how many keys each wraps."""
    base = rooms.base
    keyring = base.vault.keyring
    with rooms.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        wrapped = rewrapping.counts(tx, base.wrapped)
    items = []
    for purpose in sorted(keyring.purposes):
        newest = keyring.newest(purpose)
        known = set(keyring.held(purpose)) | {kek for its, kek in wrapped if its == purpose}
        items += [
            {
                "purpose": purpose,
                "kek": kek,
                "keys": wrapped.get((purpose, kek), 0),
                "held": kek in keyring.held(purpose),
                "newest": kek == newest,
                "owner": base.vault.owns(purpose),
            }
            for kek in sorted(known)
        ]
    return {"service": base.name, "items": items}


def rewrap(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """Wrap some keys anew by the key-encryption key `kek`, or a newer one: how many, and where to go on.

    `{"done", "next"}`, `next` None where all were looked at. Raises the refusals `keys.kek_not_held`, where this
    service has not got it, and `keys.key_damaged`, where a key cannot be opened; then nothing was done.
    """
    base, asked = rooms.base, call.data
    purpose = asked["purpose"]
    table, _, after = (asked["after"] or "0:").partition(":")
    number = int(table) if table.isdecimal() and len(table) < 3 else len(base.wrapped)
    with rooms.database.begin() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        _refuse_unknown(base, purpose, asked["kek"])
        if number >= len(base.wrapped):
            return {"done": 0, "next": None}
        keys = base.wrapped[number]
        try:
            step = rewrapping.step(tx, base.vault.keyring, keys, purpose, after=after, limit=asked["limit"])
        except KeyringError as wrong:
            log.error("keys_not_rewrapped", service=base.name, purpose=purpose, error=str(wrong))  # noqa: TRY400
            raise Refusal("keys.key_damaged", purpose=purpose, what=str(wrong)) from None
    if step.done:
        log.info("keys_rewrapped", service=base.name, purpose=purpose, kek=asked["kek"], keys=step.done)
    following = f"{number}:{step.last}" if step.last else f"{number + 1}:"
    return {"done": step.done, "next": following if step.last or number + 1 < len(base.wrapped) else None}


def retire(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """Let nothing more be wrapped here by an old key-encryption key, so that its file can go.

    Raises the refusal `keys.kek_in_use` while it wraps something, or is the newest.
    """
    base, asked = rooms.base, call.data
    purpose, kek = asked["purpose"], asked["kek"]
    with rooms.database.begin() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        if purpose in base.vault.keyring.purposes and kek >= base.vault.keyring.newest(purpose):
            raise Refusal("keys.kek_in_use", purpose=purpose, kek=kek, keys=None)
        rewrapping.close(tx, base.wrapped, purpose, kek)
    log.info("kek_retired", service=base.name, purpose=purpose, kek=kek)
    return {"purpose": purpose, "kek": kek}


def _refuse_unknown(base: Foundation, purpose: str, kek: str) -> None:
    keyring = base.vault.keyring
    if purpose not in keyring.purposes or keyring.newest(purpose) < kek:
        raise Refusal("keys.kek_not_held", service=base.name, purpose=purpose, kek=kek)
