"""What came, beside what was forecast.

Input: figures of a log and of simulated logs.  Output: a :class:`Backtest`, and frames of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from calibration.eventlog.simulated import LogKind
from planner.backtest.figures import Period
from planner.backtest.forecast import SavedForecast
from sim.statistics.prediction import Prediction

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FRAMES", "Backtest", "HeldFigure"]

FRAMES: Final = ("figures",)
"""Names of the frames of a :class:`Backtest`."""
_COLUMNS: Final = (
    *("figure", "observed", "forecast", "low", "high", "inside"),
    *("with_demand", "with_demand_low", "with_demand_high", "inside_with_demand"),
)


@dataclass(frozen=True)
class HeldFigure:
    """One figure.

    Attributes
    ----------
    name
        One of :data:`planner.backtest.figures.FIGURES`.
    observed
        In the log; not-a-number if the log does not hold it.
    forecast
        Of the forecast.
    with_demand
        Of the forecast with the demand that came.
    """

    name: str
    observed: float
    forecast: Prediction
    with_demand: Prediction

    @property
    def inside(self) -> bool:
        """Whether it lies inside the forecast's interval."""
        return self.forecast.low <= self.observed <= self.forecast.high

    @property
    def inside_with_demand(self) -> bool:
        """Whether it lies inside the interval with the demand that came."""
        return self.with_demand.low <= self.observed <= self.with_demand.high


@dataclass(frozen=True, eq=False)
class Backtest:
    """A forecast held against a log.

    Attributes
    ----------
    forecast
        As it was saved.
    kind, period
        Of the log.
    demand
        Rows of the log a day, over those of the forecast.
    figures
        Those that the log holds.
    replications
        Simulated logs.
    level
        Of the intervals.
    """

    forecast: SavedForecast
    kind: LogKind
    period: Period
    demand: float
    figures: tuple[HeldFigure, ...]
    replications: int
    level: float

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the figures."""
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for figure in self.figures:
            plain, changed = figure.forecast, figure.with_demand
            values = (
                *(figure.name, figure.observed, plain.median, plain.low, plain.high, figure.inside),
                *(changed.median, changed.low, changed.high, figure.inside_with_demand),
            )
            rows.append(dict(zip(_COLUMNS, values, strict=True)))
        return {"figures": pd.DataFrame(rows, columns=list(_COLUMNS))}
