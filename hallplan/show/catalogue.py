"""What comes with the package: scenarios and levers, as tables of text and as JSON.

Input: the tables of the built-in scenario files, and the levers.  Output: tables and documents.  Nothing that takes
long is imported here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from foundation import messages
from foundation.numbers import number
from hallplan.show.document import envelope
from hallplan.show.text_table import TextTable, columns
from hallplan.show.words import in_language

if TYPE_CHECKING:
    from scenarios.compose.levers import Lever

__all__ = ["levers_document", "levers_table", "scenarios_document", "scenarios_table"]


def _in_languages(text: Any) -> dict[str, str]:
    """Return a text of a file in every language: one without a language is the same in all."""
    if isinstance(text, Mapping):
        return {language: str(text.get(language, "")) for language in messages.LANGUAGES}
    return dict.fromkeys(messages.LANGUAGES, str(text))


def scenarios_table(raw_by_name: Mapping[str, Mapping[str, Any]]) -> TextTable:
    """Return one row a built-in scenario, from what their files say: name, title, description."""
    language = messages.language()
    rows = tuple(
        (name, *(_in_languages(raw.get(key, ""))[language] for key in ("title", "description")))
        for name, raw in raw_by_name.items()
    )
    return TextTable(columns("name", "title", "description"), rows, notes=(messages.text("cli.note.scenarios"),))


def scenarios_document(raw_by_name: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the document of ``hallplan scenarios``."""
    return envelope(
        "scenarios",
        scenarios=[
            {"name": name, **{key: _in_languages(raw.get(key, "")) for key in ("title", "description")}}
            for name, raw in raw_by_name.items()
        ],
    )


def levers_table(levers: Sequence[Lever]) -> TextTable:
    """Return one row a lever: name, title, parameters, source, whether it is from a later year, cost."""
    rows = tuple(
        (
            lever.name,
            in_language(lever.spec.title, lever.name),
            ", ".join(
                key if parameter.default is None else f"{key}={parameter.default}"
                for key, parameter in lever.spec.parameters.items()
            ),
            in_language(lever.spec.source, ""),
            messages.text("cli.verdict.yes") if lever.spec.later else "",
            _cost(lever),
        )
        for lever in levers
    )
    headings = columns("name", "title", "parameters", "source", "later", "cost")
    return TextTable(headings, rows, notes=(messages.text("cli.note.levers"),))


def _cost(lever: Lever) -> str:
    cost, parts = lever.spec.cost, []
    if cost.one_off_yuan:
        parts.append(messages.text("cli.cost.one_off", yuan=number(cost.one_off_yuan, "yuan")))
    if cost.every_year_yuan:
        parts.append(messages.text("cli.cost.per_year", yuan=number(cost.every_year_yuan, "yuan")))
    note = in_language(cost.note, "")
    return messages.text("cli.semicolon").join([*parts, *([note] if note else [])])


def levers_document(levers: Sequence[Lever]) -> dict[str, Any]:
    """Return the document of ``hallplan levers``."""
    return envelope(
        "levers",
        levers=[
            {
                "name": lever.name,
                "title": lever.spec.title.model_dump(),
                "why": lever.spec.why.model_dump(),
                "source": in_language(lever.spec.source, ""),
                "later": lever.spec.later,
                "cost": lever.spec.cost.model_dump() | {"per_year_yuan": lever.spec.cost.every_year_yuan},
                "parameters": {
                    name: {"default": parameter.default, "title": parameter.title.model_dump()}
                    for name, parameter in lever.spec.parameters.items()
                },
            }
            for lever in levers
        ],
    )
