"""What a user should know of a scenario's calendar before it is run: years of which no notice is known.

Input: a scenario.  Output: the calendar years of its run whose public holidays the installed library ``holidays`` can
only guess, and a warning about them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from foundation.errors import ScenarioError
from scenarios.model import Scenario
from sim.calendar import DAY_MS, years_without_notice
from sim.plan import compile_plan

__all__ = ["calendar_warnings", "unannounced_years", "unannounced_years_warnings"]


def unannounced_years(scenario: Scenario) -> tuple[int, ...]:
    """Return the calendar years of a run whose days off and make-up working days nobody has announced yet.

    A year of which the scenario itself says something, in ``calendar.off`` or ``calendar.work``, is not among them.

    Raises
    ------
    ScenarioError
        If the calendar has too few working days.
    """
    calendar, first = scenario.calendar, scenario.run.start
    if calendar.country == "none":
        return ()
    last = first + timedelta(days=(compile_plan(scenario).stop - 1) // DAY_MS)
    said = {day.year for day in (*calendar.off, *calendar.work)}
    return tuple(year for year in years_without_notice(calendar.country, first.year, last.year) if year not in said)


def calendar_warnings(scenario: Scenario) -> list[ScenarioError]:
    """Return the warning about :func:`unannounced_years`, if there are any."""
    return unannounced_years_warnings(unannounced_years(scenario))


def unannounced_years_warnings(years: Sequence[int]) -> list[ScenarioError]:
    """Return the warning about calendar years of which no notice is known, if there are any."""
    if not years:
        return []
    named = ", ".join(map(str, years))
    return [ScenarioError("warning.no_holiday_notice", years=named).at(path="calendar.country")]
