"""Weights as places in a table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from amaranth.hdl import Array, Const, Module, signed

from hwgen.hardware.weights.coded import CodedStore, Decoder
from hwgen.plans.weights.codebook import CodebookPlan


class CodebookDecoder(Decoder):
    """A table in look-up tables.

    Parameters
    ----------
    plan
        What the words are.

    Members
    -------
    word, weights
        As of `hwgen.hardware.weights.coded.Decoder`.

    Latency
    -------
    1 cycle.
    """

    plan: CodebookPlan

    def decoded(self, m: Module) -> Sequence[Any]:
        """Return what each weight is before its last register."""
        del m
        entries = self.plan.coded.table[0].tolist()
        return [Array(Const(each, signed(self.plan.bits)) for each in entries)[self.word]]


STORE = partial(CodedStore, decoder=CodebookDecoder)
