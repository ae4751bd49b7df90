"""Scores of an autoencoder in fixed point: the golden model's, of rows that were never seen."""

from __future__ import annotations

import numpy as np

from hwgen import golden
from hwgen.calibration import choose_calibration
from hwgen.calibration.choice import methods
from hwgen.network import Floats, Network
from hwgen.network.anomaly import CLASSES
from hwgen.passes import canonical
from hwgen.quantized import Precision, QuantizedModel
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task

BITS = {
    "8 bits": Precision(full_scale=16.0),
    "12 bits": Precision(
        full_scale=16.0, feature=12, activation=12, conv_weight=12, dense_weight=12
    ),
}
"""Values between layers, and weights; rows have 16 bits, their standard scores end at 16."""

_HELD = 5
"""Every so many rows that trained choose the way of calibrating."""


def quantized(network: Network, train: Floats, bits: Precision) -> QuantizedModel:
    """Return the integer network, calibrated on the rows ``(n, features)`` that trained it."""
    held = np.arange(len(train)) % _HELD == 0
    made, _ = choose_calibration(
        canonical(network), train[~held], bits, Task(CLASSES, 1.0), methods(), train[held], None
    )
    return made.model


def scores(model: QuantizedModel, x: Floats) -> Floats:
    """Return the golden model's scores of rows ``(n, features)``, in real units."""
    return golden.run(model, digitise(x, model.bits))[:, 1] * float(model.steps[1])
