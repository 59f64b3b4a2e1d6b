"""Running as many replications as it takes to a precision.

Comes in: a scenario and the precision asked of some metrics.  Go out: the replications, and whether they suffice.
Replication ``k`` is the same whenever one stops, and the stop depends on the numbers alone, not on how
many processes have brought them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from foundation.errors import HallplanError
from scenarios.model import Scenario
from sim.engine.kernel import run_compiled
from sim.measure import MeasureOptions
from sim.run.replications import CancelToken, Engine, Progress, Replications, replicate
from sim.statistics.precision import AT_LEAST, AT_MOST, Precision, Reached, Watch, parse_precision, precision_of

__all__ = ["asked_precision", "replicate_to", "usual_precision"]

_USUAL: Final = ("wait_mean_min", "case_elapsed_mean_days")


def usual_precision(scenario: Scenario, width: float) -> dict[str, Precision]:
    """Return the precision that ``--precision 5%`` asks for: of the mean wait, and of the mean turnaround of cases.

    Only of what the scenario has: somebody who visits a site, and services with a case.
    """
    has = (
        any(source.channel != "online" for source in scenario.arrivals.values()),
        any(service.case is not None for service in scenario.services.values()),
    )
    return {key: precision_of(key, width) for key, present in zip(_USUAL, has, strict=True) if present}


def asked_precision(texts: Iterable[str], scenario: Scenario, *others: Scenario) -> dict[str, Precision]:
    """Read what precision is asked for: ``"5%"`` of the usual metrics, or ``"wait_mean_min=2%"`` of one.

    A later one of the same metric replaces an earlier one.  Of several scenarios the usual metrics are those that all
    of them have.

    Raises
    ------
    HallplanError
        If one can't be read.
    """
    asked: dict[str, Precision] = {}
    for text in texts:
        key, width = parse_precision(text)
        if key:
            asked[key] = precision_of(key, width)
        else:
            common = [usual_precision(one, width) for one in others]
            usual = usual_precision(scenario, width).items()
            asked |= {name: one for name, one in usual if all(name in other for other in common)}
    return asked


def replicate_to(
    scenario: Scenario,
    *,
    precision: Mapping[str, Precision],
    at_least: int = AT_LEAST,
    at_most: int = AT_MOST,
    level: float = 0.95,
    seed: int | None = None,
    workers: int | None = None,
    engine: Engine = run_compiled,
    options: MeasureOptions | None = None,
    curves: bool = True,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> tuple[Replications, Reached]:
    """Run replications until every asked metric is precise, and a few more confirm it (Hoad, Robinson & Davies 2010).

    Parameters
    ----------
    scenario
        What to simulate.
    precision
        By metric, such as ``{"wait_mean_min": Relative(0.05), "wait_within_15_share": Absolute(0.01)}``.
    at_least, at_most
        Replications before which nothing is decided, and at which to give up.
    level
        Confidence level of the intervals.
    seed, workers, engine, options, curves, cancel
        As for :func:`sim.run.replications.replicate`.
    progress
        Called after each replication, with how many are done and about how many it will take.

    Raises
    ------
    HallplanError
        If no metric is asked for or one is unknown, the limits make no sense, or whatever a replication raises.
    CancellationError
        If `cancel` was set.
    """
    if at_least < 2 or at_most < at_least:
        raise HallplanError("statistics.bad_limits", at_least=at_least, at_most=at_most)
    watch = Watch(precision, at_least=at_least, level=level)

    def told(done: int, most: int) -> None:
        if progress is not None:
            progress(done, min(max(watch.expected(), done), most))

    run = replicate(
        scenario,
        replications=at_most,
        seed=seed,
        workers=workers,
        engine=engine,
        options=options,
        curves=curves,
        level=level,
        progress=told,
        cancel=cancel,
        enough=watch.enough,
    )
    return run, watch.reached()
