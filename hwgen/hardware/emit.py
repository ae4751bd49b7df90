"""Verilog of a component, through Amaranth's RTLIL and Yosys."""

from __future__ import annotations

from pathlib import Path

from amaranth.back import rtlil
from amaranth.lib import wiring

from hwgen import files, tools
from hwgen.errors import ToolError

NO_BIT_NAMES = "rename -hide w:*[[]*"
"""Yosys's command that hides wires called like a bit of another, as ``w[0]`` beside ``w``.

Amaranth calls elements of arrays so. Yosys's ABC9 takes one for the other and ends, mostly without
a word (docs/abc9.md).
"""
_SOURCE, _TARGET, _COMMANDS = "source.il", "target.v", "script.ys"
# Processes become two-way multiplexers: no case statement is left that could be incomplete.
_SCRIPT = f"""\
read_rtlil {_SOURCE}
{NO_BIT_NAMES}
proc -norom
pmuxtree
memory_collect
attrmap -remove full_case -remove generator -remove top -remove src -remove amaranth.hierarchy \
 -remove amaranth.decoding
attrmap -modattr -remove generator -remove top -remove src -remove amaranth.hierarchy \
 -remove amaranth.decoding
write_verilog -norename {_TARGET}
"""


def write_verilog(component: wiring.Component, name: str, path: Path) -> None:
    """Write one self-contained Verilog-2005 file with `component` as module `name`.

    ROMs are inside; clock and reset are ``clk`` and ``rst`` (synchronous, active high).

    Raises
    ------
    ToolError
        If Yosys is missing or fails.
    FileAccessError
        If `path` cannot be written.
    """
    with tools.workshop(path.parent) as place:
        try:
            files.write_text(place / _SOURCE, rtlil.convert(component, name=name, emit_src=False))
            files.write_text(place / _COMMANDS, _SCRIPT)
            log = path.with_suffix(".log")
            tools.run([*tools.find("yosys"), "-q", _COMMANDS], place, log, what="Verilog output")
            with files.access(place / _TARGET, "read"):
                text = (place / _TARGET).read_bytes()
            # A tool need not notice that the drive took only a part.
            if not text.rstrip().endswith(b"endmodule"):
                raise ToolError(f"Yosys wrote only a part of {path}; log: {log}")
            (place / _TARGET).rename(place / path.name)
        finally:
            for done in (_SOURCE, _COMMANDS, _TARGET):
                (place / done).unlink(missing_ok=True)
