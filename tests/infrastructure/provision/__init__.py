"""Finding, starting and installing what the tests need: a broker, a database, a browser."""

from __future__ import annotations


class CannotProvide(RuntimeError):
    """Something is missing and cannot be had from here; the message says in one line what to install."""
