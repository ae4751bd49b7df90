"""The netlist of a small core against the golden model: design level 3, on real Yosys."""

import numpy as np
import pytest

from hwgen.boards import find_board
from hwgen.calibration import calibrate
from hwgen.hardware.accelerator.generator import generate
from hwgen.network import Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.spectralgain import SpectralGain
from hwgen.network.ops.spectrum import Spectrum
from hwgen.plans import arrays
from hwgen.plans.design import Design
from hwgen.plans.planner import plan, source_dsp
from hwgen.plans.step import Array
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task
from hwgen.synth.check import check_netlist
from hwgen.verify import corner_windows

WINDOW = 64
_REAL_ENDS = np.ones((2, WINDOW // 2 + 1))
_REAL_ENDS[1, [0, -1]] = 0.0
"""Gains of bins: those of both ends have no imaginary part."""


def small_model(seed, window=WINDOW, transform="fft", *, gains=False):
    rng = np.random.default_rng(seed)
    positions = window // (4 if gains else 8)
    layers = (
        SpectralGain("gains", *rng.normal(size=(2, window // 2 + 1)) * _REAL_ENDS)
        if gains
        else Spectrum("spectrum", window),
        Conv1d("conv1", rng.normal(0, 0.3, (2, 1, 8)), rng.normal(0, 0.1, 2), 4, 2),
        MaxPool1d("pool1", 2),
        Dense("fc1", rng.normal(0, 0.2, (3, positions)), rng.normal(0, 0.1, 3)),
    )
    windows = rng.normal(0, 2, (6, window))
    bits = Precision(transform=transform)
    model = calibrate(
        Network.chain("small", window, layers), windows, bits, task=Task(("a", "b", "c"))
    ).model
    return model, digitise(windows, model.bits)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "window", "count"),
    [("icebreaker", 1024, 2), ("tang-nano-9k", 256, 2), ("certus-nx-versa", 256, 2)],
)
def test_netlist_of_another_family_equals_golden(*, tmp_path, name, window, count):
    """With the transform by accumulation, in memories that its reads and writes take turns on.

    An iCE40 has such memories for windows as long as that; they are simulated for long.
    """
    model, windows = small_model(seed=0, window=window, transform="dft")
    core = generate(plan(model, Design(Array(2, 1), 1)))
    board = find_board(name)
    result, cells = check_netlist(core, board, model, windows[:count], core.plan.timing, tmp_path)
    assert result.mismatches == 0
    assert result.latency == core.plan.timing.latency
    planned = core.plan.cells(board.target)
    assert {kind: cells[kind] for kind in planned if kind != "lut4"} == {
        kind: planned[kind] for kind in planned if kind != "lut4"
    }
    assert planned["lut4"] == pytest.approx(cells["lut4"], rel=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("gains", [False, True], ids=["spectrum", "gains"])
def test_netlist_equals_golden(*, tmp_path, gains):
    model, windows = small_model(seed=0, gains=gains)
    # Some multipliers are DSP cells, some are logic.
    core = generate(plan(model, Design(arrays.best_array(model, 4), 3)))
    timing = core.plan.timing
    stimulus = np.concatenate([corner_windows(WINDOW, 16), windows])
    result, cells = check_netlist(core, find_board("ulx3s-25f"), model, stimulus, timing, tmp_path)
    assert result.mismatches == 0
    assert result.windows > len(stimulus)
    assert result.latency == timing.latency
    assert cells["dsp"] == source_dsp(model) + 3
    assert min(cells["lut4"], cells["ff"], cells["ebr"]) > 0
