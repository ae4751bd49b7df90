"""Spectrum by accumulation: a little work with every sample."""
