"""A bare state_dict of quadratic neurons, in whatever it is wrapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hwgen.checkpoint.mappings import is_tensor, mappings, stripped
from hwgen.checkpoint.tensors import plain_state, printable
from hwgen.errors import InputError
from hwgen.importers import quadratic
from hwgen.importers.answer import TAKEN
from hwgen.importers.bearingpga.geometry import Geometry
from hwgen.importers.found import how_to_go_on
from hwgen.importers.onnx.asked import ordered
from hwgen.importers.records import Checkpoint
from hwgen.importers.source import Asked, Source, stated_format
from hwgen.network import Network


def recognises(source: Source) -> bool:
    """Return whether it is a file of tensors that names no format, some of quadratic neurons."""
    content = source.content
    if content is None or stated_format(content.value) is not None:
        return False
    return any(quadratic.is_quadratic(each) for _, each in mappings(content.value))


def load(source: Source, asked: Asked) -> Checkpoint:
    """Return the network.

    Raises
    ------
    InputError
        If its tensors do not fit, or do not say how it is wired.
    """
    path, content = source.path, source.content
    assert content is not None
    given = asked.geometry or Geometry()
    if idle := [name for name, value in vars(replace(given, window=None)).items() if value]:
        raise InputError(
            f"{path} is taken for a published quadratic network; leave --{', --'.join(idle)} out"
        )
    places = [found for found in mappings(content.value) if quadratic.is_quadratic(found[1])]
    place, raw = _chosen(str(path), places, asked.weights_from)
    kept = {key: value for key, value in raw.items() if not _counter(key)}
    state = plain_state(stripped(kept)[1], str(path))
    try:
        graph, window, taken = quadratic.graph(quadratic.parts(state), given.window)
    except InputError as error:
        raise InputError(f"{path}: {error}{how_to_go_on()}") from error
    network = Network(path.stem, window, graph)
    where = [f"weights are those under {printable(place)}"] if place else []
    said = f"the output {TAKEN} {network.logits}: the largest number says which"
    notes = (*where, *taken, said)
    return Checkpoint(ordered(network, asked.outputs), bare=True, notes=notes)


def _counter(key: Any) -> bool:
    """Whether a tensor counts what a batch normalisation has seen: no float."""
    return isinstance(key, str) and key.endswith(".num_batches_tracked")


def _chosen(
    path: str, places: list[tuple[str, Mapping[Any, Any]]], wanted: str | None
) -> tuple[str, Mapping[Any, Any]]:
    """Return the tensors that are meant; `InputError` if that is not clear."""
    found = [each for each in places if wanted in (None, each[0])]
    if len(found) != 1:
        told = ", ".join(printable(place or "the file itself") for place, _ in places[:8])
        raise InputError(
            f"{path} holds {len(places)} networks: {told}; choose one with --weights-from"
        )
    place, raw = found[0]
    return place, {key: value for key, value in raw.items() if is_tensor(value)}
