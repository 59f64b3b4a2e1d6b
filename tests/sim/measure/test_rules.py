"""Single rules of counting, each in the smallest log that shows it, and the laws that every log must obey."""

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from handmade import HALL, MON, TUE, WED, Handmade, at, two_days
from hypothesis import given
from hypothesis import strategies as st

from scenarios.compose.composing import compose
from sim.draw.drawing import draw
from sim.engine.reference import run_reference
from sim.measure import ConservationError, MeasureOptions, check_conservation, measure
from sim.measure.pool_times import time_by_half_hour
from sim.measure.steps import Clocks, StepFunction
from sim.measure.timeline import PARTS
from sim.plan import compile_plan
from sim.program import Code, Kind, Log, Outcome
from sim.statistics.quantiles import quantiles

HOUR = 3_600_000


def measured(hall: Handmade):
    return measure(hall.scenario, hall.program(), hall.plan, hall.log())


def hall_with(**changes) -> Handmade:
    return Handmade(raw={**HALL, **changes})


# ---- waits and trips -----------------------------------------------------------------------------------------------


def test_an_interrupted_visitor_waits_once_and_the_interruption_is_in_the_queue():
    hall = Handmade()
    nine, broken, resumed, end = at(MON, "09:05"), at(MON, "09:10"), at(MON, "09:20"), at(MON, "09:30")
    hall.entity(
        Kind.VISIT,
        *hall.trip(
            at(MON, "09:00"),
            hall.serve(at(MON, "09:00"), nine, broken, outcome=Outcome.PREEMPTED),
            hall.serve(broken, resumed, end, again=True),
            leave=end,
        ),
    )
    metrics = measured(hall)
    assert metrics.waits["outcome"].tolist() == ["interrupted", "served"]
    assert metrics.waits["resumed"].tolist() == [False, True]
    assert (metrics.summary["wait_mean_min"], metrics.summary["wait_mean_min:den"]) == (5, 1)
    assert metrics.summary["wait_per_trip_mean_min"] == 15
    first = metrics.pool_half_hours.query("pool == 'window' and half_hour == '09:00'").iloc[0]
    assert (first["queue_mean"], first["busy_mean"]) == (15 / 60, 15 / 60)


def test_without_doors_a_trip_begins_when_the_visitor_does_something():
    hall = Handmade()
    gone, back = at(MON, "10:00"), at(TUE, "11:00")
    hall.entity(
        Kind.VISIT,
        hall.plain(Code.DAYS, at(MON, "08:00"), at(MON, "09:00")),
        hall.serve(at(MON, "09:00"), gone, gone, outcome=Outcome.RENEGED),
        hall.plain(Code.RETURN, gone, outcome=Outcome.RETURNS),
        hall.plain(Code.BACK, gone, back),
        hall.serve(back, back, at(TUE, "11:30")),
    )
    visits = measured(hall).visits
    assert visits["arrive"].tolist() == [pd.Timestamp("2014-03-03 09:00"), pd.Timestamp("2014-03-04 11:00")]
    assert visits["leave"].tolist() == [pd.Timestamp("2014-03-03 10:00"), pd.Timestamp("2014-03-04 11:30")]


def test_who_is_at_home_when_the_run_ends_is_on_no_trip_and_who_queues_is_inside():
    hall = Handmade()
    gone = at(MON, "10:00")
    hall.entity(
        Kind.VISIT,
        hall.plain(Code.ARRIVE, at(MON, "09:00")),
        hall.serve(at(MON, "09:00"), gone, gone, outcome=Outcome.SENT_HOME),
        hall.plain(Code.LEAVE, gone),
        hall.plain(Code.RETURN, gone, outcome=Outcome.RETURNS),
        pending=hall.plain(Code.DAYS, gone),
    )
    hall.entity(
        Kind.VISIT,
        hall.plain(Code.ARRIVE, at(TUE, "09:00")),
        pending=hall.serve(at(TUE, "09:00"), -1, -1),
    )
    metrics = measured(hall)
    assert metrics.visits["outcome"].tolist() == ["sent-home", "inside"]
    assert metrics.summary["turned_away_share"] == metrics.summary["sent_home_share"] == 1 / 2
    assert metrics.summary["still_there_share"] == 1 / 2
    assert metrics.summary["hours_in_hall_mean"] == 1


def left_over() -> Handmade:
    """A hall without doors whose run stops at the end of Wednesday: who has been served, is, waits, is on the way."""
    hall = Handmade()
    hall.entity(Kind.VISIT, hall.serve(at(MON, "09:00"), at(MON, "09:00"), at(MON, "09:30")))
    hall.entity(
        Kind.VISIT,
        hall.plain(Code.CLOCK, at(TUE, "22:00"), at(TUE, "22:30")),
        pending=hall.serve(at(TUE, "22:30"), -1, -1),
        in_service=at(TUE, "23:00"),
    )
    hall.entity(Kind.VISIT, pending=hall.serve(at(TUE, "23:30"), -1, -1))
    hall.entity(Kind.VISIT, pending=hall.plain(Code.CLOCK, at(TUE, "23:00")))  # on the way
    return hall


def test_whoever_came_is_a_visit_though_the_run_stops_before_anybody_calls_them():
    metrics = measured(left_over())
    assert metrics.visits["arrive"].dt.strftime("%d %H:%M").tolist() == ["03 09:00", "04 22:30", "04 23:30"]
    s = metrics.summary
    assert s["visits_per_day"] == 3 / 2
    assert (s["unserved_share:num"], s["unserved_share:den"]) == (2, 3)
    assert s["waiting_at_end"] == 1


def test_waits_count_who_still_waits_apart_and_the_mean_with_everybody_up_to_the_stop():
    hall = left_over()
    options = MeasureOptions(within_min=(15, 1_500))
    s = measure(hall.scenario, hall.program(), hall.plan, hall.log(), options=options).summary
    assert (s["wait_mean_min:num"], s["wait_mean_min:den"]) == (0 + 30, 2)
    assert (s["wait_all_mean_min:num"], s["wait_all_mean_min:den"]) == (0 + 30 + 24 * 60 + 30, 3)
    assert (s["wait_uncalled_share:num"], s["wait_uncalled_share:den"]) == (1, 3)
    # Whether a wait of 1,470 minutes so far will end within 1,500 is not known; that it was not within 15 is.
    assert (s["wait_within_15_share:num"], s["wait_within_15_share:den"]) == (1, 3)
    assert (s["wait_within_1500_share:num"], s["wait_within_1500_share:den"]) == (2, 2)


def test_a_service_in_hand_as_the_run_stops_is_work_up_to_the_stop():
    metrics = measured(left_over())
    busy = metrics.staff.set_index("pool")["busy_hours"].sum()
    assert busy == pytest.approx(0.5 + 1)
    assert metrics.pool_half_hours["busy_mean"].sum() / 2 * metrics.table.window.days.size == pytest.approx(busy)


def queue_at(metrics, pool: str, begins: str) -> float:
    frame = metrics.pool_half_hours
    return frame[(frame["pool"] == pool) & (frame["half_hour"] == begins)]["queue_mean"].iloc[0]


def test_a_file_laid_aside_for_a_more_urgent_one_still_queues_when_the_run_ends():
    hall = Handmade()
    laid_aside = at(TUE, "10:00")
    case = case_of(
        hall,
        hall.serve(at(TUE, "09:00"), at(TUE, "09:00"), laid_aside, pool="review", outcome=Outcome.PREEMPTED),
        ended=-1,
    )
    assert case == 0
    assert queue_at(measured(hall), "review", "10:00") == 0.5  # on one of two days


def test_who_failed_goes_on_where_the_operation_sends_the_failed():
    hall = Handmade()
    gone = at(MON, "10:00")
    hall.entity(
        Kind.VISIT,
        hall.serve(at(MON, "09:00"), gone, gone, outcome=Outcome.RENEGED, passes_over=1),
        pending=hall.plain(Code.DAYS, gone),
    )
    assert queue_at(measured(hall), "window", "10:00") == 0  # at home, not in the queue passed over


def test_a_service_that_runs_into_the_lunch_break_is_no_overtime():
    pools = {"window": {"servers": 1, "hours": ["09:00-12:00", "13:00-17:00"]}, "review": {"servers": 1}}
    hall = hall_with(pools=pools)
    start, end = at(MON, "11:50"), at(MON, "12:10")
    hall.entity(Kind.VISIT, *hall.trip(start, hall.serve(start, start, end), leave=end))
    start, end = at(TUE, "16:50"), at(TUE, "17:10")
    hall.entity(Kind.VISIT, *hall.trip(start, hall.serve(start, start, end), leave=end))
    assert measured(hall).overtime["overtime_server_min"].tolist() == [0, 10]


@for_each(
    ("values", "level", "expected"),
    [
        ([3, 1, 2], 0.5, 2),
        ([1, 2, 3, 4], 0.5, 2),  # two of four are at or below 2
        ([1, 2, 3, 4], 0.51, 3),
        (list(range(1, 101)), 0.07, 7),  # 0.07 * 100 is 7.000000000000001 in floats
        (list(range(1, 21)), 0.95, 19),
        ([1, np.inf], 0.95, np.inf),
    ],
)
def test_a_quantile_is_the_least_value_that_enough_values_do_not_exceed(values, level, expected):
    assert quantiles(np.array(values, dtype=float), (level,)) == [expected]


def test_there_is_no_quantile_of_nothing():
    assert np.isnan(quantiles(np.zeros(0), (0.5, 0.9))).all()


# ---- step functions ------------------------------------------------------------------------------------------------


HOURS_MS = 3_600_000
MOMENTS = st.tuples(st.integers(0, 1), st.integers(-30, 130), st.integers(0, 60), st.integers(0, 60))


@given(
    st.lists(MOMENTS, max_size=12),
    st.lists(st.integers(0, 1), min_size=120, max_size=120),
    st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=2, max_size=2),
)
def test_waits_and_work_by_cells_of_the_day_are_those_of_counting_hour_by_hour(stays, ticks, is_worked):
    """Pool 0 never pauses, pool 1 works when its clock ticks; four days from hour 0 on, in cells of six hours."""
    pool, ready, waiting, working = np.array(stays, dtype=np.int64).reshape(-1, 4).T
    start, end = ready + waiting, ready + waiting + working
    goes_on = np.stack([np.ones(120, dtype=np.int64), np.array(ticks)])
    waited, worked = np.zeros((2, 2, 4), dtype=np.int64)
    for k, first, called, last in zip(pool, ready, start, end, strict=True):
        for hour in range(max(first, 0), min(last, 96)):
            if is_worked[k][hour // 24]:
                into = waited if hour < called else worked
                into[k, hour % 24 // 6] += 1 if hour < called else goes_on[k, hour]
    moments = np.arange(120) * HOURS_MS
    values = np.repeat(goes_on.ravel()[:, None], 3, axis=1)
    totals = np.repeat(
        np.concatenate([np.concatenate(([0], np.cumsum(row)[:-1])) for row in goes_on])[:, None] * HOURS_MS, 3, axis=1
    )
    clocks = Clocks(np.tile(moments, 2), values, totals, np.array([0, 120, 240]))
    columns = (pool, *(column * HOURS_MS for column in (ready, start, end)))
    sums = time_by_half_hour(clocks, *columns, 0, np.array(is_worked), 6 * HOURS_MS)
    assert (sums[0] / HOURS_MS).tolist() == waited.tolist()
    assert (sums[1] / HOURS_MS).tolist() == worked.tolist()


def test_a_step_function_is_nothing_before_its_first_change():
    steps = StepFunction(np.array([10, 20]), np.array([2, 0]))
    assert steps.at(np.array([5, 10, 19, 20])).tolist() == [0, 2, 2, 0]
    assert steps.integral(np.array([5, 10, 15, 20, 99])).tolist() == [0, 0, 10, 20, 20]
    twice = steps.times_with(StepFunction(np.array([0, 15]), np.array([0, 3])))
    assert twice.integral(np.array([15, 20, 30])).tolist() == [0, 30, 30]


# ---- cases ---------------------------------------------------------------------------------------------------------


def case_of(hall: Handmade, *stretches, **more) -> int:
    return hall.entity(Kind.CASE, *stretches, service="licence", source="web", **more)


def test_testing_stops_the_statutory_clock_and_is_a_part_of_its_own():
    hall = Handmade()
    opened, tested = at(MON, "10:00"), at(WED, "10:00")
    case_of(
        hall,
        hall.plain(Code.DAYS, opened, tested, step="test"),
        hall.mark(tested, "finished"),
    )
    metrics = measured(hall)
    assert metrics.cases["touched_days"].tolist() == [3]
    assert metrics.cases["statutory_days"].tolist() == [0]  # Tuesday and Wednesday are taken out
    assert dict(zip(PARTS, (metrics.split.parts[0] / HOUR).tolist(), strict=True))["stopped"] == 16


@pytest.mark.parametrize(("listed", "expected"), [(False, 1), (True, 0)])
def test_an_on_site_check_stops_the_clock_only_where_a_local_rule_lists_it(listed, expected):
    hall = hall_with(law={"on_site_check_stops_clock": listed})
    opened, checked = at(MON, "16:00"), at(TUE, "10:00")
    case_of(hall, hall.serve(opened, opened, checked, pool="review", step="check"), hall.mark(checked, "finished"))
    assert measured(hall).cases["statutory_days"].tolist() == [expected]


def test_a_stop_that_goes_on_when_the_run_ends_stops_the_clock_until_then():
    hall = Handmade()
    case_of(hall, pending=hall.plain(Code.DAYS, at(MON, "10:00"), step="test"))
    assert measured(hall).cases["statutory_days"].tolist() == [0]


def test_a_refusal_is_a_decision_and_a_withdrawal_is_left_out():
    hall = Handmade()
    refused, withdrawn = at(TUE, "10:00"), at(TUE, "12:00")
    case_of(hall, hall.plain(Code.DAYS, at(MON, "10:00"), refused, step="notice"), hall.mark(refused, "refused"))
    case_of(hall, hall.plain(Code.DAYS, at(MON, "12:00"), withdrawn, step="notice"), hall.mark(withdrawn, "withdrawn"))
    metrics = measured(hall)
    assert metrics.cases["outcome"].tolist() == ["refused", "withdrawn"]
    row = metrics.turnaround.iloc[0]
    assert (row["n"], row["withdrawn"], row["promised_kept"]) == (1, 1, 1)
    assert metrics.summary["items_finished_per_day"] == 0
    # Refused without an acceptance: no item accepted.  The withdrawn case counts from its opening.
    assert (metrics.summary["finished_share:num"], metrics.summary["finished_share:den"]) == (1, 1)


def test_acceptance_with_gaps_is_acceptance():
    hall = Handmade()
    accepted, done = at(TUE, "10:00"), at(WED, "10:00")
    case_of(
        hall,
        hall.plain(Code.OPEN, at(MON, "10:00"), accepted, step="carry"),
        hall.mark(accepted, "accepted-with-gaps"),
        hall.plain(Code.DAYS, accepted, done, step="notice"),
        hall.mark(done, "finished"),
    )
    assert measured(hall).cases["statutory_days"].tolist() == [1]


def test_a_case_that_ends_without_a_mark_is_closed_when_nothing_is_left_to_do():
    hall = Handmade()
    case_of(hall, hall.plain(Code.OPEN, at(MON, "10:00"), at(MON, "12:00"), step="carry"))
    metrics = measured(hall)
    assert metrics.cases["outcome"].tolist() == ["ended"]
    assert metrics.summary["committed_finished_share"] == 1
    assert metrics.summary["items_finished_per_day"] == 0  # no mark says that it was finished


def test_a_day_ends_just_before_midnight():
    hall = Handmade()
    midnight = at(TUE, "00:00")
    case_of(hall, hall.plain(Code.CLOCK, at(MON, "10:00"), midnight, step="carry"))
    case_of(hall, hall.plain(Code.CLOCK, midnight, at(TUE, "10:00"), step="carry"))
    # The first is still open at the end of Monday, the second not yet; neither at the end of Tuesday.
    assert measured(hall).days["open_cases"].tolist() == [1, 0]


def test_of_branches_that_end_together_the_first_is_critical():
    hall = Handmade()
    opened, joined = at(MON, "10:00"), at(MON, "11:00")
    case = case_of(hall, hall.plain(Code.JOIN, opened, joined, step="joint"), hall.mark(joined, "finished"))
    below = {"service": "licence", "source": "web", "parent": case, "root": case, "case": case}
    hall.entity(Kind.BRANCH, hall.serve(opened, opened, joined, pool="review", step="review"), **below)
    hall.entity(Kind.BRANCH, hall.plain(Code.OPEN, opened, joined, step="carry"), **below)
    parts = dict(zip(PARTS, (measured(hall).split.parts[0] / HOUR).tolist(), strict=True))
    assert (parts["work"], parts["transfer"]) == (1, 0)


def test_branches_inside_branches_are_followed_down():
    hall = Handmade()
    opened, inner, joined = at(MON, "10:00"), at(MON, "10:30"), at(MON, "12:00")
    case = case_of(hall, hall.plain(Code.JOIN, opened, joined, step="joint"), hall.mark(joined, "finished"))
    below = {"service": "licence", "source": "web", "root": case, "case": case}
    outer = hall.entity(
        Kind.BRANCH,
        hall.serve(opened, opened, inner, pool="review", step="review"),
        hall.plain(Code.JOIN, inner, joined, step="joint"),
        parent=case,
        **below,
    )
    hall.entity(Kind.BRANCH, hall.plain(Code.OPEN, inner, joined, step="carry"), parent=outer, **below)
    parts = dict(zip(PARTS, (measured(hall).split.parts[0] / HOUR).tolist(), strict=True))
    assert (parts["work"], parts["transfer"]) == (0.5, 1.5)


def test_cases_opened_in_the_warm_up_are_open_cases_but_not_of_the_cohort():
    hall = hall_with(run={"days": 1, "warm_up_days": 1, "follow_up_days": 1})
    case_of(hall, hall.plain(Code.DAYS, at(MON, "10:00"), at(WED, "10:00"), step="notice"))
    metrics = measured(hall)
    assert metrics.cases.empty
    assert metrics.summary["open_cases"] == 1
    assert metrics.summary["cases_measured.licence"] == 0
    assert np.isnan(metrics.summary["touched_median.licence"])


def test_a_merged_pool_costs_the_mean_of_its_members_weighted_by_server_hours():
    pools = {
        "window": {"servers": 1, "cost_per_hour": 30.0},
        "other": {"servers": 3, "cost_per_hour": 50.0, "merge_into": "window"},
        "review": {"servers": 1},
    }
    hall = hall_with(pools=pools)
    staff = measured(hall).staff.set_index("pool")
    assert staff.loc["window", "rostered_hours"] == 2 * 8 * 4
    assert staff.loc["window", "cost_yuan"] == 2 * 8 * (30 + 3 * 50)


def test_a_merged_pool_without_a_price_costs_what_the_others_cost():
    pools = {
        "window": {"servers": 1, "cost_per_hour": 30.0},
        "other": {"servers": 3, "merge_into": "window"},
        "free": {"servers": 1, "cost_per_hour": 0.0, "merge_into": "window"},
        "review": {"servers": 1},
    }
    staff = measured(hall_with(pools=pools)).staff.set_index("pool")
    assert staff.loc["window", "cost_yuan"] == 2 * 8 * (1 + 3 + 1) * (30 + 0) / 2
    assert staff.loc["review", "cost_yuan"] == 0


# ---- laws of every log ---------------------------------------------------------------------------------------------


def broken(law: str, **change):
    """Return the worked example's log with something wrong, as a test case."""
    return pytest.param(law, change, id=law)


@for_each(
    ("law", "change"),
    [
        broken("ready-start-end", row=0, column="start", by=-60_000),
        broken("no-gap-no-overlap", row=4, column="ready", by=-60_000),
        broken("begins-at-the-setting-out", started=0, by=-60_000),
        broken("done-at-the-last-end", ended=0, by=60_000),
        broken("done-after-setting-out", ended=0, by=-1_200_000),
        broken("known-entity-and-operation", row=0, column="entity", by=1_000_000),
    ],
)
def test_a_log_that_loses_time_is_refused_with_the_law_it_breaks(law, change):
    hall = two_days()
    log = hall.log()
    rows, started, ended = log.rows.copy(), log.started.copy(), log.ended.copy()
    if "row" in change:
        rows[change["column"]][change["row"]] += change["by"]
    for name, array in (("started", started), ("ended", ended)):
        if name in change:
            array[change[name]] += change["by"]
    with pytest.raises(ConservationError) as failure:
        check_conservation(hall.program(), Log(rows, started, ended, log.in_service))
    assert failure.value.values["law"] == law
    assert failure.value.values["number"] >= 1
    assert law in failure.value.sentence("en")
    assert law in failure.value.sentence("zh")


def test_a_log_in_which_a_visitor_never_leaves_but_is_done_is_refused():
    hall = Handmade()
    hall.entity(Kind.VISIT, hall.plain(Code.ARRIVE, at(MON, "09:00")))
    with pytest.raises(ConservationError) as failure:
        check_conservation(hall.program(), hall.log())
    assert failure.value.values["law"] == "in-by-the-doors-and-out"


def test_a_log_in_which_somebody_gave_up_and_goes_on_is_refused():
    hall = Handmade()
    hall.entity(
        Kind.VISIT,
        hall.plain(Code.RETURN, at(MON, "09:00"), outcome=Outcome.LOST),
        pending=hall.plain(Code.DAYS, at(MON, "09:00")),
    )
    with pytest.raises(ConservationError) as failure:
        check_conservation(hall.program(), hall.log())
    assert failure.value.values["law"] == "who-gave-up-is-done"


def test_a_case_that_comes_in_by_the_doors_is_refused():
    hall = Handmade()
    case_of(hall, hall.plain(Code.ARRIVE, at(MON, "09:00")), hall.plain(Code.LEAVE, at(MON, "09:00")))
    with pytest.raises(ConservationError) as failure:
        check_conservation(hall.program(), hall.log())
    assert failure.value.values["law"] == "only-visitors-use-the-doors"


def test_a_log_with_ends_of_entities_missing_is_refused():
    hall = two_days()
    log = hall.log()
    with pytest.raises(ConservationError):
        check_conservation(hall.program(), Log(log.rows, log.started, log.ended[:-1], log.in_service))


# ---- against the engine --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_parts_of_every_simulated_case_sum_to_its_time_and_to_its_working_time():
    overrides = {"run.days": 3, "run.warm_up_days": 0, "run.follow_up_days": 12}
    scenario = compose("honghuagang-2013", overrides=overrides)
    plan, program = compile_plan(scenario), draw(scenario, 1, 0)
    metrics = measure(scenario, program, plan, run_reference(program, plan))
    cases, parts = metrics.case_table, metrics.split.parts
    at_ = metrics.split.case
    until = np.where(cases.closed[at_] >= 0, cases.closed[at_], plan.stop)
    assert at_.size > 20
    assert (cases.outcome[at_] == 0).any()  # finished ones
    assert (cases.closed[at_] < 0).any()  # and open ones
    assert (parts >= 0).all()
    assert (parts.sum(axis=1) == until - cases.opened[at_]).all()
    working = parts.sum(axis=1) - parts[:, PARTS.index("closed")]
    assert (working == plan.calendars[0].between(cases.opened[at_], until)).all()
    joins = (program.ops["code"] == Code.JOIN).any()
    assert joins  # there are branches, or visits that cases wait for


@pytest.fixture(scope="module")
def simulated():
    scenario = compose("textbook-mm3", overrides={"run.days": 3, "run.warm_up_days": 1, "run.follow_up_days": 1})
    plan = compile_plan(scenario)
    program = draw(scenario, 1, 0)
    return measure(scenario, program, plan, run_reference(program, plan))


def test_the_mean_queue_is_the_waiting_time_that_falls_into_the_window(simulated):
    table = simulated.table
    serves, window = table.serves, table.window
    waited = np.minimum(table.start[serves], window.end) - np.maximum(table.ready[serves], window.begin)
    _, _, since = table.pending
    unserved = np.maximum(since, window.begin)[since < window.end]
    total = np.maximum(waited, 0).sum() + (window.end - unserved).sum()
    integral = simulated.pool_half_hours["queue_mean"].sum() * 1_800_000 * window.days.size
    assert integral == pytest.approx(total, rel=1e-12)


def test_busy_time_by_half_hour_adds_up_to_the_busy_time_of_the_window(simulated):
    busy = simulated.pool_half_hours["busy_mean"].sum() / 2 * simulated.table.window.days.size
    assert busy == pytest.approx(simulated.staff["busy_hours"].sum(), rel=1e-12)


def test_counts_agree_between_frames(simulated):
    s = simulated.summary
    assert len(simulated.visits) == s["visits_per_item:num"] == simulated.days["visits"].sum()
    assert s["wait_mean_min:den"] == (~simulated.waits["resumed"]).sum()
    assert simulated.days["items_finished"].sum() == s["visits_per_item:den"]
