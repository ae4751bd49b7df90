"""Products with constants as adders: how few will do."""
