"""The chip's cells, by our models of them."""

from __future__ import annotations

import pytest
from amaranth.hdl import Signal

from hwgen import share
from hwgen.boards import find_board
from hwgen.targets.ecp5 import primitives
from hwgen.targets.ecp5.pll import plan_pll
from hwgen.targets.ecp5.tools import TOOLCHAIN
from tests.targets import bench


@pytest.mark.slow
def test_cells_do_what_the_components_promise(tmp_path):
    platform = find_board("ulx3s-25f").platform()
    bench.check(tmp_path, platform, share.folder("sim") / TOOLCHAIN.models)


def test_the_pll_has_its_own_output_as_feedback():
    source, output, locked = Signal(), Signal(), Signal()
    made = primitives.pll(plan_pll(25, 100), source, output, locked)
    ports = {name: value for name, (value, _) in made.ports.items()}
    assert ports["CLKI"] is source
    assert ports["CLKFB"] is ports["CLKOP"] is output
    assert ports["LOCK"] is locked
