"""Running until it is precise, and finding the warm-up, with simulated halls."""

import threading

import pandas as pd
import pytest

from foundation.errors import HallplanError
from planner.warm_up import beginning_of
from scenarios.compose.composing import compose
from sim.run.replications import CancellationError, replicate
from sim.statistics import Absolute, Reached, Relative
from sim.statistics.sequential import asked_precision, replicate_to, usual_precision
from sim.statistics.warmup import WarmUp


@pytest.fixture(scope="module")
def queue():
    return compose("textbook-mm3", overrides={"run.days": 2, "run.warm_up_days": 0})


@pytest.fixture(scope="module")
def reached(queue):
    return replicate_to(queue, precision={"wait_mean_min": Relative(0.15)})


def test_replications_go_on_until_the_precision_is_reached_and_confirmed(reached):
    run, found = reached
    interval = run.interval("wait_mean_min")
    assert found.confirmed
    assert len(run) == found.replications == found.sufficed_at + 5 > 25
    assert interval.half_width <= 0.15 / 1.15 * interval.estimate
    assert [(one.metric, one.interval) for one in found.figures] == [("wait_mean_min", interval)]
    assert found.missed() == []
    assert f"after {found.sufficed_at} replications" in found.message("en")
    assert str(found.sufficed_at) in found.message("zh")


def test_the_numbers_are_those_of_plain_replications_however_one_stops(queue, reached):
    run, _ = reached
    plain = replicate(queue, replications=len(run))
    pd.testing.assert_frame_equal(run.summaries, plain.summaries, check_exact=True)
    pd.testing.assert_frame_equal(
        run.curves["pools_by_half_hour"], plain.curves["pools_by_half_hour"], check_exact=True
    )


def test_the_stop_does_not_depend_on_the_number_of_processes(queue, reached):
    run, found = replicate_to(queue, precision={"wait_mean_min": Relative(0.15)}, workers=2, curves=False)
    pd.testing.assert_frame_equal(run.summaries, reached[0].summaries, check_exact=True)
    assert found == reached[1]


def test_a_precision_that_is_not_reached_is_said_to_be_missing_and_by_how_much(queue):
    asked = {"wait_mean_min": Relative(0.02), "wait_within_15_share": Absolute(0.1)}
    _, found = replicate_to(queue, precision=asked, at_most=30, curves=False)
    assert (found.replications, found.sufficed_at, found.confirmed) == (30, None, False)
    (missed,) = found.missed()
    assert missed.metric == "wait_mean_min"
    interval = missed.interval
    needed = 30 * (interval.half_width / (interval.estimate * 0.02 / 1.02)) ** 2
    for language in ("en", "zh"):
        message = found.message(language)
        assert "wait_mean_min" in message
        assert "30" in message
        assert f"{int(float(f'{needed:.2g}'))}" in message


def test_a_stop_at_the_limit_is_not_called_confirmed(queue):
    _, found = replicate_to(queue, precision={"staff_hours_per_day": Relative(0.01)}, at_most=22, curves=False)
    assert (found.sufficed_at, found.confirmed) == (20, False)
    assert "before it was confirmed" in found.message("en")


def test_where_more_replications_would_not_help_the_message_says_so(queue):
    _, found = replicate_to(queue, precision={"case_elapsed_mean_days": Relative(0.05)}, at_most=21, curves=False)
    assert [one.metric for one in found.missed()] == ["case_elapsed_mean_days"]
    assert "more would not help" in found.message("en")


def test_progress_tells_about_how_many_it_will_take(queue):
    told = []
    replicate_to(
        queue,
        precision={"wait_mean_min": Relative(0.2)},
        at_most=200,
        curves=False,
        progress=lambda *now: told.append(now),
    )
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert all(done <= expected <= 200 for done, expected in told)
    assert told[-1][0] == told[-1][1]


def test_work_to_a_precision_can_be_cancelled(queue):
    cancel = threading.Event()
    with pytest.raises(CancellationError):
        replicate_to(
            queue,
            precision={"wait_mean_min": Relative(0.001)},
            progress=lambda *_: cancel.set(),
            cancel=cancel,
        )


@pytest.mark.parametrize(("at_least", "at_most"), [(1, 10), (20, 19)])
def test_limits_that_make_no_sense_are_refused(queue, at_least, at_most):
    with pytest.raises(HallplanError) as failure:
        replicate_to(queue, precision={"wait_mean_min": Relative(0.1)}, at_least=at_least, at_most=at_most)
    assert failure.value.values == {"at_least": at_least, "at_most": at_most}


def test_a_metric_that_does_not_exist_is_refused_after_one_replication(queue):
    with pytest.raises(HallplanError, match="no metric “wait_mean”"):
        replicate_to(queue, precision={"wait_mean": Relative(0.1)})


def test_five_per_cent_means_the_mean_wait_and_the_mean_turnaround_where_there_are_such():
    assert usual_precision(compose("textbook-mm3"), 0.05) == {"wait_mean_min": Relative(0.05)}
    both = usual_precision(compose("township-desk"), 0.1)
    assert both == {"wait_mean_min": Relative(0.1), "case_elapsed_mean_days": Relative(0.1)}


def test_of_several_scenarios_the_usual_metrics_are_those_of_all():
    cases, none = compose("township-desk"), compose("textbook-mm3")
    assert asked_precision(["5%"], cases, none) == {"wait_mean_min": Relative(0.05)}
    stated = asked_precision(["5%", "open_cases=2%", "wait_mean_min=1%"], cases, none)
    assert stated == {"wait_mean_min": Relative(0.01), "open_cases": Relative(0.02)}


# ---- warm-up -------------------------------------------------------------------------------------------------------


def cases(delay, every="2 h"):
    """Return a hall in which each application lies for a while: open cases fill up to (delay / every)."""
    return compose(
        "textbook-mm3",
        overrides={
            "services.item": {
                "kind": "committed",
                "visits": {"apply": {"file": {"start_case": True}}},
                "case": {"lie": {"delay": delay, "mark": "finished"}},
            },
            "arrivals.visitors.every": every,
            "run.days": 90,
        },
    )


def test_the_warm_up_is_as_long_as_it_takes_to_fill_the_hall():
    # An application every 2 h, and each lies for 12 days: the number open rises for 12 days, to 12 · 12 = 144.
    found = beginning_of(cases("12 working days"), replications=2)
    assert found.days == 15  # the end of the third batch of five days
    assert found.open_cases.size == 92
    assert found.open_cases[20:] == pytest.approx(144, abs=1)
    assert found.open_cases[5] == pytest.approx(6 * 12, abs=1)
    assert "run.warm_up_days = 15" in found.message("en")
    assert found.smoothed(2)[5] == pytest.approx(found.open_cases[3:8].mean())


def test_a_hall_that_does_not_keep_up_never_settles():
    overloaded = compose(
        "textbook-mm3",
        overrides={
            "services.item": {
                "kind": "committed",
                "visits": {"apply": {"file": {"start_case": True}}},
                "case": {"review": {"pool": "windows", "work": "4 h", "mark": "finished"}},
            },
            "pools.windows": {"servers": 1, "at_close": "keep"},
            "arrivals.visitors.every.mean": "2 h",
        },
    )
    found = beginning_of(overloaded, replications=5).settled
    assert found.days is None
    assert "has not settled within 60" in found.message("en")
    assert "60" in found.message("zh")


def test_a_short_look_is_too_short_to_tell():
    found = beginning_of(cases("12 working days"), days=20, replications=2)
    assert found.days is None
    assert "20 working days are too few" in found.message("en")


def test_reached_and_warm_up_are_plain_values():
    assert Reached.__dataclass_params__.frozen
    assert WarmUp.__dataclass_params__.frozen
