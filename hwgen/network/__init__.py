"""Float network: a graph of frozen dataclasses, one file per op, with rules and a JSON form."""

from hwgen.network.graph import Graph, Node, Output
from hwgen.network.layer import Floats, Layer, Shape, layer_from_json
from hwgen.network.network import SAMPLES, Network

__all__ = [
    "SAMPLES",
    "Floats",
    "Graph",
    "Layer",
    "Network",
    "Node",
    "Output",
    "Shape",
    "layer_from_json",
]
