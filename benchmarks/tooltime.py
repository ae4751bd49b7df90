"""Where the time of a build goes, and what makes Yosys and nextpnr quicker: processor seconds.

    python benchmarks/tooltime.py CKPT --board ecp5

One job at a time; seconds are those of the processor (user), so that what else the machine does
hardly shows. What is measured is kept in build/benchmarks/time/BOARD.json and not measured again.
"""

from __future__ import annotations

import argparse
import functools
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from place import FOLDER

from hwgen import files, tools
from hwgen.boards import find_board
from hwgen.cli.options.settings import settings_from
from hwgen.errors import HwgenError
from hwgen.flow import implement, stage
from hwgen.flow.build import build
from hwgen.flow.generated import Generated
from hwgen.flow.left import left_by_quantize
from hwgen.flow.options import read_settings
from hwgen.synth import cell_counts, yosys
from hwgen.synth.plan import STATISTICS, prepare
from hwgen.synth.route import route
from hwgen.targets.family import Toolchain

Row = dict[str, Any]
_STEPS = ("quantize", "generate", "verify", "netlist", "synth: the core", "synth: synthesis",
          "synth: place and route", "synth: bitstream")  # fmt: skip
"""With what lines begin that a build says at the start of each of its steps."""
WITHOUT = "without ABC9"


@dataclass(frozen=True)
class Way:
    """One way from a board top to a routed design.

    Parameters
    ----------
    synthesis
        Option of Yosys's command for the family, or `WITHOUT`; empty: as a build does it.
    routing
        Options of nextpnr.
    seed
        Of the placer.
    """

    synthesis: str = ""
    routing: str = ""
    seed: int = 1

    @property
    def name(self) -> str:
        """What the table calls it."""
        told = ", ".join(filter(None, (self.synthesis, self.routing))) or "as a build does it"
        return told if self.seed == 1 else f"{told}, seed {self.seed}"


BUILDS: dict[str, dict[str, Any]] = {"full": {}, "quick": {"quick": True}}
"""Options of each build, which is measured whole."""
WAYS = (
    *(Way(seed=seed) for seed in (1, 2, 3)),
    Way(routing="--no-tmdriv"),
    Way(routing="--router router2"),
    Way(routing="--placer static"),
    Way(routing="--placer sa"),
    Way(routing="--threads 1"),
    Way(routing="--threads 2"),
    Way(routing="--no-tmdriv --router router2"),
    Way(WITHOUT),
    Way("-noflatten"),
)


@contextmanager
def spending(row: Row, name: str) -> Iterator[None]:
    """Put into a row the processor seconds that programs take which the block runs to an end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    yield
    row[name] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, 1)


def spent() -> float:
    """Return the processor seconds of this process and of those that it has seen end."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(kind).ru_utime for kind in kinds)


def stages(run: Callable[[Callable[[str], None]], Any]) -> Row:
    """Return the processor seconds of each step of a build, and the real ones of all (``wall``).

    Parameters
    ----------
    run
        Builds, and tells the function that it is given what a build says.
    """
    found: Row = {}
    begun, now = spent(), "before"

    def say(text: str) -> None:
        nonlocal begun, now
        step = next((each for each in _STEPS if text.startswith(each)), now)
        if step != now:
            seconds = spent()
            found[now] = round(found.get(now, 0) + seconds - begun, 1)
            begun, now = seconds, step

    start = time.monotonic()
    run(say)
    found[now] = round(found.get(now, 0) + spent() - begun, 1)
    return found | {"wall": round(time.monotonic() - start)}


def synthesised(name: str, toolchain: Toolchain, source: Path, place: Path, command: Any) -> Row:
    """Run Yosys in `place` on a copy of what is in `source`; return seconds and LUT4."""
    row: Row = {}
    for each in toolchain.sources:
        content = files.read_bytes(source / each)
        if each.endswith(".ys") and name:
            content = changed(content.decode(), name, toolchain).encode()
        files.write_bytes(place / each, content)
    with spending(row, "yosys"):
        tools.run(command, place, place / "yosys.log", what="synthesis")
    return row | {"lut4": cell_counts(place / STATISTICS, toolchain)["lut4"]}


def changed(script: str, name: str, toolchain: Toolchain) -> str:
    """Return Yosys's script with another way of synthesis."""
    made = []
    for line in script.splitlines():
        ours = line.split()[:1] == [toolchain.synthesis]
        if not ours:
            made.append(line)
        elif name == WITHOUT:
            made += yosys.without_abc9(toolchain, line.strip())
        else:
            made.append(f"{line.strip()} {name}")
    return "\n".join(made)


class Study:
    """What is measured of one board.

    Parameters
    ----------
    checkpoint, board
        What is built.
    folder
        Where, and for what is kept.
    """

    def __init__(self, checkpoint: Path, board: str, folder: Path) -> None:
        self.board = find_board(board)
        self.checkpoint = checkpoint
        self.folder = folder / board
        self.path = folder / f"{board}.json"
        self.rows: dict[str, Row] = files.read_json(self.path) if self.path.exists() else {}

    def keep(self, name: str, row: Row) -> None:
        """Keep what was measured."""
        self.rows[name] = row
        files.write_json(self.path, self.rows)

    def build(self, name: str) -> None:
        """Build in a folder that is empty, and keep what each step takes."""
        place = self.folder / name
        if name in self.rows:
            return
        files.remove(place)
        settings = settings_from(self.checkpoint, {"board": self.board.name} | BUILDS[name])
        self.keep(name, stages(lambda say: build(settings, place, say)))

    def way(self, way: Way) -> None:
        """Synthesise and route in one way, and keep what it takes; `build` comes first."""
        if way.name in self.rows:
            return
        toolchain, source = self.board.target.toolchain, self.folder / "source"
        source.mkdir(exist_ok=True)
        clock, commands = self._prepared(source)
        place = self.folder / (way.synthesis or "usual").strip("-").replace(" ", "-")
        place.mkdir(exist_ok=True)
        kept, row = place / "synthesis.json", {}
        try:
            if not kept.exists():
                command = commands["yosys"]
                row = synthesised(way.synthesis, toolchain, source, place, command)
                files.write_json(kept, row)
            row = files.read_json(kept)
            clocked = [toolchain.frequency, f"{clock:g}"] if toolchain.frequency else []
            command = [*commands[toolchain.placer.name], *clocked, *way.routing.split()]
            with spending(row, "nextpnr"):
                made = route(
                    command, toolchain, place, place,
                    clock_mhz=clock, seeds=(way.seed,), progress=lambda _: None,
                )  # fmt: skip
            row |= {"fmax": round(made.fmax_mhz, 1), "met": made.fmax_mhz >= clock}
        except HwgenError as error:
            row["failed"] = str(error).split("; log")[0]
        self.keep(way.name, row)

    def _prepared(self, place: Path) -> tuple[float, dict[str, list[str]]]:
        """Write the board top's sources; return its clock and each tool's command."""
        made = self.folder / "full"
        settings, model = read_settings(made), left_by_quantize(made)
        known = stage.result_of(made / "rtl", Generated)
        assert known is not None, "the build must have been done"
        hardware = settings.hardware
        top = implement.board_top(model, hardware, self.board, known.said, None)
        return top.clock_mhz, prepare(self.board, top, place)


def lines(rows: dict[str, Row]) -> list[str]:
    """Return the tables."""
    builds = {name: rows[name] for name in BUILDS if name in rows}
    steps = [each for each in ("before", *_STEPS) if any(each in row for row in builds.values())]
    made = [f"| build | {' | '.join(steps)} | all | real time |"]
    made.append(f"| --- |{' ---: |' * (len(steps) + 2)}")
    for name, row in builds.items():
        told = [f"{row[step]:.0f}" if step in row else "" for step in steps]
        whole = sum(row[step] for step in steps if step in row)
        made.append(f"| {name} | {' | '.join(told)} | {whole:.0f} | {row.get('wall', '')} |")
    made += ["", "| way | Yosys s | LUT4 | nextpnr s | Fmax MHz | clock |"]
    made.append("| --- | ---: | ---: | ---: | ---: | --- |")
    for name, row in rows.items():
        if name in builds:
            continue
        told = [row.get(each, "") for each in ("yosys", "lut4", "nextpnr", "fmax")]
        end = row.get("failed") or ("met" if row["met"] else "missed")
        made.append(f"| {name} | {' | '.join(map(str, told))} | {end} |")
    return made


def main() -> int:
    """Measure what has not been measured, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--board", default="ecp5")
    parser.add_argument("--only", help="names of builds and ways, with semicolons between")
    asked = parser.parse_args()
    study = Study(asked.checkpoint, asked.board, FOLDER / "time")
    jobs = {name: functools.partial(study.build, name) for name in BUILDS}
    jobs |= {way.name: functools.partial(study.way, way) for way in WAYS}
    for name in list(jobs) if asked.only is None else asked.only.split(";"):
        jobs[name]()
        print(f"{name}: {study.rows[name]}", file=sys.stderr, flush=True)
    print("\n".join(lines(study.rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
