"""Forecasts in Python that carry what nobody measured; the names a user needs are in :mod:`hallplan`.

In come names of scenarios, levers and values; out come forecasts with two intervals: of chance alone, and with the
parameters drawn from a posterior.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from calibration.posterior.artefact import Posterior, load_posterior
from hallplan.api import EngineLike, work_off
from planner.compare import check_number
from planner.forecast import ComparedForecasts, Forecast, forecast_systems
from scenarios.compose.composing import Composed, composed
from scenarios.compose.levers import LeverUse
from sim.run.replications import CancelToken
from sim.run.study import OnProgress

__all__ = ["compare_forecasts", "composed_like", "forecast", "posterior"]


def posterior(folder: str | Path | None = None) -> Posterior:
    """Return a posterior: the one from the article, which is part of the package, or one in a folder.

    Parameters
    ----------
    folder
        Folder of a posterior; that from the article by default.

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
    engine: EngineLike | None = None,
    workers: int | None = None,
    level: float = 0.95,
    cache: bool = True,
    progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
) -> Forecast:
    """Forecast a scenario, with and without what is uncertain about its parameters.

    Parameters
    ----------
    reference, levers, overrides
        As for :func:`hallplan.load`; what `overrides` set stays as it is set.
    draws
        The posterior; that from the article by default.
    replications, seed, engine, workers, level, cache, progress, cancel
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
    result = work_off(
        *forecast_systems([composed_like(reference, levers, overrides)], draws or load_posterior()),
        replications=replications,
        seed=seed,
        level=level,
        engine=engine,
        workers=workers,
        cache=cache,
        progress=progress,
        cancel=cancel,
    )
    return Forecast.of(result)


def compare_forecasts(
    base: str | Path | Composed,
    *others: str | Path | Composed,
    draws: Posterior | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    level: float = 0.95,
    cache: bool = True,
) -> ComparedForecasts:
    """Compare scenarios with the first, with the same random numbers and the same draws; see :func:`forecast`.

    Parameters
    ----------
    base, others
        Names or paths, or scenarios composed with levers by :func:`scenarios.compose.composing.composed`.
    draws, replications, seed, engine, workers, level, cache
        As for :func:`forecast`.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    scenarios = [composed_like(scenario) for scenario in (base, *others)]
    check_number(len(scenarios))
    result = work_off(
        *forecast_systems(scenarios, draws or load_posterior()),
        replications=replications,
        seed=seed,
        level=level,
        engine=engine,
        workers=workers,
        cache=cache,
    )
    return ComparedForecasts.of(result)


def composed_like(
    reference: str | Path | Composed,
    levers: Sequence[str | LeverUse] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Composed:
    """Return a composed scenario: one by name or path, or one at hand, with levers and changes."""
    if isinstance(reference, Composed):
        return reference.changed(levers=levers, overrides=overrides) if levers or overrides else reference
    return composed(reference, levers=levers, overrides=overrides)
