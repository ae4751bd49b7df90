"""The threshold of a score, kept in the board's flash: read at power-up, written when it changes.

Two sectors have a record each, of which the newer counts. A change is written to the other one, so
that a power cut at any time leaves one that is whole. A record, bits from the highest on::

    bytes  field
    4      MAGIC
    8      digest of the design, as HELLO_REPLY has it
    1      sequence: one more than the other record's, modulo 256
    1      origin (`hwgen.protocol.Origin`)
    4      threshold
    4      CRC-32/MPEG-2 of all before
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen import protocol
from hwgen.gateware.flash.master import FLASH_PINS, FlashMaster
from hwgen.gateware.flash.plan import SECTOR_BYTES, FlashPlan
from hwgen.gateware.learning import STATUS
from hwgen.protocol import Keeping, Origin

MAGIC = b"hgT1"
RECORD_BYTES = 22
READ, WRITE_ENABLE, ERASE, PROGRAM, READ_STATUS, WAKE = 0x03, 0x06, 0x20, 0x02, 0x05, 0xAB
"""Commands that every serial NOR flash of the last twenty years knows; ERASE is of 4 KiB."""

_POLYNOMIAL = 0x04C11DB7
_ALL_ONES = (1 << 32) - 1
_WORD_BITS = 16
_STATUS_BITS = 8
_DIGEST_AT, _DATA_AT, _CRC_AT = (8 * byte // _WORD_BITS for byte in (4, 12, 18))
"""First word of each part."""
_SLOT_BIT = SECTOR_BYTES.bit_length() - 1
_MODEL = Origin.MODEL


class KeptThreshold(wiring.Component):
    """Keep a threshold in two sectors of a flash.

    What stands and what is kept are compared all the time: a change is written when the flash is
    free, and of changes that come meanwhile the last. A flash that does not do what it is told is
    given up until somebody sets a threshold; then all begins anew.

    Parameters
    ----------
    bits
        Of a score, as of `hwgen.gateware.learning.Learning`.
    digest
        The design's, `hwgen.protocol.DIGEST_BYTES` bytes: others' records do not count.
    plan
        How to talk to the flash, and where.

    Members
    -------
    stands : In(STATUS)
        The threshold, and whose it is.
    changed : In(1)
        Somebody sets it.
    load, value, origin : Out(1), Out(bits), Out(2)
        After power-up, high for a cycle: the threshold that is kept.
    state : Out(Keeping)
        Whether what stands is there after a power cycle.
    pins : Out(FLASH_PINS)
    """

    def __init__(self, bits: int, digest: bytes, plan: FlashPlan) -> None:
        if len(digest) != protocol.DIGEST_BYTES:
            raise ValueError(f"digest must be {protocol.DIGEST_BYTES} bytes, not {len(digest)}")
        self._bits, self._digest, self._plan = bits, digest, plan
        super().__init__(
            {
                "stands": In(STATUS),
                "changed": In(1),
                "load": Out(1),
                "value": Out(bits),
                "origin": Out(Origin),
                "state": Out(Keeping),
                "pins": Out(FLASH_PINS),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Read both, agree, then write what differs."""
        m = Module()
        m.submodules.master = self._master = FlashMaster(self._plan.half)
        wiring.connect(m, self._master.pins, wiring.flipped(self.pins))
        # The better record of those read, or the one that is being written.
        self._there, self._own, self._place = Signal(), Signal(), Signal()
        self._sequence = Signal(8)
        self._slot, self._programming = Signal(), Signal()
        self._loading, self._differs = Signal(), Signal()
        self._patience = Signal(range(self._plan.timeout_cycles + 1))
        self._last = Signal()
        m.d.comb += [
            self._master.address[_SLOT_BIT].eq(self._slot),
            self._master.address[_SLOT_BIT + 1 :].eq(self._plan.base >> (_SLOT_BIT + 1)),
        ]
        stands = self.stands
        kept, same = (stands.value == self.value) & (stands.origin == self.origin), Signal()
        m.d.comb += same.eq(Mux(self._own, kept, stands.origin == _MODEL))
        m.d.sync += self._differs.eq(~same)
        with m.If(self._master.step):
            m.d.sync += self._last.eq(self._master.got)
        self._record(m)
        with m.FSM() as self._states:
            self._begin(m)
            self._write(m)
        m.d.comb += self.state.eq(Keeping.WRITING)
        with m.If(self._states.ongoing("FAILED") & ~self.changed):
            m.d.comb += self.state.eq(Keeping.FAILED)
        with m.Elif(self._states.ongoing("STAND") & same):
            m.d.comb += self.state.eq(Keeping.FLASH)
        return m

    def _record(self, m: Module) -> None:
        """Make the record's bits, its check sum, and compare with what comes."""
        master = self._master
        place, word = master.place, Signal(_WORD_BITS)
        origin = Cat(Value.cast(self.origin), Const(0, 8 - Value.cast(self.origin).shape().width))
        value = Cat(self.value, Const(0, 32 - self._bits))
        words = [
            *(Const(int.from_bytes(part, "big"), _WORD_BITS) for part in _pairs(MAGIC)),
            *(Const(int.from_bytes(part, "big"), _WORD_BITS) for part in _pairs(self._digest)),
            Cat(origin, self._sequence),
            value[_WORD_BITS:],
            value[:_WORD_BITS],
        ]
        self._crc, self._sound = Signal(32), Signal()
        self._strange, self._foreign, self._wrong = Signal(), Signal(), Signal()
        self._read = Signal(8 * (RECORD_BYTES - 4 - 12))
        summed, at = Signal(), place[4:]
        m.d.comb += summed.eq(at >= _CRC_AT)
        m.d.sync += [
            word.eq(Array(words)[at]),
            master.bit.eq(Mux(summed, self._crc[-1], word.bit_select(~place[:4], 1))),
            self._sound.eq(self._crc == 0),
        ]
        with m.If(~master.start | master.done):
            m.d.sync += [self._crc.eq(_ALL_ONES), self._strange.eq(0), self._foreign.eq(0)]
            m.d.sync += self._wrong.eq(0)
        with m.Elif(master.step):
            differs = master.got ^ master.bit
            taken = Mux(self._loading, master.got, master.bit)
            out = self._crc[-1] ^ taken
            m.d.sync += [
                self._crc.eq((self._crc << 1)[:32] ^ Mux(out, _POLYNOMIAL, 0)),
                self._wrong.eq(self._wrong | differs),
            ]
            with m.If(at < _DIGEST_AT):
                m.d.sync += self._strange.eq(self._strange | differs)
            with m.Elif(at < _DATA_AT):
                m.d.sync += self._foreign.eq(self._foreign | differs)
            with m.If(~summed):
                m.d.sync += self._read.eq(Cat(master.got, self._read))

    def _command(
        self, m: Module, command: Any, following: str, *, addressed: Any = 0, count: Any = 0
    ) -> None:
        """Send a command; go on when it is done."""
        master = self._master
        m.d.comb += [
            master.start.eq(1),
            master.command.eq(command),
            master.addressed.eq(addressed),
            master.count.eq(count),
        ]
        with m.If(master.done):
            m.next = following

    def _poll(self, m: Module, state: str, following: str) -> None:
        """Ask until the flash is not busy (WIP, the status' lowest bit), or patience is over."""
        with m.State(state):
            self._command(m, READ_STATUS, following, count=_STATUS_BITS)
            with m.If(self._patience != 0):
                m.d.sync += self._patience.eq(self._patience - 1)
            with m.If(self._master.done & self._last):
                m.next = state
                with m.If(self._patience == 0):
                    m.next = "FAILED"

    def _be_patient(self, m: Module) -> None:
        m.d.sync += self._patience.eq(self._plan.timeout_cycles)

    def _begin(self, m: Module) -> None:
        """Read both records, and have the better one set the threshold if nobody else has."""
        master = self._master
        with m.State("CLOCKS"):
            # A chip may swallow the first clocks behind its configuration; they are nobody's.
            m.d.comb += master.silent.eq(1)
            self._command(m, 0, "WAKE", addressed=1)
        with m.State("WAKE"):
            self._be_patient(m)
            m.d.sync += [self._there.eq(0), self._own.eq(0), self._slot.eq(0)]
            self._command(m, WAKE, "SETTLE")
        self._poll(m, "SETTLE", "LOAD")
        with m.State("LOAD"):
            m.d.comb += self._loading.eq(1)
            self._command(m, READ, "LOAD", addressed=1, count=8 * RECORD_BYTES)
            with m.If(master.done):
                self._take(m)
                m.d.sync += self._slot.eq(1)
                with m.If(self._slot):
                    m.next = "AGREE"
        with m.State("AGREE"):
            m.d.comb += self.load.eq(self._own & (self.stands.origin == _MODEL))
            m.next = "SET"
        with m.State("SET"):  # what differs is known a cycle later
            m.next = "STAND"

    def _take(self, m: Module) -> None:
        """Take the record that was read if it is better: this design's, or else the newer one."""
        read, own, newer = self._read, Signal(), Signal()
        origin = read[32:40]
        good = ~self._strange & self._sound
        m.d.comb += [
            own.eq(~self._foreign & ((origin == Origin.HOST) | (origin == Origin.LEARNT))),
            newer.eq(~(read[40:] - self._sequence)[7]),
        ]
        better = ~self._there | (own & ~self._own) | ((own == self._own) & newer)
        with m.If(good & better):
            m.d.sync += [
                self._there.eq(1),
                self._own.eq(own),
                self._place.eq(self._slot),
                self._sequence.eq(read[40:]),
                self.value.eq(read[: self._bits]),
                self.origin.eq(origin),
            ]

    def _write(self, m: Module) -> None:
        """Erase the other sector, write it, read it."""
        master, stands = self._master, self.stands
        with m.State("STAND"), m.If(self._differs):
            m.d.sync += [
                self._own.eq(1),
                self.value.eq(stands.value),
                self.origin.eq(stands.origin),
                self._sequence.eq(self._sequence + 1),
                self._slot.eq(self._there & ~self._place),
                self._programming.eq(0),
            ]
            m.next = "ENABLE"
        with m.State("ENABLE"):
            self._be_patient(m)
            self._command(m, WRITE_ENABLE, "CHANGE")
        with m.State("CHANGE"):
            count = Mux(self._programming, 8 * RECORD_BYTES, 0)
            command = Mux(self._programming, PROGRAM, ERASE)
            self._command(m, command, "POLL", addressed=1, count=count)
        self._poll(m, "POLL", "DONE")
        with m.State("DONE"):
            m.d.sync += self._programming.eq(1)
            m.next = "ENABLE"
            with m.If(self._programming):
                m.next = "VERIFY"
        with m.State("VERIFY"):
            self._command(m, READ, "STAND", addressed=1, count=8 * RECORD_BYTES)
            with m.If(master.done):
                m.d.sync += [self._there.eq(1), self._place.eq(self._slot)]
                with m.If(self._wrong):
                    m.next = "FAILED"
        with m.State("FAILED"), m.If(self.changed):
            m.next = "WAKE"


def _pairs(data: bytes) -> list[bytes]:
    """Return bytes in pairs."""
    return [data[at : at + 2] for at in range(0, len(data), 2)]
