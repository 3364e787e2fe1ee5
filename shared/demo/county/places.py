"""Townships, villages and schools under a county code that no county has."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from shared.demo.county.figures import Stage

COUNTY = "439901"
"""The county's code: under the prefecture 99, which no province has; identity numbers begin with it too."""
COUNTY_NAME = "演示县"
_FIRST = "桥溪东西南北河坪石云松竹青白大小上下新古"
_SECOND = "口山湾塘岭坡田桥林泉"
_CHILDREN_A_TOWNSHIP = 150
_CHILDREN_A_VILLAGE = 16
_MOST_TOWNSHIPS = 60
_MOST_VILLAGES = 90


@dataclass(frozen=True, slots=True)
class Township:
    """A township: code of twelve digits, name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Village:
    """A village: code of twelve digits, name (unique within its township), the township's code."""

    code: str
    name: str
    township: str


@dataclass(frozen=True, slots=True)
class School:
    """A school: its name is unique in the county; the township's code; which grades it has."""

    name: str
    township: str
    stage: Stage
    grades: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Everything that has a place in the county. `schools` has one of each stage for each township, in its order."""

    townships: tuple[Township, ...]
    villages: tuple[Village, ...]
    schools: tuple[School, ...]


def make_places(children: int, random: Random) -> Places:
    """As many townships and villages as so many children need: two townships at least."""
    names = [first + second for first in _FIRST for second in _SECOND]
    random.shuffle(names)
    count = max(2, min(_MOST_TOWNSHIPS, children // _CHILDREN_A_TOWNSHIP))
    each = max(3, min(_MOST_VILLAGES, children // count // _CHILDREN_A_VILLAGE))
    townships = tuple(Township(f"{COUNTY}{100 + number}000", f"{names[number]}镇") for number in range(count))
    villages = []
    for township in townships:
        taken = random.sample(names, each)
        villages += [
            Village(f"{township.code[:9]}{201 + number}", f"{name}村", township.code)
            for number, name in enumerate(taken)
        ]
    schools = []
    for township in townships:
        place = township.name.removesuffix("镇")
        schools.append(School(f"{place}镇中心小学", township.code, "primary", tuple(range(1, 7))))
        schools.append(School(f"{place}镇初级中学", township.code, "secondary", (7, 8, 9)))
    return Places(townships, tuple(villages), tuple(schools))
