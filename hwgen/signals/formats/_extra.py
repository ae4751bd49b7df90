"""Formats that need a package of their own: installed with an extra, asked for when met."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from hwgen.errors import HwgenError, InputError, ToolError


def needed(module: str, path: Path, extra: str) -> ModuleType:
    """Return `module`, or raise the `ToolError` that says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ToolError(
            f"{path}: to read it, {package} is needed: pip install 'hwgen[{extra}]'"
        ) from error


@contextmanager
def sound(path: Path, kind: str) -> Iterator[None]:
    """Turn whatever a parser of hostile bytes raises into one line that names the file."""
    try:
        yield
    except (HwgenError, MemoryError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(
            f"{path} is not a usable {kind} file: {reason}; copy or save it again"
        ) from error
