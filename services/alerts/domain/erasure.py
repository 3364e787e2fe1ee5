"""Erasing a person, as alerts takes part in it: registry asks, alerts answers and does it."""

from __future__ import annotations

from services.alerts.domain.events import ErasureWeighed, PersonErased, PersonRestricted, RestrictionLifted
from shared.kernel.erasing import ErasureHere


class Erasure(ErasureHere):
    """A request for erasure, as alerts knows it."""

    service = "alerts"
    weighed_as, erased_as = ErasureWeighed, PersonErased
    restricted_as, lifted_as = PersonRestricted, RestrictionLifted
