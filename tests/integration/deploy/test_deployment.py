"""The parts of the deployment that need no Docker: keys, the database's first script, the broker's settings."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.infrastructure.broker import broker_answers
from tests.infrastructure.compose import composed
from tests.infrastructure.database import TestDatabase
from tests.infrastructure.own_broker import OwnBroker
from tests.infrastructure.own_cluster import OwnCluster, server_programs
from tests.infrastructure.ports import LOOPBACK
from tests.infrastructure.services import ROOT

SERVICES = ("registry", "casework", "alerts", "funding", "console")
pytestmark = pytest.mark.faults


TERMINAL = ("bootstrap", "operator")


def _keys(tmp_path: Path) -> Path:
    databases = {name: TestDatabase("sqlite:///o", "sqlite:///a") for name in SERVICES}
    processes = composed(tmp_path, amqp_url="amqp://here//", databases=databases, namespace="swt1")
    keys = next(process for process in processes if process.name == "keys")
    with keys.start(tmp_path) as running:
        assert running.wait(within=60) == 0, running.output()
    return tmp_path / "volumes" / "keys"


def _local(secret: Path, cluster: OwnCluster) -> str:
    return secret.read_text().replace("+psycopg", "").replace("postgres:5432", f"{LOOPBACK}:{cluster.port}")


def test_a_service_is_handed_the_keys_that_it_is_entitled_to_and_its_own_signing_keys(tmp_path: Path) -> None:
    keys = _keys(tmp_path)
    purposes = {service: {file.name.split("-")[1] for file in (keys / service).glob("kek-*")} for service in SERVICES}
    assert "notes" in purposes["casework"]
    assert all("notes" not in purposes[service] for service in SERVICES if service != "casework")
    assert purposes["console"] == set()
    for service in SERVICES:
        private = {file.name for file in (keys / service).glob("*.ed25519")}
        own = {f"{kind}-{service}.ed25519" for kind in ("token", "log", "witness")}
        assert private == own - {"log-console.ed25519", "witness-console.ed25519"}
        assert len(list((keys / service).glob("witness-*.pub"))) == len(SERVICES) - 1
        assert len(list((keys / service).glob("token-*.pub"))) == len(SERVICES) + len(TERMINAL)
    private = {file.name for file in (keys / "terminal").glob("*.key")} | {
        file.name for file in (keys / "terminal").glob("*.ed25519")
    }
    assert private == {f"token-{issuer}.ed25519" for issuer in TERMINAL}


def test_keys_are_closed_to_others_and_never_replaced(tmp_path: Path) -> None:
    keys = _keys(tmp_path)
    before = {file: file.read_bytes() for file in keys.rglob("*") if file.is_file()}
    private = [file for file in before if file.suffix != ".pub"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in private} == {0o600}
    _keys(tmp_path)
    assert {file: file.read_bytes() for file in keys.rglob("*") if file.is_file()} == before


def test_the_first_script_of_the_database_gives_each_service_an_owner_and_a_role_that_owns_nothing(
    tmp_path: Path,
) -> None:
    subprocess.run([sys.executable, "deploy/make_secrets.py", str(tmp_path)], cwd=ROOT, check=True)
    conf = (ROOT / "deploy" / "postgres" / "postgresql.conf").read_text()
    settings = dict(line.split(" = ") for line in conf.splitlines() if line and not line.startswith("#"))
    settings = {name: value.strip("'") for name, value in settings.items() if name != "listen_addresses"}
    with OwnCluster(settings=settings) as cluster:
        with psycopg.connect(cluster.url) as connection:
            assert connection.execute("SHOW wal_recycle").fetchone() == ("off",)
        place = {"PGHOST": LOOPBACK, "PGPORT": str(cluster.port), "POSTGRES_USER": "postgres", "SECRETS": str(tmp_path)}
        path = f"{server_programs()}{os.pathsep}{os.environ['PATH']}"
        script = ["bash", "deploy/postgres/10-services.sh"]
        subprocess.run(script, cwd=ROOT, env=os.environ | place | {"PATH": path}, check=True)
        for service in SERVICES:
            owner, application = (
                _local(tmp_path / f"{service}_{name}", cluster) for name in ("owner_database_url", "database_url")
            )
            with psycopg.connect(owner, autocommit=True) as connection:
                connection.execute("CREATE TABLE history (entry TEXT)")
                assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
                connection.execute("SELECT pg_switch_wal()")
                seen = connection.execute("SELECT pg_has_role('pg_read_all_stats', 'MEMBER')").fetchone()
                assert seen == (True,)
            with psycopg.connect(application, autocommit=True) as connection:
                for statement in ("SELECT * FROM history", "CREATE TABLE mine (entry TEXT)"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute(statement)
        stranger = _local(tmp_path / "alerts_database_url", cluster).removesuffix("alerts") + "funding"
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(stranger)


def test_the_broker_starts_with_the_settings_and_the_user_of_the_deployment(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "deploy/make_secrets.py", str(tmp_path)], cwd=ROOT, check=True)
    settings = (ROOT / "deploy" / "rabbitmq" / "rabbitmq.conf").read_text()
    user = (tmp_path / "rabbitmq_user.conf").read_text()
    url = (tmp_path / "amqp_url").read_text()
    broker = OwnBroker(settings=settings + user)
    broker.url = url.replace("rabbitmq:5672", f"{LOOPBACK}:{broker.port}")
    with broker:
        assert broker_answers(broker.url)
        assert not broker_answers(f"amqp://guest:guest@{LOOPBACK}:{broker.port}//")
