"""Other generators on the same work, run here; what others publish is in published.toml."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from amaranth.back import rtlil
from place import FOLDER, HERE
from store import Part, Row, basis_of
from subject import Subject

from hwgen import files, tools
from hwgen.errors import ToolError
from hwgen.fixedpoint import Integers
from hwgen.hardware.unrolled.constant_matrix import ConstantMatrix
from hwgen.network import Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.plans.constants.adder_graph import Span
from hwgen.plans.constants.subexpressions import share
from hwgen.synth import cell_counts, netlist
from hwgen.synth.netlist import STATISTICS
from hwgen.targets import find

TOOLCHAIN = find("ecp5").toolchain

PLACE = FOLDER / "peers"
GENERATORS = HERE / "generators"
RELEASES = {"da4ml": "0.6.0", "alkaid": "0.8.2", "nngen": "1.3.4"}
LIMIT = 900
"""Seconds that one tool may take for one peer, unless told otherwise."""
INPUT_BITS = 12
"""Of the matrix's features, as in the scripts of GENERATORS."""
WEIGHT_BITS = (6, 8)
FILTERS_AT_ONCE = (1, 4)
_VERILATOR = [
    *("--binary", "--timing", "-O1", "--x-initial", "0", "--output-split", "20000"),
    *("-Wno-fatal", "-Wno-lint", "-Wno-style", "--timescale", "1ns/1ns", "--top-module", "test"),
    # The wheel was configured without knowing how GCC takes coroutines and precompiled headers.
    *("-CFLAGS", "-std=gnu++20 -fcoroutines"),
    *("-MAKEFLAGS", "OPT_FAST=-O1 OPT_SLOW=-O0 CFG_CXXFLAGS_PCH_I=-include", "-j", "2"),
]


class PeerError(Exception):
    """A peer that could not be installed or run: told in its row."""


def scaled(weight: Any, bits: int) -> Integers:
    """Return weights as integers of `bits` bits, each first index with a scale of its own."""
    most = np.abs(weight).reshape(len(weight), -1).max(axis=1)
    factor = ((1 << (bits - 1)) - 1) / np.where(most > 0, most, 1)
    rounded = np.rint(weight * factor.reshape(-1, *[1] * (weight.ndim - 1)))
    return rounded.astype(np.int64)


def layers(network: Network) -> tuple[Conv1d, MaxPool1d, Dense]:
    """Return the published layers behind the spectrum."""
    _, conv, pool, dense = network.layers
    if not (isinstance(conv, Conv1d) and isinstance(pool, MaxPool1d) and isinstance(dense, Dense)):
        raise TypeError(f"the peers get the published layers, not {network.name}'s")
    return conv, pool, dense


def matrix_of(network: Network, bits: int) -> Integers:
    """Return what a word of as many features as the stride adds to the positions that see it.

    Returns
    -------
    ``(stride, filters * kernel / stride)``: a word takes part in so many positions of each filter.
    """
    conv, _, _ = layers(network)
    weight = scaled(conv.weight[:, 0], bits)
    return weight.reshape(-1, conv.stride).T


def python_of(peer: str) -> Path:
    """Return the interpreter of a peer's own environment; make it first where it is not there."""
    folder = PLACE / f"venv-{peer}"
    python, stamp = folder / "bin" / "python", folder / f"{peer}-{RELEASES[peer]}"
    if not stamp.exists():
        _call([sys.executable, "-m", "venv", "--clear", str(folder)], f"no environment for {peer}")
        _call(
            [str(python), "-m", "pip", "install", "--quiet", f"{peer}=={RELEASES[peer]}"],
            "did not install",
        )
        stamp.touch()
    return python


def _call(command: list[str], failure: str) -> str:
    """Return what a command prints; its last words where it fails."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise PeerError(f"{failure}: {reason(done.stdout + done.stderr)}")
    return done.stdout


def reason(text: str) -> str:
    """Return the last line that says what went wrong, without addresses and paths."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    line = (errors or lines or ["no output"])[-1]
    return re.sub(r"(\w+:/)?/[^\s,;]*", "...", line)[:200]


def synthesised(verilog: list[str], top: str, folder: Path, limit: float) -> Row:
    """Return the cells that Yosys makes of Verilog files in `folder` for an ECP5."""
    names = " ".join(verilog)
    script = (
        f"read_verilog {names}; {TOOLCHAIN.synthesis} -top {top}; tee -q -o stat.json stat -json"
    )
    try:
        tools.run([*tools.find("yosys"), "-q", "-p", script], folder, folder / "yosys.log",
                  what="synthesis (Yosys)", timeout=limit)  # fmt: skip
    except ToolError as error:
        raise PeerError(reason(str(error).partition("; log:")[0])) from error
    return cell_counts(folder / "stat.json", TOOLCHAIN).to_json()


def generated(peer: str, bits: int, network: Network, limit: float) -> Row:
    """Return the cells of the convolution's constant matrix by da4ml or alkaid."""
    python, folder = python_of(peer), PLACE / f"{peer}-{bits}"
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "matrix.npy", matrix_of(network, bits))
    script = GENERATORS / f"{peer}_matrix.py"
    words = [str(python), str(script), str(folder / "matrix.npy"), str(folder)]
    told = json.loads(_call(words, "failed").splitlines()[-1])
    source = folder / "src"
    parts = [*source.glob("matrix*.v"), *source.glob("logic*.v"), *source.glob("static/*.v")]
    # A look-up table without a table is an error to Yosys, and none is used.
    names = [str(path.relative_to(source)) for path in parts
             if path.name not in ("matrix_wrapper.v", "lookup_table.v")]  # fmt: skip
    return told | synthesised(sorted(names), "matrix", source, limit)


def own(bits: int, network: Network) -> Row:
    """Return the same of hwgen's own constant matrix."""
    graph = share(matrix_of(network, bits).T, Span(0, (1 << INPUT_BITS) - 1))
    folder = PLACE / f"hwgen-{bits}"
    source = folder / "matrix.il"
    files.write_text(source, rtlil.convert(ConstantMatrix(graph), name="matrix", emit_src=False))
    netlist(source, folder, TOOLCHAIN, top="matrix")
    cells = cell_counts(folder / STATISTICS, TOOLCHAIN).to_json()
    return cells | {"version": "this", "stages": graph.latency, "own_estimate": graph.size}


def nngen(filters_at_once: int, network: Network, limit: float) -> Row:
    """Return the cycles and cells of NNgen's convolution, pooling and dense layer."""
    python, folder = python_of("nngen"), PLACE / f"nngen-{filters_at_once}"
    folder.mkdir(parents=True, exist_ok=True)
    conv, pool, dense = layers(network)
    np.savez(
        folder / "weights.npz", features=network.input_samples // 2, stride=conv.stride,
        padding=conv.padding, pool=pool.size, conv_weight=scaled(conv.weight, 8),
        conv_bias=np.zeros(len(conv.bias), int), dense_weight=scaled(dense.weight, 8),
        dense_bias=np.zeros(len(dense.bias), int),
    )  # fmt: skip
    script = GENERATORS / "nngen_network.py"
    words = [str(python), str(script), str(folder / "weights.npz"), str(folder)]
    told = json.loads(_call([*words, str(filters_at_once)], "failed").splitlines()[-1])
    row = {"version": told["version"], "cycles": simulated(folder, told["expected"], limit)}
    try:
        return row | synthesised(["network.v"], "network", folder, limit)
    except PeerError as error:
        return row | {"unfinished": str(error)}


def simulated(folder: Path, expected: list[int], limit: float) -> int:
    """Return the cycles of NNgen's test bench.

    Raises
    ------
    PeerError
        If it does not give the logits that NNgen's own evaluation gives.
    """
    command = [*tools.find("verilator"), *_VERILATOR, "-Mdir", "simulation", "test.v"]
    try:
        tools.run(command, folder, folder / "verilator.log",
                  what="compilation (Verilator)", timeout=limit)  # fmt: skip
        tools.run([str(folder / "simulation" / "Vtest")], folder, folder / "simulation.log",
                  what="simulation", timeout=limit)  # fmt: skip
    except ToolError as error:
        raise PeerError(reason(str(error).partition("; log:")[0])) from error
    told = files.read_text(folder / "simulation.log")
    logits = [int(value) for value in re.findall(r"^logit\s+(-?\d+)", told, re.MULTILINE)]
    if logits != expected:
        raise PeerError(f"gives logits {logits}, not {expected}")
    found = re.search(r"^cycles\s+(\d+)", told, re.MULTILINE)
    assert found
    return int(found[1])


def attempted(work: Callable[[], Row]) -> Row:
    """Return what `work` gives, or why it gives nothing."""
    try:
        return work()
    except PeerError as error:
        return {"failed": str(error)}


def part(subject: Subject, limit: float = LIMIT) -> Part:
    """Return the peers that are run here, each tool for at most `limit` seconds."""
    items: dict[str, Callable[[], Row]] = {}
    for bits in WEIGHT_BITS:
        for peer in ("da4ml", "alkaid"):
            items[f"{peer}-{bits}"] = lambda peer=peer, bits=bits: attempted(
                lambda: generated(peer, bits, subject.network(), limit)
            )
        items[f"hwgen-{bits}"] = lambda bits=bits: own(bits, subject.network())
    for count in FILTERS_AT_ONCE:
        items[f"nngen-{count}"] = lambda count=count: attempted(
            lambda: nngen(count, subject.network(), limit)
        )
    sources = [Path(__file__), *sorted(GENERATORS.glob("*.py")),
               *(Path(sys.modules[each.__module__].__file__ or "")
                 for each in (share, ConstantMatrix, Span))]  # fmt: skip
    versions = [tools.version("yosys"), tools.version("verilator")]
    return Part(
        "peers", items, basis_of(subject.digest, str(RELEASES), *versions, sources=sources), show
    )


def described(name: str) -> str:
    """Return what an item is."""
    peer, _, number = name.partition("-")
    if peer == "nngen":
        return f"conv + pool + dense, int16 x int8, {number} of the filters at once"
    return f"conv as a constant matrix, {number}-bit weights, {INPUT_BITS}-bit features"


def show(rows: dict[str, Row]) -> list[str]:
    """Return the table."""
    lines = [
        "| peer | what | cycles | LUT4 | FF | DSP | EBR | how |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in rows.items():
        peer = name.partition("-")[0]
        if "failed" in row:
            lines.append(f"| {peer} {RELEASES.get(peer, '')} | {described(name)} "
                         f"| | | | | | {row['failed']} |")  # fmt: skip
            continue
        cycles = f"{row['stages']} stages, one every cycle" if "stages" in row else row["cycles"]
        cells = [f"{row[kind]:,}" if kind in row else "" for kind in ("lut4", "ff", "dsp", "ebr")]
        how = ["Yosys"] if "lut4" in row else [row["unfinished"]]
        if "cycles" in row:
            how.append("cycles: Verilator, logits equal to its own evaluation")
        if "own_estimate" in row:
            how.append(f"its own estimate {row['own_estimate']:,.0f} LUT")
        title = "hwgen" if peer == "hwgen" else f"{peer} {row['version']}"
        texts = [title, described(name), str(cycles), *cells, "; ".join(how)]
        lines.append(f"| {' | '.join(texts)} |")
    return lines
