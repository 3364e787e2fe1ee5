"""The closed lists of people and places of authority: every code of theirs that may stand in the clear in an event."""

from __future__ import annotations

from enum import StrEnum


class AssignmentBasis(StrEnum):
    """On what ground somebody answers for a child. `rule`: as the teacher of its class, or the director of its village.

    Whoever was named by hand, by a hand-over or by a transfer goes on answering when the child changes its class.
    """

    RULE = "rule"
    HAND = "hand"
    HAND_OVER = "hand_over"
    TRANSFER = "transfer"


class HandOverKind(StrEnum):
    """What is handed over: a class at the end of a year, or everything that somebody who leaves answers for (换届)."""

    CLASS = "class"
    DEPARTURE = "departure"


class HandOverSide(StrEnum):
    """Who signs a list. `in_place`: for a giver who can no longer sign, by somebody who may draw such a list up."""

    GIVER = "giver"
    IN_PLACE = "in_place"
    RECEIVER = "receiver"


class HandOverState(StrEnum):
    """Where a hand-over stands."""

    LISTED = "listed"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class SchoolHalf(StrEnum):
    """The two terms of a school year."""

    AUTUMN = "autumn"
    SPRING = "spring"


class TransferEnd(StrEnum):
    """How a transfer ended without the child being transferred."""

    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class TransferState(StrEnum):
    """Where a transfer stands."""

    SIGNED = "signed"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
