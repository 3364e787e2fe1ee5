"""Funding's reactions: what registry says of erasing people."""

from __future__ import annotations

from shared.eventstore.projecting import Reactor
from shared.hosting.erasing import Erasing


def build(erasing: Erasing) -> Reactor:
    """The reactions of funding."""
    reactor = Reactor("funding.reactions")
    erasing.hear(reactor)
    return reactor
