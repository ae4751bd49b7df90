"""The benchmarks are programs, not a package: their folder is where they import from."""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = str(Path(__file__).resolve().parents[2] / "benchmarks")

if FOLDER not in sys.path:
    sys.path.append(FOLDER)
