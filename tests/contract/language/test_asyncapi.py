"""The AsyncAPI document: sound in its own terms, and true of the broker's names and of the messages on it.

No library on the package index holds the AsyncAPI 3.0 JSON schema itself, so the objects that the document uses are
described here after the specification, strictly: a field that the specification does not know is an error unless it
is an extension (`x-`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from docs.reference.asyncapi import NAMESPACE, document
from shared.contracts import LANGUAGE
from shared.messaging.ranges import Carried, Head, Range
from shared.messaging.topology import Topology
from tests.contract.golden.samples import path_of, read

DOCUMENT: dict[str, Any] = json.loads(json.dumps(document()))
NAME = r"^[A-Za-z0-9_.-]+$"


def an(required: str, **properties: Any) -> dict[str, Any]:
    """An object of the specification: these fields, extensions, nothing else."""
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "patternProperties": {"^x-": True},
        "additionalProperties": False,
    }


def named(inner: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "patternProperties": {NAME: inner}}


TEXT, FLAG = {"type": "string"}, {"type": "boolean"}
REFERENCE = {
    "type": "object",
    "required": ["$ref"],
    "properties": {"$ref": {"type": "string", "pattern": "^#/"}},
    "additionalProperties": False,
}
EXCHANGE = {
    "type": "object",
    "required": ["name", "type"],
    "properties": {
        "name": {"type": "string", "maxLength": 255},
        "type": {"enum": ["topic", "direct", "fanout", "default", "headers"]},
        "durable": FLAG,
        "autoDelete": FLAG,
        "vhost": TEXT,
    },
    "additionalProperties": False,
}
CHANNEL_BINDING = an("is exchange", **{"is": {"const": "routingKey"}, "exchange": EXCHANGE, "bindingVersion": TEXT})
OPERATION_BINDING = an(
    "bindingVersion",
    expiration={"type": "integer", "minimum": 0},
    deliveryMode={"enum": [1, 2]},
    mandatory=FLAG,
    ack=FLAG,
    bindingVersion={"const": "0.3.0"},
)
CHANNEL = an(
    "address messages",
    address=TEXT,
    title=TEXT,
    description=TEXT,
    messages=named(REFERENCE),
    bindings=an("amqp", amqp=CHANNEL_BINDING),
)
OPERATION = an(
    "action channel",
    action={"enum": ["send", "receive"]},
    channel=REFERENCE,
    summary=TEXT,
    messages={"type": "array", "items": REFERENCE},
    bindings=an("amqp", amqp=OPERATION_BINDING),
)
MESSAGE = an(
    "payload",
    name=TEXT,
    title=TEXT,
    summary=TEXT,
    contentType=TEXT,
    headers={"type": "object", "required": ["type"], "properties": {"type": {"const": "object"}}},
    payload={"type": "object"},
)
SPECIFICATION = an(
    "asyncapi info",
    asyncapi={"const": "3.0.0"},
    info=an("title version", title=TEXT, version=TEXT, description=TEXT),
    defaultContentType=TEXT,
    channels=named(CHANNEL),
    operations=named(OPERATION),
    components=an("", messages=named(MESSAGE), schemas=named({"type": "object"})),
)


def references(value: Any) -> Iterator[str]:
    """Every `$ref` in the document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def resolved(reference: str) -> Any:
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def validator(name: str) -> jsonschema_rs.Draft7Validator:
    """A schema of the document, with the others within reach."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft7Validator(schema)


def test_the_document_is_what_the_specification_asks_for() -> None:
    assert [one.message for one in jsonschema_rs.iter_errors(SPECIFICATION, DOCUMENT)] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda it: it.update(asyncapi="2.6.0"),
        lambda it: it["info"].pop("version"),
        lambda it: it["channels"]["registry.alerts"].update(adress="registry.alerts"),
        lambda it: it["operations"]["registry.alerts.send"].update(action="publish"),
        lambda it: it["components"]["messages"]["range"].pop("payload"),
        lambda it: it["channels"]["registry.alerts"]["bindings"]["amqp"]["exchange"].update(type="quorum"),
    ],
)
def test_a_document_that_the_specification_refuses_is_refused(spoil: Any) -> None:
    spoilt = json.loads(json.dumps(DOCUMENT))
    spoil(spoilt)
    assert not jsonschema_rs.is_valid(SPECIFICATION, spoilt)


def test_every_reference_leads_somewhere_in_the_document() -> None:
    for reference in references(DOCUMENT):
        assert resolved(reference), reference
    for one in DOCUMENT["operations"].values():
        assert set(resolved(one["channel"]["$ref"])["messages"]) == {
            re.split("/", m["$ref"])[-1] for m in one["messages"]
        }


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_every_schema_is_one_of_the_draft_that_asyncapi_builds_on(name: str) -> None:
    jsonschema_rs.meta.validate({"$schema": "http://json-schema.org/draft-07/schema#", **validated(name)})


def validated(name: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][name]
    return found


def test_there_is_a_channel_for_each_reader_named_as_the_broker_has_it() -> None:
    topology = Topology(NAMESPACE)
    for source, published in LANGUAGE.items():
        for reader, purposes in published.readers.items():
            channel = DOCUMENT["channels"][f"{source}.{reader}"]
            assert channel["address"] == topology.key(source, reader)
            assert channel["bindings"]["amqp"]["exchange"]["name"] == topology.log
            assert channel["x-queue"]["name"] == topology.queue(reader, source)
            assert channel["x-queue"]["arguments"] == topology.queue_arguments()
            assert channel["x-opens"] == sorted(purposes)
            assert [resolved(one)["x-file"] for one in channel["x-events"]]
    ranges = [name for name in DOCUMENT["channels"] if not name.endswith(".heads")]
    assert len(ranges) == sum(len(one.readers) for one in LANGUAGE.values())


def test_a_range_and_a_head_are_what_the_document_says() -> None:
    leaf = "ab" * 32
    carried = Carried(position=3, entry="{}", parts={"child.identity": ("YQ==", "Yg==")})
    one = Range(
        source="registry", reader="alerts", origin="county.example/registry", epoch="e", first=3, last=3, before=leaf,
        after=leaf, size=4, events=[carried],
    )  # fmt: skip
    assert validator("Range").is_valid(one.message())
    assert not validator("Range").is_valid({**one.message(), "from": "3"})
    assert not validator("Range").is_valid({**one.message(), "events": [{"position": 3, "entry": "{}"}]})
    head = Head(source="registry", origin="county.example/registry", epoch="e", size=4, leaf=leaf)
    assert validator("Head").is_valid(head.message())


@pytest.mark.parametrize("kind", [one.type for published in LANGUAGE.values() for one in published.events])
def test_an_entry_of_a_published_event_is_what_the_document_says(kind: str) -> None:
    golden = read(path_of(kind, 1))
    entry = {
        **{name: golden[name] for name in ("type", "version", "persons", "data")},
        **dict.fromkeys(("id", "command_id", "correlation"), "0193a1c0-0000-7000-8000-000000000001"),
        "source": "county.example/registry",
        "stream": "registry.child-0193a1c0-0000-7000-8000-000000000001",
        "stream_version": 1,
        "time": "2026-09-01T08:00:00.000000Z",
        "actor": {"id": "system:registry", "role": "system"},
        "sealed": [],
    }
    assert validator(f"{kind}.v1").is_valid(entry)
    assert not validator(f"{kind}.v1").is_valid(entry | {"type": "registry.lamp_lit"})
    assert not validator(f"{kind}.v1").is_valid({name: value for name, value in entry.items() if name != "time"})


def test_the_document_is_json_that_reads_back() -> None:
    assert msgspec.json.decode(json.dumps(DOCUMENT)) == DOCUMENT
