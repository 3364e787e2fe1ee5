"""The ground of every service class: the doors that all services have alike, and what a service is declared with.

A service is a class with a name, its rooms, what it hears, and its doors:

    class FundingService(Service):
        name = "funding"
        rooms = Wired(build)
        hears = follows("registry")

        @rpc
        @command(schemas.OpenFund, Permission.FUND_OPEN)
        def open_fund(self, call): ...

Its module opens no connection when it is imported; a host does.
"""

from __future__ import annotations

from typing import Any, ClassVar

from shared.access.doors import command, query
from shared.access.permissions import Permission
from shared.access.principals import Call, Principal
from shared.access.schemas import Paged
from shared.eventstore.work import Decision
from shared.hosting import (
    accepting,
    contradictions,
    entries,
    exchange,
    inspection,
    live_check,
    news,
    past,
    proofs,
    upkeep,
    witnessing,
)
from shared.hosting.backup import verified
from shared.hosting.doors import known_caller, open_to_all
from shared.hosting.entrypoints import Running, Wired, follows, rpc
from shared.hosting.key_doors import KeyDoors
from shared.hosting.questions import (
    Accepted,
    BackupSeen,
    Checkpoints,
    Decided,
    Dropped,
    Entries,
    KeptNotes,
    News,
    Nothing,
    Offered,
    OneBundle,
    OneCommand,
    OneEvent,
    OneLog,
    OneTile,
    Pairs,
    Range,
    Rebuilt,
    SomeParked,
    StateAsOf,
    Verified,
)

__all__ = ["Service", "Wired", "follows", "rpc"]

Asked = Call[dict[str, Any]]


class Service(KeyDoors):
    """A service. Its host gives each instance `rooms` and `engine`."""

    name: ClassVar[str]
    tells: ClassVar[news.Tells] = {}
    rooms: Any
    engine: Any = Running()

    @rpc
    @query(Range, Permission.LOG_EXCHANGE)
    def read_log(self, call: Asked) -> dict[str, Any] | None:
        """A range of the log as the relay would have sent it to this reader: what a follower asks that missed one."""
        return exchange.read_log(self.rooms, call)

    @rpc
    @query(Pairs, Permission.LOG_EXCHANGE)
    def fetch_keys(self, call: Asked) -> dict[str, Any]:
        """Wrapped keys of people, for the purposes that the asking service is entitled to."""
        return exchange.fetch_keys(self.rooms, call)

    @rpc
    @open_to_all(Nothing)  # a checkpoint proves only where everybody can compare it
    def checkpoint(self, _data: dict[str, Any]) -> dict[str, Any]:
        """The latest signed checkpoint of the log: `{"note"}`, None before the first."""
        return inspection.checkpoint(self.rooms)

    @rpc
    @open_to_all(OneTile)  # hashes alone: with them everybody can hold a checkpoint against another
    def log_tile(self, data: dict[str, Any]) -> dict[str, Any]:
        """A tile of the log's tree, in base64, as far as it is signed."""
        return proofs.tile(self.rooms, data)

    @rpc
    @query(OneBundle, Permission.ENTRY_VIEW)
    def log_bundle(self, call: Asked) -> dict[str, Any]:
        """The entries below a tile of leaves, in base64, as far as they are signed; personal parts closed."""
        return proofs.bundle(self.rooms, call)

    @rpc
    @query(Checkpoints, Permission.ENTRY_VIEW)
    def log_checkpoints(self, call: Asked) -> dict[str, Any]:
        """All that was ever signed of the log, by size, with every signature."""
        return proofs.checkpoints(self.rooms, call)

    @rpc
    @query(OneEvent, Permission.ENTRY_VIEW)
    def log_receipt(self, call: Asked) -> dict[str, Any]:
        """The receipt of an event: a text that proves by itself where it stands in the signed log."""
        return proofs.receipt(self.rooms, call)

    @rpc
    @query(Nothing, Permission.ENTRY_VIEW)
    def log_schemas(self, call: Asked) -> dict[str, Any]:
        """The shape of each type of event in the log."""
        return proofs.schemas(self.rooms, call)

    @rpc
    @query(Offered, Permission.CHECKPOINT_WITNESS)
    def witness(self, call: Asked) -> dict[str, Any]:
        """This service's cosignature under the asking service's checkpoint, if its log only grew."""
        return witnessing.witness(self.rooms, call)

    @rpc
    @query(OneLog, Permission.ENTRY_VIEW)
    def witnessed(self, call: Asked) -> dict[str, Any]:
        """The checkpoints of another log that this service has cosigned, the earliest first."""
        return witnessing.witnessed(self.rooms, call)

    @rpc
    @query(Nothing, Permission.ENTRY_VIEW)
    def log_standing(self, call: Asked) -> dict[str, Any]:
        """The log's last checkpoint, who has cosigned it, and every contradiction that was met."""
        return witnessing.standing(self.rooms, call)

    @rpc
    @query(Entries, Permission.ENTRY_VIEW)
    def log_entries(self, call: Asked) -> dict[str, Any]:
        """Entries as they were written, personal parts closed, oldest first."""
        return entries.entries(self.rooms, call)

    @rpc
    @query(News, Permission.NEWS_FOLLOW)
    def log_news(self, call: Asked) -> dict[str, Any]:
        """That something happened to which thing, within reach, without what was said."""
        return news.news(self.rooms, self.tells, call)

    @rpc
    @query(StateAsOf, Permission.ENTRY_VIEW)
    def log_as_of(self, call: Asked) -> dict[str, Any]:
        """A thing as it stood at a past moment, personal parts closed."""
        return past.state(self.rooms, call)

    @rpc
    @query(Verified, Permission.ENTRY_VIEW)
    def log_verify(self, call: Asked) -> dict[str, Any]:
        """Every proof of the log checked anew; the answer is a report."""
        return live_check.verify(self.rooms, call)

    @rpc
    @query(KeptNotes, Permission.ENTRY_VIEW)
    def log_compare(self, call: Asked) -> dict[str, Any]:
        """Notes of this log that somebody keeps, held against its tree."""
        return live_check.compare(self.rooms, call)

    @rpc
    @query(Nothing, Permission.UPKEEP_VIEW)
    def upkeep(self, call: Asked) -> dict[str, Any]:
        """Whom this service follows and how far, in which epoch its log is, and its last verified backup."""
        return upkeep.upkeep(self.rooms, self.engine, call)

    @rpc
    @command(BackupSeen, Permission.ENGINE_OPERATE)
    def backup_verified(self, call: Asked) -> Decision:
        """Record that a backup of this service was read whole and holds this log."""
        return verified.record(self.rooms, call)

    @rpc
    @query(Nothing, Permission.ENGINE_OPERATE)
    def engine_status(self, call: Asked) -> dict[str, Any]:
        """How far the log, its followers and its timers have come."""
        return inspection.status(self.rooms, self.engine, call)

    @rpc
    @query(Paged, Permission.PARKED_VIEW)
    def parked(self, call: Asked) -> dict[str, Any]:
        """Events of neighbours that could not be applied, and those that wait behind them."""
        return inspection.parked(self.rooms, call)

    @rpc
    @query(SomeParked, Permission.PARKED_SETTLE)
    def parked_retry(self, call: Asked) -> dict[str, Any]:
        """Try what is parked again, in the order of the log."""
        return inspection.retry(self.rooms, self.engine, call)

    @rpc
    @command(Dropped, Permission.PARKED_SETTLE)
    def parked_drop(self, call: Asked) -> Decision:
        """Let a parked event go without applying it, for a reason that is recorded."""
        return inspection.drop(self.rooms, call)

    @rpc
    @query(Nothing, Permission.CONTRADICTION_DECIDE)
    def contradictions(self, call: Asked) -> dict[str, Any]:
        """The contradictions between logs and witnesses that this service keeps, and what was decided about each."""
        return contradictions.listed(self.rooms, self.engine, call)

    @rpc
    @command(Decided, Permission.CONTRADICTION_DECIDE)
    def contradiction_decide(self, call: Asked) -> Decision:
        """Say what was behind a contradiction that does not stand any more; both notes stay as evidence."""
        return contradictions.decide(self.rooms, self.engine, call)

    @rpc
    @query(Accepted, Permission.ENGINE_OPERATE)
    def follow_accept(self, call: Asked) -> dict[str, Any]:
        """Go on with a source whose log is not what it was, and record who decided so. Runs as `rebuild_views` does."""
        return accepting.accept(self.rooms, self.engine, call)

    @rpc
    @query(Rebuilt, Permission.ENGINE_OPERATE)
    def rebuild_views(self, call: Asked) -> dict[str, Any]:
        """Begin to build all views anew beside the live ones and to compare them; with `switch`, to put them there."""
        return inspection.rebuild(self.rooms, self.engine, call)

    @rpc
    @query(Nothing, Permission.ENGINE_OPERATE)
    def last_rebuild(self, call: Asked) -> dict[str, Any]:
        """How far the latest rebuild has come, or what it found: `{"rebuild"}`, None before the first."""
        return inspection.last_rebuild(self.rooms, call)

    @rpc
    @known_caller(OneCommand)  # asks about the caller's own command, whatever permission that one needed
    def command_outcome(self, data: dict[str, Any], caller: Principal) -> dict[str, Any] | None:
        """What became of a command whose answer did not arrive: its decision, or None where it was not accepted."""
        return inspection.outcome(self.rooms, caller, data["command_id"])
