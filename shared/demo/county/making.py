"""Making the county's left-behind children, each with a family, a guardian, a school and a village."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Literal

from shared.demo.county.figures import Arrangement, Stage, shares
from shared.demo.county.people import HEALTH, OCCUPATIONS, People
from shared.demo.county.places import COUNTY, COUNTY_NAME, Places, School, Township, Village, make_places
from shared.localisation.identity import Sex, make_identity

DAY = date(2026, 9, 10)
"""The day on which the county's roster was filled in: ages and grades are those of that autumn."""
_BOTH_AWAY = 0.6
_WITHOUT_NUMBER = 0.01
_CLASS_SIZE = 40
_AT_HOME = ("残疾", "重病", "去世", "离异", "失联", "服刑")
_RELATIONS: dict[Arrangement, tuple[str, ...]] = {
    "boarding": ("祖母", "祖父", "外祖母", "外祖父"),
    "grandparents": ("祖母", "祖父", "外祖母", "外祖父"),
    "relatives": ("伯父", "姑母", "舅舅", "姨母"),
    "carer": ("代管家长",),
    "alone": (),
}


@dataclass(frozen=True, slots=True)
class Adult:
    """A parent or guardian. `status` says in the words of a roster why a parent at home does not look after a child."""

    name: str
    phone: str = ""
    work: str = ""
    away: bool = False
    status: str = ""
    relation: str = ""
    occupation: str = ""
    age: int | None = None
    health: str = ""


@dataclass(frozen=True, slots=True)
class Child:
    """A left-behind child of the county. `identity_number` is None for one without household registration."""

    name: str
    sex: Sex
    ethnicity: str
    born: date
    identity_number: str | None
    school: School
    grade: int
    class_number: int
    township: Township
    village: Village
    address: str
    father: Adult
    mother: Adult
    guardian: Adult | None
    arrangement: Arrangement

    @property
    def away_party(self) -> Literal["both", "father", "mother"]:
        """Which parents are away for work."""
        if self.father.away and self.mother.away:
            return "both"
        return "father" if self.father.away else "mother"


@dataclass(frozen=True, slots=True)
class County:
    """The county as of `day`. `code` has six digits; `children` stand by school, grade and class."""

    code: str
    name: str
    day: date
    townships: tuple[Township, ...]
    villages: tuple[Village, ...]
    schools: tuple[School, ...]
    children: tuple[Child, ...]


def make_county(children: int, seed: int, *, day: date = DAY) -> County:
    """A county of so many left-behind children, in the proportions of summary 12.

    `day` is the day that the roster states; children are of school age and under sixteen on it. Raises ValueError
    for fewer than one child.
    """
    random = Random(seed)  # noqa: S311 - invented people must be the same again for the same seed
    wanted = shares(children)
    places = make_places(children, random)
    maker = _Maker(random, places, day)
    made = [maker.child(stage, arrangement) for (stage, arrangement), count in wanted.items() for _ in range(count)]
    return County(COUNTY, COUNTY_NAME, day, places.townships, places.villages, places.schools, _in_classes(made))


class _Maker:
    def __init__(self, random: Random, places: Places, day: date) -> None:
        self._random = random
        self._people = People(random)
        self._serials: Counter[tuple[date, Sex]] = Counter()
        self._day = day
        self._townships = {township.code: township for township in places.townships}
        self._villages = places.villages
        self._schools = {(school.township, school.stage): school for school in places.schools}

    def child(self, stage: Stage, arrangement: Arrangement) -> Child:
        random, people = self._random, self._people
        village = random.choice(self._villages)
        township = self._townships[village.township]
        school = self._schools[township.code, stage]
        grade = random.choice(school.grades)
        sex: Sex = random.choice(("male", "female"))
        born = self._born(grade)
        ethnicity = people.ethnicity()
        surname = people.surname()
        father, mother = self._parents(surname)
        return Child(
            name=people.name_of(ethnicity, surname),
            sex=sex,
            ethnicity=ethnicity,
            born=born,
            identity_number=None if random.random() < _WITHOUT_NUMBER else self._identity(born, sex),
            school=school,
            grade=grade,
            class_number=0,
            township=township,
            village=village,
            address=f"{township.name}{village.name}{random.randint(1, 12)}组",
            father=father,
            mother=mother,
            guardian=self._guardian(arrangement),
            arrangement=arrangement,
        )

    def _born(self, grade: int) -> date:
        """A birth date of those who are in a grade this school year: six by the end of August in the first."""
        autumn = self._day.year if self._day.month >= 9 else self._day.year - 1
        last = date(autumn - 5 - grade, 8, 31)
        return last - timedelta(days=self._random.randrange(365))

    def _identity(self, born: date, sex: Sex) -> str:
        """A number of the county's own code; when a day is full, of the next code that cannot exist."""
        serial = self._serials[born, sex]
        self._serials[born, sex] += 1
        area, serial = divmod(serial, 500)
        return make_identity(f"{COUNTY[:4]}{int(COUNTY[4:]) + area:02}", born, serial, sex)

    def _parents(self, surname: str) -> tuple[Adult, Adult]:
        random, people = self._random, self._people
        both = random.random() < _BOTH_AWAY
        away = (True, True) if both else random.choice(((True, False), (False, True)))
        names = people.adult_name(surname), people.adult_name()
        father, mother = (
            Adult(name, people.phone(), people.work(), away=True)
            if is_away
            else Adult(name, people.phone(), status=random.choice(_AT_HOME))
            for name, is_away in zip(names, away, strict=True)
        )
        return father, mother

    def _guardian(self, arrangement: Arrangement) -> Adult | None:
        """Who looks after the child; nobody when it lives alone. Grandparents are old, others may not be."""
        if not _RELATIONS[arrangement]:
            return None
        random = self._random
        least, most = (58, 82) if arrangement in {"grandparents", "boarding"} else (28, 60)
        return Adult(
            self._people.adult_name(),
            self._people.phone(),
            relation=random.choice(_RELATIONS[arrangement]),
            occupation=random.choice(OCCUPATIONS),
            age=random.randint(least, most),
            health=random.choice(HEALTH),
        )


def _in_classes(children: list[Child]) -> tuple[Child, ...]:
    """The children by school, grade and class, the classes of a grade as even as can be."""
    grades: dict[tuple[str, str, int], list[Child]] = {}
    for child in children:
        grades.setdefault((child.school.township, child.school.stage, child.grade), []).append(child)
    ordered: list[Child] = []
    for key in sorted(grades):
        members = grades[key]
        count = -(-len(members) // _CLASS_SIZE)
        placed = [replace(child, class_number=number % count + 1) for number, child in enumerate(members)]
        ordered += sorted(placed, key=lambda child: child.class_number)
    return tuple(ordered)
