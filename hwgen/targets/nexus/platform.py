"""Amaranth's platform of Nexus, whose tools of today want two things otherwise."""

from __future__ import annotations

from amaranth.vendor import LatticePlatform

_CHAINS = """\
module VLO(output Z);
  assign Z = 1'b0;
endmodule
module CCU2(input CIN, A1, B1, C1, D1, A0, B0, C0, D0, output S1, S0, COUT);
  parameter INJECT = "YES";
  parameter INIT0 = "0x0000";
  parameter INIT1 = "0x1111";
  parameter _TECHMAP_CONSTMSK_CIN_ = 0;
  generate
    if (_TECHMAP_CONSTMSK_CIN_)
      CCU2 #(.INJECT(INJECT), .INIT0(INIT0), .INIT1(INIT1)) _TECHMAP_REPLACE_(
        .A1(A1), .B1(B1), .C1(C1), .D1(D1), .A0(A0), .B0(B0), .C0(C0), .D0(D0),
        .S1(S1), .S0(S0), .COUT(COUT));
    else
      wire _TECHMAP_FAIL_ = 1;
  endgenerate
endmodule
"""
"""A map for Yosys: a carry chain's first cell without the constant that ABC9 gives it for a carry.

nextpnr takes none there: what is beside the chain may be another (YosysHQ/yosys#4081, #5639).
"""
_FILE = "top.chains.v"
_CORRECTED = f"""\
techmap -map {_FILE} t:VLO
techmap -map {_FILE} t:CCU2
opt_clean
hilomap -singleton -hicell VHI Z -locell VLO Z
"""
_SCRIPT, _CONSTRAINTS = "{{name}}.ys", "{{name}}.pdc"


class NexusPlatform(LatticePlatform):
    """Chip, package and pins of a board with a chip of the family.

    nextpnr finds a net by its name in the flat netlist, which has dots.
    """

    @property
    def file_templates(self) -> dict[str, str]:
        """Amaranth's files, and the map."""
        made = dict(super().file_templates)
        made[_SCRIPT] = _before(made[_SCRIPT], "write_json", _CORRECTED)
        made[_CONSTRAINTS] = made[_CONSTRAINTS].replace('hierarchy("/")', 'hierarchy(".")')
        return made | {_FILE.replace("top", "{{name}}"): _CHAINS}


def _before(text: str, command: str, added: str) -> str:
    """Return a script with lines before the one with a command."""
    lines = text.splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if line.strip().startswith(command))
    indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
    new = [indent + line for line in added.splitlines(keepends=True)]
    return "".join([*lines[:place], *new, *lines[place:]])
