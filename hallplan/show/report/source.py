"""What a report is made from: the comparison, the scenarios as composed, and how to ask for it again.

Input: a comparison and its scenarios.  Output: :class:`ReportSource`, with what the plans are called.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foundation import messages
from hallplan.show.report.lettering import plain_line
from hallplan.show.words import in_language, pool_title
from planner.compare import Comparison
from planner.outlook import Outlook
from scenarios.compose.composing import Composed
from scenarios.compose.levers import LeverUse, levers
from scenarios.model import Scenario

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ReportSource", "plan_titles"]


@dataclass(frozen=True, eq=False)
class ReportSource:
    """A comparison and everything that a report says of it.

    Attributes
    ----------
    comparison
        The plans, the base first.
    composed
        Their scenarios, with the sources of their numbers.
    outlooks
        What is known of each before it is run.
    command
        The command that makes the report.
    """

    comparison: Comparison
    composed: tuple[Composed, ...]
    outlooks: tuple[Outlook, ...]
    command: str

    @property
    def scenarios(self) -> list[Scenario]:
        """The scenarios."""
        return [run.scenario for run in self.comparison.runs]

    @property
    def titles(self) -> tuple[str, ...]:
        """What the plans are called, in the language in use."""
        return plan_titles(self.scenarios)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the headline of every plan, for :func:`sim.measure.export.export`."""
        from hallplan.show.report.verdict import numbers_of

        return {"figures": numbers_of(self)}


def plan_titles(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Return what plans are called: titles, with the levers by which they differ, and a number if they still do not.

    Parameters
    ----------
    scenarios
        The plans, the base first.
    """
    plain = [plain_line(in_language(scenario.title, scenario.name)) or scenario.name for scenario in scenarios]
    if len(set(plain)) < len(plain):
        of_base = set(scenarios[0].levers)
        further = [[use for use in scenario.levers if use not in of_base] for scenario in scenarios]
        plain = [
            " + ".join([title, *(_lever_title(use, scenario) for use in uses)])
            for title, uses, scenario in zip(plain, further, scenarios, strict=True)
        ]
    count, seen = Counter(plain), Counter[str]()
    titles = []
    for title in plain:
        seen[title] += 1
        is_first = count[title] == 1 or seen[title] == 1
        titles.append(title if is_first else messages.text("report.again", title=title, n=seen[title]))
    return tuple(titles)


def _lever_title(use: str, scenario: Scenario) -> str:
    """Return the title of a lever, with its choices; pools by their titles."""
    applied = LeverUse.parse(use)
    title = next((in_language(lever.spec.title, lever.name) for lever in levers() if lever.name == applied.name), use)
    choices = messages.text("cli.comma").join(pool_title(scenario, str(value)) for value in applied.parameters.values())
    return plain_line(messages.text("report.with_range", value=title, range=choices) if choices else title)
