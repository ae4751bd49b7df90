"""Where the benchmarks keep things."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "benchmarks"
FOLDER = ROOT / "build" / "benchmarks"
DOCS = ROOT / "docs"
