"""The processes of `docker-compose.yml`, started here with the commands and settings that stand there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from shared.hosting.clients import NamekoClient, OutcomeUnknown, ServiceUnavailable
from shared.kernel.clock import SystemClock
from tests.e2e.crew import SERVICES, WITHIN, Crew, fund_with
from tests.e2e.erasing import erased
from tests.e2e.searching import forms, in_text
from tests.e2e.test_story_grant import applied, figures
from tests.infrastructure.broker import new_run, remove_namespace
from tests.infrastructure.compose import composed
from tests.infrastructure.database import postgres_database
from tests.infrastructure.processes import Process, http_status
from tests.infrastructure.services import TestServices
from tests.infrastructure.waiting import eventually

pytestmark = pytest.mark.broker
READY_WITHIN = 90.0


@dataclass
class Composed:
    """What runs: the county's people, where each process answers, and what it says."""

    crew: Crew
    addresses: dict[str, str]
    running: dict[str, Process]


@pytest.fixture(scope="module")
def deployment(services: TestServices, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    folder: Path = tmp_path_factory.mktemp("composed")
    namespace = new_run()
    with ExitStack() as stack:
        stack.callback(remove_namespace, services.amqp_url, services.control, namespace)
        names = (*SERVICES, "console")
        databases = {name: stack.enter_context(postgres_database(services.database_url)) for name in names}
        processes = composed(folder, amqp_url=services.amqp_url, databases=databases, namespace=namespace)
        running: dict[str, Process] = {}
        for one in processes:
            running[one.name] = stack.enter_context(one.start(folder))
            if one.once:
                assert running[one.name].wait(within=60) == 0, running[one.name].output()
        serving = {one.name: one.url for one in processes if not one.once}
        assert set(serving) == set(names)
        for name, address in serving.items():
            running[name].wait_for_http(f"{address}/readyz", within=READY_WITHIN)
        clock = SystemClock()
        client = NamekoClient(services.amqp_url, namespace, clock)
        stack.callback(client.close)
        keys = folder / "volumes" / "keys"
        crew = Crew(client, keys / "console", clock, terminal=keys / "terminal")
        eventually(
            lambda: (crew.ask("bootstrap", "registry", "checkpoint"),),
            within=WITHIN,
            what="registry's doors",
            ignoring=(ServiceUnavailable, OutcomeUnknown),
        )
        crew.settle()
        for service in SERVICES:
            crew.heard("auditor", service, "log_entries", {"limit": 1})
        yield Composed(crew, serving, running)
        for name in serving:
            assert running[name].terminate(within=30) == 0, running[name].output()[-2000:]


def test_an_absence_goes_from_the_roll_call_to_the_case(deployment: Composed) -> None:
    crew = deployment.crew
    child = crew.child(1)
    crew.heard("teacher", "alerts", "timeline", {"child": child})
    crew.roll_call(child)
    alert = crew.alert_of(child)["alert"]
    crew.ask("duty_officer", "alerts", "acknowledge_alert", {"alert": alert})
    crew.ask("duty_officer", "alerts", "resolve_alert", {"alert": alert, "outcome": "found_safe"})

    def shown() -> bool:
        case = crew.case_of(child)
        return case is not None and case["alert_outcome"] == "found_safe"

    eventually(shown, within=WITHIN, what="the outcome on the case")


def test_a_grant_is_paid_and_every_log_is_whole(deployment: Composed) -> None:
    crew = deployment.crew
    fund, child = fund_with(crew, 100_000), crew.child(2)
    application = applied(crew, fund, child)
    crew.ask("funding_approver", "funding", "approve_application", {"application": application})
    paid = {"application": application, "method": "cash", "paid_on": crew.today.isoformat()}
    crew.ask("cashier", "funding", "pay_application", paid)

    assert figures(crew, fund) == (100_000, 40_000, 0, 60_000)
    for service in SERVICES:
        assert crew.ask("auditor", service, "log_verify")["findings"] == []


def test_the_console_serves_its_sign_in_page(deployment: Composed) -> None:
    assert http_status(f"{deployment.addresses['console']}/sign-in") == 200


def test_who_was_erased_stands_in_no_metric_and_in_no_line_of_any_process(deployment: Composed) -> None:
    crew, console = deployment.crew, deployment.addresses["console"]
    said = {"name": "影丝雀", "address": "示范镇影壁巷三号", "phone": "15500007654"}
    contact = {"relation": "grandmother", "name": "影丝鹊", "phone": said["phone"]}
    canaries = forms([*said.values(), contact["name"]])
    child = crew.child(88, name=said["name"], address=said["address"], contacts=[contact])
    crew.heard("teacher", "alerts", "timeline", {"child": child})
    assert crew.ask("duty_officer", "alerts", "contact_card", {"child": child})["name"] == said["name"]
    crew.ask("supervisor", "registry", "search_children", {"query": said["name"]})
    for word in canaries[:4]:
        requests.get(f"{console}/children/{word}", params={"query": word}, timeout=20)
        requests.post(f"{console}/sign-in", data={"account": word, "password": word}, timeout=20)

    erased(crew, child)

    for name, address in deployment.addresses.items():
        counted = requests.get(f"{address}/metrics", timeout=20).text
        assert in_text(counted, ["shouwang_"]) != set(), "a search in nothing finds nothing"
        assert in_text(counted, canaries) == set(), name
        assert in_text(counted, [child]) == set(), "nor does a metric tell one person from another"
    for name, process in deployment.running.items():
        assert in_text(process.output(), canaries) == set(), name
    assert "people_erased" in deployment.running["registry"].output(), "lines that were not captured prove nothing"
    assert "request_answered" in deployment.running["console"].output()
