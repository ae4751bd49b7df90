"""Windows that are normalised by themselves: their statistics, reciprocals, and numbers."""
