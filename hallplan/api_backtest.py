"""The public API for back-tests: a saved forecast held against later months of the hall's own log.

Input: the folder of a saved forecast, and a log.  Output: a :class:`~planner.backtest.result.Backtest`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hallplan.api import EngineLike, engine_like
from planner.backtest.forecast import SavedForecast, read_forecast
from planner.backtest.holding import LEAST_REPLICATIONS, hold
from planner.backtest.result import Backtest
from sim.run.observing import observer
from sim.run.study import OnProgress

if TYPE_CHECKING:
    from calibration.eventlog.table import EventLog

__all__ = ["backtest"]


def backtest(
    forecast: SavedForecast | str | Path,
    log: EventLog | Sequence[str | Path] | str | Path,
    *,
    replications: int = LEAST_REPLICATIONS,
    seed: int | None = None,
    engine: EngineLike | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    announce: Callable[[str], None] | None = None,
) -> Backtest:
    """Hold a saved forecast against a log, figure by figure, and with the demand that came.

    Parameters
    ----------
    forecast
        The folder that ``hallplan run --out`` has written, or what was read from it.
    log
        Files of the log, or a log that was read with :func:`calibration.eventlog.read_log`.
    replications
        Of the forecast's scenario over the dates of the log; 39 at least.
    seed
        Of the random numbers; the forecast's own by default.
    engine, workers
        As for :func:`hallplan.run`.
    progress, announce
        Called after each replication of a step; and with a sentence if compiling takes some seconds.

    Raises
    ------
    HallplanError
        One sentence about what is wrong with the forecast or the log.
    """
    from calibration.eventlog.read.log import read_log
    from calibration.eventlog.table import EventLog

    saved = forecast if isinstance(forecast, SavedForecast) else read_forecast(Path(forecast))
    events = log if isinstance(log, EventLog) else read_log(log)
    simulate = observer(
        seed=saved.seed if seed is None else seed,
        engine=engine_like(engine),
        workers=workers,
        progress=progress,
        announce=announce,
    )
    return hold(saved, events, simulate, replications=max(replications, LEAST_REPLICATIONS))
