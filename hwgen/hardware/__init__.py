"""Amaranth components, one file per op, and the generator that wires them."""
