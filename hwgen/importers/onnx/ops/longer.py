"""What makes values longer: transposed convolutions, and each position several times.

Both are several channels for each that there is to be, cut anew as positions: the outputs of a
transposed convolution that are a stride apart are those of an ordinary one (polyphase, or sub-pixel
convolution: W. Shi et al., "Is the deconvolution layer the same as a convolutional layer?", 2016).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.importers.onnx.windows import placed
from hwgen.network import Floats
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.reshape import Reshape
from hwgen.network.ops.slice import Slice

_MOST = 64
"""Outputs for each position, at most."""


@dataclass(frozen=True)
class _Longer:
    """A transposed convolution along one axis.

    Parameters
    ----------
    kernel, stride
        Taps, and outputs from one input to the next.
    cut
        Outputs at the beginning that are left out.
    length
        Outputs that are left.
    """

    kernel: int
    stride: int
    cut: int
    length: int

    @property
    def left(self) -> int:
        """Inputs before an output's own that it sees."""
        return (self.kernel - 1 - self.cut) // self.stride if self.cut < self.kernel else 0

    @property
    def right(self) -> int:
        """Inputs behind it."""
        return (self.stride - 1 + self.cut) // self.stride

    def phases(self, weight: Floats) -> Floats:
        """Return the weights of an ordinary convolution, ``(stride * filters, channels, taps)``.

        Parameters
        ----------
        weight
            ``(channels, filters, kernel)``.
        """
        channels, filters, _ = weight.shape
        taps = self.left + self.right + 1
        found = np.zeros((self.stride, filters, channels, taps))
        for phase, tap in np.ndindex(self.stride, taps):
            # The input is so many before the output's own.
            place = phase + self.cut + self.stride * (self.left - tap)
            if 0 <= place < self.kernel:
                found[phase, :, :, tap] = weight[:, :, place].T
        return found.reshape(self.stride * filters, channels, taps)


def transposed(call: Call, build: Builder) -> View:
    """Return the value of a transposed convolution."""
    view = build.ready(call.view())
    _, positions = view.over_positions()
    weight = _whole(np.asarray(call.constant(1), dtype=np.float64), call, view)
    if call.unit(1) is not None:
        raise Unsupported("must have weights without quantisers")
    if view.spatial(call.attributes.get("dilations", ()), 1) != 1:
        raise Unsupported("must have taps side by side, without dilation")
    asked = _asked(call, view, weight.shape[2], positions)
    if not 1 <= asked.stride <= _MOST:
        raise Unsupported(f"must have a stride of 1 to {_MOST}, not {asked.stride}")
    if asked.length < 1 or asked.cut >= asked.kernel:
        raise Unsupported(f"must leave out fewer outputs than its {asked.kernel} taps, and not all")
    filters = weight.shape[1]
    bias = call.constant(2)
    groups = -(-asked.length // asked.stride)
    # As many inputs on the right as make that many groups of outputs.
    right = groups - positions + asked.right
    if right < 0:
        raise Unsupported(f"must read all of its {positions} positions")
    layer = Conv1d(
        build.name(call), asked.phases(weight),
        np.tile(np.zeros(filters) if bias is None else np.asarray(bias, np.float64), asked.stride),
        1, asked.left, relu=False, padding_right=None if right == asked.left else right,
    )  # fmt: skip
    return _cut(call, build, view, build.put(layer, view), filters, asked.length)


def _asked(call: Call, view: View, kernel: int, positions: int) -> _Longer:
    """Return what the attributes ask for."""
    stride = view.spatial(call.attributes.get("strides", ()), 1)
    more = view.spatial(call.attributes.get("output_padding", ()), 0)
    whole = (positions - 1) * stride + kernel
    given = call.attributes.get("output_shape")
    mode = call.attributes.get("auto_pad", "NOTSET")
    if given or mode in ("SAME_UPPER", "SAME_LOWER"):
        length = view.spatial(given, 1) if given else positions * stride
        total = max(0, whole + more - length)
        first = total // 2 if mode == "SAME_UPPER" else total - total // 2
        return _Longer(kernel, stride, first, length)
    pads = call.attributes.get("pads", [])
    half = len(pads) // 2
    cut, end = view.spatial(pads[:half], 0), view.spatial(pads[half:], 0)
    return _Longer(kernel, stride, cut, whole + more - cut - end)


def _whole(weight: Floats, call: Call, view: View) -> Floats:
    """Return weights ``(channels, filters, taps)`` of all channels and filters: of groups too."""
    channels, each = weight.shape[:2]
    taps = weight.reshape(channels, each, -1)
    if taps.shape[2] != view.spatial(weight.shape[2:], 1):
        raise Unsupported("must work along one axis")
    groups = call.attributes.get("group", 1)
    if groups == 1:
        return taps
    found = np.zeros((channels, groups * each, taps.shape[2]))
    for channel in range(channels):
        first = channel // (channels // groups) * each
        found[channel, first : first + each] = taps[channel]
    return found


def _cut(call: Call, build: Builder, like: View, made: View, filters: int, length: int) -> View:
    """Return channels cut as positions, the first so many of these."""
    if made.logical[0] != filters:
        made = build.put(Reshape(build.name(call, "_cut"), filters), made)
    if made.logical[1] != length:
        made = build.put(Slice(build.name(call, "_some"), "positions", 0, length), made)
    return placed(made, like)


def repeated(call: Call, build: Builder) -> View:
    """Return each position several times."""
    view = build.ready(call.view())
    channels, positions = view.over_positions()
    mode = call.attributes.get("mode", "nearest")
    mode = mode.decode() if isinstance(mode, bytes) else mode
    if mode != "nearest":
        raise Unsupported(f"must repeat positions (nearest), not interpolate ({mode})")
    times = _times(call, view)
    if times == 1:
        return view
    made = build.put(Concat(build.name(call)), *[view] * times)
    return _cut(call, build, view, made, channels, positions * times)


def _times(call: Call, view: View) -> int:
    """Return how often each position comes."""
    sizes = call.constant(3)
    if sizes is not None:
        wanted = [float(size) / had for size, had in zip(sizes, view.shape, strict=True)]
    else:
        scales = call.constant(2) if call.op == "Resize" else call.given("scales", 1)
        wanted = [float(scale) for scale in np.asarray(scales).reshape(-1)]
    if len(wanted) != len(view.shape) or wanted[:2] != [1.0, 1.0]:
        raise Unsupported(f"must make positions more, not channels or windows ({wanted})")
    place = next((n for n, size in enumerate(view.shape[2:]) if size > 1), len(wanted) - 3)
    times = wanted[2 + place]
    others = [each for n, each in enumerate(wanted[2:]) if n != place]
    if any(each != 1 for each in others) or times != math.floor(times) or not 1 <= times <= _MOST:
        raise Unsupported(f"must repeat positions 1 to {_MOST} times, a whole number, not {wanted}")
    return int(times)


OPS = {"ConvTranspose": transposed, "Resize": repeated, "Upsample": repeated}
