"""What nameko sees of a service: its doors, what it hears, and how its rooms come into it.

    class FundingService(Service):
        name = "funding"
        rooms = Wired(build)
        hears = follows("registry")

        @rpc
        @command(schemas.OpenFund, Permission.FUND_OPEN)
        def open_fund(self, call): ...

Importing this opens no connection and patches nothing. The embedded host reads the same entrypoints off the methods
and gives the same attributes to a plain object.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from inspect import getmembers, isfunction
from typing import TYPE_CHECKING, Any, TypeVar

from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR, DependencyProvider, Entrypoint, register_entrypoint
from nameko.rpc import Rpc

from shared.hosting.guard import answered
from shared.hosting.rpc_server import SteadyRpc
from shared.messaging.following import Following
from shared.messaging.transport import WrongTopology

D = TypeVar("D", bound=Callable[..., dict[str, Any]])
R = TypeVar("R")
_WATCHED_EVERY = 0.5


def rpc(door: D) -> D:
    """A door of the service: nameko's RPC entrypoint on the guarded function."""

    @functools.wraps(door)
    def guarded(self: Any, message: dict[str, Any]) -> dict[str, Any]:
        return answered(self.name, door.__name__, functools.partial(door, self), message)

    register_entrypoint(guarded, SteadyRpc())
    return guarded  # type: ignore[return-value]


class Follows(Entrypoint):
    """Hears other services: a quorum queue with a single active consumer for each source, acknowledged by hand.

    What consumes, retries, parks and asks is `shared.messaging`; here it is started with the container, and takes the
    container down when it can never go on, which is when a queue exists with other arguments.
    """

    def __init__(self, *sources: str, **options: Any) -> None:
        super().__init__(**options)
        self.sources = sources
        self._stopping = False

    def start(self) -> None:
        """Begin to hear each source."""
        for source in self.sources:
            following = self.container.engine.follow(source)
            watch = functools.partial(self._watch, following)
            self.container.spawn_managed_thread(watch, identifier=f"follows-{source}")

    def stop(self) -> None:
        """The engine stops its followers itself, after the doors."""
        self._stopping = True

    def _watch(self, following: Following) -> None:
        while not self._stopping:
            if following.state == "failed":
                raise WrongTopology(f"the queue of {following.follower.source} exists with other arguments")
            time.sleep(_WATCHED_EVERY)


def follows(*sources: str) -> Callable[[Any, str, dict[str, Any]], Any]:
    """What a service hears, as a class attribute: `hears = follows("registry", "alerts")`."""

    def hears(self: Any, source: str, message: dict[str, Any]) -> Any:
        """Take in one range of a source."""
        return self.engine.followings[source].follower.receive(message)

    register_entrypoint(hears, Follows(*sources))
    return hears


if TYPE_CHECKING:

    def Wired(build: Callable[..., R]) -> R:  # noqa: N802 - a class at run time; to the type checker, what it gives
        """The rooms of the service, built from settings by its host."""
        ...

else:

    class Wired(DependencyProvider):
        """The rooms of the service, built from settings by its host with `build(settings, **overrides)`."""

        def __init__(self, build: Callable[..., Any]) -> None:
            self.build = build

        def get_dependency(self, worker_ctx: Any) -> Any:
            """The rooms, the same for every worker."""
            return self.container.engine.rooms


class Running(DependencyProvider):
    """The engine of the service, started by its host."""

    def get_dependency(self, worker_ctx: Any) -> Any:
        """The engine, the same for every worker."""
        return self.container.engine


def entrypoints(service: type) -> Iterator[tuple[str, Any]]:
    """The entrypoints on a service's methods, by the method's name, as nameko itself finds them."""
    for name, method in getmembers(service, isfunction):
        for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ()):
            yield name, entrypoint


def doors_of(service: type) -> list[str]:
    """The names of a service's doors."""
    return sorted(name for name, entrypoint in entrypoints(service) if isinstance(entrypoint, Rpc))


def sources_heard_by(service: type) -> list[str]:
    """The services whose ranges a service hears."""
    found = [
        one for _, entrypoint in entrypoints(service) if isinstance(entrypoint, Follows) for one in entrypoint.sources
    ]
    return sorted(found)
