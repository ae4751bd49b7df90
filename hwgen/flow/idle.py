"""Options that do nothing with what else is asked: told, so that nobody counts on them."""

from __future__ import annotations

from dataclasses import fields

from hwgen.flow.hardware_options import HardwareOptions, SensorOptions
from hwgen.flow.options import DataOptions, Settings
from hwgen.network import Network, front
from hwgen.quantized import Precision
from hwgen.quantized.op import depends
from hwgen.quantized.samples import SAMPLES_DEPEND
from hwgen.signals import Reading
from hwgen.signals.noise_kinds import WHITE

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
    told = given(options, *_READING, *further)
    if not told:
        return ()
    return (f"no recordings are read, so {', '.join(told)} does nothing; --data names them",)


def given(options: DataOptions | Reading, *names: str) -> list[str]:
    """Return which options on recordings the user gave, of some by name."""
    return [_option(name) for name in names if _is_given(name, getattr(options, name))]


def _is_given(name: str, value: object) -> bool:
    """Return whether an option on recordings has a value; 0 dB is one, an offset of 0 is none."""
    return value is not None if name == "snr_db" else bool(value) and value != WHITE


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


def of_network(settings: Settings, network: Network) -> tuple[str, ...]:
    """Return which options do nothing with a network."""
    return *_of_precision(settings, network), *_of_scale(settings.data, network)


def _of_precision(settings: Settings, network: Network) -> tuple[str, ...]:
    """Return which widths and methods do nothing, for no layer of a network depends on them."""
    usual = Precision()
    asked = {field.name: getattr(settings.bits, field.name) for field in fields(usual)}
    given = {name for name, value in asked.items() if value != getattr(usual, name)}
    given |= {"twiddle"} if settings.twiddle is not None else set()
    given |= {"transform"} if settings.hardware.design.transform is not None else set()
    used = {name for layer in network.layers for name in depends(layer.op)} | {*SAMPLES_DEPEND}
    idle = [_width(name) for name in asked if name in given - used]
    if not idle:
        return ()
    return (f"no layer of {network.name} depends on {', '.join(idle)}, which does nothing",)


def _of_scale(options: DataOptions, network: Network) -> tuple[str, ...]:
    """Return that a scale of the input does nothing, for each window has its own."""
    method = front.normalised(network.graph)
    if options.input_scale is None or method in (None, "mean"):
        return ()
    return (f"windows are divided by what is their own ({method}), so --input-scale does nothing",)


def _width(name: str) -> str:
    """Return the option that decides a field of `Precision`."""
    option = _option(name)
    return option if name in ("magnitude", "transform") else f"{option}-bits"


def _option(name: str) -> str:
    return _OPTIONS.get(name, f"--{name.replace('_', '-')}")
