"""Erasing a person, as funding takes part in it: registry asks, funding answers and does it."""

from __future__ import annotations

from services.funding.domain.events import ErasureWeighed, PersonErased, PersonRestricted, RestrictionLifted
from shared.kernel.erasing import ErasureHere


class Erasure(ErasureHere):
    """A request for erasure, as funding knows it."""

    service = "funding"
    weighed_as, erased_as = ErasureWeighed, PersonErased
    restricted_as, lifted_as = PersonRestricted, RestrictionLifted
