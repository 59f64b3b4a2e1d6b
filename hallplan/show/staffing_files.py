"""Files of a staffing for people: its charts, and the weekly roster.

Input: a :class:`planner.staffing.result.Staffing`.  Output: the bytes of the files, in the language in use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from foundation.numbers import number
from foundation.workbooks import table_workbook
from hallplan.show.charts import ChartDocument, shifts_chart, staffing_chart
from hallplan.show.words import heading, pool_title, weekday_names
from planner.staffing.plan import StaffPlan
from planner.staffing.requirement import Requirement
from planner.staffing.result import Staffing, half_hours_frame
from planner.staffing.roster import MOST_DAYS, MOST_HOURS
from planner.staffing.shifts import shift_label
from scenarios.model import Scenario
from sim.calendar import HOUR_MS

__all__ = ["CHARTS", "FILES", "requirement_charts", "roster_workbook", "shift_rows", "staffing_charts"]

_MOST_DRAWN: Final = 6
"""Pools whose servers are drawn: those with the most work."""


def requirement_charts(
    scenario: Scenario, plan: StaffPlan, requirements: Sequence[Requirement]
) -> tuple[tuple[str, go.Figure], ...]:
    """Return for the busiest pools a heading and a chart of what is required and who is on duty.

    Parameters
    ----------
    scenario, plan, requirements
        The hall, a plan of it, and what the formulas require of each of the plan's pools.
    """
    busiest = _busiest(requirements)[:_MOST_DRAWN]
    frame, language = half_hours_frame(plan, requirements), messages.language()
    return tuple(
        (
            messages.text(
                "chart.staffing.heading",
                pool=pool_title(scenario, required.pool),
                days=weekday_names(required.weekdays),
            ),
            staffing_chart(frame[(frame["pool"] == pool) & (frame["weekdays"] == required.weekday_keys)], language),
        )
        for pool in busiest
        for required in requirements
        if required.pool == pool
    )


def _busiest(requirements: Sequence[Requirement]) -> list[str]:
    """Return the pools, those with the most work in a week first."""
    work: dict[str, float] = {}
    for required in requirements:
        work[required.pool] = work.get(required.pool, 0.0) + required.work_h * len(required.weekdays)
    return sorted(work, key=lambda pool: -work[pool])


def staffing_charts(result: Staffing) -> ChartDocument:
    """Return the charts of the busiest pools, and the shifts of all."""
    pools = _busiest(result.requirements)
    language = messages.language()
    charts = requirement_charts(result.scenario, result.plan, result.requirements)
    shifts = (messages.text("chart.shifts.heading"), shifts_chart(shift_rows(result), language))
    title = messages.text("cli.staff.title", name=heading(result.scenario))
    drawn = min(len(pools), _MOST_DRAWN)
    note = messages.text("chart.staffing.note", n=drawn, pools=len(pools), target=result.label)
    return ChartDocument((*charts, shifts), language, title, (note,))


def shift_rows(result: Staffing) -> pd.DataFrame:
    """Return one row an interval that somebody works, the pools with the most work first, as charts draw them."""
    order = {pool: place for place, pool in enumerate(_busiest(result.requirements))}
    patterns = sorted(result.plan.pools, key=lambda shifts: order[shifts.requirement.pool])
    number_of = Counter(shifts.requirement.pool for shifts in patterns)
    rows = []
    for shifts in patterns:
        required = shifts.requirement
        title = pool_title(result.scenario, required.pool)
        if number_of[required.pool] > 1:
            title = messages.text("chart.shifts.pool", pool=title, days=weekday_names(required.weekdays))
        rows += [
            {
                "pool": title,
                "shift": shift_label(hours),
                "begins_h": begins / HOUR_MS,
                "ends_h": ends / HOUR_MS,
                "people": people,
            }
            for hours, people in shifts.shifts
            for begins, ends in hours
        ]
    return pd.DataFrame(rows, columns=["pool", "shift", "begins_h", "ends_h", "people"])


def roster_workbook(result: Staffing) -> bytes:
    """Return the weekly roster as a workbook: one row an officer, one column a weekday; and the rules that it keeps."""
    officers, plan = result.roster, result.plan
    weekdays = sorted({weekday for officer in officers for weekday in officer.shifts})
    head: tuple[str | float, ...] = (
        *map(messages.text, ("cli.roster.pool", "cli.roster.officer")),
        *(weekday_names([weekday]) for weekday in weekdays),
        *map(messages.text, ("cli.roster.days", "cli.roster.hours")),
    )
    rows: list[tuple[str | float, ...]] = [
        (
            pool_title(result.scenario, officer.pool),
            officer.number,
            *(shift_label(officer.shifts.get(weekday, ())) for weekday in weekdays),
            len(officer.shifts),
            officer.hours,
        )
        for officer in officers
    ]
    most_hours = max(officer.hours for officer in officers)
    most_days = max(len(officer.shifts) for officer in officers)
    about = (
        messages.text("cli.staff.title", name=heading(result.scenario)),
        messages.text(
            "cli.staff.totals", people=plan.heads, hours=_tenths(plan.hours_per_week), days=weekday_names(weekdays)
        ),
        messages.text("cli.staff.officers", n=len(officers), hours=MOST_HOURS, days=MOST_DAYS),
        messages.text("cli.roster.law", hours=_tenths(most_hours), days=most_days),
        messages.text("cli.roster.equal"),
    )
    titles = messages.text("cli.roster.sheet"), messages.text("cli.roster.about")
    return table_workbook([(titles[0], [head, *rows]), (titles[1], [(line,) for line in about])])


def _tenths(hours: float) -> str:
    return number(hours, "minutes")


FILES: Final[Mapping[str, Callable[[Staffing], bytes]]] = {"roster.xlsx": roster_workbook}
"""What makes each file, by its name."""
CHARTS: Final[Mapping[str, Callable[[Staffing], ChartDocument]]] = {"staffing": staffing_charts}
"""What draws the charts of each file, by its name without an ending."""
