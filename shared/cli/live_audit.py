"""The check of one live log from the terminal: by the log's own service, then against all that its witnesses keep."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click
from rich.console import Console

from shared.cli.reach import Reach
from shared.cli.start import SERVICES
from shared.hosting.clients import OutcomeUnknown, ServiceUnavailable
from shared.hosting.foundation import origin_of

_PATIENCE = 3600.0
_PAGE = 100
_OUTCOMES = {
    0: "whole",
    1: "tampered",
    2: "unreadable",
    3: "untrusted",
    4: "rolled_back",
    5: "whole, but some times stand back",
}
UNREADABLE, ROLLED_BACK, LATE = 2, 4, 5
_GRAVITY = (1, ROLLED_BACK, 3, UNREADABLE, LATE)
"""Exit codes, the gravest first: a changed row stays the news even when the log was also cut."""


def verified(reach: Reach, service: str, accept_late: int = 0) -> int:
    """Check a service's log, say what was found, and give the exit code."""
    asked = {"accept_late": accept_late}
    try:
        with Console(stderr=True).status(f"{service}: entries, tree, signatures, sealed parts"):
            report = reach.client.call(service, "log_verify", asked, token=reach.token(), timeout=_PATIENCE)
    except (ServiceUnavailable, OutcomeUnknown):
        click.echo(f"{service:10} unreadable: the service does not answer")
        return UNREADABLE
    witnessed, notes = _witnessed(reach, service)
    codes = {int(report["exit_code"]), *(code for code, _ in witnessed)} - {0}
    code = next((one for one in _GRAVITY if one in codes), 0)
    root = f"  root {report['root']}" if report["root"] else ""
    click.echo(f"{service:10} {_OUTCOMES[code]}  {report['size']} entries, signed to {report['signed_size']}{root}")
    _lines("", report["findings"])
    for _, found in witnessed:
        _lines("", [found])
    _lines("warning: ", report["warnings"])
    _lines("", notes)
    return code


def _witnessed(reach: Reach, log: str) -> tuple[list[tuple[int, dict[str, Any]]], list[dict[str, Any]]]:
    """What is wrong with a log by what its witnesses keep, each with its exit code; and what else is to be said."""
    wrong: list[tuple[int, dict[str, Any]]] = []
    said: list[dict[str, Any]] = []
    for witness in SERVICES:
        try:
            open_, decided = _contradictions(reach, witness, log)
            wrong += open_
            said += decided
            if witness != log:
                with Console(stderr=True).status(f"{log}: what {witness} has cosigned"):
                    count, lost, found = _compared(reach, witness, log)
                wrong += found
                said.append({"what": f"{count} checkpoints cosigned by {witness}"})
                said += _accepted(reach, witness, log, lost)
        except (ServiceUnavailable, OutcomeUnknown):
            said.append({"what": f"warning: {witness} does not answer and was not asked what it has cosigned"})
    return wrong, said


def agreed_size(reach: Reach, witness: str, log: str) -> int:
    """The largest size of which a witness keeps a checkpoint that the log still continues, and all smaller ones too."""
    after, agreed = None, 0
    while True:
        asked = {"log": log, "limit": _PAGE} | ({"after": after} if after else {})
        page = reach.client.call(witness, "witnessed", asked, token=reach.token(), timeout=60.0)
        words = {"notes": page["items"], "agreed": agreed}
        held = reach.client.call(log, "log_compare", words, token=reach.token(), timeout=600.0)
        agreed, after = int(held["agreed"]), page["next"]
        if held["findings"] or after is None:
            return agreed


def _accepted(reach: Reach, witness: str, log: str, lost: int) -> list[dict[str, Any]]:
    """Who has accepted that a witness goes on with a log that is not what it was, and how much it had cosigned."""
    standing = reach.client.call(witness, "log_standing", {}, token=reach.token(), timeout=60.0)
    origin = origin_of(reach.settings, log)
    said = [
        {
            "what": f"warning: {witness} goes on with a log that was restored ({one['type']})",
            "facts": {"from": one["data"]["size"], "by": one["by"], "time": one["time"], "event": one["event"]},
        }
        for one in standing["accepted"]
        if one["log"] == origin
    ]
    if lost:
        said.append({"what": f"warning: {lost} checkpoints cosigned by {witness} are of what was lost"})
    return said


def _compared(reach: Reach, witness: str, log: str) -> tuple[int, int, list[tuple[int, dict[str, Any]]]]:
    """How many checkpoints a witness has cosigned, how many are lost, and the first that the log disagrees with."""
    after, agreed, count, lost = None, 0, 0, 0
    while True:
        asked = {"log": log, "limit": _PAGE} | ({"after": after} if after else {})
        page = reach.client.call(witness, "witnessed", asked, token=reach.token(), timeout=60.0)
        count, lost = count + len(page["items"]), lost + len(page["lost"])
        words = {"notes": page["items"], "agreed": agreed}
        held = reach.client.call(log, "log_compare", words, token=reach.token(), timeout=600.0)
        if held["findings"]:
            first = held["findings"][0]
            facts = first.get("facts", {}) | {"witness": witness}
            return count, lost, [(int(held["exit_code"]), first | {"facts": facts})]
        agreed, after = held["agreed"], page["next"]
        if after is None:
            return count, lost, []


def _contradictions(
    reach: Reach, keeper: str, log: str
) -> tuple[list[tuple[int, dict[str, Any]]], list[dict[str, Any]]]:
    """The contradictions of a log that a service has on record: those that nobody has decided, and the others."""
    standing = reach.client.call(keeper, "log_standing", {}, token=reach.token(), timeout=60.0)
    origin = origin_of(reach.settings, log)
    wrong: list[tuple[int, dict[str, Any]]] = []
    said: list[dict[str, Any]] = []
    for one in standing["contradictions"]:
        if one["log"] != origin:
            continue
        what = f"contradiction_on_record ({one['kind']})"
        facts = {"kept_by": keeper, "cosigned_size": one["known_size"], "shown_size": one["offered_size"]}
        if (decided := one["decided"]) is None:
            wrong.append((ROLLED_BACK, {"what": what, "facts": facts}))
        else:
            words = {name: decided[name] for name in ("reason", "by", "time", "event")}
            said.append({"what": f"warning: decided {what}", "facts": facts | words})
    return wrong, said


def _lines(mark: str, findings: Iterable[dict[str, Any]]) -> None:
    for one in findings:
        click.echo(f"           {mark}{_said(one)}")


def _said(finding: dict[str, Any]) -> str:
    words = [str(finding["what"])]
    if "position" in finding:
        words.append(f"at position {finding['position']}" + (f" to {finding['until']}" if "until" in finding else ""))
    words += [f"{name} {finding[name]}" for name in ("expected", "found") if name in finding]
    words += [f"{name} {value}" for name, value in finding.get("facts", {}).items()]
    return ", ".join(words)
