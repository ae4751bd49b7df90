"""How cost grows with window, filters and classes: estimates, nothing is synthesised."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from place import ROOT
from store import Part, Row, basis_of

from hwgen.boards import find_board
from hwgen.designs.goals import GOALS
from hwgen.designs.points import Option
from hwgen.errors import CannotMeetError
from hwgen.flow.designs import TWIDDLES, seek
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.network import Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized import Precision
from hwgen.quantized.make import uncalibrated

BOARD = "ulx3s-85f"
KERNEL, STRIDE, PADDING, POOL = 64, 8, 28, 2
"""The published convolution and pool."""
SOURCES = ("errors.py", "fixedpoint.py", "boards", "calibration", "designs", "hardware", "network",
           "plans", "quantized", "targets", "flow/designs.py", "flow/options.py")  # fmt: skip
"""What decides an estimate, in hwgen/."""
CLIFF = 1.5
"""Times that a figure grows more than the network does, or falls: such a step is explained."""


@dataclass(frozen=True)
class Size:
    """What is varied, one at a time."""

    window: int = 2048
    filters: int = 4
    classes: int = 10


AXES: dict[str, tuple[int, ...]] = {
    "window": (256, 512, 1024, 2048, 4096, 8192, 16384),
    "filters": (4, 8, 16, 32),
    "classes": (10, 20, 50, 100),
}


def network(size: Size) -> Network:
    """Return a network of the published kind with random weights."""
    rng = np.random.default_rng(1)
    positions = (size.window // 2 + 2 * PADDING - KERNEL) // STRIDE + 1
    inputs = size.filters * (positions // POOL)
    return Network.chain(
        "random",
        size.window,
        (
            Spectrum("spectrum", size.window),
            Conv1d("conv1", rng.normal(0, 0.3, (size.filters, 1, KERNEL)),
                   rng.normal(0, 0.1, size.filters), STRIDE, PADDING),
            MaxPool1d("pool1", POOL),
            Dense("fc1", rng.normal(0, 0.2, (size.classes, inputs)),
                  rng.normal(0, 0.1, size.classes)),
        ),
    )  # fmt: skip


def designed(goal: str, net: Network) -> Option:
    """Return the design that a goal means for a network; `CannotMeetError` if there is none."""
    hardware = HardwareOptions.of(
        board=BOARD, goal=goal, clock_mhz=find_board(BOARD).target.clocks[goal]
    )
    every = [
        Precision(transform=name, twiddle=TWIDDLES[name]) for name in hardware.design.transforms
    ]
    models = [uncalibrated(net, bits) for bits in every]
    return seek(models, hardware, find_board(BOARD))


def estimated(goal: str, size: Size) -> Row:
    """Return cycles and cells of the design that a goal means, or why there is none."""
    try:
        found = designed(goal, network(size))
    except CannotMeetError as error:
        return {"failed": str(error)}
    return {
        "design": told(found),
        "latency": found.latency,
        "interval": found.interval,
        "pause": found.pause,
        **found.cost.to_json(),
    }


def told(found: Option) -> str:
    """Return a design in words."""
    design = found.design
    if design.array is None:
        kind = f"unrolled, {design.lanes} features at once, {design.values} into the dense layer"
    else:
        rows, lanes = design.array.rows, design.array.lanes
        kind = f"{rows} x {lanes} multipliers, {min(design.dsp, rows * lanes)} of them DSP"
        if design.unrolled:
            kind = f"{' and '.join(design.unrolled)} unrolled, {kind}"
    return f"{found.transform}; {kind}"


def name_of(goal: str, size: Size) -> str:
    """Return an item's name."""
    return f"{goal}-{size.window}-{size.filters}-{size.classes}"


def part() -> Part:
    """Return all points of all axes; the published size is on each."""
    items: dict[str, Callable[[], Row]] = {}
    for goal in GOALS:
        for axis, values in AXES.items():
            for value in values:
                size = Size(**{axis: value})
                items[name_of(goal, size)] = lambda goal=goal, size=size: estimated(goal, size)
    return Part("growth", items, basis_of(sources=[Path(__file__), *_sources()]), show)


def _sources() -> list[Path]:
    paths = [ROOT / "hwgen" / name for name in SOURCES]
    folders = [each for path in paths for each in sorted(path.rglob("*.py"))]
    return [*(path for path in paths if path.is_file()), *folders]


def along(rows: dict[str, Row], goal: str, axis: str) -> dict[int, Row]:
    """Return the rows of an axis by its value, those that there are."""
    names = {value: name_of(goal, Size(**{axis: value})) for value in AXES[axis]}
    return {value: rows[name] for value, name in names.items() if name in rows}


def show(rows: dict[str, Row]) -> list[str]:
    """Return a table for each axis, and the steps in it."""
    lines: list[str] = []
    for axis in AXES:
        found = {goal: along(rows, goal, axis) for goal in GOALS}
        if not any(found.values()):
            continue
        lines += [
            f"### By {axis}",
            "",
            f"| goal | {axis} | last sample to class | a window every | a sample every "
            "| LUT4 | DSP | EBR | design |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
        for goal, points in found.items():
            lines += [_line(goal, value, row) for value, row in points.items()]
        steps = [text for goal, points in found.items() for text in cliffs(goal, axis, points)]
        lines += ["", *(f"- {text}" for text in steps), ""]
    return lines


def _line(goal: str, value: int, row: Row) -> str:
    if "failed" in row:
        return f"| {goal} | {value:,} | | | | | | | none: {row['failed']} |"
    figures = [f"{row[key]:,}" for key in ("latency", "interval", "pause", "lut4", "dsp", "ebr")]
    return f"| {' | '.join([goal, f'{value:,}', *figures, row['design']])} |"


def cliffs(goal: str, axis: str, points: dict[int, Row]) -> list[str]:
    """Return each step in which a figure does not go with the network, and what changed."""
    texts = []
    held = [(value, row) for value, row in points.items() if "failed" not in row]
    for (low, before), (high, after) in itertools.pairwise(held):
        most = CLIFF * high / low
        grown = [
            f"{title} x {after[key] / before[key]:.1f}"
            for key, title in (("latency", "latency"), ("interval", "interval"), ("lut4", "LUT4"),
                               ("dsp", "DSP"), ("ebr", "EBR"))
            if before[key] and not 1 / CLIFF <= after[key] / before[key] <= most
        ]  # fmt: skip
        if grown:
            texts.append(
                f"{goal}, {axis} {low:,} to {high:,}: {', '.join(grown)}. {_why(before, after)}"
            )
    return texts


def _why(before: Row, after: Row) -> str:
    """Return what differs between two designs."""
    if before["design"] != after["design"]:
        return f"Another design: {before['design']} becomes {after['design']}."
    if before["pause"] != after["pause"]:
        return (
            "The same design: there are more samples, and each of them, added to all bins, "
            f"takes {after['pause']} cycles instead of {before['pause']}."
        )
    return "The same design."
