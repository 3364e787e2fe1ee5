"""Requests about erasing, lifting and reading together in the demonstration, each left where somebody has to act."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from shared.kernel.ids import new_id
from shared.kernel.refusals import NotFound, Refusal
from shared.testing.hosts import System
from tests.infrastructure.waiting import eventually

WITHIN = 30.0


@dataclass
class People:
    """Those who ask and those who decide. `staff` gives the reference of who holds a role."""

    system: System
    staff: Callable[[str], str]

    def ask(self, role: str, service: str, door: str, data: dict[str, Any]) -> Any:
        """The answer of a door, once the service has heard of what it is about."""
        command = new_id(self.system.clock.now())
        token = self.system.token(self.staff(role), role)
        call = self.system.client.call
        return eventually(
            lambda: (call(service, door, data, token=token, command_id=command),),
            within=WITHIN,
            what=f"{service}.{door}",
            ignoring=(NotFound,),
        )[0]

    def erasure(self, child: str) -> str:
        """A request for an erasure to which every service has answered."""
        said = {"person": child, "grounds": "family_asked"}
        found = str(self.ask("supervisor", "registry", "request_erasure", said)["id"])
        self._answered(found)
        return found

    def restriction(self, child: str) -> str:
        """A request that became a restriction, because a case is open."""
        with suppress(Refusal):  # one may be open already
            self.ask("supervisor", "casework", "open_case", {"child": child})
        found = self.erasure(child)
        self.ask("county_admin", "registry", "approve_erasure", {"erasure": found})
        self._answered(found)
        return found

    def opening(self, child: str) -> str:
        """A request to read together."""
        said = {"child": child, "reason": "court_order", "minutes": 60}
        return str(self.ask("supervisor", "registry", "ask_to_open", said)["id"])

    def _answered(self, erasure: str) -> None:
        asked = {"erasure": erasure}
        eventually(
            lambda: not self.ask("county_admin", "registry", "erasure", asked)["waiting"] or None,
            within=WITHIN,
            what="every service's answer",
        )


def leave_waiting(people: People) -> list[tuple[str, str]]:
    """Make the requests; the pages of who looks at them in which role, each with another form or another end."""
    listed = people.ask("supervisor", "registry", "children", {"limit": 50})["items"]
    free = [one["child"] for one in listed if one["present"]]
    asked, lifted, opened, closed = free[-4:]
    waiting = people.erasure(asked)
    lifting, left, kept = (people.restriction(one) for one in (lifted, opened, closed))
    people.ask("supervisor", "registry", "ask_to_lift", {"erasure": lifting, "reason": "care_needed"})
    opening, undecided = people.opening(opened), people.opening(closed)
    people.ask("county_admin", "registry", "approve_opening", {"opening": opening})
    return [
        *((role, f"/erasures/{one}") for role in ("supervisor", "county_admin") for one in (waiting, lifting)),
        *(("supervisor", f"/erasures/{one}") for one in (left, kept)),
        *((role, f"/openings/{one}") for role in ("supervisor", "duty_leader") for one in (opening, undecided)),
        *((role, page) for role in ("supervisor", "auditor") for page in ("/erasures", "/openings")),
        *(("supervisor", f"/children/{one}") for one in (opened, closed)),
        ("supervisor", f"/children/{closed}/opening"),
        ("supervisor", f"/children/{asked}/erasure"),
    ]
