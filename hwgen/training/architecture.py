"""The sizes of a BearingPGA-Net that is to be trained."""

from __future__ import annotations

from dataclasses import dataclass

from hwgen.checkpoint.geometry import FullGeometry, positions
from hwgen.errors import UsageError

_MAX_WIDTH = 4096


@dataclass(frozen=True)
class Architecture:
    """Sizes of the network; the defaults are the published ones.

    Parameters
    ----------
    window
        Samples, a power of two.
    filters, kernel, stride
        Of the convolution over the spectrum.
    padding
        Zeros on either side; None for ``(kernel - stride) / 2``, which keeps
        ``window / 2 / stride`` positions.
    pool
        Positions a max-pool takes together.
    hidden
        Neurons of a dense layer before the last; None for no such layer.

    Raises
    ------
    UsageError
        If the sizes do not make a network, naming the option.
    """

    window: int = 2048
    filters: int = 4
    kernel: int = 64
    stride: int = 8
    padding: int | None = None
    pool: int = 2
    hidden: int | None = None

    def __post_init__(self) -> None:
        for name in ("filters", "kernel", "hidden"):
            value = getattr(self, name)
            if value is not None and not 1 <= value <= _MAX_WIDTH:
                raise UsageError(f"--{name} must be from 1 to {_MAX_WIDTH}, not {value}")
        geometry = self.geometry
        geometry.given()
        if geometry.padding >= self.kernel:
            raise UsageError(
                f"--padding must be less than the kernel ({self.kernel}), not {geometry.padding}"
            )
        if self.positions < 1:
            raise UsageError(
                f"--window must be large enough for {self.kernel} taps, stride {self.stride}, "
                f"padding {geometry.padding} and pool {self.pool}, not {self.window}"
            )

    @property
    def geometry(self) -> FullGeometry:
        """What the tensors do not say, with the padding decided."""
        padding = self.padding
        if padding is None:
            if self.kernel < self.stride or (self.kernel - self.stride) % 2:
                raise UsageError(
                    f"--padding must be given for {self.kernel} taps at stride {self.stride}: "
                    "half their difference is no padding"
                )
            padding = (self.kernel - self.stride) // 2
        return FullGeometry(self.stride, padding, self.pool, self.window)

    @property
    def positions(self) -> int:
        """Positions of a filter after pooling."""
        g = self.geometry
        return positions(g.window // 2, self.kernel, g.stride, g.padding, g.pool)
