"""A small accelerator in Verilog, made once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hwgen.export import bench_windows
from hwgen.fixedpoint import Integers
from hwgen.hardware.accelerator.generator import generate
from hwgen.hardware.emit import write_verilog
from hwgen.plans import arrays
from hwgen.plans.design import Design as Point
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.plans.timing import Timing
from hwgen.quantized import QuantizedModel

MODULE = "small_core"


@dataclass(frozen=True)
class Design:
    """What an export takes, but for the folder."""

    model: QuantizedModel
    verilog: Path
    windows: Integers
    timing: Timing

    def arguments(self, folder: Path) -> tuple[Any, ...]:
        return self.model, self.verilog, MODULE, self.windows, self.timing, folder


def make_design(example, folder: Path, array: Array) -> Design:
    core = generate(plan(example.model, Point(array, 0)))
    path = folder / "core.v"
    write_verilog(core, MODULE, path)
    windows = bench_windows(example.model, example.samples)
    return Design(example.model, path, windows, core.plan.timing)


@pytest.fixture(scope="session")
def small(make_example, tmp_path_factory) -> Design:
    example = make_example(11, window=64, convs=((2, 3, 2, 1, 2),), classes=3)
    array = arrays.best_array(example.model, arrays.default_parallel(example.model))
    return make_design(example, tmp_path_factory.mktemp("small"), array)


@pytest.fixture(scope="session")
def slow_one(make_example, tmp_path_factory) -> Design:
    """A single multiplier: windows wait for each other."""
    example = make_example(12, window=64, convs=((3, 5, 1, 2, 2),), classes=2)
    return make_design(example, tmp_path_factory.mktemp("slow"), Array(1, 1))
