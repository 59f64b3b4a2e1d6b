"""Working days of a scenario before a date.

Input: a scenario and a date.  Output: the date so many of its working days earlier.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np

from scenarios.model import Scenario
from sim.plan import Layout

__all__ = ["workday_before", "workdays_between"]

_MARGIN_DAYS: Final = 40
"""Calendar days that are looked at beyond twice the working days: longer than any holiday."""


def workday_before(scenario: Scenario, date: dt.date, days: int) -> dt.date:
    """Return the working day so many working days before a date; the date itself for none."""
    if not days:
        return date
    back = 2 * days + _MARGIN_DAYS
    while True:
        start = date - dt.timedelta(days=back)
        worked = np.flatnonzero(_workdays(scenario, start, back))
        if worked.size >= days:
            return start + dt.timedelta(days=int(worked[-days]))
        back *= 2


def workdays_between(scenario: Scenario, first: dt.date, last: dt.date) -> int:
    """Return the number of working days from one date to another, both included."""
    return int(_workdays(scenario, first, (last - first).days + 1).sum())


def _workdays(scenario: Scenario, start: dt.date, days: int) -> np.ndarray:
    """Tell which of so many calendar days are working days."""
    run = scenario.run.model_copy(update={"start": start, "warm_up_days": 0, "days": max(days, 1), "follow_up_days": 0})
    return Layout.made_for(scenario.model_copy(update={"run": run, "backlog": {}})).workdays[:days]
