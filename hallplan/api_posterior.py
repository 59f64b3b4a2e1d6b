"""Forecasts in Python that carry what nobody measured; the names a user needs are in :mod:`hallplan`.

In come names of scenarios, levers and values; out come forecasts with two intervals: of chance alone, and with the
parameters drawn from a posterior.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibration.posterior.artefact import Posterior, load_posterior
from planner.forecast import ComparedForecasts, Forecast
from planner.forecast import compare_forecasts as _compare
from planner.forecast import forecast as _forecast
from scenarios.compose.composing import Composed, composed
from scenarios.compose.levers import LeverUse

if TYPE_CHECKING:
    from sim.run.replications import CancelToken, Progress

__all__ = ["compare_forecasts", "forecast", "posterior"]


def posterior(folder: str | Path | None = None) -> Posterior:
    """Return a posterior: that from the article, which the package carries, or one in a folder.

    Raises
    ------
    HallplanError
        If there is none.
    """
    return load_posterior(None if folder is None else Path(folder))


def forecast(
    reference: str | Path | Composed,
    *,
    levers: Sequence[str | LeverUse] = (),
    overrides: Mapping[str, Any] | None = None,
    draws: Posterior | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: str | None = None,
    workers: int | None = None,
    level: float = 0.95,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> Forecast:
    """Forecast a scenario, with and without what is uncertain about its parameters.

    Parameters
    ----------
    reference, levers, overrides
        As for :func:`hallplan.load`; what `overrides` set stays as it is set.
    draws
        The posterior; that from the article by default.
    replications, seed, engine, workers, level, progress, cancel
        As for :func:`hallplan.run`.

    Returns
    -------
    Forecast
        ``.own.interval("wait_mean_min")`` is of chance alone, ``.spread("wait_mean_min")`` of both.

    Raises
    ------
    HallplanError
        One sentence about what is wrong, also where the scenario has nothing that was calibrated.
    """
    from hallplan.api import engine_named, worthwhile_engine

    one = _composed(reference, levers, overrides)
    return _forecast(
        one,
        draws or load_posterior(),
        replications=replications,
        seed=seed,
        workers=workers,
        engine=engine_named(engine or worthwhile_engine([one.scenario], replications)),
        level=level,
        progress=progress,
        cancel=cancel,
    )


def compare_forecasts(
    base: str | Path | Composed,
    *others: str | Path | Composed,
    draws: Posterior | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: str | None = None,
    workers: int | None = None,
    level: float = 0.95,
) -> ComparedForecasts:
    """Compare scenarios with the first, with the same random numbers and the same draws; see :func:`forecast`.

    Parameters
    ----------
    base, others
        Names or paths, or scenarios composed with levers by :func:`scenarios.compose.composing.composed`.
    draws, replications, seed, engine, workers, level
        As for :func:`forecast`.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    from hallplan.api import engine_named, worthwhile_engine

    read = [_composed(one, (), None) for one in (base, *others)]
    models = [one.scenario for one in read]
    return _compare(
        read,
        draws or load_posterior(),
        replications=replications,
        seed=seed,
        workers=workers,
        engine=engine_named(engine or worthwhile_engine(models, replications)),
        level=level,
    )


def _composed(
    given: str | Path | Composed, levers: Sequence[str | LeverUse], overrides: Mapping[str, Any] | None
) -> Composed:
    if isinstance(given, Composed):
        return given.changed(levers=levers, overrides=overrides) if levers or overrides else given
    return composed(given, levers=levers, overrides=overrides)
