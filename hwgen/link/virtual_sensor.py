"""What the sensor of a virtual board hears: recorded windows, played at its part's pins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from hwgen import files
from hwgen.errors import CannotMeetError
from hwgen.fixedpoint import Integers
from hwgen.gateware.sensors.sensor import SensorPlan, check_pace
from hwgen.plans.facts import CoreFacts, KnownCore

_SLOWEST = 64
"""Most times that samples come sooner, counted in clock cycles, than on the real board."""
_SLACK = 2
"""Times longer than the core needs that a sample and a window last all the same."""
RECORDING = "recording.bin"


def hurried(
    plan_of: Callable[[float], SensorPlan], core: CoreFacts, hop: int | None, clock_mhz: float
) -> SensorPlan:
    """Return a sensor's plan with fewer clock cycles between samples, as few as will do.

    A real sensor gives a sample every ten thousand cycles, and a simulator takes as long for a
    cycle in which nothing happens as for any other. All else on the board stays as it is.

    Parameters
    ----------
    plan_of
        Returns the plan for a clock in MHz; `CannotMeetError` if part or rate do not allow it.
    core, hop
        As of `hwgen.gateware.sensors.sensor.check_pace`.
    clock_mhz
        The board's.
    """
    timing = replace(
        core.timing, pause=_SLACK * core.timing.pause, interval=_SLACK * core.timing.interval
    )
    demanding = KnownCore(
        core.input_samples,
        core.adc_bits,
        core.hop,
        core.classes,
        core.logit_bits,
        timing,
        core.numbers,
        core.number_bits,
    )
    for times in range(_SLOWEST, 1, -1):
        try:
            plan = plan_of(clock_mhz / times)
            check_pace(demanding, plan, hop)
        except CannotMeetError:
            continue
        return plan
    return plan_of(clock_mhz)


def samples_of(windows: Integers, adc_bits: int, bits: int, ratio: int) -> Integers:
    """Return windows as a part gives them, one behind the other.

    Parameters
    ----------
    windows
        ``(n, samples)`` of `adc_bits`.
    bits
        Of the part's samples: rounded half up and saturated where they are narrower.
    ratio
        Samples of the part for one of the windows'; those between are interpolated.
    """
    stream = windows.reshape(-1).astype(np.float64) * 2.0 ** (bits - adc_bits)
    if ratio > 1:
        stream = resample_poly(stream, ratio, 1)
    most = 1 << (bits - 1)
    return np.clip(np.floor(stream + 0.5), -most, most - 1).astype(np.int64)


def write_recording(windows: Integers, adc_bits: int, plan: SensorPlan, folder: Path) -> list[str]:
    """Write what a part is to play, over and over; return the virtual board's words for it.

    Samples that the part's receiver drops at its start come first, as zeros, so that the first
    window that is classified is the first of `windows`.
    """
    part = plan.part
    stream = samples_of(windows, adc_bits, part.bits, plan.ratio)
    path = folder / RECORDING
    files.write_bytes(path, stream.astype("<i4").tobytes())
    own = [plan.sampling.clock_mhz * 1e6 / plan.rate_hz] if plan.own_clock else []
    kind, *needs = map(str, (*part.model, *own))
    return [kind, str(path), str(part.settle), *needs]
