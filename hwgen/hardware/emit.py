"""Verilog of a component, through Amaranth's RTLIL and Yosys."""

from __future__ import annotations

from pathlib import Path

from amaranth.back import rtlil
from amaranth.lib import wiring

from hwgen import files, tools

# Processes become two-way multiplexers: no case statement is left that could be incomplete.
_SCRIPT = """\
read_rtlil {source}
proc -norom
pmuxtree
memory_collect
attrmap -remove full_case -remove generator -remove top -remove src -remove amaranth.hierarchy \
 -remove amaranth.decoding
attrmap -modattr -remove generator -remove top -remove src -remove amaranth.hierarchy \
 -remove amaranth.decoding
write_verilog -norename {target}
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
    source, target, script = (path.with_suffix(end) for end in (".il", ".new.v", ".ys"))
    files.write_text(source, rtlil.convert(component, name=name, emit_src=False))
    files.write_text(script, _SCRIPT.format(source=source.name, target=target.name))
    try:
        tools.run(
            [*tools.find("yosys"), "-q", script.name],
            path.parent,
            path.with_suffix(".log"),
            what="Verilog output",
        )
        with files.access(path, "write"):
            target.replace(path)
    finally:
        with files.access(path, "write"):
            for leftover in (source, target, script):
                leftover.unlink(missing_ok=True)
