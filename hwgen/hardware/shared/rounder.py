"""Division and saturation of numbers of several steps, each by its own shift to its own format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from amaranth.hdl import Cat, Const, Module, Signal, signed

from hwgen.fixedpoint import Format
from hwgen.hardware.primitives.memory import delayed
from hwgen.hardware.primitives.rounding import divided, saturated


class Rounder:
    """Registers and logic inside a component's module: an adder a number, whatever the steps.

    What steps differ in is looked up once for all numbers that come at the same time, a cycle
    before them; steps of one kind are not told apart.

    Parameters
    ----------
    m
        Where it is.
    step
        Number of the step, a cycle before its numbers.
    shifts
        By the numbers of the steps: division by ``2**shift``, and whether halves go to the even
        integer, not up.
    outs
        By the numbers of the steps: the format; None for what comes out as it is given.

    Of other steps' numbers something comes out.

    Latency
    -------
    2 cycles.
    """

    def __init__(
        self,
        m: Module,
        step: Any,
        shifts: Mapping[int, tuple[int, bool]],
        outs: Mapping[int, Format | None],
    ):
        self._m, self._step = m, step
        self._shifts = list(dict.fromkeys(shifts.values()))
        self._outs = list(dict.fromkeys(outs.values()))
        self._shift = self._late("shift", {n: self._shifts.index(s) for n, s in shifts.items()}, 1)
        self._out = self._late("out", {n: self._outs.index(out) for n, out in outs.items()}, 2)
        # With even halves one of what is added depends on the number: it is carried in.
        self._carries = any(even for _, even in self._shifts)
        halves = {n: (1 << s) >> 1 for n, (s, _) in shifts.items()}
        if self._carries:
            halves = {n: max(0, half - 1) for n, half in halves.items()}
        self._half = self._late("half", halves, 1) if len(self._shifts) > 1 else None

    def _late(self, name: str, values: Mapping[int, int], cycles: int) -> Any:
        """Return the value of the step, some cycles after its number."""
        m, most = self._m, max(values.values())
        chosen = Signal(range(max(2, most + 1)), name=name)
        with m.Switch(self._step):
            for value in sorted(set(values.values())):
                with m.Case(*(number for number, each in values.items() if each == value)):
                    m.d.comb += chosen.eq(value)
        return delayed(m, chosen, cycles, name)

    def rounded(self, value: Any, width: int, name: str, given: Any = None) -> Any:
        """Return a number divided and saturated.

        Parameters
        ----------
        value
            The number, signed.
        width
            Bits of what comes out, signed.
        name
            Of its register.
        given
            What comes out where there is no format, a cycle later than the number.
        """
        whole = Signal(signed(len(value) + 1), name=f"{name}_whole", reset_less=True)
        result = Signal(signed(width), name=name, reset_less=True)
        self._choose(whole, self._shift, self._divided(value, name))
        ends = [given if out is None else saturated(whole, out) for out in self._outs]
        self._choose(result, self._out, ends)
        return result

    def _divided(self, value: Any, name: str) -> list[Any]:
        """Return a number divided by each of the shifts."""
        if self._half is None:
            ((shift, even),) = self._shifts
            return [divided(value, shift, even=even)]
        total = value + self._half
        if self._carries:
            m = self._m
            carry = Signal(name=f"{name}_carry")
            with m.Switch(self._shift):
                for kind, (shift, even) in enumerate(self._shifts):
                    odd = value[min(shift, len(value) - 1)] if even else 1
                    with m.Case(kind):
                        m.d.comb += carry.eq(odd if shift else 0)
            # One adder: a carry in is a one beside what is carried.
            total = (Cat(Const(1, 1), value).as_signed() + Cat(carry, self._half)) >> 1
        return [total >> shift for shift, _ in self._shifts]

    def _choose(self, target: Any, kind: Any, values: Sequence[Any]) -> None:
        """Register the value of a kind: the last for all kinds behind."""
        m = self._m
        *others, last = values
        if not others:
            m.d.sync += target.eq(last)
            return
        with m.Switch(kind):
            for number, value in enumerate(others):
                with m.Case(number):
                    m.d.sync += target.eq(value)
            with m.Default():
                m.d.sync += target.eq(last)
