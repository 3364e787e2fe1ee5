"""Settings: what the environment says about one process, read once, at the start, loudly."""
