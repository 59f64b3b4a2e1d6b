"""From what pydantic finds wrong to one sentence: what, where, and what to do.

Input: a validation error and the table that was validated.  Output: a :class:`ScenarioError` with the path of the
offending key.  Nothing of pydantic's own wording reaches a user.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from foundation.errors import HallplanError, ScenarioError
from scenarios.paths import dotted, suggestion

__all__ = ["KnownKeys", "from_pydantic"]

_EXPECTED: Final = {
    "int": "error.type.whole_number",
    "float": "error.type.number",
    "string": "error.type.text",
    "bool": "error.type.yes_no",
    "list": "error.type.list",
    "tuple": "error.type.pair",
    "dict": "error.type.table",
    "model": "error.type.table",
    "dataclass": "error.type.quantity",
    "date": "error.type.date",
}
"""First word of pydantic's error types: what the message says was expected."""

_LIMITS: Final = {
    "greater_than": ("gt", "error.limit.above"),
    "greater_than_equal": ("ge", "error.limit.at_least"),
    "less_than": ("lt", "error.limit.below"),
    "less_than_equal": ("le", "error.limit.at_most"),
    "too_short": ("min_length", "error.limit.entries_at_least"),
    "too_long": ("max_length", "error.limit.entries_at_most"),
}

_MEANT_BY: Final = {
    "rate": ("per_day", "every"),
    "interval": ("every",),
    "capacity": ("servers", "room"),
    "staff": ("servers",),
    "distribution": ("dist",),
    "duration": ("work", "delay"),
    "time": ("work", "delay", "times"),
}
"""Words of textbooks that are no keys here, and the keys that say it."""


KnownKeys: TypeAlias = Callable[[tuple[str, ...]], list[str]]
"""Tells the keys that fit into the table at a path."""


def from_pydantic(
    error: ValidationError, raw: Mapping[str, Any], known_keys: KnownKeys
) -> tuple[ScenarioError, tuple[str, ...]]:
    """Return the first fault as a sentence; an unknown key goes before what its misspelling left missing.

    Parameters
    ----------
    error
        What pydantic found.
    raw
        The table that was validated.
    known_keys
        What tells the keys known at a path, for suggestions.

    Returns
    -------
    tuple
        The sentence, and the keys of the table that lead to the fault.
    """
    details = sorted(error.errors(include_url=False), key=lambda detail: detail["type"] != "extra_forbidden")
    detail = details[0]
    path = _place(detail["loc"], raw)
    lists = [position for position, key in enumerate(path) if isinstance(key, int)]
    keys = tuple(str(key) for key in path[: lists[0] if lists else None])
    return _sentence(detail, path, known_keys).at(path=dotted(path)), keys


def _place(location: tuple[int | str, ...], raw: Any) -> list[int | str]:
    """Follow pydantic's location through the table, dropping what is no key of it (tags, expanded shorthands)."""
    path: list[int | str] = []
    here = raw
    last = len(location) - 1
    for position, key in enumerate(location):
        inside = range(len(here)) if isinstance(here, list) else here if isinstance(here, Mapping) else ()
        if key in inside:
            here = here[key]
        elif isinstance(here, Mapping) and position == last and isinstance(key, str) and key[0] not in "[<":
            here = None  # a key that is missing
        else:
            continue
        path.append(key)
    return path


def _sentence(detail: ErrorDetails, path: list[int | str], known_keys: KnownKeys) -> ScenarioError:
    kind, value = detail["type"], detail["input"]
    context = detail.get("ctx", {})
    fault = context.get("error")
    if isinstance(fault, ScenarioError):
        return fault
    if kind == "extra_forbidden":
        names = known_keys(tuple(str(key) for key in path[:-1]))
        meant = [name for name in _MEANT_BY.get(str(path[-1]), ()) if name in names]
        near = HallplanError("error.did_you_mean", names=", ".join(meant)) if meant else suggestion(path[-1], names)
        return ScenarioError("error.unknown_key", name=path[-1], near=near)
    if kind == "missing":
        return ScenarioError("error.missing_key", name=path[-1] if path else "")
    if kind == "literal_error":
        names = [word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
        return ScenarioError("error.not_one_of", value=value, near=suggestion(value, names))
    if kind in _LIMITS:
        name, key = _LIMITS[kind]
        limit = HallplanError(key, n=_limit(context[name]))
        return ScenarioError("error.out_of_range", value=_brief(value), limit=limit)
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if kind == "finite_number" or (kind == "float_type" and is_integer):  # an integer beyond all floats
        return ScenarioError("error.not_finite", value=value)
    expected = _EXPECTED.get(kind.partition("_")[0], "error.type.other")
    return ScenarioError("error.wrong_type", value=_brief(value), expected=HallplanError(expected))


def _limit(value: Any) -> Any:
    """Return a limit as a sentence shows it: a whole number without a decimal."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _brief(value: Any) -> Any:
    return "{…}" if isinstance(value, Mapping) else "[…]" if isinstance(value, list) else value
