"""Random integer layers behind a spectrum, and rows of values as they lie in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from hwgen import golden
from hwgen.fixedpoint import Format, Integers
from hwgen.network import SAMPLES, Graph
from hwgen.plans.lowering import lowered
from hwgen.plans.memory import settled
from hwgen.plans.shared import SharedPlan
from hwgen.plans.step import Array
from hwgen.quantized.op import QuantizedOp
from hwgen.quantized.ops.conv1d import QuantizedConv1d
from hwgen.quantized.ops.dense import QuantizedDense
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d

FEATURE = Format(False, 5, 0)


@dataclass
class Chain:
    """Random integer layers behind a spectrum of `length` features."""

    rng: np.random.Generator
    length: int
    feature: Format = FEATURE
    ops: list[QuantizedOp] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.ops[-1].output.shape if self.ops else (1, self.length)

    @property
    def fmt(self) -> Format:
        return self.ops[-1].output.fmt if self.ops else self.feature

    def conv(
        self,
        filters: int,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        *,
        relu: bool = True,
        shift: int = 4,
    ) -> Chain:
        channels, length = self.shape
        self.ops.append(
            QuantizedConv1d(
                name=f"conv{len(self.ops)}",
                length=length,
                source=self.fmt,
                weight=self.rng.integers(-7, 8, (filters, channels, kernel)),
                bias=self.rng.integers(-100, 100, filters),
                weight_bits=4,
                stride=stride,
                padding=padding,
                relu=relu,
                shift=shift,
                out=Format(False, 4, 0) if relu else Format(True, 4, 0),
                scale=np.ones(filters),
            )
        )
        return self

    def pool(self, size: int) -> Chain:
        before = self.ops[-1].output
        channels, length = before.shape
        self.ops.append(
            QuantizedMaxPool1d(
                f"pool{len(self.ops)}", size, channels, length, before.fmt, before.scale
            )
        )
        return self

    def dense(self, outputs: int, *, last: bool = False, shift: int = 3) -> Chain:
        inputs = int(np.prod(self.shape))
        self.ops.append(
            QuantizedDense(
                name=f"dense{len(self.ops)}",
                shape=self.shape,
                source=self.fmt,
                weight=self.rng.integers(-7, 8, (outputs, inputs)),
                bias=self.rng.integers(-100, 100, outputs),
                weight_bits=4,
                relu=not last,
                last=last,
                shift=0 if last else shift,
                align=self.rng.integers(0, 3, outputs) if last else np.zeros(outputs, np.int64),
                out=Format(True, 19, 0) if last else Format(False, 5, 0),
                scale=np.ones(outputs),
            )
        )
        return self

    @property
    def graph(self) -> Graph[QuantizedOp]:
        front = QuantizedMaxPool1d("front", 1, 1, self.length, self.feature, np.ones(1))
        return Graph.chain(SAMPLES, [front, *self.ops])

    def plan(self, array: Array, *, dsp: int = 0, logit_bits: int = 20) -> SharedPlan:
        """Return the plan of the layers; the last one gives the logits."""
        steps, memory, tasks = settled("front", lowered(self.graph, array))
        return SharedPlan(steps, memory, tasks, self.value_width, logit_bits, dsp)

    @property
    def value_width(self) -> int:
        formats = [self.feature, *(op.output.fmt for op in self.ops[:-1])]
        return max(fmt.width + (not fmt.signed) for fmt in formats)

    def run(self, features: Integers) -> Integers:
        """Return the golden model's output of the last op."""
        for op in self.ops:
            features = golden.run_op(op, features)
        return features

    def features(self, count: int) -> Integers:
        """Return random inputs ``(count, 1, length)``, the first all at the format's end."""
        drawn = self.rng.integers(self.feature.min, self.feature.max + 1, (count, 1, self.length))
        drawn[0] = self.feature.max
        return drawn


def packed_row(values: Iterable[int], lanes: int, padding: int, width: int) -> list[int]:
    """Return the words of a padded row: element q is lane q % lanes of word q // lanes."""
    words: dict[int, int] = {}
    for index, value in enumerate(values):
        word, lane = divmod(padding + index, lanes)
        words[word] = words.get(word, 0) | (int(value) & ((1 << width) - 1)) << (lane * width)
    return [words.get(word, 0) for word in range(max(words) + 1)]
