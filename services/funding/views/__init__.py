"""Funding's tables and the projectors that write them. Amounts are in fen.

`funding_ledger` is double entry: signed postings, and those of one event add up to nothing. `funding_claims` is what
is left in each fund: a claim, fed by many streams, that the database keeps from ever falling below nothing.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
)

from services.funding.domain import events as e
from services.funding.domain.codes import Account, ApplicationState
from shared.contracts import registry as r
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.kernel.messages import Recorded
from shared.storage.columns import Id, Instant, Words

metadata = MetaData()
children_metadata = MetaData()

NEVER_OVERDRAWN = "funding_never_overdrawn"

funds = Table(
    "funding_funds",
    metadata,
    Column("fund", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("purpose", Words, nullable=False),
    Column("version", Integer, nullable=False),
)
claims = Table(
    "funding_claims",
    metadata,
    Column("fund", Id, primary_key=True),
    Column("received", BigInteger, nullable=False),
    Column("available", BigInteger, nullable=False),
    Column("set_aside", BigInteger, nullable=False),
    Column("paid", BigInteger, nullable=False),
    CheckConstraint("available >= 0 AND set_aside >= 0", name=NEVER_OVERDRAWN),
    CheckConstraint("received = available + set_aside + paid", name="funding_claims_balance"),
)
ledger = Table(
    "funding_ledger",
    metadata,
    Column("event_id", Id, nullable=False),
    Column("line", Integer, nullable=False),
    Column("fund", Id, nullable=False, index=True),
    Column("account", String(20), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("type", String(100), nullable=False),
    Column("subject", Id, nullable=False),
    Column("time", Instant, nullable=False),
    PrimaryKeyConstraint("event_id", "line"),
)
donations = Table(
    "funding_donations",
    metadata,
    Column("donation", Id, primary_key=True),
    Column("fund", Id, nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("source", String(20), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("donor", Id),
    Column("donor_name", String(200), info={"personal_of": "donor"}),
)
applications = Table(
    "funding_applications",
    metadata,
    Column("application", Id, primary_key=True),
    Column("fund", Id, nullable=False, index=True),
    Column("child", Id, nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("submitted_by", Id),
    Column("approved_by", Id),
    Column("paid_by", Id),
    Column("method", String(20)),
    Column("paid_on", Date),
    Column("changed", Instant, nullable=False),
    Column("version", Integer, nullable=False),
)
children = Table(
    "funding_children",
    children_metadata,
    Column("child", Id, primary_key=True),
    Column("name", String(200), info={"personal_of": "child"}),
)

money = Projector("funding.money", metadata)
names = Projector("funding.children", children_metadata)


@money.when(e.FundOpened)
def _opened(rows: Rows, event: e.FundOpened, recorded: Recorded) -> None:
    rows.add(funds, fund=event.fund, name=event.name, purpose=event.purpose, version=recorded.stream_version)
    rows.add(claims, fund=event.fund, received=0, available=0, set_aside=0, paid=0)


@money.when(e.DonationReceived)
def _received(rows: Rows, event: e.DonationReceived, recorded: Recorded) -> None:
    rows.add(
        donations,
        donation=event.donation,
        fund=event.fund,
        amount=event.amount,
        source=event.source,
        received_on=event.received_on,
        donor=event.donor,
        donor_name=event.donor_name,
    )
    rows.change(funds, event.fund, version=recorded.stream_version)
    rows.count(claims, event.fund, received=event.amount, available=event.amount)
    _post(rows, recorded, event.fund, event.donation, {Account.BANK: event.amount, Account.AVAILABLE: -event.amount})


@money.when(e.ApplicationDrafted)
def _drafted(rows: Rows, event: e.ApplicationDrafted, recorded: Recorded) -> None:
    values = {"fund": event.fund, "amount": event.amount, "changed": recorded.time, "version": recorded.stream_version}
    if recorded.stream_version == 1:
        row = {"application": event.application, "child": event.child, "state": ApplicationState.DRAFT, **values}
        rows.add(applications, **row)
    else:
        rows.change(applications, event.application, **values)


@money.when(e.ApplicationSubmitted)
def _submitted(rows: Rows, event: e.ApplicationSubmitted, recorded: Recorded) -> None:
    _stands(rows, event.application, ApplicationState.SUBMITTED, recorded, submitted_by=event.by)


@money.when(e.ApplicationReturned)
def _returned(rows: Rows, event: e.ApplicationReturned, recorded: Recorded) -> None:
    _stands(rows, event.application, ApplicationState.RETURNED, recorded)


@money.when(e.ApplicationApproved)
def _approved(rows: Rows, event: e.ApplicationApproved, recorded: Recorded) -> None:
    _stands(rows, event.application, ApplicationState.APPROVED, recorded, approved_by=event.by)
    rows.count(claims, event.fund, available=-event.amount, set_aside=event.amount)
    postings = {Account.AVAILABLE: event.amount, Account.SET_ASIDE: -event.amount}
    _post(rows, recorded, event.fund, event.application, postings)


@money.when(e.ApplicationRefused)
def _refused(rows: Rows, event: e.ApplicationRefused, recorded: Recorded) -> None:
    _stands(rows, event.application, ApplicationState.REFUSED, recorded)


@money.when(e.ApplicationWithdrawn)
def _withdrawn(rows: Rows, event: e.ApplicationWithdrawn, recorded: Recorded) -> None:
    _stands(rows, event.application, ApplicationState.WITHDRAWN, recorded)
    if event.released:
        rows.count(claims, event.fund, available=event.released, set_aside=-event.released)
        postings = {Account.AVAILABLE: -event.released, Account.SET_ASIDE: event.released}
        _post(rows, recorded, event.fund, event.application, postings)


@money.when(e.ApplicationPaid)
def _paid(rows: Rows, event: e.ApplicationPaid, recorded: Recorded) -> None:
    facts = {"paid_by": event.by, "method": event.method.value, "paid_on": event.paid_on}
    _stands(rows, event.application, ApplicationState.PAID, recorded, **facts)
    rows.count(claims, event.fund, set_aside=-event.amount, paid=event.amount)
    postings = {Account.SET_ASIDE: event.amount, Account.BANK: -event.amount}
    _post(rows, recorded, event.fund, event.application, postings)


def _stands(rows: Rows, application: str, state: ApplicationState, recorded: Recorded, **facts: object) -> None:
    values = {"state": state, "changed": recorded.time, "version": recorded.stream_version, **facts}
    rows.change(applications, application, **values)


def _post(rows: Rows, recorded: Recorded, fund: str, subject: str, postings: dict[Account, int]) -> None:
    if sum(postings.values()):
        raise AssertionError("postings of one event add up to nothing")
    for line, (account, amount) in enumerate(postings.items(), 1):
        rows.add(
            ledger,
            event_id=recorded.id,
            line=line,
            fund=fund,
            account=account,
            amount=amount,
            type=recorded.event.type,
            subject=subject,
            time=recorded.time,
        )


@names.when(r.ChildRegistered)
def _registered(rows: Rows, event: r.ChildRegistered, _: Recorded) -> None:
    rows.add(children, child=event.child, name=event.name)


@names.when(r.ChildCorrected)
def _corrected(rows: Rows, event: r.ChildCorrected, _: Recorded) -> None:
    rows.change(children, event.child, name=event.name)
