"""Which values are read when: pass after pass over a window's values, in place."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.plans import depths
from hwgen.plans.sources.spectralgain import gain_cycles
from hwgen.quantized.ops.spectralgain import QuantizedSpectralGain


def steps(op: QuantizedSpectralGain) -> dict[str, Any]:
    """Return the shapes of what a cycle of a walk tells, by name.

    ``loading``, ``turning``, ``gaining``, ``leaving``
        What is done with the value that is read: it comes from the window; a pair of values, the
        second one in the cycle after the first, gives sum and difference; a value, which is read
        for two cycles, is multiplied; it leaves, for two cycles.
    ``phase``
        The second of two such cycles.
    ``odd``
        Of products: the second one of a sum.
    ``halved``
        Whether sum and difference are.
    ``last``
        Of values that leave: the window's last.
    ``read_address``, ``write_address``
        Of the value, and of what becomes of it.
    ``factor``
        Of a difference: its twiddle's number. Of a product: bin, and `odd` above it.
    """
    address = op.points.bit_length() - 1
    flags = ("loading", "turning", "gaining", "leaving", "phase", "odd", "halved", "last")
    return dict.fromkeys(flags, 1) | {
        "read_address": unsigned(address),
        "write_address": unsigned(address),
        "factor": unsigned(address + 1),
    }


class Walk(wiring.Component):
    """Counts through the passes of a window.

    Parameters
    ----------
    op
        Says how many there are.

    Members
    -------
    start
        Begin with the next window; heeded when ``idle``.
    idle
        No window is worked on.
    room, begin
        A window leaves when there is room; ``begin`` is high when that is taken.
    and those of `steps`, registered.
    """

    def __init__(self, op: QuantizedSpectralGain):
        self._op = op
        self._bits = op.points.bit_length() - 1
        super().__init__(
            {"start": In(1), "idle": Out(1), "room": In(1), "begin": Out(1)}
            | {name: Out(shape) for name, shape in steps(op).items()}
        )

    def elaborate(self, platform):
        """Return the passes, the count within one, and the addresses that follow from it."""
        m = Module()
        op, drain = self._op, depths.GAIN_DRAIN
        products = gain_cycles(op.points)
        count = Signal(range(products + drain))
        stage = _Stage(m, op)
        now = {name: Signal(shape, name=f"now_{name}") for name, shape in steps(op).items()}
        within = count < op.points
        end, gained, left = (
            count == cycles - 1 for cycles in (op.points + drain, products + drain, op.window)
        )
        m.d.sync += count.eq(count + 1)
        with m.FSM():
            with m.State("IDLE"):
                m.d.comb += self.idle.eq(1)
                m.d.sync += count.eq(0)
                stage.begin(there=True)
                with m.If(self.start):
                    m.next = "LOAD"
            with m.State("LOAD"):
                m.d.comb += now["loading"].eq(within)
                with m.If(end):
                    m.d.sync += count.eq(0)
                    m.next = "TURN"
            with m.State("TURN"):
                m.d.comb += now["turning"].eq(within)
                with m.If(end):
                    m.d.sync += count.eq(0)
                    stage.follow()
                    with m.If(stage.last):
                        stage.begin(there=False)
                        m.next = "GAIN"
                    with m.If(stage.last & stage.back):
                        m.next = "ROOM"
            with m.State("GAIN"):
                m.d.comb += now["gaining"].eq(count < products)
                with m.If(gained):
                    m.d.sync += count.eq(0)
                    m.next = "TURN"
            with m.State("ROOM"):
                m.d.comb += self.begin.eq(self.room)
                m.d.sync += count.eq(0)
                with m.If(self.room):
                    m.next = "LEAVE"
            with m.State("LEAVE"):
                m.d.comb += [now["leaving"].eq(1), now["last"].eq(left)]
                with m.If(left):
                    m.next = "IDLE"
        self._tell(m, count, stage, now)
        m.d.sync += [getattr(self, name).eq(value) for name, value in now.items()]
        return m

    def _tell(self, m: Module, count, stage: _Stage, now: dict[str, Signal]) -> None:
        """Say what is read, and where what becomes of it goes."""
        bits = self._bits
        gaining = now["gaining"]
        bin_, mirror, slot = Signal(bits), Signal(bits), count[1:3]
        one, target, plain = Signal(bits), Signal(bits), Signal(bits)
        of_pair = stage.place(count)
        m.d.comb += [
            bin_.eq(count[3:]),
            mirror.eq(-bin_),
            one.eq(Mux(slot[0] ^ slot[1], mirror, bin_)),
            target.eq(Mux(slot[1], mirror, bin_)),
            plain.eq(Mux(now["loading"], count, Mux(now["leaving"], count[1:], of_pair))),
        ]
        # A transform leaves bins in the order of reversed bits: so gains and the way back walk.
        reverse = gaining | (now["turning"] & stage.back)
        for name, value in (("read_address", one), ("write_address", target)):
            logical = Signal(bits, name=f"logical_{name}")
            m.d.comb += [
                logical.eq(Mux(gaining, value, plain)),
                now[name].eq(Mux(reverse, logical[::-1], logical)),
            ]
        m.d.comb += [
            now["phase"].eq(count[0]),
            now["odd"].eq(slot[0]),
            now["halved"].eq(stage.halved),
            now["factor"].eq(Mux(gaining, Cat(target, slot[0]), stage.turn)),
        ]
        with m.If(now["turning"] & count[0]):
            stage.go_on()


class _Stage:
    """The stage of a transform that is in progress.

    Parameters
    ----------
    m
        Where its registers are.
    op
        Says which stages there are.

    Attributes
    ----------
    back
        Whether it is one of the way back.
    turn
        The twiddle of the next pair: the shorter the span, the further from one to the next.
    """

    def __init__(self, m: Module, op: QuantizedSpectralGain):
        self._m, self._op = m, op
        bits = len(op.halved)
        # As many ones as the span of a pair has bits, of which the pair's own is the next.
        self._below = Signal(bits - 1)
        self._step = Signal(bits - 1)
        self._halved = Signal(bits)
        self.turn = Signal(bits - 1)
        self.back = Signal()

    @property
    def last(self):
        """Whether its pairs are side by side."""
        return self._below == 0

    @property
    def halved(self):
        """Whether sums and differences are."""
        return self._halved[0]

    def begin(self, *, there: bool) -> None:
        """Begin a transform, or one on the way back."""
        self._m.d.sync += [self._below.eq(-1), self._step.eq(1), self.turn.eq(0)]
        self._m.d.sync += self.back.eq(not there)
        if there:
            self._m.d.sync += self._halved.eq(
                sum(half << number for number, half in enumerate(self._op.halved))
            )

    def follow(self) -> None:
        """Go on to the next stage. Behind the way there nothing is left to be halved."""
        self._m.d.sync += [
            self._below.eq(self._below >> 1),
            self._step.eq(self._step << 1),
            self._halved.eq(self._halved >> 1),
        ]

    def go_on(self) -> None:
        """Go on to the next pair."""
        self._m.d.sync += self.turn.eq(self.turn + self._step)

    def place(self, count):
        """Return the address of a pair's value: the bits of its number, around that of which."""
        bits = len(self._halved)
        number, which = count[1:bits], count[0]
        below, up_to = Cat(self._below, Const(0, 1)), Cat(Const(1, 1), self._below)
        made = [
            Mux(
                below[bit],
                number[bit] if bit < bits - 1 else 0,
                Mux(up_to[bit], which, number[bit - 1] if bit else 0),
            )
            for bit in range(bits)
        ]
        return Cat(*(each[0] for each in made))
