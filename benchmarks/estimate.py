"""Synthesises cores of varied sizes with Yosys and prints what was estimated beside it.

Usage: python benchmarks/estimate.py [NUMBER ... | zoo]; without arguments every point, half a
minute each; with `zoo` networks of the zoo. Sources and logs stay in build/estimate.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from amaranth.back import rtlil

from hwgen import files, passes, zoo
from hwgen.boards import find_board
from hwgen.calibration import calibrate
from hwgen.errors import ToolError
from hwgen.hardware.accelerator.generator import generate
from hwgen.network import Layer, Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.spectrum import Spectrum
from hwgen.plans import arrays
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import Precision, QuantizedModel
from hwgen.signals.task import Task
from hwgen.synth import cell_counts, netlist
from hwgen.synth.netlist import STATISTICS
from hwgen.targets import Cells

FOLDER = Path(__file__).resolve().parents[1] / "build" / "estimate"
TOP = "core"
BOARD = find_board("ulx3s-25f")

PUBLISHED = ((4, 64, 8, 28, 2),)
"""Filters, kernel, stride, padding, and the pool behind it, of each convolution."""


@dataclass(frozen=True)
class Point:
    """A design; its widths are adc, data, twiddle, feature, conv, activation, dense.

    The array is its size, or rows and lanes: then with the transform by accumulation; or None for
    unrolled layers, of so many `lanes` and `values`.
    """

    window: int
    widths: tuple[int, int, int, int, int, int, int]
    array: int | tuple[int, int] | None
    dsp: int
    magnitude: str = "max-7/8-1/2"
    convs: tuple[tuple[int, int, int, int, int], ...] = field(default=PUBLISHED)
    hidden: int = 0
    classes: int = 10
    lanes: int = 1
    values: int = 1
    hop: int | None = None

    @property
    def transform(self) -> str:
        """The transform."""
        return "fft" if isinstance(self.array, int) else "dft"

    def design(self, model: QuantizedModel) -> Design:
        """Return the design point."""
        if isinstance(self.array, int):
            return Design(arrays.best_array(model, self.array), self.dsp)
        array = None if self.array is None else Array(*self.array)
        return Design(array, self.dsp, lanes=self.lanes, values=self.values, hop=self.hop)

    @property
    def layers(self) -> str:
        """The kind of hardware behind the transform, for the table."""
        if self.array is None:
            return f"unrolled {self.lanes}, {self.values}"
        shape = self.array if isinstance(self.array, int) else " x ".join(map(str, self.array))
        return f"array {shape}"


POINTS = (
    Point(2048, (16, 18, 18, 8, 8, 8, 8), 4, 4),
    Point(2048, (12, 14, 12, 5, 5, 5, 5), 4, 0),
    Point(512, (12, 16, 14, 7, 5, 8, 8), 16, 8),
    Point(256, (8, 12, 10, 3, 3, 3, 3), 1, 0),
    Point(1024, (10, 14, 16, 10, 10, 10, 10), 32, 0),
    Point(4096, (12, 18, 18, 6, 5, 6, 5), 8, 2),
    Point(256, (16, 18, 12, 4, 9, 6, 3), 64, 0),
    Point(2048, (12, 15, 15, 6, 4, 6, 4), 64, 16),
    Point(512, (14, 14, 18, 9, 3, 4, 10), 2, 2, "max-1/4"),
    Point(1024, (9, 13, 11, 4, 6, 8, 5), 12, 0, "max-3/8"),
    Point(2048, (12, 16, 14, 8, 8, 8, 8), 16, 16),
    Point(
        256, (12, 14, 12, 6, 6, 6, 6), 8, 4,
        convs=((8, 16, 4, 6, 2), (6, 3, 1, 1, 2)), hidden=12, classes=4,
    ),
    Point(4096, (8, 12, 10, 5, 7, 5, 7), 32, 8, "max-1/2"),
    Point(512, (12, 18, 16, 8, 4, 8, 4), 40, 0),
    Point(256, (10, 16, 18, 10, 4, 5, 8), 10, 10, convs=(), hidden=16, classes=3),
    Point(2048, (12, 14, 12, 7, 5, 8, 8), 32, 0),
    Point(2048, (16, 18, 10, 8, 8, 8, 8), (1, 2), 0),
    Point(2048, (12, 16, 12, 6, 5, 6, 5), (1, 1), 1),
    Point(1024, (16, 18, 14, 8, 6, 8, 6), (4, 4), 8, hop=64),
    Point(256, (12, 14, 9, 5, 5, 5, 5), (2, 8), 0, "max-3/8", classes=4),
    Point(2048, (16, 18, 10, 8, 8, 8, 8), None, 12, lanes=8, values=2),
    Point(2048, (12, 16, 10, 8, 6, 8, 6), None, 40, lanes=8, values=4, hop=1),
    Point(1024, (12, 14, 10, 7, 5, 6, 5), None, 0, "max-1/4", lanes=8, values=1),
    Point(
        512, (16, 18, 12, 8, 8, 8, 8), None, 20,
        convs=((8, 32, 8, 12, 2),), classes=6, lanes=16, values=2,
    ),
    Point(
        2048, (16, 18, 10, 6, 4, 6, 4), None, 8,
        convs=((12, 16, 4, 6, 4),), classes=3, lanes=8, values=3,
    ),
)  # fmt: skip


ZOO = (
    ("cnn-se", (8, 4, 4), 28), ("resnet1d", (4, 8, 1), 28), ("inception1d", (4, 8, 4), 28),
    ("wdcnn", (4, 8, 1), 28), ("mobilenet1d", (4, 8, 2), 28), ("tcn", (4, 8, 2), 28),
    ("cnn-se", (2, 2, 1), 5), ("inception1d", (2, 4, 2), 8), ("mobilenet1d", (4, 4, 2), 16),
    ("inception1d", (4, 8, 4), 32), ("cnn-se", (8, 4, 4), 36), ("resnet1d", (2, 4, 1), 8),
    ("tcn", (2, 4, 1), 8), ("wdcnn", (2, 4, 1), 8), ("cnn-se", (4, 4, 2), 18),
    ("lenet1d", (2, 2, 1), 4), ("inception1d", (2, 2, 2), 4),
)  # fmt: skip
"""Networks of the zoo: rows, lanes and values that leave at once, and DSP cells."""


def quantized(point: Point) -> QuantizedModel:
    """Return a random network of the point's shape and widths."""
    rng = np.random.default_rng(point.window)
    layers: list[Layer] = [Spectrum("spectrum", point.window)]
    channels, length = 1, point.window // 2
    for number, (filters, kernel, stride, padding, pool) in enumerate(point.convs, 1):
        weight = rng.normal(0, 0.3, (filters, channels, kernel))
        layers.append(Conv1d(f"conv{number}", weight, rng.normal(0, 0.1, filters), stride, padding))
        layers.append(MaxPool1d(f"pool{number}", pool))
        channels, length = filters, ((length + 2 * padding - kernel) // stride + 1) // pool
    inputs = channels * length
    if point.hidden:
        weight = rng.normal(0, 0.2, (point.hidden, inputs))
        layers.append(Dense("hidden", weight, rng.normal(0, 0.1, point.hidden), relu=True))
        inputs = point.hidden
    weight = rng.normal(0, 0.2, (point.classes, inputs))
    layers.append(Dense("last", weight, rng.normal(0, 0.1, point.classes)))
    return calibrate(
        Network.chain("random", point.window, tuple(layers)),
        rng.normal(0, 2, (8, point.window)),
        Precision(*point.widths, magnitude=point.magnitude, transform=point.transform),
        task=Task(tuple(map(str, range(point.classes)))),
    ).model


def from_zoo(name: str) -> QuantizedModel:
    """Return a network of the zoo with random weights."""
    import torch

    classes, channels = tuple("abcd"), 3 if name == "resnet1d" else 1
    design = zoo.designed(name, {})
    torch.manual_seed(7)
    module = design.module(channels, len(classes), design.recipe("default").student).double()
    network = passes.canonical(design.network(module.eval(), channels, classes, 1.0, 12e3))
    windows = np.random.default_rng(8).standard_normal((8, *network.input_shape))
    return calibrate(network, windows, Precision(), task=Task(classes, 1.0)).model


def measured(model: QuantizedModel, design: Design, folder: Path) -> Cells:
    """Return what Yosys makes of the core."""
    core = generate(plan(model, design))
    source = folder / "core.il"
    platform = BOARD.platform()
    files.write_text(source, rtlil.convert(core, name=TOP, platform=platform, emit_src=False))
    netlist(source, folder, BOARD.target.toolchain, top=TOP)
    return cell_counts(folder / STATISTICS, BOARD.target.toolchain)


def row(number: int, point: Point, estimate: Cells, cells: Cells | None) -> str:
    """Return a line of the table."""
    widths = "/".join(map(str, point.widths))
    line = (
        f"| {number} | {point.transform} {point.window} | {widths} | {point.layers} | {point.dsp} "
    )
    lut4, dsp, ebr = (estimate[kind] for kind in ("lut4", "dsp", "ebr"))
    if cells is None:
        return line + f"| {lut4} | Yosys failed | | {dsp} | {ebr} |"
    error = 100 * (lut4 / cells["lut4"] - 1)
    return line + (
        f"| {lut4} | {cells['lut4']} | {error:+.1f} | {dsp} / {cells['dsp']} "
        f"| {ebr} / {cells['ebr']} |"
    )


def main() -> None:
    """Print a table, a line as each point is done."""
    if sys.argv[1:] == ["zoo"]:
        main_zoo()
        return
    print("| point | transform | bits | layers | DSP for them | LUT4 estimated | LUT4 | error % "
          "| DSP | EBR |\n|" + " --- |" * 10)  # fmt: skip
    for number in map(int, sys.argv[1:] or range(len(POINTS))):
        point = POINTS[number]
        model = quantized(point)
        design = point.design(model)
        try:
            cells = measured(model, design, FOLDER / str(number))
        except ToolError as error:
            print(error, file=sys.stderr)
            cells = None
        print(row(number, point, plan(model, design).cells(BOARD.target), cells), flush=True)


def main_zoo() -> None:
    """Print the table of networks of the zoo."""
    print("| network | array | DSP | LUT4 estimated | LUT4 | error % |\n|" + " --- |" * 6)
    for name, shape, dsp in ZOO:
        model, design = from_zoo(name), Design(Array(*shape), dsp)
        folder = FOLDER / f"{name}-{'x'.join(map(str, shape))}-{dsp}"
        told, made = plan(model, design).cells(BOARD.target), measured(model, design, folder)
        error = 100 * (told["lut4"] / made["lut4"] - 1)
        array = " x ".join(map(str, shape))
        print(
            f"| {name} | {array} | {dsp} | {told['lut4']} | {made['lut4']} | {error:+.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
