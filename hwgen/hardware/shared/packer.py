"""Single values into words of lanes, for a memory that the MAC array reads a word at a time."""

from __future__ import annotations

from typing import NamedTuple

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.contract import write_port
from hwgen.hardware.sources.fft.magnitude import feature_stream
from hwgen.plans import depths
from hwgen.plans.layout import Layout


class Across(NamedTuple):
    """A row whose values come a group after the other, those of all positions.

    Parameters
    ----------
    stride
        Words of a position.
    group
        Words of a group: as many for every row.
    positions
        Positions.
    """

    stride: int
    group: int
    positions: int


class Packer(wiring.Component):
    """Packs values that come in order.

    Parameters
    ----------
    layouts
        One for each of the rows that the packer is used for; None for a row that nothing is
        written of.
    width
        Bits of a value.
    at_once
        Values that come together. Lanes and padding are whole multiples of it.
    begins
        Value with which each row begins; none for the first of each.
    across
        For each row whether its values come group by group; none for position by position. Such a
        row's padding is whole words.

    Members
    -------
    begin, row
        Start row number ``row``; what an earlier row left behind is dropped.
    valid, values, last
        The next values; ``last`` writes its word though it may not be full.
    write
        Of whole words.

    Latency
    -------
    1 cycle from a word's last value to its write.
    """

    latency = depths.PACKER

    def __init__(
        self,
        layouts: tuple[Layout | None, ...],
        width: int,
        *,
        at_once: int = 1,
        begins: tuple[int, ...] = (),
        across: tuple[Across | None, ...] = (),
    ):
        self._layouts = layouts
        self._across = across if any(across) else ()
        self._begins = begins or (0,) * len(layouts)
        used = [layout for layout in layouts if layout is not None]
        lanes = used[0].lanes
        if lanes % at_once or any(layout.padding % at_once for layout in used):
            raise ValueError(f"lanes and padding must be multiples of at_once ({at_once})")
        self._at_once, self._slots = at_once, lanes // at_once
        words = max(layout.last_word for layout in used) + 1
        super().__init__(
            {
                "begin": In(1),
                "row": In(range(max(2, len(layouts)))),
                "valid": In(1),
                "values": In(width * at_once),
                "last": In(1),
                "write": Out(write_port(width * lanes, words)),
            }
        )

    def elaborate(self, platform):
        """Return a cursor and the word that is being filled."""
        m = Module()
        cursor = _Cursor(m, self._slots, len(self.values), len(self.write.address), "word")
        complete = Signal()
        m.d.comb += [
            complete.eq(self.valid & (cursor.lane[-1] | self.last)),
            self.write.address.eq(cursor.address),
            self.write.data.eq(Cat(*cursor.word)),
        ]
        m.d.sync += self.write.enable.eq(complete)
        if self._across:
            self._go_across(m, cursor)
        else:
            cursor.advance(self.write.enable)
        with m.If(self.valid):
            cursor.put(self.values, final=cursor.lane[-1] | self.last)
        with m.If(self.begin), m.Switch(self.row):
            for number, layout in enumerate(self._layouts):
                if layout is not None:
                    with m.Case(number):
                        first = layout.padding + self._begins[number]
                        cursor.start(first // self._at_once)
        return m

    def _go_across(self, m: Module, cursor: _Cursor) -> None:
        """Go on to the next word, position or group when a word is written."""
        rows = [(n, row) for n, row in enumerate(self._across) if row is not None]
        group = rows[0][1].group
        crosses = Signal()
        stride = Signal(range(1 + max(row.stride for _, row in rows)))
        last = Signal(range(max(row.positions for _, row in rows)))
        with m.If(self.begin):
            m.d.sync += crosses.eq(0)
            with m.Switch(self.row):
                for number, row in rows:
                    with m.Case(number):
                        m.d.sync += [
                            crosses.eq(1),
                            stride.eq(row.stride),
                            last.eq(row.positions - 1),
                        ]
        word, position = Signal(range(max(2, group))), Signal.like(last)
        first, begun = Signal.like(cursor.address), Signal()  # of the group; a word is written
        here = Mux(begun, first, cursor.address)
        following = Signal.like(cursor.address)
        m.d.comb += following.eq(cursor.address + 1)
        with m.If(crosses & (word == group - 1)):
            m.d.comb += following.eq(cursor.address + stride - (group - 1))
            with m.If(position == last):
                m.d.comb += following.eq(here + group)
        with m.If(self.write.enable):
            m.d.sync += [cursor.address.eq(following), word.eq(word + 1), begun.eq(1)]
            with m.If(~begun):
                m.d.sync += first.eq(cursor.address)
            with m.If(word == group - 1):
                m.d.sync += [word.eq(0), position.eq(position + 1)]
                with m.If(position == last):
                    m.d.sync += [position.eq(0), first.eq(here + group)]
        with m.If(self.begin):
            m.d.sync += [word.eq(0), position.eq(0), begun.eq(0)]


class MirrorPacker(wiring.Component):
    """Packs values that come from both ends inwards (`hwgen.hardware.sources.fft.untangle`).

    Parameters
    ----------
    layout
        Of the row.
    width
        Bits of a value.

    Members
    -------
    i
        Ascending values from 0 on, and between them the mirrored ones, length-1 downwards, until
        they meet; ``last`` comes with an ascending value.
    write
        Of whole words.
    done
        High with a row's last write; the packer is then ready for the next row.

    Latency
    -------
    1 cycle from a word's last value to its write.
    """

    latency = depths.PACKER

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
        layout, width = self._layout, len(self.i.value)
        bits = len(self.write.address)
        up = _Cursor(m, layout.lanes, width, bits, "up")
        down = _Cursor(m, layout.lanes, width, bits, "down", step=-1)
        starts = (up, layout.padding), (down, layout.padding + layout.length - 1)
        finish, restart, mirror, merge = Signal(), Signal(init=1), Signal(), Signal()
        m.d.comb += finish.eq(self.i.valid & self.i.last)
        complete = []
        for cursor, start in starts:
            mine = self.i.valid & (self.i.mirror if cursor is down else ~self.i.mirror)
            final = cursor.lane[-1 if cursor is up else 0]
            complete.append(mine & final)
            written = Signal()
            m.d.sync += written.eq(mine & final)
            cursor.advance(written)
            with m.If(mine):
                cursor.put(self.i.value, final)
            with m.If(restart):
                cursor.start(start)
        m.d.sync += [
            restart.eq(finish),
            self.write.enable.eq(complete[0] | complete[1] | finish),
            self.done.eq(finish),
            mirror.eq(self.i.mirror),
            # What is left of a word that was written is not there any more.
            merge.eq(finish & ~down.fresh),
        ]
        ascending = Cat(*up.word) | Mux(merge, Cat(*down.word), 0)
        m.d.comb += [
            self.write.address.eq(Mux(mirror, down.address, up.address)),
            self.write.data.eq(Mux(mirror, Cat(*down.word), ascending)),
        ]
        return m


class _Cursor:
    """A word in the making, and where the next value goes.

    Parameters
    ----------
    m
        Where its registers are.
    lanes, width
        Values a word, and bits of each.
    address_bits
        Of the word's address.
    name
        Of the signals.
    step
        1 or -1: whether lanes and addresses ascend.

    Attributes
    ----------
    word
        The lanes.
    lane
        A bit for each: the next value's is high.
    fresh
        Whether the next value is the word's first: what the lanes hold is then void.
    address
        The word's.
    """

    def __init__(
        self, m: Module, lanes: int, width: int, address_bits: int, name: str, step: int = 1
    ):
        self._m = m
        self.step = step
        self.word = [Signal(width, name=f"{name}_{lane}", reset_less=True) for lane in range(lanes)]
        self.lane = Signal(lanes, name=f"{name}_lane", init=1)
        self.fresh = Signal(name=f"{name}_fresh", init=1)
        self.address = Signal(address_bits, name=f"{name}_address")

    def put(self, value, final) -> None:
        """Put a value, the word's last if `final`, into its lane; a fresh word's others get 0."""
        for held, here in zip(self.word, self.lane, strict=True):
            self._m.d.sync += held.eq(Mux(here, value, Mux(self.fresh, 0, held)))
        self._m.d.sync += [self.lane.eq(self.lane.rotate_left(self.step)), self.fresh.eq(final)]

    def advance(self, written) -> None:
        """Go on to the next word where this one is `written`."""
        following = self.address + written if self.step > 0 else self.address - written
        self._m.d.sync += self.address.eq(following)

    def start(self, element: int) -> None:
        """Begin a row at an element."""
        address, lane = divmod(element, len(self.word))
        self._m.d.sync += [
            self.lane.eq(1 << lane),
            self.fresh.eq(1),
            self.address.eq(address),
        ]
