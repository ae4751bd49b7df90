"""Networks of other shapes and with extreme weights: bit-exact all the same."""

from __future__ import annotations

import pytest

from hwgen import golden
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.options import Settings
from hwgen.flow.quantize import quantize

pytestmark = pytest.mark.slow


def check(report: dict, windows: int = 120) -> None:
    verification = report["verification"]
    assert verification["mismatches"] == 0
    assert verification["windows"] >= windows + verification["corner_windows"]


def test_eight_filters_of_32_taps_a_window_of_1024_and_6_classes(verified, write_state, tmp_path):
    path = write_state(tmp_path / "wide.pt", filters=8, kernel=32, window=1024, classes=6)
    report = verified(path)
    check(report)
    assert report["design"]["input_samples"] == 1024
    assert len(report["design"]["classes"]) == 6
    assert report["latency"]["cycles_per_window"] <= 1024


def test_a_second_dense_layer(verified, write_state, tmp_path):
    check(verified(write_state(tmp_path / "deep.pt", hidden=12, classes=4, filters=3)))


def test_a_slow_design_point_states_its_interval(verified, write_state, tmp_path):
    path = write_state(tmp_path / "slow.pt", filters=4, window=512)
    report = verified(path, hardware=HardwareOptions.of(parallel=1, dsp=12))
    check(report)
    assert report["design"]["parallel"] == 1
    assert report["latency"]["cycles_per_window"] > 512
    assert report["latency"]["min_cycles_between_samples"] == 1


def huge(state: dict) -> None:
    for name in state:
        state[name] *= 1e6


def uneven(state: dict) -> None:
    state["conv1.weight"][0] *= 1e6
    state["conv1.weight"][1] *= 1e-6
    state["conv1.bias"][1] *= 1e3
    state["fc1.weight"][2] *= 1e-6
    state["fc1.bias"][0] *= 1e6


def dead(state: dict) -> None:
    state["conv1.weight"][0] = 0
    state["conv1.bias"][:] = 0
    state["fc1.weight"][1] = 0
    state["fc1.bias"][1] = 0


def nothing(state: dict) -> None:
    for name in state:
        state[name] *= 0


def tiny(state: dict) -> None:
    for name in state:
        state[name] *= 1e-6


def negative(state: dict) -> None:
    state["fc1.bias"] -= 8.0


CHANGES = {"huge": huge, "tiny": tiny, "uneven": uneven, "dead": dead, "nothing": nothing,
           "negative": negative}  # fmt: skip


@pytest.mark.parametrize("name", ["huge", "uneven", "dead", "negative"])
def test_extreme_weights(verified, write_state, tmp_path, name):
    path = write_state(tmp_path / "extreme.pt", window=64, change=CHANGES[name])
    check(verified(path))


@pytest.mark.parametrize("name", CHANGES)
def test_extreme_weights_keep_their_classes(write_state, tmp_path, name):
    path = write_state(tmp_path / "extreme.pt", filters=4, window=256, change=CHANGES[name])
    result = quantize(Settings(str(path)), lambda _: None)
    assert result.said.accuracy.agreement >= 0.95
    logits = golden.run(result.model, result.windows)
    if name == "negative":
        # An arg-max that begins with 0 would answer "none" of them.
        assert (logits < 0).all()
        assert set(golden.classify(logits)) == {0, 1, 2}
    if name == "nothing":
        assert set(golden.classify(logits)) == {0}
