"""Registers that channels take turns at, as their samples do."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal


class Ring:
    """A register for each channel, of which one is at the head; `turn` brings the next one there.

    Parameters
    ----------
    m
        Where the registers are.
    count, shape
        Channels, and what is kept of each.
    name
        Of the signals.
    """

    def __init__(self, m: Module, count: int, shape: Any, name: str):
        self._m = m
        self._kept = [Signal(shape, name=f"{name}_{i}", reset_less=True) for i in range(count)]

    @property
    def head(self) -> Any:
        """What is kept of the channel whose turn it is."""
        return self._kept[0]

    def turn(self, value: Any) -> None:
        """Keep `value` of the channel whose turn it is, and let it be the next one's."""
        for here, there in zip(self._kept, [*self._kept[1:], value], strict=True):
            self._m.d.sync += here.eq(there)
