"""A virtual board of the small build, compiled once for all tests of this folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hwgen.flow.link import bench
from hwgen.link import Benchmark


@pytest.fixture(scope="session")
def measured(built: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Benchmark]:
    """Copy of the small build, and what `hwgen bench --port virtual` found."""
    folder = Path(shutil.copytree(built, tmp_path_factory.mktemp("virtual") / "build"))
    done = bench(folder, "virtual", lambda _: None, windows=8, timeout_s=60.0)
    return folder, done.said.found
