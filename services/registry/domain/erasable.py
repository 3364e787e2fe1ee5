"""What a child's history says of erasing it or people on its card, and what may then still be written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.registry.domain.codes import AgainstErasure
from services.registry.domain.events import PersonErased, PersonRestricted, RestrictionLifted
from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Person, Ref
from shared.kernel.refusals import NotFound, Refusal


class Erasable(Aggregate):
    """A child as far as erasing goes. `card_ever` are all who ever stood on its card."""

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.present = False
        self.card_ever: set[str] = set()
        self.erased: set[str] = set()
        self.closed_by: dict[str, set[str]] = {}

    @property
    def restricted(self) -> set[str]:
        """Who is restricted, by whichever request."""
        return {person for person, requests in self.closed_by.items() if requests}

    @property
    def closed(self) -> tuple[str, ...]:
        """Who is restricted now: the child, or people who ever stood on its card."""
        return tuple(sorted(self.restricted - self.erased))

    def people_with(self, person: str) -> tuple[str, ...]:
        """Whose fields go with a person: with the child all who ever stood on its card, kept for its sake alone.

        Raises NotFound for one who never did.
        """
        if person == self.id:
            return (person, *sorted(self.card_ever))
        if person not in self.card_ever:
            raise NotFound("person", id=person)
        return (person,)

    def erase(self, erasure: str, request: int, people: Sequence[str]) -> None:
        """These people are erased. An erased child is no longer under watch."""
        named = tuple(map(Person, people))
        said = {"erasure": Ref(erasure), "request": request, "child": Person(self.id), "people": named}
        self.record(PersonErased(**said))  # type: ignore[arg-type]

    def restrict(
        self,
        erasure: str,
        request: int,
        people: Sequence[str],
        *,
        reasons: tuple[AgainstErasure, ...],
        until: date | None,
    ) -> None:
        """What is kept of these people is closed."""
        named = tuple(map(Person, people))
        said = {"erasure": Ref(erasure), "request": request, "child": Person(self.id), "people": named}
        self.record(PersonRestricted(**said, reasons=reasons, until=until))  # type: ignore[arg-type]

    def lift(self, erasure: str, request: int) -> tuple[str, ...]:
        """What this request has closed is used again, but for those whom another request keeps closed: those people."""
        freed = tuple(
            Person(one)
            for one, requests in sorted(self.closed_by.items())
            if requests == {erasure} and one not in self.erased
        )
        said = {"erasure": Ref(erasure), "request": request, "child": Person(self.id), "people": freed}
        self.record(RestrictionLifted(**said))  # type: ignore[arg-type]
        return freed

    def open_to_change(self, contact: str | None = None, *, card: bool = False) -> None:
        """Refuse to write about who is erased (`person_erased`) or restricted (`registry.person_restricted`) {person}.

        With `card` the contact card is to change: nobody on it may be restricted, because whoever moves to another
        place is recorded anew, and what is closed cannot be.
        """
        for person in (self.id, contact):
            if person in self.erased:
                raise Refusal("person_erased", person=person)
        closed = self.restricted if card else self.restricted & {self.id}
        if left := sorted(closed - self.erased):
            raise Refusal("registry.person_restricted", person=left[0])

    def _apply_person_erased(self, it: PersonErased) -> None:
        self.erased.update(it.people)
        if self.id in it.people:
            self.present = False

    def _apply_person_restricted(self, it: PersonRestricted) -> None:
        for one in it.people:
            self.closed_by.setdefault(one, set()).add(it.erasure)

    def _apply_restriction_lifted(self, it: RestrictionLifted) -> None:
        for requests in self.closed_by.values():
            requests.discard(it.erasure)
