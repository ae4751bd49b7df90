"""What a format reader returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Signal:
    """One channel as the file holds it, not yet checked.

    Parameters
    ----------
    samples
        Array of any type and shape.
    sample_rate
        Hz, where the file states it.
    """

    samples: np.ndarray
    sample_rate: float | None = None
