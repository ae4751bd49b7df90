"""Leads the MAC array through all sweeps of a window: one word of values and weights a cycle."""

from __future__ import annotations

from amaranth.hdl import Array as Choice
from amaranth.hdl import Const, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import pulse_delayed
from hwgen.plans.sweep import Sweep

READ_DRAIN = 4
"""Cycles from the last word's issue until its read is over."""


def tag_layout(sweeps: tuple[Sweep, ...]) -> data.StructLayout:
    """Return what goes along with a sum: where it belongs and what it completes."""
    biases = sum(len(sweep.bias_words) for sweep in sweeps)
    return data.StructLayout(
        {
            "sweep": range(max(2, len(sweeps))),
            "bias": range(max(2, biases)),
            "pool_first": 1,
            "pool_last": 1,
            "group_last": 1,
            "sweep_last": 1,
        }
    )


class Sequencer(wiring.Component):
    """Counts words, positions, groups and sweeps.

    Order, from the inside out: words of a sum, positions of a pool, groups of outputs, pooled
    positions, sweeps. So the values of one pooled position leave side by side.

    Parameters
    ----------
    sweeps
        Of one window, in order.

    Members
    -------
    start, busy
        Begin a window; ignored while ``busy``.
    proceed
        Whether the last sweep may begin: its results have somewhere to go.
    written
        All values of the current sweep are in memory: the next may begin.
    begin, begin_sweep
        High for a cycle when a sweep begins, and which.
    consumed
        High for a cycle when the first sweep has read all it needs.
    sweep, address, in_range, weight_address
        What to read; ``in_range`` is low for words of padding.
    valid, first, last, tag
        For the MAC array, in the same cycle as ``address``; ``tag`` belongs to ``last``.
    """

    def __init__(self, sweeps: tuple[Sweep, ...]):
        self._sweeps = sweeps
        # Where a sum takes more than one word, what follows from a step may be a cycle late.
        self._slack = "sync" if all(sweep.words > 1 for sweep in sweeps) else "comb"
        kinds = range(max(2, len(sweeps)))
        # A word behind the last one may be addressed (and masked).
        words = max(
            (sweep.positions * sweep.stride + sweep.taps.shape[1]) // sweep.array.lanes + 2
            for sweep in sweeps
        )
        weights = sum(sweep.weight_depth for sweep in sweeps)
        super().__init__(
            {
                "start": In(1),
                "busy": Out(1),
                "proceed": In(1),
                "written": In(1),
                "begin": Out(1),
                "begin_sweep": Out(kinds),
                "consumed": Out(1),
                "sweep": Out(kinds),
                "address": Out(range(words)),
                "in_range": Out(1),
                "weight_address": Out(range(max(2, weights))),
                "valid": Out(1),
                "first": Out(1),
                "last": Out(1),
                "tag": Out(tag_layout(sweeps)),
            }
        )

    def elaborate(self, platform):
        """Return the state machine and two stages of address arithmetic."""
        m = Module()
        count = len(self._sweeps)
        current = Signal(range(max(2, count)))
        step, finished = Signal(), Signal()  # step: the state is SWEEP
        # With few words and many rows the values are in memory before the last step is over.
        written_early = Signal()
        with m.If(self.begin):
            m.d.sync += written_early.eq(0)
        with m.Elif(self.written):
            m.d.sync += written_early.eq(1)
        with m.FSM():
            with m.State("IDLE"), m.If(self.start):
                m.d.sync += current.eq(0)
                m.next = "BEGIN"
            with m.State("BEGIN"):
                m.d.comb += self.busy.eq(1)
                with m.If((current != count - 1) | self.proceed):
                    m.d.comb += self.begin.eq(1)
                    m.d.sync += step.eq(1)
                    m.next = "SWEEP"
            with m.State("SWEEP"):
                m.d.comb += self.busy.eq(1)
                with m.If(finished):
                    m.d.sync += step.eq(0)
                    m.next = "IDLE" if count == 1 else "DRAIN"
                    with m.If(current == count - 1):
                        m.next = "IDLE"
            with m.State("DRAIN"):
                m.d.comb += self.busy.eq(1)
                with m.If(self.written | written_early):
                    m.d.sync += current.eq(current + 1)
                    m.next = "BEGIN"
        m.d.comb += [
            self.begin_sweep.eq(current),
            self.consumed.eq(pulse_delayed(m, finished & (current == 0), READ_DRAIN, "consumed")),
        ]
        self._count(m, current, step, finished)
        return m

    def _per_sweep(self, m: Module, current, name: str, values):
        """Return the one of `values` (a number per sweep) that belongs to the current sweep."""
        values = list(values)
        if len(set(values)) == 1:
            return Const(values[0], range(max(2, values[0] + 1)))
        chosen = Signal(range(max(2, max(values) + 1)), name=name)
        with m.Switch(current):
            for number, value in enumerate(values):
                with m.Case(number):
                    m.d.comb += chosen.eq(value)
        return chosen

    def _count(self, m: Module, current, step, finished) -> None:
        sweeps = self._sweeps

        def counter(name: str, lengths):
            """Return a counter, and the current sweep's last value of it."""
            last = self._per_sweep(m, current, f"{name}_last", [length - 1 for length in lengths])
            return Signal(range(max(2, *lengths)), name=name, reset_less=True), last

        word, last_word = counter("word", [sweep.steps for sweep in sweeps])
        sub, last_sub = counter("sub", [sweep.pool for sweep in sweeps])
        group, last_group = counter("group", [sweep.groups for sweep in sweeps])
        position, last_position = counter(
            "position", [sweep.positions // sweep.pool for sweep in sweeps]
        )
        end_word, end_sub, end_group, end_groups, end_all = (
            Signal(name=f"end_{name}") for name in ("word", "sub", "group", "groups", "all")
        )
        # Comparing counters and bringing their ends together is too much for the cycle that acts
        # on it. The outer ones stand while words are counted.
        m.d[self._slack] += [
            end_sub.eq(sub == last_sub),
            end_group.eq(group == last_group),
            end_groups.eq((sub == last_sub) & (group == last_group)),
            end_all.eq((sub == last_sub) & (group == last_group) & (position == last_position)),
        ]
        if self._slack == "comb":
            m.d.comb += end_word.eq(word == last_word)
        else:
            m.d.sync += end_word.eq(step & ~end_word & (word == last_word - 1))
        m.d.comb += finished.eq(step & end_word & end_all)
        for value, enable, end in (
            (word, 1, end_word),
            (sub, end_word, end_sub),
            (group, end_word & end_sub, end_groups),
            (position, end_word & end_groups, end_all),
        ):
            with m.If(~step):
                m.d.sync += value.eq(0)
            with m.Elif(enable):
                m.d.sync += value.eq(Mux(end, 0, value + 1))

        base, phase_offset = self._place(m, current, step, end_word, end_sub, end_groups)
        group_offset, bias = self._group(m, current, step, end_word & end_sub, end_groups)
        valid, last = step, end_word
        if any(sweep.words != sweep.steps for sweep in sweeps):
            words = self._per_sweep(m, current, "words", [sweep.words for sweep in sweeps])
            valid, last = step & (word < words), word == words - 1
        self._issue(m, current, valid, word, last, base, phase_offset + group_offset)
        last_tag = Signal(tag_layout(sweeps))
        m.d.sync += [
            last_tag.sweep.eq(current),
            last_tag.bias.eq(bias),
            last_tag.pool_first.eq(sub == 0),
            last_tag.pool_last.eq(end_sub),
            last_tag.group_last.eq(end_group),
            last_tag.sweep_last.eq(end_all),
            self.tag.eq(last_tag),
        ]

    def _place(self, m: Module, current, step, next_sub, end_sub, end_groups):
        """Return the word in which the current position begins, and its phase's weights.

        A group goes back to where its pool began; the last group does not.
        """
        sweeps = self._sweeps
        # Cleared between sweeps, as all counters are: a reset besides would only be a long way.
        base, base_saved, phase, phase_saved, offset, offset_saved = (
            Signal(shape, name=name + saved, reset_less=True)
            for name, shape in (
                ("base", self.address.shape()),
                ("phase", range(max(2, *(sweep.phases for sweep in sweeps)))),
                ("offset", self.weight_address.shape()),
            )
            for saved in ("", "_saved")
        )
        advance = Signal(range(max(2, 1 + max(max(sweep.advances) for sweep in sweeps))))
        stride = self._per_sweep(
            m, current, "phase_stride", [sweep.groups * sweep.words for sweep in sweeps]
        )
        wrap = Signal()
        with m.Switch(current):
            for number, sweep in enumerate(sweeps):
                with m.Case(number):
                    m.d.comb += [
                        advance.eq(Choice(sweep.advances)[phase]),
                        wrap.eq(phase == sweep.phases - 1),
                    ]
        ahead = (
            (base, base_saved, base + advance),
            (phase, phase_saved, Mux(wrap, 0, phase + 1)),
            (offset, offset_saved, Mux(wrap, 0, offset + stride)),
        )
        for value, saved, result in ahead:
            following = Signal.like(value, name="following")
            m.d[self._slack] += following.eq(result)
            with m.If(~step):
                m.d.sync += [value.eq(0), saved.eq(0)]
            with m.Elif(next_sub):
                with m.If(end_sub & ~end_groups):
                    m.d.sync += value.eq(saved)
                with m.Else():
                    m.d.sync += value.eq(following)
                with m.If(end_groups):
                    m.d.sync += saved.eq(following)
        return base, offset

    def _group(self, m: Module, current, step, next_group, end_groups):
        """Return where the current group's weights and biases begin."""
        sweeps = self._sweeps
        weight_starts, bias_starts = [0], [0]
        for sweep in sweeps:
            weight_starts.append(weight_starts[-1] + sweep.weight_depth)
            bias_starts.append(bias_starts[-1] + len(sweep.bias_words))
        weight_start = self._per_sweep(m, current, "weight_start", weight_starts[:-1])
        bias_start = self._per_sweep(m, current, "bias_start", bias_starts[:-1])
        words = self._per_sweep(m, current, "group_words", [sweep.words for sweep in sweeps])
        offset = Signal.like(self.weight_address, name="group_offset", reset_less=True)
        bias = Signal.like(self.tag.bias, name="bias", reset_less=True)
        ahead = (
            (offset, weight_start, words),
            (bias, bias_start, sweeps[0].array.rows),
        )
        for value, start, more in ahead:
            following = Signal.like(value, name="following")
            m.d[self._slack] += following.eq(value + more)
            with m.If(~step):
                m.d.sync += value.eq(start)
            with m.Elif(next_group):
                m.d.sync += value.eq(Mux(end_groups, start, following))
        return offset, bias

    def _issue(self, m: Module, current, valid, word, last, base, weight_row) -> None:
        """Add up the addresses in two registered stages."""
        sweeps = self._sweeps
        address = Signal.like(self.address)
        row = Signal.like(self.weight_address)
        word_1 = Signal.like(word)
        first_word = self._per_sweep(
            m, self._delayed(m, current), "first_word", [s.source.first_word for s in sweeps]
        )
        last_word = self._per_sweep(
            m, self._delayed(m, current), "last_word", [s.source.last_word for s in sweeps]
        )
        # Without padding every address is behind the first word: a comparison that tools warn of.
        padded = any(sweep.source.first_word for sweep in sweeps)
        behind_first = address >= first_word if padded else 1
        valid_1, first_1, last_1 = Signal(), Signal(), Signal()
        m.d.sync += [
            address.eq(base + word),
            row.eq(weight_row),
            word_1.eq(word),
            valid_1.eq(valid),
            first_1.eq(word == 0),
            last_1.eq(last),
            self.sweep.eq(self._delayed(m, current)),
            self.address.eq(address),
            self.in_range.eq(behind_first & (address <= last_word)),
            self.weight_address.eq(row + word_1),
            self.valid.eq(valid_1),
            self.first.eq(first_1),
            self.last.eq(last_1),
        ]

    def _delayed(self, m: Module, current):
        if not hasattr(self, "_current_1"):
            self._current_1 = Signal.like(current)
            m.d.sync += self._current_1.eq(current)
        return self._current_1
