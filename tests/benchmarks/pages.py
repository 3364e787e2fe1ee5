"""How long the server takes for a page: every page that every role is led to, on the demonstration county.

Measured around one request over an open connection to the embedded system, without a browser: what is drawn, and how
soon, is the telephone's own affair. The clocks of services and the engine's threads run beside it as they always do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from shared.observability.logs import configure
from tests.benchmarks.figures import Figure, Target, percentile
from tests.benchmarks.ground import Ground
from tests.e2e.walking import Country, Seen, Walker, demonstration

SAMPLES = 20
"""Of each page; the first is not counted, a template is read once in the life of a server."""
TARGET = 0.1
"""Seconds, at the 95th percentile of every page: what a person takes for at once."""


def measure(on: Ground) -> Iterator[Figure]:
    """All pages together, then the three slowest of them."""
    folder = on.folder / "pages"
    folder.mkdir()
    with (folder / "own.log").open("w") as lines:
        configure(level="warning", stream=lines)
        with demonstration(folder) as country:
            took = {(one.kind, one.role): _sampled(country, one) for one in country.distinct()}
    every = [one for samples in took.values() for one in samples]
    what = f"a page from the server, {len(took)} pages × {SAMPLES}"
    yield Figure(what=f"{what}, p50", ours=percentile(every, 50))
    yield Figure(what=f"{what}, p95", ours=percentile(every, 95), targets=(Target("itself", TARGET),))
    slowest = sorted(((percentile(samples, 95), *page) for page, samples in took.items()), reverse=True)
    for place, (seconds, kind, role) in enumerate(slowest[:3], 1):
        what = f"slowest page {place}, p95"
        yield Figure(what=what, ours=seconds, note=f"{kind}, {role}", targets=(Target("itself", TARGET),))


def _sampled(country: Country, page: Seen) -> list[float]:
    with closing(Walker(country.address, page.role, country.secrets[page.role])) as walker:
        seen = [walker.look(page.path) for _ in range(SAMPLES + 1)]
    return [one.seconds for one in seen[1:] if one is not None]
