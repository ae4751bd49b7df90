"""What templates may say of a core: ports, formats, cycles, vectors."""

from __future__ import annotations

import math
from typing import Any

from hwgen import golden
from hwgen.export.ports import Core, Field
from hwgen.export.render import plain
from hwgen.fixedpoint import Integers
from hwgen.plans import depths
from hwgen.plans.timing import Timing
from hwgen.quantized import QuantizedModel
from hwgen.verify.vectors import memory_file


def facts_of_core(
    model: QuantizedModel, core: Core, module: str, windows: int, timing: Timing
) -> dict[str, Any]:
    """Return what templates may say of a core and its test bench."""
    fields = {field.name: field for field in core.result}
    classes = len(model.classes)
    return {
        "module": module,
        "digest": model.digest,
        "ports": core.ports,
        "sample_fields": core.sample,
        "fields": fields,
        "answer_bits": fields["cycles"].low,
        "expected_files": _expected_files(model),
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
        "names": [plain(name) for name in model.classes],
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


def _expected_files(model: QuantizedModel) -> list[str]:
    """Return what the test bench compares with: a line a result, and a line a value."""
    found = {"expected.hex": bool(model.classes), "values.hex": bool(model.numbers)}
    return [name for name, there in found.items() if there]


def _values(model: QuantizedModel) -> list[dict[str, Any]]:
    """Return for each output that is values which numbers are its own, and what they mean."""
    rows, first = [], 0
    for name, each in model.values.items():
        count = math.prod(each.shape)
        steps = [f"{step:.6g}" for step in each.scale.tolist()]
        rows.append(
            {
                "name": plain(name),
                "channels": each.shape[0],
                "positions": count // each.shape[0],
                "first": first,
                "last": first + count - 1,
                "steps": steps[0] if len(set(steps)) == 1 else ", ".join(steps),
            }
        )
        first += count
    return rows


def expected_hex(model: QuantizedModel, core: Core, answers: Integers) -> str:
    """Return a line a window for ``$readmemh``: all of a result but its cycles."""
    fields = {field.name: field for field in core.result}
    digits = -(-fields["cycles"].low // 4)
    classes = len(model.classes)
    lines = []
    for row in answers:
        word = int(golden.classify(row[:classes])) << fields["class_"].low
        word |= _packed(row[:classes], fields["logits"])
        lines.append(f"{word:0{digits}x}\n")
    return "".join(lines)


def values_hex(model: QuantizedModel, answers: Integers) -> str:
    """Return a line a value for ``$readmemh``, window by window."""
    return memory_file(answers[:, len(model.classes) :], model.number_bits)


def _packed(row: Integers, field: Field) -> int:
    """Return signed integers side by side in a field, the first in its lowest bits."""
    width = field.width // len(row)
    mask = (1 << width) - 1
    return sum(
        (value & mask) << (field.low + index * width) for index, value in enumerate(row.tolist())
    )
