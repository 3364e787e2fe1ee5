from __future__ import annotations

import pytest

from shared.messaging.topology import Topology

TOPOLOGY = Topology("shouwang")


def test_names_are_those_of_the_plan() -> None:
    assert TOPOLOGY.log == "shouwang.log"
    assert TOPOLOGY.heads == "shouwang.heads"
    assert TOPOLOGY.queue("alerts", "registry") == "shouwang.alerts.hears.registry"
    assert TOPOLOGY.key("registry", "alerts") == "registry.alerts"


def test_two_namespaces_share_no_name() -> None:
    other = Topology("county-2")
    names = {TOPOLOGY.log, TOPOLOGY.heads, TOPOLOGY.queue("alerts", "registry"), TOPOLOGY.listening("a")}
    assert names.isdisjoint({other.log, other.heads, other.queue("alerts", "registry"), other.listening("a")})


@pytest.mark.parametrize("namespace", ["", "a.b", "A", "a" * 41, "词", "a b", "a*"])
def test_a_namespace_that_would_need_escaping_is_refused(namespace: str) -> None:
    with pytest.raises(ValueError, match="not a namespace"):
        Topology(namespace)


@pytest.mark.parametrize("name", ["", "a.b", "#", "*", "Alerts", "王"])
def test_what_is_no_service_gets_no_queue_and_no_key(name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a service"):
        TOPOLOGY.queue(name, "registry")
    with pytest.raises(ValueError, match="not the name of a service"):
        TOPOLOGY.key("registry", name)


def test_a_readers_queue_is_a_quorum_queue_with_one_active_consumer_and_bounded_deliveries() -> None:
    arguments = TOPOLOGY.queue_arguments()
    assert arguments["x-queue-type"] == "quorum"
    assert arguments["x-single-active-consumer"] is True
    assert 1 < arguments["x-delivery-limit"] <= 100
