"""Log lines: one static event with facts as keywords, on standard error, as JSON or for people to read.

What must never stand in a log is kept out here, once, whoever forgets: keys that name something personal are dropped,
and a traceback shows where and which exception, but its words only outside production, because a database's error
repeats the values it was given.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

log = structlog.get_logger(__name__)
_WORDS = """
    name names full_name given_name family_name pinyin phone phones mobile telephone address email identity_number
    identity id_number birth_date born guardian parents employer note notes text content body reason_text reporter
    donor_name account_name password passphrase secret token session cookie authorization key data row rows
"""
PERSONAL = frozenset(_WORDS.split())
"""Keys that a log line never has. A thing is named by its random reference: `child=…`, `alert_id=…`."""
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_LOUD = ("nameko", "kombu", "amqp", "alembic", "sqlalchemy", "eventlet", "waitress", "urllib3")


def configure(*, level: str = "info", form: str = "json", words: bool = False, stream: TextIO | None = None) -> None:
    """Set up structlog and the standard library's logging for this process.

    `form` is `json` or `console`; with `words` tracebacks show what exceptions say (never in production).
    """
    out = stream or sys.stderr
    render: Processor = structlog.dev.ConsoleRenderer(colors=out.isatty()) if form == "console" else _json()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_personal_keys,
        _Traces(words=words),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared[:3], _foreign, _Traces(words=words)],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[level])
    for one in _LOUD:
        logging.getLogger(one).setLevel(max(_LEVELS[level], logging.WARNING))


def catch_the_uncaught() -> None:
    """Log what ends a thread or the process as any other error, instead of a traceback with its words."""

    def of_process(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.critical("process_died", error=kind.__name__, exc_info=error)

    def of_thread(given: threading.ExceptHookArgs) -> None:
        thread = given.thread.name if given.thread else None
        log.critical("thread_died", thread=thread, error=given.exc_type.__name__, exc_info=given.exc_value)

    sys.excepthook = of_process
    threading.excepthook = of_thread


def without_personal_keys(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop the keys that name something personal, at any depth, and say which."""
    dropped: list[str] = []
    kept = {key: _clean(value, dropped) for key, value in event.items() if not _personal(key, dropped)}
    if dropped:
        kept["personal_keys_dropped"] = sorted(set(dropped))
    return kept


def _personal(key: str, dropped: list[str]) -> bool:
    if str(key).lower() in PERSONAL:
        dropped.append(str(key))
        return True
    return False


def _clean(value: Any, dropped: list[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _clean(one, dropped) for key, one in value.items() if not _personal(str(key), dropped)}
    return value


def _foreign(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A library's line: its words may hold anything, so only where it comes from and its template are kept."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["event"] = "library_message"
        event["logger"] = record.name
        # The template is the library's own text; its arguments are ours, and may be personal.
        event["template"] = record.msg if isinstance(record.msg, str) and record.args else ""
        if not record.args and isinstance(record.msg, str):
            event["template"] = record.msg[:200]
    return event


class _Traces:
    """Turns exceptions into where they happened, and what they say only if that is allowed."""

    def __init__(self, *, words: bool) -> None:
        self._words = words

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        given = event.pop("exc_info", None)
        if not given:
            return event
        error = (
            given if isinstance(given, BaseException) else (given[1] if isinstance(given, tuple) else sys.exc_info()[1])
        )
        if error is not None:
            event["trace"] = list(_story(error, words=self._words))
        return event


def _story(error: BaseException, *, words: bool, depth: int = 4) -> list[str]:
    lines = [f"{type(error).__name__}: {error}" if words else type(error).__name__]
    lines += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth:
        lines += ["because of:", *_story(cause, words=words, depth=depth - 1)]
    return lines


def _json() -> Processor:
    return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
