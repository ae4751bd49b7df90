"""A module of torch as an ONNX model in memory, by torch's own exporter."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwgen.errors import InputError
from hwgen.importers import stand_ins
from hwgen.importers.adaptive import by_sizes
from hwgen.importers.front_end import FrontEnd
from hwgen.importers.onnx.convert import Converted, convert
from hwgen.importers.onnx.model import cleaned, read

if TYPE_CHECKING:
    import torch


def converted(
    name: str | Path,
    module: torch.nn.Module,
    window: torch.Tensor,
    asked: FrontEnd | None = None,
) -> Converted:
    """Return the float network of a module in eval mode.

    Parameters
    ----------
    name
        Of the module, or the file that it is of; names it in messages, and its stem the network.
    module
        Of `evaluated`.
    window
        One window, ``(1, ...)``, of the type that the module takes.
    asked
        What the user says of its input; None: samples.

    Raises
    ------
    InputError
        If torch cannot export it, or it has nodes that are not supported: all of them are named.
    """
    model = _exported(name, module, window)
    path, data = Path(name), stand_ins.named(model).SerializeToString()
    made = cleaned(path, read(path, data))
    stand_ins.put_shapes(model, made)
    return convert(path, made, asked)


def _exported(name: str | Path, module: torch.nn.Module, window: torch.Tensor) -> Any:
    import torch

    with _quiet():
        try:
            # Not by tracing with other values: what depends on the numbers must not be frozen.
            program = torch.export.export(module, (window,), strict=False)
        except Exception as error:  # of the module's own code, or of torch about it
            raise InputError(
                f"{name} cannot be exported by torch.export: {_line(error)}; hwgen takes modules "
                "that compute the same way for all windows, given one tensor"
            ) from error
        by_sizes(name, program)
        return _translated(name, program)


def _translated(name: str | Path, program: Any) -> Any:
    """Return the ONNX model of an exported program; functions that ONNX has not are stood in for.

    Torch tells one of them at a time.
    """
    import torch

    others: dict[Any, Any] = {}
    while True:
        more: dict[str, Any] = {"custom_translation_table": others} if others else {}
        try:
            made = torch.onnx.export(program, (), None, dynamo=True, verbose=False, **more)
        except Exception as error:
            function = stand_ins.missing(error)
            if function is None or function in others:
                told = _line(_first(error))
                raise InputError(f"{name} has nodes that hwgen cannot do: {told}") from error
            others[function] = stand_ins.translation(function)
        else:
            assert made is not None
            return made.model_proto


def _first(error: BaseException) -> BaseException:
    """Return what torch's exporter to ONNX found, which it tells at length."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = "".join(letter if letter.isprintable() else " " for letter in lines[0] if lines)
    return f"{type(error).__name__}: {text[:300]}"


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what torch says about itself: logs, warnings of libraries, printed graphs."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def evaluated(module: torch.nn.Module) -> torch.nn.Module:
    """Return a copy for use: in eval mode, on the CPU, without wrappers, in single or double.

    Raises
    ------
    InputError
        If it cannot be copied.
    """
    import torch

    module = _unwrapped(module)
    # A tensor that was computed cannot be copied: an old weight_norm leaves such in its module.
    known = {
        id(value): value.detach().clone()
        for each in module.modules()
        for value in vars(each).values()
        if isinstance(value, torch.Tensor) and not value.is_leaf
    }
    try:
        made = copy.deepcopy(module, known)
    except Exception as error:  # of the module's own code
        raise InputError(
            f"{type(module).__name__} cannot be copied: {_line(error)}; give the network alone, "
            "without what trains it"
        ) from error
    _unwrap_children(made)
    made = made.cpu().eval()
    halves = (torch.float16, torch.bfloat16)
    if any(each.dtype in halves for each in made.state_dict().values() if _is_tensor(each)):
        made = made.float()
    return made.requires_grad_(requires_grad=False)


def _is_tensor(value: object) -> bool:
    import torch

    return isinstance(value, torch.Tensor)


def _unwrapped(module: Any) -> Any:
    """Return what several devices (`module`) or a compiler (`_orig_mod`) work on."""
    import torch

    parallel = (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)
    while True:
        inner = getattr(module, "_orig_mod", None)
        if isinstance(inner, torch.nn.Module):
            module = inner
        elif isinstance(module, parallel):
            module = module.module
        else:
            return module


def _unwrap_children(module: torch.nn.Module) -> None:
    for each in list(module.modules()):
        for name, child in list(each.named_children()):
            if (inner := _unwrapped(child)) is not child:
                setattr(each, name, inner)


def kind_of_floats(module: torch.nn.Module) -> torch.dtype:
    """Return the type of numbers that a module takes: that of its first weights."""
    import torch

    kinds = (each.dtype for each in module.state_dict().values() if _is_tensor(each))
    return next((kind for kind in kinds if kind.is_floating_point), torch.float32)
