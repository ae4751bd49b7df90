"""Compares emitted Verilog with the golden model in cocotb on Verilator, exactly."""

from hwgen.verify.result import Verification
from hwgen.verify.run import verify
from hwgen.verify.vectors import corner_windows

__all__ = ["Verification", "corner_windows", "verify"]
