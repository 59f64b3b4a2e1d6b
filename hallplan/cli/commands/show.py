"""``hallplan show``: every number of a composed scenario, and where it comes from.

Input: a scenario and a path in it.  Output: tables, JSON or TOML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from foundation.errors import HallplanError
from hallplan.cli import options
from hallplan.cli.faults import UsageError
from hallplan.cli.output import show, show_json, show_text
from hallplan.cli.studies import composed_of

if TYPE_CHECKING:
    from scenarios.compose.composing import Composed

__all__ = ["show_command"]


def show_command(
    scenario: options.ScenarioName,
    path: Annotated[str, typer.Option("--path", metavar="PATH", help="cli.option.path")] = "",
    lever: options.LeverTexts = None,
    set_: options.SetTexts = None,
    toml: Annotated[bool, typer.Option("--toml", help="cli.option.toml")] = False,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Show a composed scenario: every number, and where it comes from."""
    if toml and json:
        raise UsageError("cli.usage.toml_or_json")
    composed = composed_of(scenario, lever, set_)
    from scenarios.paths import matches, split
    from scenarios.provenance import sourced

    try:
        pattern = split(path) if path else ()
    except HallplanError as error:
        raise UsageError(error.key, **error.values) from None
    part = _part(composed, pattern)
    if toml:
        from scenarios.compose.writing import to_toml

        show_text(to_toml(part))
        return
    numbers = [number for number in sourced(composed.scenario, composed.raw) if matches(number.path, pattern)]
    from hallplan.show.evidence import overview_table, show_document, sources_table

    if json:
        show_json(show_document(composed, numbers, part))
        return
    table = sources_table(numbers, composed.origin)
    show([table] if pattern else [overview_table(composed.scenario), table])


def _part(composed: Composed, pattern: tuple[str, ...]) -> dict[str, Any]:
    """Return the composed table without what a pattern doesn't mean."""
    from scenarios.paths import dotted, key_matches, suggestion

    def cut(table: Mapping[str, Any], rest: tuple[str, ...], done: tuple[str, ...]) -> dict[str, Any]:
        if not rest:
            return dict(table)
        matching = [key for key in table if key_matches(key, rest[0])]
        if not matching and not any("*" in key or "?" in key for key in (*done, rest[0])):
            raise HallplanError(
                "cli.fault.no_path", path=dotted((*done, rest[0])), near=suggestion(rest[0], table), name=composed.name
            )
        cut_table = {}
        for key in matching:
            if len(rest) == 1:
                cut_table[key] = table[key]
            elif isinstance(table[key], Mapping) and (inner := cut(table[key], rest[1:], (*done, rest[0]))):
                cut_table[key] = inner
        return cut_table

    part = cut(composed.raw, pattern, ())
    if not part:
        raise HallplanError(
            "cli.fault.no_path", path=dotted(pattern), near=suggestion("", composed.raw), name=composed.name
        )
    return part
