"""Hardware of its own for each layer: what meets what, and when."""
