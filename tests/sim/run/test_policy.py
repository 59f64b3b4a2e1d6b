"""Policies at work: a study runs until its metrics are precise."""

import threading

import pandas as pd
import pytest

from foundation.errors import HallplanError
from scenarios.compose.composing import compose
from sim.run.policy import (
    BudgetAllocation,
    IndifferenceZone,
    ToPrecision,
    asked_precision,
    direction_of,
    usual_precision,
)
from sim.run.replications import CancellationError, replicate
from sim.run.study import Study, run
from sim.statistics import Absolute, Reached, Relative


def until_precise(
    scenario, precision, *, at_least=20, at_most=1_000, workers=1, curves=False, progress=None, cancel=None
):
    """Return the replications of one scenario, and whether they are as precise as requested."""
    policy = ToPrecision(precision, at_least, at_most)
    study = Study.of(scenario, policy=policy, workers=workers, engine="compiled", curves=curves)
    result = run(study, progress=progress, cancel=cancel)
    return result.runs[0], result.reached


@pytest.fixture(scope="module")
def queue():
    return compose("textbook-mm3", overrides={"run.days": 2, "run.warm_up_days": 0})


@pytest.fixture(scope="module")
def reached(queue):
    return until_precise(queue, {"wait_mean_min": Relative(0.15)}, curves=True)


def test_replications_go_on_until_the_precision_is_reached_and_confirmed(reached):
    sample, verdict = reached
    interval = sample.interval("wait_mean_min")
    assert verdict.confirmed
    assert len(sample) == verdict.replications == verdict.sufficed_at + 5 > 25
    assert interval.half_width <= 0.15 / 1.15 * interval.estimate
    assert [(figure.metric, figure.interval) for figure in verdict.figures] == [("wait_mean_min", interval)]
    assert verdict.missed() == []
    assert f"after {verdict.sufficed_at} replications" in verdict.message("en")
    assert str(verdict.sufficed_at) in verdict.message("zh")


def test_the_numbers_are_those_of_plain_replications_however_one_stops(queue, reached):
    sample, _ = reached
    plain = replicate(queue, replications=len(sample))
    pd.testing.assert_frame_equal(sample.summaries, plain.summaries, check_exact=True)
    pd.testing.assert_frame_equal(
        sample.curves["pools_by_half_hour"], plain.curves["pools_by_half_hour"], check_exact=True
    )


def test_the_stop_does_not_depend_on_the_number_of_processes(queue, reached):
    sample, verdict = until_precise(queue, {"wait_mean_min": Relative(0.15)}, workers=2)
    pd.testing.assert_frame_equal(sample.summaries, reached[0].summaries, check_exact=True)
    assert verdict == reached[1]


def test_a_precision_that_is_not_reached_is_said_to_be_missing_and_by_how_much(queue):
    requested = {"wait_mean_min": Relative(0.02), "wait_within_15_share": Absolute(0.1)}
    _, verdict = until_precise(queue, requested, at_most=30)
    assert (verdict.replications, verdict.sufficed_at, verdict.confirmed) == (30, None, False)
    (missed,) = verdict.missed()
    assert missed.metric == "wait_mean_min"
    interval = missed.interval
    needed = 30 * (interval.half_width / (interval.estimate * 0.02 / 1.02)) ** 2
    for language in ("en", "zh"):
        message = verdict.message(language)
        assert "wait_mean_min" in message
        assert "30" in message
        assert f"{int(float(f'{needed:.2g}'))}" in message


def test_a_stop_at_the_limit_is_not_called_confirmed(queue):
    _, verdict = until_precise(queue, {"staff_hours_per_day": Relative(0.01)}, at_most=22)
    assert (verdict.sufficed_at, verdict.confirmed) == (20, False)
    assert "before it was confirmed" in verdict.message("en")


def test_where_more_replications_would_not_help_the_message_says_so(queue):
    _, verdict = until_precise(queue, {"case_elapsed_mean_days": Relative(0.05)}, at_most=21)
    assert [figure.metric for figure in verdict.missed()] == ["case_elapsed_mean_days"]
    assert "more would not help" in verdict.message("en")


def test_progress_tells_about_how_many_it_will_take(queue):
    states = []
    until_precise(queue, {"wait_mean_min": Relative(0.2)}, at_most=200, progress=states.append)
    assert [state.total_done for state in states] == list(range(1, len(states) + 1))
    assert all(state.total_done <= state.total_expected <= 200 for state in states)
    assert states[-1].total_done == states[-1].total_expected


def test_work_to_a_precision_can_be_cancelled(queue):
    cancel = threading.Event()
    with pytest.raises(CancellationError):
        until_precise(queue, {"wait_mean_min": Relative(0.001)}, progress=lambda _: cancel.set(), cancel=cancel)


@pytest.mark.parametrize(("at_least", "at_most"), [(1, 10), (20, 19)])
def test_limits_that_make_no_sense_are_refused(queue, at_least, at_most):
    with pytest.raises(HallplanError) as failure:
        until_precise(queue, {"wait_mean_min": Relative(0.1)}, at_least=at_least, at_most=at_most)
    assert failure.value.values == {"at_least": at_least, "at_most": at_most}


def test_a_metric_that_does_not_exist_is_refused_after_one_replication(queue):
    with pytest.raises(HallplanError, match="no metric “wait_mean”"):
        until_precise(queue, {"wait_mean": Relative(0.1)})


def test_five_per_cent_means_the_mean_wait_and_the_mean_turnaround_where_there_are_such():
    assert usual_precision(compose("textbook-mm3"), 0.05) == {"ticket_wait_mean_min": Relative(0.05)}
    both = usual_precision(compose("township-desk"), 0.1)
    assert both == {"ticket_wait_mean_min": Relative(0.1), "case_elapsed_mean_days": Relative(0.1)}


def test_of_several_scenarios_the_usual_metrics_are_those_of_all():
    cases, none = compose("township-desk"), compose("textbook-mm3")
    assert asked_precision(["5%"], cases, none) == {"ticket_wait_mean_min": Relative(0.05)}
    stated = asked_precision(["5%", "open_cases=2%", "ticket_wait_mean_min=1%"], cases, none)
    assert stated == {"ticket_wait_mean_min": Relative(0.01), "open_cases": Relative(0.02)}


def test_the_best_is_the_higher_or_the_lower_as_the_metric_says_or_the_user(queue):
    halls = [
        queue,
        compose("textbook-mm3", overrides={"run.days": 2, "run.warm_up_days": 0, "pools.windows.servers": 9}),
    ]
    metric = "wait_mean_min"
    for better, best in ((None, 1), ("lower", 1), ("higher", 0)):
        zone = IndifferenceZone(metric, 1e-9, better=better, first_stage=3, at_most=4)
        for policy in (BudgetAllocation(metric, 6, better=better, first_stage=3), zone):
            study = Study.of(*halls, policy=policy, workers=1, engine="compiled", curves=False)
            assert run(study).selection.best == best, better
    assert direction_of("finished_share") == "higher"


def test_what_has_been_reached_is_a_plain_value():
    assert Reached.__dataclass_params__.frozen
