"""What is told of tensors that do not say how their network is wired."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hwgen.checkpoint.mappings import is_tensor
from hwgen.checkpoint.tensors import printable

_NAMED = 4
_CLASSES = 3

_OPTIMIZERS = frozenset(
    ("step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq", "momentum_buffer", "square_avg", "sum",
     "acc_delta", "grad_avg", "exp_inf", "prev", "step_size")
)  # fmt: skip
"""What optimizers of torch keep for each weight."""


def told(path: Path, tensors: Mapping[Any, Any], classes: Sequence[str]) -> str:
    """Return what was found in a file, and how to go on, as one line.

    Parameters
    ----------
    tensors
        The mapping that is most likely to be the network.
    classes
        Of the whole modules that the file names.
    """
    found = {str(key): tuple(each.shape) for key, each in tensors.items() if is_tensor(each)}
    if found.keys() <= _OPTIMIZERS:
        return f"{path} holds the state of an optimizer, and no network{how_to_go_on()}"
    numbers = sum(map(math.prod, found.values()))
    first = [f"{printable(name)} {_shape(shape)}" for name, shape in list(found.items())[:_NAMED]]
    more = f", and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    of = f" of {', '.join(map(printable, classes[:_CLASSES]))}" if classes else ""
    channels = next((shape[1] for shape in found.values() if len(shape) > 2), 1)
    return (
        f"{path} holds {len(found)} tensors{of} with {numbers:,} numbers in all: "
        f"{', '.join(first)}{more}; they do not say how the network is wired"
        f"{', and no code of a file is run' if classes else ''}"
        f"{how_to_go_on(channels)}"
    )


def how_to_go_on(channels: int = 1) -> str:
    """Return what to do about a file that says no network."""
    zeros = f"torch.zeros(1, {channels}, SAMPLES)"
    return (
        f'; where it was made: torch.onnx.export(model.eval(), {zeros}, "net.onnx"), or '
        f'hwgen.from_torch(model, {zeros}).save("net.pt")'
    )


def like_the_published(tensors: Mapping[Any, Any]) -> bool:
    """Whether tensors may be meant as BearingPGA-Net's: one convolution, then dense layers."""
    names = [key for key in tensors if isinstance(key, str)]
    convolutions = [each for each in tensors.values() if len(getattr(each, "shape", ())) > 2]
    own = any(name.startswith(("conv1.", "fc1.")) for name in names)
    normed = any(name.endswith(".running_mean") for name in names)
    return len(convolutions) == 1 and (own or not normed)


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})"
