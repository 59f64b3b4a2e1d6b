"""What simulates a hall after each move: hours of visitors, days of cases, cost and trips of every replication.

Input: the sources whose visitors are served at the bureaux, and how to simulate.  Output: a function for
:func:`planner.next_moves.search.next_moves`.  The hours are those of the metric ``visitor_hours_per_day``, with the
visits to the bureaux' counters, which are no trips to the hall, beside them: else an item that moves in would
look as if its visitors had spent nothing before.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from planner.frontier.search import SimulateFigures
from planner.frontier.simulating import steps_simulator
from planner.next_moves.candidates import way_hours
from sim.calendar import HOUR_MS
from sim.measure.registry import NUMERATOR
from sim.program import Kind

if TYPE_CHECKING:
    from sim.measure.frames import Metrics

__all__ = ["FIGURES", "figures_of", "moves_simulator"]

FIGURES: Final = ("visitor_hours", "case_days", "cost", "trips")
"""A day: hours of all visitors, working days of all cases of the cohort, staff cost in yuan, trips of visitors."""


def figures_of(metrics: Metrics, *, outside: tuple[str, ...]) -> tuple[float, ...]:
    """Return the :data:`FIGURES` of a replication.

    Parameters
    ----------
    metrics
        Of the replication.
    outside
        Sources of those who are served at the bureaux.
    """
    summary, days = metrics.summary, metrics.table.window.days.size
    visits, hours = _visits_outside(metrics, outside)
    case_days = summary.get("case_elapsed_mean_days" + NUMERATOR, 0.0) / days
    return (
        summary["visitor_hours_per_day"] + hours / days,
        case_days,
        summary["cost_per_day"],
        summary["visits_per_day"] + visits / days,
    )


def _visits_outside(metrics: Metrics, outside: tuple[str, ...]) -> tuple[int, float]:
    """Return the visits to the bureaux in the measured window, and their hours: ways and service, without waits."""
    table = metrics.table
    visits, hours, names = 0, 0.0, list(table.scenario.arrivals)
    for name in outside:
        if name in names:
            came = table.program.entities["source"] == names.index(name)
            came &= (table.kind != Kind.CASE) & table.window.contains(table.log.started)
            served = came[table.entity] & (table.end >= 0) & (table.start >= 0)
            way = way_hours(table.scenario, table.scenario.arrivals[name].site)
            visits += int(came.sum())
            hours += float((table.end - table.start)[served].sum()) / HOUR_MS + way * int(came.sum())
    return visits, hours


def moves_simulator(outside: tuple[str, ...], **settings: Any) -> SimulateFigures:
    """Return what simulates scenarios and reads the :data:`FIGURES`.

    Parameters
    ----------
    outside
        As for :func:`figures_of`.
    **settings
        As for :func:`planner.frontier.simulating.steps_simulator`.
    """
    return steps_simulator(partial(figures_of, outside=outside), **settings)
