"""What `make networks` runs: random networks in Verilator against the golden model.

Shapes, widths, transforms, arrays, hops and windows are drawn from a seed, network by network,
until so many windows were compared, class and every logit: 100,000 unless told otherwise. Each
network is one line, with the seed that makes it again (``--only SEED``); with ``--json FILE`` the
outcome is kept. With ``--netlist`` it is not the generated Verilog that runs but the netlist that
Yosys makes of it. Exit code 1 if anything differs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.boards import find_board
from hwgen.calibration import calibrate
from hwgen.errors import HwgenError, MismatchError
from hwgen.hardware.accelerator.generator import generate
from hwgen.hardware.emit import write_verilog
from hwgen.network import Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.spectrum import Spectrum
from hwgen.plans import arrays
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import Precision, QuantizedModel
from hwgen.quantized.magnitude import MAGNITUDES
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task
from hwgen.synth.check import check_netlist
from hwgen.verify import affordable, corner_windows, verify

MODULE = "hwgen_core"
_MOST_WINDOWS = 10_000
"""Of one network."""
_CYCLES = 12_000_000
"""Of one network's simulation, about."""
_NETLIST_CYCLES = 40_000
"""Of one netlist's: a thousand times as slow."""


@dataclass(frozen=True)
class Drawn:
    """A network, its design and its windows in ADC steps."""

    model: QuantizedModel
    design: Design
    windows: np.ndarray

    def __str__(self) -> str:
        bits, design = self.model.bits, self.design
        layers = " ".join(op.op for op in self.model.ops[1:])
        if design.array is None:
            how = f"unrolled {design.lanes} x {design.values}"
        else:
            how = f"array {design.array.rows} x {design.array.lanes}, {design.dsp} DSP"
        return (
            f"{bits.transform} of {self.model.input_samples}, {layers}, adc {bits.adc}, feature "
            f"{bits.feature}, weights {bits.conv_weight}/{bits.dense_weight}, activation "
            f"{bits.activation}, {how}" + (f", hop {design.hop}" if design.hop else "")
        )


def network(rng: np.random.Generator) -> Network:
    """Return a float network of random shape and weights."""
    window = int(2 ** rng.integers(6, 11))
    layers: list[Any] = [Spectrum("spectrum", window)]
    channels, length = 1, window // 2
    for number in range(1, int(rng.integers(1, 3)) + 1):
        kernel = int(rng.integers(1, min(33, length)))
        stride, filters = int(rng.integers(1, 9)), int(rng.integers(1, 7))
        padding = int(rng.integers(0, kernel))
        weight = rng.normal(size=(filters, channels, kernel)) * np.exp(
            rng.normal(0, 1, (filters, 1, 1))
        )
        layers.append(Conv1d(f"conv{number}", weight, rng.normal(size=filters), stride, padding))
        channels, length = filters, (length + 2 * padding - kernel) // stride + 1
        pool = int(rng.integers(1, min(5, length + 1)))
        layers.append(MaxPool1d(f"pool{number}", pool))
        length //= pool
    inputs = channels * length
    for number in range(1, int(rng.integers(1, 3)) + 1):
        last = number == 2 or rng.random() < 0.6
        outputs = int(rng.integers(2, 13))
        weight = rng.normal(size=(outputs, inputs)) * np.exp(rng.normal(0, 1, (outputs, 1)))
        layers.append(Dense(f"fc{number}", weight, rng.normal(size=outputs), relu=not last))
        inputs = outputs
        if last:
            break
    else:
        layers.append(Dense("last", rng.normal(size=(3, inputs)), np.zeros(3)))
    return Network.chain("random", window, tuple(layers))


def widths(rng: np.random.Generator) -> Precision:
    """Return random widths and methods."""
    transform = str(rng.choice(["fft", "dft"]))
    return Precision(
        adc=int(rng.integers(6, 17)),
        data=int(rng.integers(14, 19)),
        twiddle=int(rng.integers(10, 19)),
        feature=int(rng.integers(3, 13)),
        conv_weight=int(rng.integers(2, 11)),
        activation=int(rng.integers(3, 13)),
        dense_weight=int(rng.integers(2, 11)),
        magnitude=str(rng.choice(sorted(MAGNITUDES))),
        full_scale=float(np.exp2(rng.integers(-2, 6))),
        transform=transform,
    )


def design(model: QuantizedModel, rng: np.random.Generator) -> Design:
    """Return a random design point that the network can use."""
    window, hop = model.input_samples, None
    if model.bits.transform == "dft" and rng.random() < 0.5:
        hop = int(rng.integers(1, window + 1))
    convs = [op for op in model.ops if op.op == "conv1d"]
    one = len(convs) == 1 and model.ops[-2].op != "dense"
    if model.bits.transform == "dft" and one and rng.random() < 0.7:
        lanes = convs[0].stride * int(rng.integers(1, 3))  # of what unrolled layers can be
        return Design(None, 3, lanes, int(rng.integers(1, 5)), hop)
    parallel = int(rng.integers(1, min(25, arrays.useful(model)) + 1))
    shapes = list(arrays.shapes(parallel))
    array: Array = shapes[int(rng.integers(len(shapes)))]
    return Design(array, int(rng.integers(0, parallel + 1)), hop=hop)


def samples(model: QuantizedModel, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return random windows: noise, tones, impulses and full-scale squares of every level."""
    window, bits = model.input_samples, model.bits
    level = bits.full_scale * np.exp2(rng.uniform(-bits.adc, 1.5, (count, 1)))
    x = rng.normal(size=(count, window))
    phase = rng.uniform(0, 2 * np.pi, (count, 1))
    tone = np.sin(2 * np.pi * rng.uniform(0, 0.5, (count, 1)) * np.arange(window) + phase)
    kind = rng.integers(4, size=(count, 1))
    x = np.select([kind == 1, kind == 2, kind == 3], [tone, np.sign(tone), x**5], x)
    return digitise(x * level, bits)


def draw(seed: int, most: int) -> Drawn:
    """Return the network of a seed, with at most so many windows.

    Raises
    ------
    HwgenError, ValueError
        If what was drawn is no network or no design; the next seed may be one.
    """
    rng = np.random.default_rng(seed)
    floats, bits = network(rng), widths(rng)
    x = rng.normal(size=(64, floats.input_samples)) * np.exp(rng.uniform(-2, 1, (64, 1)))
    x *= bits.full_scale / 8
    names = tuple(f"class {number}" for number in range(floats.logits))
    model = calibrate(floats, x, bits, task=Task(names)).model
    return Drawn(model, design(model, rng), samples(model, most, rng))


def run(drawn: Drawn, most: int, *, netlist: bool = False) -> int:
    """Compare windows in Verilator; return how many.

    Parameters
    ----------
    drawn
        The network.
    most
        Windows, at most.
    netlist
        Whether its netlist is simulated.

    Raises
    ------
    MismatchError
        If one differs, or a rule is broken.
    """
    core = generate(plan(drawn.model, drawn.design))
    timing = core.plan.timing
    hop = drawn.design.hop or drawn.model.input_samples
    corners = corner_windows(drawn.model.input_samples, drawn.model.bits.adc)
    cycles = _NETLIST_CYCLES if netlist else _CYCLES
    room = affordable(timing, drawn.model.input_samples, hop, cycles, quick=netlist)
    windows = np.concatenate([corners, drawn.windows])[: max(3, min(room, most))]
    with tempfile.TemporaryDirectory(prefix="hwgen-networks-") as folder:
        if netlist:
            found, _ = check_netlist(
                core, find_board("ecp5"), drawn.model, windows, timing, Path(folder), hop=hop
            )
        else:
            source = Path(folder) / "core.v"
            write_verilog(core, MODULE, source)
            found = verify(
                [source], MODULE, drawn.model, windows, timing, Path(folder) / "sim", hop=hop
            )
    expected = (timing.latency, timing.pause)
    if found.mismatches:
        raise MismatchError(f"{found.mismatches} of {found.windows} windows differ")
    if (found.latency, found.pause) != expected:
        raise MismatchError(
            f"latency and pause must be {expected}, not {(found.latency, found.pause)}"
        )
    return found.windows


def networks(
    first: int, wanted: int, most: int, *, netlist: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield what came of each network from seed `first` on until `wanted` windows are compared."""
    seed, compared = first, 0
    while compared < wanted:
        begin = time.monotonic()
        found: dict[str, Any] = {"seed": seed, "windows": 0, "drawn": None, "wrong": None}
        try:
            drawn = draw(seed, most)
            found["drawn"] = str(drawn)
            found["windows"] = run(drawn, most, netlist=netlist)
        except MismatchError as error:
            found["wrong"] = str(error)
        except (HwgenError, ValueError) as error:
            found["refused"] = str(error)
        compared += found["windows"]
        yield found | {"seconds": round(time.monotonic() - begin, 1)}
        seed += 1


def main() -> int:
    """Run and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--windows", type=int, default=100_000, help="to compare in all")
    parser.add_argument("--each", type=int, default=_MOST_WINDOWS, help="at most, of one network")
    parser.add_argument("--seed", type=int, default=1, help="of the first network; then the next")
    parser.add_argument("--only", type=int, metavar="SEED", help="one network again")
    parser.add_argument("--netlist", action="store_true", help="run what Yosys makes of them")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    # A core whose latency is asked for is not always elaborated.
    warnings.filterwarnings("ignore", message=".*created but never used.*")
    first, wanted = arguments.seed, arguments.windows
    if arguments.only is not None:
        first, wanted = arguments.only, 1
    all_: list[dict[str, Any]] = []
    for found in networks(first, wanted, arguments.each, netlist=arguments.netlist):
        all_.append(found)
        outcome = found["wrong"] or found.get("refused") or f"{found['windows']} windows equal"
        what = found["drawn"] or "no network"
        print(f"seed {found['seed']}: {what}: {outcome} ({found['seconds']} s)", flush=True)
    wrong = [found["seed"] for found in all_ if found["wrong"]]
    compared = sum(found["windows"] for found in all_)
    run_ = sum(1 for found in all_ if found["windows"])
    if arguments.json:
        arguments.json.write_text(json.dumps(all_, indent=1) + "\n", encoding="utf-8")
    refused = sum(1 for found in all_ if "refused" in found)
    print(
        f"{compared} windows of {run_} networks equal, {refused} draws refused; "
        f"{len(wrong)} networks wrong: {wrong}"
    )
    return 1 if wrong or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
