"""Localisation: languages, workdays, divisions, and what is peculiar to names, telephone and identity numbers here.

Pure functions over values; the only file read is the library's own table of characters. Nothing here knows a
service, a database or a screen.
"""
