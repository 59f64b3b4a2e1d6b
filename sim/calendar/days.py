"""Which days are working days: weekends, public holidays, make-up working days and the user's own dates.

Input: a first day, a number of days, a country and dates.  Output: an array of working days.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from functools import lru_cache

import holidays
import numpy as np

from foundation.arrays import BoolArray
from foundation.errors import HallplanError

__all__ = ["working_days", "years_without_notice"]


def working_days(
    first_day: date,
    n_days: int,
    *,
    country: str | None,
    weekend: frozenset[int],
    off: Collection[date],
    work: Collection[date],
) -> BoolArray:
    """Tell which of `n_days` days from `first_day` are working days.

    A day is worked when it is neither a weekend day nor a public holiday, or when it is a make-up
    working day (调休上班), which China's State Council sets for certain weekend days every year.  The
    user's `off` and `work` come last and win.

    Parameters
    ----------
    first_day
        First day.
    n_days
        Number of calendar days, at least 1.
    country
        ISO 3166 code known to the library ``holidays`` (``"CN"``), or ``None`` for no holidays and no
        make-up days.
    weekend
        Weekdays that are not worked, Monday = 0 … Sunday = 6.
    off, work
        Dates that are not worked, and that are worked, whatever the rest says.  Dates outside the period are
        ignored.

    Returns
    -------
    bool array, shape (n_days,)

    Raises
    ------
    HallplanError
        If a date stands in both `off` and `work`, or the library doesn't know `country`.
    ValueError
        If `n_days` is below 1 or `weekend` holds something other than 0 … 6.

    Notes
    -----
    China publishes a year's make-up days in the autumn before (for 2014: 国办发明电〔2013〕28号, 11 December
    2013).  For years whose notice the installed library doesn't hold yet it knows the festivals
    only: give the rest as `off` and `work`.
    """
    if n_days < 1:
        raise ValueError(f"a calendar needs at least one day, not {n_days}")
    if not weekend <= frozenset(range(7)):
        raise ValueError(f"weekdays run from 0 (Monday) to 6 (Sunday), not {sorted(weekend)}")
    if both := sorted(set(off) & set(work)):
        raise HallplanError("error.calendar.off_and_work", dates=", ".join(day.isoformat() for day in both))
    days = [first_day + timedelta(days=i) for i in range(n_days)]
    public, make_up = _public_holidays(country, days[0].year, days[-1].year)
    ordinary = {day for day in days if day.weekday() not in weekend}
    worked = (((ordinary - public) | make_up) - set(off)) | set(work)
    return np.array([day in worked for day in days], dtype=np.bool_)


@lru_cache(maxsize=64)
def _public_holidays(country: str | None, first_year: int, last_year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Return the public holidays and the make-up working days of the years."""
    if country is None:
        return frozenset(), frozenset()
    # A holiday in January can be paid for with a weekend day in December, which some releases of the library list
    # with the holiday only: read the following year too.
    years = range(first_year, last_year + 2)
    try:
        festivals = holidays.country_holidays(country, years=years)
    except NotImplementedError:
        raise HallplanError("error.calendar.unknown_country", country=country) from None
    return frozenset(festivals), frozenset(festivals.weekend_workdays)


def years_without_notice(country: str | None, first_year: int, last_year: int) -> tuple[int, ...]:
    """Return the years of which the installed library holds no official notice of days off and make-up working days.

    Only China's State Council (``"CN"``) moves working days about every year; of other countries the festivals say all.

    Parameters
    ----------
    country
        As for :func:`working_days`.
    first_year, last_year
        First and last year in question.
    """
    if country != "CN":
        return ()
    festivals = holidays.country_holidays(country, years=first_year)
    noticed = set(getattr(festivals, "special_public_holidays", ()))
    return tuple(year for year in range(first_year, last_year + 1) if year not in noticed)
