"""The points: architectures of both families on each task's data; what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from place import ROOT

from hwgen import files
from hwgen.errors import HwgenError

FOLDER = ROOT / "build" / "quadratic"
FAMILIES = "conventional", "quadratic"
WIDTHS = {
    "circles": {"conventional": (2, 4, 8, 16), "quadratic": (1, 2, 4)},
    "hyper": {"conventional": (4, 8, 16, 32), "quadratic": (1, 2, 4)},
    "synthetic": {"conventional": (4, 8, 16), "quadratic": (2, 4, 8)},
    "recordings": {"conventional": (4, 8, 16), "quadratic": (2, 4, 8)},
}
"""Neurons of the hidden layer, or filters of each convolution, by task and family."""
TASKS = tuple(WIDTHS)
DIMENSIONS = {"circles": 2, "hyper": 8}
"""Of the points on rings; the other tasks are vibration."""
PARALLEL = {"circles": 4, "hyper": 4, "synthetic": 16, "recordings": 16}
"""Multipliers of a design: as many for both families."""
BOARD, CLOCK_MHZ = "ulx3s-25f", 100.0
BOTH = {("conventional", 8), ("quadratic", 4)}
"""Convolutional architectures that are routed for either data, to see whether that matters."""
ROUTED = "routed"
"""The record of the design, beside those of the seeds."""


@dataclass(frozen=True)
class Point:
    """An architecture on some data.

    Parameters
    ----------
    task
        One of `TASKS`.
    family
        One of `FAMILIES`.
    width
        Neurons, or filters.
    """

    task: str
    family: str
    width: int

    @property
    def quadratic(self) -> bool:
        """Whether its neurons are."""
        return self.family == "quadratic"

    @property
    def architecture(self) -> str:
        """How files and lines call it among those of its task."""
        return f"{self.family}-{self.width}"

    def checkpoint(self, seed: int, folder: Path) -> Path:
        """Return where the network of a seed is kept."""
        return folder / self.task / f"{self.architecture}-{seed}.pt"


@dataclass(frozen=True)
class Asked:
    """What the networks are trained on.

    Parameters
    ----------
    data
        Folder of recordings; None: there are none.
    snr
        dB of noise that is added to vibration, synthetic or recorded.
    seeds
        Trainings of each architecture.
    """

    data: str | None = None
    snr: float = -6.0
    seeds: int = 3

    def of(self, task: str) -> list[str]:
        """Return the arguments of `hwgen` that name a task's data; none of what is carried."""
        if task in DIMENSIONS:
            return []
        folder = "synthetic" if task == "synthetic" else str(self.data)
        return ["--data", folder, "--snr", f"{self.snr:g}"]

    def building(self, point: Point, checkpoint: Path) -> list[str]:
        """Return the arguments of `hwgen` that build a point, without the output's place."""
        size = ["--parallel", str(PARALLEL[point.task]), "--clock-mhz", f"{CLOCK_MHZ:g}"]
        board = ["--board", BOARD, *size, "--seeds", "1", "--no-netlist"]
        return ["build", str(checkpoint), *self.of(point.task), *board]


def points(task: str) -> list[Point]:
    """Return a task's points, the small ones first."""
    sizes = [(width, family) for family in FAMILIES for width in WIDTHS[task][family]]
    return [Point(task, family, width) for width, family in sorted(sizes)]


def keep(point: Point, key: str, record: dict[str, Any], folder: Path = FOLDER) -> None:
    """Keep what was found out."""
    path = folder / point.task / f"{point.architecture}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_json(path, records(point, folder) | {key: record})


def records(point: Point, folder: Path = FOLDER) -> dict[str, Any]:
    """Return what is known of a point; a damaged file counts as nothing."""
    try:
        found: dict[str, Any] = files.read_json(folder / point.task / f"{point.architecture}.json")
    except HwgenError:
        return {}
    return found


def twin(point: Point) -> Point | None:
    """Return the same architecture on the other vibration; None on rings."""
    others = {"synthetic": "recordings", "recordings": "synthetic"}
    other = others.get(point.task)
    return None if other is None else Point(other, point.family, point.width)


def elsewhere(point: Point, folder: Path = FOLDER) -> bool:
    """Return whether the architecture was routed for other data, and that will do."""
    other = twin(point)
    if other is None or (point.family, point.width) in BOTH:
        return False
    known = records(other, folder)
    return ROUTED in known and "failed" not in known[ROUTED]["row"]
