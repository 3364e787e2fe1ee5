"""Erasing a person, as casework takes part in it: registry asks, casework answers and does it."""

from __future__ import annotations

from services.casework.domain.events import ErasureWeighed, PersonErased, PersonRestricted, RestrictionLifted
from shared.kernel.erasing import ErasureHere


class Erasure(ErasureHere):
    """A request for erasure, as casework knows it."""

    service = "casework"
    weighed_as, erased_as = ErasureWeighed, PersonErased
    restricted_as, lifted_as = PersonRestricted, RestrictionLifted
