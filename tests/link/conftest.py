"""A virtual board of the small build, compiled once for all tests of this folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hwgen.flow.link import bench


@pytest.fixture(scope="session")
def measured(built: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """Copy of the small build, and what `hwgen bench --port virtual` found."""
    folder = Path(shutil.copytree(built, tmp_path_factory.mktemp("virtual") / "build"))
    found = bench(folder, "virtual", lambda _: None, windows=8, timeout_s=60.0)
    json.dumps(found)
    return folder, found
