"""The published teacher: six blocks of one-dimensional convolutions."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn
from torch.nn import functional

from hwgen.training.model import spectrum

_CHANNELS = (16, 32, 64, 64, 64, 64)
_KERNEL, _STRIDE, _PADDING = 64, 8, 28
_HIDDEN = 48


class Teacher(nn.Module):
    """Spectrum, six blocks of convolution, batch norm, ReLU and max-pool, and two dense layers.

    The names of the parameters are the published ones: `cnn.Conv1D_k`, `cnn.BN_k` for k = 1..6,
    `fc1`, `fc2`. At windows other than 2,048 samples only the first dense layer's width differs;
    where a short window leaves too little for it, a block does not pool and the last one pads.

    Parameters
    ----------
    window
        Samples, 16 or more.
    classes
        Number of logits.
    """

    def __init__(self, window: int, classes: int) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        length = (window // 2 + 2 * _PADDING - _KERNEL) // _STRIDE + 1
        inputs = 1
        for k, channels in enumerate(_CHANNELS, 1):
            if k == 1:
                layers["Conv1D_1"] = nn.Conv1d(inputs, channels, _KERNEL, _STRIDE, _PADDING)
            else:
                padding = 0 if k == len(_CHANNELS) and length >= 4 else 1
                layers[f"Conv1D_{k}"] = nn.Conv1d(inputs, channels, 3, 1, padding)
                length += 2 * padding - 2
            layers[f"BN_{k}"] = nn.BatchNorm1d(channels)
            layers[f"ReLU_{k}"] = nn.ReLU()
            if length > 1:
                layers[f"MaxPool_{k}"] = nn.MaxPool1d(2, 2)
                length //= 2
            inputs = channels
        self.cnn = nn.Sequential(layers)
        self.fc1 = nn.Linear(inputs * length, _HIDDEN)
        self.dropout = nn.Dropout(0.5)
        self.fc2 = nn.Linear(_HIDDEN, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits ``(n, classes)`` of scaled windows ``(n, window)``."""
        y = self.cnn(spectrum(x)).flatten(1)
        return self.fc2(self.dropout(functional.relu(self.fc1(y))))
