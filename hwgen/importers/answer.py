"""What the one output of a network is, where a file does not say and a user does."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import replace
from pathlib import Path

from hwgen.errors import InputError
from hwgen.importers.records import Checkpoint
from hwgen.network import SAMPLES, Network, Output, anomaly

CLASS, VALUES, ANOMALY = "class", "values", "anomaly"
ANSWERS = (CLASS, VALUES, ANOMALY)
"""The largest of its numbers says which; each number counts: a regression, an embedding, a
denoiser; or they are the input once more, and how far they are from it is what counts."""

TAKEN = "is a class, one of"
"""In what is told of an output that nothing says to be one."""

_LOOKS = "is taken for its input once more, an autoencoder's; a denoiser's is --answer values"

TURNED = "channels first: not as in its"
"""In what is told of values whose tensor has other axes."""

_ABOUT = re.compile(rf"output (.+?) (?:{TAKEN}|is values)")
"""What an importer tells of an output, which another line takes the place of."""

_FEWEST = 32
"""Numbers of an output that is taken for its input once more, unless somebody says so."""


def answered(path: Path, found: Checkpoint, answer: str | None) -> Checkpoint:
    """Return a checkpoint whose output is what the user says; None: what it looks like.

    One output of as many numbers as the network reads, 32 or more, is taken for an autoencoder's.

    Raises
    ------
    InputError
        If there is no such choice: a softmax says that it is a class, or it is one of several; or
        if an autoencoder's output has not its input's shape.
    """
    network, (output, *more) = found.network, found.network.graph.outputs
    if anomaly.score_of(network) is not None:
        return found if answer in (None, ANOMALY) else _said(path, found)
    # Nothing in the file says what it is.
    unsaid = not more and (output.kind == VALUES or any(TAKEN in note for note in found.notes))
    if answer is None and found.bare and unsaid and _looks_like(found, output.source):
        return _scored(path, found, _LOOKS)
    if answer == ANOMALY and unsaid:
        return _scored(path, found, "is its input once more, as --answer says")
    if answer is None or (answer == output.kind and not more):
        return found
    return _valued(found, output.source) if answer == VALUES and unsaid else _said(path, found)


def _valued(found: Checkpoint, source: str) -> Checkpoint:
    """Return the checkpoint whose output's numbers count each."""
    graph = replace(found.network.graph, outputs=(Output(source, VALUES),))
    notes = _other(found, source, "is values, as --answer says")
    return replace(found, network=replace(found.network, graph=graph), notes=notes)


def _said(path: Path, found: Checkpoint) -> Checkpoint:
    """Refuse an answer where the file has one."""
    kinds = ", ".join(output.kind for output in found.network.graph.outputs)
    if anomaly.score_of(found.network) is not None:
        kinds = ANOMALY
    raise InputError(f"{path} says what its outputs are ({kinds}); leave --answer out")


def _given(network: Network) -> str | None:
    """Return the value that is reconstructed: what is made of the samples; None: several are."""
    readers = network.graph.readers(SAMPLES)
    return readers[0].name if len(readers) == 1 else None


def _looks_like(found: Checkpoint, source: str) -> bool:
    """Return whether an output has as many numbers as what the network reads, and its shape."""
    given, shapes = _given(found.network), found.network.shapes()
    if given in (None, source) or math.prod(shapes[source]) < _FEWEST or _turned(found, source):
        return False
    return anomaly.alike(shapes[source], shapes[given or source])


def _turned(found: Checkpoint, source: str) -> bool:
    """Return whether the axes of a square output are swapped, which its shape does not say."""
    shape = found.network.shapes()[source]
    square = len(shape) == 2 and shape[0] == shape[1] > 1
    return square and any(TURNED in note for note in found.notes)


def _scored(path: Path, found: Checkpoint, told: str) -> Checkpoint:
    """Return the checkpoint whose answer is the score of its output."""
    network, (output, *_) = found.network, found.network.graph.outputs
    if _turned(found, output.source):
        raise InputError(
            f"{path}: an autoencoder's output must have its input's order: of a square one whose "
            "axes are swapped nobody can tell; export it as (batch, channels, samples)"
        )
    given = _given(network)
    if given is None:
        raise InputError(f"{path}: an autoencoder's samples must be read by one layer")
    try:
        graph = anomaly.scored(network.graph, output.source, given, network.shapes())
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    made = dataclasses.replace(network, graph=graph, classes=anomaly.CLASSES)
    notes = _other(found, output.source, f"{told}: the answer is its squared error")
    return replace(found, network=made, notes=notes)


def _other(found: Checkpoint, source: str, told: str) -> tuple[str, ...]:
    """Return the notes with another one on the one output, by the name that the file has for it."""
    about = [_ABOUT.match(note) for note in found.notes]
    kept = [note for note, its in zip(found.notes, about, strict=True) if its is None]
    name = next((its[1] for its in about if its), source)
    return (*kept, f"output {name} {told}")
