"""What the one output of a network is, where a file does not say and a user does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hwgen.errors import InputError
from hwgen.importers.records import Checkpoint
from hwgen.network import Output

CLASS, VALUES = "class", "values"
ANSWERS = (CLASS, VALUES)
"""The largest of its numbers says which; or each number counts: a regression, an embedding."""

TAKEN = "is a class, one of"
"""In what is told of an output that nothing says to be one."""


def answered(path: Path, found: Checkpoint, answer: str | None) -> Checkpoint:
    """Return a checkpoint whose output is what the user says; None: as it was taken.

    Raises
    ------
    InputError
        If there is no such choice: a softmax says that it is a class, or it is one of several.
    """
    if answer is None:
        return found
    network, (output, *more) = found.network, found.network.graph.outputs
    if answer == output.kind and not more:
        return found
    taken = [note for note in found.notes if TAKEN in note]
    if answer != VALUES or more or not taken:
        raise InputError(
            f"{path} says what its outputs are ({', '.join(each.kind for each in (output, *more))}"
            f"); leave --answer out"
        )
    graph = replace(network.graph, outputs=(Output(output.source, VALUES),))
    kept = tuple(note for note in found.notes if note not in taken)
    told = f"output {output.source} is values, as --answer says"
    return replace(found, network=replace(network, graph=graph), notes=(*kept, told))
