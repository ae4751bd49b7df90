"""Filters in front of the networks of the zoo: graphs, training, checkpoints, and alone."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from hwgen import golden, importers, passes, zoo
from hwgen.calibration import calibrate
from hwgen.errors import InputError, UsageError
from hwgen.importers import CheckpointMeta, save_checkpoint
from hwgen.network import SAMPLES
from hwgen.network.neuron import Neuron
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.spectralgain import SpectralGain
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.signals import synthetic_dataset
from hwgen.signals.task import Task
from hwgen.training import train
from hwgen.training.optimiser import optimizer_of
from hwgen.training.recipe import Averaging, Optimisation, Recipe
from hwgen.zoo._fronts import (
    FRONTS,
    TAPS,
    BinFilter,
    Fronted,
    SmoothFilter,
    WideQuadratic,
    wide_sums,
)
from hwgen.zoo._gains import GainFilter
from hwgen.zoo._quadratic import QuadraticConv1d

SAMPLED = tuple(
    name
    for name in zoo.names()
    if name != "bearingpga"
    and "front" in {f.name for f in dataclasses.fields(zoo.designed(name, {}))}
)
CASES = [*((name, "classbd") for name in SAMPLED), ("wdcnn", "time"), ("wdcnn", "filter"),
         ("wdcnn", "gain"), ("bearingpga", "filter")]  # fmt: skip
WINDOW = 1024
CLASSES = ("B007", "IR007", "normal")


def grown(name, front, seed=5, **sizes):
    """Return design, module as if trained, and its network."""
    design = zoo.designed(name, {"window": WINDOW, "front": front} | sizes)
    torch.manual_seed(seed)
    module = design.trained(1, len(CLASSES), design.recipe("default").student).double().eval()
    for key, tensor in module.named_parameters():
        if key.startswith("front."):
            tensor.data.add_(0.03 * torch.randn_like(tensor))
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm1d):
            layer.running_mean.add_(0.2 * torch.randn_like(layer.running_mean))
            layer.running_var *= 0.5 + torch.rand_like(layer.running_var)
    return design, module, design.network(module, 1, CLASSES, 1.5, 12e3)


def sample(network, count=3):
    return np.random.default_rng(0).standard_normal((count, *network.input_shape))


def test_wide_sums_are_a_convolution():
    torch.manual_seed(1)
    for channels, filters, taps, length in ((1, 3, 63, 300), (4, 1, 255, 128), (2, 2, 1, 17)):
        x = torch.randn(2, channels, length, dtype=torch.float64)
        weight = torch.randn(filters, channels, taps, dtype=torch.float64)
        bias = torch.randn(filters, dtype=torch.float64)
        expected = functional.conv1d(x, weight, bias, padding=taps // 2)
        torch.testing.assert_close(wide_sums(x, weight, bias), expected)


def test_a_wide_quadratic_convolution_is_a_quadratic_one():
    torch.manual_seed(1)
    wide, plain = WideQuadratic(2, 3).double(), QuadraticConv1d(2, 3, 63, 1, 31).double()
    for tensor in wide.parameters():
        tensor.data.add_(0.1 * torch.randn_like(tensor))
    plain.load_state_dict(wide.state_dict())
    x = torch.randn(2, 2, 200, dtype=torch.float64)
    torch.testing.assert_close(wide(x), plain(x))


def test_linear_filters_begin_as_none():
    x = torch.randn(2, 1, 256)
    torch.testing.assert_close(SmoothFilter()(x), x, atol=1e-5, rtol=0)
    torch.testing.assert_close(BinFilter(256)(x), x, atol=1e-5, rtol=0)
    torch.testing.assert_close(GainFilter(256)(x), x, atol=1e-5, rtol=0)


def test_gains_of_bins_read_the_samples_in_the_place_of_the_first_node():
    _, module, network = grown("wdcnn", "gain")
    first = network.graph.nodes[0]
    assert (first.name, first.inputs) == ("front_frequency", (SAMPLES,))
    assert isinstance(first.op, SpectralGain)
    gain = module.front.frequency.gain().detach().numpy()
    np.testing.assert_array_equal(first.op.gain, gain)
    assert (abs(gain.imag[1:-1]) > 0).all()
    assert "direct" not in {node.name for node in network.graph.nodes}
    assert len(module.front.frequency.state_dict()["real"]) == WINDOW // 2 + 1


def test_a_filter_of_few_taps_is_a_smooth_gain():
    """The gain of a bin is a sum of waves that are as slow as taps are few."""
    torch.manual_seed(2)
    layer = SmoothFilter()
    layer.weight.data.normal_()
    gain = np.fft.fft(layer.weight.detach().numpy()[0, 0], 2048)
    waves = np.abs(np.fft.ifft(gain))
    assert waves[TAPS:].max() < 1e-6 < waves[:TAPS].min()


@pytest.mark.parametrize(("name", "front"), CASES)
def test_the_graph_means_what_the_module_computes(name, front):
    _, module, network = grown(name, front)
    x = sample(network)
    with torch.no_grad():
        expected = module(torch.from_numpy(x)).numpy()
    assert np.ptp(expected) > 0
    for each in (network, passes.canonical(network)):
        np.testing.assert_allclose(each.run(x), expected, rtol=1e-7, atol=1e-7)
    plain = zoo.designed(name, {"window": WINDOW})
    bare = plain.network(plain.module(1, 3, plain.recipe("default").student), 1, CLASSES, 1.5, 12e3)
    ours = [node.name for node in network.graph.nodes if not node.name.startswith("front_")]
    theirs = [node.name for node in bare.graph.nodes]
    assert ours == (theirs[1:] if front == "gain" else theirs)
    assert len(network.graph.nodes) > len(ours)


def test_windows_are_normalised_before_they_are_filtered():
    _, module, network = grown("wdcnn", "filter", prepare="z-score")
    x = 5 + 3 * sample(network)
    with torch.no_grad():
        expected = module(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(network.run(x), expected, rtol=1e-7, atol=1e-7)
    assert [node.op.op for node in network.graph.nodes][:2] == ["normalise", "conv1d"]


def test_other_neurons_are_the_networks_and_not_the_filters():
    _, module, network = grown("wdcnn", "classbd", neuron=Neuron((1,), (2,)))
    assert isinstance(module.front.frequency, SmoothFilter)
    assert isinstance(module.front.time.conv1, WideQuadratic)
    assert isinstance(network.graph["front_frequency"].op, Conv1d)
    assert any(".int_layers." in key for key in module.net.state_dict())
    assert not any(".int_layers." in key for key in module.front.state_dict())


def test_quadratic_terms_of_filters_are_slow_and_the_networks_first_layer_keeps_its_rate():
    design, module, _ = grown("wdcnn", "classbd")
    assert design.recipe("default").student.relinear == 0.1
    assert zoo.designed("wdcnn", {"front": "filter"}).recipe("default").student.relinear == 1.0
    share = zoo.designed("wdcnn", {"front": "time", "relinear": 0.3}).recipe("default")
    assert share.student.relinear == 0.3
    with pytest.raises(UsageError, match="give a --neuron or a --front"):
        zoo.designed("wdcnn", {"front": "filter", "relinear": 0.3}).recipe("default")
    plan = Optimisation(1, learning_rate=1e-3, relinear=0.1)
    rates = {
        id(each): group["lr"]
        for group in optimizer_of(module, plan).param_groups
        for each in group["params"]
    }
    assert rates[id(module.front.time.conv1.weight_g)] == pytest.approx(1e-4)
    assert rates[id(module.front.time.conv1.weight_r)] == pytest.approx(1e-3)
    _, module, _ = grown("bearingpga", "filter")
    rates = {
        id(each): group["lr"]
        for group in optimizer_of(module, plan).param_groups
        for each in group["params"]
    }
    assert rates[id(module.net.conv1.weight)] == pytest.approx(1e-3 * WINDOW**0.5)
    assert rates[id(module.front.frequency.gain)] == pytest.approx(1e-3)


@pytest.mark.parametrize(
    ("name", "sizes", "says"),
    [
        ("wdcnn", {"front": "other"}, "--front of wdcnn must be classbd or time or filter or gain"),
        ("wdcnn", {"front": "gain", "window": 1536},
         "--window must be a power of two from 16 to 16384 with --front gain, not 1536; give"),
        ("wdcnn", {"front": "gain", "window": 32768}, "16 to 16384 with --front gain, not 32768"),
        ("wdcnn", {"front": "gain", "prepare": "z-score"},
         "--prepare z-score makes no sense with --front gain, which reads samples as they come"),
        ("bearingpga", {"front": "gain"}, "--front of bearingpga must be filter, not gain"),
        ("bearingpga", {"front": "classbd"},
         "--front of bearingpga must be filter, not classbd: on chip its spectrum is made of the"),
        ("teacher", {"front": "filter"}, "--front makes no sense for teacher"),
    ],
)  # fmt: skip
def test_what_cannot_be_filtered_is_refused(name, sizes, says):
    with pytest.raises(UsageError, match=says):
        zoo.designed(name, sizes)


def test_several_channels_are_refused():
    design = zoo.designed("wdcnn", {"front": "time"})
    design.check_channels(1)
    with pytest.raises(UsageError, match="--front time filters 1 channel, not 3; choose it with"):
        design.check_channels(3)
    zoo.designed("wdcnn", {}).check_channels(3)


PLAN = Optimisation(3, steps=4, batch=16, averaging=Averaging(0.4), relinear=0.1)
RECIPE = Recipe("short", student=PLAN, teacher=PLAN)


class Interrupted(Exception):  # noqa: N818
    """Stands for whatever ends the program."""


@pytest.fixture(scope="module")
def dataset():
    return synthetic_dataset(3, classes=3, seconds=0.8)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Neither sweeps over the test part, nor more attempts: what is trained is not judged here."""
    module = __import__("hwgen.training.train", fromlist=["train"])
    monkeypatch.setattr(module, "metrics_over", lambda *_: {"f1": 0.0})
    monkeypatch.setattr("hwgen.training.attempts.COLLAPSED_F1", 0.0)


def short(dataset, front, *, name="wdcnn", resume=None, stop=None):
    def progress(done, *_):
        if done == stop:
            raise Interrupted

    design = zoo.designed(name, {"window": WINDOW, "front": front})
    return train(
        dataset, design, snr_db=0.0, seed=2, recipe=RECIPE, resume=resume, progress=progress
    )


@pytest.mark.parametrize(
    ("name", "front"), [("wdcnn", "classbd"), ("wdcnn", "gain"), ("bearingpga", "filter")]
)
def test_a_training_moves_filters_and_weights_and_says_what_they_are(dataset, name, front):
    found = short(dataset, front, name=name)
    weights = {k: v for k, v in found.metrics.items() if k.startswith("weight_")}
    wanted = {"weight_kurtosis", "weight_envelope", "weight_classes"}
    assert set(weights) == (wanted if front == "classbd" else wanted - {"weight_kurtosis"})
    assert all(value != 1.0 for value in weights.values())
    assert found.meta.front == front
    assert isinstance(found.module, Fronted)
    start = {"filter": BinFilter(WINDOW), "gain": GainFilter(WINDOW)}.get(front, SmoothFilter())
    for before, after in zip(
        start.parameters(), found.module.front.frequency.parameters(), strict=True
    ):
        assert (before - after).abs().max() > 1e-4


def test_an_interrupted_training_ends_as_if_it_had_not_been(dataset, tmp_path):
    whole = short(dataset, "classbd")
    path = tmp_path / "x.resume"
    with pytest.raises(Interrupted):
        short(dataset, "classbd", resume=path, stop=2)
    again = short(dataset, "classbd", resume=path)
    assert again.network.to_json() == whole.network.to_json()
    assert again.metrics == whole.metrics


def test_the_checkpoint_says_it_and_the_filters_come_alone(tmp_path):
    _, module, network = grown("wdcnn", "classbd")
    path = tmp_path / "x.pt"
    save_checkpoint(path, network, meta=CheckpointMeta("made up", None, front="classbd"))
    back = importers.load(path)
    assert back.meta is not None
    assert back.meta.front == "classbd"
    alone = importers.load(path, part="front").network
    assert alone.name == "wdcnn-front"
    (output,) = alone.graph.outputs
    assert (output.source, output.kind) == ("front_frequency", "values")
    assert (alone.classes, alone.shapes()["front_frequency"]) == ((), (1, WINDOW))
    x = sample(alone)
    with torch.no_grad():
        expected = module.front(torch.from_numpy(x[:, None])).numpy()[:, 0]
    np.testing.assert_allclose(alone.judged(x), expected, atol=1e-5)


@pytest.mark.parametrize("front", FRONTS)
def test_filters_alone_become_integers(front, tmp_path):
    _, _, network = grown("wdcnn", front)
    path = tmp_path / "x.pt"
    save_checkpoint(path, network, meta=CheckpointMeta("made up", None, front=front))
    alone = passes.canonical(importers.load(path, part="front").network)
    x = sample(alone, 4)
    model = calibrate(alone, x, Precision(), task=Task((), 1.0)).model
    found = golden.judged(model, digitise(x, model.bits)) * model.steps
    expected = alone.judged(x)
    error = np.mean((found - expected) ** 2) / np.var(expected)
    assert error < 0.01  # 20 dB
    plan(model, Design(Array(1, 1), 4))  # there is hardware for it


def test_what_has_no_filters_has_no_part(tmp_path):
    _, _, network = grown("wdcnn", None)
    path = tmp_path / "x.pt"
    save_checkpoint(path, network, meta=CheckpointMeta("made up", None))
    with pytest.raises(InputError, match=r"has no filters in front of its network .*leave --part"):
        importers.load(path, part="front")


def test_an_unknown_noise_in_a_file_is_told(tmp_path):
    _, _, network = grown("wdcnn", "filter")
    path = tmp_path / "x.pt"
    save_checkpoint(path, network, meta=CheckpointMeta("made up", None, noise="pink"))
    meta = importers.load(path).meta
    assert meta is not None
    assert meta.noise == "pink"
    value = torch.load(path, weights_only=True)
    torch.save(value | {"noise": "brown"}, path)
    with pytest.raises(InputError, match="noise must be one of white, pink, laplace, not"):
        importers.load(path)
