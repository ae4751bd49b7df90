"""Which sample rate a recording has: what the user says, what the file says, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hwgen.errors import InputError
from hwgen.signals import cwru
from hwgen.signals.axis import Axis
from hwgen.signals.channel import Chosen
from hwgen.signals.formats import Contents, StatedRate
from hwgen.signals.recording import is_rate, same_rate

LOWEST, HIGHEST = 50.0, 1e8
"""Hz of what can be the sample rate of a vibration sensor; more is given by hand."""
_OVERRULE = "--sample-rate HZ overrules it"


@dataclass(frozen=True)
class Rate:
    """The sample rate of a recording.

    Parameters
    ----------
    hertz
        None where nobody states it.
    origin
        Who does.
    notices
        What the user must know of it.
    """

    hertz: float | None = None
    origin: str | None = None
    notices: tuple[str, ...] = ()


def decide(path: Path, chosen: Chosen, contents: Contents, given: float | None) -> Rate:
    """Return the one rate that the user, or else file, time axis and name leave.

    Raises
    ------
    InputError
        They state different ones, or one that cannot be; `given` overrules all of them.
    """
    stated = _stated(path, chosen, contents)
    if given is not None:
        return _given(given, stated)
    notices = [_counts(axis) for axis in chosen.axes if axis.rate is None and not axis.trouble]
    if not stated:
        trouble = next((axis.trouble for axis in chosen.axes if axis.trouble), None)
        if trouble:
            raise InputError(f"{path}: {trouble}; resample it, or say the rate: --sample-rate HZ")
        return Rate(notices=tuple(notices))
    for one in stated:
        if not is_rate(one.hertz) or not LOWEST <= one.hertz <= HIGHEST:
            raise InputError(
                f"{path} states a sample rate of {one.hertz:g} Hz ({one.origin}); it must be "
                f"{LOWEST:g} Hz to {HIGHEST / 1e6:g} MHz: check the unit of time; {_OVERRULE}"
            )
        if not same_rate(one.hertz, stated[0].hertz):
            raise InputError(
                f"{path}: sample rates differ: {stated[0].hertz:g} Hz ({stated[0].origin}), "
                f"{one.hertz:g} Hz ({one.origin}); {_OVERRULE}"
            )
    return Rate(stated[0].hertz, stated[0].origin, tuple(notices))


def _stated(path: Path, chosen: Chosen, contents: Contents) -> Sequence[StatedRate]:
    found: list[StatedRate] = []
    if chosen.channel.rate is not None:
        found.append(StatedRate(chosen.channel.rate, f"of {chosen.channel.name}"))
    found += contents.rates
    for axis in chosen.axes:
        if axis.rate is not None:
            of = "taken for seconds" if axis.assumed else "time"
            found.append(StatedRate(axis.rate, f"{axis.channel.name!r}, {of}"))
    named = cwru.sample_rate(path.stem)
    if named is not None:
        found.append(StatedRate(named, "the file's name"))
    return found


def _given(given: float, stated: Sequence[StatedRate]) -> Rate:
    other = next((one for one in stated if not same_rate(one.hertz, given)), None)
    said = () if other is None else (
        f"--sample-rate {given:g} Hz overrules the file's {other.hertz:g} Hz ({other.origin})",
    )  # fmt: skip
    return Rate(given, "--sample-rate", said)


def _counts(axis: Axis) -> str:
    return f"{axis.channel.name!r} counts the samples; it is not read as time"
