"""What an iCE40 UltraPlus takes.

The data sheet (FPGA-DS-02008) states currents at rest only; what switches is in Lattice's Power
Calculator, which is no document. So the rest is derived from what others measured of the same chip
at its supplies, 1.2 V:

- tinyVision, ``ice40_power`` (github.com/tinyvision-ai-inc/ice40_power): an iCE40UP5K-SG48, each
  supply by a Joulescope JS110; counters, multiplications, the PLL at several clocks.
- Symbiotic EDA, MARLANN (github.com/SymbioticEDA/MARLANN, power-test): an accelerator on the same
  board at 12 MHz, idle 2.9 mA and busy 8.7 mA of the core's supply; a plain multimeter.
- M. Horowitz, "Computing's energy problem", ISSCC 2014: caches in 45 nm at 0.9 V.
"""

from __future__ import annotations

from types import MappingProxyType

from hwgen.targets.power import Figure, Power, Wiring

_MEASURED = "tinyVision, ice40_power"
_FLIP_FLOPS = tuple(
    f"SB_DFF{enabled}{reset}" for enabled in ("", "E") for reset in ("", "SR", "R", "SS", "S")
)

POWER = Power(
    static=MappingProxyType({
        "iCE40UP5K": Figure(
            0.10, 0.09, 0.20,
            "FPGA-DS-02008 table 4.6: core 75 uA at 1.2 V, VPP_2V5 0.55 uA, I/O 0.5 uA a supply, "
            f"typical at 25 degrees C; {_MEASURED}: blank design 85.6 uA of the core; no maximum "
            "is stated",
        ),
    }),
    pll=Figure(
        1.0, 0.6, 1.4,
        f"{_MEASURED}: VCCPLL 138.6, 138.9 and 103.6 uA with oscillators of 1020, 1024 and 768 "
        "MHz, and 417 to 753 uA of the core beyond the same design without it",
    ),
    clock=Figure(
        44.0, 30.0, 54.0,
        f"{_MEASURED}: 24 and 28 flip-flops at 6 to 48 MHz, 34 to 44 uA/MHz of the core at 1.219 "
        "V, with the oscillator or pad that the clock is from; what flip-flops add is told apart",
    ),
    register=Figure(
        0.02, 0.008, 0.08,
        f"derived: {_MEASURED}, 196 more flip-flops of counters take 2.8 uW/MHz with all that "
        "switches in them; MARLANN idle, 294 uW/MHz less the clock's net, of some 3,000 of them",
    ),
    logic=Figure(
        0.03, 0.01, 0.1,
        f"derived: {_MEASURED}, the two designs as of routing; it and routing are not told apart",
    ),
    routing=Figure(
        0.08, 0.025, 0.18,
        f"derived: {_MEASURED}, with the activity of such designs counted as here: seven counters "
        "of 28 bits (5 changes, 3 pins and 0.40 uW/MHz a cycle each) are the least; a multiplier "
        "of 8 x 8 bits in look-up tables (74 changes, 196 pins, 35.7 uW/MHz), whose signals change "
        "several times a cycle, which is not counted, is the most",
    ),
    accesses=MappingProxyType({
        "ebr": Figure(
            3.0, 1.0, 8.0,
            "derived: Horowitz, 10 pJ for 64 bits of 8 KB, scaled to 16 bits of 512 bytes at 1.2 V",
        ),
        "spram": Figure(
            12.0, 4.0, 30.0,
            "derived: Horowitz, 20 pJ for 64 bits of 32 KB, scaled to 16 bits at 1.2 V; a row is "
            "read as a whole",
        ),
        "dsp": Figure(
            20.0, 8.0, 40.0,
            f"derived: {_MEASURED}, a product of two counters of 8 bits in a multiplier without "
            "registers, 24 uW/MHz with the counters; 16 bits take more, registers less",
        ),
    }),
    pad=Figure(
        87.0, 33.0, 220.0,
        "derived: half of C V V at 3.3 V, with 6 pF of the pin (FPGA-DS-02008 table 4.5) and 10 pF "
        "(0 to 34) of the board",
    ),
    wiring=Wiring(
        within=MappingProxyType({"SB_CARRY": ("CO",)}),
        beside=MappingProxyType({
            "SB_CARRY": ("I0", "I1", "CI"), **dict.fromkeys(_FLIP_FLOPS, ("D",)),
        }),
    ),
)  # fmt: skip
