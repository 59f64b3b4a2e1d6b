"""Files of a staffing for people: its charts, and the weekly roster.

Input: a :class:`planner.staffing.result.Staffing`.  Output: the bytes of the files, in the language in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from foundation import messages
from foundation.numbers import number
from foundation.workbooks import table_workbook
from hallplan.show.charts import ChartDocument, staffing_chart
from hallplan.show.words import heading, pool_title, weekday_names
from planner.staffing.result import Staffing
from planner.staffing.roster import MOST_DAYS, MOST_HOURS
from planner.staffing.shifts import shift_label

__all__ = ["CHARTS", "FILES", "roster_workbook", "staffing_charts"]

_MOST_DRAWN: Final = 6
"""Pools whose servers are drawn: those with the most work."""


def staffing_charts(result: Staffing) -> ChartDocument:
    """Return the charts of the busiest pools."""
    language = messages.language()
    work: dict[str, float] = {}
    for required in result.requirements:
        work[required.pool] = work.get(required.pool, 0.0) + required.work_h * len(required.weekdays)
    busiest = sorted(work, key=lambda pool: -work[pool])[:_MOST_DRAWN]
    frame = result.half_hours()
    charts = [
        (
            messages.text(
                "chart.staffing.heading",
                pool=pool_title(result.scenario, required.pool),
                days=weekday_names(required.weekdays),
            ),
            staffing_chart(frame[(frame["pool"] == pool) & (frame["weekdays"] == required.weekday_keys)], language),
        )
        for pool in busiest
        for required in result.requirements
        if required.pool == pool
    ]
    title = messages.text("cli.staff.title", name=heading(result.scenario))
    notes = [messages.text("chart.staffing.note", n=len(busiest), pools=len(work), target=result.label)]
    return ChartDocument(tuple(charts), language, title, tuple(notes))


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
