"""Every network of the zoo: module and graph mean the same, and it goes all the way to integers."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import BatchNorm1d

from hwgen import golden, importers, passes, zoo
from hwgen.calibration import calibrate
from hwgen.errors import UsageError
from hwgen.importers import CheckpointMeta, save_checkpoint
from hwgen.metrics import macro_f1
from hwgen.network import Network
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.signals import synthetic_dataset
from hwgen.signals.task import Task
from hwgen.training import train
from hwgen.training.finetune import FineTuning, finetune
from hwgen.training.sources import KeptWindows

WINDOW = 1024
CLASSES = ("B007", "IR007", "OR007", "normal")
CASES = [
    (name, channels)
    for name in zoo.of_task("classes")
    for channels in (1, 3)
    if channels <= (zoo.designed(name, {}).most_channels or channels)
]
RAW = tuple(name for name in zoo.of_task("classes") if zoo.designed(name, {}).most_channels is None)
LEFT_ALONE = {"tcn": {"add"}}
"""Ops that stay: a TCN's sum has a ReLU before it, and is no end of a convolution."""


def plan(design):
    return design.recipe("default").student


def grown(name, channels=1, **sizes):
    """Return a module, as if trained, and its network."""
    design = zoo.designed(name, {"window": WINDOW} | sizes)
    torch.manual_seed(5)
    module = design.module(channels, len(CLASSES), plan(design)).double().eval()
    for layer in module.modules():
        if isinstance(layer, BatchNorm1d):
            for tensor in (layer.weight.data, layer.bias.data, layer.running_mean):
                tensor.add_(0.3 * torch.randn_like(tensor))
            layer.running_var *= 0.5 + torch.rand_like(layer.running_var)
    return module, design.network(module, channels, CLASSES, 1.5, 12e3)


def sample(network, count=3):
    return np.random.default_rng(0).standard_normal((count, *network.input_shape))


@pytest.mark.parametrize(("name", "channels"), CASES)
def test_the_graph_means_what_the_module_computes(name, channels):
    module, network = grown(name, channels)
    x = sample(network)
    with torch.no_grad():
        expected = module(torch.from_numpy(x)).numpy()
    assert np.ptp(expected) > 0
    np.testing.assert_allclose(network.run(x), expected, rtol=1e-9, atol=1e-9)
    assert (network.name, network.channels, network.classes) == (name, channels, CLASSES)
    assert (network.input_samples, network.input_scale) == (WINDOW, 1.5)


@pytest.mark.parametrize(("name", "channels"), CASES)
def test_a_step_changes_every_weight(name, channels):
    design = zoo.designed(name, {"window": WINDOW})
    torch.manual_seed(5)
    module = design.module(channels, len(CLASSES), plan(design)).train()
    before = {key: value.detach().clone() for key, value in module.named_parameters()}
    shape = (16, WINDOW) if channels == 1 else (16, channels, WINDOW)
    logits = module(torch.randn(shape))
    assert logits.shape == (16, len(CLASSES))
    torch.nn.functional.cross_entropy(logits, torch.arange(16) % len(CLASSES)).backward()
    torch.optim.SGD(module.parameters(), 10.0).step()
    still = {key for key, value in module.named_parameters() if torch.equal(value, before[key])}
    assert still == set()


@pytest.mark.parametrize(("name", "channels"), CASES)
def test_what_only_training_needs_goes_and_nothing_changes(name, channels):
    _, network = grown(name, channels)
    plain = passes.canonical(network)
    x = sample(network)
    np.testing.assert_allclose(plain.run(x), network.run(x), rtol=1e-9, atol=1e-9)
    ops = {layer.op for layer in plain.layers}
    passing = {"batchnorm1d", "relu", "add", "identity"}
    assert ops & passing == LEFT_ALONE.get(name, set())
    assert len(plain.layers) <= len(network.layers)


@pytest.mark.parametrize(("name", "channels"), CASES)
def test_a_checkpoint_of_it_comes_back(name, channels, tmp_path):
    _, network = grown(name, channels)
    save_checkpoint(tmp_path / "x.pt", network, meta=CheckpointMeta("made up", None))
    back = importers.load(tmp_path / "x.pt").network
    singles = [
        replace(layer, **{k: v.astype(np.float32) for k, v in layer.tensors().items()})
        for layer in network.layers
    ]
    assert back.to_json() == network.with_layers(singles).to_json()


@pytest.mark.parametrize(
    ("name", "channels", "weights"),
    [("bearingpga", 1, 2830), ("teacher", 1, 50_090), ("wdcnn", 1, 54_310),
     ("resnet1d", 1, 28_970), ("resnet1d", 3, 29_994), ("ticnn", 1, 66_790), ("lenet1d", 1, 3_382),
     ("mobilenet1d", 1, 25_594), ("inception1d", 1, 16_362), ("tcn", 1, 10_810),
     ("cnn-se", 1, 27_082), ("cnn-se", 3, 29_130), ("qcnn", 1, 158_534), ("qcnn16", 1, 16_262)],
)  # fmt: skip
def test_the_published_sizes(name, channels, weights):
    design = zoo.designed(name, {})
    module = design.module(channels, 10, plan(design))
    assert sum(each.numel() for each in module.parameters()) == weights
    assert design.window == 2048


def test_wdcnn_has_the_published_lengths():
    design = zoo.designed("wdcnn", {})
    network = design.network(design.module(1, 10, plan(design)), 1, (), 1.0, None)
    shapes = network.shapes()
    assert [shapes[f"conv{k}"] for k in range(1, 6)] == [
        (16, 128), (32, 64), (64, 32), (64, 16), (64, 6),
    ]  # fmt: skip
    assert [shapes[f"pool{k}"][1] for k in range(1, 6)] == [64, 32, 16, 8, 3]
    assert (shapes["fc1"], shapes["fc2"]) == ((100,), (10,))


SHORTEST = {"wdcnn": 1024, "ticnn": 1024, "lenet1d": 64, "resnet1d": 64, "mobilenet1d": 64,
            "inception1d": 256, "tcn": 128, "teacher": 16, "cnn-se": 256,
            "qcnn": 1024, "qcnn16": 1024}  # fmt: skip
ODD = {"wdcnn": 1037, "ticnn": 1037, "qcnn": 1037, "lenet1d": 71, "inception1d": 272, "tcn": 1000}
"""Windows that leave a rest somewhere, where a network takes such."""


def test_every_network_has_a_shortest_window():
    assert {*SHORTEST} == {*zoo.of_task("classes")} - {"bearingpga"}


@pytest.mark.parametrize(
    ("name", "window"),
    [(name, window) for name, least in SHORTEST.items() for window in (least, 1024, 4096)]
    + list(ODD.items()),
)
def test_other_windows(name, window):
    module, network = grown(name, window=window)
    x = sample(network, 2)
    with torch.no_grad():
        np.testing.assert_allclose(network.run(x), module(torch.from_numpy(x)), atol=1e-9)


@pytest.mark.parametrize(
    ("name", "sizes", "says"),
    [
        (
            "other",
            {},
            "--network must be one of bearingpga, .*lenet1d, .*wdcnn, not other",
        ),
        ("_graph", {}, "--network must be one of"),
        ("wdcnn", {"filters": 4}, "--filters makes no sense for wdcnn.*leave it out, or train"),
        ("teacher", {"hidden": 4}, "--hidden makes no sense for teacher"),
        ("resnet1d", {"pool": 2}, "--pool makes no sense for resnet1d"),
        ("wdcnn", {"window": 1000}, "--window of wdcnn must be from 1024 to 65536"),
        ("wdcnn", {"window": 1 << 20}, "--window of wdcnn must be from 1024 to 65536"),
        ("resnet1d", {"window": 2000}, "must be a multiple of 64 samples"),
        ("ticnn", {"window": 1023}, "--window of ticnn must be from 1024 to 65536 samples, not"),
        ("ticnn", {"window": 1 << 17}, "--window of ticnn must be from 1024 to 65536"),
        ("lenet1d", {"window": 63}, "--window of lenet1d must be from 64 to 65536 samples, not 63"),
        ("lenet1d", {"window": 1 << 17}, "--window of lenet1d must be from 64 to 65536"),
        ("mobilenet1d", {"window": 0}, "must be a multiple of 64 samples up to 65536, not 0"),
        ("mobilenet1d", {"window": 2000}, "must be a multiple of 64 samples up to 65536"),
        ("mobilenet1d", {"window": 1 << 17}, "must be a multiple of 64 samples up to 65536"),
        ("inception1d", {"window": 240}, "must be a multiple of 16 samples from 256 to 65536, not"),
        ("inception1d", {"window": 1000}, "must be a multiple of 16 samples from 256 to 65536"),
        ("inception1d", {"window": 1 << 17}, "must be a multiple of 16 samples from 256 to 65536"),
        ("cnn-se", {"window": 0}, "must be a multiple of 256 samples up to 65536, not 0"),
        ("cnn-se", {"window": 1000}, "must be a multiple of 256 samples up to 65536"),
        ("cnn-se", {"window": 1 << 17}, "must be a multiple of 256 samples up to 65536"),
        ("tcn", {"window": 120}, "must be a multiple of 8 samples from 128 to 65536, not 120"),
        ("tcn", {"window": 1001}, "must be a multiple of 8 samples from 128 to 65536"),
        ("tcn", {"window": 1 << 17}, "must be a multiple of 8 samples from 128 to 65536"),
        ("teacher", {"window": 1000}, "--window must be a power of two"),
    ],
)
def test_what_makes_no_network_is_refused(name, sizes, says):
    with pytest.raises(UsageError, match=says):
        zoo.designed(name, sizes)


@pytest.mark.parametrize("name", ["teacher", *RAW])
def test_recipes_that_there_are_not_are_refused(name):
    design = zoo.designed(name, {})
    known = "default, mixed, general"
    with pytest.raises(UsageError, match=f"--recipe of {name} must be one of {known}, not"):
        design.recipe("published")


def test_names_are_told_without_torch():
    code = "import sys; from hwgen import zoo; zoo.names(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class Trained:
    """A network after a few steps, on signals that are easy to tell apart."""

    def __init__(self, name, channels):
        names = ("radial", "tangential", "axial")[:channels]
        dataset = synthetic_dataset(3, classes=len(CLASSES), seconds=0.8, channels=names)
        design = zoo.designed(name, {"window": WINDOW})
        recipe = design.recipe("default")
        quick = replace(recipe.student, steps=25, batch=32)
        recipe = replace(recipe, student=quick)
        with pytest.MonkeyPatch.context() as patch:
            # Half a minute of sweeps over the test part: what is learnt is measured below.
            module = importlib.import_module("hwgen.training.train")
            patch.setattr(module, "metrics_over", lambda *_: {})
            self.result = train(dataset, design, snr_db=None, seed=1, epochs=2, recipe=recipe)
        self.network: Network = passes.canonical(self.result.network)
        self.x = self.result.test.x[::4].astype(np.float64)
        self.labels = self.result.test.labels[::4]

    def model(self, bits):
        """Return the integer network."""
        return calibrate(
            self.network,
            self.result.calibration.x[::8].astype(np.float64),
            bits,
            task=Task(CLASSES, self.network.input_scale),
        ).model


@pytest.fixture(scope="module", params=[("wdcnn", 1), ("resnet1d", 3)])
def trained(request):
    return Trained(*request.param)


def test_it_learns_in_a_few_steps(trained):
    answers = trained.network.run(trained.x * trained.network.input_scale).argmax(axis=1)
    assert macro_f1(trained.labels, answers, len(CLASSES)) > 0.6
    assert trained.result.metrics["train_f1"] > 0.6
    assert trained.result.network.classes == CLASSES
    assert trained.result.test.x.shape[1:] == trained.network.input_shape


def test_its_integers_answer_like_its_floats(trained):
    exact = trained.network.run(trained.x * trained.network.input_scale)
    model = trained.model(Precision())
    fixed = golden.run(model, digitise(trained.x, model.bits))
    real = fixed * model.logits.scale
    assert np.mean(golden.classify(fixed) == exact.argmax(axis=1)) > 0.95
    assert np.sqrt(np.mean((real - exact) ** 2)) < 0.1 * np.std(exact)


def test_it_can_be_fine_tuned(trained):
    few = replace(Precision(), feature=4, activation=3, conv_weight=3, dense_weight=3)
    start = trained.model(few)
    kept = trained.result.calibration
    quick = replace(FineTuning().optimisation, epochs=1, steps=10, batch=32)
    tuned = finetune(
        trained.network,
        start,
        KeptWindows(kept.x.astype(np.float64), kept.labels),
        (trained.x[::2], trained.labels[::2]),
        seed=2,
        plan=replace(FineTuning(), windows=64, optimisation=quick),
    )
    assert tuned.f1 >= tuned.start_f1
    assert tuned.model.bits == start.bits


def test_the_page_adds_an_output(tmp_path, monkeypatch):
    """What docs/networks.md has, run as it stands."""
    _, network = grown("wdcnn")
    monkeypatch.chdir(tmp_path)
    save_checkpoint(Path("wdcnn.pt"), network, meta=CheckpointMeta("made up", None))
    page = (Path(__file__).parents[2] / "docs" / "networks.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"(?<=\n\n)    from dataclasses(?:.*\n|\n)+?(?=    hwgen build)", page)
    exec(textwrap.dedent(block), {})
    more = importers.load(Path("more.pt")).network
    assert [(o.source, o.kind) for o in more.graph.outputs] == [
        ("fc2", "class"),
        ("fc1_relu", "values"),
    ]
    kept = passes.canonical(more).graph
    assert kept["fc1"].op.op == "dense"
    assert [o.source for o in kept.outputs] == ["fc2", "fc1"]
