"""What is done with a network of the zoo, step by step, each kept as soon as it is done.

``build/zoo/NAME.json`` has a record a step: what it found, and a digest of all that decides it. A
step whose digest is still the same is not done again, so a run that was stopped goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zoo_host
from machine import machine
from place import ROOT
from store import Row
from subject import hwgen

from hwgen import files, importers, passes, targets, tools, training, zoo
from hwgen.errors import HwgenError
from hwgen.flow import generate, quantize
from hwgen.flow.inspect import LayerRow
from hwgen.flow.options import DataOptions
from hwgen.flow.quantize import read_model
from hwgen.flow.stage import code_digest
from hwgen.flow.windows import Windows, gather
from hwgen.importers import Checkpoint
from hwgen.plans.timing import Timing
from hwgen.quantized.samples import digitise
from hwgen.signals import spread
from hwgen.verify import verify

FOLDER = ROOT / "build" / "zoo"
_REPORT = ("design", "board", "accuracy", "verification", "latency", "estimate", "resources",
           "timing", "netlist", "tools")  # fmt: skip
"""Sections of a build's report that a table may want."""


@dataclass(frozen=True)
class Asked:
    """What the networks are trained on, and built for.

    Parameters
    ----------
    data
        ``"synthetic"``, or a folder of recordings.
    snr
        dB of added noise; None for none.
    epochs
        Of a training; None: the recipe's.
    board, parallel, clock_mhz
        Of the builds.
    windows
        To compare in Verilator, evenly over those of the test part; None: all.
    """

    data: str = "synthetic"
    snr: float | None = None
    epochs: int | None = None
    board: str = "ulx3s-25f"
    parallel: int = 32
    clock_mhz: float = 100.0
    windows: int | None = None

    @property
    def _data(self) -> list[str]:
        noise = [] if self.snr is None else ["--snr", f"{self.snr:g}"]
        return ["--data", self.data, *noise]

    def training(self, name: str) -> list[str]:
        """Return the arguments of `hwgen` that train a network, without the output's place."""
        epochs = [] if self.epochs is None else ["--epochs", str(self.epochs)]
        return ["train", *self._data, "--network", name, *epochs]

    def building(self, checkpoint: str) -> list[str]:
        """Return the arguments of `hwgen` that build a checkpoint, likewise."""
        size = ["--parallel", str(self.parallel), "--clock-mhz", f"{self.clock_mhz:g}"]
        return ["build", checkpoint, *self._data, "--board", self.board, *size, "--seeds", "1"]


class Step(NamedTuple):
    """Something to be found out.

    Parameters
    ----------
    basis
        A digest of all that decides it.
    work
        Finds it out.
    """

    basis: str
    work: Callable[[], Row]


def steps(name: str, asked: Asked, folder: Path = FOLDER) -> dict[str, Step]:
    """Return the steps for a network, in their order; each but the first needs the one before."""
    trained = files.digest(_sources(name), *asked.training(name))
    versions = [tools.version(tool) for tool in targets.find("ecp5").toolchain.tools[:2]]
    built = files.digest(trained, code_digest(), *versions, *asked.building(name))
    simulator = tools.version("verilator")
    verified = files.digest(built, simulator, str(asked.windows))
    return {
        "trained": Step(trained, lambda: _trained(name, asked, folder)),
        "built": Step(built, lambda: _built(name, asked, folder)),
        "verified": Step(verified, lambda: _verified(name, asked, folder)),
        "host": Step(files.digest(trained, zoo_host.basis()), lambda: _timed(name, asked, folder)),
    }


def measure(name: str, asked: Asked, say: Callable[[str], object], folder: Path = FOLDER) -> bool:
    """Do what is to be done for a network; return whether all of it is known now."""
    folder.mkdir(parents=True, exist_ok=True)
    known = records(name, folder)
    for key, step in steps(name, asked, folder).items():
        if current(known, key, step):
            continue
        say(f"{name}: {key}")
        begin = time.monotonic()
        try:
            row = step.work()
        except (HwgenError, ValueError) as error:
            row = {"failed": str(error).splitlines()[0][:300]}
        row["seconds"] = round(time.monotonic() - begin, 1)
        known[key] = {"basis": step.basis, "machine": machine(), "asked": vars(asked), "row": row}
        files.write_json(folder / f"{name}.json", known)
        if "failed" in row:
            say(f"{name}: {key}: {row['failed']}")
            return False
    return True


def current(known: dict[str, Any], key: str, step: Step) -> bool:
    """Return whether a step is done and nothing that decides it has changed since."""
    record = known.get(key)
    return record is not None and record["basis"] == step.basis and "failed" not in record["row"]


def records(name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """Return what is known of a network by step; a damaged file counts as nothing."""
    try:
        found: dict[str, Any] = files.read_json(folder / f"{name}.json")
    except HwgenError:
        return {}
    return found


def _sources(name: str) -> str:
    """Return a digest of the network's own file, of what it shares, and of training."""
    rooms = Path(zoo.__file__).parent, Path(training.__file__).parent
    own = [rooms[0] / f"{name.replace('-', '_')}.py", *rooms[0].glob("_*.py")]
    return files.digest(
        *(files.read_bytes(path) for path in sorted([*own, *rooms[1].glob("*.py")]))
    )


def _run(words: list[str], output: Path) -> Row:
    """Run a command of hwgen; return what it was and, if it failed, what it said last."""
    done = hwgen(*words, "-o", str(output), check=False)
    if not done.returncode:
        return {}
    told = done.stderr.strip().splitlines() or ["nothing"]
    return {"failed": f"exit code {done.returncode}, {told[-1][:300]}"}


def _trained(name: str, asked: Asked, folder: Path) -> Row:
    """Train; return sizes."""
    path = folder / f"{name}.pt"
    path.unlink(missing_ok=True)
    row = _run(asked.training(name), path)
    if "failed" in row:
        return row
    network = importers.load(path).network
    plain = passes.canonical(network)
    shapes = plain.shapes()
    module = zoo_host.module_of(network)
    return {
        "parameters": sum(each.numel() for each in module.parameters()),
        "macs": sum(LayerRow.of(node, shapes).macs for node in plain.graph.nodes),
        "channels": network.channels,
        "classes": list(network.classes),
        "window": network.input_samples,
    }


def _built(name: str, asked: Asked, folder: Path) -> Row:
    """Build to a bitstream; return what the report says."""
    build = folder / name
    # Of an earlier build, if this one does not come as far as a report.
    (build / "report.json").unlink(missing_ok=True)
    row = _run(asked.building(str(folder / f"{name}.pt")), build)
    try:
        report: dict[str, Any] = files.read_json(build / "report.json")
    except HwgenError:
        return row
    return row | {key: report[key] for key in _REPORT if key in report}


def _windows(name: str, asked: Asked, folder: Path) -> tuple[Checkpoint, Windows]:
    """Return the checkpoint and its windows, those of the build."""
    checkpoint = importers.load(folder / f"{name}.pt")
    return checkpoint, gather(checkpoint, DataOptions(data=asked.data, snr_db=asked.snr))


def _verified(name: str, asked: Asked, folder: Path) -> Row:
    """Compare class and every logit of all windows of the test part in Verilator."""
    build = folder / name
    model = read_model(build / quantize.FOLDER / "model.json")
    _, found = _windows(name, asked, folder)
    chosen = spread(len(found.test), asked.windows or len(found.test))
    told = files.read_json(build / "report.json")["latency"]
    result = verify(
        [build / generate.FOLDER / generate.VERILOG],
        generate.MODULE,
        model,
        digitise(found.test[chosen], model.bits),
        Timing(
            told["cycles_last_sample_to_class"],
            told["cycles_per_window"],
            pause=told["min_cycles_between_samples"],
        ),
        folder / f"{name}-sim",
    )
    labels, counts = np.unique(found.labels[chosen], return_counts=True)
    return {
        "windows": len(chosen),
        "mismatches": result.mismatches,
        "of_class": {found.classes[k]: int(n) for k, n in zip(labels, counts, strict=True)},
    } | ({"failed": f"{result.mismatches} mismatches"} if result.mismatches else {})


def _timed(name: str, asked: Asked, folder: Path) -> Row:
    """Time the ways on this machine."""
    checkpoint, found = _windows(name, asked, folder)
    chosen = spread(len(found.test), zoo_host.WINDOWS)
    windows = found.test[chosen] * found.input_scale
    return zoo_host.measured(checkpoint.network, windows, folder / f"{name}-host")
