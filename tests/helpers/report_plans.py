"""Plans with numbers typed by hand, for tests of reports: by default as many are served in both, and sooner."""

from __future__ import annotations

from report_samples import NUMBERS, hall, outlook, replications, result_of, scaled

from hallplan.show.report import ReportSource
from planner.compare import Comparison

COMMAND = "hallplan report harbour harbour"


def source_of(*plans):
    """Return the source of a report of halls with their numbers; each plan is a pair of changes and numbers."""
    halls = [hall(**changes) for changes, _ in plans]
    runs = [replications(place.scenario, numbers) for place, (_, numbers) in zip(halls, plans, strict=True)]
    result = result_of(*runs)
    return ReportSource(Comparison.of(result), tuple(halls), tuple(map(outlook, halls)), COMMAND)


def changed(factor, **numbers):
    """Return the hall's numbers times a factor, but for some that are named with their mean."""
    means = {
        key.replace("__", "."): [value * (1 + place / 1000) for place in range(6)] for key, value in numbers.items()
    }
    return {**scaled(factor), **means}


def quicker(**numbers):
    """Return the plan with one more window, in which as many are served unless the numbers say otherwise."""
    same = {"unserved_share": 0.05, "left_share": 0.03, "turned_away_share": 0.01, "still_there_share": 0.01}
    same |= {"ticket_wait_mean_min": 3.0, "ticket_wait_within_15_share": 0.9}
    return {"pools__window__servers": 3}, changed(0.8, **{**same, **numbers})


def two_plans(**numbers):
    return source_of(({}, NUMBERS), quicker(**numbers))
