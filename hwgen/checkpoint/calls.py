"""What a pickle would call where it is loaded in earnest, read from its opcodes alone."""

from __future__ import annotations

import io
import pickletools
import re
from typing import Any

from hwgen.checkpoint.inert import MAX_OPCODES, modern
from hwgen.checkpoint.policy import is_torchs

_CALLS = {"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"}
_PICKLES = 6  # torch's format before zip has five; a file may hold any number
_PUTS = {"PUT", "BINPUT", "LONG_BINPUT"}
_GETS = {"GET", "BINGET", "LONG_BINGET"}
_STILL = {"PROTO", "FRAME"}
"""Opcodes that leave the stack as it is."""

_NAME = re.compile(r"[A-Za-z_][\w.]*")


def foreign_names(data: bytes) -> list[str]:
    """Return the functions and classes, other than torch's own, that a pickle would call.

    torch's own messages do not tell a pickle that runs code from plain garbage, so the opcodes
    are read here, without executing any.
    """
    names: list[str] = []
    calls = False
    stream = io.BytesIO(data)
    try:
        for _ in range(_PICKLES):
            texts = _Texts()
            for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
                if count > MAX_OPCODES:
                    break
                calls = calls or opcode.name in _CALLS
                if opcode.name in ("GLOBAL", "INST"):
                    names.append(modern(*str(argument).split(" ", 1)))
                elif opcode.name == "STACK_GLOBAL":
                    names.append(modern(*texts.last()))
                texts.see(opcode.name, argument)
    # pickletools raises ValueError for garbage, and other errors for hostile numbers.
    except Exception:
        pass
    found = [name for name in names if _NAME.fullmatch(name) and not is_torchs(name)]
    return list(dict.fromkeys(found)) if calls else []


class _Texts:
    """The texts that a pickle has put on its stack, by its table of objects too."""

    def __init__(self) -> None:
        self._pushed: list[str | None] = []
        self._table: dict[int, str | None] = {}

    def see(self, opcode: str, argument: Any) -> None:
        """Follow one opcode; what is no text counts as a place on the stack."""
        if opcode in _GETS:
            self._pushed.append(self._table.get(int(argument)))
        elif opcode == "MEMOIZE" or opcode in _PUTS:
            place = len(self._table) if argument is None else int(argument)
            self._table[place] = self._pushed[-1] if self._pushed else None
        elif opcode not in _STILL:
            self._pushed.append(argument if isinstance(argument, str) else None)
        del self._pushed[:-2]

    def last(self) -> tuple[str, str]:
        """Return the last two texts: a module, and a name in it."""
        module, name = self._pushed[-2:] if len(self._pushed) > 1 else (None, None)
        return module or "", name or ""
