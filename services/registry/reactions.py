"""Registry's reactions: what the services answer to a request for erasure, and that they have carried it out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.registry.domain import commands as c
from services.registry.domain.codes import Carrier
from services.registry.handlers import Handlers
from shared.access.permissions import Permission
from shared.access.principals import by_system
from shared.contracts import alerts, casework, funding
from shared.eventstore.projecting import Reactor
from shared.kernel.messages import Event, Recorded

_MAY = Permission.ERASURE_PERFORM
_WEIGHED = (alerts.ErasureWeighed, casework.ErasureWeighed, funding.ErasureWeighed)
_DONE: tuple[type[Event], ...] = (
    *(alerts.PersonErased, casework.PersonErased, funding.PersonErased),
    *(alerts.PersonRestricted, casework.PersonRestricted, funding.PersonRestricted),
)
_LIFTED: tuple[type[Event], ...] = (alerts.RestrictionLifted, casework.RestrictionLifted, funding.RestrictionLifted)


def build(handlers: Handlers) -> Reactor:
    """The reactions of registry."""
    reactor = Reactor("registry.reactions")

    @reactor.when(*_WEIGHED)
    def _weighed(tx: Connection, event: Any, recorded: Recorded) -> None:
        answer = c.NoteAnswer(
            erasure=event.erasure,
            request=event.request,
            service=_who(event),
            reasons=event.reasons,
            until=event.until,
        )
        handlers.note_answer(by_system("registry", answer, _MAY, name="answer", cause=recorded, within=tx))

    @reactor.when(*_DONE)
    def _done(tx: Connection, event: Any, recorded: Recorded) -> None:
        erased = event.type.endswith(".person_erased")
        done = c.NoteCarriedOut(erasure=event.erasure, request=event.request, service=_who(event), erased=erased)
        handlers.note_carried_out(by_system("registry", done, _MAY, name="carried", cause=recorded, within=tx))

    @reactor.when(*_LIFTED)
    def _lifted(tx: Connection, event: Any, recorded: Recorded) -> None:
        lifted = c.NoteLifted(erasure=event.erasure, request=event.request, service=_who(event))
        handlers.note_lifted(by_system("registry", lifted, _MAY, name="lifted", cause=recorded, within=tx))

    return reactor


def _who(event: Event) -> Carrier:
    return Carrier(event.type.partition(".")[0])
