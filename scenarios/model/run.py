"""One run: how long, from which seed, and how limits are counted.

Input: the tables ``run`` and ``law``.  Output: one frozen model for each.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from scenarios.model.values import Table

__all__ = ["LawRules", "RunSpec"]


class RunSpec(Table):
    """How long to simulate, on which days, from which seed.

    Attributes
    ----------
    start
        The first day.
    warm_up_days, days, follow_up_days
        Working days that fill the hall, that are measured, and in which what the measured days brought is
        followed to its end.  Demand goes on through all three.
    replications, seed
        Default number of replications and seed.
    wait_limits_min
        Waits, in minutes, of which the share within is reported besides those that always are.
    """

    start: dt.date = dt.date(2014, 3, 3)
    warm_up_days: Annotated[int, Field(ge=0, le=2_500)] = 0
    days: Annotated[int, Field(ge=1, le=25_000)] = 60
    follow_up_days: Annotated[int, Field(ge=0, le=2_500)] = 0
    replications: Annotated[int, Field(ge=1, le=100_000)] = 20
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    wait_limits_min: Annotated[list[Annotated[int, Field(ge=1, le=1_440)]], Field(max_length=20)] = []

    @property
    def all_days(self) -> int:
        """Working days of the whole run: those that warm up, those measured and those that follow."""
        return self.warm_up_days + self.days + self.follow_up_days


class LawRules(Table):
    """Rules of counting that differ from place to place.

    Attributes
    ----------
    on_site_check_stops_clock
        A local list says that an on-site check stops the statutory clock.
    """

    on_site_check_stops_clock: bool = False
