"""Schools and classes with what the last roster counted."""

from __future__ import annotations

import re

from services.registry.domain.events import ClassCounted, ClassFormed, SchoolOpened
from services.registry.views import tables as t
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.kernel.messages import Recorded
from shared.localisation.names import comparison_key

places = Projector("registry.places", t.metadata)
_SIGNS = re.compile(r"[()\[\]（）〔〕]")


def class_words(text: str) -> str:
    """What a class is called, in the form in which it is searched: 一年级（4）班 and 一年级4班 are one."""
    return _SIGNS.sub("", comparison_key(text))


@places.when(SchoolOpened)
def _opened(rows: Rows, event: SchoolOpened, _: Recorded) -> None:
    rows.add(
        t.schools,
        school=event.school,
        name=event.name,
        name_key=comparison_key(event.name),
        division=event.division,
        stages=[str(one) for one in event.stages],
    )


@places.when(ClassFormed)
def _formed(rows: Rows, event: ClassFormed, _: Recorded) -> None:
    rows.add(
        t.classes,
        klass=event.klass,
        school=event.school,
        name=event.name,
        name_key=class_words(event.name),
        grade=event.grade,
    )


@places.when(ClassCounted)
def _counted(rows: Rows, event: ClassCounted, _: Recorded) -> None:
    numbers = {"pupils": event.pupils, "left_behind": event.left_behind, "counted_on": event.on}
    rows.change(t.classes, event.klass, **numbers)
