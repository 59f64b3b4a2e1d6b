"""What a report is made from: the comparison, the scenarios as composed, and how to ask for it again.

Input: a comparison and its scenarios.  Output: :class:`ReportSource`, with what the plans are called.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from foundation import messages
from hallplan.show.citation import Experiment
from hallplan.show.report.lettering import plain_line, shortened
from hallplan.show.words import in_language, pool_title
from planner.compare import Comparison
from planner.outlook import Outlook
from scenarios.compose.composing import Composed
from scenarios.compose.levers import LeverUse, levers
from scenarios.model import Scenario

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ReportSource", "plan_titles"]

_FEW_PLANS: Final = 3
_MOST_LETTERS, _LETTERS_OF_MANY = 72, 40
"""Half-width letters of a plan's title, where plans are few and many: more would push the brief off its page."""


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
    names
        What the plans are called; by default by the titles of their scenarios.
    """

    comparison: Comparison
    composed: tuple[Composed, ...]
    outlooks: tuple[Outlook, ...]
    command: str
    names: tuple[str, ...] = ()

    @property
    def scenarios(self) -> list[Scenario]:
        """The scenarios."""
        return [run.scenario for run in self.comparison.runs]

    @property
    def titles(self) -> tuple[str, ...]:
        """What the plans are called, in the language in use."""
        if self.names:
            return _distinct(self.names)
        return plan_titles(self.scenarios)

    @property
    def experiment(self) -> Experiment:
        """What was simulated, for a citation and for the STRESS-DES checklist."""
        record = self.comparison.provenance
        return Experiment.of(self.scenarios, {"provenance": record.as_dict()} if record is not None else None)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the headline of every plan, for :func:`sim.measure.export.export`."""
        from hallplan.show.report.verdict import numbers_of

        return {"figures": numbers_of(self.comparison, self.titles, [outlook.regime for outlook in self.outlooks])}


def plan_titles(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Return what plans are called: by titles; those of one title by the levers they have more, else with a number.

    Parameters
    ----------
    scenarios
        The plans, the base first.
    """
    plain = [plain_line(in_language(scenario.title, scenario.name)) or scenario.name for scenario in scenarios]
    return _distinct([_with_levers(scenarios, plain, which) for which in range(len(plain))])


def _distinct(titles: Sequence[str]) -> tuple[str, ...]:
    """Return titles that fit on a page; those that are the same get numbers."""
    most = _MOST_LETTERS if len(titles) <= _FEW_PLANS else _LETTERS_OF_MANY
    short = [shortened(plain_line(title), most) for title in titles]
    seen = Counter[str]()
    numbered = []
    for title in short:
        seen[title] += 1
        is_first = seen[title] == 1
        numbered.append(title if is_first else messages.text("report.again", title=title, n=seen[title]))
    return tuple(numbered)


def _with_levers(scenarios: Sequence[Scenario], plain: Sequence[str], which: int) -> str:
    """Return the title of a plan; of one that has the title of a plan before it, the levers that it has more."""
    first = plain.index(plain[which])
    more = [use for use in scenarios[which].levers if use not in scenarios[first].levers]
    if first == which or not more:
        return plain[which]
    levers = " + ".join(_lever_title(use, scenarios[which]) for use in more)
    return messages.text("report.with_levers", levers=levers) if first == 0 else f"{plain[which]} + {levers}"


def _lever_title(use: str, scenario: Scenario) -> str:
    """Return the title of a lever, with its choices; pools by their titles."""
    applied = LeverUse.parse(use)
    title = next((in_language(lever.spec.title, lever.name) for lever in levers() if lever.name == applied.name), use)
    choices = messages.text("cli.comma").join(pool_title(scenario, str(value)) for value in applied.parameters.values())
    return plain_line(messages.text("report.with_range", value=title, range=choices) if choices else title)
