"""What `make soak` runs: faults on the line to virtual boards, ten thousand unless told otherwise.

A small random network with windows of 256 samples of 12 bits on three boards: one that the host
feeds, one with a sensor, one with a sensor whose windows overlap. Each gets its share. Prints what
came of it, as JSON too with ``--json FILE``; exit code 1 if an answer or a diagnosis was wrong or
missing.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.calibration import calibrate
from hwgen.gateware.decision import Decision, Vote
from hwgen.gateware.sensors.sensor import Sensor, plan_sensor
from hwgen.hardware.accelerator.generator import generate
from hwgen.link.benchmark import Expected
from hwgen.link.soak import Soak, Soaked, soak
from hwgen.link.virtual import virtual_board
from hwgen.link.virtual_sensor import hurried, samples_of, write_recording
from hwgen.link.watched import Heard
from hwgen.network import Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.spectrum import Spectrum
from hwgen.plans import arrays
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.quantized import Precision, QuantizedModel
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task

WINDOW = 256
WINDOWS = 64
PARALLEL = 4
CLOCK_MHZ = 100.0
PART = "mcp3201"
RATE_HZ = 12_000.0
HOP = 160
"""Samples from one window to the next, where they overlap; between the diagnoses of a shorter one
the line is never quiet for the frame time-out of a virtual board."""


def example(transform: str = "fft") -> tuple[QuantizedModel, np.ndarray]:
    """Return an integer network of random weights, and windows for it."""
    rng = np.random.default_rng(7)
    layers = (
        Spectrum("spectrum", WINDOW),
        Conv1d("conv1", rng.normal(size=(2, 1, 16)), rng.normal(size=2), 8, 4),
        MaxPool1d("pool1", 2),
        Dense("fc1", rng.normal(size=(3, 16)), np.zeros(3)),
    )
    network = Network.chain("soak", WINDOW, layers)
    values = rng.normal(size=(WINDOWS, WINDOW)) * np.exp(rng.uniform(-2, 1, (WINDOWS, 1)))
    bits = Precision(adc=12, transform=transform)
    model = calibrate(network, values, bits, task=Task(("a", "b", "c"))).model
    return model, digitise(values, bits)


def fed(folder: Path) -> Soaked:
    """Return the board that the host feeds."""
    model, windows = example()
    core = generate(plan(model, Design(arrays.best_array(model, PARALLEL), 0)))
    compiled = virtual_board(core, CLOCK_MHZ, model.digest, folder)
    return Soaked(compiled, windows.tolist(), Expected.of(model, windows))


def sensed(folder: Path, transform: str, hop: int | None) -> Soaked:
    """Return a board with a sensor."""
    model, windows = example(transform)
    core = generate(plan(model, Design(arrays.best_array(model, PARALLEL), 0, hop=hop)))

    def plan_of(clock_mhz: float) -> Any:
        return plan_sensor(
            PART, model_rate=RATE_HZ, sensor_rate=RATE_HZ, clock_mhz=clock_mhz,
            full_scale=model.bits.full_scale,
        )  # fmt: skip

    sampled = hurried(plan_of, core.plan, hop, CLOCK_MHZ)
    compiled = virtual_board(
        core, CLOCK_MHZ, model.digest, folder, bus=sampled.part.bus,
        source=Sensor(core.plan, sampled, hop=hop),
        decision=Decision(core.plan, faulty=(0,), vote=Vote(2, 3)),
    )  # fmt: skip
    adc = model.bits.adc
    words = write_recording(windows, adc, sampled, folder)
    samples = samples_of(windows, adc, sampled.part.bits, sampled.ratio) << (
        adc - sampled.part.bits
    )
    heard = Heard.of(model, samples, hop or WINDOW)
    return Soaked(compiled, windows.tolist(), Expected.of(model, windows), words, heard)


BOARDS: dict[str, Callable[[Path], Soaked]] = {
    "host": fed,
    "sensor": lambda folder: sensed(folder, "fft", None),
    "overlap": lambda folder: sensed(folder, "dft", HOP),
}


def tell(name: str) -> Callable[[Soak], None]:
    """Return what prints how far a board is."""

    def say(found: Soak) -> None:
        print(
            f"{name}: {found.faults.total()} faults, {found.windows} windows, "
            f"{found.diagnoses} diagnoses, {found.wrong} wrong, {found.unanswered} unanswered, "
            f"{found.restarts} restarts, {found.seconds:.0f} s",
            flush=True,
        )

    return say


def main() -> int:
    """Run and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("boards", nargs="*", metavar="BOARD", help=", ".join(BOARDS))
    parser.add_argument("--faults", type=int, default=10_000, help="in all, at least")
    parser.add_argument("--minutes", type=float, default=0.0, help="in all, at least")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    names = arguments.boards or list(BOARDS)
    if unknown := set(names) - set(BOARDS):
        parser.error(f"no board {', '.join(sorted(unknown))}; there are {', '.join(BOARDS)}")
    all_: dict[str, Soak] = {}
    for name in names:
        with tempfile.TemporaryDirectory(prefix="hwgen-soak-") as folder:
            print(f"{name}: compiling the virtual board", flush=True)
            all_[name] = soak(
                BOARDS[name](Path(folder)), -(-arguments.faults // len(names)),
                seed=arguments.seed, seconds=60 * arguments.minutes / len(names),
                progress=tell(name),
            )  # fmt: skip
    text = json.dumps({name: found.to_json() for name, found in all_.items()}, indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    passed = all(found.passed for found in all_.values())
    print("passed" if passed else "FAILED")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
