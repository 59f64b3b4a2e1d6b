"""Every check's formula, fault and statistic, frozen: what changes them must be looked at.

The values of the formulas are those of ``docs/reference/verification.md``; the sums are of one short run of every
scenario, whose draws are the same on every machine.
"""

import pytest

from sim.engine.choice import prepare
from verification.check import Check
from verification.checks import CHAPTERS
from verification.runs import runs
from verification.suite import by_scenario, findings, sample_of

SLOW_FORMULAS = ("day-14", "day-12")
"""Checks whose formula takes seconds to work out."""


def fault_of(check):
    return getattr(check.fault, "__name__", None) or dict(check.fault)


def described(check):
    bound = ", at most" if isinstance(check, Check) and check.at_most else ""
    return f"{check.name} of {check.scenario}, {check.unit}{bound}, fault {fault_of(check)}"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_checks_of_a_chapter_are_those_of_the_page(chapter, snapshot):
    assert [described(check) for check in CHAPTERS[chapter]] == snapshot


@pytest.mark.slow
def test_formulas_have_the_values_of_the_page(snapshot):
    values = {
        check.name: f"{check.theory():.7g}"
        for checks in CHAPTERS.values()
        for check in checks
        if isinstance(check, Check) and not check.name.startswith(SLOW_FORMULAS)
    }
    assert values == snapshot


@pytest.mark.slow
def test_formulas_of_uneven_days_have_the_values_of_the_page(snapshot):
    values = {check.name: f"{check.theory():.7g}" for check in CHAPTERS["days"] if check.name.startswith(SLOW_FORMULAS)}
    assert values == snapshot


@pytest.mark.slow
def test_statistics_of_a_short_run_of_every_scenario_stay_the_same(snapshot):
    engine, sums = prepare(), {}
    for scenario, checks in by_scenario().items():
        (run,) = runs(sample_of(scenario, "reduced"), engine=engine, replications=1)
        for check in checks:
            if isinstance(check, Check):
                top, bottom = check.statistic(run)
                sums[check.name] = f"{top:.9g} / {bottom:.9g}"
    assert sums == snapshot


def verdict(finding):
    values = (finding.theory, finding.simulated, finding.standard_error, finding.deviation, finding.allowed)
    sample = finding.sample
    return (
        f"{finding.check.name}: {', '.join(f'{value:.7g}' for value in values)}, {finding.passed}; "
        f"{sample.replications} x {sample.days} days, {sample.entities} entities, seed {sample.seed}"
    )


EXACT = ("threes", "lindley", "kiefer-wolfowitz", "tandem", "fifty-days", "stopped-clock", "jackson", "mm3")


@pytest.mark.parametrize("faulty", [False, True])
def test_laws_without_chance_hold_on_a_short_run_and_fail_with_a_fault(faulty, snapshot):
    engine, groups = prepare(), by_scenario()
    verdicts = []
    for scenario in EXACT:
        checks = [check for check in groups[scenario] if not isinstance(check, Check)]
        verdicts += map(verdict, findings(scenario, checks, engine=engine, sample="reduced", faulty=faulty))
    assert verdicts == snapshot


@pytest.mark.parametrize("faulty", [False, True])
def test_work_is_kept_over_interruptions_and_nights_unless_it_takes_longer(faulty, snapshot):
    engine, groups = prepare(), by_scenario()
    checks = [check for name in ("preemption", "overnight") for check in groups[name] if not isinstance(check, Check)]
    verdicts = [
        verdict(finding)
        for check in checks
        for finding in findings(check.scenario, [check], engine=engine, sample="reduced", faulty=faulty)
    ]
    assert verdicts == snapshot


def test_a_statistic_is_judged_over_all_replications_of_a_reduced_sample(snapshot):
    checks = by_scenario()["mm3"]
    assert len({type(check) for check in checks}) == 2
    for seed in (None, 5):
        results = findings("mm3", checks, engine=prepare(), sample="reduced", seed=seed)
        assert [result.check for result in results] == checks
        assert list(map(verdict, results)) == snapshot(name=f"seed {seed}")
