"""Formulas as text: the same text is computed and shown.

Input: a formula such as ``visits_now * days_per_month / items_now`` and what its names stand for.  Output: its value,
or the interval of its value if its inputs are intervals.  The page prints the same text, so no formula is typed twice.
A formula has the four operations and may call the functions of :data:`FUNCTIONS`.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import cache
from itertools import product
from typing import Any, Final, overload

from calibration.facts.spans import Span

__all__ = ["FUNCTIONS", "LEVEL", "evaluate", "least_windows", "names_in", "poisson_span", "tail", "tail_of_uneven_days"]

_OPERATIONS: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
LEVEL: Final = 0.95
"""Level of the intervals of counts."""


def poisson_span(count: float, *, level: float = LEVEL) -> Span:
    """Return the exact interval of a Poisson mean of which one count was seen (Garwood 1936).

    Parameters
    ----------
    count
        What was counted, 0 or more.
    level
        Confidence level; each tail beyond an end has half of the rest.
    """
    from scipy import stats

    rest = (1 - level) / 2
    low = float(stats.chi2.ppf(rest, 2 * count) / 2) if count > 0 else 0.0
    return Span(low, float(stats.chi2.ppf(1 - rest, 2 * count + 2) / 2))


def tail(count: float, mean: float) -> float:
    """Return the probability of `count` or more where `mean` are expected, each independently (Poisson)."""
    from scipy import stats

    return float(stats.poisson.sf(count - 1, mean))


def tail_of_uneven_days(count: float, mean: float, dispersion: float) -> float:
    """Return the probability of `count` or more where the variance is `dispersion` times the `mean`.

    The count is negative binomial: a Poisson count whose days differ by a gamma factor.  With a dispersion of 1 it
    is :func:`tail`.

    Parameters
    ----------
    count
        What was counted.
    mean
        Expected count.
    dispersion
        Variance over mean.
    """
    from scipy import stats

    if dispersion <= 1:
        return tail(count, mean)
    return float(stats.nbinom.sf(count - 1, mean / (dispersion - 1), 1 / dispersion))


def least_windows(load: float) -> float:
    """Return the fewest windows, sharing one queue, that keep up with an offered load: more than the load itself."""
    return load // 1 + 1


FUNCTIONS: Final[Mapping[str, Callable[..., float]]] = {
    "tail": tail,
    "tail_of_uneven_days": tail_of_uneven_days,
    "least_windows": least_windows,
}
"""Functions that a formula may call.  Each is monotone in each argument, so its extremes over spans lie at the ends of
the spans."""


@cache
def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


@cache
def names_in(formula: str) -> tuple[str, ...]:
    """Return the names that a formula needs, in the order in which they stand there."""
    names = [node for node in ast.walk(_parsed(formula)) if isinstance(node, ast.Name) and node.id not in FUNCTIONS]
    return tuple(dict.fromkeys(node.id for node in sorted(names, key=lambda node: node.col_offset)))


@overload
def evaluate(formula: str, values: Mapping[str, float]) -> float: ...
@overload
def evaluate(formula: str, values: Mapping[str, Span]) -> Span: ...
def evaluate(formula: str, values: Mapping[str, Any]) -> Any:
    """Return the value of a formula: a number if it is given numbers, a span if it is given spans.

    Parameters
    ----------
    formula
        Names, numbers, ``+ - * /``, parentheses and calls of :data:`FUNCTIONS`.
    values
        Numbers or spans by name.

    Raises
    ------
    KeyError
        If `values` lacks a name.
    ValueError
        If the text is no such formula.
    ZeroDivisionError
        If it divides by zero, or by a span that holds zero.
    """
    return _value(_parsed(formula), values)


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in FUNCTIONS:
            return _call(FUNCTIONS[name], [_value(argument, values) for argument in arguments])
        case _:
            raise ValueError(f"not part of a formula: {ast.unparse(node)}")


def _call(function: Callable[..., float], arguments: list[float | Span]) -> float | Span:
    if not any(isinstance(argument, Span) for argument in arguments):
        return function(*arguments)
    spans = [Span.of(argument) for argument in arguments]
    corners = [function(*corner) for corner in product(*((span.low, span.high) for span in spans))]
    return Span(min(corners), max(corners))
