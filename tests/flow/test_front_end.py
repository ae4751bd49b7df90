"""Networks of others on a spectrum: found in the graph or asked for, down to hardware."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import pytest

from hwgen import golden
from hwgen.files import read_json
from hwgen.flow import quantize
from hwgen.flow.build import build
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.options import DataOptions, GeometryOptions, Settings
from hwgen.metrics import sqnr_db
from hwgen.network import Network
from hwgen.quantized import QuantizedModel
from hwgen.quantized.samples import digitise
from tests.importers.onnx.models import model

LAYERS = """
    e = Conv <pads=[2, 2], strides=[2]> (d, w) f = Relu (e)
    g = MaxPool <kernel_shape=[2], strides=[2]> (f) h = Flatten (g) y = Gemm (h, v, u)
"""
WEIGHTS = {"w": (4, 1, 5), "u": (3,)}

IN_THE_GRAPH = f"""
    a = Unsqueeze (x, three) b = DFT <onesided=1> (a, , two) c = ReduceL2 <keepdims=0> (b, three)
    d = Div (c, many) {LAYERS}
"""
"""All 65 bins of 128 samples."""


def settings_of(tmp_path, recordings, made: onnx.ModelProto, transform: str) -> Settings:
    path = tmp_path / "net.onnx"
    onnx.save(made, path)
    hardware = HardwareOptions.of(
        board="ulx3s-25f", parallel=4, clock_mhz=50.0, transform=transform
    )
    data = DataOptions(data=str(recordings), sample_rate=12_000.0)
    return Settings(str(path), data, hardware=hardware, verify_windows=12)


@pytest.fixture
def found(tmp_path, recordings):
    """Return a function that gives settings for a network with a spectrum in its graph."""
    made = model(
        IN_THE_GRAPH, (1, 1, 128), opset=20, v=(4 * 16, 3), three=np.array([3]), two=np.array(2),
        many=np.array(64, np.float32), **WEIGHTS,
    )  # fmt: skip
    return lambda transform: settings_of(tmp_path, recordings, made, transform)


@pytest.fixture
def asked(tmp_path, recordings):
    """Return a function that gives settings for a network on 64 magnitudes."""

    def of(transform: str, bins: str | None, scale: str | None) -> Settings:
        made = model(LAYERS.replace("(d, w)", "(x, w)"), (1, 1, 64), v=(4 * 16, 3), **WEIGHTS)
        settings = settings_of(tmp_path, recordings, made, transform)
        given = GeometryOptions(front_end="fft", bins=bins, fft_scale=scale)
        return replace(settings, geometry=given)

    return of


def assert_built(settings: Settings, folder, first: tuple[int, int]) -> list[str]:
    """Build up to verification; check windows of noise in integers against floats."""
    said: list[str] = []
    build(settings, folder, said.append, upto="verify")
    report = read_json(folder / "report.json")
    assert report["verification"]["mismatches"] == 0
    assert report["verification"]["windows"] >= 12
    network = Network.from_json(read_json(folder / "ir" / "network.json"))
    integers = QuantizedModel.from_json(read_json(folder / "ir" / "model.json"))
    bins = integers.graph.ops[0].bins
    assert (bins[0], bins[-1]) == first
    assert integers.input_scale is not None
    x = np.random.default_rng(5).normal(size=(200, 128)) / integers.input_scale
    exact = network.run(x * integers.input_scale)
    logits = golden.run(integers, digitise(x, integers.bits))
    assert (logits.argmax(axis=1) == exact.argmax(axis=1)).mean() > 0.9
    assert sqnr_db(exact, logits * integers.graph.ops[-1].output.scale) > 20
    return said


@pytest.mark.slow
@pytest.mark.parametrize("transform", ["fft", "dft"])
def test_a_spectrum_in_the_graph_is_built_and_verified(found, tmp_path, transform):
    said = assert_built(found(transform), tmp_path / "net", (0, 64))
    wanted = "taken for: d is |FFT| of 128 samples, bins 0 up to 64, times 0.015625"
    assert any(wanted in line for line in said)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("transform", "bins", "scale", "ends"),
    [("fft", None, "1/N", (0, 63)), ("dft", "ascending", None, (1, 64))],
)
def test_a_spectrum_that_is_asked_for(*, asked, tmp_path, transform, bins, scale, ends):
    said = assert_built(asked(transform, bins, scale), tmp_path / "net", ends)
    (line,) = [each for each in said if "is |FFT| of N = 128 samples" in each]
    assert ("1/N (given)" in line) == (scale is not None)
    assert ("(given), times" in line) == (bins is not None)


def test_what_an_input_is_decides_the_network(asked):
    settings = asked("fft", None, None)
    for other in ({"fft_scale": "1/N"}, {"bins": "ascending"}):
        changed = replace(settings, geometry=replace(settings.geometry, **other))
        assert quantize.inputs(changed) != quantize.inputs(settings)
