"""The kernel: what every room speaks in. Standard library only.

Aggregates and the messages they record, identifiers, time, money and refusals. Nothing here opens a file,
a socket or a connection; time and identifiers come in as arguments.
"""
