"""A program as a module that does its steps one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from hwgen.checkpoint.tensors import printable
from hwgen.errors import InputError
from hwgen.importers.program import strange
from hwgen.importers.program.archive import DAMAGED, Archive, damage, whole
from hwgen.importers.program.calls import does_nothing, function
from hwgen.importers.program.values import HALVES, KINDS, Ref, dtype_of, value_of
from hwgen.network.layer import MAX_ELEMENTS

_MAX_STEPS = 5000
_INPUTS = ("parameter", "buffer", "tensor_constant")


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
    strange
        Nodes that are not taken from a file: others stand in for them (`hwgen.importers.stand_ins`)
        when it is exported.

    Raises
    ------
    InputError
        If the program is damaged, takes anything but one tensor of floats, or what is not taken
        from a file gives more than tensors.
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
        self._steps: list[_Step] = []
        self.strange: list[str] = []
        hopeless = False
        if len(graph["nodes"]) > _MAX_STEPS:
            raise ValueError(f"{len(graph['nodes'])} nodes")
        for node in graph["nodes"]:
            if does_nothing(node["target"]):
                continue
            step = _step(node)
            if step is None:
                self.strange.append(strange.told(node))
                step = _strange(node, graph["tensor_values"])
            if step is None:
                hopeless = True
                known.update(_names(_gives(node)))
                continue
            known.update(self._checked(step, known))
            self._steps.append(step)
        if hopeless:
            raise strange.refused(path, self.strange)
        outputs = [spec["user_output"]["arg"] for spec in signature["output_specs"]
                   if "user_output" in spec]  # fmt: skip
        self._outputs = [value_of(each) for each in outputs]
        _check_known(self._outputs, known)

    def _put(self, path: Path, spec: Mapping[str, Any], found: Archive) -> None:
        """Take one input: a tensor of the file, or the samples."""
        ((kind, told),) = spec.items()
        if kind in _INPUTS:
            own = told["arg"]["name"]
            name = told[f"{kind}_name"]
            tensor = found.weights[name] if name in found.weights else found.constants[name]
            place = f"t{len(self._places)}"
            self.register_buffer(place, tensor.float() if tensor.dtype in HALVES else tensor)
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
        given = {each["name"]: value_of(each["arg"]) for each in node["inputs"]}
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


def _strange(node: Mapping[str, Any], tensors: Mapping[str, Any]) -> _Step | None:
    """Return what stands for a node that is not taken from a file; None where nothing can."""
    reads = [each["arg"] for each in node["inputs"]]
    known = [value_of(each) for each in reads if next(iter(each)) in KINDS]
    gives = _names(_gives(node))
    refs = [each for each in _flat(known) if isinstance(each, Ref)]
    made = strange.stand_in(node, gives, tensors)
    return None if made is None else _Step(made, tuple(refs), {}, tuple(gives))


def _flat(values: Any) -> list[Any]:
    if isinstance(values, list):
        return [inner for each in values for inner in _flat(each)]
    return [values]


def _gives(node: Mapping[str, Any]) -> list[Any]:
    """Return the names of a node's outputs; a list of them for an output that is a list."""
    return [_unref(value_of(each)) for each in node["outputs"]]


def _unref(value: Any) -> Any:
    if isinstance(value, list):
        return [_unref(each) for each in value]
    return value.name if isinstance(value, Ref) else None


def _names(gives: Any) -> list[str]:
    if isinstance(gives, list | tuple):
        return [name for each in gives for name in _names(each)]
    return [] if gives is None else [gives]


def _check_known(value: Any, known: set[str]) -> None:
    if isinstance(value, list):
        for each in value:
            _check_known(each, known)
    elif isinstance(value, Ref) and value.name not in known:
        raise ValueError(f"it reads {printable(value.name)}, which nothing gives")


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_filled(each, values) for each in value]
    return values[value.name] if isinstance(value, Ref) else value


def _window(path: Path, name: str, meta: Mapping[str, Any]) -> torch.Tensor:
    """Return one window of the input's shape; how many there are may be open."""
    first, *rest = meta["sizes"] or [{}]
    dtype = dtype_of(meta["dtype"])
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
