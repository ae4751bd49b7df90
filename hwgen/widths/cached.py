"""Integer networks of many bit widths on the same windows, doing again only what differs.

Calibration goes layer by layer, so that two networks whose first layers have the same widths have
the same first layers, and the same values behind them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np

from hwgen import golden
from hwgen.calibration.fit import Method, fit_layer, fit_spectrum
from hwgen.fixedpoint import Integers
from hwgen.network import Floats, Network
from hwgen.quantized import Bits, QuantizedModel, QuantizedOp
from hwgen.quantized.op import depends, room
from hwgen.quantized.ops.spectrum import TRANSFORM
from hwgen.quantized.samples import digitise

T = TypeVar("T")

_Pair = tuple[Integers, Integers]
"""On calibration windows, and on held-out windows."""

_BATCH = 64
"""Windows at a time: what fits a cache."""


@dataclass(frozen=True, eq=False)
class _Stage:
    """An op, and its outputs on calibration windows and held-out windows."""

    op: QuantizedOp
    outputs: _Pair


class Staged:
    """Calibrates and runs networks of different bits.

    Parameters
    ----------
    network
        Float network.
    calibration, held
        ``(n, samples)`` and ``(m, samples)`` sensor values in g.
    method
        How formats and integers are chosen.
    input_scale, classes
        As in `QuantizedModel`.
    kept
        Stages that are remembered, and spectra.
    """

    def __init__(
        self,
        network: Network,
        calibration: Floats,
        held: Floats,
        method: Method,
        *,
        input_scale: float,
        classes: tuple[str, ...],
        kept: tuple[int, int] = (32, 12),
    ):
        self._network = network
        self._windows = calibration, held
        self._method = method
        # What the float network has where the integer one is fitted to it.
        self._floats = network.activations(calibration * input_scale)
        self._input_scale = input_scale
        self._classes = classes
        self._stages: _Recent[_Stage] = _Recent(kept[0])
        self._spectra: _Recent[_Pair] = _Recent(kept[1])

    def run(self, bits: Bits) -> tuple[QuantizedModel, Integers]:
        """Return the network of `bits`, and its logits of the held-out windows ``(m, classes)``."""
        layers = self._network.layers
        key = _key(bits, depends(layers[0].op))
        stages = [self._stages.get(key, partial(self._first, bits))]
        for index, layer in enumerate(layers[1:], 1):
            last = index == len(layers) - 1
            key = (*key, index, *_key(bits, depends(layer.op)))
            step = partial(self._next, index, stages[-1], bits, last=last)
            stages.append(self._stages.get(key, step))
        model = QuantizedModel(
            name=self._network.name,
            input_samples=self._network.input_samples,
            classes=self._classes,
            ops=tuple(stage.op for stage in stages),
            bits=bits,
            input_scale=self._input_scale,
            sample_rate=self._network.sample_rate,
        )
        return model, stages[-1].outputs[1]

    def _first(self, bits: Bits) -> _Stage:
        """Return the spectrum's stage; only its rounding depends on the feature width."""
        layer: Any = self._network.layers[0]
        sums = self._spectra.get(_key(bits, TRANSFORM), partial(self._transformed, layer, bits))
        fitted = fit_spectrum(layer, sums[0], bits, self._input_scale, self._method)
        rounded = room("hwgen.golden.ops", fitted.op.op).rounded
        return _Stage(
            fitted.op, (_small(rounded(fitted.op, sums[0])), _small(rounded(fitted.op, sums[1])))
        )

    def _transformed(self, layer: Any, bits: Bits) -> _Pair:
        """Return the spectra before their rounding."""
        op = room("hwgen.quantized.ops", layer.op).quantize(layer, bits, self._input_scale, 0)
        calibration, held = (digitise(windows, bits) for windows in self._windows)
        return _batched(partial(golden.accumulate, op), calibration, held)

    def _next(self, index: int, before: _Stage, bits: Bits, *, last: bool) -> _Stage:
        layer, reference = self._network.layers[index], self._floats[index - 1]
        fitted = fit_layer(
            layer, before.op, before.outputs[0], reference, bits, self._method, last=last
        )
        return _Stage(fitted.op, _batched(partial(golden.run_op, fitted.op), *before.outputs))


def _key(bits: Bits, fields: tuple[str, ...]) -> tuple[Hashable, ...]:
    return tuple(getattr(bits, field) for field in fields)


def _batched(run: Callable[[Integers], Integers], calibration: Integers, held: Integers) -> _Pair:
    """Return ``run`` of both, a few windows at a time."""

    def all_of(x: Integers) -> Integers:
        return np.concatenate([_small(run(x[i : i + _BATCH])) for i in range(0, len(x), _BATCH)])

    return all_of(calibration), all_of(held)


def _small(values: Integers) -> Integers:
    """Return integers in half the memory where they fit."""
    if values.size and max(-int(values.min()), int(values.max())) >> 31:
        return values
    return values.astype(np.int32)


class _Recent(Generic[T]):
    """Remembers the results that were asked for last."""

    def __init__(self, most: int):
        self._most = most
        self._known: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returned for the key, or returns now."""
        if key not in self._known:
            self._known[key] = make()
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]
