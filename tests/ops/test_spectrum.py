"""The spectrum, its transform by accumulation (the FFT: tests/golden/ops/test_spectrum.py)."""

import torch

from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized.magnitude import MAGNITUDES
from tests.ops.harness import Example

EXAMPLES = {
    "16": Example(Spectrum("spectrum", 16), ((16,),), samples=True, near=30.0),
    "64": Example(Spectrum("spectrum", 64), ((64,),), samples=True, near=30.0),
}
REFUSED = (((8,),), ((1, 16),))


def torch_of(layer, x):
    return torch.fft.fft(x).abs()[:, None, layer.window // 2 :] / layer.window


def loops_of(op, x):
    half, count = (1 << op.drop) // 2, op.window
    wave = [*op.cosine.tolist(), *(-op.cosine).tolist()]
    bins = []
    for k in range(count // 2, 0, -1):
        parts = []
        for turned in (0, count // 4):
            total = sum(value * wave[(n * k + turned) % count] for n, value in enumerate(x))
            parts.append(abs((total + half) >> op.drop))
        small, large = sorted(parts)
        bins.append(max(a * large + b * small for a, b in MAGNITUDES[op.magnitude]))
    return [bins]
