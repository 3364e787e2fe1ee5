"""Casework (个案工作).

Owns: children's cases with their notes, who counsels, who read what is confidential.
Says: a case was opened, closed, opened again (`shared.contracts.casework`); never a word of a note.
Hears: registry, for names, places, roles and risks; alerts, which open cases or join them, and how they ended; funding.
Shows: cases by state, a case with its notes to those who may read them, what happened with a child's cases.
"""
