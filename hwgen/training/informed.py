"""What a filter in front of a network is trained by: what is known of faults, beside the classes.

J.-X. Liao, C. He, J. Li, J. Sun, S. Zhang, X. Zhang, "Classifier-guided neural blind deconvolution:
a physics-informed denoising module for bearing fault diagnosis under noisy conditions", Mechanical
Systems and Signal Processing 222 (2025): kurtosis of what the time filter gives, the spread of the
envelope spectrum of what the frequency filter gives, and cross-entropy, weighted by what is
uncertain in each (A. Kendall, Y. Gal, R. Cipolla, CVPR 2018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from hwgen.training.losses import Objective

CUT = 32
"""Samples at each end of a window of which the kurtosis knows nothing: a filter reads beyond."""
_GAUSSIAN = 3.0
"""Kurtosis of Gaussian noise."""
_LEAST = 1e-12
"""Of a variance, or of a spectrum's power: a window of zeros is no impulse."""


def kurtosis(x: Tensor) -> Tensor:
    """Return the kurtosis of each window ``(n, [1,] samples)``, without its ends, ``(n, [1])``.

    It is 3 for Gaussian noise, more for impulses.
    """
    inner = x[..., CUT:-CUT]
    centred = inner - inner.mean(dim=-1, keepdim=True)
    square = centred.square()
    return square.square().mean(dim=-1) / (square.mean(dim=-1).square() + _LEAST)


def envelope_spectrum(x: Tensor) -> Tensor:
    """Return the magnitudes of the envelope's spectrum without its mean, bins 1 to N/2.

    The envelope is the magnitude of the analytic signal: the spectrum's negative half is left out.

    Parameters
    ----------
    x
        ``(n, [1,] samples)``.
    """
    count = x.shape[-1]
    one_sided = torch.zeros(count, dtype=x.dtype)
    one_sided[0] = 1.0
    one_sided[1 : (count + 1) // 2] = 2.0
    if count % 2 == 0:
        one_sided[count // 2] = 1.0
    analytic = torch.fft.ifft(torch.fft.fft(x) * one_sided)
    # Where there is nothing, a magnitude has no derivative.
    power = analytic.real.square() + analytic.imag.square()
    envelope = (power + _LEAST).sqrt()
    bins = torch.fft.rfft(envelope - envelope.mean(dim=-1, keepdim=True))[..., 1:]
    return (bins.real.square() + bins.imag.square() + _LEAST).sqrt()


def spread(x: Tensor) -> Tensor:
    """Return how evenly the envelope spectrum of each window is spread, ``(l2 / l4)^2``.

    Divided by the root of the number of bins, so that windows of any length compare: 1 where all
    bins are alike, about 0.6 for white noise, less for the lines of a fault.
    """
    power = envelope_spectrum(x).square()
    ratio = power.sum(dim=-1) / power.square().sum(dim=-1).sqrt()
    return ratio / power.shape[-1] ** 0.5


class Uncertain(nn.Module):
    """A sum of losses whose weights are learned: mean of ``loss e^-s + s`` (A. Kendall et al.).

    Parameters
    ----------
    names
        Of the losses.

    Attributes
    ----------
    log_variances
        s of each.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)
        self.log_variances = nn.Parameter(torch.zeros(len(self.names)))

    def forward(self, losses: Mapping[str, Tensor]) -> Tensor:
        """Return the sum of losses of these names, each a positive scalar."""
        each = torch.stack([losses[name] for name in self.names])
        return (each * torch.exp(-self.log_variances) + self.log_variances).mean()

    def weights(self) -> dict[str, float]:
        """Return what each loss is multiplied by."""
        found = torch.exp(-self.log_variances.detach()).tolist()
        return dict(zip(self.names, found, strict=True))


class Filters(nn.Module):
    """Filters of one signal, which in training keep what they gave, for the loss.

    Parameters
    ----------
    time, frequency
        Take and return ``(n, 1, samples)``, one behind the other; None: there is none.
    """

    def __init__(self, time: nn.Module | None, frequency: nn.Module | None) -> None:
        super().__init__()
        self.time, self.frequency = time, frequency
        kinds = ("kurtosis", time), ("envelope", frequency)
        self.uncertain = Uncertain([*(name for name, each in kinds if each is not None), "classes"])
        self._given: dict[str, Tensor] = {}

    def forward(self, x: Tensor) -> Tensor:
        """Return what the filters make of ``(n, 1, samples)``."""
        given = {}
        if self.time is not None:
            given["kurtosis"] = x = self.time(x)
        if self.frequency is not None:
            given["envelope"] = x = self.frequency(x)
        self._given = given if self.training else {}
        return x

    def informed(self, classes: Tensor) -> Tensor:
        """Return the whole loss of the windows that came last; `classes` is what their labels say.

        The kurtosis is divided through: weights that are learned want losses above 0, or they grow
        without end.
        """
        losses = {"classes": classes}
        for name, given in self._given.items():
            each = spread(given) if name == "envelope" else _GAUSSIAN / (kurtosis(given) + _LEAST)
            losses[name] = each.mean()
        self._given = {}
        return self.uncertain(losses)


def physics_informed(plain: Objective) -> Objective:
    """Return what is minimised of a network with `Filters` called ``front``."""

    def objective(model: nn.Module, x: Tensor, labels: Tensor, epoch: int) -> Tensor:
        value = plain(model, x, labels, epoch)
        front = model.get_submodule("front")
        assert isinstance(front, Filters)
        return front.informed(value)

    return objective
