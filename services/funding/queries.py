"""Funding's queries: permission first, then rows to answers. Amounts are in fen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from services.funding import views as v
from services.funding.domain import events as e
from services.funding.domain.application import Application
from services.funding.domain.codes import ApplicationState as State
from services.funding.domain.fund import Fund
from services.funding.schemas import (
    ApplicationPage,
    ApplicationPast,
    ApplicationView,
    DonationView,
    FundPast,
    FundView,
)
from shared.access.asof import Telling, Tellings, as_of, staff_names, up_to
from shared.access.paging import page, position
from shared.access.principals import Call
from shared.access.roles import FieldClass
from shared.access.timeline import timeline
from shared.hosting.foundation import Foundation
from shared.kernel.ids import id_in, stream_of
from shared.kernel.refusals import NotFound
from shared.vault.tables import vault_persons

Asked = Call[dict[str, Any]]
_LOT = 200


def _application_telling(tx: Connection, _seen: frozenset[FieldClass]) -> Telling[Application]:
    def facts(it: Application) -> dict[str, Any]:
        staff = {one for one in (it.submitted_by, it.approved_by) if one}
        names = staff_names(tx, staff) if staff else {}
        return {
            "application": it.id,
            "fund": it.fund,
            "fund_name": tx.execute(select(v.funds.c.name).where(v.funds.c.fund == it.fund)).scalar(),
            "child": it.child,
            "child_name": tx.execute(select(v.children.c.name).where(v.children.c.child == it.child)).scalar(),
            "amount": it.amount,
            "state": it.state,
            "submitted_by": names.get(it.submitted_by or ""),
            "approved_by": names.get(it.approved_by or ""),
        }

    return Telling(kind=Application, facts=facts, view=ApplicationPast(), acted={e.ApplicationPaid: "paid_on"})


class Queries:
    """What funding's query doors lead to."""

    def __init__(self, base: Foundation) -> None:
        self._base, self._gate, self._database, self._store = base, base.gate, base.database, base.store

    def funds(self, call: Asked) -> dict[str, Any]:
        """All funds with what is left in them, by name."""
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            rows = tx.execute(_funds().order_by(v.funds.c.name, v.funds.c.fund))
            return {"items": [FundView().shown(row, call.principal.sees) for row in rows], "next": None}

    def fund(self, call: Asked) -> dict[str, Any]:
        """One fund, with the sums of its accounts, which add up to nothing."""
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            row = tx.execute(_funds().where(v.funds.c.fund == call.data["fund"])).one_or_none()
            if row is None:
                raise NotFound("fund", id=call.data["fund"])
            sums = (
                select(v.ledger.c.account, func.sum(v.ledger.c.amount))
                .where(v.ledger.c.fund == row.fund)
                .group_by(v.ledger.c.account)
            )
            accounts = {account: int(amount) for account, amount in tx.execute(sums)}
            return {**FundView().shown(row, call.principal.sees), "accounts": accounts}

    def donations(self, call: Asked) -> dict[str, Any]:
        """A fund's donations, the latest first."""
        d = v.donations.c
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            query = select(v.donations).where(d.fund == call.data["fund"])
            query = query.order_by(d.donation.desc()).limit(call.data["limit"] + 1)
            if call.data["after"]:
                query = query.where(d.donation < position(call.data["after"], 1)[0])
            rows = tx.execute(query).all()
            return page(rows, call.data["limit"], lambda row: (row.donation,), lambda row: self._shown_gift(row, call))

    def applications(self, call: Asked) -> dict[str, Any]:
        """Applications within reach, the latest change first; of a state, a fund or a child where asked."""
        a, data = v.applications.c, call.data
        with self._database.read() as tx:
            reach = self._gate.listing(tx, call)
            wanted = [a[name] == data[name] for name in ("state", "fund", "child") if data[name] is not None]
            query = _applications().where(reach.children(a.child), *wanted)
            if data["after"]:
                query = query.where(_before(*position(data["after"], 2)))
            query = query.order_by(a.changed.desc(), a.application.desc()).limit(data["limit"] + 1)
            return page(
                tx.execute(query).all(),
                data["limit"],
                lambda row: (row.changed.isoformat(), row.application),
                lambda row: ApplicationView().shown(row, call.principal.sees),
            )

    def application(self, call: Asked) -> dict[str, Any]:
        """One application with its words, which are opened from its history and kept nowhere else."""
        wanted = call.data["application"]
        with self._database.read() as tx:
            row = tx.execute(_applications().where(v.applications.c.application == wanted)).one_or_none()
            if row is None:
                raise NotFound("application", id=wanted)
            self._gate.clear(tx, call, child=row.child)
            words: dict[str, str | None] = {}
            for one in self._store.stream(tx, stream_of("funding", "application", wanted), opened=True):
                if isinstance(one.event, e.ApplicationDrafted):
                    words["reason"] = one.event.reason
                elif isinstance(one.event, e.ApplicationReturned):
                    words["returned_note"] = one.event.note
            return ApplicationPage().shown({**row._mapping, **words}, call.principal.sees)

    def ledger(self, call: Asked) -> dict[str, Any]:
        """A fund's postings, the latest first."""
        g = v.ledger.c
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            query = select(v.ledger).where(g.fund == call.data["fund"])
            if call.data["after"]:
                event_id, line = position(call.data["after"], 2)
                query = query.where(or_(g.event_id < event_id, and_(g.event_id == event_id, g.line > int(line))))
            rows = tx.execute(query.order_by(g.event_id.desc(), g.line).limit(call.data["limit"] + 1)).all()
            return page(rows, call.data["limit"], lambda row: (row.event_id, str(row.line)), _posting)

    def fund_as_of(self, call: Asked) -> dict[str, Any]:
        """A fund as it stood: what it had received, and what of that was set aside, paid out and available."""
        wanted, seen = call.data["fund"], call.principal.sees
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            history = self._store.stream(tx, stream_of("funding", "fund", wanted))
            if not history:
                raise NotFound("fund", id=wanted)
            told = self._fund_telling(tx, seen)
            return as_of(tx, call, told, wanted, history, self._base.clock.now(), seen=seen)

    def application_as_of(self, call: Asked) -> dict[str, Any]:
        """An application as it stood."""
        wanted, seen = call.data["application"], call.principal.sees
        with self._database.read() as tx:
            history = self._store.stream(tx, stream_of("funding", "application", wanted))
            if not history or not isinstance(history[0].event, e.ApplicationDrafted):
                raise NotFound("application", id=wanted)
            self._gate.clear(tx, call, child=history[0].event.child)
            told = _application_telling(tx, seen)
            return as_of(tx, call, told, wanted, history, self._base.clock.now(), seen=seen)

    @property
    def past(self) -> Tellings:
        """What funding can tell of the past."""
        return {"fund": self._fund_telling, "application": _application_telling}

    def _fund_telling(self, tx: Connection, _seen: frozenset[FieldClass]) -> Telling[Fund]:
        def facts(fund: Fund) -> dict[str, Any]:
            row = tx.execute(select(v.funds.c.name, v.funds.c.purpose).where(v.funds.c.fund == fund.id)).one()
            return {"fund": fund.id, **row._mapping, "received": fund.received, "donations": len(fund.donations)}

        def grants(fund: Fund, known_at: datetime, true_at: date | None) -> dict[str, Any]:
            set_aside, paid = self._grants(tx, fund.id, known_at, true_at)
            return {"set_aside": set_aside, "paid": paid, "available": fund.received - set_aside - paid}

        return Telling(kind=Fund, facts=facts, view=FundPast(), acted={e.DonationReceived: "received_on"}, more=grants)

    def _grants(self, tx: Connection, fund: str, known_at: datetime, true_at: date | None) -> tuple[int, int]:
        """What was set aside and paid out of a fund, by replaying the applications to it, a lot at a time."""
        telling, a, last = _application_telling(tx, frozenset()), v.applications.c, ""
        sums = {State.APPROVED: 0, State.PAID: 0}
        while True:
            query = select(a.application).where(a.fund == fund, a.application > last)
            lot = tx.execute(query.order_by(a.application).limit(_LOT)).scalars().all()
            if not lot:
                return sums[State.APPROVED], sums[State.PAID]
            streams = [stream_of("funding", "application", one) for one in lot]
            for stream, history in self._store.streams(tx, streams).items():
                if history[0].time > known_at or (true_at and telling.day(history[0]) > true_at):
                    continue
                told = [one.event for one in up_to(history, telling, known_at, true_at)]
                it = Application.replayed(id_in(stream), told)
                if it.state in sums and it.fund == fund:
                    sums[it.state] += it.amount
            last = lot[-1]

    def timeline(self, call: Asked) -> dict[str, Any]:
        """What happened with grants to a child, the latest first."""
        with self._database.read() as tx:
            self._gate.clear(tx, call, child=call.data["child"])
            return timeline(tx, self._store, call)

    @staticmethod
    def _shown_gift(row: Row[Any], call: Asked) -> dict[str, Any]:
        return DonationView().shown(row, call.principal.sees)


def _funds() -> Select[Any]:
    c = v.claims.c
    query = select(v.funds, c.received, c.available, c.set_aside, c.paid)
    return query.join(v.claims, c.fund == v.funds.c.fund)


def _applications() -> Select[Any]:
    a = v.applications.c
    return (
        select(
            v.applications,
            v.funds.c.name.label("fund_name"),
            v.children.c.name.label("child_name"),
            vault_persons.c.standing.label("child_standing"),
        )
        .join(v.funds, v.funds.c.fund == a.fund)
        .outerjoin(v.children, v.children.c.child == a.child)
        .outerjoin(vault_persons, vault_persons.c.person == a.child)
    )


def _before(changed: str, application: str) -> ColumnElement[bool]:
    a, instant = v.applications.c, datetime.fromisoformat(changed)
    return or_(a.changed < instant, and_(a.changed == instant, a.application < application))


def _posting(row: Row[Any]) -> dict[str, Any]:
    return {
        "event": row.event_id,
        "line": row.line,
        "account": row.account,
        "amount": row.amount,
        "type": row.type,
        "subject": row.subject,
        "time": row.time.isoformat(),
    }
