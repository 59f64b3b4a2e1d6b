"""Running the checks: every scenario once, sound or with a planted fault, under either engine.

Input: names of checks and an engine.  Output: :class:`~verification.check.Finding`\\ s.  Checks that share a scenario
share its simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from foundation import messages
from foundation.errors import HallplanError
from scenarios.model import Scenario
from scenarios.paths import suggestion
from sim.engine.choice import Engine, EngineName, engine_of
from sim.run.simulating import drawn
from verification.check import Check, ExactCheck, Fault, Finding, Simulated, judge, judge_exact
from verification.checks import CHECKS
from verification.runs import Run, runs, scenario_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "REDUCED_REPLICATIONS",
    "Progress",
    "Sample",
    "by_scenario",
    "checks_named",
    "findings",
    "run_checks",
    "sample_of",
    "table",
    "title_of",
    "verify",
]

Progress = Callable[[int, int], None]
"""Called after each scenario with the number done and the number of all."""

Sample = Literal["full", "reduced"]
"""``full``: the scenario's own replications and days.  ``reduced``: fewer, and an eighth of the days, for an engine
that is a hundred times slower."""

REDUCED_REPLICATIONS: Final = 12
_REDUCED_DAYS: Final = 8


def by_scenario(checks: Sequence[Check | ExactCheck] = ()) -> dict[str, list[Check | ExactCheck]]:
    """Return checks (all by default) by the scenario that they read, in order."""
    grouped: dict[str, list[Check | ExactCheck]] = {}
    for check in checks or CHECKS:
        grouped.setdefault(check.scenario, []).append(check)
    return grouped


def sample_of(scenario: str, sample: Sample, changes: Mapping[str, Any] | None = None) -> Scenario:
    """Compose a scenario for a sample, with changes."""
    full = scenario_of(scenario, changes)
    if sample == "full" or full.run.replications == 1:
        return full
    shorter = {
        "run.days": max(full.run.days // _REDUCED_DAYS, 1),
        "run.replications": min(full.run.replications, REDUCED_REPLICATIONS),
    }
    return scenario_of(scenario, shorter | dict(changes or {}))


def findings(
    scenario: str,
    checks: Sequence[Check | ExactCheck],
    *,
    engine: Engine,
    sample: Sample = "full",
    seed: int | None = None,
    faulty: bool = False,
) -> list[Finding]:
    """Simulate a scenario and compare it with the formulas of its checks.

    Parameters
    ----------
    scenario, checks
        Its name, and the checks that read it.
    engine, sample, seed
        Engine, size of the sample, and seed (the scenario's by default).
    faulty
        Whether each check's fault is planted first: then every check must fail.
    """
    results: dict[str, Finding] = {}
    for fault, members in _by_fault(checks, faulty=faulty):
        results |= {finding.check.name: finding for finding in _under(fault, scenario, members, engine, sample, seed)}
    return [results[check.name] for check in checks]


def _under(
    fault: Fault | None,
    scenario: str,
    checks: Sequence[Check | ExactCheck],
    engine: Engine,
    sample: Sample,
    seed: int | None,
) -> Iterator[Finding]:
    """Simulate once, with one fault or none, for all these checks."""
    changes = fault if isinstance(fault, Mapping) else None
    sampled = sample_of(scenario, sample, changes)
    used = sampled.run.seed if seed is None else seed
    exact = [check for check in checks if isinstance(check, ExactCheck)]
    statistical = [check for check in checks if isinstance(check, Check)]
    number = sampled.run.replications if statistical else 1
    pairs: dict[str, list[tuple[float, float]]] = {check.name: [] for check in statistical}
    entities = 0
    for replication, simulated in enumerate(runs(sampled, engine=engine, replications=number, seed=used)):
        run = Run(sampled, simulated.program, simulated.plan, fault(simulated.log)) if callable(fault) else simulated
        entities += int(run.window.contains(run.log.started).sum())
        if replication == 0 and exact:
            sound = run.program
            if changes is not None:
                sound = drawn(sample_of(scenario, sample), seed=used, replication=0)
            for exact_check in exact:
                yield judge_exact(
                    exact_check,
                    exact_check.identity(run, sound),
                    Simulated(1, sampled.run.days, entities, used),
                )
        for check in statistical:
            pairs[check.name].append(check.statistic(run))
    for check in statistical:
        yield judge(check, pairs[check.name], Simulated(number, sampled.run.days, entities, used))


def _by_fault(
    checks: Sequence[Check | ExactCheck], *, faulty: bool
) -> Iterator[tuple[Fault | None, list[Check | ExactCheck]]]:
    """Yield the checks by what is planted for them, so that each simulation serves as many as it can."""
    if not faulty:
        yield None, list(checks)
        return
    left = list(checks)
    while left:
        fault = left[0].fault
        yield fault, [check for check in left if check.fault == fault]
        left = [check for check in left if check.fault != fault]


def checks_named(names: Sequence[str] = ()) -> list[Check | ExactCheck]:
    """Return the checks of these names, or of scenarios of these names; all, if there are none.

    Raises
    ------
    HallplanError
        If there is no such check.
    """
    valid_names = {check.name for check in CHECKS} | {check.scenario for check in CHECKS}
    for name in names:
        if name not in valid_names:
            raise HallplanError("verification.unknown", name=name, near=suggestion(name, sorted(valid_names)))
    return [check for check in CHECKS if not names or check.name in names or check.scenario in names]


def run_checks(
    names: Sequence[str] = (),
    *,
    engine: EngineName = "compiled",
    sample: Sample | None = None,
    seed: int | None = None,
    faulty: bool = False,
    progress: Progress | None = None,
) -> list[Finding]:
    """Run checks, in the order of the report.

    Parameters
    ----------
    names
        Names of checks or of scenarios; all by default.
    engine
        ``compiled``, or ``simpy``.
    sample
        By default ``full`` for the compiled engine and ``reduced`` for the other.
    seed
        Instead of the scenarios' own seeds.  With a new seed, a check fails by chance with
        probability :data:`~verification.check.ERROR_PROBABILITY`.
    faulty
        Whether each check's fault is planted first.
    progress
        Called after each scenario.

    Raises
    ------
    HallplanError
        If there is no such check.
    """
    wanted = checks_named(names)
    groups = by_scenario(wanted)
    simulate = engine_of(engine)
    amount = sample or ("full" if engine == "compiled" else "reduced")
    by_name: dict[str, Finding] = {}
    for done, (scenario, checks) in enumerate(groups.items(), 1):
        for finding in findings(scenario, checks, engine=simulate, sample=amount, seed=seed, faulty=faulty):
            by_name[finding.check.name] = finding
        if progress is not None:
            progress(done, len(groups))
    return [by_name[check.name] for check in wanted]


def verify(
    names: Sequence[str] = (),
    *,
    engine: EngineName = "compiled",
    sample: Sample | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Compare the simulator with queueing theory: run the checks and return their table.

    Parameters
    ----------
    names, engine, sample, seed, progress
        As for :func:`run_checks`.

    Returns
    -------
    pandas.DataFrame
        As :func:`table` makes it; ``passed`` is the verdict.
    """
    return table(run_checks(names, engine=engine, sample=sample, seed=seed, progress=progress))


def title_of(check: Check | ExactCheck, language: messages.Language | None = None) -> str:
    """Return the title of a check: its scenario, and its statistic."""
    spoken = language or messages.language()
    statistic = messages.text(f"verification.check.{check.name}", spoken)
    return messages.text(
        "verification.title", spoken, scenario=getattr(scenario_of(check.scenario).title, spoken), statistic=statistic
    )


def table(results: Sequence[Finding]) -> pd.DataFrame:
    """Return findings as a frame, one row a check (index ``check``).

    Columns ``title`` (in the language in use), ``scenario``, ``unit``, ``theory``, ``simulated``, ``standard_error``,
    ``deviation`` and ``allowed`` (in standard errors), ``passed``, ``formula``, ``source``, ``replications``, ``days``
    (measured, in each replication), ``entities`` (visits and cases that began on them, in total) and ``seed``.
    """
    import pandas as pd

    rows = [
        {
            "check": finding.check.name,
            "title": title_of(finding.check),
            "scenario": finding.check.scenario,
            "unit": finding.check.unit,
            "theory": finding.theory,
            "simulated": finding.simulated,
            "standard_error": finding.standard_error,
            "deviation": finding.deviation,
            "allowed": finding.allowed,
            "passed": finding.passed,
            "formula": finding.check.formula,
            "source": finding.check.source,
            "replications": finding.sample.replications,
            "days": finding.sample.days,
            "entities": finding.sample.entities,
            "seed": finding.sample.seed,
        }
        for finding in results
    ]
    return pd.DataFrame(rows).set_index("check")
