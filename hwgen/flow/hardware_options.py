"""What a user asks of the hardware: the core's design, the board, and the board's own sensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from hwgen.designs.goals import GOALS
from hwgen.errors import UsageError
from hwgen.flow.decides import Stage, decides, option
from hwgen.flow.groups import group, options_of, values_of
from hwgen.quantized.precision import TRANSFORMS

_LARGEST_SEED = 2**31 - 1
FEWEST = 20
"""Windows of a learn phase: of fewer a threshold says little."""

WEIGHTS = ("chip", "flash")
"""Where weights are."""

QUANTIZE, GENERATE, NETLIST, SYNTH = Stage

_CORE = decides(GENERATE, NETLIST, SYNTH, sought=(QUANTIZE,))
_TRANSFORM = decides(GENERATE, NETLIST, SYNTH, sought=(QUANTIZE,), named=(GENERATE, NETLIST))
"""The integer network has it; to the core it matters whether a design point is looked for."""
_BOARD = decides(GENERATE, NETLIST, SYNTH, sought=(QUANTIZE,), named=(GENERATE,))
_CLOCK = decides(SYNTH, sought=(QUANTIZE, GENERATE, NETLIST))
"""A bound in time depends on it."""
_TOP = decides(SYNTH)
_SOURCE = decides(SYNTH, sought=(QUANTIZE, GENERATE), named=(GENERATE,))
"""A board with a sensor may keep the samples that windows share."""


@dataclass(frozen=True)
class DesignOptions:
    """Which design of the core is taken, or looked for.

    Parameters
    ----------
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
    weights
        One of `WEIGHTS`: ``"chip"`` for its block RAM, ``"flash"`` for the board's flash, of which
        block RAM holds what it has room for.

    Raises
    ------
    UsageError
        If a goal or a bound makes no sense.
    """

    parallel: int | None = option(_CORE, None)
    dsp: int | None = option(_CORE, None)
    goal: str | None = option(_CORE, None)
    latency_us: float | None = option(_CORE, None)
    windows_per_second: float | None = option(_CORE, None)
    fit: bool = option(_CORE, False)
    transform: str | None = option(_TRANSFORM, None)
    hop: int | None = option(_CORE, None)
    unroll: tuple[str, ...] = option(_CORE, (), added=True, unsaid=True)
    weights: str = option(_CORE, "chip", added=True, unsaid=True)

    def __post_init__(self) -> None:
        for name, value, known in (
            ("--goal", self.goal, GOALS),
            ("--transform", self.transform, TRANSFORMS),
            ("--weights", self.weights, WEIGHTS),
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
    def flashed(self) -> bool:
        """Whether weights come from the board's flash."""
        return self.weights == "flash"

    @property
    def timed(self) -> bool:
        """Whether the design depends on the clock: what is looked for, and how fast a flash is."""
        return self.seeking or self.flashed

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
class SensorOptions:
    """Where samples come from, and what a board with a sensor makes of its windows.

    Parameters
    ----------
    source
        ``"uart"``, or a part of `hwgen.gateware.sensors.sources`.
    sensor_rate
        Hz at which that part samples; None: the checkpoint's, or the only one that it has.
    vote
        ``"K/N"``: of the last N windows K must agree.
    unknown
        Percentage of right answers on held-out windows that the margin for "unknown" may cost.
    normal
        Names of the classes that raise no alarm; none: what `hwgen.flow.sensing.faulty` takes.
    learn
        Windows of which the threshold is learnt if the board's button is held at power-up; None:
        the button does nothing.
    """

    source: str = option(_SOURCE, "uart")
    sensor_rate: float | None = option(_TOP, None)
    vote: str = option(_TOP, "3/5")
    unknown: float = option(_TOP, 1.0)
    normal: tuple[str, ...] = option(_TOP, ())
    learn: int | None = option(_TOP, None, added=True, unsaid=True)

    @property
    def sensed(self) -> bool:
        """Whether the board takes its samples from a sensor of its own."""
        return self.source != "uart"


@dataclass(frozen=True)
class HardwareOptions:
    """The design point on its board.

    Parameters
    ----------
    board
        Name or alias.
    clock_mhz
        Target of the PLL.
    seeds
        Of the placer, tried in this order.
    baud
        Of the board's serial link.
    quick
        Whether the least is done for a bitstream that meets the clock (`hwgen.flow.quick`).
    design
        Of the core.
    sensor
        Of the board.

    Raises
    ------
    UsageError
        If there is no seed, or one that the placer does not take.
    """

    board: str = option(_BOARD, "ecp5")
    clock_mhz: float = option(_CLOCK, 100.0)
    seeds: tuple[int, ...] = option(_TOP, tuple(range(1, 9)))
    baud: int = option(_TOP, 1_000_000)
    quick: bool = option(_TOP, False, added=True, unsaid=True)
    design: DesignOptions = group(DesignOptions, inline=True)
    sensor: SensorOptions = group(SensorOptions, inline=True)

    def __post_init__(self) -> None:
        if not self.seeds or not all(0 <= seed <= _LARGEST_SEED for seed in self.seeds):
            raise UsageError(
                f"--seeds must be numbers from 0 to {_LARGEST_SEED} with commas between, "
                f"not {','.join(map(str, self.seeds)) or 'none'}"
            )

    @classmethod
    def of(cls, **values: Any) -> Self:
        """Return options with these values, whichever group has them."""
        return options_of(cls, values)

    def but(self, **values: Any) -> Self:
        """Return the options with other values, whichever group has them."""
        return options_of(type(self), values_of(self) | values)
