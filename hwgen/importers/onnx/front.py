"""What takes the samples: they themselves, or magnitudes of their bins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.importers.front_end import FrontEnd
from hwgen.importers.onnx.bins import Bins
from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.spectra import Spectra
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network import SAMPLES, Layer, Node, Shape
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.slice import Slice
from hwgen.network.ops.spectrum import Spectrum

MAX_CHANNELS = 256
"""Of the samples; more are taken for something else."""

MAX_SAMPLES = 1 << 20
"""Of a window and channel: more are a recording."""


def begin(
    path: Path,
    name: str,
    shape: Shape,
    build: Builder,
    asked: FrontEnd | None,
    *,
    channels_first: bool = False,
) -> tuple[View, list[str]]:
    """Put the layer that a graph's input is the value of; return its view, and what is to be told.

    Parameters
    ----------
    path
        Of the file.
    name, shape
        Of the input.
    build
        The network so far: nothing.
    asked
        What the user says of it.
    channels_first
        Whether a layer that reads it says that its channels are more than its samples.

    Raises
    ------
    InputError
        If it is not one or several channels of samples, or not what the user says.
    """
    sizes = [size for size in shape if size > 1]
    if len(sizes) > 2 or not sizes or (min(sizes, default=0) > MAX_CHANNELS and len(sizes) > 1):
        raise InputError(
            f"{path}: input {name} must be samples of 1 to {MAX_CHANNELS} channels, not "
            f"of the shape {shape}"
        )
    if max(sizes) > MAX_SAMPLES:
        raise InputError(
            f"{path}: input {name} must be at most {MAX_SAMPLES:,} samples a window, not "
            f"{max(sizes):,}; cut recordings into shorter windows"
        )
    if asked is not None:
        return _asked(path, name, shape, build, asked)
    channels = min(sizes) if len(sizes) == 2 else 1
    turned = len(sizes) == 2 and sizes[0] > sizes[1]
    logical = (channels, max(sizes))
    if turned and channels_first:
        return _as_it_is(name, shape, build)
    samples = logical if channels > 1 else logical[1:]
    _put(build, Direct("direct"), samples)
    view = View("direct", logical, shape, (1, 0) if turned else (0, 1))
    if channels == 1:
        return view, []
    return view, [
        f"input {name} of the shape {shape} is {channels} channels of {max(sizes)} samples "
        f"(the longer axis is time)"
    ]


def read_as_channels(graph: Any, name: str, shape: Shape, constants: Mapping[str, Any]) -> bool:
    """Return whether a convolution or a batch normalisation takes axis 1 of an input for channels.

    Of an input ``(1, many, few)`` that alone says so: the longer axis is time else.
    """
    if len(shape) != 3 or not MAX_CHANNELS >= shape[1] > shape[2] > 1:
        return False
    for node in graph.node:
        if not node.input or node.input[0] != name or len(node.input) < 2:
            continue
        weight = constants.get(node.input[1])
        if weight is None or node.op_type not in ("Conv", "BatchNormalization"):
            continue
        if node.op_type == "BatchNormalization":
            return bool(len(weight) == shape[1])
        groups = next((each.i for each in node.attribute if each.name == "group"), 1)
        return bool(weight.ndim == 3 and weight.shape[1] * groups == shape[1])
    return False


def _as_it_is(name: str, shape: Shape, build: Builder) -> tuple[View, list[str]]:
    """Put more channels than samples, as the layers say."""
    logical = (shape[1], shape[2])
    _put(build, Direct("direct"), logical)
    told = (
        f"input {name} of the shape {shape} is {shape[1]} channels of {shape[2]} samples: a layer "
        f"reads it so"
    )
    return View("direct", logical, shape, (0, 1)), [told]


def _asked(
    path: Path, name: str, shape: Shape, build: Builder, asked: FrontEnd
) -> tuple[View, list[str]]:
    """Put the spectrum that the user says an input is."""
    sizes = [size for size in shape if size > 1]
    if len(sizes) > 1:
        raise InputError(f"{path}: input {name} must be of one channel, not of the shape {shape}")
    try:
        layer = asked.layer(*sizes)
    except InputError as error:
        raise InputError(f"{path}: input {name}: {error}") from error
    _put(build, layer, (layer.window,))
    return View(layer.name, (1, *sizes), shape, (0, 1)), [asked.told(name, layer)]


def _put(build: Builder, layer: Layer, samples: Shape) -> None:
    """Put a layer that reads the samples."""
    build.nodes.append(Node(layer, (SAMPLES,)))
    build.shapes |= {SAMPLES: samples, layer.name: layer.output_shape(samples)}


def spectra(
    found: Spectra, build: Builder, notes: list[str]
) -> Iterator[tuple[str, View | Unsupported]]:
    """Put one spectrum for all that are found in a graph; yield the view of each, by name.

    What cannot be one with the first is `Unsupported`.
    """
    if not found.found:
        return
    tensors, half = found.found, found.window // 2
    up = {name: bool(each.bins[0] < each.bins[-1]) for name, each in tensors.items()}
    leading = next(iter(tensors))
    alike = [each.bins for name, each in tensors.items() if up[name] == up[leading]]
    low, high = min(bins.min() for bins in alike), max(bins.max() for bins in alike)
    ends = (0 if low == 0 else 1, half if high == half else half - 1)
    root = tensors[leading].factor ** (1 / tensors[leading].power)
    gain = float(f"{root * found.window:.9g}")  # constants in files are of single precision
    factor = gain / found.window
    layer = Spectrum(
        build.name(Call("spectrum", "spectrum", (), {})),
        found.window,
        *(ends if up[leading] else ends[::-1]),
        gain,
    )
    _put(build, layer, (found.window,))
    first, last = layer.bins[[0, -1]]
    notes.append(
        f"{leading} is |FFT| of {found.window} samples, bins {first} "
        f"{'up' if up[leading] else 'down'} to {last}, times {factor:.6g}"
    )
    for name, bins in tensors.items():
        if up[name] != up[leading]:
            yield name, Unsupported(f"reads the bins of {leading} the other way round")
        else:
            yield name, _seen(build, layer, bins, factor)


def _seen(build: Builder, layer: Spectrum, bins: Bins, factor: float) -> View:
    """Return the view of some bins of a spectrum, by their own factor and power."""
    count = len(bins.bins)
    begin = int(np.flatnonzero(layer.bins == bins.bins[0])[0])
    whole = View(layer.name, (1, len(layer.bins)), (1, len(layer.bins)), (0, 1))
    view = whole
    if count < len(layer.bins):
        name = build.name(Call("bins", "bins", (), {}))
        view = build.put(Slice(name, "positions", begin, count), whole)
    # A zero in front is no number of the spectrum.
    sizes = tuple(count if size > 1 else 1 for size in bins.shape)
    view = replace(view, shape=sizes, order=(0, 1))
    if bins.power != 1:
        view = build.curved(view, np.square)
    rest = bins.factor / factor**bins.power
    if not np.isclose(rest, 1.0, rtol=1e-6, atol=0):
        view = build.curved(view, lambda x: rest * x)
    return replace(view, pads=(1, 0)) if bins.zero else view
