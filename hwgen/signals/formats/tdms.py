"""National Instruments' TDMS, by npTDMS (extra ``tdms``)."""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.signals.formats._contents import Channel, Contents
from hwgen.signals.formats._extra import needed, sound
from hwgen.signals.formats._stated import TIME_UNITS, rate_of_step, stated_rates, stated_unit

ENDINGS = (".tdms",)

_LEAD_IN = struct.Struct("<4sIIQQ")
"""Of a segment: tag, contents, version, length of the rest, length of the description."""
_MOST_SEGMENTS = 1 << 18
_TALKERS = ("reader", "tdms", "tdms_segment", "base_segment", "daqmx", "scaling", "types")
"""Modules of npTDMS that log what is odd in a file."""


def read(path: Path) -> Contents:
    """Return the channels of all groups, named ``group/channel`` where there are several groups.

    A waveform's step in time (``wf_increment``) is its rate.

    Raises
    ------
    InputError
        It is no sound TDMS file, or ends early.
    ToolError
        npTDMS is not installed.
    """
    nptdms = needed("nptdms", path, "tdms")
    channels, passed_over = [], []
    _check_whole(path)
    with _opened(path, nptdms) as file:
        groups = file.groups()
        found = [channel for group in groups for channel in group.channels()]
        facts = dict(file.properties)
        for group in groups:
            facts.update(group.properties)
        for channel in found:
            name = f"{channel.group_name}/{channel.name}" if len(groups) > 1 else channel.name
            if len(channel) < 2 or channel.dtype.kind not in "iufM":
                passed_over.append(name)
            else:
                unit = _unit(channel) or stated_unit(facts)
                load = partial(_numbers, path, channel.group_name, channel.name)
                channels.append(Channel(name, len(channel), load, unit, _rate(channel)))
    return Contents(tuple(channels), stated_rates(facts), tuple(passed_over))


@contextmanager
def _opened(path: Path, nptdms: Any) -> Iterator[Any]:
    """Open a file; what npTDMS warns of is an error here, as it goes on with what there is."""
    refuse = _Refuse()
    loggers = [logging.getLogger(f"nptdms.{name}") for name in _TALKERS]
    for logger in loggers:
        logger.addFilter(refuse)
    try:
        with sound(path, "TDMS"), path.open("rb") as data, nptdms.TdmsFile.open(data) as file:
            yield file
    finally:
        for logger in loggers:
            logger.removeFilter(refuse)


class _Refuse(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Raise what is at least a warning."""
        if record.levelno >= logging.WARNING:
            raise ValueError(record.getMessage())
        return False


def _check_whole(path: Path) -> None:
    """Refuse a file whose segments do not end where it ends: npTDMS would read what there is."""
    position, size = 0, path.stat().st_size
    with path.open("rb") as file:
        for _ in range(_MOST_SEGMENTS):
            file.seek(position)
            lead_in = file.read(_LEAD_IN.size)
            if len(lead_in) < _LEAD_IN.size:
                break
            tag, _, _, length, _ = _LEAD_IN.unpack(lead_in)
            if tag != b"TDSm":
                raise InputError(f"{path} is not a TDMS file, or damaged at byte {position}")
            position += _LEAD_IN.size + length
            if position == size:
                return
            if position > size:
                break
    raise InputError(f"{path} is truncated: its last segment ends early; copy it again")


def _unit(channel: Any) -> str | None:
    if channel.dtype.kind == "M":
        return "s"
    return stated_unit(channel.properties)


def _rate(channel: Any) -> float | None:
    """Return the rate of a waveform over time."""
    step = channel.properties.get("wf_increment")
    over = str(channel.properties.get("wf_xunit_string") or "s").strip().lower()
    if not isinstance(step, float) or not step > 0 or over not in TIME_UNITS:
        return None
    return rate_of_step(step, TIME_UNITS[over])


def _numbers(path: Path, group: str, name: str) -> np.ndarray:
    """Return (n,) of a channel, stamps of time as seconds since the first."""
    import nptdms

    with _opened(path, nptdms) as file:
        values = np.asarray(file[group][name][:])
    if values.dtype.kind == "M":
        return (values - values[0]) / np.timedelta64(1, "s")
    return values
