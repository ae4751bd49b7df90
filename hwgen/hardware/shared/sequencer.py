"""Leads the MAC array through all steps of a window: one word of values and weights a cycle."""

from __future__ import annotations

from collections.abc import Sequence

from amaranth.hdl import Const, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import delayed, pulse_delayed
from hwgen.hardware.shared.indexer import Indexer, index_members
from hwgen.hardware.shared.place import Place, Turn
from hwgen.plans import depths
from hwgen.plans.shared import SharedPlan
from hwgen.plans.weights.flash import FlashPlan

READ_DRAIN = 2 + depths.ISSUE
"""Cycles from the last word's count until its read is over, without an index."""


def stream_members(flash: FlashPlan | None) -> dict[str, wiring.Member]:
    """Return the ports towards a ring of streamed weights; none without."""
    if flash is None:
        return {}
    return {
        "filled": In(range(flash.ring + 1)),
        "release": Out(range(max(flash.blocks) + 1)),
        "streamed": Out(1),
    }


def _index_ports(flash: FlashPlan | None) -> dict[str, wiring.Member]:
    ports = index_members(flash)
    ports.pop("streamed", None)  # that is the sequencer's own
    return ports


def tag_layout(plan: SharedPlan) -> data.StructLayout:
    """Return what goes along with a sum: where it belongs and what it completes."""
    return data.StructLayout(
        {
            "step": range(max(2, len(plan.steps))),
            "bias": range(max(2, sum(plan.bias_depths))),
            "pool_first": 1,
            "pool_last": 1,
            "group_last": 1,
            "task_last": 1,
        }
        | ({"beyond": 1} if plan.leaves_out else {})
    )


class Sequencer(wiring.Component):
    """Counts words, positions, groups and tasks.

    Order, from the inside out: words of a sum, positions of a pool, groups of outputs, pooled
    positions, tasks. So the values of one pooled position leave side by side. Where weights are
    streamed, groups are outside of pooled positions; each begins when its block is there.

    Parameters
    ----------
    plan
        Of one window.

    Members
    -------
    start, busy
        Begin a window; ignored while ``busy``.
    proceed
        Whether the last task may begin: its results have somewhere to go.
    written
        All values of the current task are in memory: the next may begin.
    ready
        Words of features that are there; looked at only where tasks do not wait for all of them.
    begin, begin_task
        High for a cycle when a task begins, and which.
    consumed
        High for a cycle when the features have been read for the last time.
    step, read, address, in_range, weight_address, shift
        What to read: of which step and which of its reads, and by how much it counts more;
        ``in_range`` is low for words of padding.
    valid, first, last, tag
        For the MAC array, in the same cycle as ``address``; ``tag`` belongs to ``last``.
    filled, release, streamed
        Only where weights are streamed: words of the stream that are there, how many of the oldest
        are done with (0: none), and whether ``weight_address`` is of the ring.
    index_address, index_data
        Only where an index comes with them: as of the ring (`hwgen.hardware.weights.flash.Flash`).
    """

    def __init__(self, plan: SharedPlan):
        self._plan, self._tasks = plan, plan.tasks
        self._steps = [plan.steps[task.step] for task in plan.tasks]
        # Where a sum takes more than one word, what follows from a count may be a cycle late.
        self._opened = Signal(name="opened")  # the block that is met is there
        self._streams = Signal(name="streams")  # the current task's weights are streamed
        self._slack = "sync" if all(step.words > 1 for step in plan.steps) else "comb"
        self._plain = len(plan.tasks) == len(plan.steps)
        weights = plan.weight_depth
        super().__init__(
            {
                "start": In(1),
                "busy": Out(1),
                "proceed": In(1),
                "written": In(1),
                "begin": Out(1),
                "begin_task": Out(range(max(2, len(plan.tasks)))),
                "consumed": Out(1),
                "ready": In(range(plan.feature_words + 1)),
                "step": Out(range(max(2, len(plan.steps)))),
                "read": Out(range(max(2, *(len(step.reads) for step in plan.steps)))),
                "address": Out(range(_words(plan))),
                "in_range": Out(1),
                "weight_address": Out(range(max(2, weights))),
                "shift": Out(range(max(2, len(plan.shifts)))),
                "valid": Out(1),
                "first": Out(1),
                "last": Out(1),
                "tag": Out(tag_layout(plan)),
            }
            | stream_members(plan.flash)
            | _index_ports(plan.flash)
        )

    def elaborate(self, platform):
        """Return the state machine and two stages of address arithmetic."""
        m = Module()
        count = len(self._steps)
        current = Signal(range(max(2, count)))
        counting, finished = Signal(), Signal()  # counting: the state is COUNT
        # With few words and many rows the values are in memory before the last count is over.
        written_early = Signal()
        with m.If(self.begin):
            m.d.sync += written_early.eq(0)
        with m.Elif(self.written):
            m.d.sync += written_early.eq(1)
        wants = Signal()  # the state is BEGIN
        enough = self._enough(m, current, wants)
        with m.FSM():
            with m.State("IDLE"), m.If(self.start):
                m.d.sync += current.eq(0)
                m.next = "BEGIN"
            with m.State("BEGIN"):
                m.d.comb += [self.busy.eq(1), wants.eq(1)]
                with m.If(((current != count - 1) | self.proceed) & enough):
                    m.d.comb += self.begin.eq(1)
                    m.d.sync += counting.eq(1)
                    m.next = "COUNT"
            with m.State("COUNT"):
                m.d.comb += self.busy.eq(1)
                with m.If(finished):
                    m.d.sync += counting.eq(0)
                    m.next = "IDLE" if count == 1 else "DRAIN"
                    with m.If(current == count - 1):
                        m.next = "IDLE"
            with m.State("DRAIN"):
                m.d.comb += self.busy.eq(1)
                with m.If(self.written | written_early):
                    m.d.sync += current.eq(current + 1)
                    m.next = "BEGIN"
        last = finished & (current == self._plan.last_of_features)
        drain = READ_DRAIN + self._plan.issue - depths.ISSUE
        m.d.comb += [
            self.begin_task.eq(current),
            self.consumed.eq(pulse_delayed(m, last, drain, "consumed")),
        ]
        self._count(m, current, counting, finished)
        return m

    def _enough(self, m: Module, current, wants):
        """Return whether the features are there that the task needs."""
        if not self._plan.ahead:
            return 1
        needed = _of_step(m, current, "needed", [task.needs for task in self._tasks])
        # A cycle late, and so of this task only in the second cycle that it waits.
        enough, waiting = Signal(), Signal()
        m.d.sync += [
            enough.eq(self.ready >= needed),
            waiting.eq(wants & ~self.begin),
        ]
        return enough & waiting

    def _count(self, m: Module, current, counting, finished) -> None:
        """Count, and give out what the counts name."""
        steps = self._steps

        def of_step(name: str, values: Sequence[int]):
            return _of_step(m, current, name, values)

        def counter(name: str, lengths):
            """Return a counter, and the current step's last value of it."""
            last = of_step(f"{name}_last", [length - 1 for length in lengths])
            return Signal(range(max(2, *lengths)), name=name, reset_less=True), last

        word, last_word = counter("word", [each.steps for each in steps])
        sub, last_sub = counter("sub", [each.pool for each in steps])
        group, last_group = counter("group", [each.groups for each in steps])
        position, last_position = counter("position", [task.count for task in self._tasks])
        end_word, end_sub, end_group, end_groups, end_all = (
            Signal(name=f"end_{name}") for name in ("word", "sub", "group", "groups", "all")
        )
        # Comparing counters and bringing their ends together is too much for the cycle that acts
        # on it. The outer ones stand while words are counted.
        m.d[self._slack] += [
            end_sub.eq(sub == last_sub),
            end_group.eq(group == last_group),
            end_groups.eq((sub == last_sub) & (group == last_group)),
            end_all.eq((sub == last_sub) & (group == last_group) & (position == last_position)),
        ]
        if self._slack == "comb":
            m.d.comb += end_word.eq(self._held(word == last_word))
        else:
            m.d.sync += end_word.eq(self._held(counting) & ~end_word & (word == last_word - 1))
        m.d.comb += finished.eq(counting & end_word & end_all)
        turn = Turn(end_sub, end_groups, end_groups, end_all, end_sub & ~end_groups)
        turn = self._turn(m, of_step, turn, position == last_position)
        for value, enable, end in (
            (word, self._held(1), end_word),
            (sub, end_word, end_sub),
            (group, end_word & turn.group, turn.group_end),
            (position, end_word & turn.position, turn.position_end),
        ):
            with m.If(~counting):
                m.d.sync += value.eq(0)
            with m.Elif(enable):
                m.d.sync += value.eq(Mux(end, 0, value + 1))

        shapes = self.address.shape(), self.weight_address.shape()
        work = list(zip(self._tasks, steps, strict=True))
        place = Place(m, work, self._slack, current, of_step, shapes)
        place.follow(counting, end_word, turn)
        offset, bias = self._group(m, of_step, counting, end_word & turn.group, turn.group_end)
        valid, last = self._held(counting), end_word
        if any(each.words != each.steps for each in steps):
            words = of_step("words", [each.words for each in steps])
            valid, last = self._held(counting) & (word < words), word == words - 1
        first, last, pool_first = self._whole(of_step, word == 0, last, sub == 0, end_sub)
        tag = self._tag(m, current, bias, (pool_first, end_sub, end_group, end_all))
        if self._plan.leaves_out:
            m.d.sync += tag.beyond.eq(self._beyond(m, current, position, sub))
        flags = valid, first, last, tag
        self._issue(m, current, word, flags, place.bases, place.offset + offset)

    def _whole(self, of_step, first, last, first_sub, last_sub):
        """Return whether a sum begins and ends, and whether a pool's first position does.

        A sum of pieces begins with its first, ends with its last, and is a value by itself.
        """
        if all(each.pieces == 1 for each in self._steps):
            return first, last, first_sub
        summed = of_step("summed", [int(each.pieces > 1) for each in self._steps])
        return first & (~summed | first_sub), last & (~summed | last_sub), first_sub | summed

    def _tag(self, m: Module, current, bias, ends):
        """Return what goes along with a sum, a cycle after the counts."""
        tag = Signal(tag_layout(self._plan))
        pool_first, end_sub, end_group, end_all = ends
        m.d.sync += [
            tag.step.eq(self._number(m, current)),
            tag.bias.eq(bias),
            tag.pool_first.eq(pool_first),
            tag.pool_last.eq(end_sub),
            tag.group_last.eq(end_group),
            tag.task_last.eq(end_all),
        ]
        return tag

    def _beyond(self, m: Module, current, position, sub):
        """Return whether a position does not count for the maximum of its group."""
        beyond = Signal()
        m.d[self._slack] += beyond.eq(0)
        for number, (task, step) in enumerate(zip(self._tasks, self._steps, strict=True)):
            groups = step.beyond.reshape(-1, step.pool)[task.begin : task.begin + task.count]
            for place, group in enumerate(groups.tolist()):
                if not any(group):
                    continue
                # Some first ones, some last ones, or both.
                first, last = group.index(False), step.pool - 1 - group[::-1].index(False)
                with m.If((current == number) & (position == place)):
                    m.d[self._slack] += beyond.eq((sub < first) | (sub > last))
        return beyond

    def _group(self, m: Module, of_step, counting, next_group, end_groups):
        """Return where the current group's weights and biases begin."""
        depths_, weight_starts, bias_starts = self._plan.bias_depths, self._plan.weight_starts, [0]
        for biases in depths_:
            bias_starts.append(bias_starts[-1] + biases)
        weight_start = of_step("weight_start", [weight_starts[t.step] for t in self._tasks])
        bias_start = of_step("bias_start", [bias_starts[t.step] for t in self._tasks])
        words = of_step("group_words", [s.block if s.streamed else s.words for s in self._steps])
        work = zip(self._tasks, self._steps, strict=True)
        biases = of_step("group_biases", [depths_[t.step] // s.groups for t, s in work])
        offset = Signal.like(self.weight_address, name="group_offset", reset_less=True)
        bias = Signal.like(self.tag.bias, name="bias", reset_less=True)
        if self._plan.flash is not None:
            weight_start = self._follow_ring(m, weight_start, counting, next_group, words)
        for value, start, more in ((offset, weight_start, words), (bias, bias_start, biases)):
            following = Signal.like(value, name="following")
            m.d[self._slack] += following.eq(value + more)
            with m.If(~counting):
                m.d.sync += value.eq(start)
            with m.Elif(next_group):
                m.d.sync += value.eq(Mux(end_groups, start, following))
        return offset, bias

    def _held(self, signal):
        """Return a signal that is low while a block of streamed weights is waited for."""
        if self._plan.flash is None:
            return signal
        return (self._opened | ~self._streams) & signal

    def _turn(self, m: Module, of_step, turn: Turn, last_position) -> Turn:
        """Return the turn where groups of streamed weights are outside of pooled positions."""
        if self._plan.flash is None:
            return turn
        streams = self._streams
        m.d.comb += streams.eq(of_step("streams", [int(step.streamed) for step in self._steps]))
        last = Signal(name="end_positions")
        m.d[self._slack] += last.eq(last_position)
        through = turn.group & last  # a group has met all positions
        return Turn(
            Mux(streams, through, turn.group),
            Mux(streams, turn.position_end, turn.group_end),
            Mux(streams, turn.group, turn.position),
            Mux(streams, through, turn.position_end),
            turn.back & ~streams,
            through & streams,
        )

    def _follow_ring(self, m: Module, start, counting, met, words):
        """Open blocks when they are there, release those that are met; return where one begins."""
        flash = self._plan.flash
        assert flash is not None
        ring = Signal(range(flash.ring), name="ring")
        enough, due, released = (Signal(name=name) for name in ("enough", "due", "released"))
        m.d.comb += [
            released.eq(counting & met & self._streams),
            self.release.eq(Mux(released, words, 0)),
        ]
        # What is there is known a cycle late: so of a block that is due in its second cycle.
        m.d.sync += [enough.eq(self.filled >= words), due.eq(counting & ~released & ~self._opened)]
        with m.If(released | ~counting):
            m.d.sync += self._opened.eq(0)
        with m.Elif(due & enough):
            m.d.sync += self._opened.eq(1)
        with m.If(released):
            m.d.sync += ring.eq(ring + words)
        return Mux(self._streams, ring, start)

    def _issue(self, m: Module, current, word, flags, bases, weight_row) -> None:
        """Add up the addresses in two registered stages; look up the word where it is indexed."""
        valid, first_word, last, tag = flags
        row, word_1 = Signal.like(self.weight_address), Signal.like(word)
        current_1 = delayed(m, current, 1, "current")
        number_1 = (
            self._number(m, current_1)
            if self._plain
            else delayed(m, self._number(m, current), 1, "number")
        )
        valid_1, first_1, last_1 = Signal(), Signal(), Signal()
        weight_address, step = Signal.like(self.weight_address), Signal.like(self.step)
        ready, first, last_2, tag_2 = Signal(), Signal(), Signal(), Signal.like(tag)
        m.d.sync += [
            row.eq(weight_row),
            word_1.eq(word),
            valid_1.eq(valid),
            first_1.eq(first_word),
            last_1.eq(last),
            step.eq(number_1),
            weight_address.eq(row + word_1),
            ready.eq(valid_1),
            first.eq(first_1),
            last_2.eq(last_1),
            tag_2.eq(tag),
        ]
        late = 0
        if self._plan.indexed:
            late = depths.INDEX
            self._indexed(m, bases, weight_address, step)
        else:
            self._in_order(m, current_1, bases[0], word)
        m.d.comb += [
            self.step.eq(delayed(m, step, late, "step")),
            self.weight_address.eq(delayed(m, weight_address, late, "weight_address")),
            self.valid.eq(pulse_delayed(m, ready, late, "ready")),
            self.first.eq(delayed(m, first, late, "first")),
            self.last.eq(delayed(m, last_2, late, "last")),
            self.tag.eq(delayed(m, tag_2, late, "tag")),
        ]
        if self._plan.flash is not None:
            streamed = delayed(m, self._streams, 2 + late, "streamed")
            m.d.comb += self.streamed.eq(streamed)

    def _in_order(self, m: Module, current_1, base, word) -> None:
        """Read the words from the position's first on."""
        steps = self._steps
        address = Signal.like(self.address)
        layouts = [each.reads[0].source for each in steps]
        first_word = _of_step(m, current_1, "first_word", [s.first_word for s in layouts])
        last_word = _of_step(m, current_1, "last_word", [s.last_word for s in layouts])
        # Without padding every address is behind the first word: a comparison that tools warn of.
        padded = any(layout.first_word for layout in layouts)
        behind_first = address >= first_word if padded else 1
        held, in_range = Signal.like(self.address), Signal()
        m.d.sync += [
            address.eq(base + word),
            held.eq(address),
            in_range.eq(behind_first & (address <= last_word)),
        ]
        m.d.comb += [self.address.eq(held), self.in_range.eq(in_range)]

    def _number(self, m: Module, current):
        """Return the number of the task's step."""
        if self._plain:
            return current
        return _of_step(m, current, "step_number", [task.step for task in self._tasks])

    def _indexed(self, m: Module, bases, weight_address, step) -> None:
        """Read the words that the index names, for each word of weights one."""
        m.submodules.indexer = indexer = Indexer(self._plan, self.address.shape())
        m.d.comb += [
            indexer.weight_address.eq(weight_address),
            indexer.step.eq(step),
            self.address.eq(indexer.address),
            self.in_range.eq(indexer.in_range),
            self.read.eq(indexer.read),
            self.shift.eq(indexer.shift),
        ]
        if self._plan.flash is not None:
            m.d.comb += [
                indexer.streamed.eq(delayed(m, self._streams, 2, "streams")),
                self.index_address.eq(indexer.index_address),
                indexer.index_data.eq(self.index_data),
            ]
        for number, base in enumerate(bases):
            held = delayed(m, base, depths.ISSUE, f"base_{number}_late")
            m.d.comb += indexer.bases[number].eq(held)


def _words(plan: SharedPlan) -> int:
    """Return how many words are told apart: one behind the last may be named, and masked."""
    most = 0
    for step in plan.steps:
        for number, read in enumerate(step.reads):
            mine = step.taps.element[step.taps.read == number]
            span = int(mine.max(initial=-1)) + 1
            end = read.first + (int(step.where.max()) + 1) * read.stride + span
            most = max(most, end // plan.array.lanes + 2)
    return most


def _of_step(m: Module, current, name: str, values: Sequence[int]):
    """Return the one of `values` (a number per step) that belongs to the current step."""
    values = list(values)
    if len(set(values)) == 1:
        return Const(values[0], range(max(2, values[0] + 1)))
    chosen = Signal(range(max(2, max(values) + 1)), name=name)
    with m.Switch(current):
        for number, value in enumerate(values):
            with m.Case(number):
                m.d.comb += chosen.eq(value)
    return chosen
