"""What the worked example of ``handmade.two_days`` must show: every number here was worked out on paper."""

import numpy as np
import pandas as pd
import pytest
from handmade import MON, TUE, WED, at, two_days

from scenarios.compose.composing import compose
from sim.measure import FRAMES, MeasureOptions, Metrics, measure
from sim.measure.steps import staffed
from sim.measure.timeline import PARTS
from sim.run.simulating import simulate

HOUR = 3_600_000


@pytest.fixture(scope="module")
def metrics() -> Metrics:
    hall = two_days()
    return measure(hall.scenario, hall.program(), hall.plan, hall.log())


def half_hour(metrics: Metrics, pool: str, begins: str) -> pd.Series:
    frame = metrics.pool_half_hours
    return frame[(frame["pool"] == pool) & (frame["half_hour"] == begins)].iloc[0]


# ---- visits --------------------------------------------------------------------------------------------------------


def test_each_time_a_person_comes_is_a_trip(metrics):
    trips = metrics.visits
    assert list(zip(trips["entity"], trips["trip"], strict=True)) == [
        (0, 1),  # A
        (1, 1),  # B
        (2, 1),  # C, who left
        (2, 2),  # C, back on Tuesday
        (3, 1),  # D
        (4, 1),  # E, before shut doors
        (5, 1),  # F
        (11, 1),  # G, the supplement
    ]
    assert trips["outcome"].tolist() == ["served", "served", "left", "served", "served", "shut", "served", "served"]
    assert trips["lost"].tolist() == [False] * 5 + [True] + [False] * 2


def test_the_time_in_the_hall_runs_from_door_to_door(metrics):
    minutes = (metrics.visits["hours_in_hall"] * 60).round(6)
    assert minutes[:5].tolist() == [10, 30, 15, 10, 55]
    assert np.isnan(minutes[5])  # E never came in
    assert minutes[6:].tolist() == [30, 30]
    # (10 + 30 + 15 + 10 + 55 + 30 + 30) / 60 = 3 hours, over 7 trips that came in
    assert metrics.summary["hours_in_hall_mean"] == pytest.approx(3 / 7)


def test_a_supplement_is_a_follow_up_and_an_appointment_is_counted_once(metrics):
    assert metrics.visits["channel"].tolist() == ["walk-in"] * 4 + ["appointment", "walk-in", "walk-in", "follow-up"]
    assert metrics.summary["appointments_per_week"] == 1 / 2 * 5  # D, in two days; five working days a week


def test_visits_are_counted_by_purpose_and_against_finished_items(metrics):
    s = metrics.summary
    assert s["visits_per_day"] == 8 / 2
    assert s["visits_per_month"] == 8 / 2 * 21
    assert (s["purpose_visits_per_day.apply"], s["purpose_visits_per_day.supplement"]) == (3.5, 0.5)
    # finished in the two days: A, B, C, F and, on Tuesday morning, L
    assert (s["visits_per_item:num"], s["visits_per_item:den"], s["visits_per_item"]) == (8, 5, 1.6)
    assert s["purpose_visits_per_item.supplement"] == 0.2
    assert metrics.volume.set_index("purpose")["visits"].to_dict() == {
        "enquire": 0,
        "apply": 7,
        "supplement": 1,
        "pay": 0,
        "collect": 0,
        "all": 8,
    }


def test_the_trips_that_failed_are_shares_of_all_trips_and_the_lost_of_all_people(metrics):
    s = metrics.summary
    assert s["left_share"] == 1 / 8  # C's first
    assert s["turned_away_share"] == 1 / 8  # E's
    assert s["lost_share"] == 1 / 7  # E, of A, B, C, D, E, F, G


def test_a_month_is_as_many_working_days_as_one_says():
    hall = two_days()
    options = MeasureOptions(days_per_month=20, days_per_week=6, within_min=(12,))
    s = measure(hall.scenario, hall.program(), hall.plan, hall.log(), options=options).summary
    assert s["visits_per_month"] == 80
    assert s["appointments_per_week"] == 3
    assert s["wait_within_12_share"] == 5 / 7


# ---- items ---------------------------------------------------------------------------------------------------------


def test_an_item_done_in_the_visit_counts_when_finished_and_a_case_from_its_last_acceptance(metrics):
    s = metrics.summary
    # accepted: A, B, F, L, N on Monday; C, K (again, after the supplement), M on Tuesday
    assert metrics.days["items_accepted"].tolist() == [5, 3]
    assert metrics.days["items_finished"].tolist() == [3, 2]
    assert s["items_accepted_per_month"] == 8 / 2 * 21
    assert s["items_finished_per_month"] == 5 / 2 * 21
    assert (s["instant_share:num"], s["instant_share:den"]) == (4, 8)


def test_the_finished_share_looks_at_the_end_of_the_window_not_at_the_follow_up(metrics):
    s = metrics.summary
    # Of A, B, F and L only the finish is known; K is finished on Wednesday only.
    assert (s["finished_share:num"], s["finished_share:den"]) == (1, 4)
    assert (s["committed_finished_share:num"], s["committed_finished_share:den"]) == (1, 4)


def test_what_an_item_took_of_its_owner_follows_the_visit_it_goes_back_to(metrics):
    people = metrics.people.set_index("person")
    assert people.loc["all", "trips_per_item"] == 5 / 5  # A 1, B 1, F 1, C 2, and L, which came by the web, none
    # A 10 min, C 15 + 10 min, F 30 min, L none: 65 minutes for a citizen's four items
    assert people.loc["citizen", "hours_per_item"] == pytest.approx(65 / 60 / 4)
    assert people.loc["enterprise", "hours_per_item"] == pytest.approx(30 / 60)


# ---- waits ---------------------------------------------------------------------------------------------------------


def test_means_and_quantiles_are_over_those_called_and_shares_over_all_who_queued(metrics):
    s = metrics.summary
    # called: A 0, B 10, D 25, C's second 0, F 0, G 0 minutes; C's first left after 15
    assert s["wait_mean_min"] == pytest.approx(35 / 6)
    assert s["wait_median_min"] == 0  # the third of six
    assert s["wait_q90_min"] == 25  # the sixth, as 0.9 * 6 = 5.4
    assert [s[f"wait_within_{m}_share"] for m in (5, 10, 15, 20, 30)] == [4 / 7, 5 / 7, 5 / 7, 5 / 7, 6 / 7]
    assert s["wait_per_trip_mean_min"] == pytest.approx(50 / 8)


def test_waits_are_summed_up_by_purpose_service_pool_and_half_hour(metrics):
    table = metrics.wait_summary.set_index(["kind", "by", "group"])
    first = table.loc[("visitor", "half-hour", "09:00")]  # A, B, D called; C left
    assert (first["n"], first["called"], first["left"]) == (4, 3, 1)
    assert first["mean_min"] == pytest.approx(35 / 3)
    assert [first[name] for name in ("median_min", "q90_min", "q95_min")] == [10, 25, 25]  # 0, 10, 25
    assert first["within_10_share"] == 2 / 4
    assert table.loc[("visitor", "service", "licence"), "mean_min"] == 12.5  # D 25, G 0
    assert table.loc[("visitor", "purpose", "supplement"), "n"] == 1
    assert table.loc[("file", "pool", "review"), "mean_min"] == 90 / 4  # L 0, K 90, its two branches 0


def test_the_probability_of_waiting_counts_whoever_left_and_the_spread_those_called(metrics):
    # A 0, B 10, D 25, F 0, C at last 0, G 0 minutes; C left the first time after 15
    assert metrics.summary["waited_share"] == 3 / 7
    assert metrics.summary["wait_sd_min"] == pytest.approx(np.std([0, 10, 25, 0, 0, 0], ddof=1))


def test_visits_and_waits_by_channel_are_those_of_its_trips(metrics):
    s, channels = metrics.summary, ("walk-in", "appointment", "follow-up")
    assert [s[f"channel_visits_per_day.{name}"] for name in channels] == [3, 0.5, 0.5]
    assert [s[f"channel_wait_mean_min.{name}"] for name in channels] == [25 / 6, 25, 0]  # B 10, C 15; D; G
    assert [s[f"channel_unserved_share.{name}"] for name in channels] == [2 / 6, 0, 0]  # C left, E found doors shut


# ---- pools ---------------------------------------------------------------------------------------------------------


def test_numbers_waiting_and_present_are_over_the_hours_with_anybody_on_duty(metrics):
    s = metrics.summary
    # window, 16 hours: B 10, C 15, D 25 minutes; served 10 + 20 + 30 + 10 (F, until 17:00) + 10 + 30
    assert s["pool_queue_mean.window"] == pytest.approx(50 / 960)
    assert s["pool_present_mean.window"] == pytest.approx((50 + 110) / 960)
    # review, 14 hours: K 90, M 60 (until 17:00); served L 150, K 60 without the break, two branches 45 + 30
    assert s["pool_queue_mean.review"] == pytest.approx(150 / 840)
    assert s["pool_present_mean.review"] == pytest.approx((150 + 285) / 840)


def test_the_pass_over_a_whole_log_counts_what_step_functions_count():
    metrics = simulate(compose("township-desk"), seed=3, replication=0)
    table, window = metrics.table, metrics.table.window
    rest, rows = table.unfinished, table.serves
    pool = np.concatenate((table.pool_of_serve, rest.pool))
    stop = np.full(rest.entity.size, window.stop)
    ready, start, end = (
        np.clip(np.concatenate(parts), window.begin, window.end)
        for parts in ((table.ready[rows], rest.ready), (table.start[rows], rest.start), (table.end[rows], stop))
    )
    for k, plan in enumerate(table.plan.pools):
        clock, here = staffed(plan).integral, pool == k
        waiting, present = ((clock(until[here]) - clock(ready[here])).sum() for until in (start, end))
        hours = np.diff(clock(np.array([window.begin, window.end])))[0]
        assert metrics.summary[f"pool_queue_mean.{plan.name}"] == pytest.approx(waiting / hours)
        assert metrics.summary[f"pool_present_mean.{plan.name}"] == pytest.approx(present / hours)


def test_a_scenario_may_add_limits_of_its_own():
    own = compose("textbook-mm3", overrides={"run.days": 2, "run.wait_limits_min": [8, 15]})
    shares = {key for key in simulate(own, seed=1, replication=0).summary if key.startswith("wait_within_")}
    assert {key for key in shares if ":" not in key} == {f"wait_within_{n}_share" for n in (5, 8, 10, 15, 20, 30)}


def test_queue_length_is_the_integral_of_the_queue_over_the_half_hour(metrics):
    # B 09:00-09:10, D 09:05-09:30, C 09:20-09:30: 10 + 25 + 10 of 2 * 30 minutes; then C until 09:35
    assert half_hour(metrics, "window", "09:00")["queue_mean"] == 45 / 60
    assert half_hour(metrics, "window", "09:30")["queue_mean"] == 5 / 60
    # K waits 10:00-11:30 on Monday for the reviewer
    assert [half_hour(metrics, "review", t)["queue_mean"] for t in ("09:30", "10:00", "11:00", "11:30")] == [
        0,
        0.5,
        0.5,
        0,
    ]


def test_who_still_queues_when_the_run_ends_is_in_the_queue(metrics):
    # M came on Tuesday at 16:00, and the log has no row of it
    assert half_hour(metrics, "review", "16:30")["queue_mean"] == 0.5


def test_utilisation_leaves_out_the_break_in_which_the_file_lies_on_the_desk(metrics):
    # K is in hand 11:30-13:30 on Monday, but the reviewer is at lunch 12:00-13:00
    assert half_hour(metrics, "review", "12:00")["busy_mean"] == 0
    assert np.isnan(half_hour(metrics, "review", "12:00")["utilisation"])
    assert half_hour(metrics, "review", "13:00")["utilisation"] == 0.5
    # L 2.5 h, K 1 h, the branches 0.75 h and 0.5 h, in 14 hours rostered
    assert metrics.summary["utilisation.review"] == pytest.approx(4.75 / 14)


def test_utilisation_after_closing_has_no_roster_to_divide_by(metrics):
    late = half_hour(metrics, "window", "17:00")
    assert (late["rostered_mean"], late["busy_mean"]) == (0, 20 / 60)
    assert np.isnan(late["utilisation"])


def test_overtime_is_work_after_the_last_closing(metrics):
    assert metrics.overtime["overtime_server_min"].tolist() == [20, 0]  # F, 17:00-17:20
    assert metrics.overtime["last_departure_min_after_closing"].tolist() == [20, 0]
    assert metrics.summary["overtime_min_per_day"] == 10


def test_a_visitor_who_found_the_doors_shut_is_no_late_departure(metrics):
    # E came, and went, at 18:00
    assert metrics.overtime["last_departure_min_after_closing"][0] == 20


def test_staff_cost_is_rostered_hours_times_the_hourly_cost(metrics):
    staff = metrics.staff.set_index("pool")
    assert staff["rostered_hours"].to_dict() == {"window": 16, "review": 14}
    assert staff["cost_yuan"].to_dict() == {"window": 480, "review": 700}
    assert metrics.summary["cost_per_day"] == 590
    assert metrics.summary["staff_hours_per_day"] == 15
    assert metrics.summary["utilisation.window"] == pytest.approx((10 + 20 + 30 + 30 + 10 + 30) / 60 / 16)


# ---- cases ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cases(metrics) -> pd.DataFrame:
    return metrics.cases.set_index(pd.Index(["L", "K", "N", "M"]))


def test_turnaround_is_counted_in_three_ways(cases):
    # K: Monday 10:00 to Wednesday 14:30, eight hours a day: 7/8 + 1 + 5.5/8
    assert cases["elapsed_days"].to_dict() == {"L": 1.125, "K": 2.5625, "N": 3.0, "M": 1.125}
    assert cases["touched_days"].to_dict() == {"L": 2, "K": 3, "N": 3, "M": 2}
    # K was accepted again on Tuesday: its correction lies before that and takes nothing out
    assert cases["statutory_days"].to_dict() == {"L": 1, "K": 1, "N": 2, "M": 1}


def test_a_supplement_restarts_acceptance(cases):
    assert cases.loc["K", "accepted"] == pd.Timestamp("2014-03-04 11:00")


def test_an_open_case_is_late_once_past_its_limit_and_undetermined_before(cases):
    promised, legal = cases["within_promised"], cases["within_legal"]
    assert (bool(promised["L"]), bool(promised["K"]), bool(promised["N"])) == (True, True, False)
    assert pd.isna(promised["M"])  # one day so far, limit one day
    assert pd.isna(legal["N"])
    assert cases["censored"].tolist() == [False, False, True, True]


def test_an_open_case_is_infinitely_long_in_quantiles_and_counts_its_days_so_far_in_the_mean(metrics):
    s = metrics.summary
    assert s["touched_median.licence"] == 3  # of 2, 3, inf, inf
    assert s["touched_q95.licence"] == np.inf
    assert s["elapsed_mean_days.licence"] == pytest.approx((1.125 + 2.5625 + 3 + 1.125) / 4)
    assert (s["within_promised_share.licence:num"], s["within_promised_share.licence:den"]) == (2, 3)
    row = metrics.turnaround.iloc[0]
    assert (row["n"], row["open"], row["withdrawn"], row["legal_kept"], row["legal_late"]) == (4, 2, 0, 2, 0)


def test_open_cases_are_counted_when_the_day_ends(metrics):
    assert metrics.days["open_cases"].tolist() == [3, 3]  # K, L, N; then K, N, M
    assert metrics.open_cases["open"].tolist() == [3, 3]
    assert metrics.summary["open_cases"] == 3


# ---- where the time goes -------------------------------------------------------------------------------------------


def hours(metrics: Metrics, case: int) -> dict[str, float]:
    parts = metrics.split.parts[case] / HOUR
    return {name: float(amount) for name, amount in zip(PARTS, parts, strict=True) if amount}


def test_every_hour_of_a_case_goes_to_one_part(metrics):
    assert hours(metrics, 0) == {"work": 2.5, "batch_wait": 6.5, "closed": 16}  # L
    assert hours(metrics, 1) == {
        "queue": 1.5,  # Monday 10:00-11:30
        "work": 1.0 + 0.5,  # in review; and in the second branch
        "off_duty": 1,  # the reviewer's break
        "applicant": 3.5 + 2,  # Monday from 13:30, Tuesday to 11:00
        "transfer": 3,  # the second branch is carried 11:00-14:00
        "prescribed": 2.5 + 5.5,  # the day's notice
        "closed": 32,
    }


def test_a_case_waiting_for_branches_does_what_the_branch_that_ends_last_does(metrics):
    # The first branch's 45 minutes of review, 11:00-11:45, are in no part: the second ends last.
    assert hours(metrics, 1)["work"] == 1.5


def test_an_open_case_is_split_up_to_the_end_of_the_run(metrics):
    assert hours(metrics, 2) == {"transfer": 24, "closed": 39}  # N, with the courier all the time
    assert hours(metrics, 3) == {"queue": 8, "off_duty": 1, "closed": 23}  # M


def test_the_parts_sum_to_the_whole_to_the_millisecond(metrics):
    spans = [
        at(TUE, "10:00") - at(MON, "09:00"),
        at(WED, "14:30") - at(MON, "10:00"),
        at(3, "00:00") - at(MON, "09:00"),
    ]
    assert metrics.split.parts.sum(axis=1)[:3].tolist() == spans
    assert metrics.split.parts.dtype == np.int64
    calendar, table = metrics.table.calendar, metrics.case_table
    until = np.where(table.closed >= 0, table.closed, metrics.table.window.stop)
    working = metrics.split.parts.sum(axis=1) - metrics.split.parts[:, PARTS.index("closed")]
    assert working.tolist() == calendar.between(table.opened, until).tolist()


def test_shares_are_of_the_working_time_of_all_cases_of_the_service(metrics):
    shares = metrics.time_shares.set_index("part")["share"]
    assert shares.sum() == pytest.approx(1)
    assert shares["work"] == pytest.approx(4 / 62.5)  # L 9 h, K 20.5 h, N 24 h, M 9 h
    assert shares["transfer"] == pytest.approx(27 / 62.5)


# ---- the whole -----------------------------------------------------------------------------------------------------


def test_nothing_is_computed_before_it_is_asked_for():
    hall = two_days()
    metrics = measure(hall.scenario, hall.program(), hall.plan, hall.log())
    assert set(vars(metrics)) == {"table"}
    assert metrics.days is metrics.days


def test_every_frame_has_a_name_and_is_there(metrics):
    assert tuple(metrics.frames()) == FRAMES


def test_a_run_to_which_nobody_comes_is_measured():
    hall = compose("township-desk")
    nobody = compose("township-desk", overrides={f"arrivals.{source}.per_day": 1e-9 for source in hall.arrivals})
    metrics = simulate(nobody, seed=1, replication=0)
    assert metrics.table.n_entities == 0
    assert metrics.summary["visits_per_day"] == metrics.summary["items_finished_per_day"] == 0
    assert np.isnan(metrics.summary["wait_mean_min"])
    assert set(metrics.frames()) == set(FRAMES)
