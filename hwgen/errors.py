"""One exception tree; each leaf has the exit code of its cause.

A message is one line that a person can act on: it names the field, the rule, the value and the fix.
"""

from __future__ import annotations


class HwgenError(Exception):
    """Anything hwgen refuses or fails to do, told in one line."""

    exit_code = 1


class UsageError(HwgenError):
    """The command line asks for something that does not exist, such as an unknown board."""

    exit_code = 2


class InputError(HwgenError):
    """An input file (checkpoint, recording, model, build folder) cannot be used."""

    exit_code = 3


class NodesError(InputError):
    """Nodes of a network cannot be done: the message names them all.

    Parameters
    ----------
    message
        One line.
    survey
        What there is to see of the network (`hwgen.importers.Survey`).
    """

    def __init__(self, message: str, survey: object) -> None:
        super().__init__(message)
        self.survey = survey


class CannotMeetError(HwgenError):
    """The request is clear but cannot be met: resources, timing or parallelism."""

    exit_code = 4


class MismatchError(HwgenError):
    """The hardware and the golden model disagree."""

    exit_code = 5


class ToolError(HwgenError):
    """An external tool failed or is missing; names its log, or the command that installs it."""

    exit_code = 6


class FileAccessError(HwgenError):
    """A file or folder cannot be read or written: permissions, full disk."""

    exit_code = 7


class LinkError(HwgenError):
    """The link to the board failed: no board, time-out, another design's digest."""

    exit_code = 8


INTERRUPTED = 130
"""Exit code after Ctrl-C (128 + SIGINT)."""
