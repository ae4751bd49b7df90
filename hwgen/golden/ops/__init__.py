"""Integer meaning of each op in NumPy: one file each, named like the op."""
