"""From the integer network and a design point to the plan of the hardware."""

from __future__ import annotations

from hwgen.errors import InputError
from hwgen.plans.chain import layers_of
from hwgen.plans.core import CorePlan, Layers
from hwgen.plans.design import Design
from hwgen.plans.folding import folded
from hwgen.plans.lowering import leaving, lowered
from hwgen.plans.memory import settled
from hwgen.plans.shared import SharedPlan
from hwgen.plans.sources.source import source_kind, source_op
from hwgen.plans.sources.unrolled import UnrolledSourcePlan
from hwgen.plans.split import Split, split
from hwgen.plans.step import Array
from hwgen.plans.unrolled.layers import UnrolledLayersPlan
from hwgen.plans.weights.residence import FEWEST, streamable, streamed
from hwgen.protocol import MAX_NUMBERS
from hwgen.quantized import QuantizedModel


def plan(model: QuantizedModel, design: Design) -> CorePlan:
    """Return the plan of the accelerator.

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
    layers: Layers
    parts = split(model, design.unrolled)
    kind = source_kind(parts.source)
    if design.array is not None:
        layers = _shared(model, parts, design)
    elif kind.accumulates:
        layers = UnrolledLayersPlan.of(layers_of(model), design)
    else:
        raise InputError("unrolled layers need the transform by accumulation, not an FFT")
    if design.unrolled:
        return CorePlan(
            UnrolledSourcePlan.of_split(parts, layers, design.lanes, design.hop), layers
        )
    front = kind.of(parts.source, layers.source, layers.value_width, design.hop)
    if kind.accumulates or design.chunks > 1:
        front = front.spaced(layers.apart(front))
    if isinstance(layers, SharedPlan):
        layers = layers.behind_source(front)
    return CorePlan(front, layers)


def _shared(model: QuantizedModel, parts: Split, design: Design) -> SharedPlan:
    """Return the plan of the layers that take turns on the design's array."""
    _check_ends(model)
    assert design.array is not None
    streams = source_kind(parts.source).streams and not design.unrolled
    if design.chunks > 1 and not streams:
        raise InputError(
            f"on chip layers can work while samples come only where they read them as they "
            f"are, not behind {parts.features.op}"
        )
    steps = lowered(parts.rest, design.array, parts.features)
    if design.chunks > 1 and any(step.loop for step in steps):
        raise InputError("on chip recurrent layers cannot work while samples come")
    if design.pace is not None and design.chunks > 1:
        raise InputError("on chip layers whose weights are streamed need a window's last features")
    steps = streamed(steps, design.streamed, leaving(parts.rest, steps))
    steps, memory, tasks = settled(parts.features.name, steps, design.chunks)
    return SharedPlan(
        tuple(map(folded, steps)),
        memory,
        tasks,
        parts.value_width,
        model.logit_width,
        design.dsp,
        leaving(parts.rest, steps),
        model.number_bits,
        pace=design.pace,
    )


def streamable_values(model: QuantizedModel, array: Array) -> tuple[str, ...]:
    """Return the values whose steps' weights can come of a stream on an array, worth it."""
    parts = split(model)
    steps = lowered(parts.rest, array, parts.features)
    outputs = leaving(parts.rest, steps)
    return tuple(
        step.writes
        for number, step in enumerate(steps)
        if streamable(step, leaves=number in outputs) and step.weight_depth >= FEWEST
    )


def _check_ends(model: QuantizedModel) -> None:
    """Refuse outputs that are told as an error, too many values, and logits that layers read."""
    for output in model.graph.outputs:
        if output.kind == "class" and (readers := model.graph.readers(output.source)):
            raise InputError(
                f"on chip logits must not be read by other layers, but {readers[0].name} reads "
                f"{output.source}; put a dense layer of its own before it"
            )
    most = MAX_NUMBERS - len(model.classes)
    if model.numbers > most:
        raise InputError(
            f"on chip outputs that are values must be at most {most:,} numbers of a window, which "
            f"go into one frame, not {model.numbers:,}; let a pooling or a dense layer bring them "
            f"down"
        )


def source_dsp(model: QuantizedModel, bins: int = 1) -> int:
    """Return the DSP cells of the source; `bins` at a time where it accumulates them."""
    op = source_op(model)
    return source_kind(op).dsp_of(op, bins)


def streams(model: QuantizedModel) -> bool:
    """Return whether layers may work on a window's first samples (`SourcePlan.streams`)."""
    return source_kind(source_op(model)).streams


def accumulates(model: QuantizedModel) -> bool:
    """Return whether the source works each sample off as it comes (`SourcePlan.accumulates`)."""
    return source_kind(source_op(model)).accumulates
