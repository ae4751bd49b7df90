"""Verilog of a component: one file, whole or not at all."""

from __future__ import annotations

import pytest

from hwgen import tools
from hwgen.errors import ToolError
from hwgen.hardware import emit
from hwgen.hardware.emit import write_verilog
from hwgen.hardware.primitives.adder import AddSubtract


def test_one_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "sum.v"
    write_verilog(AddSubtract(5, 4), "sum", path)
    text = path.read_text()
    assert "module sum(" in text
    assert "input clk;" in text
    assert "input rst;" in text
    for word in ("src =", "generator =", "amaranth", "full_case", "case ("):
        assert word not in text
    assert sorted(each.name for each in tmp_path.iterdir()) == ["sum.log", "sum.v"]


def test_a_tool_that_fails_leaves_what_there_was(tmp_path, monkeypatch):
    path = tmp_path / "sum.v"
    path.write_text("before")

    def fail(command, folder, log, *, what):
        assert folder != tmp_path  # a scratch folder, which goes
        assert (log, what) == (tmp_path / "sum.log", "Verilog output")
        assert command[-2:] == ["-q", "script.ys"]
        (folder / emit._TARGET).write_text("half")
        raise ToolError("it broke")

    monkeypatch.setattr(tools, "run", fail)
    with pytest.raises(ToolError, match="it broke"):
        write_verilog(AddSubtract(5, 4), "sum", path)
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["sum.v"]
