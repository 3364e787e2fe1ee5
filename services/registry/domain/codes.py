"""The closed lists of registry: every code that may stand in the clear in its events."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """What a division is. Each lies directly under one of the level before it."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"

    @property
    def above(self) -> Level | None:
        """The level that the parent must have."""
        return {Level.COUNTY: None, Level.TOWNSHIP: Level.COUNTY, Level.VILLAGE: Level.TOWNSHIP}[self]


class Stage(StrEnum):
    """What a school teaches."""

    KINDERGARTEN = "kindergarten"
    PRIMARY = "primary"
    JUNIOR = "junior"
    SENIOR = "senior"


class StaffRole(StrEnum):
    """The roles that may be granted. A test holds them against those that access knows."""

    VILLAGE_DIRECTOR = "village_director"
    TEACHER = "teacher"
    HEADTEACHER = "headteacher"
    DUTY_OFFICER = "duty_officer"
    DUTY_LEADER = "duty_leader"
    SUPERVISOR = "supervisor"
    COUNSELLOR = "counsellor"
    FUNDING_OFFICER = "funding_officer"
    FUNDING_APPROVER = "funding_approver"
    CASHIER = "cashier"
    ACCOUNTANT = "accountant"
    COUNTY_ADMIN = "county_admin"
    AUDITOR = "auditor"


class GrantScope(StrEnum):
    """For what a role is granted: a division with what lies under it, a school or class, the children assigned."""

    DIVISION = "division"
    PLACE = "place"
    CHILDREN = "children"


class AccountAct(StrEnum):
    """What an administrator does with somebody's account at the console."""

    MADE = "made"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - what was done, no secret
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    SESSIONS_ENDED = "sessions_ended"


class ChildScope(StrEnum):
    """Why a child is under watch."""

    LEFT_BEHIND = "left_behind"
    HARDSHIP = "hardship"
    MIGRATING = "migrating"
    FORMER = "former"
    OTHER = "other"


class Sex(StrEnum):
    """As on the document."""

    FEMALE = "female"
    MALE = "male"


class IdentityMissing(StrEnum):
    """Why a child has no identity number on record. The first is a risk, the others are work to be done."""

    NO_HOUSEHOLD_REGISTRATION = "no_household_registration"
    APPLIED_FOR = "applied_for"
    LOST = "lost"
    FOREIGN = "foreign"
    REFUSED = "refused"
    NOT_GIVEN = "not_given"


class LeaveReason(StrEnum):
    """Why a child is no longer under watch."""

    PARENTS_RETURNED = "parents_returned"
    TURNED_SIXTEEN = "turned_sixteen"
    MOVED_AWAY = "moved_away"
    ERROR = "error"


class Relation(StrEnum):
    """What a contact is to the child. A carer (代管家长) stands in the parents' place."""

    FATHER = "father"
    MOTHER = "mother"
    GRANDFATHER = "grandfather"
    GRANDMOTHER = "grandmother"
    RELATIVE = "relative"
    CARER = "carer"
    OTHER = "other"


class ContactStatus(StrEnum):
    """Whether a contact can be reached at all."""

    LIVING = "living"
    DEAD = "dead"
    UNKNOWN = "unknown"
    IMPRISONED = "imprisoned"


class Arrangement(StrEnum):
    """Who looks after the child (summary 12)."""

    BOARDING = "boarding"
    GRANDPARENTS = "grandparents"
    RELATIVES = "relatives"
    CARER = "carer"
    LODGING = "lodging"
    ALONE = "alone"
    PARENT = "parent"


class Risk(StrEnum):
    """What the register itself shows to be wrong."""

    LIVING_ALONE = "living_alone"
    UNATTENDED_UNDER_8 = "unattended_under_8"
    NO_HOUSEHOLD_REGISTRATION = "no_household_registration"


class AccessKind(StrEnum):
    """Which sensitive record was read."""

    CONTACT_CARD = "contact_card"


class LegalBasis(StrEnum):
    """On what ground personal data is handled (个人信息保护法 art. 13, 28, 31)."""

    CONSENT = "consent"
    GUARDIAN_CONSENT = "guardian_consent"
    STATUTORY_DUTY = "statutory_duty"
    EMERGENCY = "emergency"
    PUBLIC_INTEREST = "public_interest"


class RowOutcome(StrEnum):
    """What became of a row of a roster."""

    REGISTERED = "registered"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    COUNTED = "counted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class Carrier(StrEnum):
    """The services that answer a request for erasure and carry it out."""

    REGISTRY = "registry"
    ALERTS = "alerts"
    CASEWORK = "casework"
    FUNDING = "funding"


class ErasureGrounds(StrEnum):
    """Why somebody shall be erased (个人信息保护法 art. 47)."""

    FAMILY_ASKED = "family_asked"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    PURPOSE_ENDED = "purpose_ended"
    RETENTION_ENDED = "retention_ended"
    UNLAWFUL = "unlawful"


class AgainstErasure(StrEnum):
    """What services say against an erasure. `other`: a code that registry does not know."""

    OPEN_ALERT = "open_alert"
    OPEN_CASE = "open_case"
    CASE_RETENTION = "case_retention"
    UNPAID_APPLICATION = "unpaid_application"
    PAYMENT_RETENTION = "payment_retention"
    REQUESTER_NAMED = "requester_named"
    OTHER = "other"


class ErasureOutcome(StrEnum):
    """What came of an approval."""

    ERASED = "erased"
    RESTRICTED = "restricted"


class ErasureRefusal(StrEnum):
    """Why a request for erasure is refused. `requester_named`: who asked is named in a case of the child."""

    REQUESTER_NAMED = "requester_named"
    NOT_ENTITLED = "not_entitled"
    WRONG_PERSON = "wrong_person"
    NO_GROUNDS = "no_grounds"


class ErasureState(StrEnum):
    """Where a request for erasure stands. `seconded`: approved, and weighed once more before anything is done."""

    REQUESTED = "requested"
    SECONDED = "seconded"
    ERASED = "erased"
    RESTRICTED = "restricted"
    LIFTED = "lifted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class LiftingReason(StrEnum):
    """Why what was restricted shall be used again."""

    CARE_NEEDED = "care_needed"
    FAMILY_ASKED = "family_asked"
    WRONG_PERSON = "wrong_person"
    NO_GROUNDS = "no_grounds"


class LiftingEnd(StrEnum):
    """How a request to lift a restriction ended without one being lifted."""

    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class OpeningReason(StrEnum):
    """Why two people read what is restricted."""

    EMERGENCY = "emergency"
    COURT_ORDER = "court_order"
    MANDATORY_REPORT = "mandatory_report"
    FAMILY_ASKED = "family_asked"
    AUDIT = "audit"
    OTHER = "other"


class OpeningEnd(StrEnum):
    """How reading together ended. `lapsed`: nobody decided in time; `expired`: its time was over."""

    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    CLOSED = "closed"
    EXPIRED = "expired"


class OpeningState(StrEnum):
    """Where a request to read together stands."""

    ASKED = "asked"
    OPEN = "open"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    CLOSED = "closed"
    EXPIRED = "expired"
