"""Importing a roster: the file is held sealed, planned into chunks, and each row is met with the register.

`holding` keeps what must wait, `files` reads, `planning` cuts a file into chunks of rows, `places` knows schools and
villages by what rosters call them, `guardians` makes contacts of what a row says of the family, `matching` finds the
child in the register, `meeting` and `carrying` let the row in. See docs/adr.
"""
