"""Single faults in Python and Amaranth source: where one can be planted, and what it looks like.

A mutant replaces one piece of a file's text. What is text to people is left alone: docstrings,
annotations, messages of errors and f-strings. So is what cannot be a fault: that a signal is wider,
or that a reset reaches data that are looked at only once they have been written, or that `zip` does
not check what is so.
"""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass
from functools import cached_property

_OPERATORS = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.FloorDiv: ("//", "*"),
    ast.Div: ("/", "*"),
    ast.Mod: ("%", "//"),
    ast.Pow: ("**", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "&"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
_COMPARISONS = {
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
_NAMES = {
    "signed": "unsigned",
    "unsigned": "signed",
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "floor": "ceil",
    "ceil": "floor",
    "as_signed": "as_unsigned",
    "sync": "comb",
    "comb": "sync",
}
_CONDITIONS = ("If", "Elif")
_SIGNALS = ("Signal", "In", "Out")
"""Their first argument is a width, and a wider signal holds the same numbers: only narrower."""


@dataclass(frozen=True)
class Mutant:
    """A file's text with one piece of it replaced.

    Parameters
    ----------
    file
        Path from the root of the tree.
    source
        The file's text.
    start, end
        The piece that is replaced.
    text
        What stands there instead.
    kind
        Name of the operator.
    """

    file: str
    source: str
    start: int
    end: int
    text: str
    kind: str

    @property
    def name(self) -> str:
        """File, line, column and operator; with what comes there, where there are several."""
        before = self.source[: self.start]
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        text = " ".join(self.text.split())
        return f"{self.file}:{line}:{column}:{self.kind}:{text}"

    @cached_property
    def mutated(self) -> str:
        """The file's text with the fault in it."""
        return self.source[: self.start] + self.text + self.source[self.end :]

    @cached_property
    def change(self) -> tuple[str, str]:
        """The lines that change, without their indentation: as they were, and as they are."""
        old = self.source.splitlines()
        first = self.source.count("\n", 0, self.start)
        last = self.source.count("\n", 0, self.end)
        new = self.mutated.splitlines()[
            first : len(self.mutated.splitlines()) - len(old) + last + 1
        ]
        return _joined(old[first : last + 1]), _joined(new)

    def diff(self) -> str:
        """Return the fault as a unified diff without context."""
        lines = difflib.unified_diff(
            self.source.splitlines(), self.mutated.splitlines(), self.file, self.file, "", "", 0, ""
        )
        return "\n".join(lines)


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


def candidates(file: str, source: str) -> list[Mutant]:
    """Return the mutants of a file; some are not Python, or mean the same (`plausible`).

    Raises
    ------
    SyntaxError
        If `source` is no Python.
    """
    found: dict[str, Mutant] = {}
    for mutant in _Sites(file, source).all():
        found.setdefault(mutant.mutated, mutant)
    return list(found.values())


def plausible(mutant: Mutant) -> bool:
    """Return whether a mutant still is Python, and another program than the file."""
    try:
        changed = ast.parse(mutant.mutated)
    except SyntaxError:
        return False
    return ast.dump(changed) != ast.dump(ast.parse(mutant.source))


class _Sites(ast.NodeVisitor):
    """Collects the places of a file in which a fault can stand."""

    def __init__(self, file: str, source: str) -> None:
        self._file, self._source = file, source
        self._found: list[Mutant] = []
        # The parser counts columns in bytes.
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._texts = source.splitlines()
        self._returns: list[str] = []
        self._widths: set[ast.AST] = set()

    def all(self) -> list[Mutant]:
        self.visit(ast.parse(self._source))
        return self._found

    # places in the text

    def _at(self, line: int, column: int) -> int:
        text = self._texts[line - 1].encode()[:column].decode()
        return self._lines[line - 1] + len(text)

    def _span(self, node: ast.AST) -> tuple[int, int]:
        return (
            self._at(node.lineno, node.col_offset),
            self._at(node.end_lineno, node.end_col_offset),
        )

    def _text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self._source[start:end]

    def _put(self, kind: str, start: int, end: int, text: str) -> None:
        self._found.append(Mutant(self._file, self._source, start, end, text, kind))

    def _replace(self, kind: str, node: ast.AST, text: str) -> None:
        self._put(kind, *self._span(node), text)

    def _between(self, kind: str, left: ast.AST, right: ast.AST, old: str, new: str) -> None:
        """Replace what stands between two nodes, outside comments."""
        start, end = self._span(left)[1], self._span(right)[0]
        hidden = re.sub(r"#.*", lambda match: " " * len(match[0]), self._source[start:end])
        place = hidden.find(old)
        if place >= 0:
            self._put(kind, start + place, start + place + len(old), new)

    # what is left alone

    def _body(self, nodes: list[ast.stmt]) -> None:
        for node in nodes:
            self.visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Leave messages alone."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave messages alone."""

    def visit_keyword(self, node: ast.keyword) -> None:
        """Leave alone whether a reset reaches data too, and what only checks (`strict` of zip)."""
        if node.arg not in ("reset_less", "strict"):
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        """Leave annotations alone."""

    def visit_Import(self, node: ast.Import) -> None:
        """Leave imports alone."""

    visit_ImportFrom = visit_Import  # noqa: N815

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Visit the value only."""
        if node.value is not None:
            self.visit(node.value)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Leave bases and decorators alone."""
        self._body(node.body)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Visit defaults and body; remember what it returns."""
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        self._returns.append(ast.unparse(node.returns) if node.returns else "")
        self._body(node.body)
        self._returns.pop()

    # statements

    def visit_Expr(self, node: ast.Expr) -> None:
        """Drop a call; docstrings are no calls."""
        if isinstance(node.value, ast.Call):
            self._replace("drop", node, "pass")
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Drop the statement, or one of the statements in its list."""
        self._replace("drop", node, "pass")
        if isinstance(node.value, ast.List) and len(node.value.elts) > 1:
            for item in node.value.elts:
                start, end = self._span(item)
                if self._source[end : end + 1] == ",":
                    self._put("drop", start, end + 1, "")
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        """Return another value, where its type says which."""
        if node.value is None:
            return
        text, kind = self._text(node.value), self._returns[-1] if self._returns else ""
        changed = {"int": f"({text}) + 1", "bool": f"not ({text})", "Value": f"~({text})"}
        if kind in changed:
            self._replace("return", node.value, changed[kind])
        self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Drop what sets the next state."""
        target = node.targets[0]
        if isinstance(target, ast.Attribute) and target.attr == "next":
            self._replace("drop", node, "pass")
        self.visit(node.value)

    # expressions

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Swap the operator."""
        old, new = _OPERATORS.get(type(node.op), ("", ""))
        if old and not _is_text(node):
            self._between("operator", node.left, node.right, old, new)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Move the limit, or turn it round."""
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            old, new = _COMPARISONS[type(operator)]
            for text in new:
                self._between("compare", left, right, old, text)
            left = right
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """Swap and with or."""
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values[:-1], node.values[1:], strict=True):
            self._between("and-or", left, right, old, new)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Drop a sign, a ``not`` or a ``~``."""
        self._replace("unary", node, self._text(node.operand))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """One more (unless it is of a width) and one less; the other truth."""
        value = node.value
        if isinstance(value, bool):
            self._replace("constant", node, str(not value))
        elif isinstance(value, int):
            if node not in self._widths:
                self._replace("constant", node, str(value + 1))
            if value > 0:
                self._replace("constant", node, str(value - 1))
        elif isinstance(value, float):
            self._replace("constant", node, repr(value * 1.5 or 1.0))

    def _negate(self, node: ast.expr, word: str) -> None:
        self._replace("condition", node, f"{word}({self._text(node)})")

    def visit_If(self, node: ast.If) -> None:
        """Do it in the other case; leave alone what is for type checkers."""
        if _name(node.test) != "TYPE_CHECKING":
            self._negate(node.test, "not ")
            self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        """Do it in the other case."""
        self._negate(node.test, "not ")
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Take the other value."""
        self._negate(node.test, "not ")
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """Keep the others."""
        for test in node.ifs:
            self._negate(test, "not ")
        self.generic_visit(node)

    def visit_Slice(self, node: ast.Slice) -> None:
        """Move a bound that is no number."""
        for bound in filter(None, (node.lower, node.upper)):
            if not isinstance(bound, ast.Constant):
                self._replace("slice", bound, f"{self._text(bound)} + 1")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Swap what `Mux` chooses between, conditions of ``m.If``, and ends of ranges."""
        function, given = node.func, node.args
        name = _name(function)
        if name in _SIGNALS and given:
            self._widths.update(ast.walk(given[0]))
        if name == "Mux" and len(given) == 3:
            _, start, end = (self._span(argument) for argument in given)
            between = self._source[start[1] : end[0]]
            text = self._text(given[2]) + between + self._text(given[1])
            self._put("mux", start[0], end[1], text)
        if name in _CONDITIONS and isinstance(function, ast.Attribute) and given:
            self._negate(given[0], "~")
        if name == "range" and given and not isinstance(given[-1], ast.Constant):
            self._replace("range", given[-1], f"{self._text(given[-1])} - 1")
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        """Swap a function for its opposite."""
        if isinstance(node.ctx, ast.Load) and node.id in _NAMES:
            self._replace("name", node, _NAMES[node.id])

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Swap a function or a domain for its opposite."""
        if node.attr in _NAMES and isinstance(node.ctx, ast.Load | ast.Store):
            end = self._span(node)[1]
            if node.attr not in ("comb", "sync") or self._text(node).endswith(f".d.{node.attr}"):
                self._put("name", end - len(node.attr), end, _NAMES[node.attr])
        self.generic_visit(node)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_text(node: ast.BinOp) -> bool:
    """Return whether an operand is plainly text."""
    return any(
        isinstance(side, ast.JoinedStr)
        or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in (node.left, node.right)
    )
