"""A long short-term memory as a loop of steps: gates, products, state, output."""

from __future__ import annotations

from hwgen.plans.operand import Operand
from hwgen.plans.recurrent import Recurrence
from hwgen.plans.step import Array, Pairs, Step
from hwgen.quantized.ops.lstm import QuantizedLstm


def lower(op: QuantizedLstm, operands: tuple[Operand, ...], array: Array) -> tuple[Step, ...]:
    """Return the steps for `op` on an array of shape `array`."""
    loop = Recurrence(op, array, operands[0])
    formats, units, value = op.formats, op.units, loop.value
    sigmoid, tanh = op.tables
    gate, state = formats.gate, formats.state
    down = op.opened.octave - formats.gate_octave, op.proposed.octave - formats.gate_octave
    i, f, o = (value("opened", number, 3) for number in range(3))
    return (
        loop.gates("opened", op.opened, loop.post(down[0], gate, 3 * units, sigmoid)),
        loop.gates("proposed", op.proposed, loop.post(down[1], gate, units, tanh)),
        loop.product("kept", f, (value("state"), loop.before), state, Pairs(op.width, state)),
        loop.product("taken", i, (value("proposed"), 0), state, Pairs(op.width - 1, state)),
        loop.total("state", loop.post(0, state, units),
                   (value("kept"), 0, 1), (value("taken"), 0, 1)),
        loop.total("shown", loop.post(formats.state_down, gate, units, tanh),
                   (value("state"), 0, 1)),
        loop.product("", o, (value("shown"), 0), state, Pairs(op.width, formats.shown)),
    )  # fmt: skip
