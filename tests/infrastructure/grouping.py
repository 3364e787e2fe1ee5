"""Which tests stay together on one worker, one after the other, when several workers test at a time.

A served system is five processes with some thirty connections, and a database server takes a hundred: those that are
served run on one worker. Stories that share a system, and tests of one file that kill servers, stay together too. All
others go wherever there is room.
"""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling

SERVED = "served systems"
_SERVED = re.compile(
    r"^tests/(e2e|integration)/.*\[(.*-)?rabbitmq(-.*)?\]"
    r"|^tests/e2e/test_composed\.py::"
    r"|^tests/integration/hosting/test_(nameko_host|rabbit_client)\.py::"
)
_EMBEDDED = re.compile(r"^tests/e2e/.*\[(.*-)?embedded(-.*)?\]")
_WHOLE_FILES = re.compile(r"^tests/(faults|e2e)/|^tests/integration/console/test_(working|registry)_rooms\.py::")


def group_of(test: str) -> str:
    """The group of a test by its id; a test that goes anywhere is a group of its own."""
    if _SERVED.search(test):
        return SERVED
    if _EMBEDDED.search(test):
        return "stories on embedded"
    return test.partition("::")[0] if _WHOLE_FILES.search(test) else test


class Grouped(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each worker whole groups."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
