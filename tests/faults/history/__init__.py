"""Histories: what many writers committed, against what those who read the log were shown while others were killed."""
