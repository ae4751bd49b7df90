"""Stores of weights, a file a kind."""
