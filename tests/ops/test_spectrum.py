"""The spectrum, its transform by accumulation (the FFT: tests/golden/ops/test_spectrum.py)."""

import torch

from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized.magnitude import MAGNITUDES
from tests.ops.harness import Example

EXAMPLES = {
    "16": Example(Spectrum("spectrum", 16), ((16,),), samples=True, near=30.0),
    "64": Example(Spectrum("spectrum", 64), ((64,),), samples=True, near=30.0),
    "up": Example(Spectrum("spectrum", 32, 0, 16, 2.5), ((32,),), samples=True, near=30.0),
    "up from 1": Example(Spectrum("spectrum", 32, 1, 15, 32.0), ((32,),), samples=True, near=30.0),
    "down": Example(Spectrum("spectrum", 16, 8, 0, 0.1), ((16,),), samples=True, near=30.0),
}
REFUSED = (((8,),), ((1, 16),))


def torch_of(layer, x):
    every = torch.fft.rfft(x).abs()[:, None] / layer.window * layer.gain
    half = layer.window // 2
    first, last = (half, 1) if layer.first is None else (layer.first, layer.last)
    if first < last:
        return every[..., first : last + 1]
    return every[..., last : first + 1].flip(-1)


def loops_of(op, x):
    half, count = (1 << op.drop) // 2, op.window
    wave = [*op.cosine.tolist(), *(-op.cosine).tolist()]
    bins = []
    first, last = (count // 2, 1) if op.first is None else (op.first, op.last)
    # Bins that go up are those of the other half, which go down.
    first, last = (count - first, count - last) if first < last else (first, last)
    down = range(first, last - 1, -1)
    for k in down:
        parts = []
        for turned in (0, count // 4):
            total = sum(value * wave[(n * k + turned) % count] for n, value in enumerate(x))
            parts.append(abs((total + half) >> op.drop))
        small, large = sorted(parts)
        bins.append(max(a * large + b * small for a, b in MAGNITUDES[op.magnitude]))
    return [bins]
