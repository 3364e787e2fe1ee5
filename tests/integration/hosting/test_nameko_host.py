"""A process under `shouwang serve`: how it starts, how it ends, and what it does not do."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kombu
import pytest

from shared.access.tokens import TokenSigner
from shared.hosting import wire
from shared.hosting.clients import NamekoClient, ServiceUnavailable
from shared.hosting.migrating import upgrade
from shared.hosting.nameko_host import BROKEN, NOT_MIGRATED, STOPPED
from shared.hosting.rpc_names import rpc_exchange, rpc_queue, service_name
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.kernel.messages import PURPOSES
from shared.messaging.topology import Topology
from shared.storage.database import Database
from shared.testing.hosts import Served, served_environment
from shared.vault.keyring import Keyring
from shared.vault.vault import SealRequest, Vault
from tests.infrastructure.database import TestDatabase
from tests.infrastructure.ports import free_port
from tests.infrastructure.processes import http_status

pytestmark = pytest.mark.broker


@dataclass(frozen=True)
class Ground:
    """What a service needs, before it is started."""

    folder: Path
    database: TestDatabase
    amqp_url: str
    namespace: str

    def service(self, name: str = "registry", *, migrated: bool = True, **environment: str) -> Served:
        package = f"tests.integration.hosting.small.{name}"
        Keyring.create(self.folder / "keys", PURPOSES)
        if migrated:
            role = self.database.application_role
            upgrade(name, self.database.owner_url, application_role=role, package=package)
        url = self.database.application_url
        around = served_environment(self.folder / "keys", self.folder / "clock", self.amqp_url, self.namespace, url)
        return Served(name, self.folder, around | environment, package)

    def client(self) -> contextlib.closing[NamekoClient]:
        return contextlib.closing(NamekoClient(self.amqp_url, self.namespace, SystemClock()))

    def token(self) -> str:
        signer = TokenSigner.load(self.folder / "keys", "token-bootstrap", SystemClock())
        return signer.issue("system:bootstrap", "bootstrap", "test", "system")

    def declared(self, name: str, **options: Any) -> None:
        """A queue that is there already, with arguments of somebody else's."""
        with kombu.Connection(self.amqp_url) as connection:
            kombu.Queue(name, **options)(connection.channel()).declare()


@pytest.fixture
def ground(tmp_path: Path, postgres: TestDatabase, amqp_url: str, namespace: str) -> Ground:
    return Ground(tmp_path, postgres, amqp_url, namespace)


@contextlib.contextmanager
def started(service: Served) -> Iterator[Served]:
    service.start()
    try:
        yield service
    finally:
        service.end()


def test_sigterm_ends_it_with_nothing_left_running(ground: Ground) -> None:
    with started(ground.service()) as service:
        service.wait_until_ready()

        assert service.stop() == STOPPED


def test_a_database_that_is_not_migrated_stops_the_start(ground: Ground) -> None:
    with started(ground.service(migrated=False)) as service:
        assert service.wait() == NOT_MIGRATED
        assert "database_not_migrated" in service.output()


def test_keys_that_did_not_wrap_what_the_database_holds_stop_the_start(ground: Ground) -> None:
    service = ground.service()
    database, keys = Database(ground.database.application_url), ground.folder / "keys"
    wrapping, person = Keyring.load(keys, ["identity"]), new_id(SystemClock().now())
    with database.begin() as tx:
        Vault("registry", wrapping, SystemClock()).seal(
            tx, [SealRequest(event_id=person, part="p", person=person, purpose="identity", content={})]
        )
    database.dispose()
    (file,) = keys.glob("kek-identity-*")
    own = file.read_bytes()
    Keyring.create(ground.folder / "other", PURPOSES)
    (foreign,) = (ground.folder / "other").glob("kek-identity-*")
    missing = (None, "kek-identity-0009none.key")
    for content, name in ((foreign.read_bytes(), file.name), missing):
        if content:
            file.write_bytes(content)
        else:
            file.rename(keys / str(name))
        with started(service):
            assert service.wait() == BROKEN
            assert "key-encryption key" in service.output()
            assert file.stem.rpartition("-")[2] in service.output()
    (keys / str(missing[1])).rename(file)
    file.write_bytes(own)
    with started(service):
        service.wait_until_ready()


def test_an_rpc_queue_with_other_arguments_ends_the_process_loudly(ground: Ground) -> None:
    name = rpc_queue(service_name(ground.namespace, "registry"))
    ground.declared(name, durable=True, queue_arguments={"x-max-length": 7})

    with started(ground.service()) as service:
        assert service.wait() == BROKEN
        assert "topology_is_wrong" in service.output()


def test_a_followers_queue_with_other_arguments_ends_the_process_loudly(ground: Ground) -> None:
    ground.declared(Topology(ground.namespace).queue("alerts", "registry"), durable=True)

    with started(ground.service("alerts")) as service:
        assert service.wait() == BROKEN
        assert "topology_is_wrong" in service.output()


def test_health_is_served_where_a_port_is_given(ground: Ground) -> None:
    port = free_port()
    with started(ground.service(SHOUWANG_PORT=str(port))) as service:
        service.wait_until_ready()

        found = {path: http_status(f"http://127.0.0.1:{port}{path}") for path in ("/healthz", "/readyz", "/metrics")}
        lost = http_status(f"http://127.0.0.1:{port}/elsewhere")

    assert found == {"/healthz": 200, "/readyz": 200, "/metrics": 200}
    assert lost == 404


def test_a_service_that_is_down_is_unavailable_at_once_and_there_again_after(ground: Ground) -> None:
    service = ground.service()
    with started(service), ground.client() as client:
        service.wait_until_ready()
        assert client.call("registry", "divisions", {}, token=ground.token()) == {"count": 0}
        service.stop()

        began = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            client.call("registry", "divisions", {}, token=ground.token(), timeout=10.0)
        took = time.monotonic() - began

        service.start()
        service.wait_until_ready()
        assert client.call("registry", "divisions", {}, token=ground.token()) == {"count": 0}
    assert took < 8.0, "the call's time was waited out"


def test_a_call_whose_time_is_over_does_not_run_when_the_service_comes_back(ground: Ground) -> None:
    service = ground.service()
    name = service_name(ground.namespace, "registry")
    message = wire.message(
        {"code": "430000", "name": "示范县"}, token=ground.token(), now=SystemClock().now(), timeout=0.3
    )
    with kombu.Connection(ground.amqp_url) as connection:
        channel = connection.channel()
        queue = kombu.Queue(rpc_queue(name), rpc_exchange(ground.namespace), routing_key=f"{name}.*", durable=True)
        queue(channel).declare()
        kombu.Producer(channel, serializer=None).publish(
            wire.encode({"args": [message], "kwargs": {}}),
            exchange=rpc_exchange(ground.namespace),
            routing_key=f"{name}.register_division",
            content_type=wire.CONTENT_TYPE,
            content_encoding="utf-8",
            reply_to="nobody",
            correlation_id="1",
            expiration=0.3,
        )

    with started(service), ground.client() as client:
        service.wait_until_ready()

        assert client.call("registry", "divisions", {}, token=ground.token()) == {"count": 0}


def test_a_fault_is_in_the_log_by_its_incident_and_without_its_words_in_production(ground: Ground) -> None:
    service = ground.service(SHOUWANG_ENVIRONMENT="production")
    service.forget("SHOUWANG_TEST_CLOCK")
    with started(service), ground.client() as client:
        service.wait_until_ready()
        with pytest.raises(ServiceUnavailable) as failed:
            client.call("registry", "register_division", {"code": "9", "name": "fault"}, token=ground.token())

    assert str(getattr(failed.value, "incident", "none")) in service.output()
    assert "RuntimeError" in service.output()
    assert "王秀兰" not in service.output()
