"""Which classes and functions that a pickle names are data, and which would do something."""

from __future__ import annotations

import re
from collections.abc import Iterable

_HARMLESS = re.compile(
    r"torch\._utils\._rebuild\w+|torch\.(storage\.)?\w+Storage|torch\.bool"
    r"|torch\.(float|bfloat|complex|q?u?int|bits)\d+(_\w+|x\d+\w*)?"
    r"|torch\.(Size|device|Tensor)|torch\.nn\.parameter\.Parameter|torch\.serialization\._get_layout"
    r"|torch\._tensor\._rebuild_from_type_v2|collections\.(OrderedDict|Counter)|_codecs\.encode"
    r"|torch\.per_\w+|builtins\.(set|bytearray|complex)"
)
"""What torch's own reader of weights takes."""

_BUILT_IN = re.compile(
    r"builtins\.(set|frozenset|list|dict|tuple|int|float|str|bytes|bytearray|complex|bool|object"
    r"|slice|range|print|[A-Z]\w*(Error|Exception))"
)
_PATH = re.compile(r"pathlib\.(_local\.)?(Pure)?(Posix|Windows)?Path")
"""A path is no more than its name, and arguments of training hold many."""

_RUNS = re.compile(
    r"(os|posix|nt|posixpath|sys|subprocess|_posixsubprocess|shutil|pty|socket|_socket|ctypes|_ctypes"
    r"|importlib|runpy|code|codeop|pathlib|io|_io|tempfile|webbrowser|pickle|_pickle|marshal|types"
    r"|multiprocessing|threading|asyncio|platform|pdb|bdb|profile|cProfile|timeit|trace|pip|site"
    r"|signal|resource|operator|_operator|builtins|urllib|http|requests|ftplib|smtplib|zipfile|tarfile"
    r"|venv|doctest|distutils|setuptools|imp|zipimport|linecache|inspect|gc|commands)(\.|$)"
    r"|torch\.(hub|load|jit|ops|utils\.cpp_extension|serialization)(\.|$)"
    r"|numpy\.(load|fromfile|memmap|testing|f2py|distutils|core\.memmap)(\.|$)"
    r"|.*\.(os|posix|nt|sys|subprocess|shutil|ctypes|importlib|builtins|__\w+__)\."
)
"""What no training script leaves in its objects: programs, files, the network, the interpreter."""

_USUAL = re.compile(
    r"(numpy|pathlib|datetime|uuid|collections|decimal|fractions|enum|copyreg)\..*|torch\.(?!nn\.).*"
    r"|argparse\.Namespace|omegaconf\..*"
)
"""What stands beside weights in many files that are read."""


GETATTR = "builtins.getattr"
"""Built-in functions of torch and classes within classes are pickled as a call of it."""


def is_torchs(name: str) -> bool:
    """Whether torch's own reader of weights takes it."""
    return _HARMLESS.fullmatch(name) is not None


def runs_code(name: str) -> bool:
    """Whether a pickle names this to do something where it is loaded, rather than for its data."""
    if any(kind.fullmatch(name) for kind in (_HARMLESS, _BUILT_IN, _PATH)):
        return False
    return _RUNS.match(name) is not None


def culprits(names: Iterable[str]) -> list[str]:
    """Return those of the names for which a file is refused: what runs code, else the unusual."""
    found = list(names)
    return [name for name in found if runs_code(name)] or [
        name for name in found if not _USUAL.fullmatch(name) and not _BUILT_IN.fullmatch(name)
    ]
