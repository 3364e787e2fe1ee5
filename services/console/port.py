"""What the console asks of its neighbours: the services at their doors, and a signer of tokens.

The console knows doors by name and nothing else of a service. Which client a host gives it, it does not know.
"""

from __future__ import annotations

from typing import Protocol

from shared.hosting.clients.port import OutcomeUnknown, ServiceClient, ServiceUnavailable

__all__ = ["OutcomeUnknown", "ServiceClient", "ServiceUnavailable", "TokenSigner"]


class TokenSigner(Protocol):
    """Signs the short-lived token that each door verifies."""

    def issue(self, subject: str, account: str, session: str, role: str) -> str:
        """A token for the person `subject` acting as `role`, signed in with `account` in `session`."""
        ...
