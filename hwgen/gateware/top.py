"""Board top: PLL, serial line, frames and the accelerator core."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, ClockDomain, Const, Elaboratable, Module, Mux, Signal, Value
from amaranth.lib import io, stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen import protocol
from hwgen.boards.board import Board
from hwgen.boards.platforms import request
from hwgen.errors import CannotMeetError
from hwgen.gateware.clock import BoardClock
from hwgen.gateware.flash.kept import KeptThreshold
from hwgen.gateware.flash.master import FLASH_PINS
from hwgen.gateware.flash.pins import attach
from hwgen.gateware.flash.plan import FlashPlan, plan_flash
from hwgen.gateware.flash.reader import FlashReader, ImageState, ReaderPlan, plan_reader
from hwgen.gateware.held import HeldAtStart
from hwgen.gateware.learning import Learning
from hwgen.gateware.link.counters import EventCounters
from hwgen.gateware.link.kept_values import KeptValues
from hwgen.gateware.link.receiver import FrameReceiver
from hwgen.gateware.link.replay import COUNT_BITS, CYCLE_BITS, Replay
from hwgen.gateware.link.transmitter import STATE, FrameTransmitter
from hwgen.gateware.link.turns import Turns
from hwgen.gateware.link.uart import UartReceiver, UartTransmitter, check_pace, uart_divisor
from hwgen.hardware.contract import Core
from hwgen.protocol import Counter, Feature, Learn, State, Type

HELD_S = 0.01
"""For how long a button must be held after a reset: longer than contacts bounce."""
_WANTED = {"learn": In(1), "flash": Out(FLASH_PINS)}
"""Ports that are there where they are asked for."""
SILENCE_S = 10.0
"""After which a host that has taken the core from the sensor loses it again."""


class LinkedCore(wiring.Component):
    """An accelerator core behind a serial line that speaks `hwgen.protocol`.

    Parameters
    ----------
    core
        The accelerator.
    clock_mhz
        Frequency of domain ``sync``.
    baud
        Bits a second on the line.
    digest
        The design's digest, hexadecimal; its first 8 bytes are told to the host.
    frame_timeout_s
        Quiet seconds that end a broken frame.
    source
        The board's own sensor: ``samples`` out (as the core's), ``run`` in, ``overruns`` out
        (32), ``faults`` out (8), and ``pins`` if it has any. It has the core after a reset.
    decision
        What judges the results of `source`: ``result`` in (a stream as the core's), ``class_``
        out (16), ``flags`` out (8), which hold when a result is taken, ``restart`` in, ``alarm``
        out; ``faults`` in (8), the sensor's, and ``pins``, if it has them.
    at_start
        The learn phase that begins if ``learn`` is held after a reset; None: none does.
    flash
        Where the threshold is kept over a power cycle; None: nowhere.
    weights
        How streamed weights are read from the flash; None with a core that has none.

    Members
    -------
    rx : In(1)
        From the host.
    tx : Out(1)
        To the host.
    light : Out(1)
        Changes with every result.
    busy : Out(1)
        A window of the host is in the core, or a replay.
    alarm : Out(1)
        With `source`: the decision's.
    learn : In(1)
        With `at_start`: a button, of no clock.
    pins
        With a `source` that has pins: they.
    outputs
        With a `decision` that has pins: they.
    flash
        With `flash` or `weights`: its pins (`hwgen.gateware.flash.master.FLASH_PINS`).

    Raises
    ------
    CannotMeetError
        If the clock cannot make the bit rate, or the core cannot follow it.
    ValueError
        If the core's widths do not fit the protocol.
    """

    def __init__(
        self,
        core: Core,
        *,
        clock_mhz: float,
        baud: int,
        digest: str,
        frame_timeout_s: float = protocol.FRAME_TIMEOUT_S,
        source: Any = None,
        decision: Any = None,
        at_start: Learn | None = None,
        flash: FlashPlan | None = None,
        weights: ReaderPlan | None = None,
    ) -> None:
        self._reader = _reader(core, flash, weights)
        _check_scored(core, at_start=at_start, flash=flash)
        if (source is None) != (decision is None):
            raise ValueError("source and decision must be given together")
        if source is not None and not core.plan.classes:
            raise ValueError("source must come with a core that gives a class")
        self._core, self._source, self._decision = core, source, decision
        self._divisor = uart_divisor(clock_mhz, baud)
        plan = core.plan
        check_pace(self._divisor, plan.timing.pause, baud)
        self._receiver = FrameReceiver(
            plan.input_samples,
            plan.adc_bits,
            max(1, round(frame_timeout_s * clock_mhz * 1e6)),
            sensor=source is not None,
            score_bits=None if plan.threshold is None else plan.logit_bits - 1,
        )
        hello = _hello(core, digest, clock_mhz, frame_timeout_s, sensed=source is not None)
        self._transmitter = FrameTransmitter(hello, plan)
        self._learning: Learning | None = None
        self._kept: KeptThreshold | None = None
        if plan.threshold is not None:
            bits = plan.logit_bits - 1
            self._learning = Learning(bits, plan.threshold, kept=flash is not None)
            if flash is not None:
                self._kept = KeptThreshold(bits, hello.digest, flash)
        self._prepare_results(core)
        members = {
            "rx": In(1, init=1),
            "tx": Out(1, init=1),
            "light": Out(1),
            "busy": Out(1),
        }
        if source is not None:
            drain = 4 * (plan.timing.latency + plan.timing.interval)
            self._turns = Turns(drain, round(SILENCE_S * clock_mhz * 1e6))
            members["alarm"] = Out(1)
            if "pins" in source.signature.members:
                members["pins"] = source.signature.members["pins"]
            if "pins" in decision.signature.members:
                members["outputs"] = decision.signature.members["pins"]
        self._at_start = at_start
        self._held = round(HELD_S * clock_mhz * 1e6)
        pins = {"learn": at_start, "flash": flash or weights}
        members |= {name: _WANTED[name] for name, asked in pins.items() if asked is not None}
        super().__init__(members)

    def _prepare_results(self, core: Core) -> None:
        """Say what tells results from each other, and which of them are seen."""
        plan = core.plan
        # Of a window without a class all of its values, as a sum.
        mark = Value.cast(core.result.p.class_) if plan.classes else Signal(plan.number_bits)
        self._mark = mark
        streamed = not plan.classes
        self._replay = Replay(plan.input_samples, plan.adc_bits, len(mark), streamed=streamed)
        # A result's values may go on their way behind it: till then the next one is not seen.
        self._owed, self._presented = Signal(), Signal()
        self._keeps = Signal()  # a result is taken to be sent

    def elaborate(self, platform: Any) -> Module:
        """Wire line, frames and core."""
        m = Module()
        m.submodules.core = core = self._core
        m.submodules.uart_rx = uart_rx = UartReceiver(self._divisor)
        m.submodules.uart_tx = uart_tx = UartTransmitter(self._divisor)
        m.submodules.receiver = receiver = self._receiver
        m.submodules.transmitter = transmitter = self._transmitter
        m.submodules.replay = replay = self._replay
        m.submodules.counters = counters = EventCounters(1 + len(Counter))
        wiring.connect(m, uart_rx.o, receiver.i)
        wiring.connect(m, receiver.store, replay.store)
        wiring.connect(m, receiver.answer, transmitter.answer)
        wiring.connect(m, receiver.refusal, transmitter.refusal)
        wiring.connect(m, transmitter.o, uart_tx.i)
        sent, of_host = Signal(), Signal()
        m.d.comb += [
            uart_rx.rx.eq(self.rx),
            self.tx.eq(uart_tx.tx),
            receiver.broken.eq(uart_rx.broken),
            receiver.low.eq(uart_rx.low),
            sent.eq(transmitter.result.valid & transmitter.result.ready),
            of_host.eq(sent & (transmitter.result.p.type != Type.DIAGNOSIS)),
            receiver.done.eq(of_host),
            replay.done.eq(of_host),
            replay.start.eq(receiver.replay),
            replay.count.eq(receiver.argument),
            self._presented.eq(core.result.valid & ~self._owed),
            replay.result.eq(self._presented),
            replay.mark.eq(self._mark),
            self.busy.eq(receiver.busy | replay.active),
            transmitter.state[_place(State.BUSY)].eq(self.busy),
            transmitter.state[_place(State.STORED)].eq(receiver.stored),
            counters.events.eq(receiver.events | (sent << Counter.RESULTS)),
            counters.read.eq(transmitter.read),
            counters.address.eq(transmitter.counter),
            transmitter.count.eq(counters.data),
        ]
        m.d.sync += self.light.eq(self.light ^ sent)
        if self._source is None:
            self._serve_host(m)
        else:
            self._serve_both(m)
        if self._reader is not None:
            self._read_weights(m, self._reader)
        if core.plan.numbers:
            self._pass_values(m)
        if self._learning is not None:
            self._learn(m, self._learning)
        return m

    def _read_weights(self, m: Module, reader: FlashReader) -> None:
        """Let the core have its weights from the flash, and the host know whether it can."""
        m.submodules.reader = reader
        core, pins, state = self._core, reader.pins, self._transmitter.state
        wiring.connect(m, reader.o, core.weights)
        m.d.comb += [
            self.flash.cs.eq(pins.cs),
            self.flash.sck.eq(pins.sck),
            self.flash.copi.eq(pins.o[0]),
            pins.i[1].eq(self.flash.cipo),
            state[_place(State.ABSENT)].eq(reader.state == ImageState.ABSENT),
            state[_place(State.FOREIGN)].eq(reader.state == ImageState.FOREIGN),
            state[_place(State.CORRUPT)].eq(
                (reader.state == ImageState.CORRUPT) | core.weights_wrong
            ),
        ]

    def _pass_values(self, m: Module) -> None:
        """Give a frame its values; take those of a result that is not sent out of the way."""
        core, sending = self._core, self._transmitter
        values = core.values
        moved = values.valid & values.ready
        taken = core.result.valid & core.result.ready
        if self._source is None:
            # A frame takes its values, and then its result: only a replay's others owe theirs.
            owes = self._replay.take
            m.d.comb += [
                sending.values.valid.eq(values.valid & ~self._owed),
                sending.values.payload.eq(values.p.value),
                values.ready.eq(self._owed | sending.values.ready),
            ]
        else:
            # A result is taken when there is a judgement; its values are kept if it is sent.
            owes = taken
            m.submodules.values = kept = KeptValues(core.plan.numbers, core.plan.number_bits)
            wiring.connect(m, kept.o, sending.values)
            wanted = Signal()
            with m.If(taken):
                m.d.sync += wanted.eq(self._keeps)
            m.d.comb += [
                values.ready.eq(self._owed),
                kept.restart.eq(self._keeps),
                kept.write.eq(moved & wanted),
                kept.value.eq(values.p.value),
            ]
        m.d.sync += self._owed.eq(owes | (self._owed & ~(moved & values.p.last)))
        if not core.plan.classes:
            self._mark_values(m, moved)

    def _mark_values(self, m: Module, moved: Value) -> None:
        """Tell a window without a class from another by the sum of its values, bit by bit."""
        values = self._core.values.p
        total = Signal.like(self._mark, name="mark_so_far", reset_less=True)
        m.d.comb += [
            self._mark.eq(values.value ^ Mux(values.first, 0, total)),
            self._replay.marked.eq(moved & values.last),
        ]
        with m.If(moved):
            m.d.sync += total.eq(self._mark)

    def _learn(self, m: Module, learning: Learning) -> None:
        """Give the core its threshold, of the host or of the scores that pass.

        A window counts whose result is taken: not a replay's, and none of a sensor at fault.
        """
        m.submodules.learning = learning
        core, receiver = self._core, self._receiver
        counts = ~self._replay.active
        if self._source is not None:
            turns = self._turns
            sound = ~turns.live | ~self._source.faults.any()
            counts &= ~turns.switching & sound
            m.d.comb += learning.restart.eq(turns.switching)
        m.d.comb += [
            learning.set.eq(receiver.threshold),
            learning.value.eq(receiver.order[-32:]),
            learning.seen.eq(core.result.valid & core.result.ready & counts),
            learning.score.eq(core.result.p.logits[1].as_unsigned()),
            core.threshold.set.eq(learning.threshold.set),
            core.threshold.value.eq(learning.threshold.value),
            self._transmitter.threshold.eq(learning.status),
        ]
        begin, order = receiver.learn, receiver.order
        if self._at_start is not None:
            m.submodules.held = held = HeldAtStart(self._held)
            m.d.comb += held.i.eq(self.learn)
            begin, order = begin | held.o, Mux(held.o, _order(self._at_start), order)
        m.d.comb += [learning.learn.eq(begin), learning.order.eq(order)]
        if self._kept is not None:
            self._keep(m, learning, self._kept)

    def _keep(self, m: Module, learning: Learning, kept: KeptThreshold) -> None:
        """Have the flash keep the threshold, and give it back after power-up."""
        m.submodules.kept = kept
        wiring.connect(m, kept.pins, wiring.flipped(self.flash))
        m.d.comb += [
            kept.stands.eq(learning.status),
            kept.changed.eq(learning.threshold.set),
            learning.load.eq(kept.load),
            learning.kept.eq(kept.value),
            learning.kept_origin.eq(kept.origin),
            self._transmitter.threshold.kept.eq(kept.state),
        ]

    def _serve_host(self, m: Module) -> None:
        """Feed the core from the host or from its stored window; send the results."""
        core, replay, sending = self._core, self._replay, self._transmitter.result
        m.d.comb += [
            self._receiver.engaged.eq(replay.active),
            core.abandon.eq(self._receiver.abandon),
            sending.valid.eq(self._presented & self._wanted()),
            core.result.ready.eq(sending.ready | replay.take),
        ]
        self._answer(m, sending.p)
        self._choose(m, core.samples)

    def _serve_both(self, m: Module) -> None:
        """Let sensor and host take turns; results wait in a register until they are sent."""
        core, receiver, replay = self._core, self._receiver, self._replay
        m.submodules.source = source = self._source
        m.submodules.decision = decision = self._decision
        m.submodules.turns = turns = self._turns
        entry = self._entry(m)
        if "pins" in source.signature.members:
            wiring.connect(m, wiring.flipped(self.pins), source.pins)
        if "pins" in decision.signature.members:
            wiring.connect(m, wiring.flipped(self.outputs), decision.pins)
        if "faults" in decision.signature.members:
            m.d.comb += decision.faults.eq(source.faults)
        m.d.comb += [
            turns.set.eq(receiver.live),
            turns.on.eq(receiver.argument[0]),
            turns.heard.eq(receiver.i.valid),
            turns.offered.eq(source.samples.valid & ~entry.ready),
            turns.idle.eq(~receiver.busy & ~receiver.samples.valid & ~replay.active),
            source.run.eq(turns.run),
            core.abandon.eq(receiver.abandon | turns.switching),
            receiver.engaged.eq(replay.active | turns.engaged),
            self._transmitter.state[_place(State.LIVE)].eq(turns.live),
            decision.restart.eq(turns.switching),
            self.alarm.eq(decision.alarm),
        ]
        host = stream.Signature(core.samples.payload.shape()).create()
        self._choose(m, host)
        m.d.comb += [
            entry.valid.eq(Mux(turns.live, source.samples.valid, host.valid & ~turns.switching)),
            entry.payload.eq(Mux(turns.live, source.samples.payload, host.payload)),
            host.ready.eq(entry.ready & ~turns.live & ~turns.switching),
            # A sample that comes when the sensor's turn is over is taken and forgotten.
            source.samples.ready.eq(entry.ready | ~turns.live),
        ]
        self._hold(m)

    def _entry(self, m: Module) -> Any:
        """Return what leads to the core through a register: whose turn it is takes long to tell.

        A sample that waits in it when its window is abandoned does no harm: it is no first one, or
        the next first one ends its window; and it is gone long before the turn changes.
        """
        samples = self._core.samples
        entry = stream.Signature(samples.payload.shape()).create()
        m.d.comb += entry.ready.eq(~samples.valid | samples.ready)
        with m.If(entry.ready):
            m.d.sync += [samples.valid.eq(entry.valid), samples.payload.eq(entry.payload)]
        return entry

    def _hold(self, m: Module) -> None:
        """Keep a result until it is sent; a diagnosis that comes meanwhile is not sent."""
        core, turns, decision = self._core, self._turns, self._decision
        sending = self._transmitter.result
        free, keep, diagnosed = Signal(), self._keeps, Signal()
        number = Signal(16)
        m.d.comb += [
            free.eq(~sending.valid | sending.ready),
            decision.result.p.eq(core.result.p),
            decision.result.valid.eq(self._presented & turns.live),
            diagnosed.eq(decision.result.valid & decision.result.ready),
            keep.eq(
                free & Mux(turns.live, diagnosed, self._presented & self._wanted())
                & ~turns.switching
            ),
            core.result.ready.eq(
                Mux(turns.live, decision.result.ready,
                    turns.switching | self._replay.take | (free & self._wanted()))
                & ~self._owed
            ),
        ]  # fmt: skip
        m.d.sync += number.eq(number + diagnosed)
        with m.If(sending.ready):
            m.d.sync += sending.valid.eq(0)
        answer = Signal.like(sending.p)
        self._answer(m, answer)
        with m.If(turns.live):
            m.d.comb += [
                answer.type.eq(Type.DIAGNOSIS),
                answer.sequence.eq(number),
                answer.flags.eq(decision.flags),
                answer.faults.eq(self._source.faults),
                answer.tail.eq(Cat(self._source.overruns, decision.class_)),
            ]
        with m.If(keep):
            m.d.sync += [sending.valid.eq(1), sending.p.eq(answer)]

    def _wanted(self) -> Value:
        """Return whether the host is to have the result that stands."""
        return ~self._replay.active | self._replay.finished

    def _answer(self, m: Module, answer: Any) -> None:
        """Make what the host gets of the core's result."""
        replay = self._replay
        m.d.comb += [
            answer.result.eq(self._core.result.p),
            answer.type.eq(Mux(replay.active, Type.REPLAYED, Type.RESULT)),
            answer.sequence.eq(self._receiver.sequence),
            answer.tail.eq(
                Cat(
                    replay.cycles,
                    Const(0, 64 - CYCLE_BITS),
                    replay.windows,
                    Const(0, 32 - COUNT_BITS),
                    replay.differing,
                )
            ),
        ]

    def _choose(self, m: Module, target: Any) -> None:
        """Pass the samples of the replay while there is one, else the host's."""
        replay, receiver = self._replay, self._receiver
        m.d.comb += [
            target.valid.eq(Mux(replay.active, replay.samples.valid, receiver.samples.valid)),
            target.payload.eq(Mux(replay.active, replay.samples.payload, receiver.samples.payload)),
            replay.samples.ready.eq(target.ready & replay.active),
            receiver.samples.ready.eq(target.ready & ~replay.active),
        ]


def _check_scored(core: Core, **given: Any) -> None:
    """Raise if there is what only a core with a threshold has a use for."""
    for name, value in given.items():
        if value is not None and core.plan.threshold is None:
            raise ValueError(f"{name} must come with a core that has a threshold")


def _reader(core: Core, flash: FlashPlan | None, weights: ReaderPlan | None) -> FlashReader | None:
    """Return what reads a core's weights, if it has any to be read."""
    streamed = core.plan.flash
    if (streamed is None) != (weights is None):
        raise ValueError("weights must be given with a core whose weights are streamed, and alone")
    if streamed is None or weights is None:
        return None
    if flash is not None or weights.lines != 1:
        raise ValueError("a flash with weights must have one line, and keep no threshold")
    return FlashReader(streamed.content, weights)


def _order(learn: Learn) -> Value:
    """Return a learn phase as LEARN's payload has it."""
    payload = protocol.learn_payload(learn)
    return Const(int.from_bytes(payload, "little"), 8 * len(payload))


def _hello(
    core: Core, digest: str, clock_mhz: float, timeout_s: float, *, sensed: bool
) -> protocol.Hello:
    """Return what a board says about itself."""
    plan = core.plan
    features = Feature.SENSOR if sensed else Feature.NONE
    if plan.threshold is not None:
        features |= Feature.SCORE
    if plan.flash is not None:
        features |= Feature.WEIGHTS
    return protocol.Hello(
        digest=bytes.fromhex(digest)[: protocol.DIGEST_BYTES],
        input_samples=plan.input_samples,
        clock_khz=round(clock_mhz * 1000),
        classes=plan.classes,
        adc_bits=plan.adc_bits,
        timeout_us=round(timeout_s * 1e6),
        features=features,
        numbers=plan.numbers,
    )


def _place(flag: State) -> int:
    """Return the bit of a flag."""
    return STATE.index(flag)


class BoardTop(Elaboratable):
    """A core on a board: everything that is inside the chip.

    Parameters
    ----------
    core, baud, digest
        As of `LinkedCore`.
    board
        The board.
    source, decision
        As of `LinkedCore`; one with pins has a method ``attach(m, platform, pins)`` that joins
        them to the platform's.
    at_start
        As of `LinkedCore`; the button is the board's (`Board.learn`).
    clock_mhz
        Wanted clock; the PLL makes the nearest it can.

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
        core: Core,
        board: Board,
        clock_mhz: float,
        baud: int = protocol.DEFAULT_BAUD,
        digest: str = "00" * protocol.DIGEST_BYTES,
        source: Any = None,
        decision: Any = None,
        at_start: Learn | None = None,
    ) -> None:
        self._board = board
        self._button = None if at_start is None else board.learn
        self._source, self._decision = source, decision
        self._pll = board.plan_pll(clock_mhz)
        self.clock_mhz = float(self._pll.output_mhz)
        self._flash: FlashPlan | None = None
        reader = None
        if core.plan.flash is not None:
            if board.flash is None:
                raise CannotMeetError(f"{board.name} must have a flash for the weights to be in")
            reader = plan_reader(board.flash.size, self.clock_mhz)
        elif board.flash is not None and core.plan.threshold is not None:
            self._flash = plan_flash(board.flash.size, self.clock_mhz)
        self._linked = LinkedCore(
            core,
            clock_mhz=self.clock_mhz,
            baud=baud,
            digest=digest,
            source=source,
            decision=decision,
            at_start=at_start,
            flash=self._flash,
            weights=reader,
        )
        self._flashed = reader is not None or self._flash is not None

    def elaborate(self, platform: Any) -> Module:
        """Connect the linked core to the board's pins and clock."""
        m = Module()
        m.domains.sync = ClockDomain("sync")
        m.submodules.pll = BoardClock(self._board.target, self._pll)
        m.submodules.linked = linked = self._linked
        uart = request(platform, self._board.uart)
        m.submodules.rx_buffer = rx_buffer = io.Buffer("i", uart.rx)
        m.submodules.tx_buffer = tx_buffer = io.Buffer("o", uart.tx)
        m.d.comb += [linked.rx.eq(rx_buffer.i), tx_buffer.o.eq(linked.tx)]
        if self._board.led is not None:
            light = request(platform, self._board.led)
            m.submodules.light_buffer = light_buffer = io.Buffer("o", light)
            m.d.comb += light_buffer.o.eq(linked.light)
        if self._button is not None:
            button = request(platform, self._button)
            m.submodules.button_buffer = button_buffer = io.Buffer("i", button)
            m.d.comb += linked.learn.eq(button_buffer.i)
        if self._flashed:
            attach(m, platform, self._board, linked.flash)
        if self._source is not None and hasattr(self._source, "attach"):
            self._source.attach(m, platform, linked.pins)
        if self._decision is not None and hasattr(self._decision, "attach"):
            self._decision.attach(m, platform, linked.outputs)
        return m
