"""A tiny service for the store's tests: lanterns that are lit for someone and put out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import CheckConstraint, Column, Integer, MetaData, Table

from shared.access.views import access
from shared.config.settings import Settings
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.eventstore.work import Desk
from shared.hosting.foundation import Rooms, lay
from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Event, Person, Ref, event, personal
from shared.kernel.refusals import Refusal
from shared.storage.columns import Id


@event("casework.lantern_lit", version=2)
@dataclass(frozen=True, kw_only=True)
class LanternLit(Event):
    lantern: Ref
    child: Person
    brightness: int
    words: str | None = personal("notes", of="child")


@event("casework.lantern_put_out", version=1)
@dataclass(frozen=True, kw_only=True)
class LanternPutOut(Event):
    lantern: Ref


EVENTS = (LanternLit, LanternPutOut)
UPCASTERS = {("casework.lantern_lit", 1): lambda fields: {**fields, "brightness": fields.get("brightness", 1)}}


class Lantern(Aggregate):
    service = "casework"
    kind = "lantern"
    fold = 1

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.lit = 0

    def light(self, child: str, *, words: str | None = None, brightness: int = 1) -> None:
        if self.lit >= 1000:
            raise Refusal("casework.lantern_burnt_out")
        self.record(LanternLit(lantern=Ref(self.id), child=Person(child), brightness=brightness, words=words))

    def put_out(self) -> None:
        if self.lit:
            self.record(LanternPutOut(lantern=Ref(self.id)))

    def kept(self) -> dict[str, Any]:
        return {"lit": self.lit}

    def restore(self, state: dict[str, Any]) -> None:
        self.lit = state["lit"]

    def _apply_lantern_lit(self, _: LanternLit) -> None:
        self.lit += 1

    def _apply_lantern_put_out(self, _: LanternPutOut) -> None:
        self.lit = 0


metadata = MetaData()
lanterns = Table(
    "casework_lanterns",
    metadata,
    Column("lantern", Id, primary_key=True),
    Column("lit", Integer, CheckConstraint("lit < 100", name="casework_lanterns_few"), nullable=False),
)
views = Projector("casework.lanterns", metadata)


@views.when(LanternLit)
def _lit(rows: Rows, one: LanternLit, recorded: Any) -> None:
    if recorded.stream_version == 1:
        rows.add(lanterns, lantern=one.lantern, lit=0)
    rows.count(lanterns, one.lantern, lit=one.brightness)


@dataclass
class Handlers:
    desk: Desk


def build(settings: Settings, **overrides: Any) -> Rooms[Handlers, None]:
    base = lay("casework", settings, events=EVENTS, own=(views,), upcasters=UPCASTERS, **overrides)
    return Rooms(base=base, handlers=Handlers(base.desk), queries=None, heard=(access,))
