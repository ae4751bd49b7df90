"""Tensors that an ONNX file keeps in files beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from hwgen.errors import InputError

MAX_BYTES = 1 << 30
"""Of all that stands beside an ONNX file."""


def tensors(model: Any) -> Iterator[Any]:
    """Yield the tensors of a model that are kept elsewhere."""
    from onnx.external_data_helper import _get_all_tensors, uses_external_data

    yield from (tensor for tensor in _get_all_tensors(model) if uses_external_data(tensor))


def files(model: Any, path: Path) -> tuple[Path, ...]:
    """Return the files beside `path` that its tensors are in.

    Raises
    ------
    InputError
        If one lies elsewhere than in the folder of the model or below, is missing, shorter than
        said, or if they are too large.
    """
    found: dict[Path, None] = {}
    for tensor in tensors(model):
        fields = {_text(entry.key): _text(entry.value) for entry in tensor.external_data}
        found[_place(tensor.name, fields, path)] = None
    size = sum(each.stat().st_size for each in found)
    if size > MAX_BYTES:
        raise InputError(
            f"{path}: tensors beside the file must have at most {MAX_BYTES:,} bytes, not {size:,}"
        )
    return tuple(found)


def _text(value: str | bytes) -> str:
    """Return a text of a file, which need not be one."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _place(name: str, fields: dict[str, str], path: Path) -> Path:
    """Return the file that a tensor is in."""
    location = fields.get("location", "")
    folder = path.resolve().parent
    parts = (PurePosixPath(location), PureWindowsPath(location))
    strange = "\0" in location or any(part.is_absolute() or part.drive for part in parts)
    file = folder if strange or not location else (folder / location).resolve()
    if not file.is_relative_to(folder) or file == folder:
        raise InputError(
            f"{path}: tensor {name!r} must lie in the model's folder, not at {location!r}; "
            f"save the model with its tensors beside it"
        )
    if not file.is_file():
        raise InputError(
            f"{path}: tensor {name!r} is kept in {location}, which is not there; put it beside "
            f"the model, or save the model in one file"
        )
    try:
        offset, length = (int(fields.get(each, 0)) for each in ("offset", "length"))
    except ValueError as error:
        raise InputError(
            f"{path}: the place of tensor {name!r} in {location} must be numbers"
        ) from error
    end = offset + length
    if min(offset, length) < 0:
        raise InputError(
            f"{path}: the place of tensor {name!r} in {location} must be numbers of at least 0, "
            f"not {min(offset, length)}; save the model again"
        )
    if end > file.stat().st_size:
        raise InputError(
            f"{path}: {location} must have at least {end:,} bytes, not {file.stat().st_size:,}; "
            f"copy it again"
        )
    return file
