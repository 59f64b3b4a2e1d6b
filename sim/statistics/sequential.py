"""Running as many replications as it takes to a precision, without a study's words; callers move to a study.

Input: a scenario and the precision of some metrics.  Output: the replications, and whether they suffice.
"""

from __future__ import annotations

from collections.abc import Mapping

from scenarios.model import Scenario
from sim.engine.choice import Engine
from sim.measure.table import MeasureOptions
from sim.run.policy import ToPrecision, asked_precision, usual_precision
from sim.run.replications import CancelToken, Progress, Replications
from sim.run.study import Study, run
from sim.statistics.precision import AT_LEAST, AT_MOST, Precision, Reached

__all__ = ["asked_precision", "replicate_to", "usual_precision"]


def replicate_to(
    scenario: Scenario,
    *,
    precision: Mapping[str, Precision],
    at_least: int = AT_LEAST,
    at_most: int = AT_MOST,
    level: float = 0.95,
    seed: int | None = None,
    workers: int | None = None,
    engine: Engine | None = None,
    options: MeasureOptions | None = None,
    curves: bool = True,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> tuple[Replications, Reached]:
    """Run replications until every metric is precise: a study with :class:`~sim.run.policy.ToPrecision`."""
    study = Study.of(
        scenario,
        policy=ToPrecision(precision, at_least, at_most),
        seed=seed,
        level=level,
        workers=workers or 1,
        engine=engine or "compiled",
        options=options or MeasureOptions(),
        curves=curves,
    )
    told = progress
    result = run(
        study,
        progress=None if told is None else lambda state: told(state.total_done, state.total_expected),
        cancel=cancel,
    )
    assert result.reached is not None
    return result.runs[0], result.reached
