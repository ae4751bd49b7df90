"""Weights with a shared exponent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from amaranth.hdl import Cat, Const, Module

from hwgen.hardware.weights.coded import CodedStore, Decoder
from hwgen.plans.weights.block import BlockPlan


class BlockDecoder(Decoder):
    """A shift a weight.

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

    plan: BlockPlan

    def decoded(self, m: Module) -> Sequence[Any]:
        """Return what each weight is before its last register."""
        del m
        coded = self.plan.coded
        exponent = self.word[coded.group * coded.mantissa :]
        found = []
        for number in range(coded.group):
            mantissa = self.word.word_select(number, coded.mantissa)
            whole = Cat(Const(1, 1), mantissa) if coded.odd else mantissa
            found.append(whole.as_signed() << exponent)
        return found


STORE = partial(CodedStore, decoder=BlockDecoder)
