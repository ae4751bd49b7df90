"""Yosys that ends in ABC9 is run again without it; one that ends elsewhere is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hwgen import tools
from hwgen.errors import ToolError
from hwgen.hardware.emit import NO_BIT_NAMES
from hwgen.synth import yosys

DEAD = "print('2.46. Executing ABC9.\\nRunning ABC command: \"yosys-abc\" -s 2>&1'); exit(1)"
SAID = "print('Running ABC command: \"yosys-abc\" -s'); print('ERROR: no such module'); exit(1)"
NAMES = "print('ERROR: Assert `count_id(wire->name) == 0\\' failed in rtlil.cc:2872.'); exit(1)"
WELL = "print('End of script.')"


def python(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def run(tmp_path, first: str, then: str) -> tuple[tuple[str, ...], list[str], int]:
    said: list[str] = []
    asked = []

    def without():
        asked.append(1)
        return python(then)

    notices = yosys.run(python(first), tmp_path, tmp_path / "log", what="synthesis",
                        without=without, progress=said.append)  # fmt: skip
    return notices, said, len(asked)


def test_what_goes_well_is_run_once(tmp_path):
    assert run(tmp_path, WELL, SAID) == ((), [], 0)


@pytest.mark.parametrize("first", [DEAD, NAMES])
def test_what_ends_in_abc9_is_run_again(tmp_path, first):
    notices, said, asked = run(tmp_path, first, WELL)
    assert notices == (yosys.NOTICE,)
    assert said == ["synthesis, again without ABC9, which ended early"]
    assert asked == 1
    assert (tmp_path / "log").read_text() == "End of script.\n"


@pytest.mark.parametrize(("first", "then"), [(SAID, WELL), (DEAD, SAID), (DEAD, DEAD)])
def test_what_fails_otherwise_is_told(tmp_path, first, then):
    with pytest.raises(ToolError, match=r"^synthesis failed"):
        run(tmp_path, first, then)


def test_a_log_that_is_not_there(tmp_path):
    assert not yosys.ended_in_abc9(tmp_path / "none")


BITS = """\
module top(input clk, input [3:0] w, output reg [3:0] y);
  reg [3:0] \\w[0] ;
  always @(posedge clk) \\w[0] <= w;
  always @(posedge clk) y <= w & \\w[0] ;
endmodule
"""
"""What docs/abc9.md reports."""
FAMILIES = ["ecp5", "efinix", "gowin", "ice40", "intel_alm", "nexus", "xilinx"]


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_a_wire_called_like_a_bit_does_not_end_abc9(tmp_path, family):
    (tmp_path / "bits.v").write_text(BITS)
    script = f"read_verilog bits.v; {NO_BIT_NAMES}; synth_{family} -top top"
    log = tmp_path / "log"
    tools.run([*tools.find("yosys"), "-p", script], tmp_path, log, what="synthesis")
    assert "Executing ABC9" in log.read_text()


@pytest.mark.slow
def test_the_page_reports_what_happens(tmp_path):
    """Once Yosys takes the names apart, `NO_BIT_NAMES` may go, and this test with it."""
    page = (Path(__file__).parents[2] / "docs" / "abc9.md").read_text()
    assert all(f"    {line}\n" in page for line in BITS.splitlines())
    (tmp_path / "bits.v").write_text(BITS)
    command = [*tools.find("yosys"), "-p", "read_verilog bits.v; synth_ecp5 -top top"]
    with pytest.raises(ToolError):
        tools.run(command, tmp_path, tmp_path / "log", what="synthesis")
    assert yosys.ended_in_abc9(tmp_path / "log")
