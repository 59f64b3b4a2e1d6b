"""How a run's beginning looks, and how much of it to leave out: the open cases of a hall that begins without any.

Input: a scenario.  Output: a :class:`Beginning`: the mean number of open cases by working day with its interval,
Welch's moving average of it, what MSER-5 says, and what that means for a hall that keeps up or falls behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from foundation import messages
from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from planner.regime import Regime, regime_of
from scenarios.model import Scenario
from sim.run.record import RunRecord
from sim.run.replications import Replications
from sim.run.study import StudyResult
from sim.statistics.intervals import Interval
from sim.statistics.warmup import BATCH, Truncation, WarmUp, mser

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BATCH", "LEAST_DAYS", "Beginning", "from_the_beginning"]

LEAST_DAYS: Final = 60
"""Working days that are looked at, if the scenario has fewer and nothing else is said."""


@dataclass(frozen=True, eq=False)
class Beginning:
    """The beginning of a scenario's runs.

    Attributes
    ----------
    scenario
        As it was run: from its first day on, with nothing left out.
    own_days
        Days that the scenario itself leaves out (``run.warm_up_days``).
    run
        The replications.
    provenance
        What the results were made from, and with what.
    """

    scenario: Scenario
    own_days: int
    run: Replications
    provenance: RunRecord | None = None

    @classmethod
    def of(cls, result: StudyResult, *, own_days: int) -> Beginning:
        """Return the beginning that a study of :func:`from_the_beginning` with curves shows.

        Parameters
        ----------
        result
            The study's result.
        own_days
            Working days that the scenario itself leaves out.
        """
        return cls(result.study.scenarios[0], own_days, result.runs[0], result.provenance)

    @cached_property
    def regime(self) -> Regime:
        """Whether the hall keeps up; where it falls behind there is no state to settle in."""
        return regime_of(self.scenario)

    @cached_property
    def open_cases(self) -> FloatArray:
        """Open cases at the end of each working day, mean over the replications."""
        return self.run.curves["open_cases_by_day"]["open_mean"].to_numpy(dtype=np.float64)

    @property
    def replications(self) -> int:
        """How many."""
        return len(self.run)

    def interval(self, place: int) -> Interval:
        """Return the 95% interval of the mean number of open cases at the end of one working day, from 0."""
        row = self.run.curves["open_cases_by_day"].iloc[place]
        ends = float(row["open_low"]), float(row["open_high"])
        return Interval(float(row["open_mean"]), *ends, 0.95, "mean", len(self.run))

    def smoothed(self, window: int = BATCH) -> FloatArray:
        """Return the moving average over ``2 window + 1`` days: Welch's plot, the check by eye."""
        return self.settled.smoothed(window)

    @cached_property
    def truncation(self) -> Truncation:
        """What MSER-5 says of :attr:`open_cases`."""
        return mser(self.open_cases)

    @property
    def days(self) -> int | None:
        """Working days to leave out; ``None`` where the series has not settled, is too short, or never will settle."""
        return None if self.regime.kind == "transient" else self.settled.days

    @property
    def settled(self) -> WarmUp:
        """What the series alone says, whatever the hall's load."""
        cut = self.truncation.cut if self.truncation.accepted else None
        return WarmUp(cut, self.open_cases, len(self.run))

    def message(self, language: messages.Language | None = None) -> str:
        """Say in one sentence what to do."""
        if self.regime.kind != "transient":
            return self.settled.message(language)
        return messages.text("statistics.warm_up.falls_behind", language)

    def advice(self, language: messages.Language | None = None) -> str:
        """Say in one sentence what the scenario does itself, or what to do in the place of a warm-up."""
        days = self.days
        if days is None:
            return messages.text("statistics.warm_up.backlog_instead", language)
        key = "enough" if self.own_days >= days else "too_few"
        return messages.text(f"statistics.warm_up.{key}", language, own=self.own_days, days=days)

    def curve(self) -> pd.DataFrame:
        """Return one row a working day, from 1: date, mean open cases, interval, moving average, whether left out."""
        import pandas as pd

        curve, days = self.run.curves["open_cases_by_day"], np.arange(1, self.open_cases.size + 1)
        return pd.DataFrame(
            {
                "day": days,
                "date": curve["date"].to_numpy(),
                "open_mean": self.open_cases,
                "open_low": curve["open_low"].to_numpy(),
                "open_high": curve["open_high"].to_numpy(),
                "smoothed": self.smoothed(),
                "left_out": days <= (self.days or 0),
            }
        )

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return :meth:`curve` and MSER-5's statistic by cut, for :func:`sim.measure.export.export`."""
        import pandas as pd

        statistic = self.truncation.statistic
        cuts = pd.DataFrame({"days_left_out": BATCH * np.arange(statistic.size), "squared_error": statistic})
        return {"open_cases": self.curve(), "mser": cuts}


def from_the_beginning(scenario: Scenario, days: int | None = None) -> Scenario:
    """Return a scenario that is measured from its first day on.

    Parameters
    ----------
    scenario
        The scenario.
    days
        Working days to look at; by default as many as its warm-up and measured days, :data:`LEAST_DAYS` at the least.

    Raises
    ------
    HallplanError
        If it has no cases, which are what a run begins without, or begins with a stated backlog.
    """
    if scenario.backlog:
        raise HallplanError("statistics.warm_up.has_backlog", name=scenario.name)
    if all(service.case is None for service in scenario.services.values()):
        raise HallplanError("statistics.warm_up.no_cases", name=scenario.name)
    run = scenario.run
    looked_at = max(run.warm_up_days + run.days, LEAST_DAYS) if days is None else days
    lengthened = run.model_copy(update={"warm_up_days": 0, "days": looked_at, "follow_up_days": 0})
    return scenario.model_copy(update={"run": lengthened})
