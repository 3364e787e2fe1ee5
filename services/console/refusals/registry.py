"""Refusals of the register, in sentences: code → how it is said. Those about rosters stand in `rosters.py`."""

from __future__ import annotations

from services.console.catalogues import N_
from services.console.refusals.said import Said

SENTENCES: dict[str, Said] = {
    "registry.already_erased": Said(text=N_("This person has been erased already."), status=410),
    "registry.born_in_future": Said(text=N_("The day of birth has not come yet."), status=422, field="born"),
    "registry.carer_dead": Said(text=N_("This person is recorded as dead and cannot be the one who cares.")),
    "registry.carer_unknown": Said(
        text=N_("The person who cares has to stand on the contact card first."), status=422, field="carer"
    ),
    "registry.child_exists": Said(text=N_("This child is registered already.")),
    "registry.child_left": Said(text=N_("This child has left; nothing can be recorded until the child is back.")),
    "registry.child_looks_registered": Said(
        text=N_("A child like this is registered already. Look whether it is the same one.")
    ),
    "registry.child_elsewhere": Said(
        text=N_("A child like this is registered at a place that you do not answer for. Ask the supervisor.")
    ),
    "registry.child_too_old": Said(
        text=N_("At %(age)s the person is no child of this register, which ends at %(below)s."),
        status=422,
        field="born",
    ),
    "registry.class_not_of_school": Said(text=N_("This class belongs to another school."), status=422, field="klass"),
    "registry.contact_is_carer": Said(
        text=N_("This person cares for the child. Record who cares now before taking the person off the card.")
    ),
    "registry.contact_nameless": Said(text=N_("Give a name, or say why it is not known."), status=422, field="name"),
    "registry.contact_order": Said(
        text=N_("The place in the order of calls lies between 1 and %(most)s."), status=422, field="order"
    ),
    "registry.contact_unknown": Said(text=N_("This person is not on the card any more.")),
    "registry.count_impossible": Said(
        text=N_("Of %(pupils)s pupils %(left_behind)s cannot be left behind."), status=422, field="left_behind"
    ),
    "registry.division_exists": Said(text=N_("A division with the code %(division)s exists already.")),
    "registry.division_parent_level": Said(
        text=N_("The division %(division)s cannot lie under one of that level."), status=422
    ),
    "registry.division_parent_missing": Said(
        text=N_("The division that %(division)s lies under is missing."), status=422
    ),
    "registry.division_twice": Said(text=N_("The code %(division)s stands in the file twice."), status=422),
    "registry.erasure_needs_another": Said(
        text=N_("Whoever asks for an erasure cannot decide about it. Another person has to."), status=403
    ),
    "registry.erasure_not_waiting": Said(text=N_("This request for erasure has been decided or withdrawn already.")),
    "registry.erasure_requested_already": Said(text=N_("Someone else has asked for this already; it waits.")),
    "registry.erasure_unanswered": Said(
        text=N_("Not every service has answered what stands against it. Try again in a moment.")
    ),
    "registry.grade_out_of_range": Said(
        text=N_("A grade lies between %(least)s and %(most)s."), status=422, field="grade"
    ),
    "registry.grant_scope": Said(
        text=N_("Say where the role holds: a township or village, a place, or the children assigned."),
        status=422,
        field="scope",
    ),
    "registry.grant_unknown": Said(text=N_("This role is not held any more."), status=404),
    "registry.identity_disagrees": Said(
        text=N_("The identity number and the day of birth disagree."), status=422, field="born"
    ),
    "registry.identity_number_taken": Said(
        text=N_("Another child is registered with this identity number."), field="identity_number"
    ),
    "registry.identity_or_reason": Said(
        text=N_("Give the identity number, or say why there is none."), status=422, field="identity_number"
    ),
    "registry.last_administrator": Said(
        text=N_("Nobody else administers the county. Give another person this role first.")
    ),
    "registry.not_for_oneself": Said(
        text=N_("Nobody does this for themselves. Ask another administrator."), status=403
    ),
    "registry.role_needs_county": Said(
        text=N_("Only who administers the whole county can give or manage this role."), status=403
    ),
    "registry.relation_taken": Said(
        text=N_("Someone stands on the card as %(relation)s already. Change that person instead."),
        words={"relation": "relation"},
        field="relation",
    ),
    "registry.lifting_asked_already": Said(text=N_("Someone else has asked for this already; it waits.")),
    "registry.lifting_needs_another": Said(
        text=N_("Whoever asks that a restriction end cannot decide about it. Another person has to."), status=403
    ),
    "registry.lifting_not_asked": Said(text=N_("Nobody has asked that this restriction end. Ask for it first.")),
    "registry.lifting_not_yours": Said(text=N_("Only who asked can take the request back."), status=403),
    "registry.not_restricted": Said(text=N_("Nothing is restricted by this request, or it is being decided anew.")),
    "registry.opening_asked_already": Said(text=N_("Someone else has asked to read this already; it waits.")),
    "registry.opening_needs_another": Said(
        text=N_("Whoever asks to read what is restricted cannot decide about it. Another person has to."), status=403
    ),
    "registry.opening_not_open": Said(text=N_("Nothing is open by this request.")),
    "registry.opening_not_waiting": Said(text=N_("This request has been decided, withdrawn or has lapsed already.")),
    "registry.opening_not_yours": Said(text=N_("Only who asked can take the request back."), status=403),
    "registry.opening_open_already": Said(
        text=N_("Two people read this already. Ask again once it is closed; each of the two can close it.")
    ),
    "registry.person_restricted": Said(
        text=N_("What is kept of this person is closed. Nothing is written about them until that ends.")
    ),
    "registry.responsible_unknown": Said(
        text=N_("This person is no member of staff."), status=422, field="responsible"
    ),
    "registry.school_exists": Said(text=N_("This school exists already.")),
    "registry.school_without_stage": Said(text=N_("Say which stages the school teaches."), status=422, field="stages"),
    "registry.second_county": Said(text=N_("There is a county already; a deployment has one."), status=422),
    "registry.since_before_birth": Said(text=N_("The day lies before the child was born."), status=422, field="since"),
    "registry.since_in_future": Said(text=N_("This day has not come yet."), status=422, field="since"),
    "registry.staff_answers_for_children": Said(
        text=N_("This person still answers for %(children)s children. Name someone else for them first.")
    ),
    "registry.too_many_contacts": Said(text=N_("A card holds at most %(most)s people.")),
}
