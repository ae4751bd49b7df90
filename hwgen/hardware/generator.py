"""From the quantized IR to the accelerator, for a given number of multipliers."""

from __future__ import annotations

from collections.abc import Iterator

from hwgen.errors import CannotMeetError, InputError
from hwgen.hardware.core import Accelerator
from hwgen.hardware.sweep import Array, Sweep
from hwgen.quantized import QuantizedModel, QuantizedOp
from hwgen.quantized.op import room
from hwgen.quantized.spectrum import QuantizedSpectrum

_CHAIN_DSP = 2
"""Multipliers of a complex product."""


def front_end(model: QuantizedModel) -> QuantizedSpectrum:
    """Return the model's first op; `InputError` if it is not a spectrum."""
    first = model.ops[0]
    if not isinstance(first, QuantizedSpectrum):
        raise InputError(f"a network must begin with a spectrum, not with {first.op}")
    return first


def sweeps(model: QuantizedModel, array: Array) -> tuple[Sweep, ...]:
    """Return the layers behind the front-end as sweeps of an array of the given shape."""
    made: list[Sweep] = []
    for op in model.ops[1:]:
        component = room("hwgen.hardware", op.op)
        if hasattr(component, "fuse"):
            made[-1:] = [component.fuse(made[-1] if made else None, op)]
        else:
            made.append(component.sweep(op, array))
    if not made or made[-1].out is not None:
        raise InputError("a network must end with a dense layer that gives the logits")
    return tuple(made)


def cycles(model: QuantizedModel, array: Array) -> int:
    """Return the cycles that the MAC array works on one window."""
    return sum(sweep.cycles for sweep in sweeps(model, array))


def shapes(parallel: int) -> Iterator[Array]:
    """Yield every shape of an array of `parallel` multipliers."""
    for rows in range(1, parallel + 1):
        if parallel % rows == 0:
            yield Array(rows, parallel // rows)


def best_array(model: QuantizedModel, parallel: int) -> Array:
    """Return the shape of `parallel` multipliers that needs the fewest cycles.

    Raises
    ------
    CannotMeetError
        If the network has no use for so many.
    """
    limit = useful(model)
    if not 1 <= parallel <= limit:
        raise CannotMeetError(
            f"parallel must be 1 to {limit} for this network, not {parallel}; "
            f"no layer has more products a position"
        )
    return min(shapes(parallel), key=lambda array: (cycles(model, array), array.rows))


def useful(model: QuantizedModel) -> int:
    """Return the most multipliers that a layer can use at once."""
    single = sweeps(model, Array(1, 1))
    return (
        max(sweep.outputs * sweep.taps.shape[1] for sweep in single if sweep.positions > 1)
        if (any(sweep.positions > 1 for sweep in single))
        else max(sweep.taps.size for sweep in single)
    )


def default_parallel(model: QuantizedModel) -> int:
    """Return the least power of two with which the array keeps up with a sample a cycle.

    Where none does, the largest that the network can use: the build then states its interval.
    """
    parallel = 1
    while parallel * 2 <= useful(model):
        if cycles(model, best_array(model, parallel)) * 1.02 + 64 <= model.input_samples:
            break
        parallel *= 2
    return parallel


def front_end_dsp(model: QuantizedModel) -> int:
    """Return the DSP cells of FFT and untangling."""
    stages = front_end(model).stages
    return _CHAIN_DSP * (sum(stage.twiddles is not None for stage in stages) + 1)


def value_width(ops: tuple[QuantizedOp, ...]) -> int:
    """Return the bits of a value between layers: wide enough for each, signed."""
    formats = [op.output.fmt for op in ops[:-1]]
    return max(fmt.width + (not fmt.signed) for fmt in formats)


def generate(model: QuantizedModel, array: Array, dsp: int) -> Accelerator:
    """Return the accelerator.

    Parameters
    ----------
    model
        The quantized network.
    array
        Shape of the MAC array.
    dsp
        DSP cells that the MAC array may use; further multipliers are logic.
    """
    return Accelerator(
        front_end(model),
        sweeps(model, array),
        value_width(model.ops),
        model.logit_width,
        dsp=dsp,
    )
