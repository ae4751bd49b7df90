"""The torch module of the published student network."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from hwgen.checkpoint import network_from_state
from hwgen.network import Network
from hwgen.training.architecture import Architecture


class BearingPGANet(nn.Module):
    """Spectrum, convolution, ReLU, max-pool, and one or two dense layers.

    The names of the parameters are the published ones: `conv1`, `fc1`, and `fc2` where there is
    a hidden layer.

    Parameters
    ----------
    architecture
        Its sizes.
    classes
        Number of logits.
    unit_inputs
        Whether the convolution starts as if its inputs were about 1, as the published one does
        not.
    """

    def __init__(
        self, architecture: Architecture, classes: int, *, unit_inputs: bool = True
    ) -> None:
        super().__init__()
        self.architecture = architecture
        a = architecture
        self.conv1 = nn.Conv1d(1, a.filters, a.kernel, a.stride, a.geometry.padding)
        inputs = a.filters * a.positions
        self.fc1 = nn.Linear(inputs, a.hidden or classes)
        self.fc2 = nn.Linear(a.hidden, classes) if a.hidden else None
        # A window of RMS 1 has bins of about 1 / sqrt(window): bring them back to about 1.
        self.input_gain = math.sqrt(architecture.window) if unit_inputs else 1.0
        """Size of the convolution's weights relative to a layer whose inputs are about 1."""
        with torch.no_grad():
            self.conv1.weight *= self.input_gain

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits ``(n, classes)`` of scaled windows ``(n, window)``."""
        y = functional.relu(self.conv1(spectrum(x)))
        y = functional.max_pool1d(y, self.architecture.pool).flatten(1)
        y = self.fc1(y)
        return y if self.fc2 is None else self.fc2(functional.relu(y))


def spectrum(x: Tensor) -> Tensor:
    """Return ``|FFT(x)| / N``, bins N/2 .. N-1, as ``(n, 1, N/2)``.

    x is real: these are bins N/2 down to 1 of the real transform.
    """
    bins = torch.fft.rfft(x).abs() / x.shape[1]
    return bins[:, 1:].flip(1).unsqueeze(1)


def to_network(
    model: BearingPGANet,
    classes: tuple[str, ...],
    input_scale: float,
    sample_rate: float | None,
) -> Network:
    """Return the float network IR of `model`."""
    state = {key: value.double().numpy() for key, value in model.state_dict().items()}
    return network_from_state(
        state,
        model.architecture.geometry.given(),
        classes=classes,
        input_scale=input_scale,
        sample_rate=sample_rate,
    )
