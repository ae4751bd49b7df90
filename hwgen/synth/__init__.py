"""From an Amaranth board top to a routed bitstream, and from a core to its netlist."""

from hwgen.synth.cells import cell_counts
from hwgen.synth.netlist import netlist
from hwgen.synth.plan import BITSTREAM, SynthResult, synthesise

__all__ = ["BITSTREAM", "SynthResult", "cell_counts", "netlist", "synthesise"]
