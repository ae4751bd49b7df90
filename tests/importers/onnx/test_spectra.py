"""Magnitude spectra in front of networks: found by what they compute, or asked for."""

from __future__ import annotations

import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn

import hwgen
from hwgen import importers
from hwgen.errors import InputError, NodesError, UsageError
from hwgen.importers import Geometry
from hwgen.network.ops.spectrum import Spectrum
from hwgen.passes import canonical
from tests.importers.onnx.models import by_onnxruntime, check, loaded, model

N = 64
ALL = N // 2 + 1

PHASES = 2 * np.pi * torch.outer(torch.arange(N), torch.arange(ALL)) / N
COSINE, SINE = torch.cos(PHASES).float(), torch.sin(PHASES).float()


def parts(x: Tensor, eps: float = 0.0) -> Tensor:
    bins = torch.fft.rfft(x)
    return torch.sqrt(bins.real**2 + bins.imag**2 + eps)


def of_conj(x: Tensor) -> Tensor:
    bins = torch.fft.rfft(x)
    return torch.sqrt((bins * bins.conj()).real)


def transposed(x: Tensor) -> Tensor:
    return torch.fft.fft(x.transpose(1, 2), dim=1).abs()[:, :ALL].transpose(1, 2)


def demeaned(x: Tensor) -> Tensor:
    return torch.fft.rfft(x - x.mean(-1, keepdim=True)).abs()


def spectrum(x: Tensor) -> Tensor:
    return torch.fft.rfft(x).abs()


def both(x: Tensor) -> Tensor:
    return torch.fft.fft(x).abs()


WAYS: dict[str, tuple[Callable[[Tensor], Tensor], tuple[int, int], float]] = {
    "rfft": (spectrum, (0, 32), 1),
    "its length given": (lambda x: torch.fft.rfft(x, n=N).abs(), (0, 32), 1),
    "forward": (lambda x: torch.fft.rfft(x, norm="forward").abs(), (0, 32), 1 / N),
    "orthogonal": (lambda x: torch.abs(torch.fft.rfft(x, norm="ortho"))[..., 1:], (1, 32), 1 / 8),
    "half of all": (lambda x: both(x)[..., : N // 2] * 2 / N, (0, 31), 2 / N),
    "cut off before": (lambda x: torch.fft.fft(x)[..., 1 : N // 2].abs() / N, (1, 31), 1 / N),
    "the upper half": (lambda x: both(x)[..., N // 2 :] / N, (32, 1), 1 / N),
    "parts": (parts, (0, 32), 1),
    "parts and a little": (lambda x: parts(x, 1e-12), (0, 32), 1),
    "a norm": (lambda x: torch.view_as_real(torch.fft.rfft(x)).norm(dim=-1), (0, 32), 1),
    "conjugates": (of_conj, (0, 32), 1),
    "one axis": (lambda x: spectrum(x.squeeze(1)).unsqueeze(1), (0, 32), 1),
    "another axis": (transposed, (0, 32), 1),
    "without its mean": (lambda x: demeaned(x)[..., 1:], (1, 32), 1),
    "a scale before": (lambda x: spectrum(x * 0.25 - 3.0)[..., 1:], (1, 32), 0.25),
    "matrices": (lambda x: torch.sqrt((x @ COSINE) ** 2 + (x @ SINE) ** 2), (0, 32), 1),
}


class Net(nn.Module):
    """A convolution, ReLU, pooling and three classes on what `way` makes of the samples."""

    def __init__(self, way: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.way = way
        self.conv = nn.Conv1d(1, 4, 5, 2, 2)
        self.last = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.conv(self.way(x)))
        return self.last(torch.max_pool1d(y, 3).mean(-1))


def exported(module: nn.Module, window: int = N) -> onnx.ModelProto:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, about its exporter
        made = torch.onnx.export(
            module.eval(), (torch.zeros(1, 1, window),), dynamo=True, verbose=False
        )
    assert made is not None
    return made.model_proto


def windows(count: int = 4, window: int = N) -> np.ndarray:
    rng = np.random.default_rng(3)
    return rng.normal(0.3, 1.0, (count, window)) * rng.choice([0.01, 1.0, 30.0], (count, 1))


def assert_computes(network, made: onnx.ModelProto, x: np.ndarray) -> None:
    (expected,) = by_onnxruntime(made, x[:, np.newaxis])
    for each in (network, canonical(network)):
        got = each.run(x)
        far = np.abs(got - expected).max(axis=1)
        assert (far <= 2e-5 * np.abs(expected).max(axis=1)).all()


@pytest.mark.parametrize("name", WAYS)
def test_torch_s_ways_of_a_spectrum(tmp_path, name):
    way, ends, factor = WAYS[name]
    made = exported(Net(way))
    found = loaded(tmp_path, made)
    first, *rest = canonical(found.network).layers
    assert isinstance(first, Spectrum)
    assert (first.bins[0], first.bins[-1]) == ends
    assert first.gain == pytest.approx(factor * N, rel=1e-6)
    # Whatever the scale is, nothing is left to do behind.
    assert [layer.op for layer in rest] == ["conv1d", "maxpool1d", "avgpool1d", "dense"]
    assert_computes(found.network, made, windows())
    assert f"is |FFT| of {N} samples, bins {ends[0]} " in found.notes[0]


@pytest.mark.parametrize("name", ["rfft", "the upper half", "parts", "a norm", "conjugates"])
def test_programs_and_live_modules(tmp_path, name):
    module = Net(WAYS[name][0]).eval()
    example = torch.zeros(1, 1, N)
    program = torch.export.export(module, (example,))
    torch.export.save(program, tmp_path / "net.pt2")
    x = windows()
    with torch.no_grad():
        expected = module(torch.from_numpy(x).float()[:, None]).numpy()
    for network in (
        importers.load(tmp_path / "net.pt2").network,
        hwgen.from_torch(module, example).network,
    ):
        assert network.layers[0].op == "spectrum"
        np.testing.assert_allclose(network.run(x), expected, rtol=1e-4, atol=1e-4)


def test_a_live_module_s_spectrum_is_kept_in_a_checkpoint(tmp_path):
    made = hwgen.from_torch(Net(WAYS["half of all"][0]), torch.zeros(1, 1, N))
    made.save(tmp_path / "net.pt")
    again = importers.load(tmp_path / "net.pt")
    assert again.network.layers[0].to_json() == made.network.layers[0].to_json()
    assert again.notes == made.notes


def test_how_precise_floats_are_makes_no_difference(tmp_path):
    made = exported(Net(lambda x: spectrum(x).half().float()))
    network = loaded(tmp_path, made).network
    assert network.layers[0].op == "spectrum"
    x = windows()
    (expected,) = by_onnxruntime(made, x[:, np.newaxis])
    np.testing.assert_allclose(network.run(x), expected, rtol=1e-2, atol=1e-3)


def test_squares_and_logarithms_come_behind(tmp_path):
    """A power spectrum is one of squares, whether or not its root was ever there."""
    for way in (
        lambda x: spectrum(x) ** 2 / N,
        lambda x: torch.view_as_real(torch.fft.rfft(x)).pow(2).sum(-1) / N,
    ):
        made = exported(Net(way))
        found = loaded(tmp_path, made).network
        assert [layer.op for layer in found.layers[:2]] == ["spectrum", "table"]
        assert_computes(found, made, windows())


def test_constants_of_training_go_into_the_next_layer(tmp_path):
    made = exported(Net(lambda x: (spectrum(x) - 3.0) / 2.5))
    network = loaded(tmp_path, made).network
    assert_computes(network, made, windows())


class Dense(nn.Module):
    def __init__(self, way: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.way, self.last = way, nn.Linear(ALL, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.way(x).flatten(1))


@pytest.mark.parametrize("kind", [Net, Dense])
def test_a_bin_that_is_always_zero(tmp_path, kind):
    """A window without its mean has no bin 0: what reads it reads zero."""
    made = exported(kind(demeaned))
    network = loaded(tmp_path, made).network
    assert network.layers[0].bins.tolist() == [*range(1, ALL)]
    assert_computes(network, made, windows())


class Parts(nn.Module):
    """Low bins one way and high ones, by another scale, another way."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.low, self.high, self.last = nn.Conv1d(1, 2, 4), nn.Conv1d(1, 2, 4), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        bins = spectrum(x)
        ways = self.low(bins[..., 1:16]).mean(-1), self.high(bins[..., 16:] / N).mean(-1)
        return self.last(torch.cat(ways, 1))


def test_several_parts_are_of_one_spectrum(tmp_path):
    made = exported(Parts())
    network = loaded(tmp_path, made).network
    assert [layer.op for layer in network.layers].count("spectrum") == 1
    assert network.layers[0].bins.tolist() == [*range(1, ALL)]
    assert_computes(network, made, windows())


@pytest.mark.parametrize(
    ("opset", "nodes"),
    [
        (17, "b = DFT <axis=2, onesided=1> (a)"),
        (17, "b = DFT <axis=2> (a)"),
        (20, "b = DFT <onesided=1> (a, , two)"),
        (20, "b = DFT <onesided=1> (a)"),  # the last axis but one
        (20, "b = DFT <onesided=1> (a, length, minus)"),
    ],
)
def test_the_forms_of_the_op(tmp_path, opset, nodes):
    axes, given = ("axes=[3], ", "b") if opset < 18 else ("", "b, last")
    made = model(
        f"a = Unsqueeze (x, last) {nodes} c = ReduceL2 <{axes}keepdims=0> ({given}) "
        f"d = Slice (c, from, to, two1) y = Conv (d, w)",
        (1, 1, N), opset=opset, last=np.array([3]), two=np.array(2), minus=np.array(-2),
        length=np.array(N), to=np.array([ALL]), two1=np.array([2]), w=(2, 1, 3),
        **{"from": np.array([0])},
    )  # fmt: skip
    assert check(tmp_path, made).network.layers[0].op == "spectrum"


REFUSED: dict[str, tuple[Callable[[Tensor], Tensor], str]] = {
    "a windowing function": (lambda x: spectrum(x * torch.hann_window(N)), "no windowing function"),
    "zeros behind": (lambda x: torch.fft.rfft(x, n=2 * N).abs(), "no zeros behind"),
    "both halves": (both, r"let the network read \[\.\.\., :N // 2 \+ 1\] of them"),
    "the real part": (lambda x: torch.fft.rfft(x).real, "no parts or phases"),
    "a root": (lambda x: torch.fft.rfft(x).abs().sqrt(), "must be one of the functions"),
    "much more": (lambda x: parts(x, 0.1), "must be one of the functions"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_spectrum_is_refused(tmp_path, name):
    way, text = REFUSED[name]
    with pytest.raises(NodesError, match=text):
        loaded(tmp_path, exported(Net(way)))


MAGNITUDES = (
    "u = Unsqueeze (x, last) a = DFT <onesided=1> (u, , two) b = ReduceL2 <keepdims=0> (a, last) "
)
PLACES = {"last": np.array([3]), "two": np.array(2)}


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((1, 1, 60), r"a \(DFT\) must read windows of a power of two from 16 to 65,536 .* not 60"),
        ((1, 2, 64), r"a \(DFT\) must read one channel of samples, not .* \(1, 2, 64\)"),
        ((1, 1, 8), "not 8"),
    ],
)
def test_windows_of_which_there_is_no_spectrum(tmp_path, shape, text):
    weight = (2, shape[1], 3)
    made = model(f"{MAGNITUDES} y = Conv (b, w)", shape, opset=20, w=weight, **PLACES)
    with pytest.raises(NodesError, match=text):
        loaded(tmp_path, made)


def test_constants_that_would_make_very_much_of_few_numbers(tmp_path):
    nodes = f"{MAGNITUDES} c = Unsqueeze (b, last) d = Mul (c, m) y = Conv (d, w)"
    many = np.arange(1 << 22, dtype=np.float32).reshape(1, 1, 1, -1)
    made = model(nodes, (1, 1, N), opset=20, w=(2, 1, 3, 1), m=many, **PLACES)
    tracemalloc.start()
    with pytest.raises(NodesError, match=r"d \(Mul\) must have one constant a channel"):
        loaded(tmp_path, made)
    assert tracemalloc.get_traced_memory()[1] < 40 * many.size
    tracemalloc.stop()


def magnitudes(x: np.ndarray, bins: slice, factor: float) -> np.ndarray:
    return (np.abs(np.fft.rfft(x)) * factor)[:, bins]


ASKED = {
    "from zero": (32, None, None, slice(0, 32), 1.0),
    "up": (32, "ascending", "1/N", slice(1, 33), 1 / 64),
    "down": (32, "descending", "2/N", slice(32, 0, -1), 2 / 64),
    "all": (33, None, "ortho", slice(0, 33), 1 / 8),
    "all of them": (33, "from-zero", None, slice(0, 33), 1.0),
    "all, down": (33, "descending", None, slice(None, None, -1), 1.0),
}


@pytest.mark.parametrize("name", ASKED)
def test_an_input_that_is_a_spectrum(tmp_path, name):
    count, bins, scale, some, factor = ASKED[name]
    made = model("a = Conv (x, w) y = GlobalMaxPool (a)", (1, 1, count), w=(3, 1, 5))
    path = tmp_path / "net.onnx"
    onnx.save(made, path)
    found = importers.load(path, geometry=Geometry(bins=bins), front_end="fft", fft_scale=scale)
    assert found.network.input_shape == (64,)
    x = windows()
    (expected,) = by_onnxruntime(made, magnitudes(x, some, factor)[:, np.newaxis])
    (got,) = canonical(found.network).outputs(x).values()
    np.testing.assert_allclose(got.reshape(len(x), -1), expected, rtol=1e-4, atol=1e-6)
    assert found.notes[0].startswith("input x is |FFT| of N = 64 samples, bins ")
    assert ("(given), times" in found.notes[0]) == (bins is not None)


def test_a_live_module_on_a_spectrum(tmp_path):
    module = nn.Sequential(nn.Conv1d(1, 4, 5), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 28, 3))
    made = hwgen.from_torch(module, torch.zeros(1, 1, 32), front_end="fft", fft_scale="1/N")
    x = windows()
    with torch.no_grad():
        expected = module(torch.from_numpy(magnitudes(x, slice(0, 32), 1 / N)).float()[:, None])
    np.testing.assert_allclose(made.network.run(x), expected.numpy(), rtol=1e-4, atol=1e-5)
    made.save(tmp_path / "net.pt")
    assert importers.load(tmp_path / "net.pt").network.input_shape == (64,)
    torch.export.save(torch.export.export(module, (torch.zeros(1, 1, 32),)), tmp_path / "net.pt2")
    program = importers.load(tmp_path / "net.pt2", front_end="fft", fft_scale="1/N")
    np.testing.assert_allclose(program.network.run(x), made.network.run(x))


@pytest.mark.parametrize(
    ("shape", "given", "error", "text"),
    [
        ((1, 1, 30), {}, InputError, "input x: with --front-end fft the input must be N/2 magnitu"),
        ((1, 1, 31), {}, InputError, "not 31"),
        ((1, 1, 4), {}, InputError, "not 4"),
        ((1, 1, 33), {"geometry": Geometry(bins="ascending")}, InputError, "33 with --bins ascend"),
        ((1, 2, 32), {}, InputError, r"x must be of one channel, not of the shape \(1, 2, 32"),
        ((1, 1, 32), {"fft_scale": "3"}, UsageError, "-scale must be one of 1, 1/N, 2/N, ortho"),
        ((1, 1, 32), {"front_end": "dct"}, UsageError, "-end must be one of fft, not 'dct'"),
        ((1, 1, 32), {"front_end": None, "fft_scale": "1"}, UsageError, "needs --front-end fft"),
        ((1, 1, 32), {"geometry": Geometry(stride=2)}, InputError, "leave --stride out"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for(tmp_path, shape, given, error, text):
    path = tmp_path / "net.onnx"
    onnx.save(model("y = Conv (x, w)", shape, w=(3, shape[1], 3)), path)
    with pytest.raises(error, match=text):
        importers.load(path, **({"front_end": "fft"} | given))


def test_the_bins_of_a_graph_are_asked_for_with_a_front_end_only(tmp_path):
    onnx.save(model("y = Conv (x, w)", (1, 1, 32), w=(3, 1, 3)), tmp_path / "net.onnx")
    with pytest.raises(InputError, match="says all of its network; leave --bins out"):
        importers.load(tmp_path / "net.onnx", geometry=Geometry(bins="ascending"))


def test_a_state_dict_has_its_own_front_end(tmp_path):
    torch.save({"conv1.weight": torch.zeros(2, 1, 64)}, tmp_path / "net.pt")
    with pytest.raises(InputError, match="whose front-end is known; leave --front-end out"):
        importers.load(Path(tmp_path / "net.pt"), front_end="fft")


def test_a_spectrum_of_a_spectrum(tmp_path):
    onnx.save(exported(Net(spectrum)), tmp_path / "net.onnx")
    with pytest.raises(NodesError, match=r"is not supported but as \|FFT\| of the samples"):
        importers.load(tmp_path / "net.onnx", front_end="fft")


def test_gains_of_bins_are_refused_by_name(tmp_path):
    class Filtered(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gain, self.last = nn.Parameter(torch.rand(N // 2 + 1)), nn.Linear(N, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(torch.fft.irfft(torch.fft.rfft(x[:, 0]) * self.gain))

    with pytest.raises(NodesError, match=r"transform back are trained here .*--front gain"):
        loaded(tmp_path, exported(Filtered()))


def test_bins_one_way_and_the_other(tmp_path):
    """One spectrum has its bins in one order: who reads the other one is told."""

    class Ways(Parts):
        def forward(self, x: Tensor) -> Tensor:
            bins = torch.fft.fft(x).abs()
            ways = self.low(bins[..., :32]).mean(-1), self.high(bins[..., 32:]).mean(-1)
            return self.last(torch.cat(ways, 1))

    with pytest.raises(NodesError, match=r"Conv.*\) reads the bins of \w+ the other way round"):
        loaded(tmp_path, exported(Ways()))


class Convolved(nn.Module):
    """A transform by convolutions as long as the window."""

    def __init__(self, padding: int) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.padding, self.last = padding, nn.Linear(ALL, 3)
        self.register_buffer("table", torch.cat([COSINE.T, SINE.T])[:, None])

    def forward(self, x: Tensor) -> Tensor:
        y = nn.functional.conv1d(x, self.table, padding=self.padding)[..., 0]
        return self.last(torch.sqrt(y[:, :ALL] ** 2 + y[:, ALL:] ** 2))


def test_convolutions_with_waves(tmp_path):
    made = exported(Convolved(0))
    found = loaded(tmp_path, made).network
    assert [layer.op for layer in found.layers] == ["spectrum", "dense"]
    assert_computes(found, made, windows())


def test_convolutions_beside_the_window_are_none(tmp_path):
    with pytest.raises(NodesError, match="must be one of the functions"):
        loaded(tmp_path, exported(Convolved(3)))


@pytest.mark.parametrize("nodes", [
    "a = MatMul (x, w) b = Cast <to=6> (a) c = Cast <to=1> (b) y = Relu (c)",
    "a = MatMul (x, w) b = Cast <to=8> (a) c = Cast <to=1> (b) y = Relu (c)",
    "a = MatMul (x, w) b = Pow (a, h) y = Relu (b)",
])  # fmt: skip
def test_strange_nodes_behind_a_matrix_are_told_as_ever(tmp_path, nodes):
    with pytest.raises(InputError, match=r"net.onnx(: must be one of the| has nodes that)"):
        loaded(tmp_path, model(nodes, (1, 1, N), w=(N, 9), h=np.array(0.5, np.float32)))
