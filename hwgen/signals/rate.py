"""Which sample rate a recording has: one statement, or one error that names those that differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hwgen.errors import InputError
from hwgen.signals.axis import Axis, Kind
from hwgen.signals.formats import StatedRate
from hwgen.signals.recording import is_rate, same_rate

LOWEST, HIGHEST = 100.0, 100e6
"""In Hz. Bearings are heard above; what is below is a count of rows or another unit of time."""

_UNITS = {1e3: "ms", 1e6: "us", 1e9: "ns"}


@dataclass(frozen=True)
class Rate:
    """A sample rate in Hz and who states it, both None where nobody does."""

    hertz: float | None = None
    origin: str | None = None
    notices: tuple[str, ...] = ()


def sample_rate(
    path: Path, given: float | None, stated: Sequence[StatedRate], axes: Sequence[Axis]
) -> Rate:
    """Return the rate that the user, the file's statements and its time axes leave.

    Parameters
    ----------
    path
        For messages.
    given
        Hz; overrules what the file says.
    stated
        What the file and its name say.
    axes
        Those of the channel's length.

    Raises
    ------
    InputError
        A statement is no rate at which vibration is sampled, or two differ, or time goes on in
        unequal steps; and none is given.
    """
    notices = [notice for axis in axes for notice in axis.notices]
    if given is not None:
        overruled = _overruled(given, [*stated, *_of(axes)])
        return Rate(given, "--sample-rate", (*notices, *overruled))
    for axis in axes:
        _check(path, axis)
    statements = list(stated)
    for axis, own in zip(axes, _of(axes), strict=True):
        taken, said = _in_other_unit(axis, own, stated)
        statements.append(taken)
        notices += said
    statements = [each for each in statements if not math.isnan(each.hertz)]
    for each in statements:
        _plausible(path, each, axes)
    for each in statements[1:]:
        if not same_rate(each.hertz, statements[0].hertz):
            first = statements[0]
            raise InputError(
                f"{path}: sample rates differ: {first.hertz:g} Hz ({first.origin}), "
                f"{each.hertz:g} Hz ({each.origin}); say which with --sample-rate"
            )
    if not statements:
        return Rate(notices=(*notices, *_unknown(path, axes)))
    return Rate(statements[0].hertz, statements[0].origin, tuple(notices))


def _of(axes: Sequence[Axis]) -> list[StatedRate]:
    """Return what each axis states, NaN Hz for one that states none."""
    return [StatedRate(axis.hertz or math.nan, _origin(axis)) for axis in axes]


def _origin(axis: Axis) -> str:
    return f"stamps {axis.name[:80]!r}"


def _overruled(given: float, said: Sequence[StatedRate]) -> tuple[str, ...]:
    others = {each.hertz: each for each in said if is_rate(each.hertz)}
    return tuple(
        f"--sample-rate {given:g} Hz overrules the file's {each.hertz:g} Hz ({each.origin})"
        for each in others.values()
        if not same_rate(each.hertz, given)
    )


def _check(path: Path, axis: Axis) -> None:
    """Refuse an axis of time that gives no rate."""
    if axis.kind is Kind.UNEVEN:
        raise InputError(
            f"{path}: {axis.name!r} is time and must rise in equal steps; resample the recording, "
            "or state its rate with --sample-rate"
        )
    if axis.kind is Kind.TIME and axis.hertz is None:
        raise InputError(
            f"{path}: the stamps of {axis.name!r} are too coarse to tell the sample rate; state it "
            "with --sample-rate"
        )


def _unknown(path: Path, axes: Sequence[Axis]) -> list[str]:
    """Return why axes give no rate where nothing else does; refuse a spectrum."""
    for axis in axes:
        if axis.kind is Kind.FREQUENCY:
            raise InputError(
                f"{path}: {axis.name[:80]!r} is a frequency, so this looks like a spectrum, not a "
                "recording; export the samples over time, or, if they are that, state their rate "
                "with --sample-rate"
            )
    return [
        f"{axis.name[:80]!r} is no time ({axis.unit}): no sample rate is taken from it; state it "
        "with --sample-rate"
        for axis in axes
        if axis.kind is Kind.OTHER
    ]


def _in_other_unit(
    axis: Axis, own: StatedRate, stated: Sequence[StatedRate]
) -> tuple[StatedRate, list[str]]:
    """Return an axis's statement in the unit in which it agrees with what is stated elsewhere."""
    if axis.stated or not stated:
        return own, []
    for factor, unit in _UNITS.items():
        if same_rate(own.hertz * factor, stated[0].hertz):
            said = f"{axis.name!r} is read as {unit}, since {stated[0].origin} says "
            return StatedRate(stated[0].hertz, own.origin), [f"{said}{stated[0].hertz:g} Hz"]
    return own, []


def _plausible(path: Path, stated: StatedRate, axes: Sequence[Axis]) -> None:
    """Refuse what cannot be the sample rate of a vibration."""
    if is_rate(stated.hertz) and LOWEST <= stated.hertz <= HIGHEST:
        return
    hint = taken = ""
    if any(_origin(axis) == stated.origin and not axis.stated for axis in axes):
        hint = ", or the unit of time in the name, such as 'time (ms)' or 'time (us)'"
        taken = ", if they are seconds"
    raise InputError(
        f"{path}: a sample rate of {stated.hertz:g} Hz ({stated.origin}{taken}) must be 100 Hz to "
        f"100 MHz; state it with --sample-rate{hint}"
    )
