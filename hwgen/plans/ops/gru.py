"""A gated recurrent unit as a loop of steps: gates, reset, proposal, output."""

from __future__ import annotations

from hwgen.plans.operand import Operand
from hwgen.plans.recurrent import HIDDEN, INPUT, Recurrence
from hwgen.plans.step import Array, Pairs, Step
from hwgen.quantized.ops.gru import QuantizedGru


def lower(op: QuantizedGru, operands: tuple[Operand, ...], array: Array) -> tuple[Step, ...]:
    """Return the steps for `op` on an array of shape `array`."""
    loop = Recurrence(op, array, operands[0])
    formats, units, value = op.formats, op.units, loop.value
    sigmoid, tanh = op.tables
    gate, state, difference = formats.gate, formats.state, formats.difference
    down = op.opened.octave - formats.gate_octave, op.given.octave - formats.gate_octave
    r, z = (value("opened", number, 2) for number in range(2))
    up = op.given.octave - op.width
    return (
        loop.gates("opened", op.opened, loop.post(down[0], gate, 2 * units, sigmoid)),
        loop.gates("kept", op.kept, loop.post(op.kept.octave - op.width, state, units),
                   of=HIDDEN),
        loop.product("reset", r, (value("kept"), 0), state, Pairs(op.width, state)),
        loop.gates("proposed", op.given, loop.post(down[1], gate, units, tanh),
                   (value("reset"), up), of=INPUT),
        loop.total("away", loop.post(0, difference, units),
                   (value(""), loop.before, 1), (value("proposed"), 0, -1)),
        loop.product("moved", z, (value("away"), 0), state, Pairs(op.width, difference)),
        loop.total("", loop.post(0, formats.shown, units),
                   (value("proposed"), 0, 1), (value("moved"), 0, 1)),
    )  # fmt: skip
