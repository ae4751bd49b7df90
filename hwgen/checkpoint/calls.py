"""What a pickle would call where it is loaded in earnest, read from its opcodes alone."""

from __future__ import annotations

import io
import pickletools
import re

from hwgen.checkpoint.inert import MAX_OPCODES, modern

_CALLS = {"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"}
_PICKLES = 6  # torch's format before zip has five; a file may hold any number
_NAME = re.compile(r"[A-Za-z_][\w.]*")

_HARMLESS = re.compile(
    r"torch\._utils\._rebuild\w+|torch\.\w+Storage|torch\.(float|bfloat|int|uint)\d+|torch\.bool"
    r"|torch\.(Size|device|Tensor)|torch\.nn\.parameter\.Parameter|torch\.serialization\._get_layout"
    r"|torch\._tensor\._rebuild_from_type_v2|collections\.(OrderedDict|Counter)|_codecs\.encode"
    r"|torch\.per_\w+|builtins\.(set|bytearray|complex)"
)
"""What torch's own reader of weights takes."""

_BUILT_IN = re.compile(
    r"builtins\.(set|frozenset|list|dict|tuple|int|float|str|bytes|bytearray|complex|bool|object"
    r"|slice|range|print|[A-Z]\w*(Error|Exception))"
)
_RUNS = re.compile(
    r"(os|posix|nt|posixpath|sys|subprocess|_posixsubprocess|shutil|pty|socket|_socket|ctypes|_ctypes"
    r"|importlib|runpy|code|codeop|pathlib|io|_io|tempfile|webbrowser|pickle|_pickle|marshal|types"
    r"|multiprocessing|threading|asyncio|platform|pdb|bdb|profile|cProfile|timeit|trace|pip|site"
    r"|signal|resource|operator|_operator|builtins|urllib|http|requests|ftplib|smtplib|zipfile|tarfile"
    r"|venv|doctest|distutils|setuptools|imp|zipimport|linecache|inspect|gc|commands)(\.|$)"
    r"|torch\.(hub|load|jit|ops|utils\.cpp_extension|serialization)(\.|$)"
    r"|numpy\.(load|fromfile|memmap|testing|f2py|distutils|core\.memmap)(\.|$)"
)
"""What no training script leaves in its objects: programs, files, the network, the interpreter."""


def runs_code(name: str) -> bool:
    """Whether a pickle names this to do something where it is loaded, rather than for its data."""
    if _HARMLESS.fullmatch(name) or _BUILT_IN.fullmatch(name):
        return False
    return _RUNS.match(name) is not None


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
            strings: list[str] = []
            for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
                if count > MAX_OPCODES:
                    break
                calls = calls or opcode.name in _CALLS
                if opcode.name in ("GLOBAL", "INST"):
                    names.append(modern(*str(argument).split(" ", 1)))
                elif opcode.name == "STACK_GLOBAL":
                    names.append(".".join(strings[-2:]))
                elif isinstance(argument, str):
                    strings.append(argument)
    # pickletools raises ValueError for garbage, and other errors for hostile numbers.
    except Exception:
        pass
    found = [name for name in names if _NAME.fullmatch(name) and not _HARMLESS.fullmatch(name)]
    return list(dict.fromkeys(found)) if calls else []
