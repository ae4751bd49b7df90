"""The harness on every op that there is: nothing lists them."""

from __future__ import annotations

import importlib.util
import pkgutil

import pytest

from hwgen.errors import InputError
from hwgen.network import ops
from tests.ops import harness

OPS = sorted(module.name for module in pkgutil.iter_modules(ops.__path__))
EXAMPLES = [
    pytest.param(example, harness.tests_of(op), id=f"{op}: {name}")
    for op in OPS
    for name, example in harness.tests_of(op).EXAMPLES.items()
]
INTEGER = [each for each in EXAMPLES if harness.has_integers(each.values[0].layer.op)]
FAKE = [
    each
    for each in INTEGER
    if importlib.util.find_spec(f"hwgen.training.fake.ops.{each.values[0].layer.op}")
]


def test_there_are_examples_of_every_op():
    assert {each.values[0].layer.op for each in EXAMPLES} == set(OPS)
    assert len(OPS) > 10


@pytest.mark.parametrize(("example", "tests"), EXAMPLES)
def test_float_is_torch(example, tests):
    harness.check_float(example, tests)


@pytest.mark.parametrize(("example", "tests"), EXAMPLES)
def test_json_of_the_layer(example, tests):
    del tests
    harness.check_layer_json(example)


@pytest.mark.parametrize("less", [0, 3], ids=["fitted", "saturating"])
@pytest.mark.parametrize("bits", harness.WIDTHS.values(), ids=harness.WIDTHS)
@pytest.mark.parametrize(("example", "tests"), INTEGER)
def test_golden_is_loops(example, tests, bits, less):
    harness.check_golden(example, tests, bits, less)


@pytest.mark.parametrize(("example", "tests"), INTEGER)
def test_integers_are_near_float(example, tests):
    del tests
    harness.check_near(example)


@pytest.mark.parametrize(("example", "tests"), INTEGER)
def test_json_of_the_op(example, tests):
    del tests
    harness.check_op_json(example)


@pytest.mark.parametrize("less", [0, 3], ids=["fitted", "saturating"])
@pytest.mark.parametrize("bits", harness.WIDTHS.values(), ids=harness.WIDTHS)
@pytest.mark.parametrize(("example", "tests"), FAKE)
def test_training_sees_the_golden_model(example, tests, bits, less):
    del tests
    moving = not less and bits.activation > 3  # elsewhere all may be saturated
    harness.check_fake(example, bits, less, moving=moving)


@pytest.mark.parametrize("op", [op for op in OPS if not harness.has_integers(op)])
def test_an_op_without_an_integer_form_says_how_to_be_rid_of_it(op):
    for example in harness.tests_of(op).EXAMPLES.values():
        assert example.layer.leftover.startswith("must ")


def test_what_reads_samples_alone_cannot_be_trained_through():
    untrained = {each.values[0].layer.op for each in INTEGER} - {
        each.values[0].layer.op for each in FAKE
    }
    assert untrained == {"normalise", "spectrum"}


@pytest.mark.parametrize(
    ("example", "shapes"),
    [
        pytest.param(next(iter(tests.EXAMPLES.values())), shapes, id=f"{op}: {shapes}")
        for op in OPS
        for tests in [harness.tests_of(op)]
        for shapes in getattr(tests, "REFUSED", ())
    ],
)
def test_shapes_that_do_not_fit_name_the_layer(example, shapes):
    with pytest.raises(InputError, match=f"^{example.layer.name} "):
        example.layer.output_shape(*shapes)
