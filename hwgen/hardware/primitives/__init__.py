"""Adder, multiplier, memory: behind each a chip's cell or plain logic."""
