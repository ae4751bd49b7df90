"""Which ops may have hardware of their own, and where in a row: a file each."""
