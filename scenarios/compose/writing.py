"""Writing scenarios: as a canonical text and its fingerprint, and as a file that composes back to the same scenario.

Input: a validated scenario, or the table that it was validated from.  Output: text.  The order of named things is
kept everywhere, because it is part of a scenario: steps follow one another in it, and ties are broken by it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from foundation.units import Quantity
from scenarios.compose.shape import holds_named_things, is_one_value, is_route
from scenarios.model import Scenario
from scenarios.model.values import is_by_weekday
from scenarios.paths import Path

if TYPE_CHECKING:
    from tomlkit.items import Item, Table

__all__ = ["canonical", "file_toml", "fingerprint", "to_toml"]

_FIXED_KEYS: Final = ("visits", "hours", "weekday", "month")
"""Tables whose keys are known beforehand, so that their order says nothing."""


def canonical(scenario: Scenario) -> str:
    """Return one text for all scenarios that are equal, order included, and for no others.

    It is JSON: fields in alphabetical order, defaults included, tables of free names as lists of pairs in their order,
    floats to the last bit.
    """
    return json.dumps(_plain(scenario, ""), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def fingerprint(scenario: Scenario) -> str:
    """Return the SHA-256 of :func:`canonical`, in hexadecimal: 64 characters that name the scenario."""
    return hashlib.sha256(canonical(scenario).encode("utf-8")).hexdigest()


def _plain(value: Any, field: str) -> Any:
    if isinstance(value, BaseModel):
        named = {**{name: getattr(value, name) for name in type(value).model_fields}, **(value.model_extra or {})}
        return {name: _plain(named[name], name) for name in sorted(named)}
    if isinstance(value, Mapping):
        keys = sorted(value) if field in _FIXED_KEYS else list(value)
        return [[key, _plain(value[key], "")] for key in keys]
    if isinstance(value, (list, tuple)):
        return [_plain(item, "") for item in value]
    if isinstance(value, Quantity):
        return [value.value, value.clock]
    return value.isoformat() if isinstance(value, dt.date) else value


def to_toml(raw: Mapping[str, Any]) -> str:
    """Write the table of a composed scenario (``Composed.raw``) as a file that composes to an equal scenario.

    The levers that were applied are already in its numbers: they are noted as ``levers_applied``.
    """
    return file_toml({("levers_applied" if key == "levers" else key): value for key, value in raw.items()})


def file_toml(table: Mapping[str, Any]) -> str:
    """Write the table of a scenario file as it is: its levers are yet to be applied."""
    import tomlkit

    document = tomlkit.document()
    _fill(document, table, ())
    return tomlkit.dumps(document)


def _fill(target: Any, table: Mapping[str, Any], path: Path) -> None:
    """Put the entries of a table into a section: what stands on one line first, then sections of their own."""
    sections = {key: value for key, value in table.items() if _is_section(value, (*path, key))}
    for key, value in table.items():
        if key not in sections and not (key == "levers_applied" and not value):
            target.add(key, _on_one_line(value))
    for key, value in sections.items():
        target.add(key, _section(value, (*path, key)))


def _is_section(value: Any, path: Path) -> bool:
    if not isinstance(value, Mapping):
        return False
    if path[-1] == "profile" and is_one_value(path):
        return is_by_weekday(value)
    named = path[0] not in ("provenance", "targets") and holds_named_things(path[:-1])
    return len(path) == 1 or holds_named_things(path) or (named and not is_route(path[:-1]))


def _section(table: Mapping[str, Any], path: Path) -> Table:
    import tomlkit

    only_sections = bool(table) and all(_is_section(value, (*path, key)) for key, value in table.items())
    section = tomlkit.table(is_super_table=only_sections)
    _fill(section, table, path)
    return section


def _on_one_line(value: Any) -> Item:
    import tomlkit

    if isinstance(value, Mapping):
        inline = tomlkit.inline_table()
        for key, inner in value.items():
            inline.add(key, _on_one_line(inner))
        return inline
    if isinstance(value, (list, tuple)):
        array = tomlkit.array()
        for inner in value:
            array.append(_on_one_line(inner))
        return array
    item: Item = tomlkit.item(value)
    return item
