"""The whole model: JSON, digest, and refusal of what is damaged."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen import golden
from hwgen.calibration import calibrate
from hwgen.errors import InputError
from hwgen.network import SAMPLES, Graph, Network, Node, Output
from hwgen.network.ops.add import Add
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.dense import Dense
from hwgen.quantized import Precision, QuantizedModel
from hwgen.quantized.precision import TRANSFORMS
from hwgen.signals.task import Task


@pytest.fixture(scope="module", params=TRANSFORMS)
def model(make_example, request) -> QuantizedModel:
    bits = Precision(transform=request.param)
    shape = {"window": 32, "convs": ((2, 3, 2, 1, 2),), "hidden": 3, "classes": 3}
    return make_example(5, bits=bits, **shape).model


@pytest.fixture(scope="module")
def text(model) -> str:
    return json.dumps(model.to_json())


def places(value: Any, path: tuple = ()) -> list[tuple]:
    """Paths to everything inside a JSON value; of a list, to its first and last item."""
    found = [path]
    if isinstance(value, dict):
        for key in value:
            found += places(value[key], (*path, key))
    elif isinstance(value, list) and value:
        for index in {0, len(value) - 1}:
            found += places(value[index], (*path, index))
    return found


def changed(text: str, path: tuple, value: Any) -> Any:
    result = json.loads(text)
    if not path:
        return value
    inner = result
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return result


def test_json_round_trip(model, text):
    again = QuantizedModel.from_json(json.loads(text))
    assert again.to_json() == model.to_json()
    assert again.digest == model.digest
    samples = np.random.default_rng(1).integers(-3000, 3000, (5, 32))
    assert (golden.run(again, samples) == golden.run(model, samples)).all()


def test_every_number_of_every_op_is_in_the_digest(model, text):
    body = json.loads(text)["nodes"]
    leaves = 0
    for path in places(body):
        inner = body
        for key in path:
            inner = inner[key]
        if isinstance(inner, (int, float)) and not isinstance(inner, bool):
            leaves += 1
            value = changed(text, ("nodes", *path), inner + 1)
            with pytest.raises(InputError):
                QuantizedModel.from_json(value)
    assert leaves > 25


def test_one_weight_changes_the_digest(model, make_example):
    seen = {model.digest}
    for index in range(model.ops[1].weight.size):
        other = json.loads(json.dumps(model.to_json()))
        flat = np.array(other["nodes"][1]["weight"])
        flat.reshape(-1)[index] ^= 1
        other["nodes"][1]["weight"] = flat.tolist()
        with pytest.raises(InputError, match=r"does not match its digest; quantize again$"):
            QuantizedModel.from_json(other)
        ops = list(model.ops)
        ops[1] = copy.copy(ops[1])
        object.__setattr__(ops[1], "weight", flat)
        seen.add(model.with_ops(ops).digest)
    assert len(seen) == 1 + model.ops[1].weight.size


def test_the_digest_is_of_the_hardware_only(model, text):
    value = json.loads(text) | {"classes": ["x", "y", "z"], "name": "other"}
    assert QuantizedModel.from_json(value).digest == model.digest


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ((), None, "must say format 'hwgen-quantized'"),
        ((), [], "must say format"),
        (("format",), "onnx", "must say format"),
        (("version",), 3, "version must be 1 or 2, not 3; quantize again"),
        (("classes",), ["a"], r"class names must be one per logit \(3,\), not 1"),
        (("nodes",), [], "at least one layer"),
        (("nodes",), 3, "damaged"),
        (("nodes", 1, "op"), "capsule", "op 'capsule' has no file in hwgen.quantized"),
        (("nodes", 1, "op"), "os.path", "op must be a name"),
        (("nodes", 1, "weight"), [[1, 2], [3]], "damaged"),
        (("nodes", 1, "weight", 0, 0, 0), "x", "damaged"),
        (("nodes", 1, "weight", 0, 0, 0), 10**30, "damaged"),
        (("nodes", 0, "sample", "int_bits"), 400, "damaged"),
        (("input_samples",), float("inf"), "damaged"),
        (("input_samples",), float("nan"), "damaged"),
        (("bits", "adc"), 99, "damaged"),
        (("bits", "colour"), 1, "damaged"),
        (
            ("nodes", 1, "scale", 0),
            float("inf"),
            "conv1 must have positive, finite scales, not inf",
        ),
        (("nodes", 1, "scale", 0), 0.0, "conv1 must have positive, finite scales, not 0"),
        (("nodes", 4, "scale"), [float("inf")] * 3, "last must have positive, finite scales"),
        (("nodes", 1, "scale"), [1.0], "conv1 must have a scale for each of 2 channels"),
        (("digest",), "0" * 64, "does not match its digest"),
        (("digest",), None, "does not match its digest"),
    ],
)
def test_what_is_refused(text, path, value, message):
    with pytest.raises(InputError, match=message):
        QuantizedModel.from_json(changed(text, path, value))


@pytest.mark.parametrize(
    "key", ["name", "input_samples", "classes", "outputs", "bits", "input_scale"]
)
def test_a_missing_field_is_named(text, key):
    value = json.loads(text)
    del value[key]
    with pytest.raises(InputError, match=f"damaged: KeyError\\('{key}'\\)"):
        QuantizedModel.from_json(value)


@given(place=st.integers(0, 10_000), data=st.data())
@settings(max_examples=200, deadline=None)
def test_any_damage_inside_is_refused(text, place, data):
    paths = [path for path in places(json.loads(text)["nodes"]) if path]
    path = paths[place % len(paths)]
    junk = st.one_of(
        st.none(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(max_size=3),
        st.lists(st.integers(-300, 300), max_size=3),
        st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    )
    value = changed(text, ("nodes", *path), data.draw(junk))
    try:
        loaded = QuantizedModel.from_json(value)
    except InputError:
        return
    # What is taken is what was written: the draw hit the value that was there.
    assert loaded.digest == json.loads(text)["digest"]


@pytest.mark.parametrize("window", [1 << 17, 1 << 40, 1e10, True, None])
def test_a_window_of_any_length_is_refused_before_it_is_made(text, window):
    with pytest.raises(InputError):
        QuantizedModel.from_json(changed(text, ("nodes", 0, "window"), window))


def test_the_logits_width(model):
    widths = [op.output.fmt.width for op in model.ops]
    assert model.logit_width == widths[-1]
    assert widths[-1] not in widths[:-1]


def test_classes_are_counted_by_the_last_op(make_example):
    example = make_example(5, window=32, convs=((2, 3, 2, 1, 2),), hidden=5, classes=3)
    assert len(example.model.classes) == 3
    with pytest.raises(InputError, match=r"^class names must be one per logit \(3,\), not 5"):
        dataclasses.replace(example.model, classes=tuple("abcde"))


@pytest.mark.parametrize(
    ("last", "says"),
    [
        (Add("end"), r"^end gives the logits and must not be rounded; put a dense layer behind it"),
        (Concat("end"), r"^end gives the logits and must have one step for all of them"),
    ],
)
def test_logits_are_exact_and_comparable(last, says):
    rng = np.random.default_rng(1)
    nodes = [
        Node(Dense(name, rng.normal(size=(2, 16)), np.zeros(2)), (SAMPLES,)) for name in ("a", "b")
    ]
    graph = Graph((SAMPLES,), (*nodes, Node(last, ("a", "b"))), (Output("end"),))
    network = Network("n", 16, graph)
    classes = tuple("wxyz"[: network.logits])
    with pytest.raises(InputError, match=says):
        calibrate(network, np.ones((3, 16)), Precision(), task=Task(classes))
