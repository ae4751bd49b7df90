"""Plain Verilog-2005: the core in one file, a test bench with its vectors, and a README."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from hwgen import files, golden, share
from hwgen.errors import InputError
from hwgen.export._core import Core, Field, read_core
from hwgen.export._folder import MANIFEST, package
from hwgen.fixedpoint import Integers
from hwgen.plans import depths
from hwgen.plans.timing import Timing
from hwgen.quantized import QuantizedModel
from hwgen.verify.vectors import memory_file

_TEMPLATES = "verilog"


def export_verilog(
    model: QuantizedModel,
    core_verilog: Path,
    module: str,
    windows: Integers,
    timing: Timing,
    folder: Path,
    *,
    title: str,
) -> list[Path]:
    """Write a folder that another tool takes as it is; return its files.

    Parameters
    ----------
    model
        What the core was generated from; its golden model gives the expected answers.
    core_verilog, module
        The accelerator as `hwgen.hardware.emit.write_verilog` wrote it, and its module's name.
    windows
        ADC steps for the test bench, ``(n, input_samples)``; see `bench_windows`.
    timing
        Latency and interval in cycles; the test bench measures them.
    folder
        New, empty, or an earlier export, which is replaced.
    title
        What the README calls the design, on one line.

    Raises
    ------
    ValueError
        If `module` is no Verilog name.
    UsageError
        If `folder` holds something else.
    InputError
        If there are no windows or of the wrong shape, or the core is not `model`'s.
    FileAccessError
        If a file cannot be read or written.
    """
    if not re.fullmatch(r"[A-Za-z_]\w*", module, re.ASCII):
        raise ValueError(f"module must be a Verilog name, not {module!r}")
    if not len(windows):
        raise InputError("a test bench needs at least one window, not none")
    with package(folder, {"kind": "verilog", "module": module, "digest": model.digest}) as new:
        core = read_core(core_verilog, module, model)
        answers = golden.answers(model, windows)
        expected = _expected(model, core, answers)
        facts = _facts(model, core, module, len(windows), timing) | {"title": _plain(title)}
        facts |= {"expected_files": list(expected)}
        contents = {
            f"{module}.v": _rendered("core.v.j2", facts | {"verilog": core.verilog}),
            f"{module}_tb.v": _rendered("testbench.v.j2", facts),
            f"{module}.f": f"{module}.v\n{module}_tb.v\n",
            "samples.hex": memory_file(windows, model.bits.adc),
            **expected,
            "README.md": _rendered("README.md.j2", facts),
        }
        for name, text in contents.items():
            files.write_text(new / name, text)
    return [folder / name for name in (*contents, MANIFEST)]


def _facts(
    model: QuantizedModel, core: Core, module: str, windows: int, timing: Timing
) -> dict[str, Any]:
    """Return what the templates may say."""
    fields = {field.name: field for field in core.result}
    classes = len(model.classes)
    return {
        "module": module,
        "digest": model.digest,
        "ports": core.ports,
        "sample_fields": core.sample,
        "fields": fields,
        "answer_bits": fields["cycles"].low,
        "value_fields": core.value,
        "values": _values(model),
        "number_count": model.numbers,
        "number_bits": model.number_bits,
        "first_value": timing.latency + depths.VALUE,
        "last_value": timing.latency + depths.VALUE + model.numbers - 1,
        "windows": windows,
        "window": model.elements,
        "adc_bits": model.bits.adc,
        "full_scale": model.bits.full_scale,
        "lsb": model.bits.lsb,
        "sample_rate": model.sample_rate,
        "names": [_plain(name) for name in model.classes],
        "classes": classes,
        "scored": model.score is not None,
        "threshold": model.threshold,
        "class_bits": fields["class_"].width if classes else 0,
        "logit_bits": model.logit_width,
        "logit_scales": model.logits.scale.tolist() if classes else [],
        "counter_bits": fields["cycles"].width,
        "latency": timing.latency,
        "interval": timing.interval,
    }


def _values(model: QuantizedModel) -> list[dict[str, Any]]:
    """Return for each output that is values which numbers are its own, and what they mean."""
    rows, first = [], 0
    for name, each in model.values.items():
        count = math.prod(each.shape)
        steps = [f"{step:.6g}" for step in each.scale.tolist()]
        rows.append(
            {
                "name": _plain(name),
                "channels": each.shape[0],
                "positions": count // each.shape[0],
                "first": first,
                "last": first + count - 1,
                "steps": steps[0] if len(set(steps)) == 1 else ", ".join(steps),
            }
        )
        first += count
    return rows


def _expected(model: QuantizedModel, core: Core, answers: Integers) -> dict[str, str]:
    """Return files for ``$readmemh``: of results a line a window, of values a line each."""
    classes, files_ = len(model.classes), {}
    if classes:
        fields = {field.name: field for field in core.result}
        digits = -(-fields["cycles"].low // 4)
        lines = []
        for row in answers:
            word = int(golden.classify(row[:classes])) << fields["class_"].low
            word |= _packed(row[:classes], fields["logits"])
            lines.append(f"{word:0{digits}x}\n")
        files_["expected.hex"] = "".join(lines)
    if model.numbers:
        files_["values.hex"] = memory_file(answers[:, classes:], model.number_bits)
    return files_


def _packed(row: Integers, field: Field) -> int:
    """Return signed integers side by side in a field, the first in its lowest bits."""
    width = field.width // len(row)
    mask = (1 << width) - 1
    return sum(
        (value & mask) << (field.low + index * width) for index, value in enumerate(row.tolist())
    )


def _plain(text: str) -> str:
    """Return `text` on one line, without what Markdown or Verilog would take as more than text."""
    line = "".join(char if char.isprintable() else " " for char in text)
    return re.sub(r"([\\`*_<>|\[\]])", r"\\\1", " ".join(line.split()))


def _rendered(name: str, facts: dict[str, Any]) -> str:
    import jinja2

    source = files.read_text(share.folder("rtl_templates") / _TEMPLATES / name)
    environment = jinja2.Environment(  # not HTML: nothing to escape beyond what `_plain` does
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.from_string(source).render(facts)
