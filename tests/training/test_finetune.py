"""Fine-tuning recovers what few bits lose, repeats itself, and never returns something worse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from hwgen import golden
from hwgen.calibration import calibrate
from hwgen.metrics import macro_f1
from hwgen.network import SAMPLES, Graph, Network
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.quantized import Precision
from hwgen.quantized.make import requantized
from hwgen.quantized.precision import TRANSFORMS
from hwgen.quantized.samples import digitise
from hwgen.signals import dataset_windows, noisy, split_dataset, synthetic_dataset
from hwgen.signals.task import Task
from hwgen.training import train
from hwgen.training.augment import Augment
from hwgen.training.features import features_of
from hwgen.training.finetune import FineTuning, finetune
from hwgen.training.imitation import Imitation
from hwgen.training.latent import Latent, dequantized
from hwgen.training.pieces import Pieces
from hwgen.training.recipe import Averaging, Optimisation
from hwgen.training.sources import FreshWindows, KeptWindows
from hwgen.zoo.bearingpga import BearingPGA

SNR_DB = 0.0
FEW = Precision(feature=3, conv_weight=2, activation=3, dense_weight=2)
QUICK = FineTuning(
    windows=1500,
    optimisation=Optimisation(
        epochs=6, batch=64, steps=60, learning_rate=1e-2, weight_decay=0.0,
        averaging=Averaging(0.0, 0.95),
    ),
)  # fmt: skip


class Case:
    """A small network trained on synthetic signals, with the parts that each step may see."""

    def __init__(self, hidden=None):
        dataset = synthetic_dataset(3, classes=4, seconds=4.0)
        architecture = BearingPGA(window=256, kernel=32, hidden=hidden)
        result = train(dataset, snr_db=SNR_DB, seed=1, epochs=2, design=architecture)
        self.network = result.network
        training, test = split_dataset(dataset)
        self.fit, held = split_dataset(training, 0.8)
        self.held = dataset_windows(noisy(held, SNR_DB, 1), 256, 64)
        self.held[1].setflags(write=False)  # as in a checkpoint
        self.test = dataset_windows(noisy(test, SNR_DB, 2), 256, 32)
        self.calibration = dataset_windows(noisy(self.fit, SNR_DB, 3), 256, 256)[0]
        self.source = FreshWindows(Pieces(self.fit, 256), Augment(SNR_DB - 3, SNR_DB + 3))

    def model(self, bits=FEW):
        network = self.network
        return calibrate(
            network, self.calibration, bits, task=Task(network.classes, network.input_scale)
        ).model


@pytest.fixture(scope="module")
def case():
    return Case()


@pytest.fixture(scope="module")
def tuned(case):
    return finetune(case.network, case.model(), case.source, case.held, seed=5, plan=QUICK)


def test_features_are_those_of_the_models_transform(case):
    windows, labels = case.held
    found = {}
    for transform in TRANSFORMS:
        model = case.model(Precision(transform=transform, twiddle=8))
        features = features_of(case.network, model, windows, labels)
        exact = golden.run_op(model.ops[0], digitise(windows, model.bits))
        (x,) = features.x.values()
        assert (x.numpy() == exact).all()
        found[model.ops[0].op] = x
        again = requantized(case.network, model, model.bits)
        assert again.digest == model.digest
    assert (found["dft"] != found["spectrum"]).any()


def f1(model, windows, labels):
    return macro_f1(labels, golden.classify(golden.run(model, digitise(windows, model.bits))), 4)


def test_it_recovers_what_few_bits_lose(case, tuned):
    network = case.network
    x, labels = case.test
    in_floats = macro_f1(labels, network.run(x * network.input_scale).argmax(1), 4)
    before, after = f1(case.model(), x, labels), f1(tuned.model, x, labels)
    assert in_floats - before > 0.1
    assert in_floats - after < 0.3 * (in_floats - before)


def test_the_float_network_quantizes_to_the_integer_network(case, tuned):
    start = case.model()
    assert tuned.epoch > 0
    assert tuned.model.digest == requantized(tuned.network, start).digest
    assert tuned.model.digest != start.digest
    assert tuned.model.ops[0].to_json() == start.ops[0].to_json()
    assert tuned.network.classes == case.network.classes
    assert [getattr(op, "shift", None) for op in tuned.model.ops] == [
        getattr(op, "shift", None) for op in start.ops
    ]


def test_its_figures_are_those_of_the_held_out_windows(case, tuned):
    assert tuned.start_f1 == pytest.approx(f1(case.model(), *case.held))
    assert tuned.f1 == pytest.approx(f1(tuned.model, *case.held))
    assert tuned.f1 > tuned.start_f1


def test_it_repeats_itself_and_leaves_torch_alone(case, tuned):
    torch.manual_seed(9)
    before = torch.get_rng_state()
    again = finetune(case.network, case.model(), case.source, case.held, seed=5, plan=QUICK)
    assert torch.equal(torch.get_rng_state(), before)
    assert again.model.digest == tuned.model.digest
    assert again.network.to_json() == tuned.network.to_json()
    short = replace(QUICK, optimisation=replace(QUICK.optimisation, epochs=1))
    one = finetune(case.network, case.model(), case.source, case.held, seed=5, plan=short)
    other = finetune(case.network, case.model(), case.source, case.held, seed=6, plan=short)
    assert one.network.to_json() != other.network.to_json()


@pytest.mark.parametrize("rate", [30.0, 1e30])
def test_it_never_returns_something_worse(case, rate):
    wild = replace(QUICK.optimisation, learning_rate=rate, epochs=1, averaging=None)
    start = case.model(Precision())
    result = finetune(
        case.network,
        start,
        case.source,
        case.held,
        plan=FineTuning(windows=200, optimisation=wild),
    )
    assert result.epoch == 0
    assert result.f1 == result.start_f1
    assert result.network is case.network
    assert result.model is start


def test_a_start_that_training_does_not_better_stays(case):
    start = case.model(Precision(feature=12, conv_weight=12, activation=12, dense_weight=12))
    still = replace(QUICK.optimisation, learning_rate=1e-12)
    plan = replace(QUICK, optimisation=still)
    result = finetune(case.network, start, case.source, case.held, plan=plan)
    assert result.epoch == 0
    assert result.model is start


def test_kept_windows_do_too(case):
    x, labels = dataset_windows(noisy(case.fit, SNR_DB, 4), 256, 128)
    source = KeptWindows(x, labels)
    result = finetune(case.network, case.model(), source, case.held, seed=5, plan=QUICK)
    assert result.f1 > result.start_f1


def test_a_hidden_layer_is_trained_too():
    case = Case(hidden=12)
    start = case.model()
    result = finetune(case.network, start, case.source, case.held, seed=5, plan=QUICK)
    assert result.f1 > result.start_f1
    for op, old in zip(result.model.ops[1:], start.ops[1:], strict=True):
        if hasattr(op, "weight"):
            assert (op.weight != old.weight).any()


def test_progress_ends_at_all_of_it(case):
    told = []
    short = replace(QUICK.optimisation, epochs=1, steps=5)
    plan = FineTuning(windows=130, optimisation=short)
    finetune(
        case.network,
        case.model(),
        case.source,
        case.held,
        plan=plan,
        progress=lambda done, total: told.append((done, total)),
    )
    assert [done for done, _ in told] == [4, 8, 12, 13, 14, 15, 16, 17]
    assert {total for _, total in told} == {17}


def test_the_objective_is_least_where_the_float_network_is_imitated():
    guide = torch.tensor([[2.0, -1.0, 0.5]])
    labels = torch.tensor([0])
    soft = Imitation(hard=0.0, soft=1.0, temperature=2.0)
    assert float(soft(guide, labels, guide)) == pytest.approx(0.0, abs=1e-6)
    assert float(soft(guide + 3.0, labels, guide)) == pytest.approx(0.0, abs=1e-6)
    assert float(soft(guide * 2, labels, guide)) > 0.01
    hard = Imitation(hard=2.0, soft=0.0)
    wanted = -2 * float(torch.log_softmax(guide, 1)[0, 0])
    assert float(hard(guide, labels, guide)) == pytest.approx(wanted, rel=1e-6)


def test_integers_stand_for_weights_that_quantize_to_them(make_example):
    example = make_example(41, window=64, convs=((3, 5, 2, 1, 2), (4, 3, 1, 1, 0)), hidden=6)
    network = dequantized(example.network, example.model)
    assert requantized(network, example.model).digest == example.model.digest
    weights = [layer.weight for layer in network.layers if hasattr(layer, "weight")]
    exact = [layer.weight for layer in example.network.layers if hasattr(layer, "weight")]
    for mine, theirs in zip(weights, exact, strict=True):
        assert 0 < np.abs(mine - theirs).max() < np.abs(theirs).max() / 100


def test_it_may_begin_elsewhere(case):
    start = dequantized(case.network, case.model())
    short = replace(QUICK, windows=64)
    results = [
        finetune(case.network, case.model(), case.source, case.held, start=s, seed=5, plan=short)
        for s in (None, start)
    ]
    assert results[0].start_f1 == results[1].start_f1
    assert results[0].network.to_json() != results[1].network.to_json()


def test_products_of_sums_have_weights_behind_their_integers():
    rng = np.random.default_rng(4)
    shape, x = (3, 1, 5), rng.standard_normal((60, 32))
    weights = rng.normal(size=shape), rng.normal(size=3), 0.01 * rng.normal(size=shape), np.ones(3)
    graph = Graph.chain(
        SAMPLES,
        [Direct("direct"), Bilinear1d("q", *weights, 2, 2),
         Dense("last", rng.normal(size=(3, 48)), rng.normal(size=3))],
    )  # fmt: skip
    network = Network("q", 32, graph, ("a", "b", "c"))
    model = calibrate(network, x, Precision(), Task(network.classes, 1.0)).model
    found = dequantized(network, model)
    for key, exact in network.graph["q"].op.tensors().items():
        mine = found.graph["q"].op.tensors()[key]
        assert np.abs(mine - exact).max() < np.abs(exact).max() / 50, key
    again = requantized(found, model)
    a, b = (golden.run(each, digitise(x, each.bits)) for each in (again, model))
    scales = [each.graph["last"].op.output.scale for each in (again, model)]
    assert np.std(a * scales[0] - b * scales[1]) < 0.02 * np.std(b * scales[1])
    latent = Latent(network, model)
    for key, exact in network.graph["q"].op.tensors().items():
        np.testing.assert_allclose(latent.weights()["q"][key].detach().numpy(), exact, rtol=1e-6)
    weights = [each.abs().max().item() for each in latent.values if each.ndim > 1]
    assert weights == pytest.approx([1.0, 1.0, 1.0])  # a step moves the integers of all as much
