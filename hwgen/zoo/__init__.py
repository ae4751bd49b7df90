"""Networks that `hwgen train` makes: a file each, named like it, its underscores hyphens.

A file has a subclass of `hwgen.training.design.Design` called `DESIGN`, which makes the torch
module and, from its trained tensors, the graph. Nothing else lists the networks. Names that begin
with an underscore are what several share. Importing this package does not import torch.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hwgen.errors import UsageError

if TYPE_CHECKING:
    from hwgen.training.design import Design

DEFAULT = "bearingpga"
ANOMALY_DEFAULT = "hae-i"
"""Of networks that are trained on healthy windows alone."""


def names() -> tuple[str, ...]:
    """Return the networks there are, the default first."""
    found = [module.name for module in pkgutil.iter_modules(__path__)]
    public = sorted(name.replace("_", "-") for name in found if not name.startswith("_"))
    return tuple(sorted(public, key=lambda name: name != DEFAULT))


def of_task(task: str) -> tuple[str, ...]:
    """Return the networks of a task (`Design.task`), the default first; imports torch."""
    return tuple(name for name in names() if _kind(name).task == task)


_SAMPLED = ", or train a network that reads samples, such as wdcnn"
"""What has the sizes that the default has not."""


def _kind(name: str) -> type[Design]:
    kind: type[Design] = importlib.import_module(f"{__name__}.{name.replace('-', '_')}").DESIGN
    return kind


def _sizes(name: str) -> set[str]:
    return {field.name for field in dataclasses.fields(_kind(name))}


def with_size(size: str, task: str) -> tuple[str, ...]:
    """Return the networks of a task whose design has a field; imports torch."""
    return tuple(name for name in of_task(task) if size in _sizes(name))


def designed(name: str, sizes: Mapping[str, Any]) -> Design:
    """Return the design of a network.

    Parameters
    ----------
    name
        One of `names`.
    sizes
        Fields of its design that are not to be the published ones.

    Raises
    ------
    UsageError
        If there is no such network, it has no such size, or the sizes make no network.
    """
    if name not in names():
        raise UsageError(f"--network must be one of {', '.join(names())}, not {name}")
    kind, known = _kind(name), _sizes(name)
    for size in sizes:
        if size not in known:
            takers = f", or train {DEFAULT}" if size in _sizes(DEFAULT) else ""
            raise UsageError(
                f"--{size} makes no sense for {name}, whose sizes are fixed but for --"
                f"{', --'.join(sorted(known))}; leave it out{takers or _SAMPLED}"
            )
    return kind(**sizes)
