"""Float ops: one file each, named like the op."""
