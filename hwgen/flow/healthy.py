"""Which recordings are of a healthy machine."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hwgen.errors import InputError
from hwgen.network.anomaly import CLASSES
from hwgen.signals import Dataset
from hwgen.signals.healthy import NORMAL, healthy_classes, only
from hwgen.signals.rows import are_rows

_NAMED = 8
"""Classes that are listed in a line."""


@dataclass(frozen=True, eq=False)
class Sorted:
    """Recordings told apart.

    Parameters
    ----------
    healthy
        Of one class.
    faulty
        None where no fault is known.
    why
        What was taken for what, in a line.
    """

    healthy: Dataset
    faulty: Dataset | None
    why: str


def sort(data: Dataset, faults: Dataset | None = None, said: tuple[str, ...] = ()) -> Sorted:
    """Return healthy and faulty recordings.

    Where `faults` are apart, or there is one class alone, all of `data` is healthy. Else the
    classes `said` are, or those that are called so (`hwgen.signals.healthy`).

    Raises
    ------
    InputError
        If no class is healthy; if one of `faults` is; or if the two are of different rates or
        channels.
    UsageError
        If a class is said that there is not.
    """
    if faults is not None:
        _check(data, faults)
        why = f"healthy: all {_count(data)} of {data.name}; faulty: {_list(faults.classes)}"
        return Sorted(_healthy(data, data.classes), faults, why)
    sound = healthy_classes(data.classes, said)
    if len(data.classes) == 1:
        why = f"healthy: all {_count(data)}, for there is one class, {data.classes[0]}"
        return Sorted(_healthy(data, data.classes), None, why)
    if not sound:
        raise InputError(
            f"{data.name} has no healthy recordings: none of its classes ({_list(data.classes)}) "
            f"is called {' or '.join(NORMAL)}; give healthy recordings alone with --data, "
            "faulty ones with --faulty, or say which are with --healthy"
        )
    others = tuple(name for name in data.classes if name not in sound)
    healthy = _healthy(data, sound)
    faulty = only(data, others) if others else None
    why = f"healthy: {_count(healthy)} of {_list(sound)}; faulty: {_list(others) or 'none'}"
    return Sorted(healthy, faulty, why)


def _check(data: Dataset, faults: Dataset) -> None:
    if sound := healthy_classes(faults.classes):
        raise InputError(
            f"--faulty {faults.name} must have faults alone, not {_list(sound)}; move it to --data"
        )
    # One data set: rates and channels must be the same.
    Dataset(
        f"{data.name} and {faults.name}",
        tuple(dict.fromkeys((*data.classes, *faults.classes))),
        (*data.recordings, *faults.recordings),
    )


def _healthy(data: Dataset, classes: tuple[str, ...]) -> Dataset:
    """Return the recordings of some classes as those of one."""
    kept = only(data, classes).recordings
    one = tuple(replace(recording, label=CLASSES[0]) for recording in kept)
    return replace(data, classes=CLASSES[:1], recordings=one)


def _count(data: Dataset) -> str:
    number = len(data.recordings)
    kind = "row" if are_rows(data) else "recording"
    return f"{number} {kind}{'s' if number != 1 else ''}"


def _list(names: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
