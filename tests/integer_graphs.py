"""Random integer networks with branches, made without calibration: an op of each kind of wiring."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from hwgen import golden
from hwgen.errors import CannotMeetError
from hwgen.fixedpoint import Format, Integers, signed_width
from hwgen.golden.ops import bilinear1d
from hwgen.network import SAMPLES, Graph, Node, Output
from hwgen.network.ops.adaptiveavgpool1d import AdaptiveAvgPool1d
from hwgen.network.ops.gru import Gru
from hwgen.network.ops.lstm import Lstm
from hwgen.network.ops.multiply import Multiply
from hwgen.network.ops.normalise import METHODS, Normalise
from hwgen.network.ops.reshape import Reshape
from hwgen.network.ops.slice import Slice
from hwgen.network.ops.spectralgain import SpectralGain
from hwgen.network.ops.spectrum import Spectrum
from hwgen.plans.core import CorePlan
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.shared import SharedPlan
from hwgen.plans.step import Array, Step
from hwgen.plans.weights.residence import streamable
from hwgen.quantized import Precision, QuantizedModel
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Activations, Chosen, QuantizedOp
from hwgen.quantized.ops import score
from hwgen.quantized.ops.add import QuantizedAdd
from hwgen.quantized.ops.avgpool1d import QuantizedAvgPool1d
from hwgen.quantized.ops.bilinear1d import QuantizedBilinear1d
from hwgen.quantized.ops.concat import QuantizedConcat
from hwgen.quantized.ops.conv1d import QuantizedConv1d
from hwgen.quantized.ops.dense import QuantizedDense
from hwgen.quantized.ops.direct import QuantizedDirect
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d
from hwgen.quantized.ops.multiply import QuantizedMultiply
from hwgen.quantized.ops.score import QuantizedScore
from hwgen.quantized.samples import sampled, stream_order

MOST_NUMBERS = 2048
"""Of a window's values: more take long to simulate."""
BITS = Precision(adc=8, feature=5, conv_weight=5, dense_weight=5, activation=5)


@dataclass(eq=False)
class Maker:
    """Puts ops one behind the other, and keeps what the golden model makes of some windows.

    Parameters
    ----------
    rng
        Decides all.
    multiple
        Of the channels of every value between layers.
    tables
        Whether values of some layers are looked up.
    windows
        Of samples, the first as loud as can be.
    """

    rng: np.random.Generator
    multiple: int = 1
    tables: bool = False
    windows: int = 3
    channels: int = 1
    length: int = 16
    bits: Precision = BITS
    nodes: list[Node[QuantizedOp]] = field(default_factory=list)
    values: dict[str, Integers] = field(default_factory=dict)
    looked_up: dict[str, Integers] = field(default_factory=dict)

    def pick(self, *choices: Any) -> Any:
        """Return one of them."""
        return choices[int(self.rng.integers(len(choices)))]

    def out(self, name: str) -> Activations:
        """Return shape and format of a value."""
        return next(node.op.output for node in self.nodes if node.name == name)

    def put(self, op: QuantizedOp, *inputs: str, table: bool = False) -> str:
        """Add an op, divided so that its values use their format, at times more than that."""
        given = [self.values[name] for name in inputs]
        if op.rounds and hasattr(op, "out"):
            ends = np.abs(golden.accumulate(op, *given)).max()
            most = int(op.output.fmt.max)
            shift = max(0, int(ends).bit_length() - most.bit_length() - self.pick(0, 0, 1))
            op = op.shifted(shift)
        value = golden.run_op(op, *given)
        if table and self.tables and self.rng.random() < 0.5:
            fmt = op.output.fmt
            self.looked_up[op.name] = self.rng.integers(fmt.min, fmt.max + 1, 1 << fmt.width)
            value = self.looked_up[op.name][value - fmt.min]
        self.nodes.append(Node(op, inputs))
        self.values[op.name] = value
        return op.name

    def begin(self, first: str, window: int, channels: int, *bins: int) -> str:
        """Add the op that takes the samples.

        Parameters
        ----------
        first
            ``"direct"``, ``"spectrum"``, ``"dft"``, ``"gain"``, or how windows are normalised.
        bins
            Of a spectrum the first and the last one, where they are not as published.
        """
        limit = 1 << (BITS.adc - 1)
        shape = (window,) if channels == 1 else (channels, window)
        # By themselves: the network is the same for any number of windows.
        rng = np.random.default_rng(int(self.rng.integers(1 << 32)))
        loud = 2.0 ** rng.uniform(-1, 0, (self.windows, *[1] * len(shape)))
        samples = rng.uniform(-limit, limit, (self.windows, *shape)) * loud
        samples[0] = rng.choice([-limit, limit - 1], shape)
        self.values[SAMPLES] = samples.astype(np.int64)
        self.channels, self.length = channels, window
        if first in METHODS:
            source = (sampled(shape, BITS, 1.0),)
            return self.put(integer_op(Normalise("first", first), source, BITS, Chosen()), SAMPLES)
        if first == "gain":
            real, imag = rng.normal(size=(2, window // 2 + 1))
            imag[[0, -1]] = 0.0
            source = (sampled(shape, BITS, 1.0),)
            layer = SpectralGain("first", real, imag)
            return self.put(integer_op(layer, source, BITS, Chosen(12)), SAMPLES)
        if first != "direct":
            self.bits = replace(BITS, transform="dft" if first == "dft" else "fft")
            source = (sampled(shape, self.bits, 1.0),)
            layer = Spectrum("first", window, *bins)
            made = integer_op(layer, source, self.bits, Chosen(3))
            return self.put(made, SAMPLES)
        op = QuantizedDirect(
            name="first",
            channels=channels,
            samples=window,
            sample=Format(True, BITS.adc - 1, 0),
            shift=2,
            out=Format(True, BITS.feature - 1, 0),
            scale=np.ones(channels),
            even=channels % 2 == 0,
        )
        return self.put(op, SAMPLES)

    @property
    def _name(self) -> str:
        return f"n{len(self.nodes)}"

    def _format(self, *, signed: bool) -> Format:
        return Format.of_width(self.pick(4, 5), signed=signed, frac_bits=0)

    def conv(self, source: str, filters: int, kernel: int, *added: str, **fields: Any) -> str:
        """Add a convolution, to whose sums another value may be added."""
        before = self.out(source)
        groups = fields.get("groups", 1)
        relu = fields.pop("relu", self.pick(True, False))
        skips: dict[str, Any] = {}
        if added:
            skips["skip"] = self.out(added[0]).fmt
            skips["skip_shift"] = self.rng.integers(0, 4, filters) + self.pick(0, 0, 2)
            skips["up"] = fields.pop("up", 0)
        each = before.shape[0] // groups
        op = QuantizedConv1d(
            name=self._name,
            length=before.shape[1],
            source=before.fmt,
            weight=self.rng.integers(-15, 16, (filters, each, kernel)),
            bias=self.rng.integers(-30, 61, filters),
            weight_bits=5,
            stride=fields.pop("stride", 1),
            padding=fields.pop("padding", 0),
            relu=relu,
            shift=0,
            out=self._format(signed=not relu),
            scale=np.ones(filters),
            even=groups > 1 or bool(added),
            **skips,
            **fields,
        )
        return self.put(op, source, *added, table=True)

    def same(self, source: str, filters: int, *added: str, **fields: Any) -> str:
        """Add a convolution that keeps the length."""
        kernel, dilation = self.pick(1, 3, 3, 5), self.pick(1, 1, 2)
        sides = {"padding": dilation * (kernel - 1) // 2, "dilation": dilation}
        return self.conv(source, filters, kernel, *added, **sides, **fields)

    def dense(self, source: str, outputs: int, *, last: bool = False) -> str:
        """Add a dense layer; the last one's logits are aligned by shifts."""
        before = self.out(source)
        inputs = int(np.prod(before.shape))
        weight = self.rng.integers(-15, 16, (outputs, inputs))
        relu = not last and self.pick(True, False)
        align = self.rng.integers(0, 3, outputs) if last else np.zeros(outputs, dtype=np.int64)
        most = (15 * inputs * max(before.fmt.max, -before.fmt.min) + 100) << 2
        op = QuantizedDense(
            name=self._name,
            shape=before.shape,
            source=before.fmt,
            weight=weight,
            bias=self.rng.integers(-60, 61, outputs),
            weight_bits=5,
            relu=relu,
            last=last,
            shift=0,
            align=align,
            out=Format(True, signed_width(-most, most) - 1, 0)
            if last
            else self._format(signed=not relu),
            scale=np.ones(outputs),
            even=not last and outputs % 2 == 0,
        )
        return self.put(op, source, table=not last)

    def add(self, *sources: str) -> str:
        """Add the sum of values of one shape."""
        outs = [self.out(name) for name in sources]
        relu = self.pick(True, False)
        op = QuantizedAdd(
            name=self._name,
            shape=max((out.shape for out in outs), key=lambda shape: (len(shape), shape)),
            sources=tuple(out.fmt for out in outs),
            up=self.rng.integers(0, 3, (len(outs), outs[0].shape[0])) + self.pick(0, 0, 1),
            relu=relu,
            shift=0,
            out=self._format(signed=not relu),
            scale=np.ones(outs[0].shape[0]),
            even=relu,
        )
        return self.put(op, *sources, table=True)

    def multiply(self, one: str, other: str) -> str:
        """Add the product of two values."""
        given = self.out(one), self.out(other)
        made = integer_op(Multiply(self._name), given, self.bits, Chosen())
        return self.put(made, one, other, table=True)

    def bilinear(self, source: str, filters: int, kernel: int, **fields: Any) -> str:
        """Add the product of two convolutions, or of two dense layers."""
        before = self.out(source)
        length = before.shape[1] if len(before.shape) > 1 else 1
        signed = Format.of_width(self.pick(5, 7, 8), signed=True, frac_bits=0)
        op = QuantizedBilinear1d(
            name=self._name,
            length=length,
            source=before.fmt,
            weight=self.rng.integers(-15, 16, (2 * filters, before.shape[0], kernel)),
            bias=self.rng.integers(-200, 201, 2 * filters),
            weight_bits=5,
            stride=fields.pop("stride", 1),
            padding=fields.pop("padding", 0),
            down=0,
            factor=signed,
            shift=0,
            out=self._format(signed=True),
            scale=np.ones(filters),
            unit=np.ones(2 * filters),
            **fields,
        )
        ends = np.abs(bilinear1d.factors(op, self.values[source])).max()
        down = int(ends).bit_length() - op.factor.width + 1 - self.pick(0, 0, 1)
        return self.put(op.eased(max(0, down), op.factor), source, table=True)

    def quadratic(self, source: str, filters: int, kernel: int, **fields: Any) -> str:
        """Add a layer of quadratic neurons: products of two sums, and a sum of squares."""
        product = self.bilinear(source, filters, kernel, **fields)
        up = self.pick(0, 0, 1, 3)
        return self.conv(self.multiply(source, source), filters, kernel, product, up=up, **fields)

    def polynomial(self, source: str, filters: int, kernel: int, **fields: Any) -> str:
        """Add neurons of powers up to 3 side by side, and of products of three sums."""
        square = self.multiply(source, source)
        powers = self.concat(source, square, self.multiply(square, source))
        third = self.conv(source, filters, kernel, **fields)
        product = self.multiply(self.bilinear(source, filters, kernel, **fields), third)
        if self.pick(True, False):
            product = self.add(product, self.bilinear(source, filters, kernel, **fields))
        return self.conv(powers, filters, kernel, product, up=self.pick(0, 0, 1, 3), **fields)

    def scored(self, source: str) -> str:
        """Square a value: about half of the windows are anomalies."""
        before = self.out(source)
        op = score.with_threshold(
            QuantizedScore(self._name, before.shape, before.fmt, 1.0, self.pick(0, 0, 3), 0), 0
        )
        sums = golden.run_op(op, self.values[source])[:, 1]
        return self.put(score.with_threshold(op, int(np.median(sums))), source)

    def concat(self, *sources: str) -> str:
        """Put values side by side."""
        outs = [self.out(name) for name in sources]
        low, high = min(out.fmt.min for out in outs), max(out.fmt.max for out in outs)
        width = signed_width(low, high) - (low == 0)
        op = QuantizedConcat(
            name=self._name,
            shapes=tuple(out.shape for out in outs),
            out=Format.of_width(width, signed=low < 0, frac_bits=0),
            scale=np.ones(sum(out.shape[0] for out in outs)),
        )
        return self.put(op, *sources)

    def max_pool(
        self, source: str, size: int, stride: int | None = None, padding: int = 0,
        right: int | None = None,
    ) -> str:  # fmt: skip
        """Add max-pooling."""
        before = self.out(source)
        channels, length = before.shape
        return self.put(
            QuantizedMaxPool1d(
                self._name, size, channels, length, before.fmt, np.ones(channels), stride, padding,
                right,
            ),
            source,
        )  # fmt: skip

    def average(self, source: str, size: int, stride: int | None = None, padding: int = 0) -> str:
        """Add average-pooling."""
        before = self.out(source)
        channels, length = before.shape
        return self.put(
            QuantizedAvgPool1d(
                name=self._name,
                size=size,
                channels=channels,
                length=length,
                source=before.fmt,
                shift=0,
                out=self._format(signed=before.fmt.signed),
                scale=np.ones(channels),
                stride=stride,
                padding=padding,
            ),
            source,
            table=True,
        )

    def adaptive(self, source: str, positions: int) -> str:
        """Add average-pooling to a number of positions."""
        layer = AdaptiveAvgPool1d(self._name, positions)
        made = integer_op(layer, (self.out(source),), self.bits, Chosen())
        return self.put(made, source, table=True)

    def recurrent(
        self, source: str, units: int, *, backwards: bool, kind: Any = None, gone: str = ""
    ) -> str:
        """Add a long short-term memory, or a gated recurrent unit; some weights may be zero."""
        before = self.out(source)
        kind = kind or self.pick(Lstm, Gru)
        shapes = (units, before.shape[0]), (units, units), *[(units,)] * (4 - kind.gates + 1)
        gain = 2.0 ** self.rng.uniform(-1, 1, 4) / [
            before.fmt.max * before.shape[0] ** 0.5,
            1,
            1,
            1,
        ]
        tensors = [
            self.rng.normal(0, 2 * gain[n], (kind.gates * shape[0], *shape[1:]))
            for n, shape in enumerate(shapes)
        ]
        layer = kind(self._name, *tensors, backwards=backwards)
        if gone:
            layer = replace(layer, **{gone: 0 * getattr(layer, gone)})
        source_ = replace(before, scale=np.ones(before.shape[0]))
        return self.put(integer_op(layer, (source_,), self.bits, Chosen()), source)

    def part(self, source: str, axis: str, begin: int, count: int) -> str:
        """Add a slice."""
        made = integer_op(
            Slice(self._name, axis, begin, count), (self.out(source),), self.bits, Chosen()
        )
        return self.put(made, source)

    def reshape(self, source: str, channels: int, *, apart: bool = False) -> str:
        """Cut a value's numbers anew; `apart`: channels have other steps than each other."""
        before = replace(self.out(source), scale=np.ones(self.out(source).shape[0]))
        made = integer_op(Reshape(self._name, channels), (before,), self.bits, Chosen())
        if apart:
            made = replace(made, down=self.rng.integers(0, 3, before.shape[0]))
        return self.put(made, source)

    # Blocks: from a value to another.

    def some(self, most: int = 3) -> int:
        """Return a number of filters."""
        least = 2 if self.multiple == 1 else 1
        return self.multiple * int(self.rng.integers(least, most + 2))

    def plain(self, name: str) -> str:
        """Any convolution: groups, stride, dilation, other zeros on either side."""
        channels, length = self.out(name).shape
        groups = self.pick(*(g for g in (1, 1, 2, 3, channels) if channels % g == 0))
        kernel = self.pick(*(k for k in (1, 2, 3, 4, 7) if k <= length))
        dilation = self.pick(*(d for d in (1, 2, 3) if d * (kernel - 1) < length))
        reach = dilation * (kernel - 1)
        filters = groups * self.some(2)
        return self.conv(
            name, filters, kernel, groups=groups, dilation=dilation, stride=self.pick(1, 1, 2, 3),
            padding=self.pick(0, reach // 2, int(self.rng.integers(0, 2 * reach + 3))),
            padding_right=self.pick(None, 0, int(self.rng.integers(0, 2 * reach + 3))),
        )  # fmt: skip

    def separable(self, name: str) -> str:
        """Depthwise, then pointwise."""
        channels = self.out(name).shape[0]
        return self.conv(self.same(name, channels, groups=channels), self.some(), 1)

    def pooled(self, name: str) -> str:
        """Any pooling, of groups that overlap, or with positions between them."""
        out = self.out(name)
        size = self.pick(*(s for s in (2, 2, 3, 4) if s <= out.shape[1]))
        stride = self.pick(None, 1, size - 1, size + 1, size + 2)
        if self.pick(True, False):
            if stride == size + 2 or (stride == size + 1 and size > 2):
                return self.adaptive(name, size + 1)
            return self.average(name, size, stride, self.pick(0, size // 2))
        padding = self.pick(0, size // 2) if out.fmt.signed else self.pick(0, 0, size // 2)
        # At times another number on the right, as a last group that is not full has it.
        right = min(size - 1, padding + 1) if out.shape[1] % 3 == 0 else None
        return self.max_pool(name, size, stride, padding, right)

    def residual(self, name: str) -> str:
        """Two convolutions to whose sums the block's input is added."""
        return self.same(self.same(name, self.some()), self.out(name).shape[0], name)

    def branches(self, name: str) -> str:
        """Values side by side, one of which may be the input; or their sum."""
        filters = self.some(2)
        parts = [self.same(name, filters) for _ in range(self.pick(2, 2, 3))]
        if self.pick(True, False):
            return self.add(*parts)
        joined = self.concat(*parts, *self.pick((), (name,)))
        # What nobody computes cannot be pooled or added to: it is read by a convolution.
        return self.pick(self.plain, self.residual)(joined)

    def gated(self, name: str) -> str:
        """A value with numbers for its channels, times another of its shape, or its square."""
        channels, length = self.out(name).shape
        how = self.pick("channels", "flat", "both", "square")
        join = self.pick(self.multiply, self.multiply, self.add)
        if how == "channels":
            return join(name, self.conv(self.average(name, length), channels, 1))
        if how == "flat":
            return join(self.dense(name, channels), name)
        return self.multiply(name, name if how == "square" else self.same(name, channels))

    def recalled(self, name: str) -> str:
        """The input beside an earlier value of its length, or with one of its shape added."""
        shape = self.out(name).shape
        earlier = [
            node.name
            for node in self.nodes
            if node.name != name and node.op.output.shape[0] % self.multiple == 0
        ]
        long = [each for each in earlier if self.out(each).shape[1:] == shape[1:]]
        like = [each for each in long if self.out(each).shape == shape]
        if like and self.pick(True, False):
            return self.add(name, self.pick(*like))
        return self.separable(self.concat(name, self.pick(*long))) if long else self.plain(name)

    def end(self, name: str) -> str:
        """Global pooling or none, hidden layers or none, and the logits."""
        length = self.out(name).shape[1]
        if self.pick(True, False):
            name = self.average(name, length)
        how = self.pick("none", "hidden", "side by side", "sum")
        if how != "none":
            outputs = self.some()
            parts = [self.dense(name, outputs) for _ in range(1 if how == "hidden" else 2)]
            join = {"hidden": lambda one: one, "side by side": self.concat, "sum": self.add}[how]
            name = join(*parts)
        return self.dense(name, int(self.rng.integers(2, 6)), last=True)

    @property
    def case(self) -> Case:
        """Return the network that ends with the op put last."""
        last = self.nodes[-1].name
        graph = Graph((SAMPLES,), tuple(self.nodes), (Output(last),))
        return self.case_of(graph, tuple(f"class {k}" for k in range(self.out(last).shape[0])))

    def case_of(self, graph: Graph[QuantizedOp], classes: tuple[str, ...]) -> Case:
        """Return the network of a graph of the ops."""
        model = QuantizedModel(
            "random", self.length, classes, graph, self.bits, 1.0, None, channels=self.channels
        )
        return Case(model, self.values[SAMPLES], self.values, self.looked_up)


@dataclass(frozen=True, eq=False)
class Case:
    """A network, windows of samples, and what it makes of them.

    Parameters
    ----------
    values
        By the names of the nodes, ``(n, *shape)``.
    tables
        By the names of layers whose values are looked up.
    chunks
        Parts of a window that layers work on as they come.
    unrolled
        Layers with hardware of their own in front of the array; they take as many samples at once
        as the first's stride.
    """

    model: QuantizedModel
    samples: Integers
    values: dict[str, Integers]
    tables: dict[str, Integers]
    chunks: int = 1
    unrolled: tuple[str, ...] = ()

    @property
    def logits(self) -> Integers:
        """``(n, classes)``."""
        return self.values[self.model.graph.logits_name()]

    @property
    def answers(self) -> Integers:
        """``(n, classes + numbers)``: logits if any, then values, as they leave the chip."""
        names = (*filter(None, (self.model.graph.class_output,)), *self.model.values)
        return np.concatenate([stream_order(self.values[name]) for name in names], axis=1)

    @property
    def features(self) -> Integers:
        """What the layers on the array read."""
        return self.values[(self.unrolled or ("first",))[-1]]

    @cached_property
    def streams(self) -> Integers:
        """``(n, elements)``: the samples as they come, channels in turns."""
        if self.samples.ndim == 2:
            return self.samples
        return self.samples.transpose(0, 2, 1).reshape(len(self.samples), -1)

    def plan(self, array: Array, dsp: int = 0) -> CorePlan:
        """Return the plan of the whole."""
        lanes = self.model.graph[self.unrolled[0]].op.stride if self.unrolled else 1
        design = Design(array, dsp, lanes=lanes, chunks=self.chunks, unrolled=self.unrolled)
        made = plan(self.model, design)
        layers = made.layers
        assert isinstance(layers, SharedPlan)
        if not self.tables:
            return made
        steps = tuple(
            replace(step, post=replace(step.post, table=self.tables[step.name]))
            if step.name in self.tables
            else step
            for step in layers.steps
        )
        return CorePlan(made.front, replace(layers, steps=steps))

    def layers(self, array: Array) -> SharedPlan:
        """Return the plan of what is behind the source."""
        layers = self.plan(array).layers
        assert isinstance(layers, SharedPlan)
        return layers


def streamable_values(case: Case, array: Array) -> tuple[str, ...]:
    """Return the values whose steps' weights may come of a stream."""
    base = case.layers(array)
    return tuple(
        step.writes
        for number, step in enumerate(base.steps)
        if streamable(step, leaves=number in base.outputs)
    )


def random_case(
    seed: int, *, drain: int = 1, tables: bool = False, windows: int = 3, small: bool = False
) -> Case:
    """Return a random network of a few blocks; the same for the same numbers.

    Parameters
    ----------
    drain
        Values that can leave an array together: all between layers are multiples of it.
    tables
        Whether values may be looked up.
    small
        With short windows.
    """
    rng = np.random.default_rng([seed, drain, tables])
    make = Maker(rng, multiple=drain, tables=tables, windows=windows)
    window = make.pick(16, 32) if small else make.pick(16, 32, 64)
    if make.pick(True, False):
        name = make.begin("spectrum", window, 1)
    else:
        elements = make.pick(window, window - 1, window - 3)
        channels = make.pick(1, 1, 2, 3)
        name = make.begin("direct", elements // channels, channels)
    if drain > 1:
        # Pools and depthwise layers keep the number of channels.
        name = make.conv(name, make.some(), 3, padding=1, stride=make.pick(1, 2))
    for _ in range(int(rng.integers(0, 4))):
        kinds = [make.plain, make.separable, make.pooled, make.pooled, make.residual,
                 make.branches, make.gated]  # fmt: skip
        if make.out(name).shape[1] >= 4:
            name = make.pick(*kinds, make.recalled)(name)
    make.end(name)
    return make.case


def small_residual(channels: int, drain: int, windows: int, length: int = 17) -> Case:
    """Return a network of residual blocks, on samples as they come."""
    make = Maker(np.random.default_rng(channels), multiple=drain, windows=windows)
    first = make.begin("direct", length, channels)
    stem = make.conv(first, 2 * drain, 3, padding=1, stride=2, relu=True)
    block = make.conv(make.same(stem, drain, relu=True), 2 * drain, 3, stem, padding=1, relu=True)
    short = make.conv(block, drain, 1, stride=2, relu=False)
    down = make.conv(block, drain, 3, stride=2, padding=1, relu=True)
    block = make.conv(down, drain, 3, short, padding=1, relu=True)
    make.dense(make.average(block, make.out(block).shape[1]), 3, last=True)
    return make.case


def small_parts(seed: int, drain: int, windows: int) -> Case:
    """Return a network that reads some channels and some positions of its values."""
    make = Maker(np.random.default_rng([seed, drain, 3]), multiple=drain, windows=windows)
    name = make.begin("direct", make.pick(11, 16, 17), drain * make.pick(1, 2, 3))
    name = make.conv(name, 3 * drain, 3, padding=1)
    both = make.concat(name, make.same(name, 2 * drain)) if make.pick(True, False) else name
    channels, length = make.out(both).shape
    begin = drain * rng_below(make, channels // drain)
    count = drain * (1 + rng_below(make, (channels - begin) // drain))
    some = make.part(both, "channels", begin, count)
    some = make.pick(make.plain, make.residual, make.pooled, make.separable)(some)
    length = make.out(some).shape[1]
    begin = rng_below(make, length)
    some = make.part(some, "positions", begin, 1 + rng_below(make, length - begin))
    if make.pick(True, False):
        some = make.part(make.dense(some, 3 * drain), "channels", drain, 2 * drain)
    make.dense(some, 3, last=True)
    return make.case


def small_normalised(seed: int, drain: int, windows: int) -> Case:
    """Return a network whose windows are normalised by themselves, one way after the other."""
    make = Maker(np.random.default_rng([seed, drain, 6]), multiple=drain, windows=windows)
    methods = list(METHODS)
    name = make.begin(methods[seed % len(methods)], make.pick(16, 21, 30), make.pick(1, 2, 3))
    name = make.conv(name, 2 * drain, 3, padding=1, stride=make.pick(1, 2))
    make.dense(make.pick(make.plain, make.residual, make.pooled)(name), 3, last=True)
    return make.case


def small_gained(seed: int, drain: int, windows: int) -> Case:
    """Return a network that reads filtered samples: the bins of its windows have gains."""
    make = Maker(np.random.default_rng([seed, drain, 12]), multiple=drain, windows=windows)
    name = make.begin("gain", make.pick(16, 32), 1)
    name = make.conv(name, 2 * drain, 3, padding=1, stride=make.pick(1, 2))
    make.dense(make.pick(make.plain, make.residual, make.pooled)(name), 3, last=True)
    return make.case


def small_reshaped(seed: int, drain: int, windows: int) -> Case:
    """Return a network that cuts its values anew: maxima over channels, rows, depth and space."""
    make = Maker(np.random.default_rng([seed, drain, 11]), multiple=drain, windows=windows)
    rows = drain * make.pick(1, 2, 3)
    name = make.begin("direct", rows * drain * make.pick(3, 4, 6), make.pick(1, 1, 2))
    if make.pick(True, False):
        name = make.reshape(name, rows)
    name = make.conv(name, drain * make.pick(2, 3, 4), 3, padding=1)
    channels, length = make.out(name).shape
    how = make.pick("attention", "attention", "depth", "space", "side by side", "recurrent")
    if how == "attention" and drain == 1:
        largest = make.max_pool(make.reshape(name, 1), channels)
        both = make.concat(largest, make.conv(name, 1, 1))
        name = make.multiply(name, make.conv(both, 1, 3, padding=1))
    elif how == "depth" and length % 2 == 0:
        name = make.reshape(name, 2 * channels)
    elif how == "side by side":
        name = make.reshape(make.concat(name, make.same(name, drain)), drain)
    elif how == "recurrent" and drain == 1:
        name = make.recurrent(name, 4, backwards=make.pick(True, False))
        name = make.reshape(name, 2)
    else:
        name = make.reshape(name, drain, apart=make.pick(True, False))
    length = make.out(name).shape[1]
    size = make.pick(*(each for each in (1, 2, 3, 4) if length % each == 0))
    name = make.max_pool(name, size, make.pick(None, None, 1)) if size > 1 else make.plain(name)
    if make.pick(True, False):
        name = make.dense(name, 4 * drain)
        name = make.plain(make.reshape(name, drain * make.pick(1, 2)))
    make.dense(name, 3, last=True)
    return make.case


def small_quadratic(seed: int, drain: int, windows: int) -> Case:
    """Return a network of quadratic or cubic neurons, convolutions and dense ones; or of gates."""
    make = Maker(np.random.default_rng([seed, drain, 12]), multiple=drain, windows=windows)
    name = make.begin("direct", make.pick(12, 18, 24), make.pick(1, 2))
    filters, kernel = make.some(), make.pick(1, 3, 4)
    how = {"stride": make.pick(1, 2), "padding": make.pick(0, 1), "dilation": make.pick(1, 1, 2)}
    name = make.pick(make.quadratic, make.polynomial)(name, filters, kernel, **how)
    if make.pick(True, False):
        name = make.max_pool(name, 2)
    if make.pick(True, False):
        name = make.bilinear(make.plain(name), make.some(), 1)
    length = make.out(name).shape[1]
    if make.pick(True, False):
        name = make.bilinear(name, make.some(), length, flat=True)
        if make.pick(True, False):
            name = make.bilinear(name, make.some(), 1, flat=True)
    make.dense(name, 3, last=True)
    return make.case


def small_scored(seed: int, drain: int, windows: int) -> Case:
    """Return an autoencoder, whose answer is how far its values are from what it reads.

    The difference is made by a convolution to which that is added, by a sum, or is a value that
    others read too; or that of a source.
    """
    make = Maker(np.random.default_rng([seed, drain, 14]), multiple=drain, windows=windows)
    length = 6 * drain * make.pick(2, 3)
    name = given = make.begin("direct", length, drain)
    name = make.conv(name, make.some(), 3, padding=1, stride=make.pick(1, 2, 3))
    how = make.pick("residual", "residual", "add", "read too", "pooled", "flat", "source")
    if make.out(name).shape[1] == length:
        back = name
    else:
        back = make.reshape(make.dense(name, drain * length), drain)
    if how == "residual":
        error = make.conv(back, drain, 3, given, padding=1, relu=False)
    elif how == "add":
        error = make.add(make.same(back, drain), given)
    elif how == "read too":
        error = make.same(back, drain)
        back = make.max_pool(make.add(error, given), 2)
        error = make.add(make.same(error, drain), error)
    elif how == "pooled":
        error = make.max_pool(make.same(back, drain, given), 2)
    elif how == "flat":
        error = make.dense(back, drain * make.pick(3, 8))
    else:
        error = given
    make.nodes = wanted(make.nodes, make.scored(error))
    return make.case


def autoencoder(seed: int, window: int) -> QuantizedModel:
    """Return a network with a score: two convolutions, and what they read added."""
    make = Maker(np.random.default_rng(seed), windows=8)
    given = make.begin("direct", window, 1)
    back = make.conv(make.conv(given, 2, 3, padding=1), 1, 3, given, padding=1, relu=False)
    make.scored(back)
    return make.case.model


def wanted(nodes: list[Node[QuantizedOp]], last: str) -> list[Node[QuantizedOp]]:
    """Return the nodes that one hangs on."""
    names, kept = {last}, []
    for node in reversed(nodes):
        if node.name in names:
            names.update(node.inputs)
            kept.append(node)
    return kept[::-1]


def small_bins(seed: int, drain: int, windows: int) -> Case:
    """Return a network on a spectrum by either transform, of bins that go up or down.

    By accumulation every second one has hardware of its own for the first convolution.
    """
    make = Maker(np.random.default_rng([seed, drain, 11]), multiple=drain, windows=windows)
    window, kind = make.pick(16, 32), make.pick("spectrum", "dft", "dft")
    low, high = make.pick(0, 1), window // 2 - make.pick(0, 1)
    ends = make.pick((low, high), (high, low))
    name = make.begin(kind, window, 1, *ends)
    alone = kind == "dft" and make.pick(True, False)
    kernel, padding = make.pick(3, 4, 5), make.pick(0, 2)
    # Few values, far apart: they leave while the next ones come.
    stride = 4 if alone else make.pick(1, 2, 3)
    name = make.conv(name, drain, kernel, stride=stride, padding=padding)
    make.dense(make.same(name, drain), 3, last=True)
    return replace(make.case, unrolled=("n1",) if alone else ())


def small_recurrent(seed: int, drain: int, windows: int, samples: int = 12) -> Case:
    """Return a network with recurrent layers: forwards, backwards, both; all positions or the last.

    Their tables are their own; values between them and others are as any.
    """
    make = Maker(np.random.default_rng([seed, drain, 5]), multiple=drain, windows=windows)
    name = make.begin("direct", samples + make.pick(0, 1), make.pick(1, 2))
    if drain > 1 or make.pick(True, False):
        name = make.conv(name, make.some(), 3, stride=make.pick(1, 2), padding=make.pick(0, 1))
    units = drain * make.pick(1, 2, 4)
    ways = make.pick((False,), (True,), (False, True))
    parts = [make.recurrent(name, units, backwards=way) for way in ways]
    name = make.concat(*parts) if len(parts) > 1 else parts[0]
    if make.pick(True, False):
        name = make.recurrent(name, units, backwards=False)
    length = make.out(name).shape[1]
    how = make.pick("last", "mean", "all", "convolution")
    if how == "last":
        name = make.part(name, "positions", length - 1, 1)
    elif how == "mean":
        name = make.average(name, length)
    elif how == "convolution":
        name = make.same(name, make.some())
    make.dense(name, 3, last=True)
    return make.case


def recurrent_array(case: Case, drain: int) -> Array:
    """Return an array whose lanes divide the units of all recurrent layers, the widest of a few."""
    units = min(node.op.units for node in case.model.graph.nodes if hasattr(node.op, "units"))
    lanes = next(each for each in (4, 2, 1) if units % (each * drain) == 0) * drain
    return Array(2 * drain, lanes, drain)


def rng_below(make: Maker, most: int) -> int:
    """Return a number from 0 to below `most`."""
    return int(make.rng.integers(most))


def small_mixed(seed: int, drain: int, windows: int) -> Case:
    """Return a network on samples, the first layers of which have hardware of their own.

    They are a convolution, every second time with its pooling, of all kinds of strides, kernels,
    paddings and dilations; behind it are layers of one path or two.
    """
    while True:
        rng = np.random.default_rng([seed, drain])
        seed += 1000
        make = Maker(rng, multiple=drain, windows=windows)
        stride, kernel = make.pick(1, 2, 3, 4, 8), int(rng.integers(1, 9))
        dilation = make.pick(1, 1, 2)
        reach = dilation * (kernel - 1) + 1
        if make.pick(True, False):
            name = make.begin("direct", stride * (reach // stride + int(rng.integers(2, 13))), 1)
        else:
            name = make.begin("dft", 2 ** int(rng.integers(5, 7)), 1)
        padding = int(rng.integers(0, reach))
        sides = {"padding": padding, "padding_right": make.pick(None, int(rng.integers(0, reach)))}
        filters = drain * make.pick(1, 2, 3)
        name = make.conv(name, filters, kernel, stride=stride, dilation=dilation, **sides)
        unrolled = [name]
        size = make.pick(1, 2, 3)
        if size > 1 and make.out(name).shape[1] >= size:
            name = make.max_pool(name, size)
            unrolled.append(name)
        if make.pick(True, False):
            name = make.conv(name, drain * make.pick(1, 2), 1, relu=True)
        else:
            name = make.residual(name)
        make.end(name)
        case = replace(make.case, unrolled=tuple(unrolled))
        try:
            case.plan(Array(drain, drain, drain))
        except CannotMeetError:
            continue
        return case


def with_values(case: Case, seed: int, drain: int = 1) -> Case:
    """Return a network some of whose inner values leave too; every third one's logits do not.

    Among them are what the source gives, and values side by side, which no step makes.
    """
    rng = np.random.default_rng([seed, 7])
    graph = case.model.graph
    *inner, end = graph.nodes
    names = [node.name for node in inner if node.op.output.shape[0] % drain == 0]
    chosen = set(rng.choice(names, min(len(names), int(rng.integers(1, 4))), replace=False))
    if seed % 3 or len(inner) == 1:
        outputs = [Output(end.name), *(Output(str(name), "values") for name in sorted(chosen))]
        rng.shuffle(outputs)
        nodes, classes = graph.nodes, case.model.classes
    else:
        chosen |= {node.name for node in inner if graph.readers(node.name) == (end,)}
        outputs = [Output(str(name), "values") for name in sorted(chosen)]
        nodes, classes = tuple(inner), ()
    sizes = {node.name: node.op.output.shape for node in nodes}
    while sum(math.prod(sizes[o.source]) for o in outputs if o.kind == "values") > MOST_NUMBERS:
        outputs.remove(next(o for o in outputs if graph.readers(o.source)))
    made = Graph(graph.inputs, nodes, tuple(outputs))
    return replace(case, model=replace(case.model, graph=made, classes=classes))


def row_of(value: Integers) -> Integers:
    """Return a window's numbers position by position, the channels of one side by side."""
    return value.T.ravel() if value.ndim == 2 else value


def exact_sums(graph: Graph[QuantizedOp], values: Mapping[str, Integers], step: Step) -> Integers:
    """Return a step's sums with their biases of the first window, ``(whole sums, outputs)``.

    By the golden model; `values` are those of all nodes, ``(n, *shape)``.
    """
    node = graph[step.name]
    given = [values[name][:1] for name in node.inputs]
    if isinstance(node.op, QuantizedMaxPool1d):  # its sums are the values that it takes most of
        zeros = ((node.op.padding, node.op.padding + node.op.size), (0, 0))
        return np.pad(given[0][0].T, zeros)[step.where]
    if isinstance(node.op, QuantizedMultiply):  # its sums are the factors, in turns
        wide = [np.broadcast_to(each[0].reshape(node.op.beside(each[0].shape)), node.op.shape)
                for each in given]  # fmt: skip
        words = [each.T.reshape(step.positions, -1, step.array.drain) for each in wide]
        return np.stack(words, axis=2).reshape(step.positions, -1)
    exact = golden.accumulate(node.op, *given)[0].T.reshape(-1, step.outputs)
    return exact if step.post.summed else exact[step.where]


def unchecked(plan: SharedPlan, **changes: Any) -> SharedPlan:
    """Return a plan with other fields that no rule has seen."""
    spoilt = copy.copy(plan)
    for name, value in changes.items():
        object.__setattr__(spoilt, name, value)
    return spoilt


def random_array(rng: np.random.Generator, drain: int = 1) -> Array:
    """Return a small array."""
    rows, lanes = (drain * int(rng.integers(1, 8 // drain + 1)) for _ in range(2))
    return Array(rows, lanes, drain)


def cases(seeds: Iterable[int], **how: Any) -> Iterator[tuple[int, Case, Array]]:
    """Yield seeds, networks and arrays: some with tables, some that many values leave at once."""
    for seed in seeds:
        drain = (1, 1, 2, 4)[seed % 4]
        case = random_case(seed, drain=drain, tables=seed % 3 == 0, **how)
        yield seed, case, random_array(np.random.default_rng(seed), drain)
