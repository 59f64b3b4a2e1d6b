"""The first day of a run: timetables that skip weeks count them from the run's first week.

Input: a :class:`~calibration.discovery.result.Discovery` and a day.
Output: the latest day up to it from which timetables run in the weeks in which the log shows departures.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Final

from calibration.discovery.result import Discovery

__all__ = ["MAX_WEEKS_BACK", "aligned_start"]

MAX_WEEKS_BACK: Final = 26
"""Most weeks by which a run begins earlier; more would be needed only for several rhythms that rarely meet."""


def aligned_start(discovery: Discovery, start: dt.date) -> dt.date:
    """Return the latest first day, a whole number of weeks before `start` or none, that suits most transitions.

    Parameters
    ----------
    discovery
        What the log has shown.
    start
        The day before or on which the run begins.
    """
    weight: dict[tuple[int, int], int] = {}
    for release, n in discovery.releases:
        rhythm = (release.weeks.every, release.weeks.phase)
        weight[rhythm] = weight.get(rhythm, 0) + n
    first = discovery.first_day
    monday = first - dt.timedelta(days=first.weekday())
    week = (start - monday).days // 7

    def suited(back: int) -> int:
        return sum(n for (every, phase), n in weight.items() if (week - back - phase) % every == 0)

    most = min(math.lcm(*(every for every, _ in weight)), MAX_WEEKS_BACK)
    weeks_back = max(range(most), key=suited)
    return start - dt.timedelta(weeks=weeks_back)
