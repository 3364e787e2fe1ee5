"""Parked events at the machine itself: `shouwang parked`, `shouwang doctor`, and `/metrics`, of an embedded system."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shared.cli.commands import shouwang
from shared.cli.house import HousedConsole
from shared.config.settings import Settings
from shared.hosting.embedded import EmbeddedHost
from shared.hosting.gauges import measure
from shared.kernel.ids import new_id
from shared.messaging.letters import Letter
from shared.messaging.parking import park
from shared.messaging.ranges import Carried
from tests.infrastructure.ports import free_port
from tests.infrastructure.waiting import eventually

ERROR = "KeyError at services.alerts.views:7"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedHost]:
    """An embedded system that owns the directory which the commands reach; one event is parked in alerts."""
    for name in ("SHOUWANG_AMQP_URL", "SHOUWANG_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    environment = {"SHOUWANG_ENVIRONMENT": "test", "SHOUWANG_DATA": str(tmp_path), "SHOUWANG_PORT": str(free_port())}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("shared.observability.logs.configure", lambda **_: None)
    monkeypatch.setattr("shared.observability.logs.catch_the_uncaught", lambda: None)
    with EmbeddedHost(Settings.from_environment(environment, None)) as running:
        now = running.clock.now()
        entry = {"id": new_id(now), "stream": f"registry.child-{new_id(now)}", "type": "registry.child_registered"}
        carried = Carried(position=4, entry=json.dumps(entry | {"persons": [], "sealed": []}), parts={})
        with running.engines["alerts"].base.database.begin() as tx:
            park(tx, "registry", "alerts.cards", Letter.read(carried, "e"), ERROR, now)
        yield running


def typed(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "220"}).invoke(shouwang, list(words))


def test_what_is_parked_is_listed_tried_and_given_up(host: EmbeddedHost) -> None:
    listed = typed("parked", "list")
    assert listed.exit_code == 0
    assert all(
        word in listed.output for word in ("alerts", "registry", "alerts.cards", "registry.child_registered", ERROR)
    )
    tried = typed("parked", "retry", "alerts", "--source", "registry", "--projector", "alerts.cards")
    assert tried.exit_code == 1
    assert re.search(r"registry +alerts\.cards +applied 0 +left 1", tried.output)
    given_up = typed("parked", "drop", "alerts", "registry", "alerts.cards", "4", "--reason", "not_needed")
    assert given_up.exit_code == 0, given_up.output
    assert "nothing is parked" in typed("parked", "list").output
    assert "log.parked_dropped" in typed("log", "show", "alerts", "--type", "log.parked_dropped").output


def test_a_drop_without_one_of_the_reasons_or_of_nothing_is_refused(host: EmbeddedHost) -> None:
    assert typed("parked", "drop", "alerts", "registry", "alerts.cards", "4", "--reason", "because").exit_code == 2
    refused = typed("parked", "drop", "alerts", "registry", "alerts.cards", "5", "--reason", "not_needed")
    assert refused.exit_code == 1
    assert "not_found" in refused.output


def test_the_doctor_names_who_parked_what_is_said_by_whom(host: EmbeddedHost) -> None:
    result = typed("doctor")
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert re.search(r"alerts: alerts\.cards is \d+ entries behind registry and has parked 1", said)


def test_the_embedded_console_shows_the_counts_of_every_service(host: EmbeddedHost) -> None:
    parked = 'shouwang_parked{projector="alerts.cards",service="alerts",source="registry"} 1.0'
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    console = HousedConsole(host.settings, host)
    console.start()

    def metrics() -> str:
        # The host measures too, and may just have looked before the event was parked.
        for engine in host.engines.values():
            measure(engine)
        with opener.open(f"{console.address}/metrics") as shown:
            text: str = shown.read().decode()
        return text if parked in text else ""

    try:
        text = eventually(metrics, what="the parked event among the metrics")
    finally:
        console.stop()
    for service in ("registry", "casework", "alerts", "funding"):
        assert f'shouwang_log_entries{{service="{service}"}}' in text
    assert 'shouwang_follower_lag{projector="access",service="funding",source="registry"}' in text
    assert "shouwang_console_requests" in text
