"""Plans are made without the hardware language: what a design is like costs no second."""

from __future__ import annotations

import subprocess
import sys

PLANNED = """
import sys
import numpy as np
from hwgen import targets
from hwgen.network import Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.spectrum import Spectrum
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import Precision
from hwgen.quantized.make import uncalibrated

layers = (
    Spectrum("spectrum", 64),
    Conv1d("conv1", np.ones((2, 1, 4)), np.zeros(2), 4, 0),
    Dense("fc1", np.ones((3, 16)), np.zeros(3)),
)
network = Network.chain("light", 64, layers)
for transform, array in (("fft", Array(2, 2)), ("dft", Array(2, 2)), ("dft", None)):
    made = plan(uncalibrated(network, Precision(transform=transform)), Design(array, 1, lanes=4))
    assert made.timing.latency > 0
    assert made.cells(targets.find("ecp5"))["lut4"] > 0
    assert not made.cells(targets.find("behavioural"))["ebr"]
sys.exit("amaranth" in sys.modules)
"""


def test_no_hardware_language_is_loaded():
    assert subprocess.run([sys.executable, "-c", PLANNED], check=False).returncode == 0
