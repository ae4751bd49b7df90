"""Values of different shapes beside each other, element by element."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwgen.network.layer import Floats, Shape


def spread(shape: Shape, shapes: Sequence[Shape]) -> Shape:
    """Return a shape as it stands beside others: a flat value has one position of its channels."""
    return (*shape, 1) if len(shape) < max(map(len, shapes)) else shape


def together(shapes: Sequence[Shape]) -> Shape | None:
    """Return the shape that several have together; None where they do not go together."""
    try:
        return np.broadcast_shapes(*(spread(shape, shapes) for shape in shapes))
    except ValueError:
        return None


def beside(xs: Sequence[Floats]) -> list[Floats]:
    """Return values ``(n, *shape)`` with as many axes each."""
    shapes = [x.shape[1:] for x in xs]
    return [x.reshape(-1, *spread(shape, shapes)) for x, shape in zip(xs, shapes, strict=True)]
