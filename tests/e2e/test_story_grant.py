"""Story 5, thin: a grant is applied for, approved and paid by three people, and the fund adds up."""

from __future__ import annotations

from typing import Any

import pytest

from shared.kernel.refusals import Refusal
from tests.e2e.conftest import County
from tests.e2e.crew import SERVICES, WITHIN, Crew, fund_with
from tests.infrastructure.waiting import eventually


def applied(crew: Crew, fund: str, child: str, amount: int = 60_000) -> str:
    wanted = {"child": child, "fund": fund, "amount": amount, "reason": "缺寄宿费"}
    application = crew.heard("funding_officer", "funding", "draft_application", wanted)["id"]
    crew.ask("funding_officer", "funding", "submit_application", {"application": application})
    return str(application)


def figures(crew: Crew, fund: str) -> tuple[int, int, int, int]:
    found = crew.ask("accountant", "funding", "fund", {"fund": fund})
    return found["received"], found["available"], found["set_aside"], found["paid"]


def test_three_people_bring_a_grant_to_a_child_and_the_fund_adds_up(crew: Crew) -> None:
    fund, child = fund_with(crew, 6_000_000), crew.child(20)
    seen = [figures(crew, fund)]

    application = applied(crew, fund, child)
    crew.ask("funding_approver", "funding", "approve_application", {"application": application})
    seen.append(figures(crew, fund))
    paid = {"application": application, "method": "cash", "paid_on": crew.today.isoformat()}
    crew.ask("cashier", "funding", "pay_application", paid)
    seen.append(figures(crew, fund))

    assert seen == [(6_000_000, 6_000_000, 0, 0), (6_000_000, 5_940_000, 60_000, 0), (6_000_000, 5_940_000, 0, 60_000)]
    accounts = crew.ask("accountant", "funding", "fund", {"fund": fund})["accounts"]
    assert sum(accounts.values()) == 0


def test_nobody_approves_what_they_handed_in(crew: Crew) -> None:
    application = applied(crew, fund_with(crew, 100_000), crew.child(21))
    crew.staff["both"], crew.roles["both"] = crew.staff["funding_officer"], "funding_approver"
    given = {"staff": crew.staff["both"], "role": "funding_approver", "scope": "division"}
    crew.ask("bootstrap", "registry", "grant_role", given | {"division": crew.places["439901"]})

    with pytest.raises(Refusal) as refused:
        crew.heard("both", "funding", "approve_application", {"application": application})

    assert refused.value.code == "funding.approver_is_applicant"


def test_a_fund_gives_no_more_than_it_has(crew: Crew) -> None:
    application = applied(crew, fund_with(crew, 50_000), crew.child(22))

    with pytest.raises(Refusal) as refused:
        crew.ask("funding_approver", "funding", "approve_application", {"application": application})

    assert (refused.value.code, refused.value.facts["available"]) == ("funding.insufficient_funds", 50_000)


@pytest.mark.parametrize("service", SERVICES)
def test_an_auditor_finds_every_log_whole_and_signed_to_its_end(county: County, service: str) -> None:
    county.clock.move(minutes=2)  # what is new is signed within a minute

    def report() -> Any:
        found = county.crew.ask("auditor", service, "log_verify")
        return found["signed_size"] == found["size"] and found

    verified = eventually(report, within=WITHIN, what="the signature")

    assert (verified["outcome"], verified["findings"]) == ("whole", [])
