"""Ends builds with `kill -9` at random times, and has them finished: the result is the same.

    python benchmarks/kill.py --seconds 3600           up to verification, an hour
    python benchmarks/kill.py --upto synth --runs 3    up to the bitstream

A small network. After each kill no process works in the folder any more, and `hwgen report` tells
what belongs together, or says that it cannot. At the end of each round (a few kills, then a build
that is left alone) report and files are those of a build that nobody disturbed.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUILD = """
import sys
from pathlib import Path
from hwgen.flow.build import build
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.options import Settings
checkpoint, folder, upto, parallel = sys.argv[1:]
hardware = HardwareOptions.of(parallel=int(parallel), clock_mhz=50.0, seeds=(1,))
settings = Settings(checkpoint=checkpoint, hardware=hardware, verify_windows=12)
build(settings, Path(folder), lambda line: print(line, flush=True), upto=upto)
"""
KILLS = 4
"""Most kills in a round."""
UNTIMED = {"stage.json", "report.json", "index.html"}
"""Files that tell of time."""
COMPARED = ("ir", "rtl", "synth")
_GRACE_S = 5.0


def write_network(path: Path) -> None:
    """Write a small random network of the published format."""
    import torch

    draw = torch.Generator().manual_seed(3)
    last = torch.randn(3, 16, generator=draw)
    state = {
        "conv1.weight": torch.randn(2, 1, 16, generator=draw),
        "conv1.bias": 0.1 * torch.randn(2, generator=draw),
        "fc1.weight": last - last.mean(dim=1, keepdim=True),
        "fc1.bias": 0.1 * torch.randn(3, generator=draw),
    }
    torch.save(state, path)


def start(root: Path, folder: Path, upto: str, parallel: int) -> subprocess.Popen[bytes]:
    """Start a build."""
    command = [sys.executable, "-c", BUILD, str(root / "tiny.pt"), str(folder), upto, str(parallel)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(root: Path, folder: Path, upto: str, parallel: int) -> float:
    """Build undisturbed; return the seconds it took."""
    begin = time.monotonic()
    with start(root, folder, upto, parallel) as process:
        said = process.communicate()[1].decode()
    if process.returncode:
        raise SystemExit(f"a build that was left alone failed: {said}")
    return time.monotonic() - begin


def working_in(folder: Path) -> list[str]:
    """Return the processes whose working folder is in a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(folder):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def outcome(folder: Path) -> dict[str, object]:
    """Return what a build made: files, and the report but for its seconds."""
    text = (folder / "report.json").read_text()
    report = json.loads(text.replace(str(folder), "BUILD"))  # it says which command checks more
    found: dict[str, object] = {"report": report | {"seconds": None}}
    for place in COMPARED:
        for path in (folder / place).glob("*"):
            if path.is_file() and path.suffix != ".log" and path.name not in UNTIMED:
                found[f"{place}/{path.name}"] = path.read_bytes()
    return found


def check_quiet(folder: Path) -> None:
    """Raise unless all that worked in the folder has ended soon after the kill."""
    deadline = time.monotonic() + _GRACE_S
    while left := working_in(folder):
        if time.monotonic() > deadline:
            raise SystemExit(f"still at work after the kill: {left}")
        time.sleep(0.02)


def check_told(folder: Path) -> None:
    """Raise unless the folder's report can be written, or it is said that it cannot."""
    command = [sys.executable, "-m", "hwgen", "report", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 3} or "Traceback" in done.stderr:
        raise SystemExit(f"hwgen report: exit code {done.returncode}: {done.stderr}")


def rounds(root: Path, upto: str, seed: int, seconds: float, runs: int) -> tuple[int, int]:
    """Do it; return rounds and kills."""
    draw = random.Random(seed)
    whole, took = {}, {}
    for parallel in (1, 4):
        folder = root / f"whole{parallel}"
        took[parallel] = finish(root, folder, upto, parallel)
        whole[parallel] = outcome(folder)
    folder, begin, done, kills = root / "build", time.monotonic(), 0, 0
    while done < runs and time.monotonic() - begin < seconds:
        if draw.random() < 0.5:
            shutil.rmtree(folder, ignore_errors=True)
        for _ in range(draw.randint(1, KILLS)):
            parallel = draw.choice((1, 4))
            with start(root, folder, upto, parallel) as process:
                time.sleep(draw.uniform(0, 1.1) * took[parallel])
                process.kill()
            kills += process.returncode < 0
            check_quiet(root)
            if folder.exists():
                check_told(folder)
        parallel = draw.choice((1, 4))
        finish(root, folder, upto, parallel)
        found = outcome(folder)
        wrong = [name for name in whole[parallel] if found.get(name) != whole[parallel][name]]
        wrong += [str(left) for end in ("*.hwgen", "*.lock") for left in folder.rglob(end)]
        if wrong:
            raise SystemExit(f"round {done}, seed {seed}: not as undisturbed: {wrong}")
        done += 1
        print(f"round {done}: {kills} kills, the result is the same", flush=True)
    return done, kills


def main() -> None:
    """Run and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upto", choices=["verify", "synth"], default="verify")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=900.0)
    parser.add_argument("--runs", type=int, default=10**9)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_network(root / "tiny.pt")
        done, kills = rounds(root, given.upto, given.seed, given.seconds, given.runs)
    if not kills:
        raise SystemExit("nothing was killed: that shows nothing")
    print(f"{done} rounds, {kills} kills, seed {given.seed}: every result as undisturbed")


if __name__ == "__main__":
    main()
