"""Writes a package: the templates of a format and of those it holds, filled in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from hwgen import files, golden
from hwgen.errors import InputError
from hwgen.export import surroundings
from hwgen.export.facts import expected_hex, facts_of_core, values_hex
from hwgen.export.folder import MANIFEST, package
from hwgen.export.form import Format, read_format
from hwgen.export.pll import plan_pll
from hwgen.export.ports import Core, read_core
from hwgen.export.render import plain, rendered
from hwgen.export.wanted import Wanted
from hwgen.fixedpoint import Integers
from hwgen.plans.timing import Timing
from hwgen.quantized import QuantizedModel
from hwgen.verify.vectors import memory_file

_README = "README.md"
_USUAL = Wanted()


def export(
    format_name: str,
    model: QuantizedModel,
    core_verilog: Path,
    module: str,
    windows: Integers,
    timing: Timing,
    folder: Path,
    *,
    title: str,
    hop: int | None = None,
    wanted: Wanted = _USUAL,
) -> list[Path]:
    """Write a folder that another tool takes as it is; return its files.

    Parameters
    ----------
    format_name
        One of `hwgen.export.form.formats`.
    model
        What the core was generated from; its golden model gives the expected answers.
    core_verilog, module
        The accelerator as `hwgen.hardware.emit.write_verilog` wrote it, and its module's name.
    windows, timing
        For the test bench: ADC steps, ``(n, input_samples)``; cycles, which it measures.
    folder
        New, empty, or an earlier export, which is replaced.
    title
        What the README calls the design, on one line.
    hop, wanted
        Samples from one window to the next, None for windows that do not overlap; options.

    Raises
    ------
    ValueError
        If `module` is no Verilog name.
    UsageError
        If there is no such format, it cannot do what is wanted, or `folder` holds something else.
    InputError
        If there are no windows or of the wrong shape, or the core is not `model`'s.
    CannotMeetError
        If a board's PLL cannot make the clock, or the clock a serial line's bits.
    ToolError
        If Yosys is missing or fails.
    FileAccessError
        If a file cannot be read or written.
    """
    form = read_format(format_name)
    wanted.check(form)
    _check(module, windows)
    with package(folder, {"kind": form.name, "module": module, "digest": model.digest}) as new:
        core = read_core(core_verilog, module, model)
        around = surroundings.facts(model, module, timing, hop, new.with_name("yosys"), wanted.baud)
        facts = around | facts_of_core(model, core, module, len(windows), timing)
        facts |= _vectors(model, core, windows) | _wishes(form, wanted) | {"title": plain(title)}
        names = _write(form, facts, new)
    return [folder / name for name in (*names, MANIFEST)]


def _check(module: str, windows: Integers) -> None:
    """Raise for what no package can be made of."""
    if not re.fullmatch(r"[A-Za-z_]\w*", module, re.ASCII):
        raise ValueError(f"module must be a Verilog name, not {module!r}")
    if not len(windows):
        raise InputError("a test bench needs at least one window, not none")


def _vectors(model: QuantizedModel, core: Core, windows: Integers) -> dict[str, Any]:
    """Return what templates may ask for of samples and answers."""

    @cache  # two files tell of them, and neither of them may be wanted
    def answers() -> Integers:
        return golden.answers(model, windows)

    return {
        "verilog": core.verilog,
        "class_names": list(model.classes),
        "samples_hex": lambda: memory_file(windows, model.bits.adc),
        "expected_hex": lambda: expected_hex(model, core, answers()),
        "values_hex": lambda: values_hex(model, answers()),
        "known": lambda count: surroundings.known(model, windows, count),
    }


def _wishes(form: Format, wanted: Wanted) -> dict[str, Any]:
    """Return what templates may say of the options, and of the format's own."""
    return {
        "clock_mhz": wanted.clock_mhz,
        "period_ns": 1000 / wanted.clock_mhz,
        "part": wanted.part or form.part,
        "vhdl": wanted.vhdl,
        "baud": wanted.baud,
        "data": form.data,
        "pll": plan_pll(form.pll, wanted.clock_mhz) if form.pll else None,
    }


def _write(form: Format, facts: dict[str, Any], new: Path) -> list[str]:
    """Fill in all templates; return the names of the files."""
    names = []
    for each in form.chain():
        for name, template in each.templates().items():
            if name in each.only and not facts[each.only[name]]:
                continue
            if name == _README and each is not form:
                name = f"{each.name}.md"  # noqa: PLW2901 - the format's own README is the one
            name = name.replace("MODULE", facts["module"])  # noqa: PLW2901
            files.write_text(new / name, rendered(template, facts))
            names.append(name)
    return names
