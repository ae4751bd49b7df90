"""Programs of torch.export: a graph with its weights, as torch saves it (``.pt2``)."""

from __future__ import annotations

from hwgen.checkpoint.kinds import is_program
from hwgen.errors import InputError, NodesError
from hwgen.importers.onnx.asked import check_nothing_said, ordered
from hwgen.importers.records import Checkpoint
from hwgen.importers.source import Asked, Source

OPEN = True
"""Whether what the input of its networks is may be said by the user."""


def recognises(source: Source) -> bool:
    """Return whether its bytes are such an archive, whatever it is called."""
    return source.first == b"P" and is_program(source.data)


def load(source: Source, asked: Asked) -> Checkpoint:
    """Return the network of the graph; nothing of the file is run or unpickled.

    Raises
    ------
    InputError
        If it is damaged, of another version, or has nodes that are not supported (`NodesError`: all
        of them are named); or if the user says what the graph says.
    """
    from hwgen.importers.exporting import converted
    from hwgen.importers.program.archive import opened
    from hwgen.importers.program.module import Program
    from hwgen.importers.program.strange import refused

    check_nothing_said(source.path, asked)
    program = Program(source.path, opened(source.path, source.data))
    try:
        found = converted(source.path, program.eval(), program.window, asked.front_end)
    except NodesError:
        raise
    except InputError as error:
        if not program.strange:
            raise
        raise refused(source.path, program.strange) from error
    network = ordered(found.network, asked.outputs)
    return Checkpoint(network, bare=True, notes=found.notes)
