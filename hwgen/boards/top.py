"""Board top: PLL, serial line, frames and the accelerator core."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import ClockDomain, Elaboratable, Module, Signal
from amaranth.lib import io, wiring
from amaranth.lib.wiring import In, Out

from hwgen import protocol
from hwgen.boards.board import Board
from hwgen.boards.platforms import request
from hwgen.boards.pll import Pll, plan_pll
from hwgen.boards.receiver import FrameReceiver
from hwgen.boards.transmitter import FrameTransmitter
from hwgen.boards.uart import UartReceiver, UartTransmitter, uart_divisor


class LinkedCore(wiring.Component):
    """An accelerator core behind a serial line that speaks `hwgen.protocol`.

    Parameters
    ----------
    core
        The accelerator: ``samples`` in, ``abandon`` in, ``result`` out, and the attributes
        ``input_samples``, ``adc_bits``, ``classes``, ``logit_bits``.
    clock_mhz
        Frequency of domain ``sync``.
    baud
        Bits a second on the line.
    digest
        The design's digest, hexadecimal; its first 8 bytes are told to the host.
    frame_timeout_s
        Quiet seconds that end a broken frame.

    Members
    -------
    rx : In(1)
        From the host.
    tx : Out(1)
        To the host.
    light : Out(1)
        Changes with every result.

    Raises
    ------
    CannotMeetError
        If the clock cannot make the bit rate.
    ValueError
        If the core's widths do not fit the protocol.
    """

    def __init__(
        self,
        core: Any,
        *,
        clock_mhz: float,
        baud: int,
        digest: str,
        frame_timeout_s: float = protocol.FRAME_TIMEOUT_S,
    ) -> None:
        self._core = core
        self._divisor = uart_divisor(clock_mhz, baud)
        timeout_cycles = max(1, round(frame_timeout_s * clock_mhz * 1e6))
        self._receiver = FrameReceiver(core.input_samples, core.adc_bits, timeout_cycles)
        hello = protocol.Hello(
            digest=bytes.fromhex(digest)[: protocol.DIGEST_BYTES],
            input_samples=core.input_samples,
            clock_khz=round(clock_mhz * 1000),
            classes=core.classes,
            adc_bits=core.adc_bits,
        )
        class_bits = len(core.result.payload.class_)
        self._transmitter = FrameTransmitter(hello, class_bits, core.logit_bits)
        super().__init__({"rx": In(1, init=1), "tx": Out(1, init=1), "light": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        """Wire line, frames and core."""
        m = Module()
        m.submodules.core = core = self._core
        m.submodules.uart_rx = uart_rx = UartReceiver(self._divisor)
        m.submodules.uart_tx = uart_tx = UartTransmitter(self._divisor)
        m.submodules.receiver = receiver = self._receiver
        m.submodules.transmitter = transmitter = self._transmitter
        wiring.connect(m, uart_rx.o, receiver.i)
        wiring.connect(m, receiver.samples, core.samples)
        wiring.connect(m, core.result, transmitter.result)
        wiring.connect(m, receiver.hello, transmitter.hello)
        wiring.connect(m, receiver.refusal, transmitter.refusal)
        wiring.connect(m, transmitter.o, uart_tx.i)
        sent = Signal()
        m.d.comb += [
            uart_rx.rx.eq(self.rx),
            self.tx.eq(uart_tx.tx),
            core.abandon.eq(receiver.abandon),
            transmitter.sequence.eq(receiver.sequence),
            sent.eq(core.result.valid & core.result.ready),
            receiver.done.eq(sent),
        ]
        m.d.sync += self.light.eq(self.light ^ sent)
        return m


class BoardTop(Elaboratable):
    """A core on a board: everything that is inside the chip.

    Parameters
    ----------
    core, baud, digest
        As of `LinkedCore`.
    board
        The board.
    clock_mhz
        Wanted clock; the PLL makes the nearest it can (`plan_pll`).

    Attributes
    ----------
    clock_mhz
        What the PLL makes.

    Raises
    ------
    CannotMeetError
        If the PLL cannot make the clock, or the clock the bit rate.
    """

    def __init__(
        self,
        core: Any,
        board: Board,
        clock_mhz: float,
        baud: int = protocol.DEFAULT_BAUD,
        digest: str = "00" * protocol.DIGEST_BYTES,
    ) -> None:
        self._board = board
        self._pll = plan_pll(board.clock_mhz, clock_mhz)
        self.clock_mhz = float(self._pll.output_mhz)
        self._linked = LinkedCore(core, clock_mhz=self.clock_mhz, baud=baud, digest=digest)

    def elaborate(self, platform: Any) -> Module:
        """Connect the linked core to the board's pins and clock."""
        m = Module()
        m.domains.sync = ClockDomain("sync")
        m.submodules.pll = Pll(self._pll)
        m.submodules.linked = linked = self._linked
        uart = request(platform, self._board.uart)
        m.submodules.rx_buffer = rx_buffer = io.Buffer("i", uart.rx)
        m.submodules.tx_buffer = tx_buffer = io.Buffer("o", uart.tx)
        m.d.comb += [linked.rx.eq(rx_buffer.i), tx_buffer.o.eq(linked.tx)]
        if self._board.led is not None:
            light = request(platform, self._board.led)
            m.submodules.light_buffer = light_buffer = io.Buffer("o", light)
            m.d.comb += light_buffer.o.eq(linked.light)
        return m
