"""The changes: every small syntactic change that can be made to one module.

Input: the source of a module.  Output: a :class:`Mutant` for each change, as an edit of the source, so that everything
else stays as it is written.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

__all__ = ["Mutant", "is_valid", "lines_of", "mutants_of", "mutated"]

_SYMBOLS: Final = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.And: "and",
    ast.Or: "or",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.MatMult: "@",
}
_BOUNDARY: Final = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_OPPOSITE: Final = {
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "==": "!=",
    "!=": "==",
    "is": "is not",
    "is not": "is",
    "in": "not in",
    "not in": "in",
    "and": "or",
    "or": "and",
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "//": "*",
    "%": "*",
    "**": "*",
    "<<": ">>",
    ">>": "<<",
    "&": "|",
    "|": "&",
    "^": "|",
    "@": "*",
}
_PAIRS: Final = (
    ("min", "max"),
    ("minimum", "maximum"),
    ("argmin", "argmax"),
    ("nanmin", "nanmax"),
    ("any", "all"),
    ("floor", "ceil"),
)
_COUNTERPART: Final = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}
_WITHOUT_EFFECT: Final = {"strict", "encoding", "slots", "frozen", "cache", "nogil", "stacklevel"}
"""Keywords that only guard against faults of our own or matter on other machines: no test should depend on them."""


@dataclass(frozen=True)
class Mutant:
    """One change of one module.

    Attributes
    ----------
    file
        The module, relative to the tree.
    line
        Its line, from 1.
    kind
        What is changed: ``comparison``, ``boundary``, ``arithmetic``, ``boolean``, ``not``, ``sign``, ``constant``,
        ``default``, ``condition``, ``return``, ``statement``, ``counterpart`` or ``keyword``.
    start
        Where the text that is replaced begins, in bytes.
    before, after
        The text that is replaced, and the text in its place.
    """

    file: str
    line: int
    kind: str
    start: int
    before: str
    after: str


def mutated(source: bytes, mutant: Mutant) -> bytes:
    """Return the source with the change.

    Raises
    ------
    ValueError
        If the text to be replaced is not there.
    """
    before = mutant.before.encode()
    end = mutant.start + len(before)
    if source[mutant.start : end] != before:
        raise ValueError(f"{mutant.file}:{mutant.line} no longer says {mutant.before!r}")
    return source[: mutant.start] + mutant.after.encode() + source[end:]


def mutants_of(source: bytes, file: str) -> list[Mutant]:
    """Return all changes of a module, in the order of the source."""
    finder = _Finder(source, file)
    finder.visit(ast.parse(source))
    return sorted(set(finder.mutants), key=lambda mutant: (mutant.start, mutant.before, mutant.after))


def is_valid(source: bytes, mutant: Mutant) -> bool:
    """Tell whether the changed module can be parsed and means something else."""
    try:
        return ast.dump(ast.parse(mutated(source, mutant))) != ast.dump(ast.parse(source))
    except SyntaxError:
        return False


class _Finder(ast.NodeVisitor):
    def __init__(self, source: bytes, file: str) -> None:
        self._source, self._file = source, file
        self._line_starts = [0]
        for line in source.splitlines(keepends=True):
            self._line_starts.append(self._line_starts[-1] + len(line))
        self._constant_kind = "constant"
        self.mutants: list[Mutant] = []

    # ---- edits -----------------------------------------------------------------------------------------------------

    def _start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        return self._line_starts[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._line_starts[node.end_lineno - 1] + node.end_col_offset

    def _add(self, node: ast.expr | ast.stmt | ast.keyword, kind: str, *, start: int, end: int, after: str) -> None:
        before = self._source[start:end].decode()
        self.mutants.append(Mutant(self._file, node.lineno, kind, start, before, after))

    def _replace(self, node: ast.expr | ast.stmt, kind: str, after: str) -> None:
        self._add(node, kind, start=self._start(node), end=self._end(node), after=after)

    def _swap(self, left: ast.expr, right: ast.expr, symbol: str, *, changes: dict[str, str]) -> None:
        """Replace the operator that stands between two operands."""
        between = self._source[self._end(left) : self._start(right)].decode()
        offset = between.find(symbol)
        if offset >= 0:
            start = self._end(left) + len(between[:offset].encode())
            for kind, after in changes.items():
                self._add(left, kind, start=start, end=start + len(symbol), after=after)

    # ---- operators -------------------------------------------------------------------------------------------------

    def visit_Compare(self, node: ast.Compare) -> None:
        for (left, right), operator in zip(pairwise([node.left, *node.comparators]), node.ops, strict=True):
            symbol = _SYMBOLS[type(operator)]
            changes = {"comparison": _OPPOSITE[symbol]}
            if symbol in _BOUNDARY:
                changes["boundary"] = _BOUNDARY[symbol]
            self._swap(left, right, symbol, changes=changes)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        symbol = _SYMBOLS[type(node.op)]
        for left, right in pairwise(node.values):
            self._swap(left, right, symbol, changes={"boolean": _OPPOSITE[symbol]})
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        symbol = _SYMBOLS[type(node.op)]
        self._swap(node.left, node.right, symbol, changes={"arithmetic": _OPPOSITE[symbol]})
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        symbol = _SYMBOLS[type(node.op)]
        self._swap(node.target, node.value, f"{symbol}=", changes={"arithmetic": f"{_OPPOSITE[symbol]}="})
        self._replace(node, "statement", "pass")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        token = {ast.Not: "not ", ast.USub: "-", ast.Invert: "~"}.get(type(node.op))
        if token is not None:
            start = self._start(node)
            kind = "not" if isinstance(node.op, ast.Not) else "sign"
            self._add(node, kind, start=start, end=start + len(token), after="")
        self.generic_visit(node)

    # ---- values ----------------------------------------------------------------------------------------------------

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._replace(node, self._constant_kind, str(not value))
        elif isinstance(value, int):
            self._replace(node, self._constant_kind, str(value + 1))
            if value > 0:
                self._replace(node, self._constant_kind, str(value - 1))
        elif isinstance(value, float):
            self._replace(node, self._constant_kind, repr(value * 2 if value else 1.0))
            if value:
                self._replace(node, self._constant_kind, repr(value / 2))

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func
        if isinstance(name, ast.Name) and name.id in _COUNTERPART:
            self._replace(name, "counterpart", _COUNTERPART[name.id])
        elif isinstance(name, ast.Attribute) and name.attr in _COUNTERPART:
            end = self._end(name)
            start = end - len(name.attr)
            self._add(name, "counterpart", start=start, end=end, after=_COUNTERPART[name.attr])
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg not in _WITHOUT_EFFECT:
                self._drop(node, keyword)
        self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            if keyword.arg not in _WITHOUT_EFFECT:
                self.visit(keyword.value)

    def _drop(self, call: ast.Call, keyword: ast.keyword) -> None:
        """Leave out an argument, with the comma after it or, where it is the last, before it."""
        start, end = self._start(keyword), self._end(keyword)
        rest = self._source[end : self._end(call)]
        if rest.lstrip().startswith(b","):
            end += rest.index(b",") + 1
        else:
            head = self._source[self._end(call.func) : start]
            start -= len(head) - head.rindex(b",") if head.rstrip().endswith(b",") else 0
        self._add(keyword, "keyword", start=start, end=end, after="")

    # ---- statements ------------------------------------------------------------------------------------------------

    def _negate(self, test: ast.expr) -> None:
        is_negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        if not is_negated:
            text = self._source[self._start(test) : self._end(test)].decode()
            self._replace(test, "condition", f"(not ({text}))")

    def visit_If(self, node: ast.If) -> None:
        if not _is_for_programs(node.test):
            self._negate(node.test)
            self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._negate(test)
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self._replace(node.value, "return", "None")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self._replace(node, "statement", "pass")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets):
            self._replace(node, "statement", "pass")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._replace(node, "statement", "pass")
        self.generic_visit(node)

    def visit_Break(self, node: ast.Break) -> None:
        self._replace(node, "statement", "pass")

    def visit_Continue(self, node: ast.Continue) -> None:
        self._replace(node, "statement", "pass")

    # ---- what is not changed ---------------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._constant_kind = "default"
        for default in (*node.args.defaults, *(value for value in node.args.kw_defaults if value is not None)):
            self.visit(default)
        self._constant_kind = "constant"
        for statement in node.body:
            self.visit(statement)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for statement in node.body:
            self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        is_alias = isinstance(node.annotation, ast.Name) and node.annotation.id == "TypeAlias"
        if node.value is not None and not is_alias:
            self.visit(node.value)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Leave assertions: they tell the type checker what has been checked before."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave texts with values: before Python 3.12 their parts have no true position."""


def _is_for_programs(test: ast.expr) -> bool:
    """Tell whether a condition is ``TYPE_CHECKING`` or asks how the module was started."""
    return any(isinstance(node, ast.Name) and node.id in {"TYPE_CHECKING", "__name__"} for node in ast.walk(test))


def lines_of(mutants: list[Mutant]) -> Iterator[tuple[int, list[Mutant]]]:
    """Yield every line that can be changed, with its changes."""
    by_line: dict[int, list[Mutant]] = {}
    for mutant in mutants:
        by_line.setdefault(mutant.line, []).append(mutant)
    yield from sorted(by_line.items())
