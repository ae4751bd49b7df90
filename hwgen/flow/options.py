"""What a user asks of a build."""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from hwgen import files
from hwgen.calibration.choice import AUTO
from hwgen.designs.goals import GOALS
from hwgen.errors import InputError, UsageError
from hwgen.quantized import Precision
from hwgen.quantized.precision import TRANSFORMS
from hwgen.signals import Reading

SETTINGS = "settings.json"
_LARGEST_SEED = 2**31 - 1


def _added(default: Any) -> Any:
    """Return a field that settings of earlier versions do not have; they mean its default."""
    return field(default=default, metadata={"added": True})


@dataclass(frozen=True)
class DataOptions:
    """Where windows come from.

    Parameters
    ----------
    data
        Folder of recordings, ``"synthetic"``, or None: what the checkpoint carries, else synthetic.
    snr_db
        White noise that is added to each part after the split; None for none.
    channel, sample_rate, unit, offset, class_from, channels
        Of `hwgen.signals.Reading`; no channels: one, as `channel` says.
    seed
        Of noise and synthetic signals.
    input_scale
        Multiplier of the network's input; None: the checkpoint's, else one over the RMS.
    """

    data: str | None = None
    snr_db: float | None = None
    channel: str | None = None
    sample_rate: float | None = None
    seed: int = 1
    input_scale: float | None = None
    unit: str | None = _added(None)
    offset: float = _added(0.0)
    class_from: str | None = _added(None)
    channels: tuple[str, ...] = _added(())

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

    def decisive(self) -> dict[str, Any]:
        """Return the fields by name; `channels` only where there are several."""
        fields = dataclasses.asdict(self)
        return fields if self.channels else {k: v for k, v in fields.items() if k != "channels"}


@dataclass(frozen=True)
class GeometryOptions:
    """What a bare state_dict does not say; None: inferred.

    Parameters
    ----------
    window, stride, padding, pool, bins
        Of `hwgen.importers.Geometry`.
    weights_from
        Which network of a file that holds several.
    outputs
        The network's output for each class; empty where they are in the classes' order.
    """

    window: int | None = None
    stride: int | None = None
    padding: int | None = None
    pool: int | None = None
    bins: str | None = _added(None)
    weights_from: str | None = _added(None)
    outputs: tuple[int, ...] = _added(())


@dataclass(frozen=True)
class HardwareOptions:
    """The design point.

    Parameters
    ----------
    board
        Name or alias.
    parallel
        Multipliers of the MAC array; None: what keeps up with a sample a cycle, or with the goal.
    dsp
        DSP cells that the whole design may use; None: those of the smallest chip, or with a goal
        all that the board has.
    goal
        One of `hwgen.designs.goals.GOALS`; None for none.
    latency_us, windows_per_second
        What the cheapest design is looked for that does it; None for no bound.
    fit
        Whether the cheapest design is looked for that keeps up with the sensor.
    transform
        ``"fft"`` or ``"dft"``; None: what suits the goal.
    hop
        Samples from one window to the next; None: windows do not overlap.
    unroll
        Names of the first layers, which get hardware of their own in front of the MAC array; none:
        what suits the goal.
    clock_mhz
        Target of the PLL.
    seeds
        Of the placer, tried in this order.
    baud
        Of the board's serial link.
    source
        Where samples come from: ``"uart"``, or a part of `hwgen.gateware.sensors.sources`.
    sensor_rate
        Hz at which that part samples; None: the checkpoint's, or the only one that it has.
    vote
        ``"K/N"``: of the last N windows K must agree.
    unknown
        Percentage of right answers on held-out windows that the margin for "unknown" may cost.
    normal
        Names of the classes that raise no alarm; none: what `hwgen.flow.sensing.faulty` takes.

    Raises
    ------
    UsageError
        If there is no seed, or one that the placer does not take; if a goal or a bound makes no
        sense.
    """

    board: str = "ecp5"
    parallel: int | None = None
    dsp: int | None = None
    goal: str | None = None
    latency_us: float | None = None
    windows_per_second: float | None = None
    fit: bool = False
    transform: str | None = None
    hop: int | None = None
    clock_mhz: float = 100.0
    seeds: tuple[int, ...] = tuple(range(1, 9))
    baud: int = 1_000_000
    source: str = "uart"
    sensor_rate: float | None = None
    vote: str = "3/5"
    unknown: float = 1.0
    normal: tuple[str, ...] = ()
    unroll: tuple[str, ...] = _added(())

    def __post_init__(self) -> None:
        if not self.seeds or not all(0 <= seed <= _LARGEST_SEED for seed in self.seeds):
            raise UsageError(
                f"--seeds must be numbers from 0 to {_LARGEST_SEED} with commas between, "
                f"not {','.join(map(str, self.seeds)) or 'none'}"
            )
        for name, value, known in (
            ("--goal", self.goal, GOALS),
            ("--transform", self.transform, TRANSFORMS),
        ):
            if value is not None and value not in known:
                raise UsageError(f"{name} must be one of {', '.join(known)}, not {value!r}")
        for name, bound in (
            ("--latency-us", self.latency_us),
            ("--windows-per-second", self.windows_per_second),
            ("--hop", self.hop),
        ):
            if bound is not None and not bound > 0:
                raise UsageError(f"{name} must be more than 0, not {bound:g}")

    @property
    def sensed(self) -> bool:
        """Whether the board takes its samples from a sensor of its own."""
        return self.source != "uart"

    @property
    def seeking(self) -> bool:
        """Whether a design point is looked for, not just the default one taken."""
        asked = (self.goal, self.latency_us, self.windows_per_second, self.hop)
        also = self.fit or self.transform == "dft" or bool(self.unroll)
        return also or any(each is not None for each in asked)

    @property
    def transforms(self) -> tuple[str, ...]:
        """Transforms among which the design is looked for."""
        if self.transform is not None:
            return (self.transform,)
        if self.goal is not None:
            return ("fft",) if self.goal == "throughput" and self.hop is None else ("dft",)
        if self.hop is not None or self.unroll:
            return ("dft",)
        return TRANSFORMS if self.seeking else ("fft",)


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

    checkpoint: str
    data: DataOptions = field(default_factory=DataOptions)
    geometry: GeometryOptions = field(default_factory=GeometryOptions)
    bits: Precision = field(default_factory=Precision)
    twiddle: int | None = None
    calibration: str = AUTO
    rounding: str = AUTO
    max_drop: float | None = None
    qat: bool = False
    hardware: HardwareOptions = field(default_factory=HardwareOptions)
    verify_windows: int = 120
    own_scale: bool = _added(False)
    netlist: bool = _added(True)
    source: str | None = _added(None)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> Settings:
        """Return the settings that `to_json` wrote; `InputError` if they are damaged."""
        try:
            return _record(cls, value)
        except (KeyError, TypeError, ValueError, UsageError) as error:
            raise InputError(f"{SETTINGS} is damaged ({error}); build again") from error


_Record = TypeVar("_Record")


def _record(kind: type[_Record], value: Any) -> _Record:
    """Return the dataclass that a JSON object holds; TypeError where a field is of another type."""
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]
    names = {one.name for one in fields}
    needed = {one.name for one in fields if not one.metadata.get("added")}
    if not isinstance(value, dict) or not needed <= set(value) <= names:
        raise TypeError(f"{kind.__name__} must have the fields {', '.join(sorted(names))}")
    hints = typing.get_type_hints(kind)
    return kind(**{name: _field(name, hints[name], item) for name, item in value.items()})


def _field(name: str, hint: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(hint):
        return _record(hint, value)  # type: ignore[arg-type]
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise TypeError(f"{name} must be a list, not {value!r}")
        return tuple(_field(name, typing.get_args(hint)[0], item) for item in value)
    kinds = typing.get_args(hint) or (hint,)
    if float in kinds:
        kinds = (*kinds, int)
    # JSON's true is an int to Python.
    if isinstance(value, bool) != (bool in kinds) or not isinstance(value, kinds):
        raise TypeError(f"{name} must not be {value!r}")
    return value


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
