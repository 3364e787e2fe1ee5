"""A fund: money for a purpose. It takes money in; what is left in it is a claim that the database guards."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.funding.domain.codes import Source
from services.funding.domain.events import DonationReceived, FundOpened
from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Person, PublicText, Ref
from shared.kernel.money import MOST
from shared.kernel.refusals import Refusal


class Fund(Aggregate):
    """A fund with the donations in it."""

    service = "funding"
    kind = "fund"
    fold = 1

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.donations: set[str] = set()
        self.received = 0

    def open(self, *, name: str, purpose: str) -> None:
        """Open it. Opening it again changes nothing."""
        if self.exists:
            return
        self.record(FundOpened(fund=Ref(self.id), name=PublicText(name), purpose=PublicText(purpose)))

    def receive(
        self,
        *,
        donation: str,
        amount: int,
        source: Source,
        received_on: date,
        today: date,
        donor: str | None,
        donor_name: str | None,
    ) -> None:
        """Take money in, in fen, once for each donation.

        Refuses `funding.received_in_future`, `funding.donor_missing` (a donor's gift names its donor),
        `funding.amount_too_large`.
        """
        if donation in self.donations:
            return
        if received_on > today:
            raise Refusal("funding.received_in_future", received_on=received_on.isoformat())
        if source is Source.DONOR and not donor_name:
            raise Refusal("funding.donor_missing")
        if self.received + amount > MOST:
            raise Refusal("funding.amount_too_large", most=MOST)
        self.record(
            DonationReceived(
                donation=Ref(donation),
                fund=Ref(self.id),
                amount=amount,
                source=source,
                received_on=received_on,
                donor=Person(donor) if donor and donor_name else None,
                donor_name=donor_name or None,
            )
        )

    def kept(self) -> dict[str, Any]:
        """Which donations it took, and their sum."""
        return {"donations": sorted(self.donations), "received": self.received}

    def restore(self, state: dict[str, Any]) -> None:
        """Take the state that was kept."""
        self.donations, self.received = set(state["donations"]), state["received"]

    def _apply_fund_opened(self, event: FundOpened) -> None:
        """Nothing that a decision needs."""

    def _apply_donation_received(self, event: DonationReceived) -> None:
        self.donations.add(event.donation)
        self.received += event.amount
