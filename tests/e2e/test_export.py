"""An export of the running system is whole, holds nothing personal, and goes on while people work."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from shared.cli.exporting import ServedLog
from shared.cli.reach import Reach
from shared.config.settings import Settings
from shared.ledger.export import verify_export, verify_receipt, write_export
from tests.e2e.canaries import words
from tests.e2e.conftest import County
from tests.e2e.crew import SERVICES


@pytest.fixture
def logs(told: County) -> dict[str, ServedLog]:
    """Every log as a command reaches it."""
    environment = {"SHOUWANG_ENVIRONMENT": "test", "SHOUWANG_KEYS": str(told.system.keys)}
    settings = Settings.from_environment(environment, None)
    reach = Reach(client=told.system.client, clock=told.system.clock, settings=settings, how="test")
    return {service: ServedLog(reach, service) for service in SERVICES}


def last_of(county: County, service: str) -> dict[str, Any]:
    """The receipt of the last event so far, which makes sure that all before it is signed."""
    size = county.crew.ask("auditor", service, "log_entries", {"limit": 1})["size"]
    last = county.crew.ask("auditor", service, "log_entries", {"limit": 1, "after": str(size - 2)})["items"][0]
    event = json.loads(last["entry"])["id"]
    found: dict[str, Any] = county.crew.ask("auditor", service, "log_receipt", {"event": event})
    return found


def test_an_export_is_whole_and_holds_nothing_personal(
    told: County, logs: dict[str, ServedLog], tmp_path: Path
) -> None:
    receipts = {service: last_of(told, service) for service in SERVICES}
    schemas = {service: log.ask("log_schemas")["items"] for service, log in logs.items()}
    sizes = write_export(tmp_path / "export", logs, schemas=schemas)
    report = verify_export(tmp_path / "export")
    assert (report.exit_code, report.findings) == (0, [])
    assert all(sizes[service] >= receipts[service]["size"] for service in SERVICES)
    content = b"".join(one.read_bytes() for one in sorted((tmp_path / "export").rglob("*")) if one.is_file()).decode(
        errors="replace"
    )
    assert "示范镇中心学校" in content, "the search finds nothing"
    assert [word for word in words(told.crew) if word in content] == []
    for service, one in receipts.items():
        path = tmp_path / f"{service}.tlog-proof"
        path.write_text(one["receipt"], encoding="utf-8")
        assert verify_receipt(path, tmp_path / "export" / "trust-policy.txt").exit_code == 0
    kept = str(tmp_path / "registry.tlog-proof")
    command = [sys.executable, "-I", str(tmp_path / "export" / "verify.py"), "--checkpoint", kept]
    alone = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (alone.returncode, alone.stderr) == (0, "")


def test_an_export_goes_on_while_people_work(told: County, logs: dict[str, ServedLog], tmp_path: Path) -> None:
    over = threading.Event()

    made: list[str] = []

    def work() -> None:
        for number in range(300, 490):
            if over.is_set():
                return
            made.append(told.crew.child(number))

    worker = threading.Thread(target=work)
    worker.start()
    try:
        write_export(tmp_path / "export", logs, schemas={})
    finally:
        over.set()
        worker.join(30)
    assert verify_export(tmp_path / "export").exit_code == 0
    assert made, "nobody worked meanwhile"
