"""Statistics put to work on scenarios: the best of several, less chance by controls, and the regime before the run."""

import math

import numpy as np
import pytest
from cases import for_each
from studies import best_of

from foundation.errors import HallplanError
from planner.controls import controlled, drawn_demand, expected_demand
from planner.regime import regime_of
from planner.select import Best, check_candidates, check_equal_demand
from scenarios.compose.composing import compose
from sim.draw.drawing import draw
from sim.plan import Layout
from sim.run.policy import BudgetAllocation
from sim.run.replications import replicate
from sim.run.study import Study, run
from sim.statistics import mean_interval

QUICK = {"run.days": 2, "run.warm_up_days": 0}


def windows(servers, **more):
    return compose("textbook-mm3", overrides=QUICK | {"pools.windows.servers": servers} | more)


def best_within_budget(systems, metric, *, budget):
    policy = BudgetAllocation(metric, budget)
    return Best.of(run(Study.of(*systems, policy=policy, engine="compiled")))


# ---- the best of several -------------------------------------------------------------------------------------------


def test_more_windows_wait_less_and_are_found_with_confidence():
    halls = [windows(3), windows(5), windows(4)]
    states = []
    best = best_of(halls, "wait_mean_min", delta=1, progress=states.append)
    assert best.scenario is halls[1]
    assert best.selection.procedure == "kn"
    in_turn = [tuple((count + 2 - place) // 3 for place in range(3)) for count in range(1, 61)]
    assert [state.done for state in states[:60]] == in_turn
    assert len(states) == sum(best.selection.replications)
    frame = best.frame()
    assert frame["chosen"].tolist() == [False, True, False]
    assert frame["scenario"].tolist() == ["textbook-mm3", "textbook-mm3 (2)", "textbook-mm3 (3)"]
    assert frame["replications"].min() == 20
    for language in ("en", "zh"):
        message = best.message(language)
        assert "textbook-mm3 (2)" in message
        assert "95%" in message
        assert str(sum(best.selection.replications)) in message


def test_scenarios_are_compared_replication_by_replication_with_the_same_random_numbers():
    hall = windows(3)
    best = best_of([hall, windows(4)], "wait_mean_min", delta=100)
    plain = replicate(hall, replications=best.selection.replications[0], curves=False)
    assert best.selection.means[0] == pytest.approx(plain.summaries["wait_mean_min"].mean(), rel=1e-12)


def test_the_metric_says_which_way_is_better_unless_the_caller_does():
    halls = [windows(3), windows(5)]
    assert best_of(halls, "wait_within_15_share", delta=0.05).selection.best == 1
    assert best_of(halls, "utilisation.windows", delta=0.05, better="higher").selection.best == 0
    with pytest.raises(HallplanError) as failure:
        best_of(halls, "utilisation.windows", delta=0.05)
    assert failure.value.key == "statistics.select.no_direction"


def test_whoever_runs_out_of_replications_says_so():
    best = best_of([windows(5), windows(6)], "wait_mean_min", delta=1e-4, first_stage=5, at_most=10)
    assert best.selection.procedure == "kn-stopped"
    assert "did not suffice" in best.message("en")


def test_a_budget_is_spent_and_promises_nothing():
    best = best_within_budget([windows(3), windows(5)], "wait_mean_min", budget=60)
    assert sum(best.selection.replications) == 60
    assert best.selection.best == 1
    assert "no guarantee" in best.message("en")
    assert "不提供保证" in best.message("zh")


@for_each(
    "wrong",
    [{"delta": 0}, {"delta": math.nan}, {"confidence": 0.5}, {"confidence": 1}],
)
def test_a_choice_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(HallplanError) as failure:
        best_of([windows(3)] * 2, "wait_mean_min", **({"delta": 1} | wrong))
    assert failure.value.key == "statistics.select.bad_delta"
    assert failure.value.sentence("zh")


def test_too_few_and_too_many_candidates_are_refused():
    for number in (1, 65):
        with pytest.raises(HallplanError) as failure:
            check_candidates([windows(3)] * number)
        assert failure.value.key == "statistics.select.too_few"
        assert failure.value.sentence("zh")


def test_halls_to_which_different_numbers_come_are_not_ranked():
    hall = windows(3)
    busier = hall.model_copy(update={"demand": 1.02, "name": "busier"})
    check_equal_demand([hall, hall.model_copy(update={"demand": 1.005})])
    with pytest.raises(HallplanError) as failure:
        check_equal_demand([hall, busier])
    assert failure.value.key == "statistics.select.unequal_demand"
    assert "busier" in failure.value.sentence("en")
    assert "busier" in failure.value.sentence("zh")


def test_a_choice_needs_a_metric_that_exists_and_has_values():
    halls = [windows(3), windows(4)]
    for metric in ("wait", "touched_q95.item"):
        with pytest.raises(HallplanError, match=f"no metric “{metric}”"):
            best_of(halls, metric, delta=1)
    with pytest.raises(HallplanError, match=r"textbook-mm3.*replication 0"):
        best_of(halls, "case_elapsed_mean_days", delta=1)
    with pytest.raises(HallplanError) as failure:
        best_within_budget(halls, "wait_mean_min", budget=39)
    assert failure.value.key == "statistics.select.bad_budget"


# ---- control variates ----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["textbook-mm3", "township-desk", "honghuagang-2014"])
def test_the_known_means_of_the_controls_are_those_of_the_draws(name):
    """Visits and server-hours of 80 draws against the traffic equations: within four standard errors."""
    scenario = compose(name, overrides={"run.days": 2, "run.warm_up_days": 1, "run.follow_up_days": 0})
    layout = Layout.of(scenario)
    drawn = np.array([drawn_demand(draw(scenario, 5, k, layout), layout) for k in range(80)])
    known = expected_demand(scenario)
    assert known is not None
    for column, mean in zip(drawn.T, known, strict=True):
        interval = mean_interval(column)
        assert abs(interval.estimate - mean) <= 2 * interval.half_width
        assert interval.half_width < 0.1 * mean


@pytest.mark.slow
def test_the_mean_wait_of_a_busy_queue_is_known_better_with_its_controls():
    sample = replicate(windows(3), replications=80, curves=False)
    result = controlled(sample, "wait_mean_min")
    assert result.pays
    assert result.variance_ratio < 0.7
    assert result.best.covers == "controlled_mean"
    assert result.plain == sample.interval("wait_mean_min")
    # Replications from another seed agree: within four standard errors of the difference.
    other = controlled(replicate(windows(3), replications=400, seed=99, curves=False), "wait_mean_min").adjusted
    both = math.hypot(result.adjusted.half_width, other.half_width)
    assert abs(result.adjusted.estimate - other.estimate) < 2 * both


def test_controls_whose_mean_is_not_known_are_not_used():
    uneven = compose(
        "textbook-mm3", overrides=QUICK | {"arrivals.visitors.every": {"dist": "gamma", "mean": "5 min", "cv": 2}}
    )
    assert expected_demand(uneven) is None
    result = controlled(replicate(uneven, replications=3, curves=False), "wait_mean_min")
    assert math.isnan(result.variance_ratio)
    assert result.best == result.plain
    assert expected_demand(windows(3, **{"arrivals.visitors.batch": 2})) is None


# ---- the regime ----------------------------------------------------------------------------------------------------

DAYTIME = {"calendar.hours": "09:00-17:00", "arrivals.visitors.every.mean": "5 min"}


def test_a_queue_that_never_closes_is_steady_while_it_keeps_up_and_transient_else():
    steady, behind = regime_of(windows(3)), regime_of(windows(2))
    assert (steady.kind, steady.carries_over, steady.falls_behind) == ("steady", ("windows",), ())
    assert (behind.kind, behind.falls_behind) == ("transient", ("windows",))


def test_a_hall_that_serves_everybody_before_it_goes_home_ends_every_day_empty():
    for servers in (3, 2):  # with 2 windows 12 min of work every 5 min is more than the hours hold: overtime
        assert regime_of(windows(servers, **DAYTIME)).kind == "terminating"
        assert regime_of(windows(servers, **DAYTIME, **{"sites.hall": {"at_close": "send-home"}})).kind == "terminating"


def test_a_pool_that_nobody_staffs_is_named():
    assert [regime_of(windows(servers, **DAYTIME)).unstaffed for servers in (0, 1)] == [("windows",), ()]


def test_overtime_that_lasts_all_night_is_carried_over():
    # 8 h of visitors every 5 min bring 96 · 12 min = 19.2 h of work a day for one server; at 20 min each 32 h
    assert regime_of(windows(1, **DAYTIME)).kind == "terminating"
    assert regime_of(windows(1, **DAYTIME)).overruns == ("windows",)
    assert regime_of(windows(3, **DAYTIME)).overruns == ()
    endless = {"services.item.visits.apply.serve.work.mean": "20 min"}
    assert regime_of(windows(1, **DAYTIME, **endless)).kind == "transient"
    assert regime_of(windows(0, **DAYTIME)).kind == "transient"


def test_a_back_office_keeps_its_queue_overnight():
    keeping = {"pools.windows.at_close": "keep"}
    assert regime_of(windows(3, **DAYTIME, **keeping)).kind == "steady"
    assert regime_of(windows(2, **DAYTIME, **keeping)).kind == "transient"


def test_a_timetable_with_too_few_places_falls_behind():
    booked = {
        "timetables.round": {"times": ["10:00"], "capacity": 3},
        "services.item.visits.apply": {"wait": {"until": "round", "mark": "finished"}},
    }
    regime = regime_of(windows(3, **DAYTIME, **booked))
    assert (regime.kind, regime.falls_behind) == ("transient", ("round",))


def test_where_the_hall_falls_behind_no_interval_looks_like_a_steady_state():
    interval = mean_interval([1, 2, 3])
    assert regime_of(windows(3)).about(interval) == interval
    transient = regime_of(windows(2)).about(interval)
    assert (transient.estimate, transient.low, transient.covers) == (interval.estimate, interval.low, "transient")
    assert "no long-run value" in transient.label("en")
