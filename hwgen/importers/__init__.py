"""Trained networks out of files: each kind of file to the float network.

`load` is the door. `hwgen.importers.formats` has a file for each kind, which says what it
recognises; nothing else lists them. Importing this package does not import torch; loading and
saving do.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hwgen.errors import InputError
from hwgen.importers import formats
from hwgen.importers.answer import ANSWERS, answered
from hwgen.importers.bearingpga.geometry import (
    ASCENDING,
    BINS,
    FROM_ZERO,
    FullGeometry,
    Geometry,
)
from hwgen.importers.bearingpga.state import network_from_state
from hwgen.importers.formats.own import save_checkpoint
from hwgen.importers.front_end import FFT, FFT_SCALES, FRONT_ENDS, fft_factor, said
from hwgen.importers.part import PARTS, part_of
from hwgen.importers.records import (
    Checkpoint,
    CheckpointMeta,
    Survey,
    Surveyed,
    Taken,
    Windows,
)
from hwgen.importers.source import DROP, KEEP, QUANTIZERS, Asked, Source

__all__ = [
    "ANSWERS",
    "ASCENDING",
    "BINS",
    "DROP",
    "FFT",
    "FFT_SCALES",
    "FROM_ZERO",
    "FRONT_ENDS",
    "KEEP",
    "PARTS",
    "QUANTIZERS",
    "Checkpoint",
    "CheckpointMeta",
    "FullGeometry",
    "Geometry",
    "Survey",
    "Surveyed",
    "Taken",
    "Windows",
    "beside",
    "fft_factor",
    "load",
    "network_from_state",
    "save_checkpoint",
]


def beside(path: Path) -> tuple[Path, ...]:
    """Return the other files that a network is in; none where it cannot be read.

    Raises
    ------
    FileAccessError
        If `path` cannot be read.
    """
    source = Source(Path(path))
    # By a look at its bytes: what holds tensors alone is in one file, and is not loaded for this.
    every = [each for each in formats.every().values() if hasattr(each, "beside")]
    try:
        return tuple(file for each in every for file in each.beside(source))
    except InputError:
        return ()


def load(
    path: Path,
    *,
    geometry: Geometry | None = None,
    weights_from: str | None = None,
    outputs: Sequence[int] = (),
    quantizers: str | None = None,
    front_end: str | None = None,
    fft_scale: str | None = None,
    answer: str | None = None,
    part: str | None = None,
) -> Checkpoint:
    """Return the network in `path`, with what else the file carries.

    Parameters
    ----------
    path
        A file of a kind that `hwgen.importers.formats` has.
    geometry
        What a bare state_dict does not say; open values are inferred.
    weights_from
        Which network of a file that holds several.
    outputs
        The network's output for each class; empty where they are in the classes' order.
    quantizers
        What is done with those that it was trained with, one of `QUANTIZERS`; None: they are kept.
    front_end
        What the input of a graph is, one of `FRONT_ENDS`; None: the samples.
    fft_scale
        What |FFT| was multiplied by, one of `FFT_SCALES`; None: 1.
    answer
        What its one output is, one of `ANSWERS`; None: what it looks like.
    part
        Of a network, one of `PARTS`; None: all of it.

    Raises
    ------
    UsageError
        If the two before are none of these, or `fft_scale` is given alone.
    InputError
        If it holds no network, would run code, or its tensors do not fit; one line says which.
    FileAccessError
        If it cannot be read.
    """
    source = Source(Path(path))
    kind = formats.of(source)
    if quantizers is not None and not getattr(kind, "QUANTISED", False):
        raise InputError(f"{path} is of a kind that has no quantisers; leave --quantizers out")
    front = said(front_end, fft_scale, geometry)
    if front is not None and not getattr(kind, "OPEN", False):
        raise InputError(f"{path} is of a kind whose front-end is known; leave --front-end out")
    found = kind.load(source, Asked(geometry, weights_from, tuple(outputs), quantizers, front))
    return part_of(path, answered(path, found, answer), part)
