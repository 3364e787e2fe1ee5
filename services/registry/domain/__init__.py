"""What registry decides: places, staff and their roles, children and their contact cards, rosters. Plain Python."""
