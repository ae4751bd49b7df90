"""A serial NOR flash at four data lines, as far as it is read: fast read, dual and quad output."""

from __future__ import annotations

LINES = {0x0B: 1, 0x3B: 2, 0x6B: 4}
WAKE = 0xAB


class FastFlash:
    """Stepped once a cycle with its pins.

    Parameters
    ----------
    data
        By address; erased where there is nothing.
    fault
        ``"high"``, ``"low"``: it is not there, and its pins are that; ``"stuck"``: its second data
        line is low.
    """

    def __init__(self, data: dict[int, int], fault: str | None = None) -> None:
        self.data, self.fault = data, fault
        self.sck = self.cs = 0
        self.bits: list[int] = []
        self.out, self.awake, self.reads = 15, False, []

    def step(self, cs: int, sck: int, o: int, oe: int) -> int:
        """Return the levels of its lines."""
        if cs and not self.cs:
            assert not sck, "mode 0: the clock is low when the flash is selected"
            self.bits, self.out = [], 15
        if self.cs and not cs and self.bits[:8] == _bits(WAKE, 8):
            self.awake = True
        if cs and sck and not self.sck:
            self.bits.append(o & 1 if oe & 1 else 1)
        if cs and not sck and self.sck:
            self._give(oe)
        self.cs, self.sck = cs, sck
        if self.fault in ("high", "low"):
            return 15 if self.fault == "high" else 0
        return self.out & 13 if self.fault == "stuck" else self.out

    def _give(self, oe: int) -> None:
        command = int("".join(map(str, self.bits[:8])), 2) if len(self.bits) >= 8 else 0
        if command not in LINES or len(self.bits) < 40 or not self.awake:
            return
        lines = LINES[command]
        assert lines == 1 or not oe & 1, "two drive one line"
        address = int("".join(map(str, self.bits[8:32])), 2)
        clocks = len(self.bits) - 40
        if not clocks:
            self.reads.append(address)
        byte = self.data.get(address + clocks * lines // 8, 0xFF)
        some = byte >> (8 - lines - clocks * lines % 8) & ((1 << lines) - 1)
        self.out = (some << 1 | 13) if lines == 1 else some


def _bits(value: int, count: int) -> list[int]:
    return [value >> place & 1 for place in reversed(range(count))]
