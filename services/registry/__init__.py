"""registry

Owns: a county's divisions, schools and classes; staff and the roles they hold; children under watch with their contact
cards, care arrangements and the one person who answers for each; rosters and their import; the erasing of people.
Says: everything in `shared.contracts.registry`.
Hears: alerts, casework and funding, about erasing people.
Shows: children to be searched and listed, contact cards (each reading is recorded), places, staff, counts, imports.
"""
