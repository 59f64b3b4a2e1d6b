"""Milestones of cases in the result of a run: on which working day they are accepted, inspected, reviewed, issued.

Input: replications of a scenario.  Output: a table with a row for each service that has cases, and a document with the
interval of every number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from foundation import messages
from foundation.numbers import NOTHING, number
from hallplan.show.document import interval_document
from hallplan.show.text_table import Column, TextTable, columns
from hallplan.show.words import service_title
from scenarios.model import Scenario
from scenarios.model.vocabulary import MILESTONES, Milestone
from scenarios.routes import milestones_of_service
from sim.measure.registry import MILESTONE_DAYS, metric_of
from sim.run.replications import Replications

__all__ = ["has_milestones", "milestones_document", "milestones_table"]

_MOST_SERVICES: Final = 10
"""Services that the table lists, those with most cases."""
_LAST: Final[Milestone] = "issued"


def has_milestones(metrics: Sequence[str] | None) -> bool:
    """Tell whether milestones are to be shown: where no metric is named, or one of milestones."""
    return metrics is None or any(metric_of(key).milestone is not None for key in metrics)


def milestones_table(run: Replications, language: messages.Language | None = None) -> TextTable | None:
    """Return a row a service: median and 95th percentile of each milestone's day, and shares issued by day.

    ``None`` where no service has cases.
    """
    scenario, services = run.scenario, _services(run)
    shown = services[:_MOST_SERVICES]
    titles = [messages.text(f"milestone.{milestone}", language) for milestone in MILESTONES]
    by_day = [messages.text("cli.milestones.by_day", language, day=day) for day in MILESTONE_DAYS]
    rows = [
        (
            service_title(scenario, name, language),
            *(_days(run, name, milestone) for milestone in MILESTONES),
            *(_estimate(run, f"milestone_{_LAST}_by_day_{day}_share.{name}") for day in MILESTONE_DAYS),
        )
        for name in shown
    ]
    notes = [messages.text("cli.milestones.note", language)]
    if len(shown) < len(services):
        notes.append(messages.text("cli.milestones.most", language, n=len(shown), all=len(services)))
    headings = (*columns("service"), *(Column(title, is_number=True) for title in (*titles, *by_day)))
    title = messages.text("cli.milestones.title", language)
    return TextTable(headings, tuple(rows), title=title, notes=tuple(notes)) if rows else None


def _services(run: Replications) -> list[str]:
    """Return the services that had cases, those with most cases first."""
    cases = {name: run.means.get(f"cases_measured.{name}", 0.0) for name in run.scenario.services}
    return sorted((name for name, number_of in cases.items() if number_of > 0), key=lambda name: -cases[name])


def _days(run: Replications, service: str, milestone: Milestone) -> str:
    ends = [_estimate(run, f"milestone_{milestone}_{name}.{service}", places=1) for name in ("median", "q95")]
    return NOTHING if ends[0] == NOTHING else " / ".join(ends)


def _estimate(run: Replications, key: str, places: int | None = None) -> str:
    return number(run.interval(key).estimate, metric_of(key).kind, places) if key in run.columns else NOTHING


def milestones_document(run: Replications) -> list[dict[str, Any]]:
    """Return every service that had cases, with the milestones that they can come to."""
    return [
        {
            "service": name,
            "cases": run.means[f"cases_measured.{name}"],
            "milestones": [_milestone(run, name, milestone) for milestone in _possible(run.scenario, name)],
        }
        for name in _services(run)
    ]


def _possible(scenario: Scenario, service: str) -> tuple[Milestone, ...]:
    return milestones_of_service(scenario, scenario.services[service])


def _milestone(run: Replications, service: str, milestone: Milestone) -> dict[str, Any]:
    start = f"milestone_{milestone}"
    return {
        "milestone": milestone,
        "median_day": interval_document(run.interval(f"{start}_median.{service}")),
        "q95_day": interval_document(run.interval(f"{start}_q95.{service}")),
        "by_day": [
            {"day": day, "share": interval_document(run.interval(f"{start}_by_day_{day}_share.{service}"))}
            for day in MILESTONE_DAYS
        ],
    }
