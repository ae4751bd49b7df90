"""Finds the external tools and runs them, logs kept.

A tool on PATH is used when it is new enough, else the one that came as a Python wheel. The YoWASP
wheels are WebAssembly: they cannot open every absolute path (their ``/tmp`` is private), so
commands run in their working folder with relative paths; their first call compiles for about a
minute, and says so through `logger`.
"""

from hwgen.tools.locate import Tool, environment, find, known, missing, verilator_root, version
from hwgen.tools.process import Job, error_line, guarded, logger, run
from hwgen.tools.scratch import workshop

__all__ = [
    "Job",
    "Tool",
    "environment",
    "error_line",
    "find",
    "guarded",
    "known",
    "logger",
    "missing",
    "run",
    "verilator_root",
    "version",
    "workshop",
]
