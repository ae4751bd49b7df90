"""A program as a module that does its steps one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from hwgen.checkpoint.tensors import printable
from hwgen.errors import InputError
from hwgen.importers.program.archive import DAMAGED, DTYPES, Archive, damage, whole
from hwgen.importers.program.calls import does_nothing, function
from hwgen.network.layer import MAX_ELEMENTS

_MAX_STEPS = 5000
_HALVES = (torch.float16, torch.bfloat16)
_INPUTS = ("parameter", "buffer", "tensor_constant")


@dataclass(frozen=True)
class _Ref:
    """What an earlier step gives."""

    name: str


@dataclass(frozen=True, eq=False)
class _Step:
    call: Callable[..., Any]
    args: tuple[Any, ...]
    options: dict[str, Any]
    gives: tuple[Any, ...]
    """Names of what comes out: of one list, where it is a list itself."""


class Program(torch.nn.Module):
    """The network of an archive.

    Attributes
    ----------
    window
        One window of zeros, ``(1, ...)``.

    Raises
    ------
    InputError
        If the program is damaged, takes anything but one tensor of floats, or calls what is not
        taken from a file: all of that is named.
    """

    def __init__(self, path: Path, found: Archive) -> None:
        super().__init__()
        try:
            self._build(path, found)
        except DAMAGED as error:
            raise damage(path, error) from error

    def _build(self, path: Path, found: Archive) -> None:
        graph, signature = found.graph["graph"], found.graph["signature"]
        self._places: dict[str, str] = {}
        self._input = ""
        for spec in signature["input_specs"]:
            self._put(path, spec, found)
        if not self._input:
            raise InputError(f"{path} must take one tensor, the samples, not none")
        self.window = _window(path, self._input, graph["tensor_values"][self._input])
        known = {self._input, *self._places}
        self._steps, strange = [], []
        if len(graph["nodes"]) > _MAX_STEPS:
            raise ValueError(f"{len(graph['nodes'])} nodes")
        for node in graph["nodes"]:
            if does_nothing(node["target"]):
                continue
            step = _step(node)
            if step is None:
                strange.append(_named(node))
                known.update(_names(_gives(node)))
                continue
            known.update(self._checked(step, known))
            self._steps.append(step)
        if strange:
            told = "; ".join(f"{each} is not taken from a file" for each in dict.fromkeys(strange))
            raise InputError(
                f"{path} has nodes that hwgen cannot do: {told}; docs/onnx.md lists what is "
                "supported"
            )
        outputs = [spec["user_output"]["arg"] for spec in signature["output_specs"]
                   if "user_output" in spec]  # fmt: skip
        self._outputs = [_value(each) for each in outputs]
        _check_known(self._outputs, known)

    def _put(self, path: Path, spec: Mapping[str, Any], found: Archive) -> None:
        """Take one input: a tensor of the file, or the samples."""
        ((kind, told),) = spec.items()
        if kind in _INPUTS:
            own = told["arg"]["name"]
            name = told[f"{kind}_name"]
            tensor = found.weights[name] if name in found.weights else found.constants[name]
            place = f"t{len(self._places)}"
            self.register_buffer(place, tensor.float() if tensor.dtype in _HALVES else tensor)
            self._places[own] = place
        elif kind == "user_input" and "as_tensor" in told["arg"] and not self._input:
            self._input = told["arg"]["as_tensor"]["name"]
        else:
            raise InputError(
                f"{path} must take one tensor, the samples, not {printable(str(kind))} beside it"
            )

    def _checked(self, step: _Step, known: set[str]) -> list[str]:
        _check_known([*step.args, *step.options.values()], known)
        names = _names(step.gives)
        if known.intersection(names) or self._input in names:
            raise ValueError("two values of one name")
        return names

    def forward(self, samples: torch.Tensor) -> Any:
        """Return the outputs for one window."""
        values: dict[str, Any] = {self._input: samples}
        values |= {name: self.get_buffer(place) for name, place in self._places.items()}
        for step in self._steps:
            args = [_filled(each, values) for each in step.args]
            options = {key: _filled(each, values) for key, each in step.options.items()}
            made = step.call(*args, **options)
            results = (
                made if isinstance(made, tuple | list) and not _is_list(step.gives) else [made]
            )
            for name, result in zip(step.gives, results, strict=False):
                _keep(values, name, result)
        return tuple(_filled(each, values) for each in self._outputs)


def _is_list(gives: tuple[Any, ...]) -> bool:
    return len(gives) == 1 and isinstance(gives[0], list)


def _keep(values: dict[str, Any], name: Any, result: Any) -> None:
    if isinstance(name, list):
        for each, part in zip(name, result, strict=True):
            _keep(values, each, part)
        return
    size = result.numel() if isinstance(result, torch.Tensor) else abs(result or 0)
    if size > MAX_ELEMENTS:
        raise ValueError(f"a value must have at most {MAX_ELEMENTS:,} numbers, not {size:,}")
    if name is not None:
        values[name] = result


def _step(node: Mapping[str, Any]) -> _Step | None:
    """Return what a node does; None where it is not taken from a file."""
    call = function(node["target"])
    try:
        given = {each["name"]: _value(each["arg"]) for each in node["inputs"]}
    except KeyError:  # a kind of value that is none of a network
        return None
    if call is None:
        return None
    if not isinstance(call, torch._ops.OpOverload):
        return _Step(call, tuple(given.values()), {}, tuple(_gives(node)))
    args: list[Any] = []
    options: dict[str, Any] = {}
    for number, argument in enumerate(call._schema.arguments):
        if argument.name in given:
            if number == len(args) and not argument.kwarg_only:
                args.append(given.pop(argument.name))
            else:
                options[argument.name] = given.pop(argument.name)
    if given:
        raise ValueError(f"{node['target']} has no {', '.join(given)}")
    return _Step(call, tuple(args), options, tuple(_gives(node)))


def _named(node: Mapping[str, Any]) -> str:
    """Return a node's name, op and layer."""
    target = printable(str(node["target"]).removeprefix("torch.ops."), 80)
    stack = str(node.get("metadata", {}).get("nn_module_stack", "")).split(";")
    place = stack[-1].split(",")[1] if stack[-1].count(",") >= 2 else ""
    where = f", in {printable(place)}" if place else ""
    return f"{printable(str(node.get('name')))} ({target}{where})"


def _value(argument: Mapping[str, Any]) -> Any:
    """Return an argument; KeyError for a kind that is not read."""
    ((kind, value),) = argument.items()
    return _VALUES[kind](value)


def _tensor_ref(value: Any) -> _Ref:
    return _Ref(str(value["name"]))


def _optional_ref(value: Any) -> _Ref | None:
    return _tensor_ref(value["as_tensor"]) if "as_tensor" in value else None


def _symbol(value: Any) -> Any:
    """Return a size that is worked out, or a plain number."""
    ((kind, inner),) = value.items()
    return _Ref(str(inner)) if kind == "as_name" else _number(inner)


def _number(value: Any) -> float:
    """Return a number; JSON has texts for what is infinite."""
    if isinstance(value, str):
        return float(value)
    if not isinstance(value, int | float):
        raise TypeError(f"a number of {printable(value)}")
    return value


def _each(read: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    return lambda values: [read(value) for value in values]


def _dtype(code: Any) -> torch.dtype:
    found: torch.dtype = getattr(torch, DTYPES[code])
    return torch.float32 if found in _HALVES else found


_FORMATS = {1: torch.contiguous_format, 2: torch.channels_last, 4: torch.preserve_format}

_VALUES: dict[str, Callable[[Any], Any]] = {
    "as_none": lambda _: None,
    "as_tensor": _tensor_ref,
    "as_tensors": _each(_tensor_ref),
    "as_optional_tensor": _optional_ref,
    "as_optional_tensors": _each(_optional_ref),
    **dict.fromkeys(("as_int", "as_float", "as_bool"), _number),
    **dict.fromkeys(("as_ints", "as_floats", "as_bools"), _each(_number)),
    "as_string": str,
    **dict.fromkeys(("as_sym_int", "as_sym_float", "as_sym_bool"), _symbol),
    **dict.fromkeys(("as_sym_ints", "as_sym_floats", "as_sym_bools"), _each(_symbol)),
    "as_scalar_type": _dtype,
    "as_memory_format": lambda code: _FORMATS[code],
    "as_layout": lambda _: torch.strided,
    "as_device": lambda _: torch.device("cpu"),
}
"""How each kind of argument is read; devices are all this one."""


def _gives(node: Mapping[str, Any]) -> list[Any]:
    """Return the names of a node's outputs; a list of them for an output that is a list."""
    return [_unref(_value(each)) for each in node["outputs"]]


def _unref(value: Any) -> Any:
    if isinstance(value, list):
        return [_unref(each) for each in value]
    return value.name if isinstance(value, _Ref) else None


def _names(gives: Any) -> list[str]:
    if isinstance(gives, list | tuple):
        return [name for each in gives for name in _names(each)]
    return [] if gives is None else [gives]


def _check_known(value: Any, known: set[str]) -> None:
    if isinstance(value, list):
        for each in value:
            _check_known(each, known)
    elif isinstance(value, _Ref) and value.name not in known:
        raise ValueError(f"it reads {printable(value.name)}, which nothing gives")


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_filled(each, values) for each in value]
    return values[value.name] if isinstance(value, _Ref) else value


def _window(path: Path, name: str, meta: Mapping[str, Any]) -> torch.Tensor:
    """Return one window of the input's shape; how many there are may be open."""
    first, *rest = meta["sizes"] or [{}]
    dtype = _dtype(meta["dtype"])
    if not dtype.is_floating_point:
        raise InputError(f"{path}: input {printable(name)} must be of floats, not {dtype}")
    if first.get("as_int", 1) != 1:
        raise InputError(
            f"{path}: input {printable(name)} must take one window, or any number, not "
            f"{whole(first)}; export with an example of one window"
        )
    if not rest or any("as_int" not in size for size in rest):
        raise InputError(
            f"{path}: input {printable(name)} must have the shape (windows, ..., samples) with all "
            "sizes but the first known; export with an example of the real length"
        )
    sizes = [whole(size) for size in rest]
    if torch.Size(sizes).numel() > MAX_ELEMENTS:
        raise ValueError(f"an input of {sizes}")
    return torch.zeros(1, *sizes, dtype=dtype)
