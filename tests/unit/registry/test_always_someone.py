"""At every moment exactly one person answers for a child, whatever is asked and whatever is refused."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.registry.domain import commands as c
from services.registry.domain.child import Child
from services.registry.domain.codes import Arrangement, IdentityMissing, LeaveReason, Relation, Risk, Sex
from services.registry.domain.events import ResponsibleNamed
from services.registry.domain.risks import risks_of
from shared.kernel.messages import Event
from shared.kernel.refusals import Refusal
from shared.testing.aggregates import AN_ID

DAY = date(2026, 9, 1)
STAFF = [f"01890000-0000-7000-8000-0000000f000{number}" for number in range(3)]
PLACES = [f"01890000-0000-7000-8000-0000000d000{number}" for number in range(3)]
CONTACTS = [f"01890000-0000-7000-8000-0000000a000{number}" for number in range(3)]
days = st.dates(DAY - timedelta(days=365 * 19), DAY + timedelta(days=5))
details = st.builds(
    c.ContactDetails,
    relation=st.sampled_from(Relation),
    name=st.sampled_from(["杜秀", "唐海"]),
    age=st.integers(20, 90),
)
registration = st.builds(
    c.RegisterChild,
    name=st.sampled_from(["唐曦", "孟㛃"]),
    sex=st.sampled_from(Sex),
    born=days,
    village=st.sampled_from(PLACES),
    contacts=st.lists(details, max_size=3).map(tuple),
    arrangement=st.none() | st.sampled_from(Arrangement),
    carer=st.none() | st.integers(1, 3),
    identity_missing=st.none() | st.sampled_from(IdentityMissing),
)
steps = st.one_of(
    st.tuples(st.just("register"), registration, st.sampled_from(STAFF)),
    st.tuples(st.just("name_responsible"), st.sampled_from(STAFF)),
    st.tuples(st.just("leave"), st.sampled_from(LeaveReason)),
    st.tuples(st.just("come_back")),
    st.tuples(st.just("move"), st.sampled_from(PLACES)),
    st.tuples(st.just("enrol"), st.sampled_from(PLACES), st.sampled_from(PLACES)),
    st.tuples(st.just("arrange_care"), st.sampled_from(Arrangement), days, st.none() | st.sampled_from(CONTACTS)),
    st.tuples(st.just("record_contact"), st.sampled_from(CONTACTS), details, st.none() | st.integers(1, 4)),
    st.tuples(st.just("remove_contact"), st.sampled_from(CONTACTS)),
    st.tuples(st.just("correct"), st.builds(c.CorrectChild, child=st.just(AN_ID), born=st.none() | days)),
    st.tuples(st.just("identify"), st.none(), st.sampled_from(IdentityMissing)),
)
_WITH_DAY = {"leave", "come_back", "arrange_care", "correct", "identify"}


def take(child: Child, step: tuple[object, ...], today: date) -> None:
    name, *said = step
    if name == "register":
        child.register(said[0], responsible=said[1], today=today)  # type: ignore[arg-type]
    elif child.exists:
        getattr(child, str(name))(*said, **({"today": today} if name in _WITH_DAY else {}))


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, min_size=1, max_size=12))
def test_exactly_one_person_answers_for_a_child_at_every_moment(commands: list[tuple[object, ...]]):
    history: list[Event] = []
    answers: str | None = None
    for number, step in enumerate([("register", _PLAIN, STAFF[0]), *commands]):
        child = Child.replayed(AN_ID, history)
        try:
            take(child, step, DAY + timedelta(days=number))
        except Refusal:
            continue
        history += child.recorded
        named = [one.staff for one in child.recorded if isinstance(one, ResponsibleNamed)]
        assert len(named) <= 1
        answers = named[0] if named else answers
        assert Child.replayed(AN_ID, history).responsible == answers
        assert answers is not None


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, min_size=1, max_size=12))
def test_the_risks_on_record_are_those_that_the_register_shows_after_every_decision(commands: list[tuple[object, ...]]):
    history: list[Event] = []
    for step in [("register", _PLAIN, STAFF[0]), *commands]:
        child = Child.replayed(AN_ID, history)
        try:
            take(child, step, DAY)
        except Refusal:
            continue
        history += child.recorded
        child = Child.replayed(AN_ID, history)
        assert child.risks == _shown(child)
        assert [place for place, _ in sorted(child.placed.values(), key=lambda one: one[0])] == list(
            range(1, len(child.placed) + 1)
        )


def _shown(child: Child) -> frozenset[Risk]:
    if not child.present or child.born is None:
        return frozenset()
    return risks_of(
        born=child.born,
        today=DAY,
        arrangement=child.care[0] if child.care else None,
        has_carer=bool(child.care and child.care[2]),
        identity_missing=child.identity[1],
    )


_PLAIN = c.RegisterChild(name="唐曦", sex=Sex.FEMALE, born=date(2016, 5, 3), village=PLACES[0])
