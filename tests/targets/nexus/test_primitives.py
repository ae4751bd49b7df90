"""The chip's cells against what the components promise."""

from __future__ import annotations

import pytest

from hwgen import share
from hwgen.boards import find_board
from tests.targets import bench


@pytest.mark.slow
def test_cells_do_what_the_components_promise(tmp_path):
    models = share.folder("sim") / "nexus_cells.v"
    bench.check(tmp_path, find_board("certus-nx-versa").platform(), models)
