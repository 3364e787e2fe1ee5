"""What every service stands on, laid once: database, vault, log, gate and desk; and the rooms that are built on it.

A service's `wiring.build(settings, **overrides)` calls `lay` and returns `Rooms`. Nothing here opens a connection:
engines connect when they are first used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import Connection, MetaData

from shared.access import together
from shared.access.gate import Gate
from shared.access.principals import Call
from shared.access.tokens import TokenSigner, TokenVerifier
from shared.config.settings import Settings
from shared.contracts import purposes_of
from shared.eventstore.codec import Codec, Upcaster
from shared.eventstore.projecting import Projector, Reactor
from shared.eventstore.store import EventStore
from shared.eventstore.timers import Timer
from shared.eventstore.work import Desk
from shared.hosting.backup import events as backups
from shared.kernel.clock import Clock
from shared.kernel.messages import PURPOSES, Event
from shared.ledger.cosignatures import Cosigner
from shared.ledger.notes import SigningKey, Verifier
from shared.ledger.tree import Checkpoints, Tree
from shared.ledger.witnessing import Witness
from shared.messaging import contradictions, deciding, dropping
from shared.storage.database import Database
from shared.vault.keyfiles import load_or_create_ed25519
from shared.vault.keyring import Keyring
from shared.vault.rewrapping import VAULT_KEYS, WrappedKeys
from shared.vault.vault import Vault

if TYPE_CHECKING:
    from shared.hosting.erasing import Eraser

H = TypeVar("H")
Q = TypeVar("Q")


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """The ground of one service."""

    name: str
    settings: Settings
    clock: Clock
    database: Database
    vault: Vault
    store: EventStore
    checkpoints: Checkpoints
    verifier: Verifier
    witness: Witness
    gate: Gate
    desk: Desk
    signer: TokenSigner
    own: tuple[Projector, ...]
    wrapped: tuple[WrappedKeys, ...]


@dataclass(frozen=True, kw_only=True)
class Rooms(Generic[H, Q]):
    """A service, wired: what its doors lead to, what it hears, and what its timers ring for.

    `own` projectors (in `base`) are fed by the service's own events in the transaction that appends them; `heard`
    are fed by neighbours' events; `reactor` gives commands because of them; `eraser` takes away what is kept of people.
    """

    base: Foundation
    handlers: H
    queries: Q
    heard: tuple[Projector, ...] = ()
    reactor: Reactor | None = None
    ring: Mapping[str, Callable[[Connection, Timer], None]] = field(default_factory=dict)
    warm: Callable[[], object] = lambda: None
    eraser: Eraser | None = None

    @property
    def gate(self) -> Gate:
        """The gate that every door passes."""
        return self.base.gate

    @property
    def clock(self) -> Clock:
        """The time."""
        return self.base.clock

    @property
    def database(self) -> Database:
        """The service's database."""
        return self.base.database

    def note_opened(self, call: Call[Any], door: str) -> None:
        """Record that one of two reads at a door what is restricted, before it is shown."""
        together.note(self.base.desk, self.base.name, call, door)

    def views(self) -> list[MetaData]:
        """The tables of all projectors, once each."""
        found: dict[int, MetaData] = {}
        for one in (*self.base.own, *self.heard):
            found[id(one.metadata)] = one.metadata
        return list(found.values())


def lay(
    name: str,
    settings: Settings,
    *,
    events: Iterable[type[Event]],
    own: Iterable[Projector],
    wrapped: Iterable[WrappedKeys] = (),
    upcasters: Mapping[tuple[str, int], Upcaster] | None = None,
    database: Database | None = None,
    clock: Clock | None = None,
) -> Foundation:
    """Lay the foundation of a service.

    `events` are the domain's events (what every service may record is added), `own` the projectors that write its own
    views, `wrapped` the tables with wrapped keys that it has besides the vault's. Tests bring a database or a clock of
    their own.
    """
    keys = keys_directory(settings)
    strict = settings.environment == "production"
    clock = clock or settings.clock()
    database = database or Database(database_url(name, settings))
    origin = origin_of(settings, name)
    purposes = {one for one, owner in PURPOSES.items() if owner == name} | purposes_of(name)
    vault = Vault(name, Keyring.load(keys, sorted(purposes), strict=strict), clock)
    tree = Tree()
    everywhere = (*dropping.EVENTS, *deciding.EVENTS, *contradictions.EVENTS, *backups.EVENTS, *together.EVENTS)
    codec = Codec((*events, *everywhere), upcasters)
    store = EventStore(codec, vault, tree, clock, service=name, source=origin)
    log_key = SigningKey(origin, load_or_create_ed25519(keys, f"log-{name}", strict=strict))
    witness_key = load_or_create_ed25519(keys, f"witness-{name}", strict=strict)
    projectors = tuple(own)
    return Foundation(
        name=name,
        settings=settings,
        clock=clock,
        database=database,
        vault=vault,
        store=store,
        checkpoints=Checkpoints(log_key, origin, clock),
        verifier=log_key.verifier,
        witness=Witness(Cosigner(witness_name(settings, name), witness_key), clock),
        gate=Gate(TokenVerifier.load(keys, clock), vault.open_to),
        desk=Desk(database, store, projectors),
        signer=TokenSigner.load(keys, f"token-{name}", clock, strict=strict),
        own=projectors,
        wrapped=(VAULT_KEYS, *wrapped),
    )


def origin_of(settings: Settings, name: str) -> str:
    """The origin of a service's log, and the name of the key that signs its checkpoints."""
    return f"{settings.deployment}/{name}"


def witness_name(settings: Settings, name: str) -> str:
    """The name of the key with which a service cosigns the checkpoints of others."""
    return f"{settings.deployment}/{name}/witness"


def keys_directory(settings: Settings) -> Path:
    """Where the key files lie: `SHOUWANG_KEYS`, else `keys` in the data directory."""
    return settings.keys or settings.data / "keys"


def database_url(name: str, settings: Settings) -> str:
    """The database of a service: the one that the environment names, else its SQLite file in the data directory."""
    return settings.database_url or f"sqlite:///{settings.data / (name + '.sqlite')}"
