"""The machine that figures come from, and the versions of what ran there."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

_VECTORS = ("avx512f", "avx2", "sse4_2", "asimd")
"""Vector instructions by their names in the kernel's list, best first."""


def machine() -> dict[str, Any]:
    """Return processor, cores and system."""
    told = _cpu()
    flags = told.get("flags", told.get("Features", "")).split()
    return {
        "cpu": told.get("model name", platform.processor() or platform.machine()),
        "vectors": next((name for name in _VECTORS if name in flags), None),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
    }


def _cpu() -> dict[str, str]:
    """Return the first processor's fields; none where the system does not list them."""
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return {}
    first = path.read_text().split("\n\n", maxsplit=1)[0]
    fields = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in fields}


def packages(*names: str) -> dict[str, str]:
    """Return the versions of installed packages."""
    return {name: version(name) for name in names}


def gcc() -> str:
    """Return the compiler's version."""
    done = subprocess.run(["gcc", "-dumpfullversion"], check=True, capture_output=True, text=True)
    return done.stdout.strip()
