"""HDF5 files."""

from __future__ import annotations

from pathlib import Path

from hwgen.signals.formats._contents import Contents

ENDINGS = (".h5", ".hdf5", ".hdf")


def read(path: Path) -> Contents:
    """Return all vectors by their path: ``bench.accelerometer``."""
    from hwgen.signals.formats import _hdf5

    return _hdf5.read(path)
