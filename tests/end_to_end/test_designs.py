"""Designs for latency and area, and windows that overlap: bit-exact through the whole flow."""

from __future__ import annotations

import pytest

from hwgen.flow.hardware_options import HardwareOptions

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkpoint(write_state, tmp_path_factory):
    """A random network of the published kind, on windows of 256 samples."""
    path = tmp_path_factory.mktemp("designs") / "small.pt"
    return write_state(path, filters=4, kernel=32, window=256, classes=5)


@pytest.mark.parametrize(
    "hardware",
    [
        HardwareOptions.of(goal="latency", board="ulx3s-25f"),
        HardwareOptions.of(goal="latency", board="ulx3s-85f", hop=1),
        HardwareOptions.of(goal="area", board="ulx3s-12f"),
        HardwareOptions.of(goal="area", board="ulx3s-12f", hop=64),
    ],
    ids=["latency", "latency, a class a sample", "area", "area, overlapping"],
)
def test_goals_are_bit_exact_and_as_quick_as_was_said(verified, checkpoint, hardware):
    report = verified(checkpoint, hardware=hardware)
    verification, latency = report["verification"], report["latency"]
    assert verification["mismatches"] == 0
    assert verification["windows"] > verification["corner_windows"] > 0
    hop = hardware.design.hop or 256
    assert report["design"]["hop"] == hop
    assert latency["cycles_per_window"] == hop * latency["min_cycles_between_samples"]
    # The generator's steps are shown only where they add up to what was measured.
    assert sum(latency["breakdown"].values()) == latency["cycles_last_sample_to_class"]
