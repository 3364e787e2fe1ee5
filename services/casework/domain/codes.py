"""The closed lists of casework."""

from __future__ import annotations

from enum import StrEnum


class Origin(StrEnum):
    """Why a case is open: somebody saw the need, an alert, a child found to live alone, another risk."""

    BY_HAND = "by_hand"
    ALERT = "alert"
    LIVING_ALONE = "living_alone"
    RISK = "risk"


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why a case is closed. `other` needs words."""

    GOALS_MET = "goals_met"
    MOVED_AWAY = "moved_away"
    FAMILY_DECLINED = "family_declined"
    DUPLICATE = "duplicate"
    OTHER = "other"


class NoteClass(StrEnum):
    """Who may read a note or a file: whoever may see the case, or its author and its counsellor."""

    ORDINARY = "ordinary"
    CONFIDENTIAL = "confidential"


class MediaType(StrEnum):
    """What a file is."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"


class AccessKind(StrEnum):
    """Which sensitive record was read. Notes stand for the names of files on the same page too."""

    CONFIDENTIAL_NOTES = "confidential_notes"
    CONFIDENTIAL_FILE = "confidential_file"


class AgainstErasure(StrEnum):
    """What stands against an erasure here: an open case, the years for which a closed one is kept, who asks.

    Someone named in the case cannot have it erased.
    """

    OPEN_CASE = "open_case"
    CASE_RETENTION = "case_retention"
    REQUESTER_NAMED = "requester_named"
