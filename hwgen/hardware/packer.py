"""Single values into words of lanes, for a memory that the MAC array reads a word at a time."""

from __future__ import annotations

from dataclasses import dataclass

from amaranth.hdl import Cat, Module, Mux, Signal, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.magnitude import feature_stream


@dataclass(frozen=True)
class Layout:
    """Where a padded row of values lies in words of lanes.

    Value i of ``length`` is element ``padding + i``; element q is lane ``q % lanes`` of word
    ``q // lanes``. Lanes of padding in a word that also holds values are zero; words of padding
    alone are not in memory, and a reader takes them for zero.
    """

    lanes: int
    padding: int
    length: int

    @property
    def first_word(self) -> int:
        """Word of the first value."""
        return self.padding // self.lanes

    @property
    def last_word(self) -> int:
        """Word of the last value."""
        return (self.padding + self.length - 1) // self.lanes


def write_port(width: int, words: int) -> wiring.Signature:
    """Return the signature of a write into a memory of `words` words."""
    return wiring.Signature(
        {
            "enable": Out(1),
            "address": Out(unsigned(max(1, (words - 1).bit_length()))),
            "data": Out(width),
        }
    )


class Packer(wiring.Component):
    """Packs values that come in order.

    Parameters
    ----------
    layouts
        One for each of the rows that the packer is used for.
    width
        Bits of a value.

    Members
    -------
    begin, row
        Start row number ``row``; what an earlier row left behind is dropped.
    valid, value, last
        The next value; ``last`` writes its word though it may not be full.
    write
        Of whole words; registered.

    Latency
    -------
    1 cycle from a word's last value to its write.
    """

    latency = 1

    def __init__(self, layouts: tuple[Layout, ...], width: int):
        self._layouts = layouts
        lanes = layouts[0].lanes
        words = max(layout.last_word for layout in layouts) + 1
        super().__init__(
            {
                "begin": In(1),
                "row": In(range(max(2, len(layouts)))),
                "valid": In(1),
                "value": In(width),
                "last": In(1),
                "write": Out(write_port(width * lanes, words)),
            }
        )

    def elaborate(self, platform):
        """Return a cursor and the word that is being filled."""
        m = Module()
        width = len(self.value)
        lanes = self._layouts[0].lanes
        word, lane, address, filled = _cursor(m, lanes, width, len(self.write.address), "word")
        complete = Signal()
        m.d.comb += complete.eq(self.valid & ((lane == lanes - 1) | self.last))
        m.d.comb += Cat(*filled).eq(Cat(*_inserted(word, lane, self.value)))
        m.d.sync += [
            self.write.enable.eq(complete),
            self.write.address.eq(address),
            self.write.data.eq(Cat(*filled)),
        ]
        with m.If(self.valid):
            m.d.sync += [lane.eq(lane + 1), Cat(*word).eq(Cat(*filled))]
        with m.If(complete):
            m.d.sync += [lane.eq(0), address.eq(address + 1), Cat(*word).eq(0)]
        with m.If(self.begin):
            m.d.sync += Cat(*word).eq(0)
            with m.Switch(self.row):
                for number, layout in enumerate(self._layouts):
                    with m.Case(number):
                        m.d.sync += [
                            lane.eq(layout.padding % lanes),
                            address.eq(layout.first_word),
                        ]
        return m


class MirrorPacker(wiring.Component):
    """Packs values that come from both ends inwards (`hwgen.hardware.untangle`).

    Parameters
    ----------
    layout
        Of the row; its length is even.
    width
        Bits of a value.

    Members
    -------
    i
        Ascending values 0 .. length/2, and between them the mirrored ones, length-1 downwards;
        ``last`` comes with the ascending value in the middle.
    write
        Of whole words; registered.
    done
        High with a row's last write; the packer is then ready for the next row.

    Latency
    -------
    1 cycle from a word's last value to its write.
    """

    latency = 1

    def __init__(self, layout: Layout, width: int):
        self._layout = layout
        super().__init__(
            {
                "i": In(feature_stream(width)),
                "write": Out(write_port(width * layout.lanes, layout.last_word + 1)),
                "done": Out(1),
            }
        )

    def elaborate(self, platform):
        """Return two cursors; the word where they meet is written once, merged."""
        m = Module()
        layout, lanes, width = self._layout, self._layout.lanes, len(self.i.value)
        bits = len(self.write.address)
        up = _cursor(m, lanes, width, bits, "up")
        down = _cursor(m, lanes, width, bits, "down")
        starts = (
            (up, layout.padding, 0, lanes - 1, 1),
            (down, layout.padding + layout.length - 1, lanes - 1, 0, -1),
        )
        finish = Signal()
        m.d.comb += finish.eq(self.i.valid & self.i.last)
        complete = []
        for (word, lane, address, filled), start, entry, final, step in starts:
            mine = Signal(name=f"mine_{entry}")
            full = Signal(name=f"full_{entry}")
            m.d.comb += [
                mine.eq(self.i.valid & (self.i.mirror if step < 0 else ~self.i.mirror)),
                full.eq(mine & (lane == final)),
                Cat(*filled).eq(Cat(*_inserted(word, lane, self.i.value))),
            ]
            complete.append(full)
            with m.If(mine):
                m.d.sync += [lane.eq(lane + step), Cat(*word).eq(Cat(*filled))]
            with m.If(full):
                m.d.sync += [lane.eq(entry), address.eq(address + step), Cat(*word).eq(0)]
            fresh = Signal(init=1, name=f"fresh_{entry}")
            m.d.sync += fresh.eq(finish)
            with m.If(fresh):
                m.d.sync += [
                    Cat(*word).eq(0),
                    lane.eq(start % lanes),
                    address.eq(start // lanes),
                ]
        merged = Cat(*up[3]) | Mux(finish, Cat(*down[0]), 0)
        m.d.sync += [
            self.write.enable.eq(complete[0] | complete[1] | finish),
            self.write.address.eq(Mux(self.i.mirror, down[2], up[2])),
            self.write.data.eq(Mux(self.i.mirror, Cat(*down[3]), merged)),
            self.done.eq(finish),
        ]
        return m


def _cursor(m: Module, lanes: int, width: int, address_bits: int, name: str):
    """Return (word in the making, lane, address, word with the current value in it)."""
    # Cleared where a row begins; a reset besides would only be a long way to many registers.
    word = [Signal(width, name=f"{name}_{lane}", reset_less=True) for lane in range(lanes)]
    filled = [Signal(width, name=f"{name}_filled_{lane}") for lane in range(lanes)]
    lane = Signal(range(max(2, lanes)), name=f"{name}_lane")
    address = Signal(address_bits, name=f"{name}_address")
    return word, lane, address, filled


def _inserted(word, lane, value):
    """Return the word's lanes with `value` put into `lane`, whose old content is zero."""
    return [old | Mux(lane == number, value, 0) for number, old in enumerate(word)]
