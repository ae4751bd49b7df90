"""The design points that a network could get, and what each would be like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hwgen.errors import CannotMeetError, HwgenError
from hwgen.plans import arrays
from hwgen.plans.chain import layers_of
from hwgen.plans.design import Design
from hwgen.plans.planner import accumulates, plan, source_dsp, streams
from hwgen.plans.split import heads, split
from hwgen.plans.step import Array
from hwgen.plans.unrolled.layers import at_once, least_lanes
from hwgen.quantized import QuantizedModel
from hwgen.targets import Cells, Target

_BINS = (1, 2, 4, 8)
"""Bins at a time where the layers take turns on one array: with more, unrolled layers are due."""
_ROWS = (1, 2, 4, 8)
_MOST_MULTIPLIERS = 1024
"""Of an array: more than any chip here has room for."""

_CHUNKS = (2, 3, 4, 8)
"""Parts of a window that layers may work on as they come: with more, what each part costs besides
outweighs what is left to do at the end."""
_MOST_UNROLLED = 512
"""Weights of a convolution in front of an array: with more, the open place and route does not come
to an end beside an array (1,024 were tried). Asked for by name there may be any number."""
_MOST_LANES = 32
"""Features at a time of unrolled layers: beyond it the open place and route takes hours."""


@dataclass(frozen=True, eq=False)
class Option:
    """A design point with its figures.

    Parameters
    ----------
    model
        The integer network: the transform is a part of it.
    design
        The design point.
    latency
        Cycles from a window's last sample to its class.
    interval
        Cycles from one window (of those that overlap: hop) to the next.
    pause
        Cycles from a sample to the next possible one.
    cost
        Of the core by itself.
    """

    model: QuantizedModel
    design: Design
    latency: int
    interval: int
    pause: int
    cost: Cells

    @property
    def transform(self) -> str:
        """``"fft"`` or ``"dft"``."""
        return self.model.bits.transform


def option(model: QuantizedModel, design: Design, target: Target) -> Option:
    """Return the figures of a design point on a target.

    Raises
    ------
    HwgenError
        If the network cannot have it.
    """
    core = plan(model, design)
    timing = core.timing
    cells = core.cells(target)
    return Option(model, design, timing.latency, timing.interval, timing.pause, cells)


def options(
    model: QuantizedModel,
    dsp: int,
    target: Target,
    *,
    parallel: int | None = None,
    hop: int | None = None,
    unrolled: tuple[str, ...] = (),
) -> Iterator[Option]:
    """Yield the design points that a network can have.

    Parameters
    ----------
    model
        The integer network; its transform decides which kinds of hardware there are.
    dsp
        DSP cells that a design may take.
    target
        What it is made for.
    parallel
        Multipliers of the MAC array; None: any number, and unrolled layers too.
    hop
        Samples from one window to the next; None: windows do not overlap.
    unrolled
        The layers that get hardware of their own in front of an array; none: whatever suits.

    Raises
    ------
    HwgenError
        If there is none; says what is wrong with the last that was tried.
    """
    least = source_dsp(model)
    problem: HwgenError | None = CannotMeetError(
        f"dsp must be at least {least}, the transform's, not {dsp}"
        if dsp < least
        else f"parallel must be a number of multipliers that this network can use, not {parallel}"
    )
    _check_names(model, unrolled)
    for design in _designs(model, dsp, parallel, hop, unrolled):
        try:
            yield option(model, design, target)
            problem = None
        except HwgenError as error:  # a kind of hardware that this network cannot have
            if unrolled or not design.unrolled:  # what was not asked for is not what is wrong
                problem = problem and error
    if problem is not None:
        raise problem


def _check_names(model: QuantizedModel, unrolled: tuple[str, ...]) -> None:
    """Refuse layers that cannot have hardware of their own."""
    if not unrolled:
        return
    if not (streams(model) or accumulates(model)):
        raise CannotMeetError(
            f"unroll needs features that come in order, not an FFT's: {','.join(unrolled)} can "
            f"have hardware of their own with --transform dft"
        )
    known = heads(model)
    if unrolled not in known:
        which = " or ".join(",".join(names) for names in known) or "none of this network's layers"
        raise CannotMeetError(f"unroll must be {which}, not {','.join(unrolled)}")


def _designs(
    model: QuantizedModel,
    dsp: int,
    parallel: int | None,
    hop: int | None,
    unrolled: tuple[str, ...],
) -> Iterator[Design]:
    if unrolled:
        yield from _mixed(model, dsp, parallel, hop, unrolled)
        return
    if not accumulates(model):
        left = dsp - source_dsp(model)
        for size in _sizes(model, parallel):
            if left >= 0:
                array = arrays.best_array(model, size)
                for each in _mixes(model, array, left, hop):
                    yield each
                    if streams(model):
                        yield from (replace(each, chunks=chunks) for chunks in _CHUNKS)
        if streams(model):
            yield from _mixed(model, dsp, parallel, hop)
        return
    for bins in _BINS:
        left = dsp - source_dsp(model, bins)
        for rows in _ROWS:
            array = Array(rows, bins)
            if left >= 0 and parallel in (None, array.size):
                yield from _mixes(model, array, left, hop)
    if parallel is None:
        yield from _unrolled(model, dsp, hop)
    yield from _mixed(model, dsp, parallel, hop)


def _mixed(
    model: QuantizedModel,
    dsp: int,
    parallel: int | None,
    hop: int | None,
    unrolled: tuple[str, ...] = (),
) -> Iterator[Design]:
    """Yield first layers with hardware of their own in front of an array."""
    for names in [unrolled] if unrolled else heads(model):
        conv = split(model, names).row.conv
        assert conv is not None
        if conv.weight.size > _MOST_UNROLLED and not unrolled:
            continue
        for size in _sizes(model, parallel, names):
            array = arrays.best_array(model, size, names)
            for lanes in _lanes(model, conv.stride):
                left = dsp - source_dsp(model, lanes)
                if left >= 0:
                    for each in _mixes(model, array, left, hop, names):
                        yield replace(each, lanes=lanes)


def _lanes(model: QuantizedModel, stride: int) -> Iterator[int]:
    """Yield how many features a convolution of its own may take at once: whole strides.

    Samples come one by one: there, more than a stride would only wait for each other.
    """
    lanes = stride
    while lanes <= _MOST_LANES:
        yield lanes
        lanes *= 2
        if not accumulates(model):
            return


def _sizes(
    model: QuantizedModel, parallel: int | None, unrolled: tuple[str, ...] = ()
) -> Iterator[int]:
    """Yield the sizes of a MAC array that are worth a look."""
    if parallel is not None:
        yield parallel
        return
    size, most = 1, min(arrays.useful(model, unrolled), _MOST_MULTIPLIERS)
    while size <= most:
        yield size
        size *= 2


def _mixes(
    model: QuantizedModel,
    array: Array,
    left: int,
    hop: int | None,
    unrolled: tuple[str, ...] = (),
) -> Iterator[Design]:
    """Yield an array of logic, and one with all the DSP cells that it may have."""
    yield Design(array, 0, hop=hop, unrolled=unrolled)
    if left:
        dsp = min(left, arrays.multipliers(model, array, unrolled))
        yield Design(array, dsp, hop=hop, unrolled=unrolled)


def _unrolled(model: QuantizedModel, dsp: int, hop: int | None) -> Iterator[Design]:
    if not model.graph.is_chain or model.channels != 1:
        return
    layers = layers_of(model)
    try:
        for lanes in _lanes(model, least_lanes(layers)):
            left = dsp - source_dsp(model, lanes)
            if left >= 0:
                for values in at_once(layers, lanes):
                    yield Design(None, left, lanes=lanes, values=values, hop=hop)
    except CannotMeetError:
        return
