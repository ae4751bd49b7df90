"""One MAC array on which the layers take turns."""
