"""The register's enumerations in words: relations, arrangements, risks, what became of the rows of a roster."""

from __future__ import annotations

from services.console.catalogues import N_

REGISTER: dict[str, dict[str, str]] = {
    "sex": {"female": N_("girl"), "male": N_("boy")},
    "relation": {
        "father": N_("father"),
        "mother": N_("mother"),
        "grandfather": N_("grandfather"),
        "grandmother": N_("grandmother"),
        "relative": N_("relative"),
        "carer": N_("carer in the parents' place"),
        "other": N_("another person"),
    },
    "status": {
        "living": N_("reachable"),
        "dead": N_("has died"),
        "unknown": N_("whereabouts unknown"),
        "imprisoned": N_("in prison"),
    },
    "arrangement": {
        "boarding": N_("boards at school"),
        "grandparents": N_("with grandparents"),
        "relatives": N_("with relatives"),
        "carer": N_("with a carer in the parents' place"),
        "lodging": N_("lodges near the school"),
        "alone": N_("lives alone"),
        "parent": N_("with a parent"),
    },
    "risk": {
        "living_alone": N_("living alone"),
        "unattended_under_8": N_("under 8 and unattended"),
        "no_household_registration": N_("no household registration"),
    },
    "scope": {
        "left_behind": N_("left-behind child"),
        "hardship": N_("child in hardship"),
        "migrating": N_("child moving with its parents"),
        "former": N_("formerly left behind"),
        "other": N_("another child"),
    },
    "leave": {
        "parents_returned": N_("the parents are back"),
        "turned_sixteen": N_("turned sixteen"),
        "moved_away": N_("moved away"),
        "error": N_("registered in error"),
    },
    "identity_missing": {
        "no_household_registration": N_("no household registration"),
        "applied_for": N_("applied for"),
        "lost": N_("lost"),
        "foreign": N_("foreign document"),
        "refused": N_("not willing to give it"),
        "not_given": N_("not given yet"),
    },
    "legal_basis": {
        "guardian_consent": N_("the guardian has agreed"),
        "statutory_duty": N_("a duty by law"),
        "consent": N_("the person has agreed"),
        "emergency": N_("an emergency"),
        "public_interest": N_("the public interest"),
    },
    "stage": {
        "kindergarten": N_("Kindergarten"),
        "primary": N_("Primary school"),
        "junior": N_("Middle school"),
        "senior": N_("Upper middle school"),
    },
    "level": {"county": N_("County"), "township": N_("Township"), "village": N_("Village")},
    "grant_scope": {
        "division": N_("a township or village with all that lies in it"),
        "place": N_("a school or class"),
        "children": N_("the children assigned"),
    },
    "account_act": {
        "made": N_("Account made"),
        "password_reset": N_("New first password"),
        "locked": N_("Account locked"),
        "unlocked": N_("Account unlocked"),
        "sessions_ended": N_("Signed out everywhere"),
    },
    "device": {"phone": N_("Telephone"), "computer": N_("Computer"), "program": N_("Program")},
    "outcome": {
        "new": N_("will be registered"),
        "known": N_("registered already"),
        "registered": N_("newly registered"),
        "updated": N_("brought up to date"),
        "unchanged": N_("unchanged"),
        "counted": N_("counted only"),
        "duplicate": N_("stands twice"),
        "refused": N_("not taken in"),
        "waiting": N_("waiting"),
    },
    "import": {"running": N_("Under way"), "finished": N_("finished"), "abandoned": N_("given up")},
    "because": {
        "name": N_("name"),
        "pinyin": N_("pinyin"),
        "initials": N_("initials"),
        "sounds_like": N_("sounds alike"),
        "phone": N_("telephone"),
        "village": N_("village"),
        "class": N_("class"),
        "contact": N_("person on the card"),
    },
}
"""Enumeration → code → message id."""
