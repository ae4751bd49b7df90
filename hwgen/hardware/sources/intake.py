"""The samples of a window as they are offered: which are taken, begin it, complete it."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal

from hwgen.hardware.contract import Source


def counted(m: Module, source: Source, begin, free=1):
    """Take the samples of windows one by one; return three bits, and the place to follow.

    Samples before one marked ``first``, behind a window's last and while ``abandon`` is high are
    dropped; one marked ``first`` begins a window whatever was in progress.

    Parameters
    ----------
    m
        Where it is.
    source
        Drives ``samples.ready`` and ``complete`` of it.
    begin
        Whether a window may begin.
    free
        Whether any sample may be taken.

    Returns
    -------
    taken, head, last
        Whether a sample is taken, is marked ``first``, completes a window.
    count
        Samples of the window that were taken before, unless this one is marked ``first``.
    """
    elements = source.plan.elements
    active, taken, last = Signal(), Signal(), Signal()
    count = Signal(range(max(2, elements)))
    head = source.samples.p.first
    only = elements == 1
    m.d.comb += [
        source.samples.ready.eq((active | begin) & free),
        taken.eq(source.samples.valid & source.samples.ready & (active | head) & ~source.abandon),
        last.eq(taken & (only if only else ~head & (count == elements - 1))),
        source.complete.eq(last),
    ]
    with m.If(taken):
        m.d.sync += [count.eq(Mux(head, 1, count + 1)), active.eq(~last)]
    with m.If(source.abandon):
        m.d.sync += active.eq(0)
    return taken, head, last, count
