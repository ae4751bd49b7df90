"""Our own checkpoint: a state_dict with everything that is needed to build from it alone.

Plain dicts, lists, strings, numbers and tensors, so that `weights_only` loading takes it.

Version 1 has the tensors of a BearingPGA-Net and its ``geometry``; version 2 any graph, as
``network`` (`hwgen.importers.structure`). A BearingPGA-Net is written as version 1: earlier
hwgens read it, and the same training gives the same bytes.
"""

from __future__ import annotations

import dataclasses
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.checkpoint.tensors import State, plain_array, plain_state, printable
from hwgen.errors import InputError, UsageError
from hwgen.files import write_bytes
from hwgen.importers.bearingpga.geometry import DESCENDING, FullGeometry, Geometry
from hwgen.importers.bearingpga.state import geometry_from_network, network_from_state
from hwgen.importers.bearingpga.tensors import checked_state
from hwgen.importers.onnx.drop import dropped
from hwgen.importers.records import Checkpoint, CheckpointMeta, Windows
from hwgen.importers.source import DROP, Asked, Source, stated_format
from hwgen.importers.structure import network_of, structure, tensors
from hwgen.network import Network
from hwgen.signals import ReadAs
from hwgen.signals.noise_kinds import KINDS, WHITE

FORMAT = "hwgen-checkpoint"
VERSION = 2

QUANTISED = True
"""Whether its networks may have quantisers of their own."""

_MAX_NOTES = 100


def save_checkpoint(
    path: Path,
    network: Network,
    *,
    meta: CheckpointMeta,
    calibration: Windows | None = None,
    test: Windows | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Write `network` and what belongs to it to `path`, whole or not at all.

    Weights are kept as float32; `notes` say what was assumed to make the network.

    Raises
    ------
    ValueError
        If the windows are not of this network.
    FileAccessError
        If `path` cannot be written.
    """
    import torch

    value = as_object(network, meta=meta, calibration=calibration, test=test, notes=notes)
    buffer = io.BytesIO()
    torch.save(value, buffer)
    write_bytes(path, buffer.getvalue())


def as_object(
    network: Network,
    *,
    meta: CheckpointMeta,
    calibration: Windows | None = None,
    test: Windows | None = None,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """Return what `save_checkpoint` writes."""
    import torch

    for windows in (calibration, test):
        if windows is not None:
            windows.check_against(network)
    described, state = _described(network)
    value: dict[str, Any] = {
        "format": FORMAT,
        **described,
        "state_dict": {k: torch.from_numpy(v.astype(np.float32)) for k, v in state.items()},
        "input_scale": network.input_scale,
        "sample_rate": network.sample_rate,
        "classes": list(network.classes),
        "data": meta.data,
        "snr_db": meta.snr_db,
        "metrics": {key: float(number) for key, number in meta.metrics.items()},
        "snr_range": None if meta.snr_range is None else list(meta.snr_range),
        "recipe": meta.recipe,
        "method": meta.method,
        "read_as": meta.read_as.to_json(),
        "calibration": _windows_to_object(calibration),
        "test": _windows_to_object(test),
    }
    # Without these the bytes are those of earlier hwgens.
    if meta.noise != WHITE:
        value["noise"] = meta.noise
    if meta.front is not None:
        value["front"] = meta.front
    if notes:
        value["notes"] = list(notes)
    return value


def _described(network: Network) -> tuple[dict[str, Any], State]:
    """Return what tells the network but for its tensors, and these."""
    geometry = geometry_from_network(network)
    if geometry is None:
        return {"version": VERSION, "network": structure(network)}, tensors(network)
    return {"version": 1, "geometry": dataclasses.asdict(geometry)}, tensors(network)


def _windows_to_object(windows: Windows | None) -> dict[str, Any] | None:
    import torch

    if windows is None:
        return None
    return {
        "x": torch.from_numpy(windows.x.copy()),
        "labels": torch.from_numpy(windows.labels.copy()),
        "name": windows.name,
    }


def recognises(source: Source) -> bool:
    """Return whether it is a file of tensors that names a format: ours, or one to be refused."""
    return source.content is not None and stated_format(source.content.value) is not None


def load(source: Source, asked: Asked) -> Checkpoint:
    """Return the checkpoint that `save_checkpoint` wrote.

    Raises
    ------
    InputError
        If it is of another format or a newer version, damaged, or contradicts what is asked.
    """
    assert source.content is not None
    value, where, geometry = source.content.value, str(source.path), asked.geometry
    if value["format"] != FORMAT:
        raise InputError(
            f"{where} has format {printable(value['format'])}, but hwgen reads {FORMAT!r} and "
            "bare state_dicts"
        )
    if asked.weights_from is not None or asked.outputs:
        raise InputError(
            f"{where} is hwgen's own and says all of its network; "
            "leave --weights-from and --outputs out"
        )
    _check_version(value.get("version"), where)
    if not isinstance(value.get("state_dict"), Mapping):
        raise InputError(f"{where} is damaged: state_dict must be a dict; train it again")
    check, read = (
        (checked_state, _published) if value["version"] == 1 else (plain_state, _any_graph)
    )
    state = check(value["state_dict"], where)
    try:
        network = read(
            value,
            geometry,
            state,
            classes=tuple(_text(name, "a class") for name in value["classes"]),
            input_scale=_optional(value["input_scale"], "input_scale"),
            sample_rate=_optional(value["sample_rate"], "sample_rate"),
        )
        meta = _meta(value)
        calibration = _windows_from_object(value["calibration"], network)
        test = _windows_from_object(value["test"], network)
        notes = _notes(value.get("notes"))
    except (InputError, UsageError, ValueError) as error:
        raise InputError(f"{where}: {error}") from error
    except (KeyError, TypeError) as error:
        raise InputError(
            f"{where} is damaged: {printable(str(error), 200)}; train it again"
        ) from error
    if asked.quantizers == DROP:
        network, told = dropped(network)
        notes = (*notes, told)
    return Checkpoint(network, False, meta, calibration, test, notes=notes)


def _meta(value: Mapping[Any, Any]) -> CheckpointMeta:
    """Return how the network was trained."""
    return CheckpointMeta(
        data=_text(value["data"], "data"),
        snr_db=_optional(value["snr_db"], "snr_db"),
        metrics={
            _text(key, "a metric"): _number(number, "a metric")
            for key, number in dict(value["metrics"]).items()
        },
        # Files of earlier hwgens of this version do not have these.
        snr_range=_range(value.get("snr_range")),
        recipe=_optional_text(value.get("recipe"), "recipe"),
        method=_optional_text(value.get("method"), "method"),
        read_as=_read_as(value.get("read_as")),
        noise=_noise(value.get("noise", WHITE)),
        front=_optional_text(value.get("front"), "front"),
    )


def _published(
    value: Mapping[Any, Any], geometry: Geometry | None, state: State, **known: Any
) -> Network:
    """Return the network of version 1."""
    stored = FullGeometry(**value["geometry"]).given()
    _check_agreement(stored, geometry)
    return network_from_state(state, stored, **known)


def _any_graph(
    value: Mapping[Any, Any], geometry: Geometry | None, state: State, **known: Any
) -> Network:
    """Return the network of version 2."""
    network = network_of(value["network"], state, **known)
    for name, asked in dataclasses.asdict(geometry or Geometry()).items():
        if asked is not None and (name != "window" or asked != network.input_samples):
            raise InputError(
                f"--{name} {asked} is for a bare state_dict; the file says all of its network "
                f"({network.name}, windows of {network.input_samples}): leave it out"
            )
    return network


def _check_version(version: object, where: str) -> None:
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputError(
            f"{where} is damaged: version must be 1 to {VERSION}, not {printable(version)}"
        )
    if version > VERSION:
        raise InputError(
            f"{where} is of checkpoint version {version}, newer than this hwgen's {VERSION}; "
            "update hwgen, or train again with this one"
        )


def _check_agreement(stored: Geometry, asked: Geometry | None) -> None:
    for field in dataclasses.fields(FullGeometry):
        have = getattr(stored, field.name)
        want = None if asked is None else getattr(asked, field.name)
        if want is not None and want != have:
            raise InputError(f"--{field.name} {want} contradicts the checkpoint's own {have}")
    if asked is not None and asked.bins not in (None, DESCENDING):
        raise InputError(f"--bins {asked.bins} contradicts the checkpoint's own {DESCENDING}")


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{name} must be a number, not {printable(value)}")
    if not abs(value) <= sys.float_info.max:
        raise InputError(f"{name} must be finite, not {printable(str(value))}")
    return float(value)


def _optional(value: object, name: str) -> float | None:
    return None if value is None else _number(value, name)


def _range(value: object) -> tuple[float, float] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise InputError(f"snr_range must be two numbers, not {printable(value)}")
    low, high = (_number(number, "snr_range") for number in value)
    if low > high:
        raise InputError(f"snr_range must not fall, but is from {low:g} to {high:g} dB")
    return low, high


def _read_as(value: object) -> ReadAs:
    try:
        return ReadAs() if value is None else ReadAs.from_json(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"read_as is damaged: {printable(str(error), 200)}") from error


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.isprintable() or not value:
        raise InputError(f"{name} must be a line of text, not {printable(value)}")
    return value


def _noise(value: object) -> str:
    if value not in KINDS:
        raise InputError(f"noise must be one of {', '.join(KINDS)}, not {printable(value)}")
    return str(value)


def _notes(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > _MAX_NOTES:
        raise InputError(f"notes must be a list of a few lines, not {printable(value)}")
    return tuple(_text(line, "a note") for line in value)


def _optional_text(value: object, name: str) -> str | None:
    return None if value is None else _text(value, name)


def _windows_from_object(value: Any, network: Network) -> Windows | None:
    if value is None:
        return None
    x = plain_array(value["x"], "windows", "float32")
    labels = plain_array(value["labels"], "labels", "int64")
    windows = Windows(x, labels, _text(value["name"], "a name of windows"))
    windows.check_against(network)
    return windows
