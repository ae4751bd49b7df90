"""The parts of a build as its stages give them; the numbers are made up."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.report import assemble, histogram, latency_part


def _layer(name, op, fmt, width, histogram=None):
    layer = {"name": name, "op": op, "fmt": fmt, "width": width, "shift": 3, "sqnr_db": 38.25,
             "saturated": 12, "values": 30_000}  # fmt: skip
    return layer | ({} if histogram is None else {"histogram": histogram})


@pytest.fixture
def parts():
    rng = np.random.default_rng(7)
    spread = np.clip(np.abs(rng.normal(0, 40, 3000)), 0, 255).astype(np.int64)
    return {
        "design": {
            "network": "bearing-pga-net",
            "digest": "3f" * 32,
            "input_samples": 2048,
            "classes": ["ball", "inner", "normal"],
        },
        "board": {"name": "ulx3s-85f", "device": "LFE5U-85F", "package": "BG381"},
        "accuracy": {
            "data": "cwru",
            "windows": np.int64(600),
            "float_f1": 0.9983,
            "fixed_f1": np.float64(0.9967),
            "agreement": 0.995,
            "confusion": {
                "float": np.array([[200, 0, 0], [1, 199, 0], [0, 0, 200]]),
                "fixed": np.array([[200, 0, 0], [1, 198, 1], [0, 0, 200]]),
            },
        },
        "verification": {"simulator": "Verilator 5.048", "windows": 112, "mismatches": 0},
        "latency": latency_part(
            3475, 2048, 0, 125.0, breakdown={"transform": 2143, "conv1": 1220, "fc1": 112}
        ),
        "resources": {
            "lut4": 7421, "comb": 8320, "ff": 6011, "dsp": 28, "ebr": 21,
            "available": {"lut4": 83640, "ff": 83640, "dsp": 156, "ebr": 208},
        },
        "timing": {"target_mhz": 125.0, "fmax_mhz": 141.72, "met": True, "seed": 1},
        "tools": {"yosys": "0.70", "nextpnr-ecp5": "0.11.1"},
        "seconds": {"calibrate": 3.21, "verify": 61.2},
        "calibration": {
            "method": "mse",
            "windows": 256,
            "layers": [
                _layer("spectrum", "spectrum", "uQ2.6", 8, histogram(spread)),
                _layer("fc1", "dense", "Q6.15", 22),
            ],
        },
        "notes": [],
    }  # fmt: skip


@pytest.fixture
def robustness():
    """What is measured of 600 windows, two of which differ."""
    rows = [
        {"window": 12, "recording": "inner.mat", "start": 384, "true": "inner", "float": "inner",
         "fixed": "normal", "float_margin": 1.25, "fixed_margin": 0.5},
        {"window": 7, "recording": None, "start": None, "true": None, "float": "ball",
         "fixed": "inner", "float_margin": 0.031, "fixed_margin": 0.0},
    ]  # fmt: skip
    return {
        "snr": {"windows": 400, "db": [-12, 0, 20], "float_f1": [0.6, 0.98, 1.0],
                "fixed_f1": [0.55, 0.97, 1.0]},
        "gain": {"windows": 400, "gain": [0.7, 1.0, 1.3], "float_f1": [1.0, 1.0, 1.0],
                 "fixed_f1": [0.99, 1.0, 0.98]},
        "disagreements": {
            "count": 2, "of": 600, "float_right": 1, "fixed_right": 0, "error_95": 0.75,
            "histogram": {"edges": [0.0, 2.0, 4.0], "windows": [300, 300], "differ": [2, 0]},
            "points": {"differ": 2, "float": [1.25, 0.031, 3.0], "fixed": [-0.5, 0.0, 3.25]},
            "rows": rows,
        },
    }  # fmt: skip


@pytest.fixture
def report(parts):
    return assemble(parts)


@pytest.fixture
def unfit(parts):
    """A build with a mismatch and a missed clock."""
    verification = parts["verification"] | {"mismatches": 3}
    timing = {"target_mhz": 150.0, "fmax_mhz": 141.72, "met": False}
    return assemble(parts | {"verification": verification, "timing": timing})
