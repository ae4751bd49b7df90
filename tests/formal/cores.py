"""Proofs that whole accelerators keep the account of their windows.

Products are cut off: the solver may choose them, so what is proven holds whatever the numbers are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from amaranth.hdl import Signal

from hwgen.explore import calibrate
from hwgen.hardware import generator
from hwgen.hardware.design import Design
from hwgen.network import Network
from hwgen.network.conv1d import Conv1d
from hwgen.network.dense import Dense
from hwgen.network.spectrum import Spectrum
from hwgen.quantized import Bits
from tests.formal.contract import claim_steady, offer, take, transfer
from tests.formal.prover import Bench

_WINDOW = 16


def small_core(design: Design, bits: Bits) -> Any:
    """Return the accelerator of a very small network."""
    rng = np.random.default_rng(1)
    layers = (
        Spectrum("spectrum", _WINDOW),
        Conv1d("conv1", rng.normal(0, 0.3, (1, 1, 2)), np.zeros(1), 2, 0),
        Dense("fc1", rng.normal(0, 0.3, (2, _WINDOW // 4)), np.zeros(2)),
    )
    network = Network("small", _WINDOW, layers)
    windows = rng.normal(0, 1, (8, _WINDOW))
    model = calibrate(network, windows, bits, input_scale=1.0, classes=("a", "b")).model
    return generator.generate(model, design)


def account(core: Any) -> Bench:
    """A result stands; there is one for each whole window that was not given up, and no other."""
    b = Bench()
    b.m.submodules.dut = dut = core
    offer(b, dut.samples, "samples")
    take(b, dut.result, "result")
    b.drive(dut.abandon, "abandon")
    claim_steady(b, dut.result)
    missing = Signal(range(_WINDOW + 1))  # samples to the end of the window; 0: none is begun
    taken = transfer(dut.samples) & ~dut.abandon
    whole = taken & ~dut.samples.p.first & (missing == 1)
    with b.m.If(taken & dut.samples.p.first):
        b.m.d.sync += missing.eq(_WINDOW - 1)
    with b.m.Elif(taken & (missing != 0)):
        b.m.d.sync += missing.eq(missing - 1)
    with b.m.If(dut.abandon):
        b.m.d.sync += missing.eq(0)
    owed, given_up = Signal(4), Signal()
    with b.m.If(dut.abandon):
        b.m.d.sync += given_up.eq(1)
    b.m.d.sync += owed.eq(owed + whole - transfer(dut.result))
    b.claim("no result without its window", ~dut.result.valid | (owed != 0))
    late = Signal(range(2 * core.latency + core.interval))
    most = core.latency
    with b.m.If((owed == 0) | dut.result.valid | given_up):
        b.m.d.sync += late.eq(0)
    with b.m.Elif(late != most + 1):
        b.m.d.sync += late.eq(late + 1)
    b.claim("a result for each whole window, in time", late <= most)
    return b


_SMALL = {"adc": 4, "feature": 4, "conv_weight": 4, "activation": 4, "dense_weight": 4}


def _unrolled() -> Any:
    bits = Bits(transform="dft", twiddle=8, **_SMALL)
    return small_core(Design(None, 0, lanes=8, values=4), bits)
