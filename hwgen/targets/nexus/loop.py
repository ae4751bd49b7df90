"""Nexus's PLL: settings of its loop filter, which depend on the feedback's divider.

The loop is that of Lattice's calculator, as LiteX (``NXPLL``) has it: charge pumps of a
proportional and an integral path, their capacitors, and a VCO. Its gain around the loop, over a
divider ``n``, is::

    (c1 s^2 + c2 s + c3) / (n s^2 (c4 s^2 + c5 s + c6))

Of all settings those are taken whose loop is stable, little peaked and, of these, the widest.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from hwgen.errors import CannotMeetError
from hwgen.targets.nexus.pll import PllSettings

_C3, _G3, _K1, _K3, _KI, _R1 = 20e-12, 0.2952e-3, 6.0, 100.0, 508e9, 9.8e6
"""Of the loop, in SI units."""
_RATIO = 50
"""Of both paths' currents."""
_CSET_PF = tuple(range(8, 69, 4))
_RIPPLE_PF = tuple(range(1, 16, 2))
_OHMS = (9000, 9300, 9700, 10000, 10300, 10700, 11000, 11300)
_SELECTED = {1: 0b0001, 2: 0b0011, 3: 0b0111, 4: 0b1111}
_PEAK_DB = (0.8, 1.35)
_LEAST_PHASE = 45.0
"""Degrees, where the gain around the loop is one."""
_SLOWER = 5
"""So many times slower than the phase detector the loop must be."""
_HZ = np.geomspace(1e5, 1e8, 601)


@dataclass(frozen=True)
class _Pump:
    """Settings of both charge pumps.

    Parameters
    ----------
    ipp_ctrl, bias, ipp_sel
        Microamperes, and how many times they are taken, of the proportional one.
    ipi_cmp
        Half microamperes of the integral one.
    """

    ipp_ctrl: int
    bias: int
    ipp_sel: int
    ipi_cmp: int

    @property
    def proportional(self) -> float:
        """Amperes."""
        return 5e-6 / 3 * self.ipp_ctrl * self.bias * self.ipp_sel

    @property
    def integral(self) -> float:
        """Amperes."""
        return 0.5e-6 * self.ipi_cmp


def loop_settings(plan: PllSettings) -> dict[str, str]:
    """Return the parameters of the PLL's cell that set its loop.

    Raises
    ------
    CannotMeetError
        If no loop is stable; no plan of `hwgen.targets.nexus.pll` is known to have none.
    """
    return dict(_settings(plan.feedback_div, float(plan.detector_mhz) * 1e6))


@functools.cache
def _settings(divider: int, detector_hz: float) -> tuple[tuple[str, str], ...]:
    """Return the names and texts of the parameters."""
    pumps = _pumps()
    widest = [_widest(pump, divider, detector_hz) for pump in pumps]
    best = max(range(len(pumps)), key=lambda number: widest[number][0])
    pump, (width, place) = pumps[best], widest[best]
    if not width:
        raise CannotMeetError(
            f"the PLL has no stable loop for a divider of {divider} and a phase detector of "
            f"{detector_hz / 1e6:g} MHz; take another clock_mhz"
        )
    cset, ripple, ohms = list(product(_CSET_PF, _RIPPLE_PF, _OHMS))[place]
    return (
        ("CSET", f"{cset}P"),
        ("CRIPPLE", f"{ripple}P"),
        ("V2I_PP_RES", f"{ohms / 1000:g}".replace(".", "P") + "K"),
        ("IPP_CTRL", f"0b{pump.ipp_ctrl + 3:04b}"),
        ("BW_CTL_BIAS", f"0b{pump.bias:04b}"),
        ("IPP_SEL", f"0b{_SELECTED[pump.ipp_sel]:04b}"),
        ("IPI_CMP", f"0b{pump.ipi_cmp:04b}"),
    )


def _pumps() -> list[_Pump]:
    """Return settings of the charge pumps, one of each proportional current."""
    found: dict[int, _Pump] = {}
    for ctrl, bias, sel, cmp in product(range(1, 5), range(1, 16), range(1, 5), range(1, 16)):
        # 5/3 ctrl bias sel = 50 * cmp / 2
        if ctrl * bias * sel == _RATIO * 3 * cmp // 10:
            found.setdefault(cmp, _Pump(ctrl, bias, sel, cmp))
    return list(found.values())


def _widest(pump: _Pump, divider: int, detector_hz: float) -> tuple[float, int]:
    """Return the width in Hz and the place of the widest good loop with a pump; 0 if none is."""
    gain = _around(pump, divider)
    closed = 20 * np.log10(np.abs(gain / (1 + gain)))
    peak = closed.max(axis=1)
    crossing = np.argmax(np.abs(gain) < 1, axis=1)
    lead = np.degrees(np.angle(-gain))[np.arange(len(gain)), np.maximum(crossing - 1, 0)]
    last = len(_HZ) - 1 - np.argmax(closed[:, ::-1] >= -3, axis=1)
    width = _HZ[last]
    good = ((peak >= _PEAK_DB[0]) & (peak <= _PEAK_DB[1]) & (crossing > 0)
            & (lead > _LEAST_PHASE) & (width * _SLOWER <= detector_hz))  # fmt: skip
    widths = np.where(good, width, 0.0)
    place = int(widths.argmax())
    return float(widths[place]), place


def _around(pump: _Pump, divider: int) -> NDArray[np.complex128]:
    """Return the gain around the loop: a row a choice of capacitors and resistor, over `_HZ`."""
    cset, ripple, ohms = np.array(list(product(_CSET_PF, _RIPPLE_PF, _OHMS))).T[..., None]
    a = pump.integral * _G3 * _KI
    b = _R1 * _C3
    c, d = b * cset * 1e-12, cset * 1e-12 + _C3
    e, f = pump.proportional * _KI * _K1, ohms * ripple * 1e-12
    s = 2j * math.pi * _HZ
    above = (a * b * f + e * c) * s**2 + (a * (f * (_K3 + 1) + b) + e * d) * s + a * (_K3 + 1)
    below = divider * s**2 * (c * f * s**2 + (d * f + c) * s + d)
    return np.asarray(above / below)
