"""Weights in fewer bits: one file a code in `codes`, each with an exact integer meaning."""

from hwgen.coding.coded import Coded
from hwgen.coding.search import UnreachedError, by_bits, by_error

__all__ = ["Coded", "UnreachedError", "by_bits", "by_error"]
