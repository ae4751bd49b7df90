"""Compares emitted Verilog with the golden model in cocotb on Verilator, exactly."""

from hwgen.verify.result import Verification
from hwgen.verify.run import verify
from hwgen.verify.scenarios import affordable
from hwgen.verify.vectors import corner_windows, spread

__all__ = ["Verification", "affordable", "corner_windows", "spread", "verify"]
