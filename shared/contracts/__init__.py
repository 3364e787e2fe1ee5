"""The published language: what the services say to each other.

A contract event is how neighbours read a stored event of its owner: same type, same version, the fields that they
may rely on. Codes are plain text here, so that a reader meets a new code without stumbling; the owner's domain has the
closed list. A test holds each contract event against the domain event behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.contracts import alerts, casework, funding, registry
from shared.kernel.messages import Event

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes the fields of an event at one version and gives them as the next version has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What one service publishes: the events, and for each reader the purposes whose sealed parts it may open.

    `upcasters` maps (type, version) to the function that lifts the fields of that version to the next, for readers
    that meet what was recorded before a contract event changed its shape. Raises ValueError on one that lifts nothing.
    """

    events: tuple[type[Event], ...]
    readers: dict[str, frozenset[str]]
    upcasters: Mapping[tuple[str, int], Upcaster] = field(default_factory=dict)

    def __post_init__(self) -> None:
        versions = {one.type: one.schema_version for one in self.events}
        astray = sorted(f"{kind} {old}" for kind, old in self.upcasters if not 0 < old < versions.get(kind, 0))
        lacking = sorted(
            f"{kind} {old}"
            for kind, version in versions.items()
            for old in range(1, version)
            if (kind, old) not in self.upcasters
        )
        if astray or lacking:
            raise ValueError(f"upcasters that lift nothing: {astray}; versions that nothing lifts: {lacking}")

    @property
    def types(self) -> tuple[str, ...]:
        """The stored types of the published events."""
        return tuple(one.type for one in self.events)


LANGUAGE = {
    "registry": Published(
        events=registry.EVENTS,
        readers={
            "alerts": frozenset({"identity", "contact"}),
            "casework": frozenset({"identity", "contact"}),
            "funding": frozenset({"identity"}),
        },
    ),
    "alerts": Published(events=alerts.EVENTS, readers={"casework": frozenset(), "registry": frozenset()}),
    "casework": Published(events=casework.EVENTS, readers={"alerts": frozenset(), "registry": frozenset()}),
    "funding": Published(events=funding.EVENTS, readers={"casework": frozenset(), "registry": frozenset()}),
}
"""Who says what to whom."""


def sources_of(reader: str) -> list[str]:
    """The services that a service hears."""
    return [source for source, published in LANGUAGE.items() if reader in published.readers]


def purposes_of(reader: str) -> frozenset[str]:
    """The purposes of other services whose parts a service may open."""
    return frozenset().union(*(one.readers.get(reader, frozenset()) for one in LANGUAGE.values()))
