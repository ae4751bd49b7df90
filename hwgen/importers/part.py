"""A part of a network by itself: the filters in front of it, whose output is samples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hwgen.errors import InputError
from hwgen.importers.answer import VALUES
from hwgen.importers.records import Checkpoint
from hwgen.network import Graph, Output
from hwgen.network.front import FILTERS

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
    last = nodes[ends[-1] - 1].name
    graph = Graph(found.network.graph.inputs, nodes[: ends[-1]], (Output(last, VALUES),))
    network = replace(found.network, name=f"{found.network.name}-{part}", graph=graph, classes=())
    told = f"the filters ({front}) in front of {found.network.name} alone; {last} is their output"
    return replace(found, network=network, notes=(*found.notes, told))
