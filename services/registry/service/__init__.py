"""Registry's doors."""

from __future__ import annotations

from typing import Any, ClassVar

from services.registry import schemas as s
from services.registry.domain import commands as c
from services.registry.service.answering import AnsweringDoors
from services.registry.service.calendar import CalendarDoors
from services.registry.service.erasures import ErasureDoors
from services.registry.service.openings import OpeningDoors
from services.registry.service.rosters import RosterDoors
from services.registry.wiring import build
from shared.access.doors import command, query
from shared.access.permissions import Permission as May
from shared.access.principals import Call
from shared.eventstore.work import Decision
from shared.hosting.news import Reached, Tells, Told
from shared.hosting.service import Service, Wired, follows, rpc

Asked = Call[dict[str, Any]]
Answer = dict[str, Any]


class RegistryService(AnsweringDoors, CalendarDoors, ErasureDoors, OpeningDoors, RosterDoors, Service):
    """Places, staff and children."""

    name = "registry"
    rooms = Wired(build)
    hears = follows("alerts", "casework", "funding")
    tells: ClassVar[Tells] = {
        "child": Told(May.CHILD_VIEW, Reached.CHILD),
        "class": Told(May.DIVISION_VIEW, Reached.ANYWHERE),
        "division": Told(May.DIVISION_VIEW, Reached.ANYWHERE),
        "erasure": Told(May.ERASURE_VIEW, Reached.CHILD),
        "opening": Told(May.OPENING_VIEW, Reached.CHILD),
        "school": Told(May.DIVISION_VIEW, Reached.ANYWHERE),
        "staff": Told(May.STAFF_VIEW, Reached.ANYWHERE),
        "transfer": Told(May.TRANSFER_VIEW, Reached.CHILD),
    }

    @rpc
    @command(s.RegisterDivisions, May.DIVISION_REGISTER)
    def register_divisions(self, call: Call[c.RegisterDivisions]) -> Decision:
        """Register townships and villages, all or none."""
        return self.rooms.handlers.register_divisions(call)

    @rpc
    @command(s.OpenSchool, May.SCHOOL_OPEN)
    def open_school(self, call: Call[c.OpenSchool]) -> Decision:
        """Open a school."""
        return self.rooms.handlers.open_school(call)

    @rpc
    @command(s.FormClass, May.CLASS_FORM)
    def form_class(self, call: Call[c.FormClass]) -> Decision:
        """Form a class."""
        return self.rooms.handlers.form_class(call)

    @rpc
    @command(s.RegisterStaff, May.STAFF_REGISTER)
    def register_staff(self, call: Call[c.RegisterStaff]) -> Decision:
        """Register a member of staff or a volunteer."""
        return self.rooms.handlers.register_staff(call)

    @rpc
    @command(s.GrantRole, May.ROLE_GRANT)
    def grant_role(self, call: Call[c.GrantRole]) -> Decision:
        """Grant a role."""
        return self.rooms.handlers.grant_role(call)

    @rpc
    @command(s.EndGrant, May.ROLE_GRANT)
    def end_grant(self, call: Call[c.EndGrant]) -> Decision:
        """End a grant."""
        return self.rooms.handlers.end_grant(call)

    @rpc
    @command(s.ManageAccount, May.ACCOUNT_MANAGE)
    def manage_account(self, call: Call[c.ManageAccount]) -> Decision:
        """Record what is done with somebody's account."""
        return self.rooms.handlers.manage_account(call)

    @rpc
    @command(s.RegisterChild, May.CHILD_REGISTER)
    def register_child(self, call: Call[c.RegisterChild]) -> Decision:
        """Register a child."""
        return self.rooms.handlers.register_child(call)

    @rpc
    @command(s.CorrectChild, May.CHILD_CORRECT)
    def correct_child(self, call: Call[c.CorrectChild]) -> Decision:
        """Put name, sex or birth date right."""
        return self.rooms.handlers.correct_child(call)

    @rpc
    @command(s.RecordIdentity, May.CHILD_CORRECT)
    def record_identity(self, call: Call[c.RecordIdentity]) -> Decision:
        """Record the identity number, or why it is missing."""
        return self.rooms.handlers.record_identity(call)

    @rpc
    @command(s.RecordAddress, May.CHILD_CORRECT)
    def record_address(self, call: Call[c.RecordAddress]) -> Decision:
        """Record where the child lives."""
        return self.rooms.handlers.record_address(call)

    @rpc
    @command(s.EnrolChild, May.CHILD_CORRECT)
    def enrol_child(self, call: Call[c.EnrolChild]) -> Decision:
        """Enrol the child at a school and in a class."""
        return self.rooms.handlers.enrol_child(call)

    @rpc
    @command(s.MoveChild, May.CHILD_CORRECT)
    def move_child(self, call: Call[c.MoveChild]) -> Decision:
        """The child lives in another village."""
        return self.rooms.handlers.move_child(call)

    @rpc
    @command(s.RecordDeparture, May.CHILD_CORRECT)
    def record_departure(self, call: Call[c.RecordDeparture]) -> Decision:
        """The child is no longer under watch."""
        return self.rooms.handlers.record_departure(call)

    @rpc
    @command(s.RecordReturn, May.CHILD_CORRECT)
    def record_return(self, call: Call[c.RecordReturn]) -> Decision:
        """The child is under watch again."""
        return self.rooms.handlers.record_return(call)

    @rpc
    @command(s.ArrangeCare, May.CARE_ARRANGE)
    def arrange_care(self, call: Call[c.ArrangeCare]) -> Decision:
        """Who looks after the child."""
        return self.rooms.handlers.arrange_care(call)

    @rpc
    @command(s.RecordContact, May.CONTACT_CARD_RECORD)
    def record_contact(self, call: Call[c.RecordContact]) -> Decision:
        """Put a person on the contact card, or change what it says."""
        return self.rooms.handlers.record_contact(call)

    @rpc
    @command(s.RemoveContact, May.CONTACT_CARD_RECORD)
    def remove_contact(self, call: Call[c.RemoveContact]) -> Decision:
        """Take a person off the contact card."""
        return self.rooms.handlers.remove_contact(call)

    @rpc
    @command(s.NameResponsible, May.RESPONSIBLE_NAME)
    def name_responsible(self, call: Call[c.NameResponsible]) -> Decision:
        """Name who answers for the child."""
        return self.rooms.handlers.name_responsible(call)

    @rpc
    @query(s.SearchChildren, May.CHILD_VIEW)
    def search_children(self, call: Asked) -> Answer:
        """Children by whatever somebody remembers of them."""
        return self.rooms.queries.search_children(call)

    @rpc
    @query(s.Children, May.CHILD_VIEW)
    def children(self, call: Asked) -> Answer:
        """Children in a list."""
        return self.rooms.queries.children(call)

    @rpc
    @query(s.OneChild, May.CHILD_VIEW)
    def child(self, call: Asked) -> Answer:
        """One child."""
        return self.rooms.queries.child(call)

    @rpc
    @query(s.OneChild, May.CONTACT_CARD_VIEW)
    def contact_card(self, call: Asked) -> Answer:
        """The contact card; reading it is recorded."""
        return self.rooms.queries.contact_card(call)

    @rpc
    @query(s.ChildAsOf, May.CHILD_VIEW)
    def child_as_of(self, call: Asked) -> Answer:
        """A child as it stood, and the history of its fields."""
        return self.rooms.queries.child_as_of(call)

    @rpc
    @query(s.Timeline, May.CHILD_VIEW)
    def timeline(self, call: Asked) -> Answer:
        """A child's timeline."""
        return self.rooms.queries.timeline(call)

    @rpc
    @query(s.Figures, May.CHILD_VIEW)
    def figures(self, call: Asked) -> Answer:
        """How many children there are."""
        return self.rooms.queries.figures(call)

    @rpc
    @query(s.Divisions, May.DIVISION_VIEW)
    def divisions(self, call: Asked) -> Answer:
        """Townships and villages."""
        return self.rooms.queries.divisions(call)

    @rpc
    @query(s.Schools, May.DIVISION_VIEW)
    def schools(self, call: Asked) -> Answer:
        """Schools."""
        return self.rooms.queries.schools(call)

    @rpc
    @query(s.Classes, May.DIVISION_VIEW)
    def classes(self, call: Asked) -> Answer:
        """Classes."""
        return self.rooms.queries.classes(call)

    @rpc
    @query(s.OneClass, May.CHILD_VIEW)
    def class_roster(self, call: Asked) -> Answer:
        """The children of a class."""
        return self.rooms.queries.class_roster(call)

    @rpc
    @query(s.Staff, May.STAFF_VIEW)
    def staff(self, call: Asked) -> Answer:
        """Staff."""
        return self.rooms.queries.staff(call)

    @rpc
    @query(s.Grants, May.STAFF_VIEW)
    def grants(self, call: Asked) -> Answer:
        """Grants in force."""
        return self.rooms.queries.grants(call)

    @rpc
    @query(s.OfStaff, May.STAFF_VIEW)
    def staff_member(self, call: Asked) -> Answer:
        """One member of staff with roles and history."""
        return self.rooms.queries.staff_member(call)

    @rpc
    @query(s.OfStaff, May.STAFF_VIEW)
    def grants_of(self, call: Asked) -> Answer:
        """Name and grants of somebody who signs in."""
        return self.rooms.queries.grants_of(call)

    @rpc
    @query(s.Nothing, May.DIVISION_VIEW)
    def my_grants(self, call: Asked) -> Answer:
        """Name and grants of the caller."""
        return self.rooms.queries.my_grants(call)
