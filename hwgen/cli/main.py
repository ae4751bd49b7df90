"""Entry point: finds the commands, and turns every error into one line and an exit code."""

from __future__ import annotations

import difflib
import importlib
import logging
import pkgutil
import signal
import sys
import traceback
import warnings
from typing import Any, NoReturn

import click

import hwgen
from hwgen import cli
from hwgen.cli.output import fail, say, write_anywhere
from hwgen.errors import INTERRUPTED, CannotMeetError, FileAccessError, HwgenError

_USAGE = 2
_TERMINATED = 128 + signal.SIGTERM
_NOT_COMMANDS = {"main", "options", "output"}


class _Interrupted(BaseException):
    """Ctrl-C in a command."""


class Commands(click.Group):
    """Every module of this folder with a ``command`` is one; it is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        names = {module.name for module in pkgutil.iter_modules(cli.__path__)}
        return sorted(name.removesuffix("_") for name in names - _NOT_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None if there is none of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"hwgen.cli.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise _Interrupted from None  # click would put an empty line before the message

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments begin with; one line with the nearest if none."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            known = self.list_commands(ctx)
            near = difflib.get_close_matches(args[0], known, n=2) or known
            ctx.fail(f"there is no command {args[0]!r}; nearest: {', '.join(near)}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(hwgen.__version__, prog_name="hwgen")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def group(debug: bool) -> None:
    """Turn a trained bearing-fault-diagnosis network into a verified FPGA bitstream.

    \b
    hwgen demo                              the whole way, on synthetic signals
    hwgen build ckpt.pt --board ecp5        checkpoint to bitstream and report
    hwgen build ckpt.pt --data recordings/  the same, calibrated on your own recordings

    CHECKPOINT is a .pt file, BUILD the folder that `hwgen build` or `hwgen demo` wrote (-o).
    """  # noqa: D301  # \b is click's mark for a paragraph that is not wrapped
    del debug  # taken out of the arguments by `run`: it may stand anywhere


def main() -> NoReturn:
    """Run the command line; never returns."""
    # What runs is ended as on Ctrl-C: tools and temporary files do not stay behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    write_anywhere()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line with `arguments` and return the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    _show_tool_notices()
    debug = "--debug" in arguments
    if not debug:
        _quiet_amaranth()
    try:
        group.main(
            [argument for argument in arguments if argument != "--debug"],
            prog_name="hwgen",
            standalone_mode=False,
        )
    except (_Interrupted, KeyboardInterrupt, click.exceptions.Abort):
        fail("interrupted")
        return INTERRUPTED
    except (HwgenError, OSError, click.ClickException) as error:
        if debug:
            traceback.print_exc()
        return _told(error)
    except (MemoryError, RuntimeError) as error:
        if not _is_lack_of_memory(error):
            raise
        if debug:
            traceback.print_exc()
        fail("there is too little memory; end other programs, or raise the limit (ulimit -v)")
        return CannotMeetError.exit_code
    return 0


def _is_lack_of_memory(error: Exception) -> bool:
    """Return whether an error means that: torch says it in words of its own."""
    return isinstance(error, MemoryError) or "can't allocate memory" in str(error)


def _told(error: Exception) -> int:
    """Print the error's one line and return its exit code."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            error.show()
            return _USAGE
        case click.UsageError(ctx=context):
            path = context.command_path if context else "hwgen"
            fail(f"{error.format_message().rstrip('.')}; see: {path} --help")
            return _USAGE
        case HwgenError():
            fail(str(error))
            return error.exit_code
        case OSError():
            place = error.filename or "a file"
            fail(f"cannot read or write {place}: {error.strerror or error}")
            return FileAccessError.exit_code
    fail(str(error))
    return _USAGE


def _show_tool_notices() -> None:
    """Print what the tools' runner has to tell: why something takes long."""

    class Printer(logging.Handler):
        def emit(self, record: Any) -> None:
            say(record.getMessage())

    logger = logging.getLogger("hwgen.tools")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers = [Printer()]


def _quiet_amaranth() -> None:
    """Hide Amaranth's complaint about components that an error left unused."""
    warnings.filterwarnings("ignore", message=".*created but never used.*")
    warnings.filterwarnings("ignore", message=".*was not used.*", category=UserWarning)
