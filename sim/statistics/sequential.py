"""Running as many replications as it takes: to a precision, or to see how long a run's beginning lasts.

Comes in: a scenario and the precision asked of some metrics.  Go out: the replications, and whether they suffice.
Replication ``k`` is the same whenever one stops, and the stop depends on the numbers alone, not on how
many processes have brought them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from scenarios import messages
from scenarios.errors import HallplanError
from scenarios.model import Scenario
from sim.calendar import FloatArray
from sim.kernel import run_compiled
from sim.metrics import MeasureOptions
from sim.replications import CancelToken, Engine, Progress, Replications, replicate
from sim.statistics.precision import AT_LEAST, AT_MOST, Precision, Reached, Watch, parse_precision, precision_of
from sim.statistics.warmup import BATCH, LAST_BATCHES, mser, welch

__all__ = ["WarmUp", "asked_precision", "replicate_to", "usual_precision", "warm_up"]

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
        As for :func:`sim.replications.replicate`.
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


# ---- warm-up -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class WarmUp:
    """How long the number of open cases takes to forget that the run began without any.

    Attributes
    ----------
    days
        Working days to leave out; ``None`` where the series has not settled, or is too short to tell.
    open_cases
        Open cases at the end of each working day, mean over the replications.
    replications
        How many.
    """

    days: int | None
    open_cases: FloatArray
    replications: int

    def smoothed(self, window: int = BATCH) -> FloatArray:
        """Return the moving average over ``2 window + 1`` days: Welch's plot, the check by eye."""
        return welch(self.open_cases, window)

    def message(self, language: messages.Language | None = None) -> str:
        """Say in one sentence what to do."""
        series = self.open_cases.size
        if self.days is not None:
            key, days = "statistics.warm_up.settled", self.days
            return messages.text(key, language, days=days, series=series, replications=self.replications)
        if series < _SHORTEST:
            return messages.text("statistics.warm_up.too_short", language, series=series, least=_SHORTEST)
        return messages.text("statistics.warm_up.unsettled", language, series=series, replications=self.replications)


_SHORTEST: Final = 2 * BATCH * LAST_BATCHES


def warm_up(
    scenario: Scenario,
    *,
    days: int | None = None,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    engine: Engine = run_compiled,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> WarmUp:
    """Find the warm-up that a scenario's open cases need: MSER-5 on their daily number, averaged over replications.

    Parameters
    ----------
    scenario
        What to simulate: from its first day on, nothing left out.
    days
        Working days to look at; by default as many as the scenario's warm-up and measured days, 60 at the least.
    replications, seed, workers, engine, progress, cancel
        As for :func:`sim.replications.replicate`.

    Raises
    ------
    HallplanError
        Whatever a replication raises.
    CancellationError
        If `cancel` was set.
    """
    run = scenario.run
    looked_at = max(run.warm_up_days + run.days, 60) if days is None else days
    whole = run.model_copy(update={"warm_up_days": 0, "days": looked_at, "follow_up_days": 0})
    found = replicate(
        scenario.model_copy(update={"run": whole}),
        replications=replications,
        seed=seed,
        workers=workers,
        engine=engine,
        progress=progress,
        cancel=cancel,
    )
    series = found.curves["open_cases_by_day"]["open_mean"].to_numpy(dtype=np.float64)
    truncation = mser(series)
    return WarmUp(truncation.cut if truncation.accepted else None, series, len(found))
