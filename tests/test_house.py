"""What holds for every file of the house."""

from __future__ import annotations

import ast
from pathlib import Path

import hwgen

SOURCES = sorted(Path(hwgen.__file__).parent.rglob("*.py"))
MOST_LINES = 60
"""Of a function, its docstring included: it is read in one look, without scrolling."""


def too_long(source: str) -> list[str]:
    """Return the functions that are longer, with how many lines they have; no decorators count."""
    functions = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    lengths = [(node.name, node.end_lineno - node.lineno + 1) for node in functions]
    return [f"{name}: {lines} lines" for name, lines in lengths if lines > MOST_LINES]


def function(lines: int) -> str:
    return "class A:\n    @staticmethod\n    def f():\n" + "        pass\n" * (lines - 1)


def test_a_long_function_is_found():
    assert too_long(function(MOST_LINES)) == []
    assert too_long(function(MOST_LINES + 1)) == ["f: 61 lines"]
    nested = "def g():\n" + "".join(f"    {line}\n" for line in function(61).splitlines())
    assert too_long(nested) == ["g: 64 lines", "f: 61 lines"]
    assert too_long(function(61) + function(60)) == ["f: 61 lines"]


def test_no_function_is_longer_than_a_look():
    assert len(SOURCES) > 100
    found = {str(path): too_long(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert {path: names for path, names in found.items() if names} == {}
