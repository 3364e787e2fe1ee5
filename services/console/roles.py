"""The roles as the console shows them: their names, and where each begins after sign-in.

What a role may do is not said here but in `shared.access`; a page that its role has no right to is not shown.
"""

from __future__ import annotations

from services.console.catalogues import N_

ROLES: dict[str, str] = {
    "village_director": N_("Village child director"),
    "teacher": N_("Teacher"),
    "headteacher": N_("Headteacher"),
    "duty_officer": N_("Duty officer"),
    "duty_leader": N_("Leader on duty"),
    "supervisor": N_("Township child supervisor"),
    "counsellor": N_("Counsellor"),
    "funding_officer": N_("Funding officer"),
    "funding_approver": N_("Funding approver"),
    "cashier": N_("Cashier"),
    "accountant": N_("Accountant"),
    "county_admin": N_("County administrator"),
    "auditor": N_("Auditor"),
}

LANDING: dict[str, tuple[str, ...]] = {
    "village_director": ("today.show",),
    "teacher": ("today.show",),
    "headteacher": ("today.show",),
    "duty_officer": ("alerts.board",),
    "duty_leader": ("alerts.board",),
    "supervisor": ("today.show",),
    "counsellor": ("cases.listed",),
    "funding_officer": ("funding.listed",),
    "funding_approver": ("funding.listed",),
    "cashier": ("funding.listed",),
    "accountant": ("funding.listed",),
    "county_admin": ("today.show",),
    "auditor": ("log.show",),
}
"""The pages where each role begins, the first that exists and that it may see; else `today.show`."""
