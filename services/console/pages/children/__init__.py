"""Children: the list, each child's page, the contact card on paper, and the forms that change what is recorded."""

from __future__ import annotations

from services.console.pages.children import listing, recording, registering, showing
from services.console.pages.children.room import pages

__all__ = ["listing", "pages", "recording", "registering", "showing"]
