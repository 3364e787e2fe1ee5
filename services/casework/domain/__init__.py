"""Casework's decisions: cases with their notes, and who read what is confidential."""
