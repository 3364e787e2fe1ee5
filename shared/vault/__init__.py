"""The vault: personal parts of events, sealed under one key per person and purpose.

What makes a part readable lies in three places: the ciphertext beside the log, the person's key wrapped in the
database, and the key that wraps it in a file. Erasing a person takes away the first two; a stolen database lacks the
third.
"""
