"""How consumers bear with a `receive` that raises: again with growing pauses, then a longer pause, for ever.

A range is never dropped for it, and never tried in a tight loop.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog

from shared.messaging.transport import Receive
from shared.messaging.trouble import described

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Times in seconds.

    `first` and `longest` bound the pauses, each about twice the one before; after `attempts` the message goes back and
    the consumer rests for `rest`, so that a replica may try.
    """

    first: float = 0.1
    longest: float = 5.0
    attempts: int = 6
    rest: float = 15.0

    def pauses(self) -> Iterator[float]:
        """Growing pauses without end, each drawn from the upper half of its span so that replicas part company."""
        span = self.first
        while True:
            yield span * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret
            span = min(span * 2, self.longest)


def given(receive: Receive, message: object, patience: Patience, pause: Callable[[float], bool]) -> bool:
    """Give a message to `receive` until it returns: whether it did.

    `pause` waits so many seconds and says whether to go on. False after `patience.attempts` or when told to stop.
    """
    for attempt, seconds in enumerate(patience.pauses(), 1):
        try:
            receive(message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the message must not be lost
            log.warning("range_not_received", attempt=attempt, error=described(error))
            if attempt >= patience.attempts or not pause(seconds):
                return False
        else:
            return True
    raise AssertionError("unreachable")
