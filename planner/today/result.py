"""The answer to how the rest of a day goes.

Input: what was simulated.  Output: a :class:`RestOfDay`, and frames of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from foundation.arrays import FloatArray
from foundation.units import format_time_of_day
from planner.today.from_now import FromNow
from planner.today.state import HallState
from scenarios.model import Scenario
from sim.statistics.intervals import Interval
from sim.statistics.prediction import Prediction

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FRAMES", "Effort", "Opening", "PoolOutlook", "RestOfDay"]

FRAMES: Final = ("pools", "openings", "queues")
"""Names of the frames of a :class:`RestOfDay`."""
_POOL_COLUMNS: Final = (
    *("pool", "waiting", "windows"),
    *("empty_after_min", "empty_after_low", "empty_after_high"),
    *("ticket_wait_min", "ticket_wait_low", "ticket_wait_high", "ticket_called_share"),
    *("left", "left_low", "left_high", "unserved", "unserved_low", "unserved_high"),
    *("waiting_min", "waiting_min_low", "waiting_min_high"),
)
_OPENING_COLUMNS: Final = (
    *("pool", "until", "rest_of_day", "hours"),
    *("saved_min", "saved_low", "saved_high", "saved_per_hour_min", "helps", "tied_with_best"),
)
_QUEUE_COLUMNS: Final = ("pool", "time", "median", "low", "high")


@dataclass(frozen=True)
class Effort:
    """How much is simulated.

    Attributes
    ----------
    forecast
        Replications of the forecast: with 199 a prediction interval of 95% has exactly this probability.
    search, check
        Replications with which further windows are compared, and with which the best of them are measured anew.
    """

    forecast: int = 199
    search: int = 25
    check: int = 80

    @classmethod
    def of(cls, replications: int) -> Effort:
        """Return an effort for so many replications of the forecast."""
        return cls(replications, max(2, replications // 8), max(2, replications // 2))


@dataclass(frozen=True)
class PoolOutlook:
    """The rest of the day at one pool.

    Attributes
    ----------
    pool
        Its name.
    waiting, windows
        Tickets that wait, and servers on duty now.
    empty_after
        Minutes until nobody waits for the first time; infinite where that does not come today.
    ticket_wait
        Minutes that a ticket drawn now waits, if its visitor stays; infinite where it is not called today,
        not-a-number where no tickets are given any more.
    called
        Share of replications in which it is called.
    left, unserved
        Visitors who lose patience or find no room, and who are not served by the end of the day.
    waiting_min
        Minutes that all visitors wait here.
    """

    pool: str
    waiting: int
    windows: int
    empty_after: Prediction
    ticket_wait: Prediction
    called: float
    left: Interval
    unserved: Interval
    waiting_min: Interval


@dataclass(frozen=True)
class Opening:
    """One more window from now on, for a time.

    Attributes
    ----------
    pool
        Where.
    until
        Until when, in ms since midnight.
    is_rest
        Whether that is the rest of the day.
    hours
        How many hours somebody works for it.
    saved
        Minutes of waiting that it saves, in all pools together.
    tied
        Whether the best one may be no better.
    """

    pool: str
    until: int
    is_rest: bool
    hours: float
    saved: Interval
    tied: bool

    @property
    def helps(self) -> bool:
        """Whether it saves waiting for sure."""
        return self.saved.low > 0

    @property
    def saved_per_hour(self) -> float:
        """Minutes of waiting that an hour of work saves."""
        return self.saved.estimate / self.hours


@dataclass(frozen=True, eq=False)
class RestOfDay:
    """The rest of a day.

    Attributes
    ----------
    scenario, state
        The question.
    begins
        The scenario whose day begins now.
    level
        Of all intervals.
    effort
        How much was simulated.
    pools
        Pools at which visitors queue.
    openings
        Further windows, that with most waiting saved first; those of whom `tied` says so are as good for all that is
        known.
    decided
        Applications in progress that are decided today.
    grid
        Moments in ms since midnight at which queues are counted.
    queues
        By pool the median, low and high length of its queue, shape (moments, 3).
    """

    scenario: Scenario
    state: HallState
    begins: FromNow
    level: float
    effort: Effort
    pools: tuple[PoolOutlook, ...]
    openings: tuple[Opening, ...]
    decided: Prediction
    grid: tuple[int, ...]
    queues: Mapping[str, FloatArray]

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the pools, the further windows, and the queues over time."""
        import pandas as pd

        openings = [_opening_row(opening) for opening in self.openings]
        queues = [
            {"pool": pool, "time": format_time_of_day(moment), "median": row[0], "low": row[1], "high": row[2]}
            for pool, lengths in self.queues.items()
            for moment, row in zip(self.grid, lengths.tolist(), strict=True)
        ]
        return {
            "pools": pd.DataFrame([_pool_row(pool) for pool in self.pools], columns=list(_POOL_COLUMNS)),
            "openings": pd.DataFrame(openings, columns=list(_OPENING_COLUMNS)),
            "queues": pd.DataFrame(queues, columns=list(_QUEUE_COLUMNS)),
        }


def _pool_row(pool: PoolOutlook) -> dict[str, Any]:
    empty, wait = pool.empty_after, pool.ticket_wait
    values = (
        *(pool.pool, pool.waiting, pool.windows),
        *(empty.median, empty.low, empty.high, wait.median, wait.low, wait.high, pool.called),
        *(end for interval in (pool.left, pool.unserved, pool.waiting_min) for end in _ends(interval)),
    )
    return dict(zip(_POOL_COLUMNS, values, strict=True))


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


def _opening_row(opening: Opening) -> dict[str, Any]:
    values = (
        *(opening.pool, format_time_of_day(opening.until), opening.is_rest, opening.hours),
        *(*_ends(opening.saved), opening.saved_per_hour, opening.helps, opening.tied),
    )
    return dict(zip(_OPENING_COLUMNS, values, strict=True))
