"""Testing: given/when/then, rooms in a fresh database, hosts and clocks that tests move."""
