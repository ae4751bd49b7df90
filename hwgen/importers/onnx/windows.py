"""What convolutions and poolings say of the positions that they see."""

from __future__ import annotations

from hwgen.importers.onnx.builder import Call
from hwgen.importers.onnx.view import View

_SAME = ("SAME_UPPER", "SAME_LOWER")


def sides(call: Call, view: View, reach: int, stride: int, positions: int) -> tuple[int, int]:
    """Return the positions of padding on the left and on the right.

    Parameters
    ----------
    reach
        Positions from the first that an output sees to the last, both included.
    stride, positions
        Of the input.
    """
    mode = call.attributes.get("auto_pad", "NOTSET")
    if mode in _SAME:
        total = max(0, (-(-positions // stride) - 1) * stride + reach - positions)
        few, many = total // 2, total - total // 2
        return (few, many) if mode == "SAME_UPPER" else (many, few)
    pads = call.attributes.get("pads", [])
    if mode == "VALID" or not pads:
        return 0, 0
    half = len(pads) // 2
    return view.spatial(pads[:half], 0), view.spatial(pads[half:], 0)


def placed(made: View, like: View) -> View:
    """Return a value of `(channels, positions)` with unit axes where they are in `like`."""
    channels, positions = made.logical
    rest = list(like.shape[2:])
    place = next((n for n, size in enumerate(rest) if size > 1), len(rest) - 1)
    rest[place] = positions
    return made.shaped((1, channels, *rest))
