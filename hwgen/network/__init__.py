"""Float network IR: frozen dataclasses, one file per op, with shape rules and a JSON form."""

from hwgen.network.layer import Floats, Layer, Shape, layer_from_json
from hwgen.network.network import Network

__all__ = ["Floats", "Layer", "Network", "Shape", "layer_from_json"]
