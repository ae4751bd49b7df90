"""Small tables whose formula is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hwgen.neurons.table import Table, table

Formula = Callable[[np.ndarray], np.ndarray]


def known(x: np.ndarray) -> np.ndarray:
    return x[:, 0] * x[:, 1] + x[:, 2] ** 2


@pytest.fixture
def make() -> Callable[..., Table]:
    """Return a table of a formula; words for values where it is to be told apart."""

    def made(
        formula: Formula = known,
        rows: int = 400,
        inputs: int = 4,
        seed: int = 0,
        low: float | None = None,
    ) -> Table:
        rng = np.random.default_rng(seed)
        size = rows, inputs
        x = rng.standard_normal(size) if low is None else rng.uniform(low, low + 1, size)
        names = [f"x{number + 1}" for number in range(inputs)]
        y = formula(x)
        task = "classify" if y.dtype.kind == "U" else "regress"
        return table("made", x, list(y) if task == "classify" else y, names, "y", task)[0]

    return made
