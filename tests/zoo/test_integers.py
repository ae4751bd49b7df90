"""Every network of the zoo becomes integers and a plan, and the plan gives the golden's logits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hwgen import golden, passes, zoo
from hwgen.boards import find_board
from hwgen.calibration import calibrate
from hwgen.network import SAMPLES
from hwgen.plans import arrays, interpreter
from hwgen.plans.design import Design
from hwgen.plans.lowering import lowered
from hwgen.plans.memory import settled
from hwgen.plans.planner import plan
from hwgen.plans.split import split
from hwgen.plans.step import Array
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task

CLASSES = ("B007", "IR007", "OR007", "normal")
SMALL = {"wdcnn": 1024, "ticnn": 1024, "qcnn": 1024, "qcnn16": 1024}
"""Windows; of the others 256 samples are enough."""
ROOM = {"ebr": 54, "lut4": 24_288}
"""Block RAMs and LUT4 of an LFE5U-25F; two block RAMs are the serial link's."""


def integers(name, channels, *, window=None, windows=4):
    """Return an integer network of random weights, and windows for it in ADC steps."""
    sizes = {"window": window or SMALL.get(name, 256)}
    if name == "bearingpga":
        sizes |= {"kernel": 16}
    design = zoo.designed(name, sizes)
    torch.manual_seed(7)
    module = design.module(channels, len(CLASSES), design.recipe("default").student).double()
    network = passes.canonical(design.network(module.eval(), channels, CLASSES, 1.0, 12e3))
    x = np.random.default_rng(8).standard_normal((windows, *network.input_shape))
    model = calibrate(network, x, Precision(), task=Task(CLASSES, 1.0)).model
    return model, digitise(x, model.bits)


@pytest.mark.parametrize("name", zoo.of_task("classes"))
@pytest.mark.parametrize("array", [8, 32])
def test_a_plan_gives_the_golden_models_logits(name, array):
    channels = zoo.designed(name, {}).most_channels or 2
    model, samples = integers(name, channels)
    first = model.graph.nodes[0]
    assert first.inputs == (SAMPLES,)
    (features,) = golden.outputs(model, samples, (first.name,))
    core = plan(model, Design(arrays.best_array(model, array), 8))
    logits = golden.run(model, samples)
    assert (interpreter.run(core.layers, features) == logits).all()
    assert len({row.tobytes() for row in logits}) > 1


@pytest.mark.parametrize("name", [name for name in zoo.of_task("classes") if name != "qcnn"])
def test_it_fits_a_small_chip(name):
    """With 32 multipliers and the published window, by the estimate."""
    model, _ = integers(name, 1, window=2048, windows=2)
    core = plan(model, Design(arrays.best_array(model, 32), 28))
    cells = core.cells(find_board("ulx3s-25f").target)
    assert {kind for kind, most in ROOM.items() if cells[kind] > most} == set()


def test_qcnn_fits_a_large_chip():
    model, _ = integers("qcnn", 1, window=2048, windows=2)
    core = plan(model, Design(arrays.best_array(model, 32), 28))
    cells = core.cells(find_board("ulx3s-85f").target)
    assert 54 < cells["ebr"] < 208


def test_averages_take_few_words_of_weights():
    """The figures in docs/hardware.md."""
    model, _ = integers("cnn-se", 1, window=2048, windows=2)
    array = arrays.best_array(model, 32)
    assert array == Array(8, 4, 4)
    parts = split(model)
    whole, *_ = settled(parts.features.name, lowered(parts.rest, array, parts.features))
    steps = plan(model, Design(array, 28)).layers.steps
    assert sum(step.weight_depth for step in whole) == 1936
    assert sum(step.weight_depth for step in steps) == 972
    assert sum(step.cycles for step in steps) == sum(step.cycles for step in whole)
    averages = [step for step in steps if step.pieces > 1]
    assert len(averages) == 5
    assert max(step.words for step in averages) == 2
