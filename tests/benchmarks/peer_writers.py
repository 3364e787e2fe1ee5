"""The peer's writers for a history: `python -m tests.benchmarks.peer_writers safe|fast FILE`.

As `tests.faults.history.parts` writes to ours: eight threads, hot streams, a tenth rolled back. The package's recorder
gives no transaction to its caller, so a rollback is a second event of the transaction that breaks a rule of the table.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from pathlib import Path
from uuid import UUID

from eventsourcing.persistence import IntegrityError, StoredEvent

from tests.benchmarks.peer import Peer, environment
from tests.faults.history.parts import Ground
from tests.infrastructure.database import TestDatabase

STATE = b'{"child": "019cad8f-ac00-772f-88a2-41a2a2d2d705"}'
TOPIC = "tests.benchmarks.peer:Beacon.Lit"


def write(ground: Ground, peer: Peer) -> None:
    """So many threads until the time is over."""
    ends = time.monotonic() + ground.seconds

    def one_writer(number: int) -> None:
        chance = random.Random(number)
        with ground.acknowledged(number).open("w") as acknowledged:
            while time.monotonic() < ends:
                beacon = UUID(chance.choice(ground.beacons))
                done = peer.app.recorder.select_events(beacon, desc=True, limit=1)
                version = done[0].originator_version + 1 if done else 1
                stored = [StoredEvent(beacon, version, TOPIC, STATE)]
                if chance.random() < ground.rollbacks:
                    stored *= 2
                try:
                    peer.app.recorder.insert_events(stored)
                except IntegrityError:
                    continue
                acknowledged.write(f"{beacon}:{version} {beacon} {version}\n")

    threads = [threading.Thread(target=one_writer, args=(number,)) for number in range(ground.threads)]
    print("ready", flush=True)
    for one in threads:
        one.start()
    for one in threads:
        one.join()


if __name__ == "__main__":
    told = Ground(**json.loads(Path(sys.argv[2]).read_text()))
    given = TestDatabase(told.source_url, told.source_url)
    peer = Peer(environment(given.owner_url, fast=sys.argv[1] == "fast", connections=told.threads))
    write(told, peer)
    peer.close()
