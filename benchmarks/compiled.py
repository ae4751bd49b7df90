"""A float network as C for one window: straight loops of single precision, compiled for this host.

`generated` writes the calls of the layers in kernels.h in the network's order, with constant sizes;
`Compiled` builds and runs them. Weights are handed over when the library is loaded.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from host import FFT, compile_library
from place import HERE

from hwgen import files, passes
from hwgen.network import SAMPLES, Floats, Layer, Network, Node, Shape, pooling
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.network.ops.conv1d import Conv1d

KERNELS = HERE / "kernels.h"
SOURCES = (Path(__file__), KERNELS, HERE / "compiled.c", FFT)
BLOCK = 16
"""Of kernels.h: positions that a convolution may read beyond the last."""
_FUNCTIONS = ("relu", "sigmoid")
"""Of a table, those that kernels.h has."""
_MAIN = HERE / "compiled.c"

Singles = npt.NDArray[np.float32]


@dataclass
class Program:
    """C as it grows, node by node.

    Parameters
    ----------
    shapes
        Of the network's values.
    """

    shapes: dict[str, Shape]
    names: dict[str, str] = field(default_factory=dict)
    """The C names of values: several may lie at one place."""
    calls: list[str] = field(default_factory=list)
    buffers: list[str] = field(default_factory=list)
    weights: list[Singles] = field(default_factory=list)
    scratch: int = 1

    def numbers(self, name: str) -> int:
        """Return how many numbers a value is."""
        return math.prod(self.shapes[name])

    def value(self, node: Node[Layer]) -> str:
        """Return the C name of a node's new value."""
        name = f"v{len(self.buffers)}"
        size = self.numbers(node.name)
        self.buffers.append(f"static float {name}[{size}] __attribute__((aligned(64)));")
        self.names[node.name] = name
        return name

    def tensor(self, values: Floats) -> str:
        """Return the C expression of weights, which begin at a multiple of 64 bytes."""
        begin = sum(len(each) for each in self.weights)
        flat = values.astype(np.float32).ravel()
        self.weights.append(np.pad(flat, (0, -len(flat) % 16)))
        return f"weights + {begin}"

    def call(self, function: str, *arguments: object) -> None:
        """Add a call."""
        self.calls.append(f"    {function}({', '.join(map(str, arguments))});")


def _conv(program: Program, node: Node[Layer], sources: list[str]) -> None:
    layer = node.op
    assert isinstance(layer, Conv1d)
    channels, length = program.shapes[node.inputs[0]]
    filters, positions = program.shapes[node.name]
    kernel = layer.weight.shape[2]
    wide = next(n for n in (4, 2, 1) if filters // layer.groups % n == 0)
    weight = layer.weight.reshape(filters // wide, wide, -1, kernel).transpose(0, 2, 3, 1)
    span = positions + (kernel - 1) * layer.dilation // layer.stride + BLOCK
    program.scratch = max(program.scratch, channels * layer.stride * span)
    skip = sources[1] if layer.residual else "0"
    weights, bias = program.tensor(weight), program.tensor(layer.bias)
    program.call("conv", sources[0], weights, bias, skip, program.value(node), channels, length,
                 filters, positions, kernel, layer.stride, layer.dilation, layer.sides[0],
                 layer.groups, int(layer.relu), wide)  # fmt: skip


def _dense(program: Program, node: Node[Layer], sources: list[str]) -> None:
    layer: Any = node.op
    outputs, inputs = layer.weight.shape
    weights, bias = program.tensor(layer.weight), program.tensor(layer.bias)
    program.call("dense", sources[0], weights, bias, program.value(node), inputs, outputs,
                 int(layer.relu))  # fmt: skip


def _pool(program: Program, node: Node[Layer], sources: list[str]) -> None:
    layer: Any = node.op
    channels, length = program.shapes[node.inputs[0]]
    positions = program.shapes[node.name][1]
    program.call(layer.op.removesuffix("1d"), sources[0], program.value(node), channels, length,
                 positions, layer.size, pooling.stride(layer), layer.padding)  # fmt: skip


def _beside(shape: Shape) -> str:
    """Return how a value lies beside others of the same channels and positions, or of more."""
    channels, length = _sizes(shape)
    return f"(struct beside){{{length if channels > 1 else 0}, {int(length > 1)}}}"


def _add(program: Program, node: Node[Layer], sources: list[str]) -> None:
    layer: Any = node.op
    total, whole = program.value(node), program.shapes[node.name]
    places = [_beside(program.shapes[name]) for name in node.inputs]
    first, here = sources[0], places[0]
    for number, (other, place) in enumerate(zip(sources[1:], places[1:], strict=True), 2):
        relu = int(layer.relu and number == len(sources))
        program.call("add", first, here, other, place, total, *_sizes(whole), relu)
        first, here = total, _beside(whole)


def _multiply(program: Program, node: Node[Layer], sources: list[str]) -> None:
    whole = program.shapes[node.name]
    places = [_beside(program.shapes[name]) for name in node.inputs]
    (x, y), (xs, ys) = sources, places
    program.call("multiply", x, xs, y, ys, program.value(node), *_sizes(whole))


def _bilinear(program: Program, node: Node[Layer], sources: list[str]) -> None:
    layer = node.op
    assert isinstance(layer, Bilinear1d)
    if layer.flat:
        raise TypeError(f"compiled.py must have products of dense layers, as {node.name} is one")
    whole, factors = program.shapes[node.name], []
    for half in layer.halves:
        program.shapes[half.name] = whole
        _conv(program, Node(half, node.inputs), sources)
        factors.append(program.names[half.name])
    beside = _beside(whole)
    program.call("multiply", factors[0], beside, factors[1], beside, program.value(node),
                 *_sizes(whole))  # fmt: skip


def _sizes(shape: Shape) -> tuple[int, int]:
    """Return channels and positions; a flat value is channels of one."""
    channels, length = (*shape, 1)[:2]
    return channels, length


def _concat(program: Program, node: Node[Layer], sources: list[str]) -> None:
    to, begin = program.value(node), 0
    for name, source in zip(node.inputs, sources, strict=True):
        program.call("memcpy", f"{to} + {begin}", source, f"{program.numbers(name)} * sizeof *{to}")
        begin += program.numbers(name)


def _slice(program: Program, node: Node[Layer], sources: list[str]) -> None:
    layer: Any = node.op
    shape = program.shapes[node.inputs[0]]
    if layer.axis == "channels":
        program.names[node.name] = f"({sources[0]} + {layer.begin * math.prod(shape[1:])})"
        return
    program.call("cut", sources[0], program.value(node), *shape, layer.begin, layer.count)


def _table(program: Program, node: Node[Layer], sources: list[str]) -> None:
    layer: Any = node.op
    if layer.function not in _FUNCTIONS:
        raise TypeError(f"kernels.h must have the function {layer.function} of {node.name}")
    count = program.numbers(node.name)
    program.call("function", layer.function, sources[0], program.value(node), count)


def _direct(program: Program, node: Node[Layer], sources: list[str]) -> None:
    program.names[node.name] = sources[0]


def _spectrum(program: Program, node: Node[Layer], sources: list[str]) -> None:
    layer: Any = node.op
    if layer.first is not None or layer.gain != 1:
        raise TypeError(f"fft.h must have the bins and the gain of {node.name}")
    program.call("features", sources[0], program.value(node))


_OPS: dict[str, Callable[[Program, Node[Layer], list[str]], None]] = {
    "add": _add,
    "avgpool1d": _pool,
    "bilinear1d": _bilinear,
    "concat": _concat,
    "conv1d": _conv,
    "dense": _dense,
    "direct": _direct,
    "maxpool1d": _pool,
    "multiply": _multiply,
    "slice": _slice,
    "spectrum": _spectrum,
    "table": _table,
}


def generated(network: Network) -> tuple[str, Singles]:
    """Return the C source of a network, and the weights that it is handed.

    Raises
    ------
    TypeError
        If it has a layer, or a function, that kernels.h has not.
    """
    network = passes.canonical(network)
    program = Program(network.shapes(), {SAMPLES: "x"})
    for node in network.graph.nodes:
        if node.op.op not in _OPS:
            raise TypeError(f"kernels.h must have the layer {node.op.op} of {node.name}")
        _OPS[node.op.op](program, node, [program.names[name] for name in node.inputs])
    logits = network.class_output
    assert logits is not None
    spectral = any(node.op.op == "spectrum" for node in network.graph.nodes)
    weights = np.concatenate(program.weights)
    lines = [
        f"#define SCRATCH {program.scratch}",
        f"#define WEIGHTS {len(weights)}",
        f"#define INPUTS {math.prod(network.input_shape)}",
        f"#define CLASSES {network.logits}",
        f"#define WINDOW {network.input_samples}",
        f'#include "{KERNELS.name}"',
        *([f'#include "{FFT.name}"'] if spectral else ["static void prepare_fft(void) {}"]),
        "static float weights[WEIGHTS] __attribute__((aligned(64)));",
        *program.buffers,
        "static const float *logits(const float *x)",
        "{",
        *program.calls,
        f"    return {program.names[logits]};",
        "}",
        f'#include "{_MAIN.name}"',
    ]
    return "\n".join(lines) + "\n", weights


class Compiled:
    """A network as a library.

    Parameters
    ----------
    network
        With a class; errors as of `generated`.
    folder
        For the source and the library.
    """

    def __init__(self, network: Network, folder: Path) -> None:
        source, weights = generated(network)
        folder.mkdir(parents=True, exist_ok=True)
        name = files.digest(source)[:16]
        path, library = folder / f"{name}.c", folder / f"{name}.so"
        files.write_text(path, source)
        compile_library(path, library, f"-I{HERE}")
        self._library = ctypes.CDLL(str(library))
        self._library.prepare(_pointer(weights))
        self._shape = network.input_shape
        self._classes = network.logits

    def logits(self, windows: Singles) -> Singles:
        """Return the logits ``(n, classes)`` of scaled windows ``(n, *input_shape)``."""
        windows = self._checked(windows)
        found = np.zeros((len(windows), self._classes), dtype=np.float32)
        for x, out in zip(windows, found, strict=True):
            self._library.classify(_pointer(x), _pointer(out))
        return found

    def times(self, windows: Singles, runs: int) -> npt.NDArray[np.int64]:
        """Return the nanoseconds of each of `runs` calls; the windows take turns."""
        windows = self._checked(windows)
        spent = np.zeros(runs, dtype=np.int64)
        self._library.timed(_pointer(windows), len(windows), runs, _pointer(spent))
        return spent

    def _checked(self, windows: Singles) -> Singles:
        if windows.shape[1:] != self._shape:
            raise ValueError(f"windows must be of shape {self._shape}, not {windows.shape[1:]}")
        return np.ascontiguousarray(windows, dtype=np.float32)


def _pointer(array: npt.NDArray[Any]) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)
