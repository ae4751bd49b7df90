"""What an ECP5 takes.

The data sheet (FPGA-DS-02012) states currents at rest; what switches is in Lattice's Power
Calculator, which is no document, and no measurement at the chip's own supplies was found. So what
switches is scaled from the UltraPlus, a chip of the same 40 nm, whose figures are derived
from measurements (`hwgen.targets`, its own folder): by the square of the voltage, 1.1 to 1.219 V
(0.81), and what spans the chip by its size. That may be off by a factor of three either way.
"""

from __future__ import annotations

from types import MappingProxyType

from hwgen.targets.power import Figure, Power, Wiring

_SCALED = "derived: the UltraPlus's figure, by voltage"
_AT_REST = (
    "FPGA-DS-02012, supply current (standby), typical at 25 degrees C: core 77 mA at 1.1 V, "
    "auxiliary 16 mA at 2.5 V, 0.5 mA at 3.3 V of each of seven banks; no maximum is stated"
)
_LARGER = (
    "derived: the LFE5U-25F's figure of FPGA-DS-02012, less than in proportion to look-up "
    "tables; the data sheet's own for this chip was not at hand"
)
_SMALL = Figure(136.0, 100.0, 270.0, _AT_REST)
_MIDDLE = Figure(204.0, 136.0, 480.0, _LARGER)
_LARGE = Figure(354.0, 190.0, 940.0, _LARGER)

POWER = Power(
    static=MappingProxyType({
        f"{series}-{size}F": figure
        for size, figure in ((12, _SMALL), (25, _SMALL), (45, _MIDDLE), (85, _LARGE))
        for series in ("LFE5U", "LFE5UM", "LFE5UM5G")
    }),
    pll=Figure(1.4, 0.5, 4.0, f"{_SCALED}, and twice it: the oscillator has more outputs"),
    clock=Figure(
        200.0, 60.0, 600.0,
        f"{_SCALED} and look-up tables, 24,000 to 5,280; a clock's quarters of the chip can be off",
    ),
    register=Figure(0.02, 0.004, 0.12, f"{_SCALED}; a chip of longer wires"),
    logic=Figure(0.03, 0.008, 0.15, f"{_SCALED}; a chip of longer wires"),
    routing=Figure(0.08, 0.02, 0.3, f"{_SCALED}; a chip of longer wires"),
    accesses=MappingProxyType({
        "ebr": Figure(
            7.0, 2.0, 20.0,
            "derived: Horowitz, ISSCC 2014, 10 pJ for 64 bits of 8 KB in 45 nm at 0.9 V, scaled to "
            "18 to 36 bits of 2 KB at 1.1 V",
        ),
        "dsp": Figure(16.0, 4.0, 50.0, f"{_SCALED}; 18 bits, and a register more"),
    }),
    pad=Figure(
        87.0, 33.0, 220.0,
        "derived: half of C V V at 3.3 V, with 6 pF of the pin and 10 pF (0 to 34) of the board",
    ),
    wiring=Wiring(
        within=MappingProxyType({"CCU2C": ("COUT",)}),
        beside=MappingProxyType({
            "CCU2C": ("CIN",),
            "PFUMX": ("ALUT", "BLUT"),
            "L6MUX21": ("D0", "D1"),
            "TRELLIS_FF": ("DI", "M"),
        }),
    ),
)  # fmt: skip
