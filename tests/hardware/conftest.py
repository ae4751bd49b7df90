"""Stimulus and read-back, so that a test reads ``assert rtl(x) == ref(x)``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import ClockDomain, Elaboratable, Module
from amaranth.lib import data
from amaranth.sim import Simulator

from hwgen.fixedpoint import Format, Integers
from hwgen.hardware.memory import BlockRam
from hwgen.quantized.conv1d import QuantizedConv1d
from hwgen.quantized.dense import QuantizedDense
from hwgen.quantized.maxpool1d import QuantizedMaxPool1d
from hwgen.quantized.op import QuantizedOp


def port(component: Any, path: str) -> Any:
    """Return a port by its dotted path, such as ``"i.valid"``."""
    for part in path.split("."):
        component = getattr(component, part)
    return component


def plain(value: Any) -> Any:
    """Return an integer, list or dict instead of an Amaranth constant."""
    if not isinstance(value, data.Const):
        return int(value)
    layout = value.shape()
    if isinstance(layout, data.ArrayLayout):
        return [plain(value[index]) for index in range(layout.length)]
    return {name: plain(value[name]) for name in layout.members}


def bench(top: Elaboratable, process: Callable) -> None:
    """Run one test bench; ``process(ctx, reset)`` is called once."""
    m = Module()
    m.domains.sync = domain = ClockDomain()
    m.submodules.top = top
    simulator = Simulator(m)
    simulator.add_clock(1e-8)

    async def run(ctx):
        await process(ctx, domain.rst)

    simulator.add_testbench(run)
    simulator.run()


def play_inputs(
    dut: Any,
    inputs: Mapping[str, Sequence[Any]],
    watch: Iterable[str],
    *,
    cycles: int | None = None,
    top: Elaboratable | None = None,
    reset: Iterable[int] = (),
) -> dict[str, list[Any]]:
    """Give each input its value of each cycle and return what each watched port held in each.

    An input without further values keeps the last one. Without `cycles` it is as long as the
    longest input. In the cycles of `reset` the reset is high.
    """
    length = cycles or max(len(values) for values in inputs.values())
    traces: dict[str, list[Any]] = {name: [] for name in watch}
    resets = set(reset)

    async def process(ctx, rst):
        for cycle in range(length):
            for name, values in inputs.items():
                if cycle < len(values) and (cycle == 0 or values[cycle] != values[cycle - 1]):
                    ctx.set(port(dut, name), values[cycle])
            if resets:
                ctx.set(rst, cycle in resets)
            for name, trace in traces.items():
                trace.append(plain(ctx.get(port(dut, name))))
            await ctx.tick()

    bench(top or dut, process)
    return traces


def beside_memory(component: Any, words: Sequence[int], width: int, address: str, value: str):
    """Return a module in which a read port of `component` sees a memory that holds `words`."""
    m = Module()
    m.submodules.dut = component
    m.submodules.ram = ram = BlockRam(width, len(words), list(words))
    m.d.comb += [
        ram.read_address.eq(port(component, address)),
        port(component, value).eq(ram.read_data),
    ]
    return m


@pytest.fixture(scope="session")
def play() -> Callable[..., dict[str, list[Any]]]:
    """Return `play_inputs`."""
    return play_inputs


@pytest.fixture(scope="session")
def with_memory() -> Callable[..., Module]:
    """Return `beside_memory`."""
    return beside_memory


def packed_row(values: Iterable[int], lanes: int, padding: int, width: int) -> list[int]:
    """Return the words of a padded row: element q is lane q % lanes of word q // lanes."""
    words: dict[int, int] = {}
    for index, value in enumerate(values):
        word, lane = divmod(padding + index, lanes)
        words[word] = words.get(word, 0) | (int(value) & ((1 << width) - 1)) << (lane * width)
    return [words.get(word, 0) for word in range(max(words) + 1)]


@pytest.fixture(scope="session")
def pack() -> Callable[..., list[int]]:
    """Return `packed_row`."""
    return packed_row


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

    def features(self, count: int) -> Integers:
        """Return random inputs ``(count, 1, length)``, the first all at the format's end."""
        drawn = self.rng.integers(self.feature.min, self.feature.max + 1, (count, 1, self.length))
        drawn[0] = self.feature.max
        return drawn


@pytest.fixture(scope="session")
def make_chain() -> Callable[..., Chain]:
    """Return random integer layers: ``make_chain(seed, length).conv(...).pool(...).dense(...)``."""
    return lambda seed, length: Chain(np.random.default_rng(seed), length)
