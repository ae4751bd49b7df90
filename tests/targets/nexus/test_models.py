"""Our models of the logic cells against Yosys's own, for all inputs."""

from __future__ import annotations

import pytest

from hwgen import share, tools
from hwgen.errors import ToolError

CELLS = """\
module cells(input clk, input [7:0] i, output [7:0] o, output [3:0] q);
  LUT4 #(.INIT("0x1eC5")) table_(.A(i[0]), .B(i[1]), .C(i[2]), .D(i[3]), .Z(o[0]));
  WIDEFN9 #(.INIT0("0xA0f7"), .INIT1("0x36B2")) wide(.A0(i[0]), .B0(i[1]), .C0(i[2]), .D0(i[3]),
    .A1(i[3]), .B1(i[4]), .C1(i[5]), .D1(i[6]), .SEL(i[7]), .Z(o[1]));
  wire carry;
  CCU2 #(.INIT0("0xFFFF"), .INIT1("0x00AA"), .INJECT("NO")) first(.CIN(1'b0), .A0(1'b1),
    .B0(1'b1), .C0(1'b1), .D0(1'b1), .A1(i[7]), .B1(1'b1), .C1(1'b1), .D1(1'b1), .COUT(carry));
  CCU2 #(.INIT0("0x96AA"), .INIT1("0x6a3C"), .INJECT("NO")) second(.CIN(carry), .A0(i[0]),
    .B0(i[1]), .C0(i[2]), .D0(i[3]), .A1(i[4]), .B1(i[5]), .C1(i[6]), .D1(i[7]),
    .S0(o[2]), .S1(o[3]), .COUT(o[4]));
  INV inverted(.A(i[0]), .Z(o[5]));
  VHI high(.Z(o[6]));
  VLO low(.Z(o[7]));
  FD1P3IX clears(.D(i[0]), .CK(clk), .SP(i[1]), .CD(i[2]), .Q(q[0]));
  FD1P3JX sets(.D(i[0]), .CK(clk), .SP(i[1]), .PD(i[2]), .Q(q[1]));
  FD1P3DX clears_at_once(.D(i[0]), .CK(clk), .SP(i[1]), .CD(i[2]), .Q(q[2]));
  FD1P3BX sets_at_once(.D(i[0]), .CK(clk), .SP(i[1]), .PD(i[2]), .Q(q[3]));
endmodule
"""
SIDE = ("read_verilog {} cells.v; hierarchy -top cells; proc; flatten; async2sync; "
        "opt_clean; rename cells {}; design -stash {}; design -reset")  # fmt: skip
BOTH = "design -copy-from {0} -as {0} {0}; "
PROOF = ("miter -equiv -flatten -make_assert ours theirs both; hierarchy -top both; "
         "sat -verify -prove-asserts -tempinduct both")  # fmt: skip


def prove(folder, models):
    (folder / "cells.v").write_text(CELLS)
    (folder / "models.v").write_text(models)
    script = "; ".join([
        SIDE.format("models.v", "ours", "ours"),
        SIDE.format("+/nexus/cells_sim.v", "theirs", "theirs"),
        BOTH.format("ours") + BOTH.format("theirs") + PROOF,
    ])  # fmt: skip
    tools.run([*tools.find("yosys"), "-p", script], folder, folder / "log", what="the proof")


def test_logic_cells_are_yosys_s(tmp_path):
    prove(tmp_path, (share.folder("sim") / "nexus_cells.v").read_text())


def test_a_wrong_model_is_found(tmp_path):
    models = (share.folder("sim") / "nexus_cells.v").read_text()
    wrong = models.replace("assign S1 = propagate1 ^ carry;", "assign S1 = propagate1 ^ CIN;")
    assert wrong != models
    with pytest.raises(ToolError):
        prove(tmp_path, wrong)
