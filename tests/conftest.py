"""Random small networks, calibrated: what several folders of tests need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from hwgen.explore import Calibration, calibrate
from hwgen.fixedpoint import Integers
from hwgen.network import Floats, Layer, Network
from hwgen.network.conv1d import Conv1d
from hwgen.network.dense import Dense
from hwgen.network.maxpool1d import MaxPool1d
from hwgen.network.spectrum import Spectrum
from hwgen.quantized import Bits, QuantizedModel
from hwgen.quantized.samples import digitise


def pytest_configure(config: pytest.Config) -> None:
    # A component that is refused, or made for its properties alone, is never elaborated.
    config.addinivalue_line("filterwarnings", "ignore::amaranth.hdl.UnusedElaboratable")


Conv = tuple[int, int, int, int, int]
"""Filters, kernel, stride, padding, and the pool behind it (0 for none)."""


@dataclass(frozen=True)
class Example:
    """A network, what calibration made of it, and the windows that it was calibrated on."""

    network: Network
    calibration: Calibration
    windows: Floats

    @property
    def model(self) -> QuantizedModel:
        return self.calibration.model

    @property
    def samples(self) -> Integers:
        return digitise(self.windows, self.model.bits)


def random_network(
    seed: int,
    window: int = 64,
    convs: tuple[Conv, ...] = ((3, 5, 2, 1, 2),),
    hidden: int = 0,
    classes: int = 4,
) -> Network:
    rng = np.random.default_rng(seed)
    layers: list[Layer] = [Spectrum("spectrum", window)]
    channels, length = 1, window // 2
    for number, (filters, kernel, stride, padding, pool) in enumerate(convs, 1):
        weight = rng.normal(0, 0.3, (filters, channels, kernel))
        layers.append(Conv1d(f"conv{number}", weight, rng.normal(0, 0.1, filters), stride, padding))
        channels, length = filters, (length + 2 * padding - kernel) // stride + 1
        if pool:
            layers.append(MaxPool1d(f"pool{number}", pool))
            length //= pool
    inputs = channels * length
    if hidden:
        weight = rng.normal(0, 0.2, (hidden, inputs))
        layers.append(Dense("fc1", weight, rng.normal(0, 0.1, hidden), relu=True))
        inputs = hidden
    # Rows of very different size, so that logits need their alignment.
    weight = rng.normal(0, 0.2, (classes, inputs)) * np.exp(rng.normal(0, 1, (classes, 1)))
    layers.append(Dense("last", weight, rng.normal(0, 0.1, classes)))
    return Network("random", window, tuple(layers))


@pytest.fixture(scope="session")
def make_network() -> Callable[..., Network]:
    """Return a random network: seed, window, convs, hidden, classes."""
    return random_network


@pytest.fixture(scope="session")
def make_example() -> Callable[..., Example]:
    """Return a random network calibrated on noise of very different loudness."""

    def make(
        seed: int, *, windows: int = 24, bits: Bits | None = None, method: str = "mse", **shape
    ) -> Example:
        network = random_network(seed, **shape)
        rng = np.random.default_rng(seed + 1)
        loudness = np.exp(rng.uniform(-2, 2, (windows, 1)))
        values = rng.normal(0, 1, (windows, network.input_samples)) * loudness
        calibration = calibrate(
            network,
            values,
            bits or Bits(),
            input_scale=0.75,
            classes=tuple(f"class {index}" for index in range(network.logits)),
            method=method,
        )
        return Example(network, calibration, values)

    return make
