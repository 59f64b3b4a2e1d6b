"""Where the numbers of a scenario come from, number by number.

Input: a composed scenario.  Output: for every number in it, the entry of its provenance that counts; how many numbers
are published, given, derived, assumed, or without a source.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from scenarios.model import Provenance, Scenario
from scenarios.model.vocabulary import ProvenanceKind
from scenarios.paths import Path, is_glob, key_matches, split

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


@dataclass
class _Entries:
    """Entries of a provenance that share the first keys of their paths.

    Attributes
    ----------
    keys, globs
        Entries that go on, by their next key; apart, those in which it has wildcards.
    ends
        Entries whose path ends here: how many wildcards it has, its place in the file, and its text.
    """

    keys: dict[str, _Entries] = field(default_factory=dict)
    globs: dict[str, _Entries] = field(default_factory=dict)
    ends: list[tuple[int, int, str]] = field(default_factory=list)

    def matching(self, key: str) -> list[_Entries]:
        """Return the entries that go on with a key."""
        fitting = [entries for pattern, entries in self.globs.items() if key_matches(key, pattern)]
        return [*fitting, self.keys[key]] if key in self.keys else fitting


def entry_finder(scenario: Scenario) -> Callable[[Path], str | None]:
    """Return what finds the entry of a scenario's provenance that counts for a path: its key, or ``None``.

    The entry whose path fits and is the longest counts, and the one with the fewest wildcards among those.
    """
    root = _Entries()
    for place, text in enumerate(scenario.provenance):
        entries = root
        pattern = split(text)
        for key in pattern:
            entries = (entries.globs if is_glob(key) else entries.keys).setdefault(key, _Entries())
        entries.ends.append((sum(map(is_glob, pattern)), place, text))

    def find(path: Path) -> str | None:
        level, deepest = [root], root.ends
        for key in path:
            level = [entries for above in level for entries in above.matching(key)]
            if not level:
                break
            deepest = [end for entries in level for end in entries.ends] or deepest
        return min(deepest)[-1] if deepest else None

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
