"""What `make soak` runs: faults on the line to a virtual board, ten thousand unless told otherwise.

A small random network with windows of 256 samples of 12 bits. Prints what came of it, as JSON too
with ``--json FILE``; exit code 1 if an answer was wrong or missing.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

from hwgen import golden
from hwgen.explore import calibrate
from hwgen.hardware import generator
from hwgen.hardware.design import Design
from hwgen.link.benchmark import Expected
from hwgen.link.soak import Soak, soak
from hwgen.link.virtual import virtual_board
from hwgen.network import Network
from hwgen.network.conv1d import Conv1d
from hwgen.network.dense import Dense
from hwgen.network.maxpool1d import MaxPool1d
from hwgen.network.spectrum import Spectrum
from hwgen.quantized import Bits
from hwgen.quantized.samples import digitise

WINDOW = 256
WINDOWS = 64
PARALLEL = 4
CLOCK_MHZ = 100.0


def example():
    """Return an integer network of random weights, and windows for it."""
    rng = np.random.default_rng(7)
    layers = (
        Spectrum("spectrum", WINDOW),
        Conv1d("conv1", rng.normal(size=(2, 1, 16)), rng.normal(size=2), 8, 4),
        MaxPool1d("pool1", 2),
        Dense("fc1", rng.normal(size=(3, 16)), np.zeros(3)),
    )
    network = Network("soak", WINDOW, layers)
    values = rng.normal(size=(WINDOWS, WINDOW)) * np.exp(rng.uniform(-2, 1, (WINDOWS, 1)))
    bits = Bits(adc=12)
    model = calibrate(network, values, bits, input_scale=1.0, classes=("a", "b", "c")).model
    return model, digitise(values, bits)


def tell(found: Soak) -> None:
    """Print how far it is."""
    print(
        f"{found.faults.total()} faults, {found.windows} windows, {found.wrong} wrong, "
        f"{found.unanswered} unanswered, {found.seconds:.0f} s",
        flush=True,
    )


def main() -> int:
    """Run and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    model, windows = example()
    logits = golden.run(model, windows)
    pairs = zip(golden.classify(logits), logits.tolist(), strict=True)
    expected = [Expected(int(class_), tuple(row)) for class_, row in pairs]
    core = generator.generate(model, Design(generator.best_array(model, PARALLEL), 0))
    with tempfile.TemporaryDirectory(prefix="hwgen-soak-") as folder:
        print("compiling the virtual board", flush=True)
        compiled = virtual_board(core, CLOCK_MHZ, model.digest, Path(folder))
        found = soak(compiled, windows.tolist(), expected, arguments.faults,
                     seed=arguments.seed, progress=tell)  # fmt: skip
    text = json.dumps(found.to_json(), indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    print("passed" if found.passed else "FAILED")
    return 0 if found.passed else 1


if __name__ == "__main__":
    sys.exit(main())
