"""Filters in front of a network: ClassBD's, the quadratic one, and the one that hardware wants.

J.-X. Liao et al., "Classifier-guided neural blind deconvolution", MSSP 222 (2025): two quadratic
convolutions over time, then a filter over frequency. The published one of these is a dense matrix
on magnitudes; here it is a gain a bin. Where the gain is smooth, it is a filter of few taps:
a convolution like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from scipy.fft import next_fast_len
from torch import Tensor, nn
from torch.nn import functional

from hwgen.errors import UsageError
from hwgen.network import SAMPLES, Graph, Layer, Node
from hwgen.network.front import FILTERS
from hwgen.network.ops.reshape import Reshape
from hwgen.network.ops.table import Table
from hwgen.network.polynomial import Nodes
from hwgen.training.design import Design, State
from hwgen.training.informed import Filters, physics_informed
from hwgen.training.losses import Objective
from hwgen.zoo._gains import GainFilter, gain_layer
from hwgen.zoo._graph import Wiring
from hwgen.zoo._quadratic import QuadraticConv1d

FRONTS = ("classbd", "time", "filter", "gain")
"""Both filters, the one over time alone, the one over frequency alone: taps, or gains of bins."""

_TAPS, _FILTERS = 63, 16
"""Of the quadratic convolutions: 1 -> 16 -> 1 channels."""
TAPS = 255
"""Of the filter over frequency: gains are smooth over 2048 / 255, some 8 bins."""

_NET, _FRONT = "net.", "front."


def wide_sums(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return a convolution that keeps the length, by products of spectra.

    For many taps and few filters it is five times as fast as torch's own.

    Parameters
    ----------
    x
        ``(n, channels, length)``.
    weight
        ``(filters, channels, taps)``, taps odd.
    bias
        ``(filters,)``.
    """
    taps, length = weight.shape[-1], x.shape[-1]
    size = next_fast_len(length + taps - 1, real=True)
    bins = torch.fft.rfft(functional.pad(x, (taps // 2, 0)), size)
    found = torch.einsum("ncf,ocf->nof", bins, torch.fft.rfft(weight, size).conj())
    return torch.fft.irfft(found, size)[..., :length] + bias[:, None]


class WideQuadratic(QuadraticConv1d):
    """A quadratic convolution that keeps the length; its sums are `wide_sums`."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__(channels, filters, _TAPS, 1, _TAPS // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, filters, length)`` of ``(n, channels, length)``."""
        weight = torch.cat([self.weight_r, self.weight_g])
        both = wide_sums(x, weight, torch.cat([self.bias_r, self.bias_g]))
        one, other = both.chunk(2, dim=1)
        return one * other + wide_sums(x.square(), self.weight_b, self.bias_b)


class TimeFilter(nn.Module):
    """Two quadratic convolutions, batch normalisation and ReLU behind each; the last one's tanh.

    Published is the sigmoid, of what is at least 0: this is the same but for a factor and for the
    one half that is taken off again behind it, and a value of 0 stays 0, as at the window's ends.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = WideQuadratic(1, _FILTERS), nn.BatchNorm1d(_FILTERS)
        self.conv2, self.bn2 = WideQuadratic(_FILTERS, 1), nn.BatchNorm1d(1)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, 1, samples)`` of the same, from 0 to 1."""
        y = functional.relu(self.bn1(self.conv1(x)))
        return torch.tanh(functional.relu(self.bn2(self.conv2(y))))


class SmoothFilter(nn.Module):
    """A linear filter of `TAPS` taps: a complex gain a bin that is smooth; it begins as none."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, 1, TAPS))
        with torch.no_grad():
            self.weight[..., TAPS // 2] = 1.0

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, 1, samples)`` of the same."""
        return wide_sums(x, self.weight, torch.zeros(1))


class BinFilter(nn.Module):
    """A real gain of each bin 1 .. N/2 of the spectrum, not below 0; bin 0 stays.

    Parameters
    ----------
    window
        N.
    """

    def __init__(self, window: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(window // 2))

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, 1, samples)`` of the same."""
        gain = functional.pad(functional.relu(self.gain), (1, 0), value=1.0)
        return torch.fft.irfft(torch.fft.rfft(x) * gain, x.shape[-1])


class Fronted(nn.Module):
    """Filters and the network behind them.

    Parameters
    ----------
    front, net
        The network takes scaled windows ``(n, samples)``.
    """

    def __init__(self, front: Filters, net: nn.Module) -> None:
        super().__init__()
        self.front, self.net = front, net
        self.input_gain = getattr(net, "input_gain", 1.0)
        """As of the network: filters leave the size of its inputs as it is."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of scaled windows ``(n, samples)``."""
        filtered = self.front(x.reshape(len(x), 1, -1))
        logits: Tensor = self.net(filtered[:, 0])
        return logits


@dataclass(frozen=True)
class Frontable(Design):
    """A kind of network that may have filters in front.

    Subclasses have a field `front`, one of `fronts`, or None.
    """

    fronts: ClassVar[tuple[str, ...]] = FRONTS

    def new_front(self) -> Filters:
        """Return new filters of `front`."""
        raise NotImplementedError

    def front_nodes(self, state: State, source: str) -> Nodes:
        """Return the nodes of trained filters behind the node `source`."""
        raise NotImplementedError

    @property
    def higher(self) -> bool:
        """Whether there are quadratic or other higher terms that the kind itself has not."""
        return super().higher or self.front in FRONTS[:2]

    def check_channels(self, channels: int) -> None:
        """Refuse recordings of more channels than network and filters can take."""
        super().check_channels(channels)
        if self.front is not None and channels > 1:
            raise UsageError(
                f"--front {self.front} filters 1 channel, not {channels}; choose it with "
                "--channel, or leave --front out"
            )

    def with_front(self, module: nn.Module) -> nn.Module:
        """Return a module with new filters in front of it, where there are to be some."""
        return module if self.front is None else Fronted(self.new_front(), module)

    def objective(self, plain: Objective) -> Objective:
        """Return what is minimised: with filters also what is known of faults."""
        return plain if self.front is None else physics_informed(plain)

    def whole_graph(self, state: State) -> Graph[Layer]:
        """Return the graph of what `with_front` returned, after training."""
        if self.front is None:
            return self.graph(state)
        net = {key[len(_NET) :]: each for key, each in state.items() if key.startswith(_NET)}
        return _behind_first(self.graph(net), lambda name: self.front_nodes(state, name))

    def learned(self, module: nn.Module) -> dict[str, float]:
        """Return the weights of the losses that a trained module had at its end."""
        if not isinstance(module, Fronted):
            return {}
        weights = module.front.uncertain.weights()
        return {f"weight_{name}": value for name, value in weights.items()}


def check_front(design: Frontable, why: str = "") -> None:
    """Refuse a front that a kind of network cannot have; `UsageError` says which it can."""
    if design.front is not None and design.front not in design.fronts:
        raise UsageError(
            f"--front of {design.name} must be {' or '.join(design.fronts)}, "
            f"not {design.front}{why}"
        )


def over_samples(front: str, window: int) -> Filters:
    """Return new filters of windows of samples, of one of `FRONTS`."""
    if front == "gain":
        return Filters(None, GainFilter(window))
    return Filters(
        None if front == "filter" else TimeFilter(), None if front == "time" else SmoothFilter()
    )


def nodes_over_samples(state: State, source: str, front: str) -> Nodes:
    """Return the nodes of trained filters of samples; gains of bins read the samples themselves."""
    wiring, y = Wiring(state), source
    if front == "gain":
        parts = (state[f"{_FRONT}frequency.{part}"] for part in ("real", "imag"))
        wiring.add(gain_layer(f"{FILTERS}frequency", *parts))
        return wiring.nodes
    if front != "filter":
        key = f"{_FRONT}time."
        for number in (1, 2):
            y = wiring.quadratic(f"{key}conv{number}", y, stride=1, padding=_TAPS // 2)
            y = wiring.relu(f"{key}relu{number}", wiring.norm(f"{key}bn{number}", y))
        y = wiring.add(Table(f"{FILTERS}time_tanh", "tanh"), y)
    if front != "time":
        wiring.conv(f"{_FRONT}frequency", y, padding=TAPS // 2)
    return wiring.nodes


def nodes_over_bins(state: State, source: str) -> Nodes:
    """Return the nodes of trained gains of a spectrum's bins, which go from N/2 down to 1."""
    gain = state[f"{_FRONT}frequency.gain"].clip(min=0.0)[::-1]
    wiring = Wiring({f"{_FRONT}frequency.weight": gain.copy()[:, None, None]})
    y = wiring.add(Reshape(f"{FILTERS}bins", len(gain)), source)
    y = wiring.conv(f"{_FRONT}frequency", y, groups=len(gain))
    # Nothing is below 0 here; said so, all bits of a byte are the value's.
    y = wiring.relu(f"{_FRONT}relu", y)
    wiring.add(Reshape(f"{FILTERS}spectrum", 1), y)
    return wiring.nodes


def _behind_first(graph: Graph[Layer], made: Callable[[str], Nodes]) -> Graph[Layer]:
    """Return a graph with nodes behind its first one, which alone reads samples.

    Where the first of these nodes reads the samples itself, it takes that one's place.
    """
    first, *rest = graph.nodes
    assert first.inputs == (SAMPLES,)
    nodes = made(first.name)
    kept = () if SAMPLES in nodes[0].inputs else (first,)
    last = nodes[-1].name
    moved = (
        Node(node.op, tuple(last if name == first.name else name for name in node.inputs))
        for node in rest
    )
    return replace(graph, nodes=(*kept, *nodes, *moved))
