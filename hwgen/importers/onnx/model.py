"""An ONNX file, read without running anything, and cleaned up: static shapes, constants folded."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy.typing as npt

from hwgen.errors import InputError
from hwgen.importers.onnx import external
from hwgen.importers.onnx.folding import folded
from hwgen.importers.onnx.local import written_out
from hwgen.network.layer import MAX_ELEMENTS

OPSETS = (7, 24)
"""First and last version of the operator set that is read."""

_GROWING = ("ConstantOfShape", "Expand", "Tile")
"""Ops whose result is as large as a constant says."""

DOMAINS = ("", "ai.onnx")
"""Names of the operator set of ONNX itself."""

FLOATS = (1, 10, 11, 16)
"""Numbers of ONNX for floats of 32, 16 and 64 bits, and for bfloat16."""

QUANTISERS = "hwgen.quantisers"
"""Where quantisers are put, whatever domain a file has them in: nothing is to be done with them by
others, since the integers of a constant are worth more than its numbers."""

_QUANTISERS = frozenset(
    (
        "Quant",
        "IntQuant",
        "BipolarQuant",
        "Trunc",
        "FloatQuant",
        "MultiThreshold",
        "QuantizeLinear",
        "DequantizeLinear",
        "DynamicQuantizeLinear",
        "QLinearConv",
        "QLinearMatMul",
        "QLinearAdd",
        "QGemm",
        "QLinearGlobalAveragePool",
        "QLinearAveragePool",
        "QLinearConcat",
        "QLinearSigmoid",
        "QLinearLeakyRelu",
        "QLinearMul",
        "ConvInteger",
        "MatMulInteger",
    )
)

_FOREIGN = (
    *DOMAINS,
    "qonnx.custom_op.general",
    "onnx.brevitas",
    "finn.custom_op.general",
    "com.microsoft",
)
"""Domains in which quantisers are found."""


def read(path: Path, data: bytes) -> Any:
    """Return the model in a file, with all of its tensors.

    Parameters
    ----------
    path
        Of the file: tensors may lie beside it.
    data
        Its bytes.

    Raises
    ------
    InputError
        If it is damaged, of an unknown version, or breaks a rule of ONNX.
    """
    import onnx
    from onnx import external_data_helper

    model = parsed(path, data)
    _check_opset(path, model)
    _put_apart(model)
    external.files(model, path)
    for output in model.graph.output:
        # Not all exporters say the shape; it follows from the nodes.
        output.type.tensor_type.shape.SetInParent()
    try:
        external_data_helper.load_external_data_for_model(model, str(path.resolve().parent))
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, ValueError, OSError) as error:
        raise InputError(
            f"{path} breaks a rule of ONNX: {_line(error)}; export it again"
        ) from error
    return written_out(path, model)


def parsed(path: Path, data: bytes) -> Any:
    """Return the model as it stands in the bytes; `InputError` if there is none."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load_model_from_string(data)
    except (DecodeError, ValueError) as error:
        raise InputError(
            f"{path} is no ONNX file, or is cut off; export or copy it again"
        ) from error
    if not model.graph.node:
        raise InputError(f"{path} must have a graph with nodes, not an empty one; export it again")
    return model


def _check_opset(path: Path, model: Any) -> None:
    versions = [each.version for each in model.opset_import if each.domain in DOMAINS]
    first, last = OPSETS
    if not versions or not first <= max(versions) <= last:
        found = max(versions) if versions else "none"
        raise InputError(
            f"{path}: the ONNX opset must be {first} to {last}, not {found}; export with "
            f"opset_version=18"
        )


def cleaned(path: Path, model: Any) -> Any:
    """Return the model for one window, with what follows from constants worked out.

    Raises
    ------
    InputError
        If a size other than the number of windows is open, or there is not one input of floats.
    """
    _one_window(path, model)
    # Shapes of other batches that an exporter has left.
    del model.graph.value_info[:]
    for output in model.graph.output:
        if output.type.HasField("tensor_type"):
            output.type.tensor_type.ClearField("shape")
    _check_sizes(path, model)
    try:
        return folded(model, QUANTISERS)
    except Exception as error:  # of a library, about a file of anybody
        raise InputError(f"{path}: its constants cannot be worked out: {_line(error)}") from error


def _check_sizes(path: Path, model: Any) -> None:
    """Refuse constants that are few bytes in a file and very many in memory."""
    import onnx

    known = {each.name: each for each in model.graph.initializer}
    for node in model.graph.node:
        values = [each.t for each in node.attribute if each.name == "value"]
        if node.op_type == "Constant" and values:
            known[node.output[0]] = values[0]
        for name in node.input if node.op_type in _GROWING else ():
            tensor = known.get(name)
            if tensor is None or tensor.data_type != onnx.TensorProto.INT64:
                continue
            size = math.prod(map(int, array(path, tensor).reshape(-1)))
            if abs(size) > MAX_ELEMENTS:
                raise InputError(
                    f"{path}: {node.op_type} must make at most {MAX_ELEMENTS:,} numbers, not "
                    f"{abs(size):,}"
                )


def array(path: Path, tensor: Any) -> npt.NDArray[Any]:
    """Return the numbers of a tensor; `InputError` if they are not as many as it says."""
    from onnx import numpy_helper

    try:
        found: npt.NDArray[Any] = numpy_helper.to_array(tensor)
    except (ValueError, TypeError) as error:
        name = str(tensor.name)[:80]
        raise InputError(f"{path}: tensor {name!r} is damaged: {_line(error)}") from error
    return found


def _put_apart(model: Any) -> None:
    """Give quantisers a domain of their own."""
    for part in (model.graph, *model.functions):
        moved = [n for n in part.node if n.op_type in _QUANTISERS and n.domain in _FOREIGN]
        for node in moved:
            node.domain = QUANTISERS
        owner = model if part is model.graph else part
        if moved and all(each.domain != QUANTISERS for each in owner.opset_import):
            owner.opset_import.add(domain=QUANTISERS, version=1)


def _one_window(path: Path, model: Any) -> None:
    """Make the only input one window."""
    import onnx

    constants = {each.name for each in model.graph.initializer}
    inputs = [each for each in model.graph.input if each.name not in constants]
    if len(inputs) != 1:
        names = ", ".join(each.name for each in inputs) or "none"
        raise InputError(f"{path} must have one input, the samples, not {len(inputs)} ({names})")
    (samples,) = inputs
    tensor = samples.type.tensor_type
    floats = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT16)
    if tensor.elem_type not in floats:
        kind = onnx.TensorProto.DataType.Name(tensor.elem_type).lower()
        raise InputError(f"{path}: input {samples.name} must be of floats, not {kind}")
    sizes = [each.dim_value for each in tensor.shape.dim]
    if len(sizes) < 2 or 0 in sizes[1:]:
        shown = ", ".join(str(each.dim_value or each.dim_param or "?") for each in tensor.shape.dim)
        raise InputError(
            f"{path}: input {samples.name} must have the shape (windows, ..., samples) with all "
            f"sizes but the first known, not ({shown}); export with an example of the real length"
        )
    if math.prod(sizes[1:]) > MAX_ELEMENTS:
        raise InputError(
            f"{path}: input {samples.name} must have at most {MAX_ELEMENTS:,} samples a window, "
            f"not {math.prod(sizes[1:]):,}"
        )
    if sizes[0] > 1:
        raise InputError(
            f"{path}: input {samples.name} must take one window, or any number, not {sizes[0]}; "
            f"export with an example of one window"
        )
    tensor.shape.dim[0].dim_value = 1


def _line(error: BaseException) -> str:
    """Return what an error of a library says first."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__
