"""A sensor part with all that is between it and the core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Cat, Module, Value
from amaranth.lib import io, stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.boards.board import Board, Connection
from hwgen.boards.platforms import request
from hwgen.errors import CannotMeetError, UsageError
from hwgen.gateware.sensors.decimation import LARGEST_RATIO, Decimation, Decimator, fitted
from hwgen.gateware.sensors.feed import COUNT_BITS, Feed, Overlap
from hwgen.gateware.sensors.part import BUSES, Part
from hwgen.gateware.sensors.sampling import RATE_TOLERANCE, Sampling
from hwgen.gateware.sensors.sources import find_part
from hwgen.gateware.sensors.watch import Watch
from hwgen.hardware.contract import sample_layout
from hwgen.plans.facts import CoreFacts
from hwgen.protocol import SensorFault

FAULT_BITS = 8
_CLIPS = 256
"""One sample in so many at an end of the range is clipping."""


@dataclass(frozen=True)
class SensorPlan:
    """A part, how fast it samples, and what is made of its samples.

    Parameters
    ----------
    name
        Of the part.
    part
        The part.
    sampling
        What its receiver is made for.
    ratio
        Samples of the part for one of the network.
    """

    name: str
    part: Part
    sampling: Sampling
    ratio: int

    @property
    def rate_hz(self) -> float:
        """Samples a second that the clock makes; the part's own where it has a clock itself."""
        if self.own_clock:
            return self.sampling.rate_hz
        return self.sampling.clock_mhz * 1e6 / self.sampling.period

    @property
    def own_clock(self) -> bool:
        """Whether the part samples by a clock of its own."""
        return len(self.part.rates) == 1 and self.part.rates[0][0] == self.part.rates[0][1]

    @property
    def cycles(self) -> int:
        """Clock cycles from one of the network's samples to the next, at least."""
        cycles = self.sampling.clock_mhz * 1e6 / self.rate_hz * self.ratio
        # a part's own clock may be fast by some per cent
        return int(cycles * (0.9 if self.own_clock else 1))

    def to_json(self) -> dict[str, Any]:
        """Return what the report says of it."""
        return {
            "source": self.name,
            "part": self.part.title,
            "data_sheet": self.part.sheet,
            "sensor_rate_hz": self.rate_hz,
            "decimation": self.ratio,
            "sensor_bits": self.part.bits,
        }


def plan_sensor(
    name: str,
    *,
    model_rate: float | None,
    sensor_rate: float | None,
    clock_mhz: float,
    full_scale: float,
) -> SensorPlan:
    """Return how a part is to sample for a network.

    Parameters
    ----------
    name
        Of the part.
    model_rate
        Hz that the network was trained on; None if nobody knows.
    sensor_rate
        Hz that the part is to sample at; None: `model_rate`, or the only one that the part has.
    clock_mhz
        Of the design.
    full_scale
        Of the network's samples, in g.

    Raises
    ------
    UsageError
        If there is no such part, or neither rate is known.
    CannotMeetError
        If the part or the clock cannot make the rate, or it is no whole multiple of the network's.
    """
    part = find_part(name)
    low, high = part.rates[0]
    only = low if len(part.rates) == 1 and low == high else None
    rate = sensor_rate or only or model_rate
    if rate is None:
        raise UsageError(
            "--sensor-rate must be given: the checkpoint does not say which rate it was trained on"
        )
    base = model_rate or rate
    ratio = round(rate / base)
    if not 1 <= ratio <= LARGEST_RATIO or abs(rate / (ratio * base) - 1) > RATE_TOLERANCE:
        raise CannotMeetError(
            f"sensor rate of {name} must be the checkpoint's {base:g} Hz or a whole multiple of "
            f"it, up to {LARGEST_RATIO}, not {rate:g} Hz; give another --sensor-rate or --source, "
            f"or train on recordings of that rate"
        )
    sampling = Sampling(clock_mhz, rate, full_scale)
    part.check(name, sampling)
    plan = SensorPlan(name, part, sampling, ratio)
    if not plan.own_clock:
        _ = sampling.period  # refused here if the clock does not make the rate
    return plan


def check_pins(board: Board, name: str, part: Part) -> None:
    """Raise `CannotMeetError` if a board does not say where a part is."""
    connection = board.sources.get(part.bus)
    if connection is None or set(part.pins) - {pin for pin, _ in connection.pins}:
        raise CannotMeetError(
            f"{board.name} must name the pins {', '.join(part.pins)} in [sources.{part.bus}] for "
            f"{name}; add them to its file, or choose another board"
        )


def source_pins(board: Board, plan: SensorPlan) -> Connection:
    """Return where a part is on a board; `CannotMeetError` if the board does not say."""
    check_pins(board, plan.name, plan.part)
    connection = board.sources[plan.part.bus]
    wanted = tuple((name, pin) for name, pin in connection.pins if name in plan.part.pins)
    inputs = tuple(name for name, way in BUSES[plan.part.bus].items() if way == "i")
    return Connection(f"hwgen_{plan.part.bus}", None, wanted, connection.io_type, inputs=inputs)


class Sensor(wiring.Component):
    """Samples for the core from a part: received, watched, decimated, and never lost in silence.

    Parameters
    ----------
    core
        The plan of what is fed.
    plan
        The part and its rates.
    hop
        Samples from one window to the next; None: the core's.
    connection
        Where the part's pins are, for `attach`.

    Members
    -------
    samples : Out(stream of value, first)
        To the core; stand until taken.
    run : In(1)
        Whether samples are wanted; after a time without, the next one is ``first``.
    overruns : Out(32)
        Samples lost; stays at the largest.
    faults : Out(8)
        `hwgen.protocol.SensorFault`.
    pins
        Those of the part.

    Raises
    ------
    CannotMeetError
        If the core is too slow for the samples, or the hop is none of its.
    """

    def __init__(
        self, core: CoreFacts, plan: SensorPlan, *, hop: int | None = None,
        connection: Connection | None = None,
    ) -> None:  # fmt: skip
        window = core.input_samples
        self._plan, self._connection = plan, connection
        self._window, self._adc_bits = window, core.adc_bits
        own = core.hop
        self._hop = own if hop is None else hop
        check_pace(core, plan, hop)
        self._endless = own < window
        self._overlaps = self._hop != own
        self._decimation = (
            Decimation(plan.ratio, plan.part.bits, core.adc_bits) if plan.ratio > 1 else None
        )
        self._receiver = plan.part.receiver(plan.sampling)
        directions = {"i": In(1), "o": Out(1)}
        pins = {pin: directions[BUSES[plan.part.bus][pin]] for pin in plan.part.pins}
        super().__init__(
            {
                "samples": Out(stream.Signature(sample_layout(core.adc_bits))),
                "run": In(1),
                "overruns": Out(COUNT_BITS),
                "faults": Out(FAULT_BITS),
                "pins": Out(wiring.Signature(pins)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Chain receiver, watch, decimation, feed and overlap."""
        m = Module()
        part = self._plan.part
        m.submodules.receiver = receiver = self._receiver
        for pin, way in BUSES[part.bus].items():
            if pin in part.pins:
                inside, outside = getattr(receiver, pin), getattr(self.pins, pin)
                m.d.comb += inside.eq(outside) if way == "i" else outside.eq(inside)
        length = self._window * self._plan.ratio
        m.submodules.watch = watch = Watch(part.bits, length, -(-length // _CLIPS))
        every = None if self._endless or self._overlaps else self._window
        m.submodules.feed = feed = Feed(self._adc_bits, self._window, every)
        m.d.comb += [
            watch.i.valid.eq(receiver.o.valid),
            watch.i.payload.eq(receiver.o.p.value),
            feed.run.eq(self.run),
            self.overruns.eq(feed.overruns),
        ]
        self._fit(m, receiver.o, feed.i)
        if self._overlaps:
            m.submodules.overlap = overlap = Overlap(self._adc_bits, self._window, self._hop)
            wiring.connect(m, feed.o, overlap.i)
            wiring.connect(m, overlap.o, wiring.flipped(self.samples))
        else:
            wiring.connect(m, feed.o, wiring.flipped(self.samples))
        found = {
            SensorFault.STUCK: watch.stuck,
            SensorFault.CLIPPED: watch.clipped,
            SensorFault.ABSENT: receiver.absent,
            SensorFault.LOST: feed.lost,
        }
        m.d.comb += self.faults.eq(Cat(found[fault] for fault in SensorFault))
        return m

    def _fit(self, m: Module, source: Any, target: Any) -> None:
        """Bring samples to the network's rate and width."""
        if self._decimation is not None:
            m.submodules.decimator = decimator = Decimator(self._decimation)
            wiring.connect(m, source, decimator.i)
            wiring.connect(m, decimator.o, target)
            return
        shift = self._plan.part.bits - self._adc_bits
        m.d.sync += [
            target.valid.eq(source.valid),
            target.p.value.eq(fitted(source.p.value, shift, self._adc_bits)),
            target.p.first.eq(source.p.first),
        ]

    def attach(self, m: Module, platform: Any, pins: Any) -> None:
        """Join `pins` to the board's."""
        assert self._connection is not None
        ports = request(platform, self._connection)
        for pin, way in BUSES[self._plan.part.bus].items():
            if pin not in self._plan.part.pins:
                continue
            m.submodules[f"{pin}_buffer"] = buffer = io.Buffer(way, getattr(ports, pin))
            inside: Value = getattr(pins, pin)
            m.d.comb += inside.eq(buffer.i) if way == "i" else buffer.o.eq(inside)


def check_pace(core: CoreFacts, plan: SensorPlan, hop: int | None) -> None:
    """Raise if the core cannot keep up with the samples, or its windows cannot be so far apart.

    Parameters
    ----------
    core, plan, hop
        As of `Sensor`.

    Raises
    ------
    CannotMeetError
        Says what would do.
    """
    window = core.input_samples
    own = core.hop
    hop = own if hop is None else hop
    if not 1 <= hop <= window:
        raise CannotMeetError(f"hop must be 1 to {window}, the window, not {hop}")
    if own not in {hop, window}:
        raise CannotMeetError(f"hop must be the core's {own}, not {hop}")
    between, pause = plan.cycles, core.timing.pause
    if between < pause:
        raise CannotMeetError(
            f"the core takes a sample every {pause} cycles, and the sensor gives one every "
            f"{between}; give a lower --sensor-rate, a higher --clock-mhz or more --parallel"
        )
    if hop == own and between < core.timing.closed:
        raise CannotMeetError(
            f"the core takes no sample for {core.timing.closed} cycles behind each window, and the "
            f"sensor gives one every {between}; give a lower --sensor-rate or a higher --clock-mhz"
        )
    needed = max(core.timing.interval, window * pause if hop != own else 0)
    if hop * between < needed:
        raise CannotMeetError(
            f"hop must be at least {-(-needed // between)} samples: the core needs {needed} cycles "
            f"a window, and the sensor gives a sample every {between}, not {hop}; give a larger "
            f"--hop"
        )
    if plan.ratio > 1:
        filter_cycles = Decimation(plan.ratio, plan.part.bits, core.adc_bits).cycles
        if between < filter_cycles:
            raise CannotMeetError(
                f"decimation by {plan.ratio} needs {filter_cycles} cycles a sample, and there are "
                f"{between}; give a lower --sensor-rate or a higher --clock-mhz"
            )
