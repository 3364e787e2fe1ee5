"""The enumerations of alerts, roll calls, cases, funding and the log in words."""

from __future__ import annotations

from services.console.catalogues import N_

KINDS = {
    "absence": N_("Absent without reason"),
    "incident": N_("Incident"),
    "missing": N_("Missing"),
    "living_alone": N_("Living alone"),
    "unattended_under_8": N_("Under 8 and unattended"),
    "other": N_("Something else"),
}
RAISED_BY_HAND = ("missing", "incident", "absence", "living_alone", "unattended_under_8", "other")
LEVELS = {"red": N_("most urgent"), "orange": N_("urgent"), "yellow": N_("to be looked into")}
ALERT_STATES = {"raised": N_("nobody has it"), "acknowledged": N_("in hand"), "resolved": N_("resolved")}
RESULTS = {
    "reached": N_("Reached"),
    "no_answer": N_("No answer"),
    "wrong_number": N_("Wrong number"),
    "switched_off": N_("Switched off"),
}
OUTCOMES = {
    "found_safe": N_("Found safe"),
    "with_family": N_("With the family"),
    "ill": N_("Ill"),
    "injured": N_("Injured"),
    "false_alarm": N_("False alarm"),
    "handed_to_police": N_("Handed to the police"),
    "other": N_("Something else"),
}
SIGNALS = {
    "raised_again": N_("Raised once more"),
    "absent_again": N_("Absent again"),
    "marked_present": N_("Marked present at a later roll call"),
    "marked_late": N_("Came late"),
    "reason_given": N_("A reason for the absence was given"),
    "risk_cleared": N_("The register no longer shows the risk"),
}
RESPONDERS = ("village_director", "headteacher", "duty_officer", "duty_leader", "supervisor", "county_admin")
SESSIONS = {"morning": N_("Morning"), "afternoon": N_("Afternoon"), "night": N_("Night")}
MARKS = {"present": N_("Present"), "late": N_("Late"), "absent": N_("Absent")}
REASONS = {"sick": N_("Ill"), "leave": N_("On leave"), "activity": N_("At an activity"), "other": N_("Other reason")}
ORIGINS = {
    "by_hand": N_("Opened by hand"),
    "alert": N_("After an alert"),
    "living_alone": N_("Child living alone"),
    "risk": N_("Risk in the register"),
}
CASE_STATES = {"open": N_("open"), "closed": N_("closed")}
MEDIA_TYPES = {"pdf": N_("PDF"), "jpeg": N_("JPEG picture"), "png": N_("PNG picture")}
NOTE_CLASSES = {"ordinary": N_("Ordinary"), "confidential": N_("Confidential")}
CLOSE_REASONS = {
    "goals_met": N_("The goals are met"),
    "moved_away": N_("Moved away"),
    "family_declined": N_("The family declined"),
    "duplicate": N_("There are two of it"),
    "other": N_("Other reason"),
}
APPLICATION_STATES = {
    "draft": N_("Draft"),
    "submitted": N_("Waiting for approval"),
    "returned": N_("Sent back"),
    "approved": N_("Waiting for payment"),
    "refused": N_("Refused"),
    "withdrawn": N_("Taken back"),
    "paid": N_("Paid out"),
}
APPLICATION_COLOURS = {
    "submitted": "yellow",
    "returned": "orange",
    "approved": "yellow",
    "refused": "red",
    "paid": "green",
}
SOURCES = {
    "donor": N_("Donor"),
    "collection": N_("Collection"),
    "waste_paper": N_("Sold paper and bottles"),
    "allocation": N_("Allocation from above"),
}
METHODS = {"cash": N_("Cash"), "bank_card": N_("Bank card"), "school_account": N_("School account")}
REFUSED_FOR = {
    "not_eligible": N_("Not eligible"),
    "duplicate": N_("There are two of it"),
    "incomplete": N_("Incomplete"),
    "no_funds": N_("The fund has no money"),
}
ACCOUNTS = {"bank": N_("In the bank"), "available": N_("Available"), "set_aside": N_("Set aside")}
POSTINGS = {
    "funding.donation_received": N_("Money received"),
    "funding.application_approved": N_("Grant approved"),
    "funding.application_paid": N_("Grant paid out"),
    "funding.application_withdrawn": N_("Grant taken back"),
}
SERVICES = {
    "registry": N_("Register"),
    "alerts": N_("Alerts"),
    "casework": N_("Cases"),
    "funding": N_("Funding"),
}
REMAINS = {
    "new": N_("Nobody has looked yet."),
    "read": N_("Something that began before is still reading the database."),
    "unseen": N_("The database's owner may not see who still reads: whoever runs the database grants it that."),
    "busy": N_("The tables are in use; it is tried again every few seconds."),
    "journal": N_("The database clears its journal within minutes."),
    "recycled": N_("The database keeps old parts of its journal: whoever runs it turns that off."),
}
"""What an erasure waits for before nothing of it is in files."""
VERDICTS = {
    "whole": N_("Whole: nothing was changed, left out or added."),
    "tampered": N_("Tampered with: an entry is not what was signed."),
    "unreadable": N_("Unreadable: the log could not be checked."),
    "untrusted": N_("Not signed by a key that is trusted."),
    "rolled_back": N_("Rolled back or split: what was signed before is missing."),
    "late": N_("Whole, but some times stand back: recorded late, by a wrong clock, or back-dated. Ask why."),
}
CONTRADICTIONS = {
    "split": N_("Two different roots are signed for one size."),
    "inconsistent": N_("The log does not begin with what was cosigned."),
    "rolled_back": N_("The log is smaller than what was cosigned."),
}
CONTRADICTION_REASONS = {
    "restored_from_backup": N_("The log was restored from a backup"),
    "put_back_by_mistake": N_("A database was put back by mistake, and is healed"),
    "key_in_other_hands": N_("A signing key was in other hands"),
    "tampering_reported": N_("Tampering, reported to those who look into it"),
    "exercise": N_("An exercise"),
}

TROUBLES = {
    "source_silent": N_("the one does not hear the other"),
    "event_parked": N_("something that was said could not be taken in"),
    "follower_stopped": N_("the log is not the one that was followed so far"),
    "log_contradicted": N_("a log and its witness contradict each other"),
}
DROP_REASONS = {
    "done_by_hand": N_("Done by hand"),
    "overtaken": N_("Overtaken by something later"),
    "duplicate": N_("There are two of it"),
    "mistake_of_source": N_("A mistake of who said it"),
    "not_needed": N_("Not needed here"),
}

WORK: dict[str, dict[str, str]] = {
    "alert": KINDS,
    "alert_level": LEVELS,
    "alert_outcome": OUTCOMES,
    "alert_signal": SIGNALS,
    "alert_state": ALERT_STATES,
    "application_state": APPLICATION_STATES,
    "attempt": RESULTS,
    "case_origin": ORIGINS,
    "case_reason": CLOSE_REASONS,
    "case_state": CASE_STATES,
    "contradiction": CONTRADICTIONS,
    "contradiction_reason": CONTRADICTION_REASONS,
    "donation_source": SOURCES,
    "drop_reason": DROP_REASONS,
    "fund_account": ACCOUNTS,
    "fund_posting": POSTINGS,
    "media_type": MEDIA_TYPES,
    "note_class": NOTE_CLASSES,
    "payment_method": METHODS,
    "presence": MARKS,
    "presence_reason": REASONS,
    "refused_for": REFUSED_FOR,
    "service": SERVICES,
    "session": SESSIONS,
    "trouble": TROUBLES,
    "verdict": VERDICTS,
}
"""Enumeration → code → message id."""
