"""Backups: what a service cannot make again, as files; and a service made again from them.

    taking      writes a backup of each service while it works
    checking    says whether a backup is whole
    restoring   makes a service anew from a backup

A backup is logical and portable: what was taken of SQLite files may be restored to PostgreSQL. Views are left out, as
the log makes them again; keys are kept apart, because a backup with its keys would undo every later erasure.
"""
