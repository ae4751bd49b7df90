"""What a user asks of a build."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwgen import files
from hwgen.calibration.choice import AUTO
from hwgen.errors import InputError, UsageError
from hwgen.flow import groups
from hwgen.flow.decides import Stage, decides, option
from hwgen.flow.groups import group
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.quantized import Precision
from hwgen.signals import Reading
from hwgen.signals.noise_kinds import WHITE

SETTINGS = "settings.json"

_NETWORK = decides(Stage.QUANTIZE)
_CHECKPOINT = decides(Stage.QUANTIZE, named=(Stage.QUANTIZE,))
_NOTHING = decides()
"""It is whether a stage is run, or what one found."""


@dataclass(frozen=True)
class DataOptions:
    """Where windows come from.

    Parameters
    ----------
    data
        Folder of recordings, ``"synthetic"``, or None: what the checkpoint carries, else synthetic.
    snr_db
        Noise that is added to each part after the split; None for none.
    noise
        Its kind, of `hwgen.signals.noise_kinds.KINDS`.
    channel, sample_rate, unit, offset, class_from, channels
        Of `hwgen.signals.Reading`; no channels: one, as `channel` says.
    seed
        Of noise and synthetic signals.
    healthy
        Classes of the recordings that are healthy, for a network that tells anomalies; empty:
        those that are called so.
    input_scale
        Multiplier of the network's input; None: the checkpoint's, else one over the RMS.
    test_data
        Folders of further recordings to test on.
    """

    data: str | None = option(_NETWORK, None)
    snr_db: float | None = option(_NETWORK, None)
    channel: str | None = option(_NETWORK, None)
    sample_rate: float | None = option(_NETWORK, None)
    seed: int = option(_NETWORK, 1)
    input_scale: float | None = option(_NETWORK, None)
    unit: str | None = option(_NETWORK, None, added=True)
    offset: float = option(_NETWORK, 0.0, added=True)
    class_from: str | None = option(_NETWORK, None, added=True)
    channels: tuple[str, ...] = option(_NETWORK, (), added=True, unsaid=True)
    healthy: tuple[str, ...] = option(_NETWORK, (), added=True, unsaid=True)
    noise: str = option(_NETWORK, WHITE, added=True, unsaid=True)
    test_data: tuple[str, ...] = option(_NETWORK, (), added=True, unsaid=True)

    @property
    def reading(self) -> Reading:
        """How recordings are to be read."""
        return Reading(
            self.channel,
            self.sample_rate,
            self.unit,
            self.offset,
            self.class_from,
            self.channels or None,
        )


@dataclass(frozen=True)
class AlarmOptions:
    """From which score on a window is an anomaly; None: as the network has it.

    Parameters
    ----------
    threshold
        The largest squared error that is none.
    false_alarms, contamination
        Of `hwgen.network.threshold.Rule`.
    """

    threshold: float | None = option(_NETWORK, None, added=True, unsaid=True)
    false_alarms: float | None = option(_NETWORK, None, added=True, unsaid=True)
    contamination: float | None = option(_NETWORK, None, added=True, unsaid=True)


@dataclass(frozen=True)
class GeometryOptions:
    """What a file of others does not say; None: inferred.

    Parameters
    ----------
    window, stride, padding, pool, bins
        Of `hwgen.importers.Geometry`.
    weights_from
        Which network of a file that holds several.
    outputs
        The network's output for each class; empty where they are in the classes' order.
    quantizers
        Of `hwgen.importers.QUANTIZERS`; None: those that a network was trained with are kept.
    prepare
        Of `hwgen.network.ops.normalise.METHODS`: what is done to each window; None: nothing.
    front_end, fft_scale
        Of `hwgen.importers.FRONT_ENDS` and `hwgen.importers.FFT_SCALES`; None: the samples, and 1.
    answer
        Of `hwgen.importers.ANSWERS`: what its one output is; None: what it looks like.
    part
        Of `hwgen.importers.PARTS`: what of a network is built; None: all of it.
    """

    window: int | None = option(_NETWORK, None)
    stride: int | None = option(_NETWORK, None)
    padding: int | None = option(_NETWORK, None)
    pool: int | None = option(_NETWORK, None)
    bins: str | None = option(_NETWORK, None, added=True)
    weights_from: str | None = option(_NETWORK, None, added=True)
    outputs: tuple[int, ...] = option(_NETWORK, (), added=True)
    quantizers: str | None = option(_NETWORK, None, added=True, unsaid=True)
    prepare: str | None = option(_NETWORK, None, added=True, unsaid=True)
    front_end: str | None = option(_NETWORK, None, added=True, unsaid=True)
    fft_scale: str | None = option(_NETWORK, None, added=True, unsaid=True)
    answer: str | None = option(_NETWORK, None, added=True, unsaid=True)
    part: str | None = option(_NETWORK, None, added=True, unsaid=True)


@dataclass(frozen=True)
class Settings:
    """All that a build was asked for; kept in its folder, so that each stage runs alone.

    Parameters
    ----------
    checkpoint
        Its path.
    twiddle
        Width of the transform's factors; None: what suits the transform.
    calibration, rounding
        Of `hwgen.calibration.Method`, or ``"auto"``: what measures best.
    max_drop
        Percentage points of macro-F1 that narrower widths than `bits` may cost; None: `bits` as
        they are.
    qat
        Whether the weights are fine-tuned for their integers.
    own_scale
        Whether the full scale is that of the recordings' unit, not the one of `bits`: counts are
        the converter's steps, and shares of full scale end at 1.
    verify_windows
        Windows that verification takes from the test part, about.
    netlist
        Whether a build checks its netlist where that is quick (`hwgen.flow.netlist`).
    source
        Of `hwgen.flow.quantize.source`: what checkpoint and recordings held when the build in this
        folder was made. None: nobody has said.
    """

    checkpoint: str = option(_CHECKPOINT)
    data: DataOptions = group(DataOptions)
    geometry: GeometryOptions = group(GeometryOptions)
    alarm: AlarmOptions = group(AlarmOptions)
    bits: Precision = option(_NETWORK, Precision())
    twiddle: int | None = option(_NETWORK, None)
    calibration: str = option(_NETWORK, AUTO)
    rounding: str = option(_NETWORK, AUTO)
    max_drop: float | None = option(_NETWORK, None)
    qat: bool = option(_NETWORK, False)
    hardware: HardwareOptions = group(HardwareOptions)
    verify_windows: int = option(_NETWORK, 120)
    own_scale: bool = option(_NETWORK, False, added=True)
    netlist: bool = option(_NOTHING, True, added=True)
    source: str | None = option(_NOTHING, None, added=True)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return groups.to_json(self)

    @classmethod
    def from_json(cls, value: Any) -> Settings:
        """Return the settings that `to_json` wrote; `InputError` if they are damaged."""
        try:
            return groups.from_json(cls, value)
        except (KeyError, TypeError, ValueError, UsageError) as error:
            raise InputError(f"{SETTINGS} is damaged ({error}); build again") from error


def read_settings(build: Path) -> Settings:
    """Return the settings of a build's folder.

    Raises
    ------
    InputError
        If it is not one: says which command makes one.
    """
    path = build / SETTINGS
    if not path.is_file():
        raise InputError(
            f"{build} must be the folder of a build, with a {SETTINGS}; "
            f"make one with: hwgen build CHECKPOINT --board ecp5 -o {build}"
        )
    return Settings.from_json(files.read_json(path))
