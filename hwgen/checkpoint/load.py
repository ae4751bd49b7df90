"""Loads a checkpoint: a bare state_dict in the published format, or our own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hwgen.checkpoint.geometry import Geometry
from hwgen.checkpoint.own import FORMAT, checkpoint_from_object
from hwgen.checkpoint.records import Checkpoint
from hwgen.checkpoint.state import network_from_state
from hwgen.checkpoint.tensors import checked_state, printable
from hwgen.checkpoint.unpickle import read_object
from hwgen.errors import InputError

_WRAPPERS = ("state_dict", "model_state_dict")


def load_checkpoint(path: Path, *, geometry: Geometry | None = None) -> Checkpoint:
    """Return the network in `path`, with what else our own format carries.

    Parameters
    ----------
    path
        A `.pt` file: a state_dict with `conv1` and `fc1` (and `fc2`, ...), alone or as
        ``{"state_dict": ...}`` or ``{"model_state_dict": ...}``, names with or without a
        leading ``module.``; or a file of `save_checkpoint`.
    geometry
        What a bare state_dict does not say; open values are inferred.

    Raises
    ------
    InputError
        If it is no checkpoint, would run code, or its tensors do not fit; one line says which.
    FileAccessError
        If it cannot be read.
    """
    path = Path(path)
    value = read_object(path)
    if not isinstance(value, Mapping):
        raise InputError(
            f"{path} holds a {printable(type(value).__name__)}, not a state_dict; "
            "save the network with torch.save(model.state_dict(), ...)"
        )
    if "format" in value:
        if value["format"] != FORMAT:
            raise InputError(
                f"{path} has format {printable(value['format'])}, but hwgen reads {FORMAT!r} and "
                "bare state_dicts"
            )
        return checkpoint_from_object(value, geometry, str(path))
    state = checked_state(_unwrapped(value), str(path))
    try:
        return Checkpoint(network_from_state(state, geometry), bare=True)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _unwrapped(value: Mapping[Any, Any]) -> Mapping[Any, Any]:
    for key in _WRAPPERS:
        inner = value.get(key)
        if isinstance(inner, Mapping):
            return inner
    return value
