"""A product with a constant matrix, a result every cycle: shifts and adders only."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Signal, Value, signed, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.fixedpoint import Format
from hwgen.hardware.primitives.memory import pulse_delayed
from hwgen.plans.constants.adder_graph import AdderGraph, Span


class ConstantMatrix(wiring.Component):
    """``y = A x`` of a graph of adders.

    Parameters
    ----------
    graph
        The adders (`hwgen.plans.constants.subexpressions.share`).

    Members
    -------
    x
        Inputs of the graph's span.
    zero
        Whether this cycle's inputs count as zero.
    y
        Field ``o{k}`` belongs to row k of A: the node of the graph's output k, without its shift
        and sign, which cost nothing where it is added on. Rows of zeros have none.

    Latency
    -------
    `latency` cycles, the graph's.
    """

    def __init__(self, graph: AdderGraph):
        self.graph = graph
        super().__init__(
            {
                "x": In(data.ArrayLayout(shape_of(graph.source), graph.lanes)),
                "zero": In(1),
                "y": Out(
                    data.StructLayout(
                        {
                            f"o{index}": shape_of(graph.spans[output.node])
                            for index, output in enumerate(graph.outputs)
                            if output is not None
                        }
                    )
                ),
            }
        )

    @property
    def latency(self) -> int:
        """Cycles from inputs to outputs."""
        return self.graph.latency

    def elaborate(self, platform):
        """Return the adders, and the registers in which nodes wait for their users."""
        m = Module()
        graph = self.graph
        zero = pulse_delayed(m, self.zero, graph.latency - 1, "zero")
        held: dict[tuple[int, int], Signal] = {}
        for lane in range(graph.lanes):
            held[lane, 0] = self.x[lane]
        for node, (level, last) in enumerate(zip(graph.levels, graph.last_use, strict=True)):
            span = graph.spans[node]
            if node >= graph.lanes:
                adder = graph.adders[node - graph.lanes]
                a, b = held[adder.a, level - 1], held[adder.b, level - 1]
                total = shifted_sum(a, b, adder.shift, span, subtract=adder.subtract)
                held[node, level] = self._register(m, node, level, total, zero)
            for step in range(level + 1, last + 1):
                held[node, step] = self._register(m, node, step, held[node, step - 1], zero)
        for index, output in enumerate(graph.outputs):
            if output is not None:
                m.d.comb += self.y[f"o{index}"].eq(held[output.node, graph.latency])
        return m

    def _register(self, m: Module, node: int, level: int, value, zero) -> Signal:
        span = self.graph.spans[node]
        held = Signal(shape_of(span), name=f"node_{node}_{level}", reset_less=True)
        m.d.sync += held.eq(value)
        if level == self.graph.latency:
            with m.If(zero):
                m.d.sync += held.eq(0)
        return held


def format_shape(fmt: Format):
    """Return the Amaranth shape of a format."""
    return signed(fmt.width) if fmt.signed else unsigned(fmt.width)


def shape_of(span: Span):
    """Return the Amaranth shape that holds a span."""
    return signed(span.width) if span.signed else unsigned(span.width)


def shifted_sum(a: Value, b: Value, shift: int, span: Span, *, subtract: bool = False) -> Value:
    """Return ``a + (b << shift)``, or the difference, in the bits of `span`.

    The lowest bits of `a` pass the adder by.
    """
    width = span.width
    if shift == 0:
        return _extended(a - b if subtract else a + b, width)
    if shift < len(a):
        low, rest = a[:shift], a.shift_right(shift)
        upper = rest - b if subtract else rest + b
    elif a.shape().signed:
        low, rest = _extended(a, shift), a[-1:].as_signed()
        upper = rest - b if subtract else rest + b
    else:
        low, upper = _extended(a, shift), -b if subtract else b
    return Cat(low, _extended(upper, width - shift))


def _extended(value: Value, width: int) -> Value:
    """Return the lowest bits of a value, its sign or zeros above."""
    if len(value) >= width:
        return value[:width]
    fill = value[-1] if value.shape().signed else Const(0, 1)
    return Cat(value, fill.replicate(width - len(value)))
