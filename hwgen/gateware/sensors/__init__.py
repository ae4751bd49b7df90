"""Sensors' samples into the accelerator."""
