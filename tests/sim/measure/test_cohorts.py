"""Cases are scored by when they were opened: scoring those that were closed in the window favours the quick ones."""

import numpy as np
import pytest

from scenarios.compose.composing import compose
from sim.draw.drawing import draw
from sim.engine.kernel import run_compiled
from sim.measure import measure
from sim.measure.cases import Cases
from sim.plan import compile_plan


def run(overrides=None):
    """Open a one-day case and a ten-day case at nine on each of ten measured days, and follow them for twenty."""
    lie = {"kind": "committed", "visits": {"apply": {"file": {"start_case": True}}}}
    scenario = compose(
        "textbook-mm3",
        overrides={
            "services": {
                "quick": lie | {"case": {"lie": {"delay": "1 working days", "mark": "finished"}}},
                "slow": lie | {"case": {"lie": {"delay": "10 working days", "mark": "finished"}}},
            },
            "arrivals": {
                "quick": {"services": "quick", "at": ["09:00"]},
                "slow": {"services": "slow", "at": ["09:00"]},
            },
            "run.warm_up_days": 0,
            "run.days": 10,
            "run.follow_up_days": 20,
        }
        | (overrides or {}),
    )
    plan, program = compile_plan(scenario), draw(scenario, 1, 0)
    return measure(scenario, program, plan, run_compiled(program, plan))


def closed_in_window(metrics) -> Cases:
    """Return which cases were closed in the measured window: what a report by the month would count."""
    cases, window = metrics.case_table, metrics.table.window
    return (cases.closed >= window.begin) & (cases.closed < window.end)


def test_the_cohort_has_the_mean_that_an_applicant_meets():
    # half take one day, half ten
    assert run().summary["case_elapsed_mean_days"] == pytest.approx(5.5)


def test_what_was_closed_in_the_window_is_biased_by_length_while_the_backlog_grows():
    # Closed in ten days from an empty start: the quick ones of days 1 to 9, and no slow one, the first on day 11.
    metrics = run()
    days = metrics.case_table.elapsed_days[closed_in_window(metrics)]
    assert days.size == 9
    assert days.mean() == pytest.approx(1.0)


def test_both_agree_once_the_backlog_stands_still():
    # After twenty days of the same demand, each day brings in and sends out one of both.
    metrics = run({"run.warm_up_days": 20})
    assert metrics.summary["case_elapsed_mean_days"] == pytest.approx(5.5)
    assert metrics.case_table.elapsed_days[closed_in_window(metrics)].mean() == pytest.approx(5.5)


def test_a_case_that_is_not_followed_to_its_end_is_counted_open_and_never_dropped():
    # Followed for five days: of the slow ones of days 1 … 10 those of days 1 … 5 are done by day 15.
    summary = run({"run.follow_up_days": 5}).summary
    assert summary["cases_measured.slow"] == 10
    assert summary["cases_open.slow"] == 5
    assert np.isinf(summary["elapsed_q95_days.slow"])
    assert summary["cases_open.quick"] == 0


@pytest.mark.parametrize(("follow_up", "days"), [(20, 10.0), (5, np.inf)])
def test_nine_in_ten_cases_end_within_the_ninetieth_percentile_and_open_ones_never(follow_up, days):
    # Of 20 cases the 18th in order is a slow one; followed for five days, five of the slow ones are open.
    assert run({"run.follow_up_days": follow_up}).summary["case_elapsed_q90_days"] == pytest.approx(days)
