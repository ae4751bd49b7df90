"""What a user says beside a file that says all of its network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hwgen.errors import InputError
from hwgen.importers.bearingpga.geometry import Geometry
from hwgen.importers.bearingpga.state import check_outputs
from hwgen.importers.source import Asked
from hwgen.network import Network


def check_nothing_said(path: Path, asked: Asked) -> None:
    """Refuse options that say what the graph says; `InputError` names them."""
    given = {**vars(asked.geometry or Geometry()), "weights-from": asked.weights_from}
    if asked.front_end is not None:
        del given["bins"]
    if idle := [name.replace("_", "-") for name, value in given.items() if value is not None]:
        raise InputError(f"{path} says all of its network; leave --{', --'.join(idle)} out")


def ordered(network: Network, outputs: tuple[int, ...]) -> Network:
    """Return the network with its logits in the order of the classes."""
    if not outputs:
        return network
    check_outputs(outputs, network.logits)
    last: Any = network.graph[network.graph.logits_name()].op
    rows = list(outputs)
    turned = replace(last, weight=last.weight[rows], bias=last.bias[rows])
    return network.with_layers([turned])
