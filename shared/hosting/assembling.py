"""Putting a service together with its neighbours: rooms, a transport and a client become an engine.

The only place that knows how relay and followers are made from what a service has.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData

from shared.contracts import LANGUAGE, sources_of
from shared.eventstore.codec import Codec
from shared.eventstore.projecting import Projector
from shared.hosting.clients.port import ServiceClient
from shared.hosting.cosigning import Cosigning
from shared.hosting.engine import Engine
from shared.hosting.foundation import Foundation, Rooms
from shared.hosting.rebuilding import Rebuilder
from shared.messaging.follower import Follower
from shared.messaging.following import Following
from shared.messaging.rebuilding import Source
from shared.messaging.relay import Relay
from shared.messaging.transport import Transport
from shared.vault.parts import Pair

_PATIENCE = 10.0
"""Seconds to wait for a neighbour's answer."""
_WITNESS_PATIENCE = 5.0


class Neighbours:
    """What a service's followers ask of other services, on the service's own account."""

    def __init__(self, base: Foundation, client: ServiceClient) -> None:
        self._base, self._client = base, client

    def fetch(self, source: str, after: int, limit: int) -> dict[str, Any] | None:
        """The range of a source after a position; None when there is no more yet."""
        asked = {"after": after, "limit": limit, "reader": self._base.name}
        found: dict[str, Any] | None = self._ask(source, "read_log", asked)
        return found

    def fetch_keys(self, owner: str, pairs: list[Pair]) -> list[dict[str, str]]:
        """The wrapped keys of people from the service that makes them."""
        found: list[dict[str, str]] = self._ask(owner, "fetch_keys", {"pairs": [list(one) for one in pairs]})["keys"]
        return found

    def report(self, troubles: list[dict[str, str]]) -> None:
        """Say to alerts which troubles this service has at present."""
        self._ask("alerts", "report_troubles", {"troubles": troubles})

    def offer(self, witness: str, words: dict[str, Any]) -> dict[str, Any]:
        """A witness's answer to a checkpoint."""
        found: dict[str, Any] = self._ask(witness, "witness", words, _WITNESS_PATIENCE)
        return found

    def _ask(self, service: str, door: str, data: dict[str, Any], timeout: float = _PATIENCE) -> Any:
        name = self._base.name
        # The session names nobody: a service has none, and a token must not be without a word.
        token = self._base.signer.issue(f"system:{name}", name, "service", "system")
        return self._client.call(service, door, data, token=token, timeout=timeout)


def assembled(rooms: Rooms[Any, Any], transport: Transport, client: ServiceClient) -> Engine:
    """The engine of a service, not yet started: its relay if anybody hears it, a follower for each source."""
    base = rooms.base
    published = LANGUAGE.get(base.name)
    relay = None
    if published is not None and published.readers:
        relay = Relay(base.name, base.database, base.store, base.vault, transport)
    neighbours = Neighbours(base, client)
    witnesses = Cosigning(base, [name for name in LANGUAGE if name != base.name], neighbours.offer)
    engine = Engine(rooms, relay=relay, report=neighbours.report, witnesses=witnesses, close=transport.close)
    sources: list[Source] = []
    for source in sources_of(base.name):
        reactor = rooms.reactor if rooms.reactor is not None and _hears(rooms.reactor, source) else None
        views = [one for one in rooms.heard if _hears(one, source)]
        if not views and reactor is None:
            # Nothing here hears this source yet. It is followed all the same, or its queue would fill for nobody.
            views = [Projector(f"{base.name}.{source}", MetaData())]
        follower = Follower(
            base.name,
            source,
            base.database,
            codec_of(source),
            base.vault,
            views,
            reactor,
            neighbours.fetch,
            neighbours.fetch_keys,
            base.clock,
            on_silent=lambda _source, _seconds: engine.look_for_trouble(),
            applied=engine.kick,
        )
        engine.followings[source] = Following(follower, transport)
        sources.append(
            Source(
                name=source,
                codec=codec_of(source),
                projectors=views,
                fetch=neighbours.fetch,
                fetch_keys=neighbours.fetch_keys,
            )
        )
    engine.rebuilder = Rebuilder(base, sources)
    return engine


def codec_of(source: str) -> Codec:
    """How readers read what a source says, at each version that it was ever said in."""
    return Codec(LANGUAGE[source].events, LANGUAGE[source].upcasters)


def _hears(projector: Projector, source: str) -> bool:
    """Whether a source says anything that this projector hears: it must not wait for the positions of others."""
    return not projector.hears.isdisjoint(LANGUAGE[source].types)
