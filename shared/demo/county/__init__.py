"""A county that does not exist: children, families, villages and schools in the proportions of a real return.

Deterministic: the same number and seed make the same county, on every machine and Python. Nobody in it lives:
identity numbers are of places that cannot exist, telephone numbers of a range that is given to no network.
"""

from shared.demo.county.figures import SOURCE, shares
from shared.demo.county.making import DAY, Adult, Child, County, make_county
from shared.demo.county.paper import divisions_csv, write_roster
from shared.demo.county.places import School, Township, Village

__all__ = [
    "DAY",
    "SOURCE",
    "Adult",
    "Child",
    "County",
    "School",
    "Township",
    "Village",
    "divisions_csv",
    "make_county",
    "shares",
    "write_roster",
]
