"""STMicroelectronics IIS3DWB: vibration sensor with SPI; samples by a clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Array, Const, Module, Signal
from amaranth.lib.cdc import FFSynchronizer

from hwgen.errors import CannotMeetError
from hwgen.gateware.sensors.part import Part, Receiver
from hwgen.gateware.sensors.registers import SpiExchange
from hwgen.gateware.sensors.sampling import SYNCHRONISER, Sampling

_BITS = 16
_PINS = ("cs", "sck", "copi", "cipo", "int")
_RATE_HZ = 80_000 / 3
_CLOCK_HZ = 5e6
"""Of SCK; the part takes 10 MHz."""
_BOOT_S = 10e-3
"""From power-up, and from a reset by software, until the registers may be used."""
_SILENCE_S = 25e-3
"""Without a sample: the part does not answer. Turning on takes 10 ms."""

_READ = 0x80
_WHO_AM_I, _WHO = 0x0F, 0x7B
_INT1_CTRL, _INT1_DRDY = 0x0D, 0x01
_CTRL1, _ENABLE = 0x10, 0xA0
_CTRL3, _RESET, _BLOCK_INCREMENT = 0x12, 0x01, 0x44
_CTRL4, _MASK_NO_I2C = 0x13, 0x0C
_CTRL6, _ONLY_Z = 0x15, 0x03
_OUT_Z = 0x2C
_SCALES = {2.0: 0, 16.0: 1, 4.0: 2, 8.0: 3}
"""FS_XL of CTRL1_XL for a full scale in g."""


@dataclass(frozen=True)
class _Step:
    """Of setting up: a register that is written, or one that must read as `word`."""

    head: int
    word: int

    @property
    def read(self) -> bool:
        return bool(self.head & _READ)


def _steps(full_scale: float) -> tuple[_Step, ...]:
    ctrl1 = _ENABLE | _SCALES[full_scale] << 2
    return (
        _Step(_CTRL3, _RESET),
        _Step(_READ | _WHO_AM_I, _WHO),
        _Step(_CTRL3, _BLOCK_INCREMENT),
        _Step(_CTRL4, _MASK_NO_I2C),
        _Step(_CTRL6, _ONLY_Z),
        _Step(_INT1_CTRL, _INT1_DRDY),
        _Step(_CTRL1, ctrl1),
        _Step(_READ | _CTRL1, ctrl1),
    )


class Iis3dwb(Receiver):
    """Set the part up for its Z axis, and read a sample whenever it says that one is ready.

    Parameters
    ----------
    half
        Clock cycles of half a period of SCK, at least 3.
    full_scale
        2, 4, 8 or 16 g.
    boot, silence
        Clock cycles that the part needs after a reset; and without a sample, after which it
        counts as absent and is set up anew.

    Members
    -------
    cs, sck, copi : Out(1)
        To the part, SPI mode 3.
    cipo : In(1)
        From the part.
    int : In(1)
        The part's INT1: high while there is a sample that was not read.
    o
        Samples; ``first`` after each setting up.
    absent : Out(1)
        The part does not answer, or not as it should.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong.
    """

    def __init__(self, half: int, full_scale: float, boot: int, silence: int) -> None:
        if full_scale not in _SCALES:
            raise ValueError(f"full_scale must be one of {sorted(_SCALES)}, not {full_scale}")
        self._steps = _steps(full_scale)
        self._boot = boot
        self._silence = silence
        self._spi = SpiExchange(half)
        super().__init__(_BITS, "spi", _PINS)

    def elaborate(self, platform: Any) -> Module:
        """Wait, go through the steps, then read samples until none comes any more."""
        m = Module()
        m.submodules.spi = spi = self._spi
        ready = Signal()
        m.submodules.sync_int = FFSynchronizer(self.int, ready)
        m.d.comb += [
            self.cs.eq(spi.cs),
            self.sck.eq(spi.sck),
            self.copi.eq(spi.copi),
            spi.cipo.eq(self.cipo),
        ]
        wait = Signal(range(max(self._boot, self._silence) + 1))
        step = Signal(range(len(self._steps) + 1))
        got = Signal()
        # The part sends the low byte first.
        sample = (spi.read[8:] | spi.read[:8] << 8)[:_BITS].as_signed()
        anew = self.give(m, got, sample)
        head, word, reads = self._step(step)
        with m.FSM():
            with m.State("WAIT"):
                m.d.comb += anew.eq(1)
                m.d.sync += wait.eq(wait + 1)
                with m.If(wait == self._boot):
                    m.next = "STEP"
            with m.State("STEP"):
                m.d.comb += [
                    spi.start.eq(~spi.busy),
                    spi.head.eq(head),
                    spi.word.eq(word),
                ]
                m.d.sync += wait.eq(0)
                with m.If(~spi.busy):
                    m.next = "ANSWER"
            with m.State("ANSWER"), m.If(spi.done):
                m.d.sync += step.eq(step + 1)
                with m.If(reads & (spi.read[:8] != word)):
                    self._start_again(m, step, wait)
                with m.Elif(step == 0):
                    m.next = "WAIT"  # for the reset
                with m.Elif(step == len(self._steps) - 1):
                    m.next = "READY"
                with m.Else():
                    m.next = "STEP"
            with m.State("READY"):
                m.d.comb += [spi.head.eq(_READ | _OUT_Z), spi.long.eq(1)]
                m.d.sync += wait.eq(wait + 1)
                with m.If(ready & ~spi.busy):
                    m.d.comb += spi.start.eq(1)
                    m.next = "READ"
                with m.Elif(wait == self._silence):
                    self._start_again(m, step, wait)
            with m.State("READ"), m.If(spi.done):
                m.d.comb += got.eq(1)
                m.d.sync += [wait.eq(0), self.absent.eq(0)]
                m.next = "READY"
        return m

    def _step(self, step: Signal) -> tuple[Any, Any, Any]:
        steps = (*self._steps, _Step(0, 0))
        columns = (
            [Const(one.head, 8) for one in steps],
            [Const(one.word, 8) for one in steps],
            [Const(one.read, 1) for one in steps],
        )
        head, word, reads = (Array(column)[step] for column in columns)
        return head, word, reads

    def _start_again(self, m: Module, step: Signal, wait: Signal) -> None:
        m.d.sync += [self.absent.eq(1), step.eq(0), wait.eq(0)]
        m.next = "WAIT"


def _pace(sampling: Sampling) -> int:
    """Return the clock cycles of half a period of SCK."""
    half = max(SYNCHRONISER + 1, sampling.cycles(0.5 / _CLOCK_HZ))
    # Reading takes 27 periods of SCK with CS's rest, and must be over when the next sample comes.
    slowest = 2 * half * 28 * _RATE_HZ / 1e6
    if sampling.clock_mhz < slowest:
        raise CannotMeetError(
            f"the clock must be at least {slowest:.3g} MHz for an IIS3DWB, not "
            f"{sampling.clock_mhz:g} MHz; give another --clock-mhz"
        )
    return half


def _receiver(sampling: Sampling) -> Iis3dwb:
    half = _pace(sampling)
    return Iis3dwb(half, sampling.full_scale, sampling.cycles(_BOOT_S), sampling.cycles(_SILENCE_S))


PART = Part(
    title="STMicroelectronics IIS3DWB, vibration sensor (Z axis)",
    sheet="DS12569 revision 6, and application note AN5444",
    bus="spi",
    pins=_PINS,
    bits=_BITS,
    rates=((_RATE_HZ, _RATE_HZ),),
    receiver=_receiver,
    pace=_pace,
    model=("iis3dwb",),
    full_scales=tuple(sorted(_SCALES)),
)
