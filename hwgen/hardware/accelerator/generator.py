"""From the quantized IR to the accelerator, for a given design point."""

from __future__ import annotations

from collections.abc import Iterator

from hwgen.errors import CannotMeetError, InputError
from hwgen.hardware.accelerator.shared import IN_FLIGHT, Accelerator
from hwgen.hardware.accelerator.unrolled import UnrolledAccelerator, UnrolledLayers
from hwgen.hardware.shared.engine import Engine
from hwgen.hardware.sources.dft.dft import DftFrontEnd
from hwgen.hardware.sources.fft.spectrum import SpectrumFrontEnd
from hwgen.plans.design import Design
from hwgen.plans.layout import Layout
from hwgen.plans.sweep import Array, Sweep
from hwgen.quantized import QuantizedModel, QuantizedOp
from hwgen.quantized.op import room
from hwgen.quantized.ops.dft import QuantizedDft
from hwgen.quantized.ops.spectrum import QuantizedSpectrum

_PRODUCT_DSP = 2
"""Multipliers of a complex product whose one factor is real or comes twice in a row."""


def front_end(model: QuantizedModel) -> QuantizedSpectrum | QuantizedDft:
    """Return the model's first op; `InputError` if it is not a spectrum."""
    first = model.ops[0]
    if not isinstance(first, QuantizedSpectrum | QuantizedDft):
        raise InputError(f"a network must begin with a spectrum, not with {first.op}")
    return first


def sweeps(model: QuantizedModel, array: Array) -> tuple[Sweep, ...]:
    """Return the layers behind the front-end as sweeps of an array of the given shape."""
    made: list[Sweep] = []
    for op in model.ops[1:]:
        component = room("hwgen.plans.ops", op.op)
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


def front_end_dsp(model: QuantizedModel, bins: int = 1) -> int:
    """Return the DSP cells of the transform; `bins` at a time where it accumulates them."""
    op = front_end(model)
    if isinstance(op, QuantizedDft):
        return _PRODUCT_DSP * bins
    return _PRODUCT_DSP * (sum(stage.twiddles is not None for stage in op.stages) + 1)


def value_width(ops: tuple[QuantizedOp, ...]) -> int:
    """Return the bits of a value between layers: wide enough for each, signed."""
    formats = [op.output.fmt for op in ops[:-1]]
    return max(fmt.width + (not fmt.signed) for fmt in formats)


def generate(model: QuantizedModel, design: Design) -> Accelerator | UnrolledAccelerator:
    """Return the accelerator.

    Parameters
    ----------
    model
        The quantized network.
    design
        The design point.

    Raises
    ------
    CannotMeetError
        If windows are to overlap with a transform that cannot slide, or more closely than the
        layers behind it can follow.
    InputError
        If the network has layers that the design's kind of hardware cannot hold.
    """
    if design.array is None:
        return _unrolled(model, design)
    return _time_shared(model, design, design.array)


def _time_shared(model: QuantizedModel, design: Design, array: Array) -> Accelerator:
    """Return a front-end whose features a MAC array works on."""
    op = front_end(model)
    made = sweeps(model, array)
    width = value_width(model.ops)
    front: SpectrumFrontEnd | DftFrontEnd
    if isinstance(op, QuantizedDft):
        engine = Engine(made, width, model.logit_width, dsp=design.dsp)
        hop = _hop(op, design.hop)
        # Samples keep the distance at which the layers keep up with the windows.
        busy = max(engine.interval, -(-(engine.latency + 2 * op.points) // IN_FLIGHT))
        front = DftFrontEnd(op, made[0].source, width, hop=hop, pause=-(-busy // hop))
    else:
        if design.hop not in (None, op.window):
            raise CannotMeetError(
                f"hop must be {op.window}, the window, with an FFT, not {design.hop}; windows that "
                f"overlap need the transform by accumulation: --transform dft"
            )
        front = SpectrumFrontEnd(op, made[0].source, width)
    return Accelerator(front, made, width, model.logit_width, dsp=design.dsp)


def _unrolled(model: QuantizedModel, design: Design) -> UnrolledAccelerator:
    """Return a front-end with hardware for each layer behind it."""
    op = front_end(model)
    if not isinstance(op, QuantizedDft):
        raise InputError("unrolled layers need the transform by accumulation, not an FFT")
    layers = UnrolledLayers(model.ops[1:], design)
    hop = _hop(op, design.hop)
    layout = Layout(design.lanes, 0, op.points)
    width = op.out.width
    # With the next window's class there must be room for it: the one before has left.
    bare = DftFrontEnd(op, layout, width, hop=hop)
    wait = bare.latency + layers.latency + UnrolledAccelerator.result_latency + 1
    front = DftFrontEnd(op, layout, width, hop=hop, pause=-(-wait // hop))
    return UnrolledAccelerator(front, layers)


def _hop(op: QuantizedDft, hop: int | None) -> int:
    """Return the samples from one window to the next."""
    if hop is None:
        return op.window
    if not 1 <= hop <= op.window:
        raise CannotMeetError(f"hop must be 1 to {op.window}, the window, not {hop}")
    return hop
