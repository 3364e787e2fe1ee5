"""What the services share: the machinery of the house, none of its cases."""
