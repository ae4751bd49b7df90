"""A live module of torch to the float network: what `hwgen.from_torch` is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hwgen.errors import InputError
from hwgen.importers.answer import answered
from hwgen.importers.bearingpga.geometry import Geometry
from hwgen.importers.formats.own import save_checkpoint
from hwgen.importers.front_end import FrontEnd, said
from hwgen.importers.records import Checkpoint, CheckpointMeta
from hwgen.network import Floats, Network

if TYPE_CHECKING:
    import torch

_TRIED = 3
"""Windows of noise on which network and module are compared."""

_CLOSE = 1e-3
"""Of the largest number: above what rounding in single precision does, below any other fault."""


@dataclass(frozen=True, eq=False)
class Imported:
    """A network that was taken over from a running program.

    Parameters
    ----------
    checkpoint
        The float network, and what was assumed to make it.
    """

    checkpoint: Checkpoint

    @property
    def network(self) -> Network:
        """The float network."""
        return self.checkpoint.network

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed to make it."""
        return self.checkpoint.notes

    def save(self, path: str | Path) -> None:
        """Write a checkpoint that every command takes, whole or not at all.

        Weights are kept in single precision.

        Raises
        ------
        FileAccessError
            If `path` cannot be written.
        """
        meta = CheckpointMeta("not stated", None)
        save_checkpoint(Path(path), self.network, meta=meta, notes=self.notes)


def from_torch(
    module: torch.nn.Module,
    example: Any,
    *,
    front_end: str | None = None,
    answer: str | None = None,
    bins: str | None = None,
    fft_scale: str | None = None,
) -> Imported:
    """Return the network that a module computes in eval mode; the module stays as it is.

    Parameters
    ----------
    module
        A trained module that takes one tensor; also compiled, parallel, in half precision, on any
        device, in training mode.
    example
        One or several windows, ``(batch, channels, samples)`` or ``(batch, samples)``, as a tensor
        or an array. Its first axis counts windows; of the others the longer is time.
    front_end, bins, fft_scale
        What the example is, where it is not samples: as the options of the command line.
    answer
        What the one output is, one of `hwgen.importers.ANSWERS`; None: what it looks like.

    Raises
    ------
    InputError
        If torch cannot export the module, it has nodes that are not supported (all of them are
        named), or the network would not compute what the module does.
    UsageError
        If there is no such front-end.
    TypeError, ValueError
        If `module` is no module, or `example` are no windows.
    """
    import torch

    from hwgen.importers.exporting import converted, evaluated, kind_of_floats

    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"module must be a torch.nn.Module, not {type(module).__name__}")
    copied = evaluated(module)
    window = _first_window(example).to(kind_of_floats(copied))
    name = re.sub(r"\W", "_", type(copied).__name__)
    asked = said(front_end, fft_scale, Geometry(bins=bins))
    found = converted(name, copied, window, asked)
    _compare(name, copied, found.network, window, asked)
    made = Checkpoint(found.network, bare=True, notes=found.notes)
    return Imported(answered(Path(name), made, answer))


def _first_window(example: Any) -> torch.Tensor:
    import torch

    try:
        windows = torch.as_tensor(example).detach().cpu()
    except (TypeError, ValueError, RuntimeError) as error:
        kind = type(example).__name__
        raise TypeError(f"example must be a tensor or an array of windows, not {kind}") from error
    if windows.ndim < 2 or not windows.numel() or windows.is_complex():
        raise ValueError(
            "example must be real numbers of the shape (batch, channels, samples), such as "
            f"torch.zeros(1, 1, 2048), not {windows.dtype} of {tuple(windows.shape)}"
        )
    return windows[:1].clone()


def _compare(
    name: str,
    module: torch.nn.Module,
    network: Network,
    window: torch.Tensor,
    asked: FrontEnd | None,
) -> None:
    """Check that the network computes what the module does; `InputError` otherwise.

    An exporter may drop what the eval mode does not: a dropout that is always on, statistics of
    the batch.
    """
    import torch

    for given, x in _tried(network, window, asked):
        with torch.no_grad():
            wanted = _leaves(module(x.clone()))
        made = network.outputs(given)
        found = [made[output.source][0] for output in network.graph.outputs]
        values = [value.double().numpy() for value in wanted]
        if len(found) != len(values) or not all(map(_equal, found, values)):
            raise InputError(
                f"{name} gives other numbers than the network that torch exports of it: its "
                "answer must depend on one window alone, without chance, in eval mode"
            )


def _tried(
    network: Network, window: torch.Tensor, asked: FrontEnd | None
) -> Iterator[tuple[Floats, torch.Tensor]]:
    """Yield windows as the network takes them, with what the module takes for them."""
    import torch

    rng = np.random.default_rng(0)
    if asked is not None:
        spectrum = network.layers[0]
        for samples in rng.normal(size=(_TRIED, 1, *network.input_shape)):
            features = torch.from_numpy(spectrum.apply(samples)).to(window.dtype)
            yield samples, features.reshape(window.shape)
        return
    noise = torch.from_numpy(rng.normal(size=(_TRIED, *window.shape[1:]))).to(window.dtype)
    for x in (window, *noise.split(1)):
        inner = [size for size in x.shape[1:] if size > 1]
        given = x.double().numpy().reshape(inner)
        given = given if given.shape == network.input_shape or len(inner) < 2 else given.T
        yield given.reshape(1, *network.input_shape), x


def _leaves(value: Any) -> list[torch.Tensor]:
    from torch.utils._pytree import tree_leaves

    return [each for each in tree_leaves(value) if hasattr(each, "numpy")]


def _equal(found: Floats, wanted: Floats) -> bool:
    """Whether numbers are the same; ours have channels first, a module's may have them last."""
    inner = wanted.reshape([size for size in wanted.shape if size > 1])
    turned = found.ndim == 2 and inner.shape == found.shape[::-1] != found.shape
    return _agrees(found.ravel(), (inner.T if turned else wanted).ravel())


def _agrees(found: Floats, wanted: Floats) -> bool:
    """Whether numbers are the same, or what a softmax or an arg-max makes of them."""
    if found.shape != wanted.shape:
        return wanted.size == 1 and int(found.argmax()) == int(wanted[0])
    centred = found - found.max()
    logarithms = centred - np.log(np.exp(centred).sum())
    return any(_close(each, wanted) for each in (found, logarithms, np.exp(logarithms)))


def _close(found: Floats, wanted: Floats) -> bool:
    return bool(np.abs(found - wanted).max() <= _CLOSE * max(np.abs(wanted).max(), 1e-6))
