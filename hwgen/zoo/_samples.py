"""What networks that begin with raw samples have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from hwgen.errors import UsageError
from hwgen.network.neuron import Neuron
from hwgen.network.polynomial import Nodes
from hwgen.training.design import State
from hwgen.training.informed import Filters
from hwgen.zoo._fronts import Frontable, check_front, nodes_over_samples, over_samples
from hwgen.zoo._gains import check_window

LONGEST = 1 << 16
"""Samples of a window, at most."""


@dataclass(frozen=True)
class Sampled(Frontable):
    """A network on raw samples of one channel or several.

    Parameters
    ----------
    prepare
        As of `hwgen.network.ops.normalise.METHODS`: how each window is normalised by itself.
    neuron
        What the convolutions sum, instead of what they do.
    relinear
        Share of the learning rate that quadratic and other higher terms have.
    batchnorm
        ``"frozen"``: gain and offset of batch normalisations stay 1 and 0, as of the published
        QCNN.
    front
        What filters windows before it, of `hwgen.zoo._fronts.FRONTS`.

    Raises
    ------
    UsageError
        If the window is too short, too long, or not a multiple of what it must be one of, or there
        is no such front.
    """

    most_channels: ClassVar[int | None] = None
    shortest: ClassVar[int]
    """Samples of a window, at least."""
    whole: ClassVar[int] = 1
    """A window is a multiple of so many samples: every stride and pooling then comes out even."""
    prepare: str | None = None
    neuron: Neuron | None = None
    relinear: float | None = None
    batchnorm: str = "trained"
    front: str | None = None

    @property
    def frozen(self) -> bool:
        """Whether gain and offset of batch normalisations stay 1 and 0."""
        return self.batchnorm == "frozen"

    def new_front(self) -> Filters:
        """Return new filters of samples."""
        assert self.front is not None
        return over_samples(self.front, self.window)

    def front_nodes(self, state: State, source: str) -> Nodes:
        """Return the nodes of trained filters behind the samples `source`."""
        assert self.front is not None
        return nodes_over_samples(state, source, self.front)

    def __post_init__(self) -> None:
        check_front(self)
        if self.front == "gain":
            check_window(self.window, self.prepare)
        if self.shortest <= self.window <= LONGEST and self.window % self.whole == 0:
            return
        ends = f"from {self.shortest} to {LONGEST}"
        if self.whole == 1:
            rule = f"{ends} samples"
        else:
            only = self.shortest == self.whole
            rule = f"a multiple of {self.whole} samples {f'up to {LONGEST}' if only else ends}"
        raise UsageError(f"--window of {self.name} must be {rule}, not {self.window}")


def channelled(x: Tensor) -> Tensor:
    """Return windows ``(n, window)`` or ``(n, channels, window)`` as the latter."""
    return x if x.ndim == 3 else x.unsqueeze(1)
