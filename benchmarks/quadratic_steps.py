"""What is found out of a point: F1 of a training with each seed, and the routed design."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import quadratic_nets as nets
from place import HERE
from quadratic_points import BOARD, DIMENSIONS, FOLDER, ROUTED, Asked, Point
from store import Row, basis_of
from subject import hwgen
from zoo_steps import Step

from hwgen import files, passes, signals, targets, tools
from hwgen.errors import HwgenError
from hwgen.flow import quantize
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.inspect import LayerRow
from hwgen.flow.options import DataOptions, Settings
from hwgen.flow.stage import code_digest
from hwgen.importers import CheckpointMeta, save_checkpoint
from hwgen.network import Network
from hwgen.signals import Dataset
from hwgen.training import train

_SOURCES = tuple(HERE / name for name in ("quadratic_nets.py", "quadratic_steps.py"))


def steps(point: Point, asked: Asked, folder: Path = FOLDER) -> dict[str, Step]:
    """Return what there is to find out of a point: each seed, then the routed design."""
    words = [*asked.of(point.task), *map(str, vars(point).values())]
    basis = basis_of(code_digest(), *words, sources=_SOURCES)
    found = {
        f"seed {seed}": Step(files.digest(basis, str(seed)), _training(point, asked, seed, folder))
        for seed in range(asked.seeds)
    }
    versions = [tools.version(tool) for tool in targets.find("ecp5").toolchain.tools[:2]]
    built = files.digest(basis, *versions, *asked.building(point, Path("CKPT")))
    return found | {ROUTED: Step(built, lambda: routed(point, asked, folder))}


def _training(point: Point, asked: Asked, seed: int, folder: Path) -> Callable[[], Row]:
    return lambda: trained(point, asked, seed, folder)


@cache
def _dataset(data: str) -> Dataset:
    """Return recordings as `hwgen train` takes them."""
    if data == "synthetic":
        return signals.synthetic_dataset()
    found = signals.read_dataset(Path(data))
    return signals.judge_dataset(found, nets.Small().window)[0]


def trained(point: Point, asked: Asked, seed: int, folder: Path = FOLDER) -> Row:
    """Train with a seed and quantize; return sizes, and F1 of both networks on the test part."""
    path = point.checkpoint(seed, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = DataOptions()
    if point.task in DIMENSIONS:
        size = DIMENSIONS[point.task], point.width
        network, some, test = nets.ring_network(*size, seed, quadratic=point.quadratic)
        meta = CheckpointMeta(test.name, None)
    else:
        design = nets.small(point.width, quadratic=point.quadratic)
        name = "synthetic" if point.task == "synthetic" else str(asked.data)
        done = train(_dataset(name), design, snr_db=asked.snr, seed=seed)
        network, meta, some, test = done.network, done.meta, done.calibration, done.test
        data = DataOptions(data=name, snr_db=asked.snr)
    save_checkpoint(path, network, meta=meta, calibration=some, test=test)
    settings = Settings(str(path), data, hardware=HardwareOptions(board=BOARD))
    found = quantize.quantize(settings, lambda _: None).said.accuracy
    return sizes(point, network) | {
        "float_f1": found.float_f1, "fixed_f1": found.fixed_f1, "windows": found.windows,
    }  # fmt: skip


def sizes(point: Point, network: Network) -> Row:
    """Return how many values are trained, and the products with them in a window."""
    if point.task in DIMENSIONS:
        module = nets.mlp(DIMENSIONS[point.task], point.width, quadratic=point.quadratic)
    else:
        design = nets.small(point.width, quadratic=point.quadratic)
        plan = design.recipe("default").student
        module = design.trained(network.channels, len(network.classes), plan)
    plain = passes.canonical(network)
    shapes = plain.shapes()
    return {
        "parameters": sum(each.numel() for each in module.parameters()),
        "macs": sum(LayerRow.of(node, shapes).macs for node in plain.graph.nodes),
    }


def routed(point: Point, asked: Asked, folder: Path = FOLDER) -> Row:
    """Build the network of seed 0 to a bitstream; return what the report says."""
    build = folder / point.task / point.architecture
    # Of an earlier build, if this one does not come as far as a report.
    (build / "report.json").unlink(missing_ok=True)
    words = asked.building(point, point.checkpoint(0, folder))
    done = hwgen(*words, "-o", str(build), check=False)
    try:
        report: dict[str, Any] = files.read_json(build / "report.json")
    except HwgenError:
        report = {}
    if not report.get("resources"):  # null where a stage before it failed
        last = done.stderr.strip().splitlines() or ["nothing"]
        return {"failed": f"exit code {done.returncode}, {last[-1][:300]}"}
    return {
        **{key: report["resources"][key] for key in ("lut4", "dsp", "ebr")},
        "cycles": report["latency"]["cycles_per_window"],
        "fmax_mhz": report["timing"]["fmax_mhz"],
        "device": report["board"]["device"],
        "mismatches": report["verification"]["mismatches"],
        "verified": report["verification"]["windows"],
    }
