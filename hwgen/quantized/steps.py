"""How the steps of an op's output follow from those of its inputs.

A step is the real value of one in a channel's integers. On chip a step is never multiplied by
anything but powers of two: what matters is a step but for these.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwgen.network import Floats

_SAME = 1e-9
"""Steps that differ by this share of an octave are the same but for the rounding of floats."""


@dataclass(frozen=True)
class Link:
    """Channels whose steps are an input's, times a factor and powers of two.

    Parameters
    ----------
    source
        Number of the input.
    first
        Channel of the output that is the input's channel 0; the others follow. Negative where the
        input's first channels are left out.
    factor
        Of the steps.
    """

    source: int
    first: int = 0
    factor: float = 1.0


@dataclass(frozen=True)
class Steps:
    """Where the steps of an op's output come from; it chooses them itself where this is empty.

    Parameters
    ----------
    links
        To its inputs. Where two lead to one channel, the inputs' steps must fit each other.
    known
        Steps are this times powers of two; None: not known beforehand.
    even
        Whether the steps of all channels of its inputs must be powers of two apart.
    product
        Whether steps are products of those of its two inputs.
    equal
        Whether the steps of all channels of its input must be equal.
    """

    links: tuple[Link, ...] = ()
    known: float | None = None
    even: bool = False
    product: bool = False
    equal: bool = False

    @property
    def free(self) -> bool:
        """Whether the op chooses its steps."""
        return not self.links and self.known is None and not self.product

    @property
    def demanding(self) -> bool:
        """Whether inputs must fit each other, or in themselves."""
        return self.even or max(Counter(link.first for link in self.links).values(), default=0) > 1


def octaves(ratio: npt.ArrayLike) -> Floats:
    """Return the logarithm to base 2 of ratios of steps; a whole number is one exactly."""
    found = np.log2(np.asarray(ratio, dtype=np.float64))
    whole = np.round(found)
    near: Floats = np.where(np.abs(found - whole) < _SAME, whole, found)
    return near
