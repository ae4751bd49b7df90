"""A bare state_dict of the published network, in whatever it is wrapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hwgen.checkpoint import Content
from hwgen.checkpoint.layers import under
from hwgen.checkpoint.mappings import mappings, stripped
from hwgen.checkpoint.tensors import printable
from hwgen.errors import InputError
from hwgen.importers.bearingpga import stated
from hwgen.importers.bearingpga.candidates import Candidate, candidates
from hwgen.importers.bearingpga.geometry import FullGeometry, Geometry, others
from hwgen.importers.bearingpga.state import geometry_of, in_order, network_from_state, sizes
from hwgen.importers.bearingpga.tensors import checked_state, with_zero_biases
from hwgen.importers.found import how_to_go_on, like_the_published, told
from hwgen.importers.quadratic import is_quadratic
from hwgen.importers.records import Checkpoint, Taken
from hwgen.importers.source import Asked, Source, stated_format

_WRAPPERS = ("state_dict", "model_state_dict")


def recognises(source: Source) -> bool:
    """Return whether it is a file of tensors that names no format, none of quadratic neurons."""
    content = source.content
    if content is None or stated_format(content.value) is not None:
        return False
    return not any(is_quadratic(each) for _, each in mappings(content.value))


def load(source: Source, asked: Asked) -> Checkpoint:
    """Return the network of a state_dict with `conv1` and `fc1` (and `fc2`, ...).

    Alone or in a wrapper, names with or without a prefix.

    Raises
    ------
    InputError
        If its tensors do not fit.
    """
    path, content, outputs = source.path, source.content, asked.outputs
    assert content is not None
    found = _chosen(path, content, asked.weights_from)
    tensors, no_bias = with_zero_biases(found.tensors)
    state = checked_state(tensors, str(path))
    try:
        own_layers = under(content.layers, found.place)
        says = stated.geometry(own_layers, sizes(state)[0])
        given, from_file, against = _merged(asked.geometry or Geometry(), says)
        full = geometry_of(state, given)
        network = network_from_state(in_order(state, outputs), given)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    rivals = [each for each in others(given, *sizes(state)) if not _alike(each, full)]
    notes = (*_notes(found, no_bias, content.strangers), *against, *stated.doubts(own_layers))
    if not any(array.any() for name, array in state.items() if name.endswith(".weight")):
        notes = (*notes, "all weights are 0: every window gets the same class; train it again")
    taken = Taken(given, full, tuple(rivals), outputs, notes, from_file)
    return Checkpoint(network, bare=True, taken=taken, state=state)


def _merged(given: Geometry, says: Geometry) -> tuple[Geometry, tuple[str, ...], tuple[str, ...]]:
    """Return what the user gives, else what the file says; which that is; where they differ."""
    stated_ones, against, merged = [], [], {}
    for name in ("stride", "padding", "pool"):
        own, other = getattr(given, name), getattr(says, name)
        if other is None:
            continue
        if own is None:
            merged[name] = other
            stated_ones.append(name)
        elif own != other:
            against.append(f"the module in the file has {name} {other}, but --{name} says {own}")
    return replace(given, **merged), tuple(stated_ones), tuple(against)


def _alike(one: FullGeometry, other: FullGeometry) -> bool:
    """Whether two differ in no more than the padding."""
    return replace(one, padding=other.padding) == other


def _notes(found: Candidate, no_bias: Sequence[str], strangers: Sequence[str]) -> tuple[str, ...]:
    """Return what was done to read the tensors."""
    notes = [*found.notes]
    if found.place:
        notes.insert(0, f"weights are those under {printable(found.place)}")
    if no_bias:
        notes.append(f"{', '.join(no_bias)} is not there: zeros")
    if strangers:
        notes.append(
            f"objects of {', '.join(printable(each) for each in strangers[:3])} were not made, "
            "tensors alone were read"
        )
    return tuple(notes)


def _chosen(path: Path, content: Content, weights_from: str | None) -> Candidate:
    """Return the network that is meant; `InputError` if that is not clear, or there is none."""
    found = candidates(content.value)
    places = ", ".join(printable(each.place or "the file itself") for each in found[:8])
    if weights_from is not None:
        found = [each for each in found if weights_from in (each.place, each.key)]
        if len(found) != 1:
            raise InputError(
                f"--weights-from must name a network in {path} ({places or 'there is none'}), "
                f"not {printable(weights_from)}"
            )
    if len(found) > 1:
        raise InputError(
            f"{path} holds {len(found)} networks: {places}; choose one with --weights-from "
            f"{printable(found[0].place or found[-1].place)}"
        )
    if not found:
        raise InputError(_no_network(path, content))
    return found[0]


def _no_network(path: Path, content: Content) -> str:
    """Return what is wrong with a file without a network that fits."""
    value = content.value
    tensors = [mapping for _, mapping in mappings(value)]
    if not tensors:
        kind = f"objects of {', '.join(map(printable, content.strangers[:3]))}"
        if not content.strangers:
            kind = f"a {printable(type(value).__name__)}"
        return f"{path} holds {kind}, not a state_dict, and no named tensors{how_to_go_on()}"
    raw = _unwrapped(value, tensors)
    # The teacher's own prefix is what tells it.
    teacher = any(isinstance(key, str) and key.startswith("cnn.Conv") for key in raw)
    raw = raw if teacher else stripped(raw)[1]
    if not teacher and not like_the_published(raw):
        return told(path, raw, content.networks)
    try:
        checked_state(raw, str(path))
    except InputError as error:
        return f"{error}{how_to_go_on()}"
    raise AssertionError("a state that fits must have been found")


def _unwrapped(value: Any, tensors: list[Mapping[Any, Any]]) -> Mapping[Any, Any]:
    """Return the mapping that is most likely to be meant as a network."""
    for key in _WRAPPERS:
        inner = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(inner, Mapping):
            return inner
    named = [each for each in tensors if all(isinstance(key, str) for key in each)]
    return max(named or tensors, key=len) if tensors else value
