"""A part of a network by itself: the filters in front of it, whose output is samples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hwgen.errors import InputError
from hwgen.importers.answer import VALUES
from hwgen.importers.records import Checkpoint
from hwgen.network import SAMPLES, Graph, Node, Output
from hwgen.network.front import FILTERS
from hwgen.network.ops.maxpool1d import MaxPool1d

FRONT = "front"
PARTS = (FRONT,)
"""Filters that were trained in front of a network: a denoiser, samples in, samples out."""


def part_of(path: Path, found: Checkpoint, part: str | None) -> Checkpoint:
    """Return a checkpoint of a part of its network; None: of all of it.

    Raises
    ------
    InputError
        If there is nothing in front of the network.
    """
    if part is None:
        return found
    nodes, front = found.network.graph.nodes, found.meta and found.meta.front
    ends = [number for number, node in enumerate(nodes, 1) if node.name.startswith(FILTERS)]
    if front is None or not ends:
        raise InputError(
            f"{path} has no filters in front of its network (`hwgen train --front`); "
            f"leave --part {part} out"
        )
    kept, last = nodes[: ends[-1]], nodes[ends[-1] - 1].name
    if nodes[ends[-1] - 1].inputs == (SAMPLES,):
        # On chip something must read what is made of the samples: each value as it is.
        kept = (*kept, Node(MaxPool1d(f"{FILTERS}values", 1), (last,)))
    graph = Graph(found.network.graph.inputs, kept, (Output(kept[-1].name, VALUES),))
    network = replace(found.network, name=f"{found.network.name}-{part}", graph=graph, classes=())
    told = f"the filters ({front}) in front of {found.network.name} alone; {last} is their output"
    return replace(found, network=network, notes=(*found.notes, told))
