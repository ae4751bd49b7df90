"""Recordings of other places with the classes of a network: matched by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hwgen.errors import InputError
from hwgen.signals import cwru
from hwgen.signals.dataset import Dataset


def matched(dataset: Dataset, classes: Sequence[str], folder: str) -> Dataset:
    """Return a data set whose classes are called as a network's and in its order.

    A class is that of the same name, or the only one of the same fault in CWRU's names:
    ``12k_Drive_End_B007_1_119`` is ``B007``. Classes that the data set lacks are left out.

    Parameters
    ----------
    classes
        The network's.
    folder
        Where the data set is from, for a message.

    Raises
    ------
    InputError
        If a class is none of the network's, or two are the same one.
    """
    names: dict[str, str] = {}
    for name in dataset.classes:
        known = _known(name, classes)
        if known is None:
            raise InputError(
                f"class {name!r} of {folder} must be one of the network's "
                f"({', '.join(classes)}); rename it, or say the classes with --class-from"
            )
        twice = next((other for other, taken in names.items() if taken == known), None)
        if twice is not None:
            raise InputError(
                f"classes {twice!r} and {name!r} of {folder} are both the network's {known!r}; "
                "leave one out"
            )
        names[name] = known
    present = set(names.values())
    return replace(
        dataset,
        classes=tuple(name for name in classes if name in present),
        recordings=tuple(replace(each, label=names[each.label]) for each in dataset.recordings),
    )


def _known(name: str, classes: Sequence[str]) -> str | None:
    """Return which of the classes a name means; None if none, or more than one."""
    if name in classes:
        return name
    same = [each for each in classes if cwru.fault(each) == cwru.fault(name)]
    return same[0] if len(same) == 1 else None
