"""Hardware of its own for each layer."""
