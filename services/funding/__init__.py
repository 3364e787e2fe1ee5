"""Relief funding (救助资金).

Owns: funds and the donations in them, applications for grants to children, their approval and payment, the ledger.
Says: an application was submitted, approved, paid (`shared.contracts.funding`).
Hears: registry, for children's names, where they live, and who holds which role.
Shows: funds with what is left in them, applications by state, a fund's ledger, a child's grants.
"""
