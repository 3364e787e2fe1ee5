"""Places and people: townships, villages, schools and classes; staff, their roles and their accounts."""

from __future__ import annotations

from services.console.pages.places import accounts, ground, staff
from services.console.pages.places.room import pages

__all__ = ["accounts", "ground", "pages", "staff"]
