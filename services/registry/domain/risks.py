"""What the register itself shows to be wrong: 未成年人保护法 art. 21, and a child without household registration."""

from __future__ import annotations

from datetime import date

from services.registry.domain.codes import Arrangement, IdentityMissing, Risk
from shared.kernel.clock import whole_years

UNATTENDED_BELOW = 8
ALONE_BELOW = 16
CHILD_BELOW = 18


def risks_of(
    *,
    born: date,
    today: date,
    arrangement: Arrangement | None,
    has_carer: bool,
    identity_missing: IdentityMissing | None,
) -> frozenset[Risk]:
    """The risks of a child on a day. Lodging off campus without a named carer leaves a child under 8 unattended."""
    age = whole_years(born, today)
    found: set[Risk] = set()
    if arrangement is Arrangement.ALONE and age < ALONE_BELOW:
        found.add(Risk.LIVING_ALONE)
    unattended = arrangement is Arrangement.ALONE or (arrangement is Arrangement.LODGING and not has_carer)
    if unattended and age < UNATTENDED_BELOW:
        found.add(Risk.UNATTENDED_UNDER_8)
    if identity_missing is IdentityMissing.NO_HOUSEHOLD_REGISTRATION:
        found.add(Risk.NO_HOUSEHOLD_REGISTRATION)
    return frozenset(found)
