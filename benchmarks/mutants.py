"""What `make mutants` runs: plants single faults, and says which of them no test sees.

Usage: python benchmarks/mutants.py [--seed N] [--count N] [--only PATH ...] [--own] [--anew]

The same seed plants the same faults in the same source, half of them in all rooms alike and half by
the rooms' sizes. Each is tried on the tests of its module's own first, then on its folder's. What
was tried is kept in build/mutants.jsonl: a run that was stopped goes on where it was, and after a
new test only the survivors are tried again. A survivor that nothing can see is listed with its
reason in benchmarks/equivalent_mutants.toml. Exit code 1: a fault survived that is not listed.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mutation import Mutant, candidates, plausible
from place import HERE, ROOT
from trial import Tree, Verdict, folder_tests, own_tests

ROOMS = ("hardware", "plans", "targets", "gateware", "boards", "golden", "quantized")
KEPT = ROOT / "build" / "mutants.jsonl"
EQUIVALENT = HERE / "equivalent_mutants.toml"


@dataclass(frozen=True)
class Equivalent:
    """A fault that no test can see: the lines that it changes, and why that changes nothing.

    Parameters
    ----------
    file
        The module.
    was, becomes
        Changed lines without indentation, joined by spaces; so an entry outlives edits elsewhere.
    reason
        Why.
    """

    file: str
    was: str
    becomes: str
    reason: str

    def covers(self, mutant: Mutant) -> bool:
        """Return whether this is the fault."""
        return (self.file, (self.was, self.becomes)) == (mutant.file, mutant.change)


def equivalents(path: Path = EQUIVALENT) -> list[Equivalent]:
    """Read the list of faults that nothing can see.

    Raises
    ------
    SystemExit
        If an entry has no reason, or its line is no longer in the file.
    """
    entries = [Equivalent(**entry) for entry in tomllib.loads(path.read_text())["equivalent"]]
    for entry in entries:
        if not entry.reason.strip():
            sys.exit(f"{path.name}: reason of {entry.was!r} must be given")
        module = ROOT / entry.file
        text = module.read_text() if module.exists() else ""
        if entry.was not in " ".join(line.strip() for line in text.splitlines()):
            sys.exit(f"{path.name}: {entry.file} has no {entry.was!r} any more; remove the entry")
    return entries


def room_of(file: str) -> str:
    """Return the folder of `ROOMS` that a module is in."""
    return Path(file).parts[1]


def chosen(seed: int, count: int, only: Sequence[str] = ()) -> list[Mutant]:
    """Draw about `count` mutants: half of them from all rooms alike, half by the rooms' sizes.

    `only` names files or folders to draw from.
    """
    everything: dict[str, list[Mutant]] = {room: [] for room in ROOMS}
    for room in ROOMS:
        for path in sorted((ROOT / "hwgen" / room).rglob("*.py")):
            file = str(path.relative_to(ROOT))
            if not only or any(Path(file).is_relative_to(name) for name in only):
                everything[room] += candidates(file, path.read_text())
    rooms = [room for room in ROOMS if everything[room]]
    total = sum(map(len, everything.values()))
    drawn: list[Mutant] = []
    for room in rooms:
        share = round(count / 2 / len(rooms) + count / 2 * len(everything[room]) / total)
        # By a digest: what one file gains or loses changes no other file's part of the draw.
        order = sorted(everything[room], key=lambda mutant: _digest(str(seed), mutant.name))
        good = filter(plausible, order)
        drawn += itertools.islice(good, share)
    return drawn


class Kept:
    """What earlier runs found, a line each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, dict] = {}
        for line in path.read_text().splitlines() if path.exists() else ():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the run was stopped as it wrote
            self._known[entry["key"]] = entry

    def find(self, mutant: Mutant, tests: Sequence[str]) -> dict | None:
        """Return what is known: a kill for good, a survival as long as the tests are the same."""
        entry = self._known.get(_digest(mutant.file, mutant.mutated))
        if entry and entry["verdict"] != Verdict.OWN and entry["tests"] != _digest_of(tests):
            return None
        return entry

    def add(self, mutant: Mutant, tests: Sequence[str], root: Path | None = None, **found) -> dict:
        """Keep what was found with the tests in `root`, and return it."""
        entry = {
            "key": _digest(mutant.file, mutant.mutated),
            "name": mutant.name,
            "tests": _digest_of(tests, root),
            **found,
        }
        self._path.parent.mkdir(exist_ok=True)
        with self._path.open("a") as file:
            file.write(json.dumps(entry) + "\n")
        self._known[entry["key"]] = entry
        return entry


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:24]


def _digest_of(tests: Sequence[str], root: Path | None = None) -> str:
    return _digest(*tests, *(((root or ROOT) / test).read_text() for test in tests))


def tried(tree: Tree, mutant: Mutant, *, own: bool) -> dict:
    """Run the tests that ought to see a fault; return what was found."""
    seconds = 0.0
    rooms = [(Verdict.OWN, own_tests(ROOT, mutant.file))]
    if not own:
        rooms.append((Verdict.ELSEWHERE, folder_tests(ROOT, mutant.file)))
    for verdict, tests in rooms:
        if not tests:
            continue
        run = tree.try_out(mutant, tests)
        seconds += run.seconds
        if not run.passed:
            return {"verdict": verdict, "seconds": round(seconds, 1), "hung": run.hung}
    return {"verdict": Verdict.SURVIVED, "seconds": round(seconds, 1), "hung": False}


def results(
    mutants: Sequence[Mutant], kept: Kept, listed: Sequence[Equivalent] = (), *, own: bool
) -> Iterator[tuple[Mutant, dict]]:
    """Yield what becomes of each mutant; the tree is copied when the first has to be tried.

    Of what is listed as equivalent only the tests of its own are asked.
    """
    tree = None
    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
        for mutant in mutants:
            tests = own_tests(ROOT, mutant.file)
            few = own or any(entry.covers(mutant) for entry in listed)
            seen = tests if few else [*tests, *folder_tests(ROOT, mutant.file)]
            found = kept.find(mutant, seen)
            if found is None:
                tree = tree or Tree(Path(scratch) / "tree")
                found = kept.add(mutant, seen, tree.root, **tried(tree, mutant, own=few))
            yield mutant, found


def table(found: Sequence[tuple[Mutant, str]]) -> str:
    """Return the score of each room as Markdown."""
    counts: dict[str, Counter[str]] = {room: Counter() for room in ROOMS}
    for mutant, outcome in found:
        counts[room_of(mutant.file)][outcome] += 1
    columns = [*Verdict, "equivalent"]
    lines = [f"| room | planted | {' | '.join(columns)} |", "| --- " * (len(columns) + 2) + "|"]
    for room, count in [*counts.items(), ("all", sum(counts.values(), Counter()))]:
        cells = (str(count[column]) for column in columns)
        lines.append(f"| {room} | {count.total()} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    """Plant, try and tell; return 1 if a fault survived that is not listed."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--only", nargs="+", default=[], metavar="PATH", help="files or folders")
    parser.add_argument("--own", action="store_true", help="the tests of a module's own alone")
    parser.add_argument("--anew", action="store_true", help="try again what was tried")
    parser.add_argument("--list", action="store_true", help="show the faults and try none")
    given = parser.parse_args()
    listed = equivalents()
    mutants = chosen(given.seed, given.count, given.only)
    if given.list:
        sys.stdout.writelines(f"{mutant.name}\n{mutant.diff()}\n" for mutant in mutants)
        return 0
    if given.anew:
        KEPT.unlink(missing_ok=True)
    said: list[tuple[Mutant, str]] = []
    tries = results(mutants, Kept(KEPT), listed, own=given.own)
    for number, (mutant, found) in enumerate(tries, 1):
        outcome = found["verdict"]
        if outcome == Verdict.SURVIVED and any(entry.covers(mutant) for entry in listed):
            outcome = "equivalent"
        said.append((mutant, outcome))
        hung = ", hung" if found["hung"] else ""
        sys.stdout.write(
            f"{number}/{len(mutants)} {outcome} ({found['seconds']:.1f} s{hung}) {mutant.name}\n"
        )
        sys.stdout.flush()
    left = [mutant for mutant, outcome in said if outcome == Verdict.SURVIVED]
    for mutant in left:
        was, becomes = mutant.change
        sys.stdout.write(f"\n{mutant.diff()}\n[[equivalent]]\nfile = {mutant.file!r}\n"
                         f"was = {json.dumps(was)}\nbecomes = {json.dumps(becomes)}\n")  # fmt: skip
    sys.stdout.write(f"\nseed {given.seed}, {len(mutants)} mutants\n\n{table(said)}\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
