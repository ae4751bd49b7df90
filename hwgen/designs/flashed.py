"""The design whose weights come from the board's flash, but for those that fit into block RAM."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hwgen.errors import CannotMeetError
from hwgen.plans import arrays
from hwgen.plans.core import CorePlan
from hwgen.plans.design import Design
from hwgen.plans.planner import plan, source_dsp, streamable_values
from hwgen.plans.shared import SharedPlan
from hwgen.plans.step import Step
from hwgen.plans.weights.flash import Pace
from hwgen.plans.weights.image import HEADER_BYTES
from hwgen.plans.weights.residence import by_use
from hwgen.quantized import QuantizedModel
from hwgen.targets import Cells, Target

_ROOM = 0.75
"""Share of a chip's LUT4 for a core whose size nobody asked for."""
_MOST = 64
"""Multipliers that nobody asked for: with more, weights of any flash come too slowly."""


@dataclass(frozen=True)
class Bounds:
    """What a board has room for.

    Parameters
    ----------
    board
        Its name.
    cells
        Of its chip.
    target
        The chip's family.
    flash
        Bytes of its flash for weights.
    """

    board: str
    cells: Cells
    target: Target
    flash: int


def flashed(
    model: QuantizedModel, bounds: Bounds, pace: Pace, parallel: int | None, dsp: int
) -> Design:
    """Return the design of the largest array that fits, of those of `parallel` if that is given.

    Raises
    ------
    CannotMeetError
        If chip or flash have no room for any; says what is short.
    """
    short: list[str] = []
    for size in [parallel] if parallel is not None else _sizes(model):
        array = arrays.best_array(model, size, crosswise=True)
        left = min(dsp, bounds.cells["dsp"]) - source_dsp(model)
        names = streamable_values(model, array)
        if not names:
            continue
        design = Design(
            array, min(left, arrays.multipliers(model, array)), streamed=names, pace=pace
        )
        core = plan(model, design)
        share = {"lut4": _ROOM} if parallel is None else {}
        short = bounds.target.short(core.cells(bounds.target), bounds.cells, share)
        if not short:
            _check_flash(core, bounds)
            return _with_residents(core, design, bounds)
    raise CannotMeetError(
        f"{model.name} does not fit on {bounds.board} even with its weights in flash: it needs "
        f"about {' and '.join(short) or 'layers whose weights can be streamed'}; take fewer "
        f"--parallel or a larger board"
    )


def _sizes(model: QuantizedModel) -> list[int]:
    """Return sizes of an array from the largest on."""
    most = min(arrays.useful(model), _MOST)
    return [1 << bit for bit in reversed(range(most.bit_length()))]


def _check_flash(core: CorePlan, bounds: Bounds) -> None:
    """Raise if the flash is too small."""
    assert core.flash is not None
    needed = HEADER_BYTES + len(core.flash.content)
    if needed > bounds.flash:
        raise CannotMeetError(
            f"the flash of {bounds.board} must have {needed:,} bytes for the weights behind the "
            f"bitstream, not {bounds.flash:,}"
        )


def _with_residents(core: CorePlan, design: Design, bounds: Bounds) -> Design:
    """Return the design with the steps on chip for which block RAM is left, best used first."""
    layers = core.layers
    assert isinstance(layers, SharedPlan)
    assert design.pace is not None
    left = bounds.cells["ebr"] - core.cells(bounds.target)["ebr"]
    stays: list[Step] = [step for step in layers.steps if not step.streamed]
    depth = sum(step.weight_depth for step in stays)
    width, index = layers.weights.width, layers.index_width if layers.indexed else 0

    def rams(words: int) -> int:
        if not words:
            return 0
        memory = bounds.target.memory
        more = memory(index, words, rom=True)["ebr"] if index else 0
        return memory(width, words, rom=True)["ebr"] + more

    before, kept = rams(depth), set[str]()
    streamed = [step for step in layers.steps if step.streamed]
    for step in by_use(streamed, design.pace):
        if len(kept) + 1 < len(streamed) and rams(depth + step.weight_depth) - before <= left:
            kept.add(step.writes)
            depth += step.weight_depth
    return replace(design, streamed=tuple(name for name in design.streamed if name not in kept))
