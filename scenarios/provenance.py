"""Where the numbers of a scenario come from, number by number.

Input: a composed scenario.  Output: for every number in it, the entry of its provenance that counts; how many numbers
are published, derived, assumed, or without a source.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from scenarios.model import Provenance, Scenario
from scenarios.model.vocabulary import ProvenanceKind
from scenarios.paths import Path, is_glob, key_matches, matches, split

__all__ = ["KINDS", "Kind", "Sourced", "count_kinds", "entry_finder", "numbers", "sourced"]

Kind = Literal[ProvenanceKind, "unsourced"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_NO_FACTS: Final = ("format", "name", "title", "description", "levers", "provenance", "targets")
"""Top-level keys that state no fact about a hall."""
_QUANTITY: Final = re.compile(r"[+-]?\d")


@dataclass(frozen=True)
class Sourced:
    """One number of a scenario and where it comes from.

    Attributes
    ----------
    path, value
        Where it stands, and what stands there: a number, a quantity with its unit, a time, a date, or a list of them.
    entry
        The entry of the scenario's provenance that counts; ``None`` if there is none.
    """

    path: Path
    value: Any
    entry: Provenance | None

    @property
    def kind(self) -> Kind:
        """Kind of its source."""
        return "unsourced" if self.entry is None else self.entry.kind


def numbers(raw: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield path and value of every number, quantity, time of day and date of a composed table; a list is one value."""
    for key, value in raw.items():
        if key == "title" or (not path and key in _NO_FACTS):
            continue
        if isinstance(value, Mapping):
            yield from numbers(value, (*path, str(key)))
        elif any(map(_is_number, value if isinstance(value, list) else [value])):
            yield (*path, str(key)), value


def _is_number(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(True for _ in numbers(value, ("",)))
    if isinstance(value, str):
        return _QUANTITY.match(value) is not None
    return isinstance(value, (int, float, dt.date)) and not isinstance(value, bool)


def entry_finder(scenario: Scenario) -> Callable[[Path], str | None]:
    """Return what finds the entry of a scenario's provenance that counts for a path: its key, or ``None``.

    The entry whose path fits and is the longest counts, and the one with the fewest wildcards among those.
    """
    entries = [(split(text), text) for text in scenario.provenance]
    ranked = sorted(entries, key=lambda pair: (-len(pair[0]), sum(map(is_glob, pair[0]))))
    by_first: dict[str, list[tuple[Path, str]]] = {}  # most entries say in full where they begin

    def find(path: Path) -> str | None:
        first = path[0] if path else ""
        if first not in by_first:
            by_first[first] = [pair for pair in ranked if not pair[0] or key_matches(first, pair[0][0])]
        return next((text for pattern, text in by_first[first] if matches(path, pattern)), None)

    return find


def sourced(scenario: Scenario, raw: Mapping[str, Any]) -> list[Sourced]:
    """Return every number of a composed scenario with its source.

    Parameters
    ----------
    scenario, raw
        The scenario, and the table that it was made from (``Composed.raw``).
    """
    find = entry_finder(scenario)
    return [Sourced(path, value, scenario.provenance.get(find(path) or "")) for path, value in numbers(raw)]


def count_kinds(scenario: Scenario, raw: Mapping[str, Any]) -> dict[Kind, int]:
    """Return how many numbers of a scenario have each kind of source, in the order of :data:`KINDS`."""
    counts = Counter(number.kind for number in sourced(scenario, raw))
    return {kind: counts[kind] for kind in KINDS}
