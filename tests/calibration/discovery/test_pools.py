"""Pools of servers at the edges of their rules, and by hand: groups, workload, hours, numbers on duty, choices."""

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from discovery_halls import handmade

from calibration.discovery.log.reading import read_traces
from calibration.discovery.log.traces import Traces
from calibration.discovery.resources.groups import resource_groups
from calibration.discovery.resources.pool_hours import _with_unproved, pool_hours, with_late_work, without_overtime
from calibration.discovery.resources.pools import PoolEstimate, _servers, _weighted_quantile, discover_pools
from calibration.discovery.resources.priorities import ChoiceCounts, _count, _in_pool, _Queue, discover_priorities
from calibration.discovery.resources.requests import _on_duty
from calibration.discovery.resources.workload import (
    multitasking_level,
    resources_present,
    resumes_after_closing,
    time_by_level,
    workload_levels,
)
from calibration.discovery.timing.hours import GRANULES_PER_DAY, Hours, WorkingDays
from calibration.discovery.timing.start_times import estimate_ready_times, estimate_starts
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS, WorkCalendar

MONDAY = pd.Timestamp("2014-03-03")
NINE_TO_FIVE = Hours((((9 * HOUR_MS, 17 * HOUR_MS),),) * 5 + ((), ()), 1, 1, 0)
EVERYWHERE = np.ones(GRANULES_PER_DAY, dtype=np.bool_)


def piece(case: int, resource: str, start: float | None, end: float | None, **more) -> dict[str, object]:
    """Return a row of activity ``a``, with times in hours since Monday 0:00."""
    row = {"case": case, "activity": "a", "resource": resource, "start": start, "end": end, **more}
    for name in ("ready", "start", "end"):
        if row.get(name) is None:
            row.pop(name, None)
        else:
            row[name] = MONDAY + pd.Timedelta(hours=row[name])
    return row


def traces_of(*rows: dict[str, object], kind: str = "activities") -> Traces:
    return read_traces(handmade(list(rows), kind))


def days_of(traces: Traces) -> WorkingDays:
    worked = np.array([k % 7 < 5 for k in range(traces.n_days)])
    return WorkingDays(worked, "none", (5, 6), (), (), 0)


# ---- groups ----------------------------------------------------------------------------------------------------------


def tied(together: int, alone: int, others: int) -> bool:
    """Tell whether two activities are one pool, of which ann does the first, and so much of the second."""
    rows = [piece(k, "ann", 9 + k, 9.5 + k) for k in range(40)]
    work = ["ann"] * together + ["bob"] * alone
    rows += [piece(100 + k, name, 9 + k, 9.5 + k, activity="b") for k, name in enumerate(work)]
    rows += [piece(200 + k, "cyd", 9 + k, 9.5 + k) for k in range(others)]
    return len(resource_groups(traces_of(*rows))) == 1


@for_each(
    "together, alone, others, is_one",
    [
        (20, 20, 10, True),
        (19, 21, 10, False),  # ann does most of the first, and less than half of the second
        (20, 20, 40, True),
        (20, 20, 41, False),  # ann does less than half of the first
        (36, 4, 50, True),  # nearly all of one task
        (35, 5, 50, False),
    ],
)
def test_tasks_that_share_half_of_their_work_are_one_pool(together, alone, others, is_one):
    assert tied(together, alone, others) == is_one


@for_each("helping, n, is_one", [(2, 100, False), (3, 100, True), (1, 1, True)])
def test_whoever_does_two_in_a_hundred_helps_out(helping, n, is_one):
    rows = [piece(k, "ann", 9 + k, 9.5 + k) for k in range(n)]
    rows += [piece(n + k, "bob", 9 + k, 9.5 + k, activity="b") for k in range(n)]
    rows += [piece(2 * n + k, "bob", 9 + k, 9.5 + k) for k in range(helping)]
    # Bob does all of the second task; if he counts as a server of the first, it is done by servers of the first.
    assert (len(resource_groups(traces_of(*rows))) == 1) == is_one


# ---- workload --------------------------------------------------------------------------------------------------------


def test_levels_are_the_pieces_in_hand_and_those_that_wait():
    traces = traces_of(
        piece(1, "x", 9.25, 10, ready=9),
        piece(2, "x", 10, 10.5, ready=9.5),
        piece(3, "y", 9.75, None, ready=9.75),
        piece(4, "", None, 11, ready=10.25, outcome="left"),
    )
    (times, busy, waiting), queue_known = workload_levels(traces, np.arange(4), traces.start)
    at = {round(t / HOUR_MS, 2): (int(b), int(w)) for t, b, w in zip(times, busy, waiting, strict=True)}
    assert [at[t] for t in (9, 9.25, 9.5, 9.75, 10, 10.25, 10.5, 11)] == [
        (0, 1), (1, 0), (1, 1), (2, 1), (2, 0), (2, 1), (1, 1), (0, 0),
    ]  # fmt: skip
    assert queue_known
    every, waited = time_by_level(traces, (times, busy, waiting), EVERYWHERE, days_of(traces))
    assert every.shape == (1, GRANULES_PER_DAY, 3)
    assert (every[0, 18] / MINUTE_MS).tolist() == [15, 15, 0]
    assert (waited[0, 18] / MINUTE_MS).tolist() == [15, 0, 0]
    assert (waited[0, 19] / MINUTE_MS).tolist() == [0, 15, 15]
    assert every.sum() == 23.5 * HOUR_MS  # until the last half-hour of the day begins


@for_each("n_known, is_known", [(1, False), (2, True)])
def test_a_queue_is_known_if_most_rows_say_since_when_they_waited(n_known, is_known):
    rows = [piece(k, "x", 9 + k, 9.5 + k, ready=9 + k if k < n_known else None) for k in range(3 - (n_known == 1))]
    traces = traces_of(*rows)
    assert workload_levels(traces, np.arange(traces.n_rows), traces.start)[1] == is_known


def test_resources_are_present_from_their_first_to_their_last_piece():
    traces = traces_of(
        piece(1, "x", 9.25, 9.5), piece(2, "x", 11, 11.75), piece(3, "y", 10, None), piece(4, "y", 33, 34.25)
    )
    present = resources_present(traces, np.arange(4), traces.start, EVERYWHERE, days_of(traces))
    first, second = present.astype(int).tolist()
    assert first[17:25] == [0, 1, 1, 2, 1, 1, 1, 0]
    assert second[17:22] == [0, 1, 1, 1, 0]


def test_a_resource_with_two_pieces_at_once_has_more_in_hand_than_one():
    apart = traces_of(piece(1, "x", 9, 10), piece(2, "x", 10, 12), piece(3, "y", 9, 12))
    assert multitasking_level(apart, np.arange(3), apart.start) == 1
    overlapping = traces_of(piece(1, "x", 9, 11), piece(2, "x", 10, 12), piece(3, "x", 10.5, 11.5), piece(4, "", 9, 20))
    assert multitasking_level(overlapping, np.arange(4), overlapping.start) == pytest.approx(5 / 3)
    assert multitasking_level(overlapping, np.arange(3, 4), overlapping.start) == 1


@for_each("nights, end, resumes", [(5, 10, True), (4, 10, False), (5, 8, False)])
def test_work_resumes_if_most_of_what_closing_interrupts_ends_in_opening_hours(nights, end, resumes):
    rows = [piece(k, "x", 24 * k + 16, 24 * (k + 1) + end) for k in range(nights)] if nights < 5 else [
        piece(k, "x", day + 16, day + 24 + end) for k, day in enumerate((0, 24, 48, 72, 168))
    ]  # fmt: skip
    traces = traces_of(*rows)
    assert resumes_after_closing(traces, np.arange(traces.n_rows), traces.start, NINE_TO_FIVE) == resumes
    always = Hours((((0, DAY_MS),),) * 7, 1, 1, 0)
    assert not resumes_after_closing(traces, np.arange(traces.n_rows), traces.start, always)


@for_each("late, resumes", [(1, True), (2, False)])
def test_estimated_work_resumes_if_it_hardly_ever_ends_late(late, resumes):
    """Of forty pieces without a recorded start, ends later than an hour after closing are exceptions up to one."""
    rows = [piece(k, "x", None, 24 * (k % 5) + (18.5 if k < late else 10 + k / 10)) for k in range(40)]
    traces = traces_of(*rows, kind="events")
    start = traces.end - HOUR_MS
    assert resumes_after_closing(traces, np.arange(40), start, NINE_TO_FIVE) == resumes


# ---- hours of a pool -------------------------------------------------------------------------------------------------


def test_hours_of_the_hall_stay_where_nothing_shows_that_a_pool_is_closed():
    own = Hours((((9 * HOUR_MS, 12 * HOUR_MS),),) * 7, 1, 1, 0)
    unproved = np.zeros(GRANULES_PER_DAY, dtype=np.bool_)
    unproved[[24, 33]] = True
    hours = _with_unproved(own, NINE_TO_FIVE, unproved=unproved)
    half = 30 * MINUTE_MS
    assert hours.by_weekday[0] == ((9 * HOUR_MS, 12 * HOUR_MS + half), (16 * HOUR_MS + half, 17 * HOUR_MS))
    assert hours.by_weekday[5] == ((9 * HOUR_MS, 12 * HOUR_MS),)


@for_each("n, is_own", [(99, False), (100, True)])
def test_a_pool_has_hours_of_its_own_from_a_hundred_starts_on(n, is_own):
    rows = [piece(k, "x", 24 * (k % 5) + 9 + 3 * ((k * 0.618) % 1), None) for k in range(n)]
    traces = traces_of(*[row | {"end": row["start"] + pd.Timedelta(minutes=2)} for row in rows])
    levels, _ = workload_levels(traces, np.arange(n), traces.start)
    hours = pool_hours(traces, np.arange(n), traces.start, days=days_of(traces), hall=NINE_TO_FIVE, levels=levels,
                       queue_known=False)  # fmt: skip
    assert (hours is not NINE_TO_FIVE) == is_own
    if is_own:
        assert hours.by_weekday[0] == ((9 * HOUR_MS, 12 * HOUR_MS),)


def late_log(late: int, came: float, n: int = 120) -> Traces:
    """Return work on Mondays: most of it in the day, and pieces after 17:00 for which people came at an hour."""
    rows = [piece(k, "x", 168 * (k % 3) + 9 + 7 * ((k * 0.618) % 1), None, ready=None) for k in range(n - late)]
    rows = [row | {"ready": row["start"]} for row in rows]
    rows += [piece(n + k, "x", 168 * (k % 3) + 17.1 + k / 100, None, ready=168 * (k % 3) + came) for k in range(late)]
    return traces_of(*[row | {"end": row["start"] + pd.Timedelta(minutes=2)} for row in rows])


@for_each(
    "late, came, n, closes",
    [(3, 16.5, 120, 17), (2, 16.5, 120, 17.5), (3, 17.05, 120, 17.5), (3, 16.5, 99, 17.5)],
)
def test_hours_in_which_those_who_wait_are_still_served_are_overtime(late, came, n, closes):
    traces = late_log(late, came, n)
    hours = Hours((((9 * HOUR_MS, round(17.5 * HOUR_MS)),),) * 5 + ((), ()), 1, 1, 0)
    shorter, overtime = without_overtime(traces, np.arange(n), hours, NINE_TO_FIVE, traces.start)
    assert shorter.by_weekday[0] == ((9 * HOUR_MS, round(closes * HOUR_MS)),)
    assert overtime == (closes == 17)
    assert shorter.by_weekday[1] == hours.by_weekday[1]


@for_each(
    "late, came, n, closes",
    [(9, 16.5, 120, 17 + 1 / 4), (4, 16.5, 120, 17), (9, 16.5, 99, 17), (9, -1, 120, 17)],
)
def test_files_begun_after_closing_on_their_day_make_it_longer(late, came, n, closes):
    traces = late_log(late, came, n)
    hours = with_late_work(traces, np.arange(traces.n_rows), NINE_TO_FIVE, traces.start)
    assert hours.by_weekday[0][-1][1] / HOUR_MS == pytest.approx(closes)


@for_each("hour, closes", [(17.0, 17 + 25 / 60), (16.99, 17)])
def test_whoever_is_begun_at_closing_itself_is_late(hour, closes):
    traces = late_log(5, 16.5)
    start = traces.start.copy()
    late = np.flatnonzero(start % DAY_MS >= 17 * HOUR_MS)
    start[late] = start[late] // DAY_MS * DAY_MS + np.array([hour, 17.4, 17.4, 17.4, 17.4]) * HOUR_MS
    hours = with_late_work(traces, np.arange(traces.n_rows), NINE_TO_FIVE, start.astype(np.int64))
    assert hours.by_weekday[0][-1][1] / HOUR_MS == pytest.approx(closes)


# ---- servers ---------------------------------------------------------------------------------------------------------


def test_a_quantile_of_levels_is_the_first_that_reaches_its_share():
    assert [_weighted_quantile(np.array([1.0, 1.0, 2.0]), share) for share in (0, 0.25, 0.26, 0.5, 0.51, 1)] == [
        0, 0, 1, 1, 2, 2,
    ]  # fmt: skip
    assert _weighted_quantile(np.zeros(3), 0.5) == 0


@for_each("n_days, minutes, by_queue", [(5, 12, True), (4, 15, False), (5, 11.9, False)])
def test_servers_are_read_off_the_queue_from_five_days_and_an_hour_of_it_on(n_days, minutes, by_queue):
    histogram, waited = np.zeros((8, GRANULES_PER_DAY, 5)), np.zeros((8, GRANULES_PER_DAY, 5))
    histogram[:, 20, 3] = HOUR_MS
    waited[:n_days, 20, 2] = minutes * MINUTE_MS
    result = _servers(histogram, waited, None, True, np.random.default_rng(1))
    assert result == ((2, 2, 2, True) if by_queue else (3, 3, 3, False))
    assert not _servers(histogram, waited, None, False, np.random.default_rng(1))[3]
    present = np.full((8, 4), 4.0)
    assert _servers(histogram, waited * 0, present, True, np.random.default_rng(1)) == (4, 4, 4, False)
    assert _servers(histogram[:, :, :1], waited[:, :, :1], None, True, np.random.default_rng(1))[:3] == (1, 1, 1)


@for_each("share, duty", [(0.04, 2), (0.06, 3)])
def test_servers_on_duty_are_those_busy_in_all_but_one_twentieth_of_the_time(share, duty):
    time = np.zeros((GRANULES_PER_DAY, 4))
    time[20] = [5, 0.5 - share, 0.5, share]
    assert _on_duty(time)[20] == duty
    assert _on_duty(time[:, :1]).tolist() == [1] * GRANULES_PER_DAY


def test_named_resources_bound_the_number_of_servers():
    rows = [piece(k, f"x{k % 2}", 24 * (k % 5) + 9 + k * 0.05, 24 * (k % 5) + 9.4 + k * 0.05) for k in range(60)]
    traces = traces_of(*rows)
    (pool,) = discover_pools(
        traces, days_of(traces), NINE_TO_FIVE, NINE_TO_FIVE, start=traces.start, rng=np.random.default_rng(1)
    )
    assert isinstance(pool, PoolEstimate)
    assert (pool.resources, pool.n, pool.by_queue, pool.tasks, pool.activities) == (2, 60, False, ((0, 0),), (0,))
    assert (pool.servers, pool.low, pool.high, pool.busy, pool.at_once) == (2, 2, 2, pytest.approx(0.3), 1)
    assert (pool.roster[18:34].tolist(), pool.roster.sum()) == ([2] * 16, 32)


# ---- choices ---------------------------------------------------------------------------------------------------------


def queue(*pieces: tuple[float, float]) -> _Queue:
    ready, start = np.array(pieces, dtype=np.int64).T
    return _Queue.of(ready, start)


def test_the_first_in_line_is_the_first_that_has_not_been_begun():
    line = queue((1, 4), (2, 3), (5, 9))
    position, since, begun = line.first(np.array([2, 4, 5, 6, 10]))
    assert position.tolist() == [0, 0, 2, 2, 3]
    assert [int(s) if s < 2**62 else None for s in since] == [1, 1, None, 5, None]
    assert begun.tolist()[:4] == [4, 4, 9, 9]
    assert line.waiting(np.array([1, 2, 3, 4, 6])).tolist() == [0, 1, 2, 1, 1]


def test_a_choice_is_counted_once_for_each_at_the_head_of_the_queue():
    line, other = queue((2, 5), (3, 6), (4, 8)), queue((1, 7))
    assert _count(line, other) == (1, 1, pytest.approx(3 / 4))
    assert _count(other, line) == (0, 0, 0.0)


@for_each("n, goes_first", [(10, True), (9, False)])
def test_a_kind_goes_first_if_chance_explains_it_less_than_one_time_in_a_thousand(n, goes_first):
    """A half to the power of ten is less than 0.001, to the power of nine it is not."""
    first = [(100 * k + 2, 100 * k + 5) for k in range(n)]
    other = [(100 * k + 1, 100 * k + 7) for k in range(n)]
    kind = np.repeat([0, 1], n)
    ready, start = np.array(first + other, dtype=np.int64).T
    (choice,) = _in_pool(4, True, kind, ready, start)
    assert (choice.pool, choice.by_service, choice.kind, choice.other) == (4, True, 0, 1)
    assert (choice.n, choice.overtakes, choice.at_random, choice.share) == (n, n, 0.5, 1.0)
    assert choice.p_value == pytest.approx(0.5**n)
    assert choice.goes_first == goes_first


def choice(kind: int, other: int, *, pool: int = 0) -> ChoiceCounts:
    return ChoiceCounts(pool, False, kind, other, 100, 100, 0.5, 1e-20, goes_first=True)


class _Pool:
    tasks = tuple((0, activity) for activity in range(8))
    activities = tuple(range(8))


def test_priorities_end_at_nine_and_circles_have_none():
    chain = [choice(k, k + 1) for k in range(7)]
    priorities = discover_priorities([_Pool()], chain)
    assert priorities == {(0, 1): 6, (0, 2): 7, (0, 3): 8, (0, 4): 9, (0, 5): 9, (0, 6): 9, (0, 7): 9}
    assert discover_priorities([_Pool()], [choice(0, 1), choice(1, 0)]) == {}
    assert discover_priorities([_Pool()], [choice(0, 1, pool=1)]) == {}


# ---- starts and ready times ------------------------------------------------------------------------------------------

OFFICE = WorkCalendar.from_hours(
    MONDAY.date(), np.array([k % 7 < 5 for k in range(14)]), [((9 * HOUR_MS, 17 * HOUR_MS),)] * 7
)


def test_the_earliest_start_is_after_the_case_the_resource_and_the_opening():
    traces = traces_of(
        piece(1, "x", None, 10, ready=9.5),
        piece(2, "x", None, 11),  # after x has finished the first
        piece(2, "y", None, 35, activity="b"),  # on the day of its end, from the opening
        piece(3, "y", None, 32, activity="b"),  # an end before the opening is its own start
        piece(4, "z", 12, 13),
        kind="events",
    )
    start, estimated, near = estimate_starts(traces, OFFICE)
    rows = dict(zip(zip(traces.case.tolist(), traces.activity.tolist(), strict=True), range(5), strict=True))
    hours = {key: (start[row] / HOUR_MS if start[row] >= 0 else None) for key, row in rows.items()}
    assert hours == {(0, 0): 9.5, (1, 0): 10, (1, 1): 33, (2, 0): 12, (3, 1): None}
    assert estimated.sum() == 4
    assert near.tolist() == [False, False, True, False, False]  # y was at work until 8:00


def test_work_waited_since_all_servers_were_busy_or_since_the_case_came():
    rows = [piece(1, "x", 9, 10), piece(2, "x", 9.2, 9.4, activity="b"), piece(2, "x", 10, 10.5)]
    traces = traces_of(*rows)
    pools = discover_pools(
        traces, days_of(traces), NINE_TO_FIVE, NINE_TO_FIVE, start=traces.start, rng=np.random.default_rng(1)
    )
    ready, estimated, at_closing = estimate_ready_times(traces, traces.start, pools, np.array([True]))
    assert (ready / HOUR_MS).tolist() == pytest.approx([9, 9.2, 9.4])
    assert estimated.tolist() == [False, False, True]
    assert not at_closing.any()
