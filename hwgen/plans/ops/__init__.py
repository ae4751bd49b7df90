"""How each op is done on the MAC array: one file each, named like the op."""
