"""Figures that can be read from a log, and from a simulated log in the same way.

Input: the rows of a log, and its period.  Output: figures by name.  A log and a simulation are cut at the same dates
and counted by the same rules, so that what these leave out is left out of both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from calibration.eventlog.simulated import LogKind
from foundation.arrays import FloatArray

__all__ = ["FIGURES", "Period", "figures_of", "in_period", "period_of"]

FIGURES: Final[Mapping[str, str]] = {
    "rows_per_day": "count",
    "left_share": "share",
    "wait_mean_min": "minutes",
    "wait_q90_min": "minutes",
    "within_15_share": "share",
    "work_mean_min": "minutes",
    "done_share": "share",
    "elapsed_mean_days": "days",
    "elapsed_q90_days": "days",
}
"""Names of the figures, and the kind of number that each is."""
_FROM_TICKETS: Final = ("left_share", "wait_mean_min", "wait_q90_min", "within_15_share", "work_mean_min")
_FROM_LEDGER: Final = ("done_share", "elapsed_mean_days", "elapsed_q90_days")
_FROM_WORK: Final = ("wait_mean_min", "wait_q90_min", "work_mean_min")
_OF_KIND: Final[Mapping[LogKind, tuple[str, ...]]] = {
    "tickets": ("rows_per_day", *_FROM_TICKETS),
    "ledger": ("rows_per_day", *_FROM_LEDGER),
    "activities": ("rows_per_day", *_FROM_WORK),
    "events": ("rows_per_day",),
}
_SHORT_MIN: Final = 15.0


@dataclass(frozen=True)
class Period:
    """The dates of a log, both included, and how many of them are working days."""

    first: dt.date
    last: dt.date
    days: int


def _moments(events: pd.DataFrame) -> pd.Series:
    """Return the first moment of each row."""
    return events[["ready", "start", "end"]].min(axis=1)


def period_of(events: pd.DataFrame) -> tuple[dt.date, dt.date]:
    """Return the first and the last date on which something begins."""
    moments = _moments(events)
    return moments.min().date(), moments.max().date()


def in_period(events: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the rows that begin in a period, without suspensions."""
    moments = _moments(events)
    begin, end = pd.Timestamp(period.first), pd.Timestamp(period.last) + pd.Timedelta(days=1)
    return events[(moments >= begin) & (moments < end) & ~events["stop"].to_numpy(dtype=np.bool_)]


def figures_of(events: pd.DataFrame, kind: LogKind, period: Period) -> dict[str, float]:
    """Return the figures of a log of some kind; not-a-number where the log does not hold one.

    Parameters
    ----------
    events
        Rows of the period (:func:`in_period`).
    kind
        ``tickets``, ``ledger``, ``activities`` or ``events``.
    period
        Whose working days count.
    """
    outcome = events["outcome"].astype(str)
    done = events[(outcome == "done").to_numpy()]
    values = {"rows_per_day": len(events) / period.days}
    wait, work = _minutes(done, "ready", "start"), _minutes(done, "start", "end")
    values |= {
        "left_share": _ratio((outcome == "left").sum(), (outcome != "open").sum()),
        "wait_mean_min": _mean(wait),
        "wait_q90_min": _quantile(wait, 0.9),
        "within_15_share": _mean((wait <= _SHORT_MIN).astype(np.float64)),
        "work_mean_min": _mean(work),
    }
    elapsed = work / (24 * 60)
    values |= {
        "done_share": _ratio(len(done), len(events)),
        "elapsed_mean_days": _mean(elapsed),
        "elapsed_q90_days": _quantile(elapsed, 0.9),
    }
    return {name: values[name] for name in _OF_KIND[kind]}


def _minutes(events: pd.DataFrame, begin: str, end: str) -> FloatArray:
    """Return how long it was from one moment to another, where both are known."""
    length = (events[end] - events[begin]).dropna()
    return np.asarray(length.dt.total_seconds(), dtype=np.float64) / 60


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else float("nan")


def _quantile(values: FloatArray, share: float) -> float:
    return float(np.quantile(values, share)) if values.size else float("nan")


def _ratio(part: int, total: int) -> float:
    return float(part) / float(total) if total else float("nan")
