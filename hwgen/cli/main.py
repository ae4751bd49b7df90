"""Entry point: finds the commands, and turns every error into one line and an exit code."""

from __future__ import annotations

import importlib
import logging
import pkgutil
import sys
import warnings
from typing import Any

import click

import hwgen
from hwgen import cli
from hwgen.cli.output import fail, say
from hwgen.errors import INTERRUPTED, HwgenError

_NOT_COMMANDS = {"main", "options", "output"}


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


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(hwgen.__version__, prog_name="hwgen")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def group(debug: bool) -> None:
    """Turn a trained bearing-fault-diagnosis network into a verified FPGA bitstream.

    \b
    hwgen demo                              the whole way, on synthetic signals
    hwgen build ckpt.pt --board ecp5        checkpoint to bitstream and report
    hwgen build ckpt.pt --data recordings/  the same, calibrated on your own recordings
    """  # noqa: D301  # \b is click's mark for a paragraph that is not wrapped
    del debug  # read by `main`, which catches the errors


def main() -> None:
    """Run the command line; never returns."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line with `arguments` and return the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    _show_tool_notices()
    debug = "--debug" in arguments
    try:
        if not debug:
            _quiet_amaranth()
        group.main(arguments, prog_name="hwgen", standalone_mode=False)
    except click.exceptions.Abort:
        fail("interrupted")
        return INTERRUPTED
    except KeyboardInterrupt:
        fail("interrupted")
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except HwgenError as error:
        if debug:
            raise
        fail(str(error))
        return error.exit_code
    except OSError as error:
        if debug:
            raise
        fail(f"cannot read or write {error.filename or 'a file'}: {error.strerror or error}")
        return 7
    return 0


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
