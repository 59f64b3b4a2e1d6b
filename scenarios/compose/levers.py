"""Levers: named, documented patches on a scenario, such as "pool the windows" or "add staff".

Input: a lever, choices for its parameters, and a scenario that is being composed.  Output: the scenario with the lever
applied, or a sentence that says why it does not apply.  ``docs/reference/scenario-format.md`` states the rules (globs,
what may be created, how things scale); ``docs/decisions/0011-levers-as-patches.md`` gives the reasons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from foundation.errors import ScenarioError
from scenarios.compose.lever_files import (
    Cost,
    Lever,
    LeverFile,
    LeverUse,
    Move,
    OutsideStaff,
    Parameter,
    lever,
    lever_beside,
    levers,
)
from scenarios.compose.merging import PLACES, Tree, merge, names_law_form, plant
from scenarios.compose.moving import moved
from scenarios.compose.operations import Operation, Verb, apply_operations
from scenarios.compose.shape import is_law, is_one_value
from scenarios.paths import Path, split, suggestion

__all__ = [
    "Cost",
    "Lever",
    "LeverFile",
    "LeverUse",
    "Move",
    "Operation",
    "OutsideStaff",
    "Parameter",
    "apply_lever",
    "apply_operations",
    "lever",
    "lever_beside",
    "levers",
]

_PARAMETER: Final = re.compile(r"\$\{([^}]*)\}")


def apply_lever(tree: Tree, lever: Lever, use: LeverUse, *, scenario: str) -> Tree:
    """Return the scenario with the lever applied.

    Parameters
    ----------
    tree
        The scenario so far.
    lever, use
        The lever and the choices for its parameters.
    scenario
        What messages call the scenario.

    Raises
    ------
    ScenarioError
        If a parameter is missing, unknown or of another type, or one of the lever's operations finds nothing.
    """
    choices = _choices(lever, use)
    spec = lever.spec
    try:
        removals = [Operation("remove", split(text)) for text in _fill(spec.remove, choices, lever)]
    except ScenarioError as error:
        raise error.at(file=lever.origin, path="remove") from None
    tables: list[tuple[Verb, dict[str, Any]]] = [("set", spec.set), ("scale", spec.scale), ("add", spec.add)]
    operations = [operation for verb, table in tables for operation in _operations(verb, _fill(table, choices, lever))]
    names = {"origin": lever.origin, "lever": str(use), "scenario": scenario}
    patched = apply_operations(tree, operations, **names)
    for source, move in spec.move.items():
        choice = _fill({"source": source, "to": move.to, "share": move.share}, choices, lever)
        patched = moved(patched, **choice, **names)
    patched = apply_operations(patched, removals, **names)
    if lever.provenance:
        sources = plant({"provenance": _fill(lever.provenance, choices, lever)}, lever.origin)
        patched = merge(patched, sources)
    return patched


def _choices(lever: Lever, use: LeverUse) -> dict[str, Any]:
    parameters = lever.spec.parameters
    for name, value in use.parameters.items():
        if name not in parameters:
            near = suggestion(name, parameters)
            raise ScenarioError("error.lever_parameter_unknown", lever=lever.name, name=name, near=near)
        default = parameters[name].default
        if default is not None and isinstance(default, str) != isinstance(value, str):
            raise ScenarioError("error.lever_parameter_type", lever=lever.name, name=name, value=value, default=default)
    choices = {name: use.parameters.get(name, parameters[name].default) for name in parameters}
    missing = [name for name, value in choices.items() if value is None]
    if missing:
        example = LeverUse(lever.name, dict.fromkeys(missing, "…"))
        raise ScenarioError(
            "error.lever_parameter_missing", lever=lever.name, name=", ".join(missing), example=str(example)
        )
    return choices


def _fill(value: Any, choices: Mapping[str, Any], lever: Lever) -> Any:
    """Put the choices where ``${name}`` stands; a text that is nothing else takes the choice's type."""
    if isinstance(value, Mapping):
        return {_fill_text(key, choices, lever): _fill(node, choices, lever) for key, node in value.items()}
    if isinstance(value, list):
        return [_fill(item, choices, lever) for item in value]
    if not isinstance(value, str):
        return value
    alone = _PARAMETER.fullmatch(value)
    return choices[alone[1]] if alone and alone[1] in choices else _fill_text(value, choices, lever)


def _fill_text(text: str, choices: Mapping[str, Any], lever: Lever) -> str:
    def choice(match: re.Match[str]) -> str:
        if match[1] not in choices:
            near = suggestion(match[1], choices)
            raise ScenarioError("error.lever_parameter_unknown", lever=lever.name, name=match[1], near=near).at(
                file=lever.origin
            )
        return str(choices[match[1]])

    return _PARAMETER.sub(choice, text)


def _operations(verb: Verb, table: Mapping[str, Any], path: Path = ()) -> Iterator[Operation]:
    """Walk a lever's table down to its values: what is no table, or a table that is one value."""
    for key, value in table.items():
        here = (*path, key)
        one_value = (
            not isinstance(value, Mapping)
            or not value
            or is_one_value(here)
            or (is_law(here) and names_law_form(value))
            or any(place in value for place in PLACES)
        )
        if one_value:
            yield Operation(verb, here, value)
        else:
            yield from _operations(verb, value, here)
