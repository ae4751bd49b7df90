"""Small ONNX models out of a few lines of text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper, parser

from hwgen import importers
from hwgen.importers import Checkpoint
from hwgen.network import Floats
from hwgen.network.anomaly import score_of


def model(
    nodes: str,
    shape: tuple[int | str, ...] = (1, 3, 40),
    *,
    opset: int = 18,
    outputs: str = "y",
    **constants: tuple[int, ...] | np.ndarray,
) -> onnx.ModelProto:
    """Return a model of one input, x, of floats.

    Parameters
    ----------
    nodes
        In the text form of ONNX.
    outputs
        Their names, commas between.
    constants
        Arrays, or shapes of random ones.
    """
    ends = ", ".join(f"float[] {name}" for name in outputs.split(","))
    sizes = ",".join(map(str, shape))
    head = f'<ir_version: 8, opset_import: ["" : {opset}]>'
    text = f"{head} net (float[{sizes}] x) => ({ends}) {{{nodes}}}"
    made = parser.parse_model(text)
    rng = np.random.default_rng(1)
    for name, value in constants.items():
        array = (
            value if isinstance(value, np.ndarray) else rng.normal(size=value).astype(np.float32)
        )
        made.graph.initializer.append(numpy_helper.from_array(array, name))
    return made


def loaded(tmp_path: Path, made: onnx.ModelProto) -> Checkpoint:
    """Return what is read of a model in a file; an output like its input is values here."""
    path = tmp_path / "net.onnx"
    path.write_bytes(made.SerializeToString())
    found = importers.load(path)
    if score_of(found.network) is not None:
        return importers.load(path, answer="values")
    return found


def by_onnxruntime(made: onnx.ModelProto, windows: Floats) -> list[Floats]:
    """Return each output for windows in the input's own shape, ``(n, numbers)``.

    Node by node as the file has them: pairs of quantisers that are made one kernel of bytes
    saturate in between, on processors without instructions for their products.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(made.SerializeToString(), options)
    name = session.get_inputs()[0].name
    found = [session.run(None, {name: each[np.newaxis].astype(np.float32)}) for each in windows]
    return [np.stack([each.ravel() for each in group]) for group in zip(*found, strict=True)]


def check(tmp_path: Path, made: onnx.ModelProto, *, logits: bool = False) -> Checkpoint:
    """Assert that a model computes what onnxruntime says, and that it becomes integers."""
    from hwgen.passes import canonical

    checkpoint = loaded(tmp_path, made)
    network = checkpoint.network
    sizes = [d.dim_value for d in made.graph.input[0].type.tensor_type.shape.dim][1:]
    channels, samples = network.channels, network.input_samples
    windows = np.random.default_rng(2).normal(size=(4, channels, samples))
    inner = [size for size in sizes if size > 1]
    turned = windows.transpose(0, 2, 1) if inner == [samples, channels] else windows
    expected = by_onnxruntime(made, turned.reshape(4, *sizes))
    given = windows.reshape(4, *network.input_shape)
    for one in (network, canonical(network)):
        found = [value.reshape(4, -1) for value in one.outputs(given).values()]
        for wanted, got in zip(expected, found, strict=True):
            ends = (_between(got, wanted=False), _between(wanted)) if logits else (got, wanted)
            np.testing.assert_allclose(*ends, rtol=1e-4, atol=1e-4)
    return checkpoint


def _between(logits: Floats, *, wanted: bool = True) -> Floats:
    """Return what a softmax keeps of logits, of these or of what it gives."""
    logits = np.log(logits) if wanted and logits.min() >= 0 else logits
    return logits - logits.max(axis=1, keepdims=True)
