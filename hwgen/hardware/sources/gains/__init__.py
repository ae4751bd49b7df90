"""Gains of bins: one transform in place, used both ways, and two products a bin between."""
