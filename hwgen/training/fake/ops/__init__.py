"""Quantized ops for training: one file each, named like the op."""
