"""Design points: what a network could get, what it costs, what fits."""
