"""Behavioural cells."""

from __future__ import annotations

import pytest

from tests.targets import bench


@pytest.mark.slow
def test_cells_do_what_the_components_promise(tmp_path):
    bench.check(tmp_path, None, None)
