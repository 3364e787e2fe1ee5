"""Who answers for a child: exactly one person at every moment, and on what ground.

未成年人保护法 art. 43: the village names one person. Somebody is named in the decision that registers the child, and
from then on only ever replaced, never taken away: there is no event that leaves a child without an owner.
"""

from __future__ import annotations

from services.registry.domain.authority_codes import AssignmentBasis
from services.registry.domain.events import ResponsibleGrounded, ResponsibleNamed
from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Person, Ref


class Answered(Aggregate):
    """A child as far as the one who answers for it goes."""

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.responsible: str | None = None
        self.basis = AssignmentBasis.RULE

    def name_responsible(
        self, staff: str, *, basis: AssignmentBasis = AssignmentBasis.HAND, source: str | None = None
    ) -> None:
        """The one who answers for the child from now on; the one before answers until this moment.

        `source` is the hand-over or the transfer by which it came. The ground is recorded where it is not what the
        name alone says: the rule for the first who is named, by hand for whoever is named later.
        """
        said = AssignmentBasis.RULE if self.responsible is None else AssignmentBasis.HAND
        if staff != self.responsible:
            self.record(ResponsibleNamed(child=Person(self.id), staff=Person(staff)))
        elif basis is self.basis:
            return
        else:
            said = self.basis
        if basis is not said or source is not None:
            self.record(
                ResponsibleGrounded(
                    child=Person(self.id), staff=Person(staff), basis=basis, source=Ref(source) if source else None
                )
            )

    def _apply_responsible_named(self, it: ResponsibleNamed) -> None:
        self.basis = AssignmentBasis.RULE if self.responsible is None else AssignmentBasis.HAND
        self.responsible = it.staff

    def _apply_responsible_grounded(self, it: ResponsibleGrounded) -> None:
        self.basis = it.basis
