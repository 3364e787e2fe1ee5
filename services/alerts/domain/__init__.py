"""What alerts decides: plain Python, no I/O."""
