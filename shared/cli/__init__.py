"""The `shouwang` command: what a person types at a machine."""
