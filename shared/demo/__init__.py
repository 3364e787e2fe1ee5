"""Demonstration data: places and people that do not exist, made from the figures of the summaries."""
