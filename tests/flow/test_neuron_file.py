"""Files of neurons, and others in their place."""

from __future__ import annotations

import json

import pytest

from hwgen import files
from hwgen.errors import FileAccessError, InputError
from hwgen.flow.neuron_file import read_neuron
from hwgen.network.neuron import Neuron


def test_a_neuron_comes_back_whatever_else_the_file_says(tmp_path):
    neuron = Neuron((1, 3), (2,), 4)
    files.write_json(tmp_path / "n.json", neuron.to_json() | {"search": {"seed": 1}})
    assert read_neuron(tmp_path / "n.json") == neuron


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", r"^\S+n\.json is not JSON"),
        ("[1]", r"^\S+n\.json: a neuron must be a JSON object"),
        (json.dumps(Neuron((1,)).to_json() | {"powers": [9]}), r"^\S+n\.json: powers of a neuron"),
        ("1" * (1 << 21), r"^\S+n\.json: a neuron's file must have at most 1,048,576 bytes"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path, text, says):
    path = tmp_path / "n.json"
    path.write_text(text)
    with pytest.raises(InputError, match=says) as raised:
        read_neuron(path)
    assert str(raised.value).count("n.json") == 1


def test_no_file(tmp_path):
    with pytest.raises(FileAccessError, match=r"none\.json"):
        read_neuron(tmp_path / "none.json")
