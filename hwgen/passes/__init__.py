"""Passes: a network as it was trained to the ops that have an integer form, a file each."""

from hwgen.passes.canonical import PASSES, canonical

__all__ = ["PASSES", "canonical"]
