"""Layers in a row that have hardware of their own, and the files that say how they may follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwgen.errors import CannotMeetError, InputError
from hwgen.quantized import QuantizedOp
from hwgen.quantized.op import room

if TYPE_CHECKING:
    from hwgen.quantized.ops.conv1d import QuantizedConv1d
    from hwgen.quantized.ops.dense import QuantizedDense

_WANTED = "conv1d, maxpool1d or none, and one dense layer"


@dataclass(frozen=True)
class Row:
    """What the layers of a row are, as far as they have been looked at.

    Parameters
    ----------
    conv
        The convolution that it begins with.
    pool
        Positions whose maximum is kept; None before there is a pooling.
    last
        The dense layer that gives the logits.
    """

    conv: QuantizedConv1d | None = None
    pool: int | None = None
    last: QuantizedDense | None = None

    @property
    def size(self) -> int:
        """Positions whose maximum is kept; 1 without a pooling."""
        return self.pool or 1


def row_of(ops: Sequence[QuantizedOp]) -> Row:
    """Return what the layers of a row are.

    An op's file in `hwgen.plans.unrolled.ops` has ``follow(row, op)``: the row with the op at its
    end, or None if it cannot be there.

    Raises
    ------
    CannotMeetError
        If they cannot be unrolled.
    """
    row: Row | None = Row()
    for op in ops:
        try:
            how = room("hwgen.plans.unrolled.ops", op.op)
        except InputError:
            row = None
        else:
            row = how.follow(row, op)
        if row is None:
            raise CannotMeetError(
                f"unrolled layers must be {_WANTED}, not {', '.join(each.op for each in ops)}; "
                f"ask for a MAC array with --parallel"
            )
    assert row is not None
    return row


def whole_row(ops: Sequence[QuantizedOp]) -> tuple[QuantizedConv1d, int, QuantizedDense]:
    """Return convolution, size of the pooling, and last layer of a row from source to class.

    Raises
    ------
    CannotMeetError
        As of `row_of`, and if one is missing.
    """
    row = row_of(ops)
    if row.conv is None or row.last is None:
        raise CannotMeetError(
            f"unrolled layers must be {_WANTED}, not {', '.join(each.op for each in ops)}; "
            f"ask for a MAC array with --parallel"
        )
    return row.conv, row.size, row.last
