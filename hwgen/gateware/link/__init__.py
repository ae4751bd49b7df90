"""Frames between host and board, on the board's side."""
