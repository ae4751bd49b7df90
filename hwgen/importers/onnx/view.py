"""ONNX tensors as views of the network's values."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from hwgen.importers.onnx.curve import Curve
from hwgen.network import Shape


class Unsupported(Exception):  # noqa: N818 - what a node is, not what went wrong
    """A node cannot be made part of the network; says what would have to be so.

    Parameters
    ----------
    says
        To stand behind the node's name.
    number
        Of the node; None: it is the one that was being read.
    """

    def __init__(self, says: str, number: int | None = None) -> None:
        super().__init__(says)
        self.number = number


@dataclass(frozen=True)
class View:
    """How an ONNX tensor of one window shows a value of the network.

    Parameters
    ----------
    value
        Name of the value.
    logical
        Its shape, ``(channels, positions)`` or ``(numbers,)``; of a recurrent layer that goes both
        ways ``(ways, units, positions)``.
    shape
        Of the ONNX tensor.
    order
        Axes of `logical` from the slowest to the fastest in the tensor's memory.
    curve
        A function of each of its numbers that is still to be applied; None for none.
    pads
        Zeros still to be put before and behind its positions.
    expanded
        The shape of the ONNX tensor, where it repeats the numbers along axes of `shape` that have
        one; None where it does not.
    classified
        Whether a softmax or an arg-max is still to be applied: what it says is a class.
    grouped
        Where groups of positions begin, of which a mean or a maximum is still to be taken, with
        ``(channels, groups, size)`` as `logical`; None: there are no groups.
    coded
        Step and zero point of the integers that the tensor has for the value; None: it has the
        value itself.
    places
        For each number of a row of them which one of the value it is, where flattened values of
        other channels and positions stand side by side; None: `order` says it.
    """

    value: str
    logical: Shape
    shape: Shape
    order: tuple[int, ...]
    curve: Curve | None = None
    pads: tuple[int, int] = (0, 0)
    expanded: Shape | None = None
    classified: bool = False
    coded: tuple[float, int] | None = None
    grouped: tuple[int, ...] | None = None
    places: tuple[int, ...] | None = None

    def merged(self) -> View:
        """Return the view with ways and units as channels, where they stand side by side.

        Raises
        ------
        Unsupported
            If they do not.
        """
        if self.grouped is not None:
            raise Unsupported("must take the mean or the maximum of positions that are gathered")
        if len(self.logical) != 3:
            return self
        ways, units, positions = self.logical
        place = self.order.index(0)
        if self.order[place : place + 2] != (0, 1):
            raise Unsupported("must not read both ways of a recurrent layer apart")
        order = tuple(max(0, axis - 1) for axis in self.order if axis != 0)
        return replace(self, logical=(ways * units, positions), order=order)

    def shaped(self, shape: Shape) -> View:
        """Return the same numbers in the same order in another shape.

        Raises
        ------
        Unsupported
            If they stand for more numbers (`expanded`).
        """
        self.check_whole()
        return replace(self, shape=shape)

    def check_whole(self) -> None:
        """Refuse a tensor that repeats its numbers."""
        if self.expanded is not None:
            raise Unsupported(
                f"must not read numbers that are repeated ({self.shape} to {self.expanded}); sums "
                f"and products repeat what they read by themselves"
            )

    @property
    def is_whole(self) -> bool:
        """Whether each axis of the tensor runs over whole channels, whole positions, or both."""
        try:
            return len(self.axes) == len(self.shape)
        except Unsupported:
            return False

    @property
    def axes(self) -> tuple[tuple[int, ...], ...]:
        """For each axis of the tensor those of the value that it runs over, none for a unit one.

        Raises
        ------
        Unsupported
            If an axis is part of one of the value's.
        """
        left = [axis for axis in self.order if self.logical[axis] > 1]
        found = []
        for size in self.shape:
            taken: list[int] = []
            while math.prod(self.logical[axis] for axis in taken) < size and left:
                taken.append(left.pop(0))
            if math.prod(self.logical[axis] for axis in taken) != size:
                raise Unsupported(
                    f"reads {self.logical} values in the shape {self.shape}, which cuts channels "
                    f"or positions apart; no layer must be reshaped but to be flattened"
                )
            found.append(tuple(taken))
        return tuple(found)

    def axis_of(self, logical: int) -> int | None:
        """Return the axis of the tensor that runs over one of the value's alone; None for none."""
        return next((n for n, axes in enumerate(self.axes) if axes == (logical,)), None)

    def transposed(self, order: tuple[int, ...]) -> View:
        """Return the tensor with its axes in another order."""
        self.check_whole()
        shape = tuple(self.shape[axis] for axis in order)
        moved = [axis for axis in order if self.shape[axis] > 1]
        if moved == sorted(moved):
            return replace(self, shape=shape)  # the numbers stay in their order
        axes = self.axes
        turned = [logical for axis in order for logical in axes[axis]]
        units = [axis for axis in self.order if axis not in turned]
        return replace(self, shape=shape, order=(*turned, *units))

    def over_positions(self) -> tuple[int, int]:
        """Return the channels and positions of a tensor ``(1, channels, positions)``.

        Unit axes may stand beside the positions.

        Raises
        ------
        Unsupported
            If it has not that shape.
        """
        size = self.logical
        channels, positions = (size[0], size[1]) if len(size) == 2 else (1, size[0])
        fits = len(self.shape) >= 3 and self.shape[:2] == (1, channels)
        rest = [each for each in self.shape[2:] if each != 1]
        if not fits or rest != [positions] * (positions > 1) or not self._in_order(channels):
            raise Unsupported(
                f"must read (1, channels, positions), not a value of {self.logical} in the shape "
                f"{self.shape}"
            )
        if len(size) != 2:
            raise Unsupported("must not read the numbers of a dense layer as positions")
        return channels, positions

    def _in_order(self, channels: int) -> bool:
        return channels == 1 or self.axes[1] in ((0,), ())

    def spatial(self, values: tuple[int, ...] | list[int], usual: int) -> int:
        """Return the one of values for each axis behind the channels that is of the positions.

        Raises
        ------
        Unsupported
            If another one does something.
        """
        if not values:
            return usual
        sizes = self.shape[2:]
        if len(values) != len(sizes):
            raise Unsupported(f"must have one number for each of {len(sizes)} axes, not {values}")
        place = next((n for n, size in enumerate(sizes) if size > 1), len(sizes) - 1)
        others = [value for n, value in enumerate(values) if n != place]
        if any(value != usual for value in others):
            raise Unsupported(f"must work along one axis, not {len(sizes)} ({list(values)})")
        return values[place]
