"""A serial NOR flash as its data sheet has it, with faults and power cuts."""

from __future__ import annotations

import random

from hwgen.gateware.flash.kept import (
    ERASE,
    PROGRAM,
    READ,
    READ_STATUS,
    WAKE,
    WRITE_ENABLE,
)
from hwgen.gateware.flash.plan import SECTOR_BYTES

PAGE = 256
SECTORS = 2
SIZE = SECTORS * SECTOR_BYTES
"""Addresses count modulo this: the model has the end of a flash alone."""
COMMANDS = (READ, WRITE_ENABLE, ERASE, PROGRAM, READ_STATUS, WAKE)


class Flash:
    """Stepped once a cycle with its pins; `data` outlives the power.

    Parameters
    ----------
    data
        What is in it; erased if left out.
    erase_cycles, program_cycles
        For which it is busy.
    fault
        ``"high"`` or ``"low"``: it is not there, and its pin is that; ``"busy"``: for ever;
        ``"locked"``: it does not write; ``"asleep"``: only WAKE is heard at first.
    """

    def __init__(self, data=None, erase_cycles=400, program_cycles=100, fault=None):
        self.data = bytearray(b"\xff" * SIZE if data is None else data)
        self.times = {ERASE: erase_cycles, PROGRAM: program_cycles}
        self.fault, self.asleep = fault, fault == "asleep"
        self.busy, self.enabled, self.job = 0, False, None
        self.sck, self.cs, self.out = 0, 0, 1
        self.bits, self.shift, self.head, self.sent = 0, 0, [], bytearray()
        self.erased, self.programmed, self.clocks = [0] * SECTORS, 0, 0
        self.least, self.since = None, 0
        self.addresses = []

    def step(self, cs, sck, copi):
        """Return what it drives on cipo; `cs` is high while it is selected."""
        self._wait()
        if cs and not self.cs:
            self.bits, self.shift, self.head, self.sent = 0, 0, [], bytearray()
            assert not sck, "mode 0: the clock is low when the flash is selected"
        if self.cs and not cs:
            self._obey()
        self.since += 1
        if sck != self.sck:
            self.least = self.since if self.least is None else min(self.least, self.since)
            self.since = 0
            self.clocks += sck
            if cs and sck:
                self._take(copi)
            elif cs:
                self._give()
        self.sck, self.cs = sck, cs
        return {"high": 1, "low": 0}.get(self.fault, self.out if cs else 1)

    def cut(self, seed):
        """The power goes: what is being erased or programmed is left halfway."""
        if self.job is None:
            return
        rng = random.Random(seed)
        share = rng.random()
        code, at, data = self.job
        if code == ERASE:
            for place in range(at, at + SECTOR_BYTES):
                for bit in range(8):
                    if rng.random() < share:
                        self.data[place] |= 1 << bit
        else:
            for offset, byte in enumerate(data):
                kept = sum((rng.random() >= share) << bit for bit in range(8))
                self.data[(at & -PAGE) + ((at + offset) % PAGE)] &= byte | kept

    def _wait(self):
        if self.busy and self.fault != "busy":
            self.busy -= 1
            if not self.busy:
                self._finish()

    def _finish(self):
        code, at, data = self.job
        if code == ERASE:
            self.data[at : at + SECTOR_BYTES] = b"\xff" * SECTOR_BYTES
            self.erased[at // SECTOR_BYTES] += 1
        else:
            for offset, byte in enumerate(data):
                self.data[(at & -PAGE) + ((at + offset) % PAGE)] &= byte
            self.programmed += 1
        self.job, self.enabled = None, False

    def _take(self, bit):
        self.bits += 1
        self.shift = (self.shift << 1 | bit) & 0xFF
        if self.bits % 8 == 0:
            if len(self.head) < 4:
                self.head.append(self.shift)
            else:
                self.sent.append(self.shift)

    def _give(self):
        place = self.bits
        if not self.head or self.asleep:
            self.out = 1
        elif self.head[0] == READ_STATUS and place >= 8:
            status = bool(self.busy or self.fault == "busy") | self.enabled << 1
            self.out = status >> (7 - place % 8) & 1
        elif self.head[0] == READ and place >= 32 and not self.busy:
            byte = self.data[(self._address() + place // 8 - 4) % SIZE]
            self.out = byte >> (7 - place % 8) & 1
        else:
            self.out = 1

    def _address(self):
        return int.from_bytes(bytes(self.head[1:4]), "big")

    def _obey(self):
        """What a command that changes anything does, it does when the flash is let go."""
        if self.bits % 8 or not self.head or self.fault in ("high", "low"):
            return
        code = self.head[0]
        assert code in COMMANDS, hex(code)
        if self.asleep:
            self.asleep = code != WAKE
        elif self.busy or self.fault == "busy":
            # What a board sends after a reset before it asks whether the flash is busy is WAKE.
            assert code in (READ_STATUS, WAKE), f"{code:#x} while it is busy"
        elif code == WRITE_ENABLE:
            self.enabled = self.fault != "locked"
        elif code in (ERASE, PROGRAM) and self.enabled:
            assert len(self.head) == 4
            self.addresses.append(self._address())
            at = self._address() % SIZE
            if code == ERASE:
                at -= at % SECTOR_BYTES
                assert not self.sent
            self.job, self.busy = (code, at, bytes(self.sent)), self.times[code]
