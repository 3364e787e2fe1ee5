"""A transfer: a child that moves to another township, signed by both sides (summaries 7, 14).

Until the receiving side signs, whoever answered for the child goes on answering for it; there is no moment between.
"""

from __future__ import annotations

from services.registry.domain.authority_codes import TransferEnd, TransferState
from services.registry.domain.events import TransferDone, TransferEnded, TransferSigned
from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Person, Ref
from shared.kernel.refusals import Refusal


def transfers_id(child: str) -> str:
    """The id under which all transfers of a child stand: one history a child, one transfer at a time."""
    return derived_id(child, "registry.transfer")


class Transfer(Aggregate):
    """The transfers of one child, the latest of which counts."""

    service, kind = "registry", "transfer"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.request = 0
        self.state = TransferState.WITHDRAWN
        self.child, self.origin, self.village, self.by = "", "", "", ""
        self.school: str | None = None
        self.klass: str | None = None

    def sign(
        self,
        *,
        child: str,
        origin: str,
        village: str,
        same_township: bool,
        by: str,
        school: str | None = None,
        klass: str | None = None,
    ) -> None:
        """Sign it for the sending side, `by`. The same again changes nothing.

        Refuses `registry.transfer_within_township` (a move is enough there) and `registry.transfer_signed_already`.
        """
        if self.state is TransferState.SIGNED:
            if (self.village, self.school, self.klass, self.by) == (village, school, klass, by):
                return
            raise Refusal("registry.transfer_signed_already", transfer=self.id)
        if same_township:
            raise Refusal("registry.transfer_within_township")
        self.record(
            TransferSigned(
                transfer=Ref(self.id),
                request=self.request + 1,
                child=Person(child),
                origin=Ref(origin),
                village=Ref(village),
                school=Ref(school) if school else None,
                klass=Ref(klass) if klass else None,
                by=Ref(by),
            )
        )

    def accept(self, *, staff: str, by: str) -> bool:
        """Sign it for the receiving side: `staff` answers for the child now. Whether it was transferred by this.

        Refuses `registry.transfer_not_waiting` {state} and `registry.transfer_to_oneself` for who signed it away.
        """
        if self.state is TransferState.DONE:
            return False
        self._must_wait()
        if by == self.by:
            raise Refusal("registry.transfer_to_oneself")
        self.record(
            TransferDone(
                transfer=Ref(self.id),
                request=self.request,
                child=Person(self.child),
                origin=Ref(self.origin),
                village=Ref(self.village),
                staff=Person(staff),
                by=Ref(by),
            )
        )
        return True

    def refuse(self) -> None:
        """The receiving side refuses it. Refuses `registry.transfer_not_waiting` {state}."""
        if self.state is not TransferState.REFUSED:
            self._end(TransferEnd.REFUSED)

    def withdraw(self) -> None:
        """The sending side takes it back. Refuses `registry.transfer_not_waiting` {state}."""
        if self.state is not TransferState.WITHDRAWN or not self.exists:
            self._end(TransferEnd.WITHDRAWN)

    def _end(self, end: TransferEnd) -> None:
        self._must_wait()
        self.record(TransferEnded(transfer=Ref(self.id), request=self.request, child=Person(self.child), end=end))

    def _must_wait(self) -> None:
        if self.state is not TransferState.SIGNED:
            raise Refusal("registry.transfer_not_waiting", state=self.state.value)

    def _apply_transfer_signed(self, it: TransferSigned) -> None:
        self.request, self.state, self.child, self.by = it.request, TransferState.SIGNED, it.child, it.by
        self.origin, self.village, self.school, self.klass = it.origin, it.village, it.school, it.klass

    def _apply_transfer_done(self, _: TransferDone) -> None:
        self.state = TransferState.DONE

    def _apply_transfer_ended(self, it: TransferEnded) -> None:
        self.state = TransferState(it.end.value)
