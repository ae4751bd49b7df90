"""Behind the MAC array: bias, rounding, ReLU and pooling, one value a cycle."""

from __future__ import annotations

import itertools

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam, delayed, larger, pulse_delayed, registered
from hwgen.hardware.shared.sequencer import tag_layout
from hwgen.plans import depths
from hwgen.plans.shared import align_width
from hwgen.plans.sweep import Sweep


class Collector(wiring.Component):
    """Takes the sums of all rows at once and gives finished values one by one.

    Parameters
    ----------
    sweeps
        Of one window.
    sum_width
        Bits of a sum, bias included, signed.
    value_width
        Bits of a value in memory, signed.
    logit_width
        Bits of a logit, signed.

    Members
    -------
    valid, sums, tag
        From the MAC array; at least ``rows`` cycles apart.
    value_valid, value, value_last, sweep
        A value for memory; ``value_last`` with a sweep's last.
    logit_valid, logit, logit_last
        A logit; ``logit_last`` with a window's last.

    Latency
    -------
    7 cycles from ``valid`` to the first value, 5 to the first logit; then one a cycle.
    """

    value_latency = depths.COLLECTED_VALUE
    logit_latency = depths.COLLECTED_LOGIT

    def __init__(
        self, sweeps: tuple[Sweep, ...], sum_width: int, value_width: int, logit_width: int
    ):
        self._sweeps = sweeps
        rows = sweeps[0].array.rows
        super().__init__(
            {
                "valid": In(1),
                "sums": In(data.ArrayLayout(signed(sum_width), rows)),
                "tag": In(tag_layout(sweeps)),
                "value_valid": Out(1),
                "value": Out(signed(value_width)),
                "value_last": Out(1),
                "logit_valid": Out(1),
                "logit": Out(signed(logit_width)),
                "logit_last": Out(1),
            }
        )

    def elaborate(self, platform):
        """Return the serialiser and the pipeline behind it."""
        m = Module()
        item = self._serialise(m)
        total, align = self._add_bias(m, item)
        kept = self._flags(m, item, BlockRam.latency + 1)
        logits = len(self._sweeps) - 1
        is_logit = kept["sweep"] == logits
        registered(m, self.logit, total << align)
        m.d.sync += [
            self.logit_valid.eq(kept["valid"] & is_logit),
            self.logit_last.eq(kept["final"]),
        ]
        rounded = self._round(m, total, kept["sweep"])
        late = self._flags(m, item, BlockRam.latency + 3)
        m.d.comb += late["is_value"].eq(late["valid"] & (late["sweep"] != logits))
        self._pool(m, rounded, late)
        return m

    def _serialise(self, m: Module):
        """Return the current row's sum and what is known of it."""
        rows = self._sweeps[0].array.rows
        width = self.sums[0].shape()
        held = [Signal(width, name=f"held_{row}", reset_less=True) for row in range(rows)]
        tag = Signal.like(self.tag, reset_less=True)
        index = Signal(range(max(2, rows)))
        bias = Signal.like(self.tag.bias, reset_less=True)
        running = Signal()
        with m.If(running):
            m.d.sync += [index.eq(index + 1), bias.eq(bias + 1)]
            m.d.sync += [a.eq(b) for a, b in itertools.pairwise(held)]
            with m.If(index == rows - 1):
                m.d.sync += running.eq(0)
        with m.If(self.valid):
            m.d.sync += [running.eq(1), index.eq(0), tag.eq(self.tag), bias.eq(self.tag.bias)]
            m.d.sync += [a.eq(self.sums[row]) for row, a in enumerate(held)]
        full = Signal(range(max(2, rows)))
        with m.Switch(tag.sweep):
            for number, sweep in enumerate(self._sweeps):
                with m.Case(number):
                    rest = sweep.outputs - (sweep.groups - 1) * rows
                    m.d.comb += full.eq(Mux(tag.group_last, rest - 1, rows - 1))
        return {
            "sum": held[0],
            "bias": bias,
            "slot": running,
            "valid": running & (index <= full),
            "final": running & tag.sweep_last & (index == full),
            "sweep": tag.sweep,
            "pool_first": tag.pool_first,
            "pool_last": tag.pool_last,
        }

    def _flags(self, m: Module, item, cycles: int):
        """Return the item's flags, `cycles` later."""
        flags = {
            name: pulse_delayed(m, item[name], cycles, f"{name}_{cycles}")
            for name in ("slot", "valid", "final")
        }
        for name in ("sweep", "pool_first", "pool_last"):
            flags[name] = delayed(m, item[name], cycles, f"{name}_{cycles}")
        flags["is_value"] = Signal(name=f"is_value_{cycles}")
        return flags

    def _add_bias(self, m: Module, item):
        """Return the sum with its bias, registered, and the logit's alignment."""
        biases = [int(b) for sweep in self._sweeps for b in sweep.bias_words]
        aligns = [int(a) for sweep in self._sweeps for a in sweep.align_words]
        width = len(item["sum"])
        align_bits = align_width(self._sweeps)
        words = [(b & ((1 << width) - 1)) | a << width for b, a in zip(biases, aligns, strict=True)]
        m.submodules.biases = rom = BlockRam(width + align_bits, len(words), words)
        m.d.comb += rom.read_address.eq(item["bias"])
        total = Signal(signed(width), reset_less=True)
        align = Signal(max(1, align_bits), reset_less=True)
        m.d.sync += [
            total.eq(
                delayed(m, item["sum"], rom.latency, "sum") + rom.read_data[:width].as_signed()
            ),
            align.eq(rom.read_data[width:]),
        ]
        return total, align

    def _round(self, m: Module, total, sweep):
        """Return the sum divided, halves up, and saturated: two registered stages."""
        rounded = Signal(signed(len(total) + 1), reset_less=True)
        value = Signal.like(self.value, reset_less=True)
        sweep_1 = delayed(m, sweep, 1, "round_sweep")
        for number, each in enumerate(self._sweeps[:-1]):
            assert each.out is not None
            with m.If(sweep == number):
                m.d.sync += rounded.eq((total + ((1 << each.shift) >> 1)) >> each.shift)
            with m.If(sweep_1 == number):
                m.d.sync += value.eq(
                    Mux(
                        rounded < each.out.min,
                        each.out.min,
                        Mux(rounded > each.out.max, each.out.max, rounded),
                    )
                )
        return value

    def _pool(self, m: Module, value, flags) -> None:
        """Keep a running maximum per row in a ring that turns with the serialiser."""
        rows = self._sweeps[0].array.rows
        ring = [Signal.like(value, name=f"ring_{row}", reset_less=True) for row in range(rows)]
        best = Signal.like(value)
        m.d.comb += best.eq(Mux(flags["pool_first"], value, larger(value, ring[-1])))
        with m.If(flags["slot"]):
            m.d.sync += Cat(*ring).eq(Cat(best, *ring[:-1]))
        registered(m, self.value, best)
        m.d.sync += [
            self.value_valid.eq(flags["is_value"] & flags["pool_last"]),
            self.value_last.eq(flags["final"]),
        ]
