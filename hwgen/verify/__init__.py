"""Compares emitted Verilog with the golden model in cocotb on Verilator, exactly."""

from hwgen.verify.result import Verification
from hwgen.verify.run import verify
from hwgen.verify.scenarios import affordable
from hwgen.verify.simulation import Streamed
from hwgen.verify.vectors import corner_windows, spread

__all__ = ["Streamed", "Verification", "affordable", "corner_windows", "spread", "verify"]
