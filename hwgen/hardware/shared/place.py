"""Where the current position begins in each read of a step, and its phase's weights."""

from __future__ import annotations

from typing import Any, NamedTuple

from amaranth.hdl import Array as Choice
from amaranth.hdl import Module, Mux, Signal

from hwgen.plans.schedule import Task
from hwgen.plans.step import Step


class Turn(NamedTuple):
    """What follows the last word of a sum, each a bit.

    Parameters
    ----------
    group, group_end
        The next group comes; after the last one, the first.
    position, position_end
        The next (pooled) position comes; after the last one, the first.
    back
        The position goes back to where the pool began.
    anew
        It goes back to the task's first; None where it never does.
    """

    group: Any
    group_end: Any
    position: Any
    position_end: Any
    back: Any
    anew: Any = None


class Place:
    """Counters that follow the positions: registers and logic inside a component's module.

    Parameters
    ----------
    m
        Where they are.
    work
        The tasks and their steps.
    slack
        ``"sync"`` where what follows from a count may be a cycle late, else ``"comb"``.
    current
        Number of the task.
    of_step
        Returns the one of some numbers that belongs to the current task.
    shapes
        Of a word's address, and of a word of weights'.

    Attributes
    ----------
    bases
        Word of each read in which the current position begins.
    offset
        Where the weights of its phase begin.
    """

    def __init__(
        self, m: Module, work: list[tuple[Task, Step]], slack: str, current, of_step, shapes
    ):
        self._m, self._work, self._slack = m, work, slack
        self._steps = [step for _, step in work]
        self._of_step = of_step
        self._current = current
        address, weight_address = shapes
        reads = max(len(step.reads) for step in self._steps)
        # Cleared between steps, as all counters are: a reset besides would only be a long way.
        self._base = [
            (
                Signal(address, name=_numbered("base", r), reset_less=True),
                Signal(address, name=_numbered("base_saved", r), reset_less=True),
            )
            for r in range(reads)
        ]
        phases = range(max(2, *(step.phases for step in self._steps)))
        self._phase, self._offset = (
            (
                Signal(shape, name=name, reset_less=True),
                Signal(shape, name=f"{name}_saved", reset_less=True),
            )
            for shape, name in ((phases, "phase"), (weight_address, "offset"))
        )
        self.bases = [base for base, _ in self._base]
        self.offset = self._offset[0]
        self._jumps = any(step.hop != step.pool for step in self._steps)

    def follow(self, counting, next_sub, turn: Turn) -> None:
        """Go on to the next position.

        A group goes back to where its pool began; the last group does not. Where it is met by all
        positions first, it goes back to where they began.
        """
        m = self._m
        advances, wrap = self._advances()
        strides = [_stride(s) for s in self._steps]
        stride = self._of_step("phase_stride", strides)
        phase, offset = self._phase[0], self._offset[0]
        ahead = [
            (*base, base[0] + advance, self._first(number))
            for number, (base, advance) in enumerate(zip(self._base, advances, strict=True))
        ]
        phases = [task.begin * each.hop % each.phases for task, each in self._work]
        offsets = [f * each for f, each in zip(phases, strides, strict=True)]
        ahead.append((*self._phase, Mux(wrap, 0, phase + 1), self._start("first_phase", phases)))
        start = self._start("first_offset", offsets)
        ahead.append((*self._offset, Mux(wrap, 0, offset + stride), start))
        for value, saved, result, start in ahead:
            following = Signal.like(value, name="following")
            m.d[self._slack] += following.eq(result)
            with m.If(~counting):
                m.d.sync += [value.eq(start), saved.eq(start)]
            with m.Elif(next_sub):
                with m.If(turn.back):
                    m.d.sync += value.eq(saved)
                with m.Else():
                    m.d.sync += value.eq(following)
                with m.If(turn.position):
                    m.d.sync += saved.eq(following)
        if self._jumps:
            self._jump(counting, next_sub & turn.position)
        if turn.anew is not None:
            with m.If(counting & next_sub & turn.anew):
                for value, saved, _, start in ahead:
                    m.d.sync += [value.eq(start), saved.eq(start)]

    def _jump(self, counting, now) -> None:
        """Go on to the next group of positions where that is not behind the last of this one."""
        m, steps, saved_phase = self._m, self._steps, self._phase[1]

        def table(name: str, values) -> Signal:
            """Return what `values` (of a step and phase) has for the current ones."""
            every = [[values(each, f) for f in range(each.phases)] for each in steps]
            chosen = Signal(range(max(2, 1 + max(map(max, every)))), name=name)
            with m.Switch(self._current):
                for number, row in enumerate(every):
                    with m.Case(number):
                        m.d.comb += chosen.eq(Choice(row)[saved_phase])
            return chosen

        def words(read: int):
            return lambda each, f: (
                each.place(read, f + each.hop)[0] - each.place(read, f)[0]
                if read < len(each.reads)
                else 0
            )

        phase = table("jump_phase", lambda each, f: (f + each.hop) % each.phases)
        offset = table("jump_offset", lambda each, f: (f + each.hop) % each.phases * _stride(each))
        jumps = [
            (*base, base[1] + table(_numbered("jump", r), words(r)))
            for r, base in enumerate(self._base)
        ]
        jumps += [(*self._phase, phase), (*self._offset, offset)]
        for value, saved, result in jumps:
            there = Signal.like(value, name="there")
            m.d[self._slack] += there.eq(result)
            with m.If(counting & now):
                m.d.sync += [value.eq(there), saved.eq(there)]

    def _first(self, read: int):
        """Return the word in which a read's first position begins."""
        words = [
            step.place(read, task.begin * step.hop)[0] if read < len(step.reads) else 0
            for task, step in self._work
        ]
        return self._start(_numbered("first_place", read), words)

    def _start(self, name: str, values: list[int]):
        """Return what a counter of a task begins with."""
        return self._of_step(name, values) if any(values) else 0

    def _advances(self):
        """Return the words of each read to the next position, and whether phases begin anew."""
        m, steps = self._m, self._steps
        every = [[step.advances(r) for r in range(len(step.reads))] for step in steps]
        most = max(max(words) for step in every for words in step)
        advances = [
            Signal(range(max(2, 1 + most)), name=_numbered("advance", r))
            for r in range(len(self._base))
        ]
        wrap = Signal()
        with m.Switch(self._current):
            for number, step in enumerate(steps):
                with m.Case(number):
                    m.d.comb += [
                        signal.eq(Choice(words)[self._phase[0]])
                        for signal, words in zip(advances, every[number], strict=False)
                    ]
                    m.d.comb += wrap.eq(self._phase[0] == step.phases - 1)
        return advances, wrap


def _stride(step: Step) -> int:
    """Return the words of weights from one phase of the positions to the next."""
    return step.words if step.streamed else step.groups * step.words


def _numbered(name: str, number: int) -> str:
    return name if not number else f"{name}_{number}"
