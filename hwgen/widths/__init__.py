"""Search for the fewest bits."""
