"""ONNX: a graph with its weights, as every framework exports it."""

from __future__ import annotations

from pathlib import Path

from hwgen.checkpoint.kinds import is_onnx
from hwgen.errors import InputError
from hwgen.importers.onnx import external
from hwgen.importers.onnx.asked import check_nothing_said, ordered
from hwgen.importers.onnx.model import cleaned, parsed, read
from hwgen.importers.records import Checkpoint
from hwgen.importers.source import DROP, Asked, Source

QUANTISED = True
"""Whether its networks may have quantisers of their own."""

OPEN = True
"""Whether what the input of its networks is may be said by the user."""

_FIRST = b"\x08"
"""With what a model begins: most other files need not be read whole to know."""


def recognises(source: Source) -> bool:
    """Return whether its bytes are those of a model, and it is no file of tensors."""
    return _looks_so(source) and source.content is None


def _looks_so(source: Source) -> bool:
    return is_onnx(source.data, called=source.path.suffix.lower() == ".onnx")


def load(source: Source, asked: Asked) -> Checkpoint:
    """Return the network of the graph.

    Raises
    ------
    InputError
        If it is damaged, breaks a rule of ONNX, or has nodes that are not supported; or if the user
        says what the graph says.
    """
    from hwgen.importers.onnx.convert import convert  # its functions take long to import
    from hwgen.importers.onnx.drop import dropped

    check_nothing_said(source.path, asked)
    model = cleaned(source.path, read(source.path, source.data))
    found = convert(source.path, model, asked.front_end)
    network, notes = found.network, found.notes
    if asked.quantizers == DROP:
        network, told = dropped(network)
        notes = (*notes, told)
    return Checkpoint(ordered(network, asked.outputs), bare=True, notes=notes)


def beside(source: Source) -> tuple[Path, ...]:
    """Return the files that its tensors are in, if there are any; `load` says what is wrong."""
    try:
        if source.first != _FIRST or not _looks_so(source):
            return ()
        return external.files(parsed(source.path, source.data), source.path)
    except InputError:
        return ()
