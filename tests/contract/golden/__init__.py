"""Golden files: what an entry of each type and version holds, kept for good.

An entry that was written years ago is read by today's code. So each event has a file for each version that was ever
recorded. `python -m tests.contract.golden --write` makes the missing ones and never touches one that is there: whoever
changes the shape of an event raises its version, writes an upcaster, and gets a new file beside the old one.
"""
