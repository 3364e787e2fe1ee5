"""Roles: the permissions that each grants and the classes of fields that it sees. Data, and the only such table."""

from __future__ import annotations

from enum import StrEnum

from shared.access.permissions import Permission as May


class Role(StrEnum):
    """The codes of the roles. An account may hold several; one is acted in at a time."""

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


class FieldClass(StrEnum):
    """How closely a field of an answer is kept."""

    PUBLIC = "public"
    CONTACT = "contact"
    IDENTITY = "identity"
    CONFIDENTIAL = "confidential"
    REPORTER = "reporter"


_PLACES = frozenset({May.DIVISION_VIEW, May.NEWS_FOLLOW})
_CHILD_READER = _PLACES | {
    May.CHILD_VIEW,
    May.CONTACT_CARD_VIEW,
    May.HAND_OVER_SIGN,
    May.HAND_OVER_VIEW,
    May.RESPONSIBLE_VIEW,
}
_SUPERVISING = frozenset({May.CALENDAR_SET, May.HAND_OVER_DRAW, May.TRANSFER_SIGN, May.TRANSFER_VIEW})
_KEEPER = _CHILD_READER | {
    May.CHILD_REGISTER,
    May.CHILD_CORRECT,
    May.CONTACT_CARD_RECORD,
    May.CARE_ARRANGE,
    May.ROSTER_IMPORT,
}
_WATCHER = frozenset(
    {May.ALERT_VIEW, May.ALERT_RAISE, May.ALERTS_CARD_VIEW, May.CONTACT_ATTEMPT_RECORD, May.ROLL_CALL_VIEW}
)
_RESPONDER = _WATCHER | {May.ALERT_ACKNOWLEDGE, May.ALERT_RESOLVE, May.POLICY_VIEW}
_OPENER = frozenset({May.OPENING_REQUEST, May.OPENING_VIEW})
_MONEY_READER = _PLACES | {May.FUND_VIEW, May.APPLICATION_VIEW}

PERMISSIONS: dict[Role, frozenset[May]] = {
    Role.VILLAGE_DIRECTOR: _KEEPER
    | _RESPONDER
    | {
        May.CASE_VIEW,
        May.CASE_OPEN,
        May.NOTE_ADD,
        May.FILE_ATTACH,
        May.APPLICATION_SUBMIT,
        May.FUND_VIEW,
        May.APPLICATION_VIEW,
    },
    Role.TEACHER: _KEEPER
    | _WATCHER
    | {May.ROLL_CALL_TAKE, May.CASE_VIEW, May.CASE_OPEN, May.NOTE_ADD, May.FILE_ATTACH},
    Role.HEADTEACHER: _KEEPER
    | _RESPONDER
    | {May.ROLL_CALL_TAKE, May.CLASS_FORM, May.CASE_VIEW, May.CASE_OPEN, May.NOTE_ADD, May.FILE_ATTACH, May.STAFF_VIEW}
    | {May.HAND_OVER_DRAW},
    Role.DUTY_OFFICER: _CHILD_READER | _RESPONDER | _OPENER | {May.CASE_VIEW, May.TROUBLE_VIEW},
    Role.DUTY_LEADER: _CHILD_READER | _RESPONDER | _OPENER | {May.CASE_VIEW, May.TROUBLE_VIEW, May.OPENING_APPROVE},
    Role.SUPERVISOR: _KEEPER
    | _RESPONDER
    | _OPENER
    | _SUPERVISING
    | {
        May.ROLL_CALL_TAKE,
        May.CASE_VIEW,
        May.CASE_OPEN,
        May.CASE_CLOSE,
        May.NOTE_ADD,
        May.FILE_ATTACH,
        May.STAFF_VIEW,
        May.RESPONSIBLE_NAME,
        May.ERASURE_REQUEST,
        May.ERASURE_VIEW,
        May.FUND_VIEW,
        May.APPLICATION_VIEW,
        May.APPLICATION_SUBMIT,
    },
    Role.COUNSELLOR: _CHILD_READER
    | _OPENER
    | {May.CASE_VIEW, May.CASE_OPEN, May.CASE_CLOSE, May.NOTE_ADD, May.FILE_ATTACH, May.NOTE_VIEW, May.ALERT_VIEW},
    Role.FUNDING_OFFICER: _MONEY_READER
    | {
        May.CHILD_VIEW,
        May.DONATION_RECORD,
        May.APPLICATION_SUBMIT,
        May.FUND_OPEN,
    },
    Role.FUNDING_APPROVER: _MONEY_READER | {May.CHILD_VIEW, May.APPLICATION_APPROVE},
    Role.CASHIER: _MONEY_READER | {May.APPLICATION_PAY},
    Role.ACCOUNTANT: _MONEY_READER,
    Role.COUNTY_ADMIN: _KEEPER
    | _RESPONDER
    | _OPENER
    | _SUPERVISING
    | _MONEY_READER
    | {
        May.OPENING_APPROVE,
        May.DIVISION_REGISTER,
        May.SCHOOL_OPEN,
        May.CLASS_FORM,
        May.ACCOUNT_MANAGE,
        May.STAFF_REGISTER,
        May.STAFF_VIEW,
        May.ROLE_GRANT,
        May.RESPONSIBLE_NAME,
        May.ERASURE_APPROVE,
        May.ERASURE_REQUEST,
        May.ERASURE_VIEW,
        May.POLICY_SET,
        May.ROLL_CALL_TAKE,
        May.CASE_VIEW,
        May.FUND_OPEN,
        May.CONTRADICTION_DECIDE,
        May.ENGINE_OPERATE,
        May.PARKED_SETTLE,
        May.PARKED_VIEW,
        May.TROUBLE_VIEW,
        May.UPKEEP_VIEW,
    },
    Role.AUDITOR: _MONEY_READER
    | {
        May.CONTRADICTION_DECIDE,
        May.ENTRY_VIEW,
        May.ERASURE_VIEW,
        May.OPENING_VIEW,
        May.PARKED_VIEW,
        May.RESPONSIBLE_VIEW,
        May.UPKEEP_VIEW,
    },
}
"""What each role may do, wherever its grant holds."""

_ALL_BUT_NOTES = frozenset({FieldClass.PUBLIC, FieldClass.CONTACT, FieldClass.IDENTITY})
SEES: dict[Role, frozenset[FieldClass]] = {
    Role.VILLAGE_DIRECTOR: _ALL_BUT_NOTES,
    Role.TEACHER: _ALL_BUT_NOTES,
    Role.HEADTEACHER: _ALL_BUT_NOTES,
    Role.DUTY_OFFICER: _ALL_BUT_NOTES,
    Role.DUTY_LEADER: _ALL_BUT_NOTES,
    Role.SUPERVISOR: _ALL_BUT_NOTES,
    Role.COUNSELLOR: _ALL_BUT_NOTES | {FieldClass.CONFIDENTIAL},
    Role.FUNDING_OFFICER: frozenset({FieldClass.PUBLIC, FieldClass.IDENTITY}),
    Role.FUNDING_APPROVER: frozenset({FieldClass.PUBLIC, FieldClass.IDENTITY}),
    Role.CASHIER: frozenset({FieldClass.PUBLIC, FieldClass.IDENTITY}),
    Role.ACCOUNTANT: frozenset({FieldClass.PUBLIC}),
    Role.COUNTY_ADMIN: _ALL_BUT_NOTES,
    Role.AUDITOR: frozenset({FieldClass.PUBLIC}),
}
"""Which classes of fields each role sees; the rest is masked."""

_SERVICE = frozenset({May.CHECKPOINT_WITNESS, May.ERASURE_PERFORM, May.LOG_EXCHANGE, May.TROUBLE_REPORT})
SYSTEM: dict[str, frozenset[May]] = {
    "registry": _SERVICE | {May.CHILD_CORRECT, May.ROSTER_IMPORT},
    "alerts": _SERVICE | {May.ALERT_RAISE, May.ALERT_VIEW},
    "casework": _SERVICE | {May.CASE_OPEN},
    "funding": _SERVICE,
    "console": frozenset({May.STAFF_VIEW}),
    "bootstrap": frozenset({May.DIVISION_REGISTER, May.STAFF_REGISTER, May.ROLE_GRANT}),
    "operator": frozenset(
        {
            *(May.CONTRADICTION_DECIDE, May.ENTRY_VIEW, May.ENGINE_OPERATE, May.KEYS_ROTATE),
            *(May.PARKED_SETTLE, May.PARKED_VIEW, May.ROSTER_IMPORT),
            *(May.ERASURE_REQUEST, May.ERASURE_VIEW, May.UPKEEP_VIEW),
            May.RESPONSIBLE_VIEW,
        }
    ),
}
"""What each service may do on its own account, in reactions, by timers, and as a follower. `bootstrap` is the
command that gives a new deployment its county and first administrator; `operator` is who types at the machine that
holds the keys."""

ASSIGNABLE_SCOPES = ("division", "place", "children")


def holders_of(permission: May) -> list[Role]:
    """The roles that grant a permission: what a page tells someone who lacks it."""
    return [role for role, granted in PERMISSIONS.items() if permission in granted]
