"""Coded weights in a memory of the chip, with their decoder behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Module, Signal, signed, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam
from hwgen.plans.weights.coded import CodedPlan


class Decoder(wiring.Component):
    """From a coded word to its weights; a new one may come every cycle.

    Parameters
    ----------
    plan
        What the words are.

    Members
    -------
    word
        As the memory has it, one coded word.
    weights
        Signed, those of the word that was there `stages` of the plan cycles before; the first
        has the lowest bits.

    Latency
    -------
    `stages` of the plan.
    """

    def __init__(self, plan: CodedPlan):
        self.plan = plan
        super().__init__({"word": In(plan.coded.word_bits), "weights": Out(plan.group * plan.bits)})

    def decoded(self, m: Module) -> Sequence[Any]:
        """Return what each weight is before its last register."""
        raise NotImplementedError

    def elaborate(self, platform):
        """Return the decoder."""
        del platform
        m = Module()
        held = []
        for number, value in enumerate(self.decoded(m)):
            weight = Signal(signed(self.plan.bits), name=f"weight_{number}", reset_less=True)
            m.d.sync += weight.eq(value)
            held.append(weight)
        m.d.comb += self.weights.eq(Cat(*held))
        return m


class CodedStore(wiring.Component):
    """A block RAM that nobody writes, and a decoder for each coded word of one of its words.

    Parameters
    ----------
    plan
        What it is made of.
    decoder
        From the plan to one decoder.

    Members
    -------
    read_address, read_data
        As of every store (`hwgen.hardware.weights.store.Store`).

    Latency
    -------
    The plan's: cycles from address to data.
    """

    def __init__(self, plan: CodedPlan, decoder: type[Decoder]):
        self.plan = plan
        self._decoder = decoder
        address = unsigned(max(1, (plan.depth - 1).bit_length()))
        super().__init__({"read_address": In(address), "read_data": Out(plan.width)})

    def elaborate(self, platform):
        """Return memory and decoders."""
        del platform
        plan, m = self.plan, Module()
        m.submodules.memory = memory = BlockRam(plan.stored_width, plan.depth, plan.words)
        m.d.comb += memory.read_address.eq(self.read_address)
        found = []
        for number in range(plan.lanes // plan.group):
            m.submodules[f"decoder_{number}"] = decoder = self._decoder(plan)
            m.d.comb += decoder.word.eq(memory.read_data.word_select(number, plan.coded.word_bits))
            found.append(decoder.weights)
        m.d.comb += self.read_data.eq(Cat(*found))
        return m
