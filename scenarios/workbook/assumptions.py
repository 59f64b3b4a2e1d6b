"""The assumptions of a scenario, the widest first.

Input: a composed scenario.  Output: for each assumed entry of its provenance that counts, its numbers and how wide its
range is against them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from foundation.errors import HallplanError
from foundation.units import parse_quantity
from scenarios.compose.composing import Composed
from scenarios.model import Provenance
from scenarios.provenance import entry_finder, numbers

__all__ = ["Assumption", "assumptions"]

_LEADING: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class Assumption:
    """One assumed entry of a provenance.

    Attributes
    ----------
    path, entry
        Its path, which may hold wildcards, and the entry.
    values
        The numbers for which it counts.
    width
        Width of its range, divided by the mean of those numbers that are of the range's kind, or else by the range's
        middle; 0 for a range that is no such interval.
    """

    path: str
    entry: Provenance
    values: tuple[Any, ...]
    width: float


def assumptions(composed: Composed) -> list[Assumption]:
    """Return the assumptions that count for some number, the widest first."""
    find, values = entry_finder(composed.scenario), dict[str, list[Any]]()
    for path, value in numbers(composed.raw):
        text = find(path)
        if text is not None:
            values.setdefault(text, []).append(value)
    rows = [
        Assumption(path, entry, tuple(values[path]), _width(entry, values[path]))
        for path, entry in composed.scenario.provenance.items()
        if entry.kind == "assumed" and path in values
    ]
    return sorted(rows, key=lambda row: (-row.width, row.path))


def _width(entry: Provenance, values: Sequence[Any]) -> float:
    first, second = map(_measured, entry.range or ("", ""))
    if first is None or second is None or first[1] != second[1]:
        return 0.0
    (low, unit), high = first, second[0]
    alike = [pair[0] for value in values if (pair := _measured(value)) is not None and pair[1] == unit and pair[0]]
    typical = sum(alike) / len(alike) if alike else (low + high) / 2
    return (high - low) / typical if typical else 0.0


def _measured(value: Any) -> tuple[float, str] | None:
    """Return a number with what it counts: a clock, or the words behind it; ``None`` for what is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        quantity = parse_quantity(value)
    except HallplanError:
        match = _LEADING.fullmatch(str(value))
        return (float(match[1]), match[2]) if match else None
    return quantity.value, quantity.clock
