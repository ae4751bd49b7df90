"""QONNX models, and what they compute by the definition of their ops: an executor of its own.

Definitions: the operators' pages of QONNX (Quant, BipolarQuant, Trunc), and those of ONNX for
QuantizeLinear and DequantizeLinear, which the reference evaluator has.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

from hwgen import golden, importers
from hwgen.calibration import calibrate
from hwgen.network import Floats, Network
from hwgen.passes import canonical
from hwgen.quantized import Precision, QuantizedModel
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task

DOMAIN = "qonnx.custom_op.general"
DOMAINS = ("", DOMAIN, "onnx.brevitas")

_MODES = {
    "ROUND": np.round,
    "CEIL": np.ceil,
    "FLOOR": np.floor,
    "ROUND_TO_ZERO": np.fix,
    "DOWN": np.fix,
    "UP": lambda x: np.sign(x) * np.ceil(np.abs(x)),
    "HALF_UP": lambda x: np.sign(x) * np.floor(np.abs(x) + 0.5),
    "HALF_DOWN": lambda x: np.sign(x) * np.ceil(np.abs(x) - 0.5),
}


def _ends(signed: int, narrow: int, bits: Any) -> tuple[float, float]:
    size = 2 ** (float(bits) - signed)
    return (-size + narrow if signed else 0.0), size - 1 - (narrow and not signed)


class Quant(OpRun):
    """Integers of some bits, times a scale."""

    op_domain = DOMAIN

    def _run(self, x, scale, zero, bits, narrow=None, rounding_mode=None, signed=None):
        low, high = _ends(signed, narrow, np.asarray(bits).reshape(-1)[0])
        y = np.clip(x / scale + zero, low, high)
        y = (_MODES[rounding_mode or "ROUND"](y) - zero) * scale
        return (y.astype(np.float32),)


class BipolarQuant(OpRun):
    """Signs, times a scale."""

    op_domain = DOMAIN

    def _run(self, x, scale):
        return ((np.where(x >= 0, 1.0, -1.0) * scale).astype(np.float32),)


class Trunc(OpRun):
    """Integers without their last bits, at the scale that they had."""

    op_domain = DOMAIN

    def _run(self, x, scale, zero, bits, kept, rounding_mode=None):
        y = np.round(x / scale + zero) / 2.0 ** float(bits - kept)
        return (((_MODES[rounding_mode or "FLOOR"](y) - zero) * scale).astype(np.float32),)


class Net:
    """A model in the making: each method adds a node and returns the name of what it gives.

    Parameters
    ----------
    shape
        Of the input.
    domain
        Of the quantisers.
    constant_nodes
        Whether constants stand among the nodes.
    """

    def __init__(
        self, shape: tuple[int, ...], *, domain: str = "", constant_nodes: bool = False
    ) -> None:
        self._shape, self._domain, self._as_nodes = shape, domain, constant_nodes
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self.rng = np.random.default_rng(3)

    def constant(self, value: Any, kind: Any = np.float32) -> str:
        """Return the name of a constant."""
        name = f"c{len(self._nodes)}_{len(self._constants)}"
        tensor = numpy_helper.from_array(np.asarray(value, dtype=kind), name)
        if self._as_nodes:
            self._nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        else:
            self._constants.append(tensor)
        return name

    def add(self, op: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node of one output."""
        name = f"{op.lower()}_{len(self._nodes)}"
        self._nodes.append(
            helper.make_node(op, list(inputs), [name], name, domain=domain, **attributes)
        )
        return name

    def quant(
        self,
        x: str,
        scale: Any,
        bits: int = 8,
        *,
        signed: int = 1,
        narrow: int = 0,
        zero: float = 0.0,
        mode: str = "ROUND",
    ) -> str:
        """Add a Quant."""
        numbers = [self.constant(each) for each in (scale, zero, float(bits))]
        return self.add(
            "Quant", x, *numbers, domain=self._domain, signed=signed, narrow=narrow,
            rounding_mode=mode,
        )  # fmt: skip

    def weight(self, shape: tuple[int, ...], scale: Any, bits: int = 4) -> str:
        """Add quantised weights that use all of their bits."""
        reach = 2 ** (bits - 1) - 1
        ends = np.broadcast_to(np.asarray(scale, dtype=np.float64), shape) * reach
        value = self.rng.uniform(-1.2, 1.2, shape) * ends
        return self.quant(self.constant(value), scale, bits, narrow=1)

    def conv(self, x: str, filters: int, channels: int, scale: Any, *, bits: int = 4,
             kernel: int = 3, bias: str | None = None, **attributes: Any) -> str:  # fmt: skip
        """Add a convolution with quantised weights."""
        weight = self.weight((filters, channels, kernel), scale, bits)
        return self.add("Conv", x, weight, *([bias] if bias else []), **attributes)

    def dense(self, x: str, outputs: int, inputs: int, scale: Any, *, bits: int = 4,
              bias: str | None = None) -> str:  # fmt: skip
        """Add a dense layer with quantised weights."""
        weight = self.weight((outputs, inputs), scale, bits)
        return self.add("Gemm", x, weight, *([bias] if bias else []), transB=1)

    def norm(self, x: str, channels: int, gain: Any = None) -> str:
        """Add a batch normalisation; its gains are `gain`, random ones for None."""
        gains = self.rng.uniform(0.4, 1.6, channels) if gain is None else np.full(channels, gain)
        rest = (self.rng.normal(size=channels), self.rng.normal(size=channels), np.ones(channels))
        named = [self.constant(each) for each in (gains, *rest)]
        return self.add("BatchNormalization", x, *named, epsilon=0.0)

    def model(self, y: str) -> onnx.ModelProto:
        """Return the model whose output is `y`."""
        kind = onnx.TensorProto.FLOAT
        graph = helper.make_graph(
            self._nodes,
            "net",
            [helper.make_tensor_value_info("x", kind, self._shape)],
            [helper.make_tensor_value_info(y, kind, None)],
            self._constants,
        )
        sets = [helper.make_opsetid("", 18)]
        if self._domain:
            sets.append(helper.make_opsetid(self._domain, 1))
        return helper.make_model(graph, opset_imports=sets, ir_version=9)


def by_definition(made: onnx.ModelProto, windows: Floats) -> Floats:
    """Return what a model gives for windows in its input's own shape, ``(n, numbers)``."""
    copy = onnx.ModelProto()
    copy.CopyFrom(made)
    for node in copy.graph.node:
        if node.op_type in ("Quant", "BipolarQuant", "Trunc"):
            node.domain = DOMAIN
    if all(each.domain != DOMAIN for each in copy.opset_import):
        copy.opset_import.add(domain=DOMAIN, version=1)
    run = ReferenceEvaluator(copy, new_ops=[Quant, BipolarQuant, Trunc])
    found = [run.run(None, {"x": each[np.newaxis].astype(np.float32)})[0] for each in windows]
    return np.stack([each.reshape(-1) for each in found]).astype(np.float64)


def loaded(tmp_path: Path, made: onnx.ModelProto, **options: Any) -> Network:
    """Return the canonical network of a model in a file."""
    path = tmp_path / "net.onnx"
    path.write_bytes(made.SerializeToString())
    return canonical(importers.load(path, **options).network)


BITS = Precision(full_scale=4.0, adc=12)
"""Steps of 2^-9."""


def compared(
    network: Network, made: onnx.ModelProto, *, count: int = 24, bits: Precision = BITS
) -> tuple[QuantizedModel, Floats, Floats, Floats]:
    """Return the integer network, and what it, the float network and the definition give."""
    rng = np.random.default_rng(7)
    shape = (count, network.channels, network.input_samples)
    windows = rng.normal(size=shape) * np.linspace(0.2, 2.0, count)[:, np.newaxis, np.newaxis]
    steps = digitise(windows, bits)
    given = (steps * bits.lsb).reshape(count, *network.input_shape)
    sizes = [d.dim_value for d in made.graph.input[0].type.tensor_type.shape.dim][1:]
    wanted = by_definition(made, (steps * bits.lsb).reshape(count, *sizes))
    classes = tuple(str(n) for n in range(network.logits))
    model = calibrate(network, given, bits, Task(classes)).model
    found = golden.judged(model, steps.reshape(count, *network.input_shape)) * model.steps
    return model, found, network.judged(given), wanted
