"""Append with sixteen writers, driven from the database's side by pgbench, so that no client's language counts.

Positions without gaps can be had by a lock until the commit or by giving them late. Each way writes the same row with
the same indexes: `serial` is the unsafe floor, `lock` the peer's pattern (lock, notify and insert in a pipeline), and
`one call` the best that a lock can do, taken within the one function call that inserts.

Where a commit takes longer, what each writer waits for is a statement of its own before its COMMIT. All but the peer
send their transaction in one message, as our services do (`shared.storage.folding`); the peer commits with a message of
its own, as its recorder does.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from tests.benchmarks.figures import Figure, Target, in_turn, seconds
from tests.benchmarks.ground import Ground
from tests.infrastructure.own_cluster import NoPostgres, server_programs

WRITERS = 16
SECONDS = 1
RUNS = 9
"""More and shorter runs than elsewhere, because a disk is slow for seconds at a time."""
SLOW = 0.002
"""Seconds that a commit takes longer in the second round, as over a network or on a slow disk."""
ROW = """'registry.beacon-' || gen_random_uuid(), 1, 'registry.beacon_lit', 'staff-1', gen_random_uuid()::text, now(),
 convert_to(repeat('0123456789', 60), 'UTF8')"""
COLUMNS = "id, stream, stream_version, type, actor, command_id, time, entry"
SETUP = f"""
CREATE TABLE bare (LIKE events INCLUDING ALL);
CREATE FUNCTION insert_under_lock() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock(1);
    INSERT INTO bare ({COLUMNS}) SELECT gen_random_uuid()::text, {ROW};
END $$;
CREATE FUNCTION append_one() RETURNS void LANGUAGE plpgsql AS $$
DECLARE beacon text := 'registry.beacon-' || gen_random_uuid(); command text := gen_random_uuid()::text; BEGIN
    PERFORM shouwang_append(
        ARRAY[beacon], ARRAY[0], ARRAY[gen_random_uuid()::text], ARRAY[1], ARRAY[1],
        ARRAY['registry.beacon_lit'], ARRAY[convert_to(repeat('0123456789', 60), 'UTF8')],
        ARRAY[1], ARRAY['019cad8f-ac00-772f-88a2-41a2a2d2d705'], 'staff-1', command, '\\x00'::bytea, beacon, now());
END $$;
"""
INSERT = f"INSERT INTO bare ({COLUMNS}) SELECT gen_random_uuid()::text, {ROW};"
LOCK = "LOCK TABLE bare IN EXCLUSIVE MODE;"


def scripts(slow: float) -> dict[str, str]:
    """What each writer does, as pgbench reads it."""
    wait = f"SELECT pg_sleep({slow});" if slow else ""

    def whole(statement: str) -> str:
        return f"BEGIN\\; {statement}\\; SELECT pg_sleep({slow})\\; COMMIT;\n" if slow else f"{statement};\n"

    first = f"\\startpipeline\nBEGIN;\nSET LOCAL lock_timeout = '0s';\n{LOCK}\nNOTIFY bare;\n"
    return {
        "ours": whole("SELECT append_one()"),
        "serial": whole(INSERT.removesuffix(";")),
        "lock": f"{first}{_joined(INSERT)}\n{wait}\n\\endpipeline\nCOMMIT;\n",
        "one call": whole("SELECT insert_under_lock()"),
    }


def measure(on: Ground) -> Iterator[Figure]:
    """Sixteen writers, with a commit as fast as the disk, and with one of two milliseconds more."""
    program = _pgbench()
    least = {0.0: (3.0, 1.5), SLOW: (15.0, 0.0)}
    for slow, (of_lock, of_call) in least.items():
        what = f"append, {WRITERS} writers" + (f", commit {slow * 1000:.0f} ms longer" if slow else "")
        if program is None:
            missing = "pgbench is not installed (PostgreSQL's packages have it)"
            yield Figure(what=what, ours=None, missing=missing, targets=(Target("peer", of_lock),))
            continue
        yield from _measured(on, program, what, slow, of_lock, of_call)


def _measured(on: Ground, program: Path, what: str, slow: float, of_lock: float, of_call: float) -> Iterator[Figure]:
    store = on.store(on.postgres())
    url = store.given.owner_url
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute(SETUP)
    files = {name: on.folder / f"{name}{slow}.sql" for name in scripts(slow)}
    for name, text in scripts(slow).items():
        files[name].write_text(_joined(text, keep_lines=True))
    bare = {name: partial(_rate, program, url, path) for name, path in files.items() if name != "ours"}

    def ours() -> float:
        done = _run(program, url, files["ours"])
        waited = seconds(store.wait_until_placed)
        return done[0] / (done[0] / done[1] + waited)

    with store.sequenced():
        rounds = in_turn({"ours": ours, **bare}, runs=RUNS)
    common = {"per_second": "events", "floor": rounds.median("serial"), "floor_is": "unlocked serial, unsafe"}
    yield Figure(
        what=f"{what}, until all have their places",
        ours=rounds.median("ours"),
        peer=rounds.median("lock"),
        peer_is="its lock",
        targets=(Target("peer", of_lock),),
        **common,
    )
    yield Figure(
        what=f"{what}, against a lock within one call",
        ours=rounds.median("ours"),
        peer=rounds.median("one call"),
        peer_is="advisory lock in one call",
        targets=(Target("peer", of_call),) if of_call else (),
        **common,
    )


def _pgbench() -> Path | None:
    try:
        beside = server_programs() / "pgbench"
    except NoPostgres:
        beside = Path("pgbench")
    if beside.exists():
        return beside
    found = shutil.which("pgbench")
    return Path(found) if found else None


def _rate(program: Path, url: str, script: Path) -> float:
    return _run(program, url, script)[1]


def _run(program: Path, url: str, script: Path) -> tuple[int, float]:
    """How many transactions were done, and how many a second."""
    at = make_url(url)
    command = [
        *(str(program), "-n", "-M", _protocol(script.read_text())),
        *("-c", str(WRITERS), "-j", "2", "-T", str(SECONDS), "-f", str(script)),
        *("-h", at.host or "", "-p", str(at.port), "-U", at.username or "", at.database or ""),
    ]
    environment = {"PGPASSWORD": at.password or ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    count = re.search(r"transactions actually processed: (\d+)", done.stdout)
    tps = re.search(r"tps = ([\d.]+)", done.stdout)
    assert count, done.stdout
    assert tps, done.stdout
    return int(count[1]), float(tps[1])


def _protocol(script: str) -> str:
    """How pgbench sends it: prepared where it can, which is neither in a pipeline nor where statements are joined."""
    if "pipeline" in script:
        return "extended"
    return "simple" if "\\;" in script else "prepared"


def _joined(text: str, *, keep_lines: bool = False) -> str:
    """A statement on one line, because pgbench's pipelines end where a line does."""
    if keep_lines:
        return re.sub(r"now\(\),\n", "now(),", text)
    return " ".join(text.split())


def _plain(url: str) -> str:
    return str(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
