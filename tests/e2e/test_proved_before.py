"""What was proved before an erasure holds after it: entries, roots, and receipts that somebody has taken home."""

from __future__ import annotations

import json
from pathlib import Path

from shared.cli.exporting import ServedLog
from shared.cli.reach import Reach
from shared.config.settings import Settings
from shared.ledger.export import verify_export, verify_receipt, write_export
from tests.e2e.conftest import County
from tests.e2e.crew import SERVICES
from tests.e2e.erasing import erased


def receipt_of(county: County, service: str, person: str) -> str:
    """The receipt of the last entry that touches a person; where none does, of the last of all."""
    entries = [json.loads(one) for one in county.entries(service)]
    touching = [one["id"] for one in entries if person in one["persons"]] or [one["id"] for one in entries]
    return str(county.crew.ask("auditor", service, "log_receipt", {"event": max(touching)})["receipt"])


def test_entries_roots_and_receipts_from_before_an_erasure_hold_after_it(county: County, tmp_path: Path) -> None:
    crew = county.crew
    child, other = crew.child(89), crew.child(90)
    crew.heard("duty_officer", "alerts", "contact_card", {"child": child})
    crew.heard("supervisor", "casework", "open_case", {"child": other})
    fund = crew.ask("funding_officer", "funding", "open_fund", {"name": "证线基金", "purpose": "助学"})["id"]
    drafted = {"child": child, "fund": fund, "amount": 100, "reason": "文具"}
    application = crew.heard("funding_officer", "funding", "draft_application", drafted)["id"]
    crew.ask("funding_officer", "funding", "withdraw_application", {"application": application})
    receipts, notes = tmp_path / "receipts", tmp_path / "notes"
    for folder in (receipts, notes):
        folder.mkdir()
    entries = {service: set(county.entries(service)) for service in SERVICES}
    for service in SERVICES:
        (receipts / service).write_text(receipt_of(county, service, child), encoding="utf-8")
        (notes / service).write_text(crew.ask("auditor", service, "checkpoint")["note"], encoding="utf-8")

    erased(crew, child)

    assert all(entries[service] < set(county.entries(service)) for service in SERVICES), "entries are only added"
    environment = {"SHOUWANG_ENVIRONMENT": "test", "SHOUWANG_KEYS": str(county.system.keys)}
    settings = Settings.from_environment(environment, None)
    reach = Reach(client=county.system.client, clock=county.system.clock, settings=settings, how="test")
    write_export(tmp_path / "export", {service: ServedLog(reach, service) for service in SERVICES}, schemas={})
    report = verify_export(tmp_path / "export", saved=sorted(notes.iterdir()))
    assert (report.exit_code, report.findings) == (0, [])
    for service in SERVICES:
        assert verify_receipt(receipts / service, tmp_path / "export" / "trust-policy.txt").exit_code == 0, service
    # The same look would see a log that does not continue what was signed before.
    forged = (notes / "registry").read_text(encoding="utf-8").splitlines()
    forged[2] = "A" * 43 + "="
    (notes / "registry").write_text("\n".join(forged) + "\n", encoding="utf-8")
    assert verify_export(tmp_path / "export", saved=[notes / "registry"]).exit_code != 0
