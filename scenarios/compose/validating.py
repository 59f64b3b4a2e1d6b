"""Validating a composed tree part by part: a part that an earlier scenario had too is not validated again.

Input: a tree without templates, or a plain table.  Output: the scenario that validation of the whole gives.  A part is
one entry of a table of named things, such as one service or one pool.  Trees share the parts that nothing changed, and
validated models are never changed, so scenarios can share them as well.  Services of a kind have equal steps: a step is
validated once for all of them.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias, get_args, get_origin

from pydantic import BaseModel, TypeAdapter

from foundation.errors import ScenarioError
from foundation.identity import Identity
from scenarios.compose.merging import Tree, strip
from scenarios.model import FORMAT, Scenario, Step
from scenarios.model.values import Table

__all__ = ["check_format", "validated", "validated_table"]

_MOST_PARTS: Final = 4_096
"""Parts that are remembered: those of a few halls and of their variants."""
_MOST_STEPS: Final = 8_192
_WITHOUT_REFERENCES: Final = 2
"""Version of ``marshal`` in which equal contents have equal bytes."""

_TABLES: Final = {
    name: get_args(field.annotation)
    for name, field in Scenario.model_fields.items()
    if get_origin(field.annotation) is dict
}
"""Tables of named things, with the types of a name and of a part."""

_NEEDED: Final = [name for name in _TABLES if Scenario.model_fields[name].is_required()]


def check_format(raw: Mapping[str, Any], *, name: str) -> None:
    """Refuse a file that states no version of the format, or another one.

    Raises
    ------
    ScenarioError
        With the file's name and the key.
    """
    if "format" not in raw:
        raise ScenarioError("error.format_missing", format=FORMAT).at(file=name, path="format")
    if raw["format"] != FORMAT:
        raise ScenarioError("error.format_unknown", value=raw["format"], format=FORMAT).at(file=name, path="format")


def validated(tree: Tree) -> Scenario:
    """Return the scenario that a tree holds.

    Raises
    ------
    ValidationError
        If it holds a fault; the error is that of the whole tree, faults in their order.
    """
    return _validated(tree, strip)


def validated_table(raw: Mapping[str, Any]) -> Scenario:
    """Return the scenario that a plain table holds, as :func:`validated` does; the table must not be changed later.

    Raises
    ------
    ValidationError
        If it holds a fault.
    """
    return _validated(raw, dict)


Plain: TypeAlias = Callable[[Any], dict[str, Any]]
"""What makes a plain table of a part."""


def _validated(contents: Mapping[str, Any], plain: Plain) -> Scenario:
    """Return the scenario put together from its parts; validate the whole for its faults, in their order."""
    try:
        scenario = _by_parts(contents, plain)
    except ValueError:  # of pydantic's, or our own
        scenario = None
    return Scenario.model_validate(plain(contents)) if scenario is None else scenario


def _by_parts(contents: Mapping[str, Any], plain: Plain) -> Scenario | None:
    """Return the scenario put together from its parts; ``None`` where a table is missing or is no table of tables."""
    if any(name not in contents for name in _NEEDED):
        return None
    tables: dict[str, dict[str, Any]] = {}
    for table in _TABLES:
        if table not in contents:
            continue
        entries = contents[table]
        if not isinstance(entries, dict):
            return None
        parts: dict[str, Any] = {}
        for name, node in entries.items():
            if not isinstance(node, dict):
                return None
            _check_name(table, name)
            parts[name] = _part(table, Identity(node), plain)
        tables[table] = parts
    rest = {key: node for key, node in contents.items() if key not in _TABLES}
    head = Scenario.model_validate(plain(rest) | {name: {} for name in _NEEDED})
    return head.model_copy(update=tables)


@lru_cache(maxsize=_MOST_PARTS)
def _part(table: str, node: Identity[dict[str, Any]], plain: Plain) -> Any:
    part = plain(node.value)
    if table == "routes":
        part = _with_steps(part)
    elif table == "services":
        part = {key: _with_steps(value) if key == "case" else value for key, value in part.items()}
        if isinstance(visits := part.get("visits"), dict):
            part["visits"] = {purpose: _with_steps(route) for purpose, route in visits.items()}
    return _adapter(table, 1).validate_python(part)


def _with_steps(route: Any) -> Any:
    """Return a route with validated steps in the place of their tables; a name, or what is no route, as it is."""
    if not isinstance(route, dict):
        return route
    return {name: _step(_content(step)) if isinstance(step, dict) else step for name, step in route.items()}


def _content(step: dict[str, Any]) -> bytes:
    """Return the bytes of a step's table: the same for equal ones.

    Raises
    ------
    ValueError
        If it holds what is in no step, such as a date.
    """
    return marshal.dumps(step, _WITHOUT_REFERENCES)


@lru_cache(maxsize=_MOST_STEPS)
def _step(content: bytes) -> Step:
    return Step.model_validate(marshal.loads(content))  # noqa: S302 - our own bytes, made just now


@lru_cache(maxsize=_MOST_PARTS)
def _check_name(table: str, name: str) -> None:
    _adapter(table, 0).validate_python(name)


@lru_cache
def _adapter(table: str, position: int) -> TypeAdapter[Any]:
    kind = _TABLES[table][position]
    is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
    return TypeAdapter(kind, config=None if is_model else Table.model_config)
