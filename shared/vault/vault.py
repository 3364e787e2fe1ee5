"""Seals personal parts of events and opens them again, within the caller's transaction.

    sealed = vault.seal(tx, [SealRequest(event_id, "child.identity", child, "identity", {"name": "…"})])
    entry["sealed"] = [one.reference() for one in sealed]
    contents = vault.open(tx, [(entry["id"], reference) for reference in entry["sealed"]])

Each method takes any number of parts in a constant number of statements. Unwrapped keys live as long as one call:
what is erased in the database is unreadable with the next call, in every process. How a person stands (`erasing`) is
looked up in the same statement as the keys.
"""

from __future__ import annotations

import dataclasses
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.kernel.messages import PURPOSES
from shared.storage.database import BINARY
from shared.vault import cipher, keys, openings
from shared.vault.erasing import standings
from shared.vault.errors import KeyringError, NotEntitled, NotOwner, PersonErased, Tampered
from shared.vault.keyring import Keyring
from shared.vault.parts import (
    Content,
    Pair,
    Reference,
    SealedPart,
    SealRequest,
    StoredPart,
    WrappedKey,
    binding,
)
from shared.vault.tables import add_parts, among, vault_keys, vault_parts

__all__ = ["SealRequest", "SealedPart", "Vault"]
_OPENED = "shouwang_opened"
"""The execution option by which a transaction knows which restricted people it opens."""


class Vault:
    """The vault of one service: makes the keys of the purposes that the service owns, keeps those it fetched."""

    def __init__(self, service: str, keyring: Keyring, clock: Clock) -> None:
        self.service, self.keyring, self._clock = service, keyring, clock

    def owns(self, purpose: str) -> bool:
        """Whether this service makes the keys of the purpose."""
        return PURPOSES.get(purpose) == self.service

    def seal(self, tx: Connection, requests: Sequence[SealRequest]) -> list[SealedPart]:
        """Encrypt and store the parts, making the keys of people that this service has none for yet.

        The answer is in the order of the requests. Raises NotEntitled where no key-encryption key of the purpose is
        held, NotOwner where another service makes the purpose's keys and this person's was not fetched, the refusal
        PersonErased for who was erased here, and KeyringError where a stored key is not what was wrapped.
        """
        if not requests:
            return []
        sealing = self._keys_for(tx, {(one.person, one.purpose) for one in requests})
        unwrapped = {pair: self._sound(key) for pair, key in sealing.items()}
        sealed, rows = [], []
        for one in requests:
            key = sealing[one.person, one.purpose]
            bound = binding(one.event_id, one.part, one.person, one.purpose, key.key_id)
            content = msgspec.json.encode(one.content)
            ciphertext = cipher.encrypt(unwrapped[one.person, one.purpose], content, bound)
            blind = cipher.new_blind()
            sealed.append(
                SealedPart(
                    event_id=one.event_id,
                    part=one.part,
                    person=one.person,
                    purpose=one.purpose,
                    key=key.key_id,
                    commitment=cipher.commitment(blind, ciphertext),
                )
            )
            rows.append((one.event_id, one.part, one.person, one.purpose, key.key_id, ciphertext, blind))
        add_parts(tx, rows)
        return sealed

    def open(
        self, tx: Connection, sealed: Sequence[tuple[str, Reference]]
    ) -> dict[tuple[str, str], dict[str, Any] | None]:
        """The contents of parts that are stored here, by event and part.

        `sealed` holds event ids with the references of their entries. None where the part or its key is erased or
        absent, where the purpose may not be opened here, or the person is restricted (see `open_to`). Raises Tampered
        where stored bytes are not those that the entry committed to.
        """
        if not sealed:
            return {}
        events = sorted({event_id for event_id, _reference in sealed})
        c = vault_parts.c
        query = select(c.event_id, c.part, c.ciphertext, c.blind).where(among(tx, c.event_id, events))
        rows = tx.execute(query.execution_options(**BINARY)).all()
        stored = {(event_id, part): (ciphertext, blind) for event_id, part, ciphertext, blind in rows}
        return self._open(tx, sealed, stored)

    def open_carried(
        self, tx: Connection, sealed: Sequence[tuple[str, Reference]], stored: Mapping[tuple[str, str], StoredPart]
    ) -> dict[tuple[str, str], dict[str, Any] | None]:
        """The contents of parts that came with neighbours' events, by event and part, opened with the keys kept here.

        `stored` maps event and part to ciphertext and blind. None and Tampered as in `open`.
        """
        return self._open(tx, sealed, stored) if sealed else {}

    def sealing_key(self, tx: Connection, person: str, purpose: str) -> tuple[str, bytes]:
        """The key that seals for a person now, and its id; no erasure passes before a commit. Raises as `seal`."""
        key = self._keys_for(tx, {(person, purpose)})[person, purpose]
        return key.key_id, self._sound(key)

    def opening_key(self, tx: Connection, key_id: str) -> bytes | None:
        """The bytes of a key; None where it is erased or absent, not for this service, or its person is restricted."""
        key, restricted = keys.by_id(tx, {key_id}).get(key_id, (None, False))
        if key is None or key.purpose not in self.keyring.purposes:
            return None
        return None if restricted and key.person not in _opened_in(tx) else self._sound(key)

    def open_to(self, tx: Connection, *, by: str, child: str) -> list[str]:
        """Let this transaction open what is restricted about a child and its card, where `by` is one of two who may.

        Returns the openings by which it does (`shared.vault.openings`): none for anybody else, and after their end.
        """
        found = openings.running(tx, by=by, child=child, now=self._clock.now())
        if found:
            tx.execution_options(**{_OPENED: _opened_in(tx).union(*found.values())})
        return list(found)

    def parts_for(
        self, tx: Connection, event_ids: Sequence[str], purposes: Iterable[str]
    ) -> dict[str, dict[str, StoredPart]]:
        """What the relay ships to a reader: event → part → (ciphertext, blind), of these purposes only.

        Events without such parts are left out.
        """
        if not event_ids:
            return {}
        c = vault_parts.c
        query = (
            select(c.event_id, c.part, c.ciphertext, c.blind)
            .where(among(tx, c.event_id, event_ids), c.purpose.in_(sorted(purposes)))
            .order_by(c.event_id, c.part)
        )
        found: dict[str, dict[str, StoredPart]] = {}
        for row in tx.execute(query):
            found.setdefault(row.event_id, {})[row.part] = (bytes(row.ciphertext), bytes(row.blind))
        return found

    def wrapped_keys(self, tx: Connection, pairs: Iterable[Pair]) -> list[dict[str, str]]:
        """The live keys of these (person, purpose), wrapped, as JSON: what the door `fetch_keys` answers.

        The door checks that the asking service is entitled. Raises NotOwner for a purpose that is not made here.
        """
        wanted = set(pairs)
        self._refuse_foreign(wanted)
        return [key.dump() for _pair, key in sorted(keys.live(tx, wanted).items())]

    def keep_keys(self, tx: Connection, fetched: Iterable[Mapping[str, str]]) -> None:
        """Keep wrapped keys that their owner handed out. Keeping them again changes nothing.

        A newer key of the same person and purpose takes the place of the one kept, which its owner no longer has; a
        key that was destroyed here stays destroyed, and of who was erased here none is kept. Raises ValueError on what
        is no such list, and where this service is itself the owner.
        """
        newest: dict[Pair, WrappedKey] = {}
        for key in map(WrappedKey.load, fetched):
            kept = newest.get(key.pair)
            if kept is None or kept.created < key.created:
                newest[key.pair] = key
        if any(self.owns(purpose) for _person, purpose in newest):
            raise ValueError(f"{self.service} makes these keys itself")
        held = keys.live(tx, set(newest), held=True)
        fresh = {pair: key for pair, key in newest.items() if pair not in held or held[pair].created < key.created}
        replaced = [held[pair].key_id for pair in fresh if pair in held]
        if replaced:
            tx.execute(update(vault_keys).where(among(tx, vault_keys.c.key_id, replaced)).values(wrapped=None))
        keys.add(tx, [self._by_newest(key) for _pair, key in sorted(fresh.items())])

    def missing(self, tx: Connection, references: Iterable[Reference]) -> set[Pair]:
        """The (person, purpose) whose keys must be fetched before these references can be opened here.

        Purposes that this service makes itself or may not open are never missing, and neither are destroyed keys nor
        those of people who were erased here.
        """
        wanted = {
            one["key"]: (one["person"], one["purpose"])
            for one in references
            if one["purpose"] in self.keyring.purposes and not self.owns(one["purpose"])
        }
        if not wanted:
            return set()
        query = select(vault_keys.c.key_id).where(among(tx, vault_keys.c.key_id, sorted(wanted)))
        known = set(tx.execute(query).scalars())
        unknown = {pair for key_id, pair in wanted.items() if key_id not in known}
        if not unknown:
            return set()
        stand = standings(tx, {person for person, _purpose in unknown})
        return {pair for pair in unknown if stand[pair[0]] != "erased"}

    def _open(
        self, tx: Connection, sealed: Sequence[tuple[str, Reference]], stored: Mapping[tuple[str, str], StoredPart]
    ) -> dict[tuple[str, str], Content]:
        found = keys.by_id(tx, {reference["key"] for _event_id, reference in sealed})
        together = _opened_in(tx)
        unwrapped: dict[str, bytes] = {}
        opened: dict[tuple[str, str], Content] = {}
        for event_id, reference in sealed:
            part = reference["part"]
            opened[event_id, part] = None
            if (event_id, part) not in stored:
                continue
            ciphertext, blind = stored[event_id, part]
            if not hmac.compare_digest(cipher.commitment(blind, ciphertext), reference["commitment"]):
                raise Tampered(event_id, part, "the stored bytes are not those that the entry commits to")
            key, restricted = found.get(reference["key"], (None, False))
            if key is None or reference["purpose"] not in self.keyring.purposes:
                continue
            if restricted and key.person not in together:
                continue
            bound = binding(event_id, part, reference["person"], reference["purpose"], key.key_id)
            try:
                if key.key_id not in unwrapped:
                    unwrapped[key.key_id] = self._unwrap(key)
                opened[event_id, part] = msgspec.json.decode(cipher.decrypt(unwrapped[key.key_id], ciphertext, bound))
            except cipher.WrongSeal:
                raise Tampered(event_id, part, "the part or its key does not open") from None
        return opened

    def _keys_for(self, tx: Connection, pairs: set[Pair]) -> dict[Pair, WrappedKey]:
        """The live keys of the pairs; those that are missing are made first, where this service owns the purpose."""
        for _person, purpose in pairs:
            if purpose not in self.keyring.purposes:
                raise NotEntitled(purpose)
        held = keys.live(tx, pairs, held=True)
        lacking = pairs - held.keys()
        if not lacking:
            return held
        self._refuse_foreign(lacking)
        # In one order for all, or two transactions that make the same two keys would wait for each other.
        keys.add(tx, [self._new_key(person, purpose) for person, purpose in sorted(lacking)])
        # Read again: where another transaction was first, its key is the one that stands; and to who was erased the
        # database gave none.
        held |= keys.live(tx, lacking)
        if erased := pairs - held.keys():
            raise PersonErased(min(erased)[0])
        return held

    def _new_key(self, person: str, purpose: str) -> WrappedKey:
        now = self._clock.now()
        key_id = new_id(now)
        kek, wrapped = self.keyring.wrap(cipher.new_key(), key_id=key_id, person=person, purpose=purpose)
        return WrappedKey(key_id=key_id, person=person, purpose=purpose, wrapped=wrapped, kek=kek, created=now)

    def _by_newest(self, key: WrappedKey) -> WrappedKey:
        """A fetched key as it is kept: its owner may have handed it out before it was wrapped anew."""
        # Asking for the newest takes up what has come into the directory; that may be the one which wraps this key.
        newest = self.keyring.newest(key.purpose) if key.purpose in self.keyring.purposes else key.kek
        if key.kek == newest or key.kek not in self.keyring.held(key.purpose):
            return key
        try:
            unwrapped = self._unwrap(key)
        except cipher.WrongSeal:
            return key  # whoever opens a part with it is told
        kek, wrapped = self.keyring.wrap(unwrapped, key_id=key.key_id, person=key.person, purpose=key.purpose)
        return dataclasses.replace(key, kek=kek, wrapped=wrapped)

    def _sound(self, key: WrappedKey) -> bytes:
        """The person's key, to be used itself. Raises KeyringError that names one that was changed."""
        try:
            return self._unwrap(key)
        except cipher.WrongSeal:
            words = f"the key {key.key_id} is not what the key-encryption key {key.kek!r} of {key.purpose!r} wrapped"
            raise KeyringError(words) from None

    def _unwrap(self, key: WrappedKey) -> bytes:
        return self.keyring.unwrap(key.wrapped, kek=key.kek, key_id=key.key_id, person=key.person, purpose=key.purpose)

    def _refuse_foreign(self, pairs: Iterable[Pair]) -> None:
        for _person, purpose in sorted(pairs):
            if not self.owns(purpose):
                raise NotOwner(self.service, purpose)


def _opened_in(tx: Connection) -> frozenset[str]:
    found: frozenset[str] = tx.get_execution_options().get(_OPENED, frozenset())
    return found
