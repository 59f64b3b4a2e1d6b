"""How candidates stand after a choice, and what the beginning of a run says."""

import numpy as np
import pytest
from studies import beginning_of, best_of

from foundation.errors import HallplanError
from planner.controls import controlled, controls_of
from planner.select import Best
from planner.warm_up import from_the_beginning
from scenarios.compose.composing import compose
from sim.run.replications import replicate
from sim.statistics import Selection, mean_interval, mser, paired_interval

HALLS = tuple(
    compose("textbook-mm3", overrides={"run.days": 2, "run.warm_up_days": 0, "pools.windows.servers": servers})
    for servers in (3, 5, 4)
)


def test_candidates_stand_in_the_order_of_contention_and_mean():
    values = (np.array([9.0, 11.0]), np.array([5.0, 6.0, 7.0]), np.array([4.0, 6.0, 9.0]), np.array([1.0, 19.0]))
    selection = Selection(1, tuple(float(one.mean()) for one in values), (2, 3, 3, 2), (1, 2), "kn")
    best = Best((*HALLS, HALLS[0]), "wait_mean_min", "lower", selection, values, 1, 1.0, 0.95)
    assert [one.which for one in best.candidates] == [1, 2, 0, 3]
    assert [one.dropped_after for one in best.candidates] == [None, None, 2, 2]
    third = best.candidates[2]
    assert third.mean == mean_interval([9, 11])
    assert third.behind == paired_interval([5, 6], [9, 11]), "over the replications that both have had"
    assert best.candidates[0].behind is None
    assert best.frame()["rank"].tolist() == [3, 1, 2, 4]


def test_where_more_is_better_the_highest_comes_first():
    values = (np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([2.0, 3.0]))
    selection = Selection(1, (1.5, 3.5, 2.5), (2, 2, 2), (0, 1, 2), "ocba")
    best = Best(HALLS, "wait_within_15_share", "higher", selection, values, 1)
    assert [one.which for one in best.candidates] == [1, 2, 0]
    assert not best.is_guaranteed


@pytest.mark.slow
def test_what_is_kept_of_a_choice_is_what_was_simulated():
    best = best_of(HALLS, "wait_mean_min", delta=1, seed=7)
    assert best.seed == 7
    for hall, values in zip(HALLS, best.values, strict=True):
        plain = replicate(hall, replications=values.size, seed=7, curves=False)
        assert values.tolist() == plain.summaries["wait_mean_min"].tolist()
    frames = best.frames()
    assert frames["replications"].groupby("scenario", sort=False)["value"].mean().tolist() == pytest.approx(
        best.frame()["mean"].tolist()
    )
    assert best_of(HALLS, "wait_mean_min", delta=1, seed=7, workers=2).selection == best.selection


def test_a_beginning_is_cut_where_mser_says_and_keeps_every_day():
    desk = compose("township-desk")
    found = beginning_of(desk, replications=3)
    plain = replicate(from_the_beginning(desk), replications=3)
    assert found.open_cases.tolist() == plain.curves["open_cases_by_day"]["open_mean"].tolist()
    assert found.days == mser(found.open_cases).cut
    assert found.own_days == desk.run.warm_up_days
    curve = found.curve()
    assert curve["left_out"].sum() == found.days
    assert found.interval(4).estimate == curve["open_mean"][4]
    assert found.interval(4).low == curve["open_low"][4]
    assert len(curve) == desk.run.warm_up_days + desk.run.days
    assert from_the_beginning(desk, 20).run.days == 20
    assert from_the_beginning(compose("township-desk", overrides={"run.days": 1})).run.days == 60


def test_a_hall_that_falls_behind_has_no_days_to_leave_out_whatever_the_series_says():
    behind = compose("township-desk", overrides={"demand": 4})
    found = beginning_of(behind, days=60, replications=1)
    assert found.days is None
    assert found.curve()["left_out"].sum() == 0
    for language, said in (("en", "no number of days"), ("zh", "没有哪一天")):
        assert said in found.message(language)
        assert "backlog." in found.advice(language)


def test_a_hall_without_cases_has_no_beginning():
    with pytest.raises(HallplanError) as failure:
        from_the_beginning(HALLS[0])
    assert failure.value.key == "statistics.warm_up.no_cases"


def test_controls_are_drawn_once_for_all_metrics():
    sample, calls = replicate(HALLS[0], replications=20, curves=False), []
    controls = controls_of(sample, progress=lambda *now: calls.append(now))
    assert calls == [(number, 20) for number in range(1, 21)]
    assert controls.drawn.shape == (20, 2)
    for metric in ("wait_mean_min", "visits_per_day"):
        assert controls.adjust(metric) == controlled(sample, metric)
