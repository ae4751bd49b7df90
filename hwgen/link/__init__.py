"""The host's side of a running board: its port, what it is asked, and what it is measured by."""

from hwgen.link.benchmark import Benchmark, Expected, measure
from hwgen.link.client import Answer, Board
from hwgen.link.port import SerialPort

__all__ = ["Answer", "Benchmark", "Board", "Expected", "SerialPort", "measure"]
