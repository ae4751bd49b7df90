"""What must be true of every op, checked on the examples of its test file.

A test file ``tests/ops/test_OP.py`` has

- ``EXAMPLES``, by name;
- ``torch_of(layer, *xs)``, the float meaning in torch;
- ``REFUSED``, shapes that the first example does not take, where a layer refuses some;
- of an op with an integer form ``loops_of(op, *windows)``: the exact sums of one window of integers
  (nested lists), by plain loops.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import torch

from hwgen import golden
from hwgen.calibration.fit import Method, fit_shifts
from hwgen.fixedpoint import Format
from hwgen.metrics import sqnr_db
from hwgen.network import Layer, Shape, layer_from_json
from hwgen.quantized import Activations, Precision, QuantizedOp
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Chosen, op_from_json
from hwgen.quantized.samples import sampled
from hwgen.training import fake


@dataclass(frozen=True)
class Example:
    """A layer and the shapes of what it reads.

    Parameters
    ----------
    exact
        Whether it gives the logits.
    samples
        Whether it reads the sensor's samples.
    near
        dB of SQNR that many bits reach, at least.
    even
        Whether all channels of what it reads have one step.
    """

    layer: Layer
    shapes: tuple[Shape, ...]
    exact: bool = False
    samples: bool = False
    near: float = 40.0
    even: bool = False


WIDTHS = {
    "default": Precision(transform="dft", twiddle=10),
    "few": Precision(feature=3, conv_weight=3, activation=3, dense_weight=3, transform="dft"),
    "many": Precision(feature=12, conv_weight=14, activation=14, dense_weight=14, transform="dft"),
}


def tests_of(op: str) -> ModuleType:
    """Return the test file of an op."""
    return importlib.import_module(f"tests.ops.test_{op}")


def has_integers(op: str) -> bool:
    """Return whether an op has an integer form."""
    return importlib.util.find_spec(f"hwgen.quantized.ops.{op}") is not None


def check_float(example: Example, tests: ModuleType) -> None:
    """Assert that the layer does what torch does, and that its shape rule tells the truth."""
    rng = np.random.default_rng(1)
    xs = [rng.normal(size=(3, *shape)) for shape in example.shapes]
    given = [x.copy() for x in xs]
    y = example.layer.apply(*xs)
    assert y.shape[1:] == example.layer.output_shape(*example.shapes)
    expected = tests.torch_of(example.layer, *map(torch.from_numpy, xs)).numpy()
    np.testing.assert_allclose(y, expected, rtol=1e-9, atol=1e-9)
    assert all(np.array_equal(x, same) for x, same in zip(xs, given, strict=True))


def check_layer_json(example: Example) -> None:
    """Assert that the JSON form gives the layer back."""
    value = example.layer.to_json()
    again = layer_from_json(value)
    assert type(again) is type(example.layer)
    assert again.to_json() == value


def sources_of(example: Example, bits: Precision, seed: int) -> tuple[Activations, ...]:
    """Return what the values are that the example's op reads."""
    if example.samples:
        return tuple(sampled(shape, bits, 1.0) for shape in example.shapes)
    rng = np.random.default_rng(seed)
    formats = Format(False, bits.activation, 0), Format(True, bits.activation - 1, 0)
    return tuple(
        Activations(
            shape,
            formats[rng.integers(2)],
            0.75 * 2.0 ** rng.integers(-8, -7 if example.even else -5, shape[0]),
        )
        for shape in example.shapes
    )


def integers_of(source: Activations, count: int, seed: int) -> np.ndarray:
    """Return ``(count, *shape)`` integers of the source, ends included."""
    rng = np.random.default_rng(seed)
    x = rng.integers(source.fmt.min, source.fmt.max + 1, (count, *source.shape))
    x[0], x[1] = source.fmt.min, source.fmt.max
    return x


def made(
    example: Example, bits: Precision, seed: int, *, less: int = 0
) -> tuple[QuantizedOp, tuple[Activations, ...], tuple[np.ndarray, ...]]:
    """Return the integer op, what it reads, and integers; `less` than the best shift."""
    sources = sources_of(example, bits, seed)
    xs = tuple(integers_of(each, 5, seed + i) for i, each in enumerate(sources))
    op = integer_op(example.layer, sources, bits, Chosen(exact=example.exact))
    op = fit_shifts(op, xs, Method()).op
    if op.rounds and less:
        op = op.shifted(max(-op.guard, op.shift - less))
    return op, sources, xs


def rounded(op: QuantizedOp, sums: Any) -> np.ndarray:
    """Return sums rounded half up, and saturated, in Python's integers."""
    drop, fmt = op.dropped, op.output.fmt
    half = 1 << (drop - 1) if drop else 0

    def one(value: int) -> int:
        return min(max((int(value) + half) >> drop, fmt.min), fmt.max)

    values = np.array(sums, dtype=object)
    return np.array([one(value) if op.rounds else value for value in values.ravel()], dtype=np.int64
                    ).reshape(values.shape)  # fmt: skip


def check_golden(example: Example, tests: ModuleType, bits: Precision, less: int) -> None:
    """Assert that the golden model does what loops do, within the ranges that the op tells."""
    op, _, xs = made(example, bits, 3, less=less)
    sums, got = golden.accumulate(op, *xs), golden.run_op(op, *xs)
    assert got.shape[1:] == op.output.shape
    assert op.output.shape == example.layer.output_shape(*example.shapes)
    for number in range(len(got)):
        expected = tests.loops_of(op, *(x[number].tolist() for x in xs))
        if op.rounds:
            assert sums[number].tolist() == np.array(expected).tolist()
        assert got[number].tolist() == rounded(op, expected).tolist()
    assert got.min() >= op.output.fmt.min
    assert got.max() <= op.output.fmt.max


def check_near(example: Example) -> None:
    """Assert that integers stand for about what the float layer gives."""
    op, sources, xs = made(example, WIDTHS["many"], 4)
    scales = [s.scale.reshape(-1, *[1] * (len(s.shape) - 1)) for s in sources]
    exact = example.layer.apply(*(x * scale for x, scale in zip(xs, scales, strict=True)))
    scale = op.output.scale.reshape(-1, *[1] * (len(op.output.shape) - 1))
    assert sqnr_db(exact, golden.run_op(op, *xs) * scale) > example.near


def check_op_json(example: Example) -> None:
    """Assert that the JSON form gives the op back, in all that it computes."""
    op, _, xs = made(example, WIDTHS["default"], 5)
    value = op.to_json()
    again = op_from_json(value)
    assert again.to_json() == value
    assert np.array_equal(golden.run_op(again, *xs), golden.run_op(op, *xs))


def check_fake(example: Example, bits: Precision, less: int, *, moving: bool) -> None:
    """Assert that training sees the golden model's values, and gradients lead back if `moving`."""
    op, sources, xs = made(example, bits, 6, less=less)
    weights = {
        key: torch.from_numpy(value.copy()).requires_grad_()
        for key, value in example.layer.tensors().items()
    }
    tensors = [torch.from_numpy(x.astype(np.float64)).requires_grad_() for x in xs]
    y = fake.run_op(op, sources, weights, *tensors)
    assert np.array_equal(y.detach().numpy(), golden.run_op(op, *xs))
    if not moving:
        return
    (y * torch.arange(1, 1 + y[0].numel()).reshape(y.shape[1:])).sum().backward()
    for tensor in (*tensors, *weights.values()):
        assert tensor.grad is not None
        assert tensor.grad.abs().max() > 0
