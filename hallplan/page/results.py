"""What the page asks of a comparison of plans with plan A: the headline, what can't keep up, what intervals cover.

Input: a :class:`planner.compare.Comparison`, plan A first.  Output: differences, sentences and overloads.  The frames
of the charts and tables are in :mod:`hallplan.show.comparison_frames`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from foundation.identity import Identity
from foundation.messages import Language
from hallplan.page.memory import remembered
from hallplan.show.comparison_frames import plans_of
from hallplan.show.words import in_language, pool_title
from planner.compare import Comparison, Difference
from planner.load import PoolLoad, TimetableLoad
from planner.outlook import Outlook, outlook_of
from planner.regime import regime_of_differences
from scenarios.model import Scenario
from sim.measure.headline import card_metrics
from sim.statistics import mean_interval, paired_interval

__all__ = [
    "Overload",
    "coverage",
    "coverage_of_difference",
    "headline",
    "overloads",
    "scenario_outlook",
]


def headline(comparison: Comparison, which: int = 1) -> list[Difference]:
    """Return what the cards show of a plan and plan A, for as much of it as both have and measure."""
    pair = comparison.runs[0], comparison.runs[which]
    keys = card_metrics(pair[1].scenario.services, [run.columns.keys() for run in pair])
    shown = [comparison.difference(key, which) for key in keys if key in comparison.metrics]
    return [difference for difference in shown if not _is_empty(difference)]


def _is_empty(difference: Difference) -> bool:
    sides = [side for side in (difference.base, difference.other) if side is not None]
    return all(math.isnan(side.estimate) for side in sides)


# --- load and regime, known before anything is simulated ------------------------------------------------------------


@remembered(maxsize=64)
def _outlook(scenario: Identity[Scenario]) -> Outlook:
    return outlook_of(scenario.value)


def scenario_outlook(scenario: Scenario) -> Outlook:
    """Return what is known of a scenario before it is run; a page asks for it at every click."""
    return _outlook(Identity(scenario))


@dataclass(frozen=True)
class Overload:
    """What is asked for more than it can give: a pool's servers, or a timetable's places.

    Attributes
    ----------
    title
        What it is called.
    utilisation
        What is asked for over what there is; infinite where there is nobody.
    grows
        Whether what waits there grows every day; else every day begins afresh, and ends late or with visitors turned
        away.
    """

    title: str
    utilisation: float
    grows: bool


def overloads(scenario: Scenario, language: Language) -> list[Overload]:
    """Return the pools and timetables that are asked for more than they can give, the worst first, by arithmetic."""
    outlook = scenario_outlook(scenario)
    load, behind = outlook.load, outlook.regime.falls_behind
    titles: list[tuple[str, str, PoolLoad | TimetableLoad]]
    titles = [(pool.pool, pool_title(scenario, pool.pool, language), pool) for pool in load.pools]
    for timetable in load.timetables:
        name = timetable.timetable
        titles.append((name, in_language(scenario.timetables[name].title, name, language), timetable))
    overloaded = [
        Overload(title, part.utilisation, name in behind) for name, title, part in titles if part.is_overloaded
    ]
    return sorted(overloaded, key=lambda overload: -overload.utilisation)


# --- what intervals cover -------------------------------------------------------------------------------------------


def coverage(comparison: Comparison, language: Language) -> dict[str, str]:
    """Say what the intervals of each plan cover, by its letter: nothing of a long run where there is none."""
    return {
        letter: scenario_outlook(run.scenario).regime.about(mean_interval([0.0] * len(run))).label(language)
        for letter, run in plans_of(comparison)
    }


def coverage_of_difference(comparison: Comparison, language: Language) -> str:
    """Say what the intervals of differences cover; they allow for all primary metrics together."""
    zeros = [0.0] * comparison.replications
    regimes = [scenario_outlook(run.scenario).regime for run in comparison.runs]
    covers = paired_interval(zeros, zeros, level=comparison.simultaneous_level)
    return regime_of_differences(regimes).about(covers).label(language)
