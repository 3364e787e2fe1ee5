"""The one JSON form in which messages and answers travel, on every host, so that no host lets through what another
would not: text, whole numbers, truth values, null, lists and objects; days and instants become their ISO text.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()

SERIALIZER = "shouwang"
CONTENT_TYPE = "application/vnd.shouwang+json"
"""The form's name on RabbitMQ: not plain `application/json`, which other libraries decode with types of their own."""


def encode(value: Any) -> str:
    """A JSON value as text. Raises TypeError on what is none."""
    return _encoder.encode(value).decode()


def decode(text: str | bytes) -> Any:
    """The JSON value again. Raises ValueError on what is none."""
    return _decoder.decode(text)


def carried(value: Any) -> Any:
    """A value as it arrives on the other side of a wire."""
    return _decoder.decode(_encoder.encode(value))


def message(
    data: dict[str, Any],
    *,
    token: str,
    now: datetime,
    timeout: float,
    command_id: str | None = None,
    expected_version: int | None = None,
    language: str = "zh-Hans",
    correlation: str | None = None,
    traceparent: str | None = None,
) -> dict[str, Any]:
    """What is said at a door. `timeout` in seconds gives the deadline after which a door must not open it."""
    return {
        "token": token,
        "data": data,
        "command_id": command_id,
        "expected_version": expected_version,
        "language": language,
        "correlation": correlation,
        "traceparent": traceparent,
        "deadline": now.timestamp() + timeout,
    }
