"""One recording for a network that is there: read as its data were, and fit for it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from hwgen import signals
from hwgen.errors import InputError
from hwgen.flow import idle, rows
from hwgen.flow.options import DataOptions
from hwgen.flow.stage import Say
from hwgen.report.data_rows import recording_lines


class Takes(Protocol):
    """What a network takes, float or integer."""

    @property
    def input_samples(self) -> int:
        """Of a window."""

    @property
    def channels(self) -> int:
        """Of the samples."""

    @property
    def sample_rate(self) -> float | None:
        """Hz, where it is known."""


def read_one(
    file: Path,
    asked: signals.Reading,
    built: signals.ReadAs,
    network: Takes,
    say: Say,
    whose: str = "build",
) -> tuple[signals.Recording, str | None]:
    """Return a recording, read as `asked` and else as `built`, and its unit; say how.

    Parameters
    ----------
    whose
        In messages: what `network` and `built` are of.

    Raises
    ------
    InputError
        If it cannot be used, or is not what the network takes.
    """
    for line in idle.of_one_recording(asked):
        say(line)
    reading, words = built.complete(asked)
    if words:
        say(f"read as for the {whose}: {words}")
    if built.columns is not None:
        rows.refuse_reading(asked)
        return rows.read_as_one(file, built.columns), None
    recording = signals.read_recording(file, reading=reading)
    for line in recording_lines(recording, network.sample_rate):
        say(line)
    _check(recording, network, whose)
    for line in built.check(recording, asked, f"the {whose}'s data"):
        say(line)
    return recording, reading.unit


def asked_for(data: DataOptions) -> signals.ReadAs:
    """Return what the settings of an older build say of its recordings."""
    return signals.ReadAs(data.channel, data.unit, data.offset or None, None, data.channels or None)


def _check(recording: signals.Recording, network: Takes, whose: str) -> None:
    if recording.channels != network.channels:
        option = "--channels" if network.channels > 1 else "--channel"
        raise InputError(
            f"{recording.source} must be read with the {whose}'s {network.channels} channels, not "
            f"{recording.channels}; say which with {option}"
        )
    rate, wanted = recording.sample_rate, network.sample_rate
    if rate and wanted and abs(rate - wanted) > 1e-4 * wanted:
        raise InputError(
            f"sample rate of {recording.source} must be the {whose}'s {wanted:g} Hz, "
            f"not {rate:g} Hz; resample the recording, or overrule what it says with --sample-rate"
        )
    if len(recording.samples) < network.input_samples:
        raise InputError(
            f"{recording.source} must hold a window of {network.input_samples} samples, "
            f"not {len(recording.samples)}"
        )
