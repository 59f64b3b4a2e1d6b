"""What things of a scenario are called in a language: the scenario itself, its services and its pools.

Input: a scenario and a name.  Output: the title in the language in use, or the name where it has none.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from foundation import messages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from foundation.messages import Language
    from scenarios.model import Scenario, Text

__all__ = [
    "heading",
    "in_language",
    "judged_title",
    "lever_titles",
    "pool_title",
    "service_title",
    "weekday_names",
    "yes_or_no",
]


def in_language(text: Text, fallback: str, language: Language | None = None) -> str:
    """Return a scenario's text in a language, or `fallback` where it has none."""
    return text.said(language) or fallback


def heading(scenario: Scenario) -> str:
    """Return a scenario's title and name."""
    title = in_language(scenario.title, "")
    return f"{title} [{scenario.name}]" if title else scenario.name


def pool_title(scenario: Scenario, name: str, language: Language | None = None) -> str:
    """Return what a pool is called; of one that the scenario does not have, its name."""
    pool = scenario.pools.get(name)
    return in_language(pool.title, name, language) if pool is not None else name


def service_title(scenario: Scenario, name: str, language: Language | None = None) -> str:
    """Return what a service is called; of one that the scenario does not have, its name."""
    service = scenario.services.get(name)
    return in_language(service.title, name, language) if service is not None else name


def lever_titles(uses: str, language: Language | None = None) -> str:
    """Return what levers are called that are taken together, by their uses with ``+`` between them.

    A lever that is not built in has its name.
    """
    from scenarios.compose.levers import levers

    titles = {lever.name: lever.spec.title for lever in levers()}
    parts = []
    for use in uses.split("+"):
        name, _, parameters = use.partition(":")
        title = in_language(titles[name], name, language) if name in titles else name
        parts.append(f"{title} ({parameters})" if parameters else title)
    return " + ".join(parts)


def judged_title(scenario: Scenario, items: Sequence[str]) -> str:
    """Return what is judged as one: the title of an item, or how many rare items there are."""
    if len(items) == 1:
        return service_title(scenario, items[0])
    return messages.text("cli.promise.pooled", n=len(items))


def weekday_names(weekdays: Sequence[int]) -> str:
    """Return the names of weekdays, by their numbers, Monday 0; three or more in a row as the first and the last."""
    from scenarios.model import WEEKDAYS

    parts: list[str] = []
    for _, numbered in groupby(enumerate(weekdays), key=lambda entry: entry[1] - entry[0]):
        names = [messages.text(f"cli.weekday.{WEEKDAYS[day]}") for _, day in numbered]
        in_a_row = len(names) > 2
        parts += [messages.text("cli.weekday.run", first=names[0], last=names[-1])] if in_a_row else names
    return messages.text("cli.weekday.and").join(parts)


def yes_or_no(value: bool) -> str:
    """Return the word for whether something is so."""
    return messages.text("cli.verdict.yes" if value else "cli.verdict.no")
