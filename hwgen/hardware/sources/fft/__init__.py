"""Spectrum by a streaming FFT."""
