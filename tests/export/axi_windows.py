"""Windows through the exported AXI core, with random pauses on every channel: run by cocotb.

Knows nothing of hwgen: it reads the vectors and the register map of the exported folder, beside
``job.json``.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import random
from pathlib import Path
from types import ModuleType
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge, with_timeout
from cocotbext.axi import (
    AxiLiteBus,
    AxiLiteMaster,
    AxiResp,
    AxiStreamBus,
    AxiStreamFrame,
    AxiStreamSink,
    AxiStreamSource,
)

JOB = json.loads(Path("job.json").read_text())
FOLDER, MODULE = Path(JOB["folder"]), JOB["module"]


def loaded_map() -> ModuleType:
    """Return the exported Python module with the register map."""
    spec = importlib.util.spec_from_file_location("map", FOLDER / f"{MODULE}_registers.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAP = loaded_map()


def windows() -> list[list[int]]:
    """Return the samples of all windows, as unsigned words."""
    words = [int(line, 16) for line in (FOLDER / "samples.hex").read_text().split()]
    length = MAP.WINDOW
    return [words[first : first + length] for first in range(0, len(words), length)]


def answers() -> list[list[int]]:
    """Return the numbers of every answer: class, logits; then values."""
    found: list[list[int]] = [[] for _ in windows()]
    for row, word in zip(found, hexadecimal("expected.hex"), strict=False):
        for width, sign in JOB["fields"]:
            value = word & ((1 << width) - 1)
            row.append(signed(value, width) if sign else value)
            word >>= width  # noqa: PLW2901 -- what is left of it
    values = [signed(word, JOB["value_bits"]) for word in hexadecimal("values.hex")]
    each = len(values) // len(found)
    return [row + values[at * each : (at + 1) * each] for at, row in enumerate(found)]


def hexadecimal(name: str) -> list[int]:
    """Return the words of an exported file; none where there is no such file."""
    path = FOLDER / name
    return [int(line, 16) for line in path.read_text().split()] if path.is_file() else []


def signed(word: int, width: int) -> int:
    """Return a word in two's complement as a number."""
    return word - (word >> (width - 1)) * (1 << width)


class Unframed(AxiStreamBus):
    """An input stream whose TLAST the bench leaves low."""

    _optional_signals = ("tvalid", "tready")


class Bench:
    """A running design with both streams and the bus."""

    def __init__(self, dut: Any, seed: int, bus: type[AxiStreamBus] = AxiStreamBus) -> None:
        self.dut, self.rng = dut, random.Random(seed)
        # An edge at time 0 would find wires that have no value yet.
        cocotb.start_soon(Clock(dut.aclk, 10, "ns").start(start_high=False))
        reset = {"clock": dut.aclk, "reset": dut.aresetn, "reset_active_level": False}
        self.source = AxiStreamSource(bus.from_prefix(dut, "s_axis"), **reset)
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), **reset)
        self.lite = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axi"), **reset)
        self.bytes = len(dut.s_axis_tdata) // 8
        dut.s_axis_tlast.value = 0
        dut.s_axi_awprot.value = dut.s_axi_arprot.value = 0

    def pause_all(self) -> None:
        """Let every channel pause at random."""
        write, read = self.lite.write_if, self.lite.read_if
        channels = [write.aw_channel, write.w_channel, write.b_channel, read.ar_channel,
                    read.r_channel, self.source, self.sink]  # fmt: skip
        for channel in channels:
            pattern = [self.rng.random() < 0.5 for _ in range(997)]
            channel.set_pause_generator(itertools.cycle(pattern))

    async def reset(self) -> None:
        self.dut.aresetn.value = 0
        for _ in range(5):
            await RisingEdge(self.dut.aclk)
        self.dut.aresetn.value = 1
        await RisingEdge(self.dut.aclk)

    async def send(self, samples: list[int]) -> None:
        """Offer samples as a packet."""
        data = b"".join(sample.to_bytes(self.bytes, "little") for sample in samples)
        await self.source.send(AxiStreamFrame(data))

    async def result(self) -> list[int]:
        """Return the numbers of the next packet."""
        frame = await with_timeout(self.sink.recv(), JOB["patience"], "ns")
        words = [frame.tdata[n : n + 4] for n in range(0, len(frame.tdata), 4)]
        assert len(words) == MAP.RESULT_WORDS
        return MAP.unpack(b"".join(bytes(word) for word in words))

    async def read(self, name: str) -> int:
        answer = await self.lite.read(MAP.ADDRESS[name], 4)
        assert answer.resp == AxiResp.OKAY
        return int.from_bytes(answer.data, "little")

    async def write(self, name: str, value: int) -> AxiResp:
        data = value.to_bytes(4, "little")
        return (await self.lite.write(MAP.ADDRESS[name], data)).resp

    async def counters(self) -> dict[str, int]:
        return {name: await self.read(name) for name in ("SAMPLES", "RESULTS", "GIVEN_UP")}


async def compare(bench: Bench, expected: list[list[int]]) -> None:
    for number, row in enumerate(expected):
        *answer, cycles = await bench.result()
        assert answer == row, f"window {number}"
        assert cycles >= JOB["latency"]


@cocotb.test()
async def windows_are_answered_with_pauses(dut: Any) -> None:
    """Every window's answer, while registers are read and all channels pause."""
    bench = Bench(dut, JOB["seed"])
    await bench.reset()
    bench.pause_all()
    given, expected = windows(), answers()
    assert len(given) == len(expected) > 0
    for window in given:
        await bench.send(window)
    comparing = cocotb.start_soon(compare(bench, expected))
    reads = 0
    while not comparing.done():
        assert await bench.read("ID") == MAP.ID
        reads += 1
    await comparing
    assert reads > 10
    count = len(given)
    assert await bench.counters() == {
        "SAMPLES": count * MAP.WINDOW, "RESULTS": count, "GIVEN_UP": 0,
    }  # fmt: skip
    assert await bench.read("STATUS") == 0


@cocotb.test()
async def many_windows_in_a_packet(dut: Any) -> None:
    """A packet may hold several windows, or never end: its TLAST changes nothing."""
    for bus in (AxiStreamBus, Unframed):
        bench = Bench(dut, JOB["seed"] + 1, bus)
        await bench.reset()
        await bench.send([sample for window in windows()[:4] for sample in window])
        await compare(bench, answers()[:4])
        assert (await bench.counters())["GIVEN_UP"] == 0


@cocotb.test()
async def a_short_packet_is_given_up(dut: Any) -> None:
    """A TLAST in the middle of a window: no result, and the next window is whole."""
    bench = Bench(dut, JOB["seed"] + 2)
    await bench.reset()
    bench.pause_all()
    first, second, third = windows()[:3]
    await bench.send(first[: MAP.WINDOW - 1])
    await bench.send(second)
    await bench.send(third[:1])
    await bench.send(third)
    await compare(bench, answers()[1:3])
    assert (await bench.counters())["GIVEN_UP"] == 2
    assert bench.sink.empty()


@cocotb.test()
async def abandon_gives_up_what_came_last(dut: Any) -> None:
    """ABANDON in mid-window, at every kind of place; what comes next is whole."""
    bench = Bench(dut, JOB["seed"] + 3, Unframed)
    await bench.reset()
    bench.pause_all()
    given, expected = windows(), answers()
    for count, place in enumerate((1, 2, MAP.WINDOW // 2, MAP.WINDOW - 1), 1):
        before = await bench.read("SAMPLES")
        await bench.send(given[0][:place])
        while await bench.read("SAMPLES") - before < place:
            pass
        assert await bench.read("STATUS") == MAP.STATUS_BUSY
        assert await bench.write("CONTROL", MAP.CONTROL_ABANDON) == AxiResp.OKAY
        assert await bench.read("STATUS") == 0
        await bench.send(given[1])
        await compare(bench, expected[1:2])
        assert await bench.read("GIVEN_UP") == count
    assert bench.sink.empty()


@cocotb.test()
async def the_map_reads_what_it_says(dut: Any) -> None:
    """Constants, digest, clearing, and errors where nothing is."""
    bench = Bench(dut, JOB["seed"] + 4)
    await bench.reset()
    bench.pause_all()
    for name, value in MAP.RESET.items():
        assert await bench.read(name) == value, name
    assert "".join(f"{MAP.RESET[f'DIGEST_{n}']:08x}" for n in range(8)) == JOB["digest"]
    assert await bench.write("ID", 1) == AxiResp.SLVERR
    assert await bench.write("SAMPLES", 1) == AxiResp.SLVERR
    free = max(MAP.ADDRESS.values()) + 4
    assert (await bench.lite.read(free, 4)).resp == AxiResp.SLVERR
    assert (await bench.lite.write(free, bytes(4))).resp == AxiResp.SLVERR
    await bench.send(windows()[0])
    await compare(bench, answers()[:1])
    assert await bench.read("CYCLES") >= JOB["latency"]
    # A strobe without the lowest byte orders nothing.
    await bench.lite.write(MAP.ADDRESS["CONTROL"] + 1, b"\x02")
    assert await bench.read("RESULTS") == 1
    await bench.write("CONTROL", MAP.CONTROL_CLEAR)
    for name in ("SAMPLES", "RESULTS", "GIVEN_UP", "CYCLES"):
        assert await bench.read(name) == 0


@cocotb.test()
async def a_reset_in_mid_window_leaves_nothing(dut: Any) -> None:
    """ARESETN while a window is in the core, then another one."""
    bench = Bench(dut, JOB["seed"] + 5)
    await bench.reset()
    await bench.send(windows()[0][:7])
    for _ in range(20):
        await RisingEdge(dut.aclk)
    await bench.reset()
    await bench.send(windows()[1])
    await compare(bench, answers()[1:2])
    assert await bench.read("SAMPLES") == MAP.WINDOW


@cocotb.test(skip=not JOB["scored"])
async def a_threshold_counts_from_its_write_on(dut: Any) -> None:
    """Another threshold: answers hold it, and classes follow it, byte by byte."""
    bench = Bench(dut, JOB["seed"] + 6)
    await bench.reset()
    bench.pause_all()
    given, expected = windows(), answers()
    scores = sorted(row[2] for row in expected)
    middle = scores[len(scores) // 2]
    for n in range(4):  # one byte at a time
        byte = bytes([middle >> (8 * n) & 0xFF])
        await bench.lite.write(MAP.ADDRESS["THRESHOLD"] + n, byte)
    assert await bench.read("THRESHOLD") == middle
    for window in given:
        await bench.send(window)
    await compare(bench, [[int(row[2] > middle), middle, *row[2:]] for row in expected])
    # The core's own outlives a reset, and so does what the register reads.
    await bench.reset()
    assert await bench.read("THRESHOLD") == middle
    assert await bench.write("THRESHOLD", expected[0][1]) == AxiResp.OKAY
    await bench.send(given[0])
    await compare(bench, expected[:1])
