"""Files that an hwgen wrote whose networks were chains: `version1/chain.json`, as it left them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hwgen import golden
from hwgen.network import SAMPLES, Network
from hwgen.quantized import QuantizedModel

FILE = json.loads(Path(__file__).with_name("version1").joinpath("chain.json").read_text())


def test_the_float_network():
    network = Network.from_json(FILE["network"])
    assert [node.inputs for node in network.graph.nodes] == [
        (SAMPLES,),
        ("spectrum",),
        ("conv1",),
        ("pool1",),
    ]
    assert (network.class_output, network.channels, network.classes) == ("fc1", 1, ("a", "b", "c"))
    again = Network.from_json(json.loads(json.dumps(network.to_json())))
    x = np.random.default_rng(1).normal(size=(4, 32))
    assert np.array_equal(again.run(x), network.run(x))


@pytest.mark.parametrize("known", FILE["models"], ids=["fft", "dft"])
def test_the_integer_network(known):
    assert known["model"]["version"] == 1
    model = QuantizedModel.from_json(known["model"])
    assert model.digest == known["model"]["digest"]
    samples = np.array(known["samples"])
    assert golden.run(model, samples).tolist() == known["logits"]
    # Written anew it is of the present version, and the same.
    written = json.loads(json.dumps(model.to_json()))
    assert written["version"] == 2
    assert QuantizedModel.from_json(written).digest == known["model"]["digest"]
