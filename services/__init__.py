"""The services: four that own the work, and the console that is the front door to them."""
