"""Rights in words: what a page says to someone who lacks one, and who can grant it."""

from __future__ import annotations

from services.console.catalogues import N_
from services.console.roles import ROLES
from services.console.words import _
from shared.access.permissions import Permission
from shared.access.roles import PERMISSIONS, Role

RIGHTS: dict[str, str] = {
    "alerts:alert:acknowledge": N_("take on an alert"),
    "alerts:alert:raise": N_("raise an alert"),
    "alerts:alert:resolve": N_("resolve an alert"),
    "alerts:alert:view": N_("see alerts"),
    "alerts:contact_attempt:record": N_("record calls about an alert"),
    "alerts:contact_card:view": N_("see the contact card with an alert"),
    "alerts:policy:set": N_("set the deadlines for alerts"),
    "alerts:policy:view": N_("see the deadlines for alerts"),
    "alerts:roll_call:take": N_("take roll call"),
    "alerts:roll_call:view": N_("see roll calls"),
    "alerts:trouble:report": N_("report troubles of the system"),
    "alerts:trouble:view": N_("see troubles of the system"),
    "casework:case:close": N_("close a case"),
    "casework:case:open": N_("open a case"),
    "casework:case:view": N_("see cases"),
    "casework:file:attach": N_("attach files to cases"),
    "casework:note:add": N_("write case notes"),
    "casework:note:view": N_("read confidential notes"),
    "funding:application:approve": N_("approve applications"),
    "funding:application:pay": N_("pay applications"),
    "funding:application:submit": N_("apply for funding"),
    "funding:application:view": N_("see applications"),
    "funding:donation:record": N_("record donations"),
    "funding:fund:open": N_("open a fund"),
    "funding:fund:view": N_("see funds"),
    "log:checkpoint:witness": N_("have a log cosigned by another service"),
    "log:contradiction:decide": N_("say what was behind a contradiction of logs"),
    "log:engine:operate": N_("look after the running system"),
    "log:entry:view": N_("see the entries of the log"),
    "log:erasure:perform": N_("carry an erasure out"),
    "log:exchange:read": N_("read other services' logs"),
    "log:news:follow": N_("follow what happens"),
    "log:key:rotate": N_("renew the keys that protect people's keys"),
    "log:parked:settle": N_("settle parked events"),
    "log:parked:view": N_("see parked events"),
    "log:upkeep:view": N_("see how the logs are kept up"),
    "registry:account:manage": N_("manage accounts"),
    "registry:calendar:set": N_("set terms and workdays"),
    "registry:care_arrangement:record": N_("record who cares for a child"),
    "registry:child:correct": N_("correct a child's record"),
    "registry:child:register": N_("register a child"),
    "registry:child:view": N_("see children"),
    "registry:class:form": N_("form classes"),
    "registry:contact_card:record": N_("change contact cards"),
    "registry:contact_card:view": N_("see contact cards"),
    "registry:division:register": N_("register townships and villages"),
    "registry:division:view": N_("see townships and villages"),
    "registry:erasure:approve": N_("decide about erasing a person"),
    "registry:erasure:request": N_("ask for a person to be erased"),
    "registry:erasure:view": N_("see requests for erasure"),
    "registry:hand_over:draw": N_("draw up lists for handing children over"),
    "registry:hand_over:sign": N_("sign hand-overs"),
    "registry:hand_over:view": N_("see hand-overs"),
    "registry:opening:approve": N_("decide about reading together what is restricted"),
    "registry:opening:request": N_("ask to read together what is restricted"),
    "registry:opening:view": N_("see who reads together what is restricted"),
    "registry:responsible:name": N_("name who answers for a child"),
    "registry:responsible:view": N_("see who answers for a child"),
    "registry:role:grant": N_("grant roles"),
    "registry:roster:import": N_("take in rosters"),
    "registry:school:open": N_("open schools"),
    "registry:staff:register": N_("register staff"),
    "registry:staff:view": N_("see staff"),
    "registry:transfer:sign": N_("sign transfers to and from other townships"),
    "registry:transfer:view": N_("see transfers to and from other townships"),
    "role": N_("act in this role"),
}


def right_in_words(permission: str) -> str:
    """The right in the reader's language; its code where it has no words yet."""
    words = RIGHTS.get(permission)
    return _(words) if words else permission


def roles_with(permission: str) -> list[str]:
    """The names of the roles that include this right."""
    return [_(ROLES[role]) for role in ROLES if permission in map(str, PERMISSIONS[Role(role)])]


def granters() -> list[str]:
    """The names of the roles that can grant roles."""
    return roles_with(str(Permission.ROLE_GRANT))
