"""The closed lists of alerts."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What an alert is about. One alert of a kind is open for a child at a time."""

    ABSENCE = "absence"
    INCIDENT = "incident"
    MISSING = "missing"
    LIVING_ALONE = "living_alone"
    UNATTENDED_UNDER_8 = "unattended_under_8"
    OTHER = "other"


class Level(StrEnum):
    """How grave it is, gravest first."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Level).index(self)


class Outcome(StrEnum):
    """How an alert ended."""

    FOUND_SAFE = "found_safe"
    WITH_FAMILY = "with_family"
    ILL = "ill"
    INJURED = "injured"
    FALSE_ALARM = "false_alarm"
    HANDED_TO_POLICE = "handed_to_police"
    OTHER = "other"


class Answer(StrEnum):
    """What came of calling somebody."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    SWITCHED_OFF = "switched_off"


class Signal(StrEnum):
    """What was learnt while an alert was open. None of them resolves it."""

    RAISED_AGAIN = "raised_again"
    ABSENT_AGAIN = "absent_again"
    MARKED_PRESENT = "marked_present"
    MARKED_LATE = "marked_late"
    REASON_GIVEN = "reason_given"
    RISK_CLEARED = "risk_cleared"


class Session(StrEnum):
    """When on a day a roll is called; the night is the boarders' check."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    NIGHT = "night"


class Presence(StrEnum):
    """What a roll call finds."""

    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"


class Reason(StrEnum):
    """Why a pupil is absent, as far as the school knows."""

    SICK = "sick"
    LEAVE = "leave"
    ACTIVITY = "activity"
    OTHER = "other"


class AlertState(StrEnum):
    """Where an alert stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Responder(StrEnum):
    """The roles that an alert can climb to: those that may acknowledge one."""

    VILLAGE_DIRECTOR = "village_director"
    HEADTEACHER = "headteacher"
    DUTY_OFFICER = "duty_officer"
    DUTY_LEADER = "duty_leader"
    SUPERVISOR = "supervisor"
    COUNTY_ADMIN = "county_admin"


class TroubleKind(StrEnum):
    """What is wrong with the house itself, as one of its services meets it."""

    SOURCE_SILENT = "source_silent"
    EVENT_PARKED = "event_parked"
    FOLLOWER_STOPPED = "follower_stopped"
    LOG_CONTRADICTED = "log_contradicted"


class Part(StrEnum):
    """The services of the house: who meets a trouble, and with whom."""

    REGISTRY = "registry"
    CASEWORK = "casework"
    ALERTS = "alerts"
    FUNDING = "funding"


LEVELS = {
    Kind.ABSENCE: Level.ORANGE,
    Kind.INCIDENT: Level.RED,
    Kind.MISSING: Level.RED,
    Kind.LIVING_ALONE: Level.ORANGE,
    Kind.UNATTENDED_UNDER_8: Level.RED,
    Kind.OTHER: Level.YELLOW,
}
"""How grave an alert of a kind is where nobody says otherwise."""


class AgainstErasure(StrEnum):
    """What stands against an erasure here: the child's safety is in question, or who asks has the alert in hand."""

    OPEN_ALERT = "open_alert"
    REQUESTER_NAMED = "requester_named"
