"""A plan as a scenario file: what it extends, its levers, and its own values.

Input: a composed scenario, and what it was made of.  Output: the text of a file that composes to the same scenario.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from foundation.errors import ScenarioError
from scenarios.compose.composing import Composed, compose_table
from scenarios.compose.levers import LeverUse
from scenarios.compose.writing import file_toml, to_toml
from scenarios.paths import is_glob, split
from sim.run.keys import scenario_digest

__all__ = ["plan_text"]


def plan_text(
    composed: Composed,
    *,
    title: str,
    extends: str = "",
    levers: Sequence[LeverUse] = (),
    overrides: Mapping[str, Any] | None = None,
    file: Path | None = None,
) -> str:
    """Return a plan as a scenario file, as short as can be.

    The file says what it extends, which levers it pulls and which values it sets.  Where that would be another
    scenario (a lever of the base is left out, for instance), it is the complete scenario instead.

    Parameters
    ----------
    composed
        The plan.
    title
        What the file calls it.
    extends
        Name of the built-in scenario that it starts from, or ``NAME.toml`` of a plan beside `file`; "" for neither.
    levers, overrides
        What was applied to that, as for :meth:`scenarios.compose.composing.Composed.changed`.
    file
        Where the text will be saved.
    """
    changes = dict(overrides or {})
    if extends and not any(is_glob(key) for path in changes for key in split(path)):
        table = {"format": 1, "title": title, "extends": extends, "levers": [_entry(use) for use in levers]}
        table = {key: value for key, value in table.items() if value}
        for path, value in changes.items():
            _set(table, split(path), value)
        if _is_same(table, composed, title, file):
            return file_toml(table)
    return to_toml({**composed.raw, "title": title})


def _entry(use: LeverUse) -> str | dict[str, Any]:
    return {"use": use.name, **use.parameters} if use.parameters else use.name


def _set(table: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for key in path[:-1]:
        table = table.setdefault(key, {})
    table[path[-1]] = value


def _is_same(table: dict[str, Any], composed: Composed, title: str, file: Path | None) -> bool:
    try:
        again = compose_table(table, name=title, file=file)
    except ScenarioError:
        return False
    return scenario_digest(again.scenario) == scenario_digest(composed.scenario)
