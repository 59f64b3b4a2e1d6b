"""The simulator agrees with queueing theory, and every check would see a fault of two percent.

A scenario at a time: its checks share its simulation.  Seeds are fixed, so that a verdict changes only with the code.
"""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from sim.calendar import MINUTE_MS
from sim.engine.choice import prepare, run
from sim.measure.conservation import check_conservation
from sim.program import Code
from verification import CHECKS, ERROR_PROBABILITY
from verification.check import Check, Finding, Simulated, allowed_deviation, judge
from verification.runs import runs
from verification.statistics import without_events
from verification.suite import by_scenario, findings, sample_of

SCENARIOS = by_scenario()
SIMPY = partial(run, engine="simpy")


def report(found: list[Finding]) -> str:
    return "; ".join(
        f"{one.check.name}: theory {one.theory:g}, simulated {one.simulated:g}, deviation {one.deviation:+.1f}"
        for one in found
    )


def test_there_are_a_hundred_checks_of_different_names():
    assert len(CHECKS) >= 100
    assert len({check.name for check in CHECKS}) == len(CHECKS)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_theory_and_simulation_agree(scenario):
    found = findings(scenario, SCENARIOS[scenario], engine=prepare())
    assert all(one.passed for one in found), report(found)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_fault_of_two_percent_is_seen(scenario):
    found = findings(scenario, SCENARIOS[scenario], engine=prepare(), faulty=True)
    assert not any(one.passed for one in found), report(found)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_both_engines_write_the_same_log(scenario):
    """A short run of each scenario, to the last bit; nobody and no time is lost, and Little's law holds exactly."""
    short = sample_of(scenario, "reduced")
    if short.run.replications > 1:
        short = sample_of(scenario, "reduced", {"run.warm_up_days": 0, "run.follow_up_days": 0})
    (compiled,) = runs(short, engine=prepare(), replications=1)
    (reference,) = runs(short, engine=SIMPY, replications=1)
    assert np.array_equal(compiled.log.rows, reference.log.rows)
    assert np.array_equal(compiled.log.started, reference.log.started)
    assert np.array_equal(compiled.log.ended, reference.log.ended)
    assert np.array_equal(compiled.log.in_service, reference.log.in_service)
    assert compiled.log.rows.size > 0
    check_conservation(compiled.program, compiled.log)
    check_little(compiled.log)


def check_little(log):
    """``∫ N dt = Σ T`` over all who are done, N from the moments of setting out and being done."""
    done = log.ended >= 0
    moments = np.sort(np.concatenate((log.started[done], log.ended[done])))
    out = np.sort(log.ended[done])
    number = np.arange(1, moments.size + 1) - 2 * np.searchsorted(out, moments, side="right")
    spent = int((log.ended - log.started)[done].sum())
    assert int((number[:-1] * np.diff(moments)).sum()) == spent
    rows = log.rows[done[log.rows["entity"]]]
    assert int((rows["end"] - rows["ready"]).sum()) == spent


# ---- the verdict itself --------------------------------------------------------------------------------------------


def a_check(theory: float, *, at_most: bool = False) -> Check:
    return Check("x", "mm1", lambda run: (0.0, 1.0), lambda: theory, "", "", at_most=at_most)


def test_the_allowed_deviation_is_exceeded_with_the_stated_probability():
    for number in (16, 32):
        assert 2 * stats.t(number - 1).sf(allowed_deviation(number)) == pytest.approx(ERROR_PROBABILITY)
        assert stats.t(number - 1).sf(allowed_deviation(number, one_sided=True)) == pytest.approx(ERROR_PROBABILITY)


def test_a_finding_is_the_ratio_of_sums_with_its_standard_error():
    found = judge(a_check(2.0), [(2.0, 1.0), (6.0, 3.0), (5.0, 2.0)], Simulated(3, 1, 6, 1))
    assert found.simulated == pytest.approx(13 / 6)
    residuals = np.array([2 - 13 / 6, 6 - 13 / 2, 5 - 13 / 3])
    assert found.standard_error == pytest.approx(np.sqrt(1.5 * np.sum(residuals**2)) / 6)
    assert found.deviation == pytest.approx((13 / 6 - 2) / found.standard_error)
    assert found.passed


def test_intervals_without_events_are_counted_from_the_first_on():
    # Half an hour from minute 100, in three intervals; events in the first and the last, and outside of all.
    moments = np.array([99, 101, 125, 131]) * MINUTE_MS
    part = SimpleNamespace(length=30 * MINUTE_MS, window=SimpleNamespace(begin=100 * MINUTE_MS))
    assert without_events(lambda run: moments, 10)(part) == (1, 3)


def test_a_bound_may_be_stayed_below_but_not_exceeded():
    rng = np.random.default_rng(1)
    pairs = [(float(value), 1.0) for value in rng.normal(10, 1, 32)]
    sample = Simulated(32, 1, 32, 1)
    assert judge(a_check(20, at_most=True), pairs, sample).passed
    assert not judge(a_check(20), pairs, sample).passed
    assert not judge(a_check(8, at_most=True), pairs, sample).passed


@pytest.mark.slow
def test_t_verdicts_go_red_as_often_as_they_say():
    """Of 20,000 correct checks about 1 in 20 exceeds the 95 % quantile: the standard error is not too small."""
    rng = np.random.default_rng(7)
    tops, bottoms = rng.gamma(4, 1, (2, 20_000, 32))
    deviations = [
        judge(a_check(1.0), list(zip(top, bottom, strict=True)), Simulated(32, 1, 1, 1)).deviation
        for top, bottom in zip(tops, bottoms, strict=True)
    ]
    share = np.mean(np.abs(deviations) > stats.t(31).ppf(0.975))
    assert 0.044 < share < 0.058


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_theory_and_the_simpy_engine_agree(scenario):
    found = findings(scenario, SCENARIOS[scenario], engine=SIMPY, sample="reduced")
    assert all(one.passed for one in found), report(found)


def test_the_clerk_has_work_until_the_run_ends():
    """Otherwise the check of vacations would measure something else; so would that of repairs without machines."""
    (only,) = runs(sample_of("vacations-constant", "reduced"), engine=prepare(), replications=1)
    clerk = only.at("window", "filing")
    assert clerk.end.max() > only.window.end
    assert clerk.size == only.rows(Code.SERVE).size - only.at("window", "item").size
