"""What `make test` found or started for the tests, and where it is written down: `var/test-services.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.infrastructure.broker import Control

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""
VAR = ROOT / "var"
"""What runs leave behind; not in version control."""
RECORD = VAR / "test-services.json"
HOW_TO_GET_IT = "run `make test`, or `.venv/bin/python -m tests.prepare` once"


class NotPrepared(RuntimeError):
    """Nobody has looked for the broker, the database and the browser yet."""


@dataclass(slots=True)
class TestServices:
    """Where the tests find what they cannot make themselves.

    Attributes:
        amqp_url: a RabbitMQ with quorum queues.
        rabbitmqctl: the command that lists its queues; empty where it is out of reach.
        rabbitmqctl_environment: what that command needs around it.
        database_url: a PostgreSQL role that may create databases and roles.
        chromium: the browser's program.
    """

    __test__ = False

    amqp_url: str
    database_url: str
    chromium: str
    rabbitmqctl: list[str] = field(default_factory=list)
    rabbitmqctl_environment: dict[str, str] = field(default_factory=dict)

    @property
    def control(self) -> Control:
        """How to list the broker's queues."""
        return Control(tuple(self.rabbitmqctl), self.rabbitmqctl_environment)

    def write(self, path: Path = RECORD) -> None:
        """Write it down, whole or not at all."""
        path.parent.mkdir(exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n")
        draft.replace(path)


def read_services(path: Path = RECORD) -> TestServices:
    """What was found.

    Raises:
        NotPrepared: nothing was looked for yet; the message says what to run.
    """
    try:
        return TestServices(**json.loads(path.read_text()))
    except FileNotFoundError:
        raise NotPrepared(f"the tests do not know of a broker and a database yet: {HOW_TO_GET_IT}") from None
    except (ValueError, TypeError) as error:
        raise NotPrepared(f"{path.name} cannot be read ({error}): {HOW_TO_GET_IT}") from None
