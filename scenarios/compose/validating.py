"""Validating a composed tree part by part: a part that an earlier scenario had too is not validated again.

Input: a tree without templates.  Output: the scenario that validation of the whole tree gives.  A part is one entry of
a table of named things, such as one service or one pool.  Trees share the parts that nothing changed, and validated
models are never changed, so scenarios can share them as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from foundation.errors import ScenarioError
from foundation.identity import Identity
from scenarios.compose.merging import Tree, strip
from scenarios.model import FORMAT, Scenario
from scenarios.model.values import Table

__all__ = ["check_format", "validated"]

_MOST_PARTS: Final = 4_096
"""Parts that are remembered: those of a few halls and of their variants."""

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
    try:
        scenario = _by_parts(tree)
    except (ValidationError, ScenarioError):
        scenario = None
    return Scenario.model_validate(strip(tree)) if scenario is None else scenario


def _by_parts(tree: Tree) -> Scenario | None:
    """Return the scenario put together from its parts; ``None`` where a table is missing or is no table of tables."""
    if any(name not in tree for name in _NEEDED):
        return None
    tables: dict[str, dict[str, Any]] = {}
    for table in _TABLES:
        if table not in tree:
            continue
        entries = tree[table]
        if not isinstance(entries, dict):
            return None
        parts: dict[str, Any] = {}
        for name, node in entries.items():
            if not isinstance(node, dict):
                return None
            _check_name(table, name)
            parts[name] = _part(table, Identity(node))
        tables[table] = parts
    rest = {key: node for key, node in tree.items() if key not in _TABLES}
    head = Scenario.model_validate(strip(rest) | {name: {} for name in _NEEDED})
    return head.model_copy(update=tables)


@lru_cache(maxsize=_MOST_PARTS)
def _part(table: str, node: Identity[Tree]) -> Any:
    return _adapter(table, 1).validate_python(strip(node.value))


@lru_cache(maxsize=_MOST_PARTS)
def _check_name(table: str, name: str) -> None:
    _adapter(table, 0).validate_python(name)


@lru_cache
def _adapter(table: str, position: int) -> TypeAdapter[Any]:
    kind = _TABLES[table][position]
    is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
    return TypeAdapter(kind, config=None if is_model else Table.model_config)
