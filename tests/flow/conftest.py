"""Small recordings, and stand-ins for the slow stages."""

from __future__ import annotations

import dataclasses
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwgen import files
from hwgen.flow import check, implement, netlist, results
from hwgen.flow.build import build
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.implemented import Implemented, Routed
from hwgen.flow.options import DataOptions, Settings
from hwgen.flow.verified import Verified
from hwgen.targets import Cells
from hwgen.verify import Verification
from tests.records import netlist_checked


def stand_in(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Put something quick in the place of simulation, synthesis and page; return what is run."""
    run: list[str] = []

    def simulate(build, model, windows, known):
        run.append("verify")
        timing = known.timing
        found = Verification(
            "none", len(windows), 0, timing.latency, timing.interval, timing.pause, {}
        )
        return Verified(check.basis(model.digest, build), found, corner_windows=0)

    def simulate_briefly(build, model, windows, known):
        made = simulate(build, model, windows, known)
        run[-1] = "verify briefly"
        basis = check.basis(model.digest, build, brief=True)
        return dataclasses.replace(made, basis=basis, brief=True)

    def synthesise(model, options, board, known, least, folder, say):
        run.append("synth")
        files.write_text(folder / "top.bit", "bits")
        return Implemented(
            implement.basis(model.digest, options),
            cells=Cells(dict.fromkeys(("lut4", "comb", "ff", "dsp", "ebr"), 1)),
            available=board.resources,
            timing=Routed(options.clock_mhz, 150.0, options.clock_mhz <= 150, seed=1),
            tools={},
            clock_mhz=options.clock_mhz,
            bitstream="top.bit",
        )

    def check_netlist(model, options, board, known, windows, folder):
        return netlist_checked(netlist.basis(model.digest, options))

    def draw(report, path, drawn):
        del report, drawn
        files.write_text(path, "<html>")

    monkeypatch.setattr(results.report, "write_html", draw)
    monkeypatch.setattr(check, "check", simulate)
    monkeypatch.setattr(check, "check_briefly", simulate_briefly)
    monkeypatch.setattr(netlist, "check", check_netlist)
    monkeypatch.setattr(implement, "implement", synthesise)
    return run


@pytest.fixture
def stages(monkeypatch) -> list[str]:
    """Have stand-ins for simulation and synthesis; return which of them were run."""
    return stand_in(monkeypatch)


@pytest.fixture(scope="session")
def recordings(tmp_path_factory) -> Path:
    """Folder of three made-up recordings of 3,000 samples at 12 kHz."""
    folder = tmp_path_factory.mktemp("recordings")
    rng = np.random.default_rng(0)
    turn = 2 * np.pi * np.arange(3000) / 12_000
    for number, name in enumerate(("inner", "outer", "sound")):
        tone = np.sin(turn * 700 * (number + 1))
        np.save(folder / f"{name}.npy", 0.3 * tone + 0.1 * rng.standard_normal(3000))
    return folder


@pytest.fixture(scope="session")
def original(tmp_path_factory, recordings, write_state) -> tuple[Settings, Path]:
    """Settings and folder of a build with stand-ins, of small data; not to be changed."""
    root = tmp_path_factory.mktemp("original")
    checkpoint = write_state(root / "tiny.pt")
    data = DataOptions(data=str(recordings), sample_rate=12_000)
    settings = Settings(checkpoint=str(checkpoint), data=data)
    with pytest.MonkeyPatch.context() as monkeypatch:
        stand_in(monkeypatch)
        build(settings, root / "build", lambda _: None)
    return settings, root / "build"


@pytest.fixture(scope="session")
def smallest(original, tmp_path_factory) -> Path:
    """Folder of such a build of the smallest design, whose netlist is simulated in seconds."""
    folder = tmp_path_factory.mktemp("smallest") / "build"
    hardware = HardwareOptions.of(goal="area", clock_mhz=50.0)
    with pytest.MonkeyPatch.context() as monkeypatch:
        stand_in(monkeypatch)
        build(replace(original[0], hardware=hardware), folder, lambda _: None)
    return folder


@pytest.fixture
def finished(original, tmp_path, stages) -> tuple[Settings, Path]:
    """Return settings and a copy of that build, to be changed."""
    settings, folder = original
    return settings, Path(shutil.copytree(folder, tmp_path / "build"))


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """Return a copy of the real small build, to be changed."""
    return Path(shutil.copytree(built, tmp_path / "copy"))
