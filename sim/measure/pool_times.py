"""What pools did over time: passes over stays at pools, in machine code.

Input: the clocks of all pools, and stays: at which pool, ready since when, served from when, until when.  Output: exact
sums in ms, in a window or by cells of the day.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from foundation.arrays import BoolArray, IntArray
from sim.calendar import DAY_MS
from sim.machine import compiled, stored
from sim.measure.steps import Clocks

__all__ = ["time_by_half_hour", "time_by_pool"]

_DAY: Final = int(DAY_MS)
_GOES_ON, _LATE, _ON_DUTY = range(3)
"""Columns of the clocks: whether a service goes on, whether it does so after closing, whether anybody is on duty."""

# Nothing is allocated in machine code: it is sooner compiled without.
_stored = stored(_nrt=False)
_inlined = compiled(forceinline=True, _nrt=False)


def time_by_pool(
    clocks: Clocks,
    pool: IntArray,
    ready: IntArray,
    start: IntArray,
    end: IntArray,
    window: tuple[int, int],
    day: IntArray,
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Sum up, in a window, the work at each pool, and who was there while anybody was on duty.

    Parameters
    ----------
    clocks
        Of all pools.
    pool, ready, start, end
        Of each stay at a pool: which, since when, when its service began (its end, if it never did), and until when.
    window
        Its beginning and end, in ms.
    day
        By calendar day: the measured day to which it counts; later ones count to the last.

    Returns
    -------
    busy : int64 array, shape (pools,)
        Work in the window, in ms.
    late : int64 array, shape (pools, measured days)
        What of that came after the day's last closing, by the day on which the service began.
    waiting, present : int64 arrays, shape (pools,)
        Time that visitors and files waited there, and time that they were there, in ms.
    """
    busy, waiting, present = np.zeros((3, clocks.first.size - 1), dtype=np.int64)
    late = np.zeros((busy.size, int(day[-1]) + 1), dtype=np.int64)
    columns = (clocks.times, clocks.values, clocks.totals, clocks.first, clocks.first.copy())
    _sum_up(*columns, pool, ready, start, end, *window, day, busy, late, waiting, present)
    return busy, late, waiting, present


@_inlined
def _last_change(times: Any, place: Any, low: Any, high: Any, moment: Any) -> Any:
    """Return where a clock last changed before a moment, looking from the last place found: rows are nearly sorted."""
    while place + 1 < high and times[place + 1] <= moment:
        place += 1
    while times[place] > moment and place > low:
        place -= 1
    return place


@_inlined
def _total(times: Any, values: Any, totals: Any, place: Any, moment: Any, column: Any) -> Any:
    return totals[place, column] + values[place, column] * (moment - times[place])


@_stored
def _sum_up(
    times: Any,
    values: Any,
    totals: Any,
    first: Any,
    cursor: Any,
    pool: Any,
    ready: Any,
    start: Any,
    end: Any,
    begin: Any,
    finish: Any,
    day: Any,
    busy: Any,
    late: Any,
    waiting: Any,
    present: Any,
) -> None:
    for k in range(pool.size):
        if end[k] <= begin or ready[k] >= finish:
            continue
        clock = pool[k]
        low, high = first[clock], first[clock + 1]
        came, over = max(ready[k], begin), min(end[k], finish)
        called = min(max(start[k], came), over)
        at = cursor[clock] = _last_change(times, cursor[clock], low, high, came)
        on_duty = _total(times, values, totals, at, came, _ON_DUTY)
        at = _last_change(times, at, low, high, called)
        waiting[clock] += _total(times, values, totals, at, called, _ON_DUTY) - on_duty
        worked = _total(times, values, totals, at, called, _GOES_ON)
        worked_late = _total(times, values, totals, at, called, _LATE)
        at = _last_change(times, at, low, high, over)
        present[clock] += _total(times, values, totals, at, over, _ON_DUTY) - on_duty
        busy[clock] += _total(times, values, totals, at, over, _GOES_ON) - worked
        measured = day[min(start[k] // _DAY, day.size - 1)]
        late[clock, measured] += _total(times, values, totals, at, over, _LATE) - worked_late


def time_by_half_hour(
    clocks: Clocks,
    pool: IntArray,
    ready: IntArray,
    start: IntArray,
    end: IntArray,
    begin: int,
    is_worked: BoolArray,
    cell: int,
) -> tuple[IntArray, IntArray]:
    """Sum up, by cells of the day, the waits and the work at each pool on the days that its site works.

    Parameters
    ----------
    clocks
        Of all pools.
    pool, ready, start, end
        Of each stay at a pool, as for :func:`time_by_pool`.
    begin
        Midnight of the first day, in ms.
    is_worked : bool array, shape (pools, days)
        Which days count.
    cell
        Length of a cell in ms; a day has a whole number of them.

    Returns
    -------
    waited, worked : int64 arrays, shape (pools, cells of the day)
        In ms, exact.
    """
    n_pools, n_days = is_worked.shape
    waited, worked = np.zeros((2, n_pools, _DAY // cell), dtype=np.int64)
    full_days = np.zeros((2, n_pools, n_days + 1), dtype=np.int64)
    columns = (clocks.times, clocks.values, clocks.totals, clocks.first, clocks.first.copy())
    _spread(*columns, pool, ready, start, end, begin, cell, is_worked, waited, worked, full_days)
    _spread_full_days(*columns, begin, cell, is_worked, waited, worked, np.cumsum(full_days, axis=2))
    return waited, worked


@_stored
def _spread(
    times: Any,
    values: Any,
    totals: Any,
    first: Any,
    cursor: Any,
    pool: Any,
    ready: Any,
    start: Any,
    end: Any,
    begin: Any,
    cell: Any,
    is_worked: Any,
    waited: Any,
    worked: Any,
    full_days: Any,
) -> None:
    """Add each stay, cell by cell; its full days only as a step up of their number, and a step down."""
    n_days = is_worked.shape[1]
    finish = begin + n_days * _DAY
    for k in range(pool.size):
        if end[k] <= begin or ready[k] >= finish:
            continue
        clock = pool[k]
        low, high = first[clock], first[clock + 1]
        came, over = max(ready[k], begin), min(end[k], finish)
        called = min(max(start[k], came), over)
        at = cursor[clock] = _last_change(times, cursor[clock], low, high, came)
        here = came
        while here < over:
            kind, until = (0, called) if here < called else (1, over)
            day = (here - begin) // _DAY
            days = (until - here) // _DAY
            if days > 0 and (here - begin) % _DAY == 0:
                full_days[kind, clock, day] += 1
                full_days[kind, clock, day + days] -= 1
                here += days * _DAY
                continue
            place = (here - begin) % _DAY // cell
            till = min(begin + day * _DAY + (place + 1) * cell, until)
            if is_worked[clock, day]:
                if kind == 0:
                    waited[clock, place] += till - here
                else:
                    at = _last_change(times, at, low, high, here)
                    before = _total(times, values, totals, at, here, _GOES_ON)
                    at = _last_change(times, at, low, high, till)
                    worked[clock, place] += _total(times, values, totals, at, till, _GOES_ON) - before
            here = till


@_stored
def _spread_full_days(
    times: Any,
    values: Any,
    totals: Any,
    first: Any,
    cursor: Any,
    begin: Any,
    cell: Any,
    is_worked: Any,
    waited: Any,
    worked: Any,
    number: Any,
) -> None:
    """Add the days that stays cover from end to end, so many times each."""
    for clock in range(is_worked.shape[0]):
        low, high = first[clock], first[clock + 1]
        at = low
        for day in range(is_worked.shape[1]):
            if not is_worked[clock, day]:
                continue
            for place in range(waited.shape[1]):
                waited[clock, place] += number[0, clock, day] * cell
                if number[1, clock, day] > 0:
                    here = begin + day * _DAY + place * cell
                    at = _last_change(times, at, low, high, here)
                    before = _total(times, values, totals, at, here, _GOES_ON)
                    at = _last_change(times, at, low, high, here + cell)
                    after = _total(times, values, totals, at, here + cell, _GOES_ON)
                    worked[clock, place] += number[1, clock, day] * (after - before)
