"""Options that do nothing with what else is asked: told, so that nobody counts on them."""

from __future__ import annotations

from hwgen.flow.hardware_options import HardwareOptions, SensorOptions
from hwgen.flow.options import DataOptions
from hwgen.signals import Reading

_READING = ("channel", "unit", "offset", "class_from")
_OPTIONS = {"snr_db": "--snr"}
"""Of names that are not called as the option."""


def of_reading(options: DataOptions | Reading, *further: str) -> tuple[str, ...]:
    """Return which options on the reading of recordings do nothing, for there are none to read.

    Parameters
    ----------
    options
        What was asked for.
    further
        Names of those that do nothing beside channel, unit, offset and class.
    """
    given = [_option(name) for name in (*_READING, *further) if getattr(options, name)]
    if not given:
        return ()
    return (f"no recordings are read, so {', '.join(given)} does nothing; --data names them",)


def of_one_recording(reading: Reading) -> tuple[str, ...]:
    """Return which options do nothing for a recording that is to be diagnosed."""
    if reading.class_from is None:
        return ()
    return ("the class of the recording is what is looked for, so --class-from does nothing",)


def of_training(classes: int | None) -> tuple[str, ...]:
    """Return which options on synthetic signals do nothing, for recordings are read."""
    if classes is None:
        return ()
    return ("recordings have the classes of their files, so --classes does nothing",)


def of_hardware(options: HardwareOptions) -> tuple[str, ...]:
    """Return which options on a sensor do nothing, for the host feeds the board."""
    asked, usual = options.sensor, SensorOptions()
    names = [name for name in ("vote", "normal") if getattr(asked, name) != getattr(usual, name)]
    given = [_option(name) for name in names]
    if asked.sensed or not given:
        return ()
    return (f"the board has no sensor, so {', '.join(given)} does nothing; --source names one",)


def _option(name: str) -> str:
    return _OPTIONS.get(name, f"--{name.replace('_', '-')}")
