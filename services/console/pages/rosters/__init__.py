"""Rosters: upload, look at the dry run, start, follow, and take the result away. All of it works without script."""

from __future__ import annotations

from services.console.pages.rosters import following, uploading
from services.console.pages.rosters.room import pages

__all__ = ["following", "pages", "uploading"]
