"""Faults with their place, and what every check asks: does the name exist, is the law of the right kind?

Input: a path and what stands there.  Output: a :class:`ScenarioError` whose path says where, raised or returned.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from foundation.errors import HallplanError, ScenarioError
from scenarios.model import Law
from scenarios.model.laws import BY_RANGE, mean_of
from scenarios.paths import Path, dotted, suggestion

__all__ = ["fault", "require_name", "require_plain", "require_time"]


def fault(key: str, path: Path, /, **values: Any) -> ScenarioError:
    """Return the fault with this message at a path."""
    return ScenarioError(key, **values).at(path=dotted(path))


def require_name(name: str, things: Iterable[str], kind: str, path: Path) -> None:
    """Insist that `name` is one of `things`.

    Parameters
    ----------
    name, things
        The name, and the names that exist.
    kind
        Message key of what they are.
    path
        Where the name stands.

    Raises
    ------
    ScenarioError
        If there is no such name.
    """
    names = list(things)
    if name not in names:
        near = suggestion(name, names)
        raise fault("error.unknown_name", path, kind=HallplanError(kind), name=name, near=near)


def require_plain(law: Law | None, path: Path, *, may_be_early: bool = False) -> None:
    """Insist on a law in plain minutes; only one that `may_be_early` may be negative."""
    if law is not None and law.clock != "plain":
        raise fault("error.law_must_be_plain", path)
    _not_negative(law, path, may_be_early=may_be_early)


def require_time(law: Law | None, path: Path) -> None:
    """Insist on a law of time, on whichever clock."""
    if law is not None and law.clock == "number":
        raise fault("error.law_must_be_time", path)
    _not_negative(law, path, may_be_early=False)


def _not_negative(law: Law | None, path: Path, *, may_be_early: bool) -> None:
    if law is None or may_be_early:
        return
    for part in law.mixture or []:
        _not_negative(part, path, may_be_early=False)
    lowest = law.low if law.dist in BY_RANGE else None
    if lowest is not None and lowest.value < 0:
        raise fault("error.law_negative", path)
    if mean_of(law) < 0:
        raise fault("error.law_negative", path)
