"""What funding decides: plain Python, no I/O. Amounts are integer fen."""
