"""What the core's Verilog says of its ports, checked against what the model needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hwgen import files
from hwgen.errors import InputError
from hwgen.hardware.contract import result_layout, sample_layout, value_layout
from hwgen.plans.facts import Answer
from hwgen.quantized import QuantizedModel

_PORT = re.compile(r"^\s*(input|output)\s+(?:\[(\d{1,6}):0\]\s*)?(\w+);", re.MULTILINE)

# As Yosys writes them: two spaces, the module, then its parameters or the instance's name.
_INSTANCE = re.compile(r"^  (\\\S+|[A-Za-z_]\w*) +(?:#\(|\S+ +\($)", re.MULTILINE)
_MODULE = re.compile(r"^module (\\\S+|\w+)", re.MULTILINE)

_MEANINGS = {
    "clk": "clock; everything happens at its rising edge",
    "rst": "synchronous reset, active high; hold it for one cycle or more",
    "samples__valid": "a sample is offered",
    "samples__ready": "the sample is taken at this clock edge if it is offered",
    "samples__payload": "the sample, see below",
    "abandon": "while high, the window whose samples came last is given up; tie to 0 if unused",
    "result__valid": "a result stands at the output",
    "result__ready": "the result is taken at this clock edge if there is one",
    "result__payload": "the result, see below",
}
_SCORED = {
    "threshold__set": "take another threshold at this clock edge; tie to 0 to keep the network's",
    "threshold__value": "the largest score that is no anomaly, from the next result on; see below",
}
"""Of a network whose answer is a score."""
_VALUED = {
    "values__valid": "a value stands at the output",
    "values__ready": "the value is taken at this clock edge if there is one",
    "values__payload": "the value, see below",
}
"""Of a network with outputs that are values."""
_OUTPUTS = {
    *("samples__ready", "result__valid", "result__payload", "values__valid", "values__payload"),
}


@dataclass(frozen=True)
class Port:
    """A port of the core.

    Parameters
    ----------
    name, direction
        As in the Verilog; the direction is ``input`` or ``output``.
    width
        Bits.
    meaning
        For the reader.
    """

    name: str
    direction: str
    width: int
    meaning: str


@dataclass(frozen=True)
class Field:
    """Bits of a payload.

    Parameters
    ----------
    name
        Of the field.
    low, width
        Its lowest bit in the payload, and its bits.
    """

    name: str
    low: int
    width: int

    @property
    def bits(self) -> str:
        """Its bits as Verilog names them."""
        high = self.low + self.width - 1
        return f"[{high}:{self.low}]" if self.width > 1 else f"[{self.low}]"


@dataclass(frozen=True)
class Core:
    """The core's Verilog and its interface.

    Parameters
    ----------
    verilog
        The text of the file.
    ports
        In the order of the file.
    sample, result, value
        Fields of the payloads, low bits first; of a value none where there is no such stream.
    """

    verilog: str
    ports: tuple[Port, ...]
    sample: tuple[Field, ...]
    result: tuple[Field, ...]
    value: tuple[Field, ...] = ()


def read_core(path: Path, module: str, model: QuantizedModel) -> Core:
    """Return the core in `path`.

    Raises
    ------
    InputError
        If the file has no such module, needs modules from elsewhere, or its ports are not those of
        `model`'s accelerator.
    FileAccessError
        If it cannot be read.
    """
    text = files.read_text(path)
    found = re.search(rf"^module {module}\s*\((.*?)^endmodule", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise InputError(f"{path} must hold module {module}; build again")
    foreign = set(_INSTANCE.findall(text)) - set(_MODULE.findall(text))
    if foreign:
        raise InputError(
            f"{path} must hold every module it uses, but not {min(foreign)}; "
            f"export the core that was generated without a vendor's cells"
        )
    sample = _fields(sample_layout(model.bits.adc))
    result = _fields(result_layout(Answer.of(model)))
    value = _fields(value_layout(model.number_bits)) if model.numbers else ()
    meanings = _MEANINGS if model.score is None else _MEANINGS | _SCORED
    if value:
        meanings = meanings | _VALUED
    widths = dict.fromkeys(meanings, 1)
    if model.score is not None:
        widths["threshold__value"] = model.logit_width - 1
    widths |= {"samples__payload": _total(sample), "result__payload": _total(result)}
    if value:
        widths["values__payload"] = _total(value)
    declared = {
        name: (direction, int(high or 0) + 1) for direction, high, name in _PORT.findall(found[1])
    }
    _check_ports(path, declared, widths)
    ports = tuple(Port(name, *declared[name], meanings[name]) for name in declared)
    return Core(text, ports, sample, result, value)


def _check_ports(path: Path, declared: dict[str, tuple[str, int]], widths: dict[str, int]) -> None:
    """Refuse ports that are missing, not known, or of another direction or width."""
    for name in sorted(declared.keys() | widths.keys()):
        needed = None
        if name in widths:
            needed = ("output" if name in _OUTPUTS else "input", widths[name])
        if declared.get(name) != needed:
            raise InputError(
                f"port {name} of {path} must be {_described(needed)} for this model, "
                f"not {_described(declared.get(name))}; build again"
            )


def _fields(layout) -> tuple[Field, ...]:
    """Return a structure's fields from the lowest bits up."""
    fields = (Field(name, field.offset, field.width) for name, field in layout)
    return tuple(sorted(fields, key=lambda field: field.low))


def _total(fields: tuple[Field, ...]) -> int:
    return sum(field.width for field in fields)


def _described(port: tuple[str, int] | None) -> str:
    return "absent" if port is None else f"{port[0]} of {port[1]} bits"
