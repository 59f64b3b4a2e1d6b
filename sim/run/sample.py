"""What one replication of a scenario leaves behind: its scalar metrics and, where they are wanted, its curves.

Input: the :class:`~sim.measure.frames.Metrics` of one replication.  Output: a :class:`Sample`, small enough for a store
and for another process.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from foundation.arrays import FloatArray

if TYPE_CHECKING:
    from sim.measure.frames import Metrics

__all__ = ["Curves", "Sample", "curves_of", "sample_of"]


@dataclass(frozen=True, eq=False)
class Curves:
    """Numbers of one replication over the half-hours, over the days and over the turnaround.

    Attributes
    ----------
    called, waited
        By half-hour of the day: visitors who joined a queue then and were called, and their minutes of waiting.
    pools
        By pool: mean queue, busy servers and rostered servers, shape (3, half-hours).
    touched
        By service: closed cases by the number of working days touched.
    open
        By service: cases that are not closed.
    open_cases
        Open cases at the end of each measured day.
    days
        The measured days, as days since 1970-01-01.
    """

    called: FloatArray
    waited: FloatArray
    pools: dict[str, FloatArray]
    touched: dict[str, FloatArray]
    open: dict[str, float]
    open_cases: FloatArray
    days: FloatArray


@dataclass(frozen=True, eq=False)
class Sample:
    """What one replication shows.

    Attributes
    ----------
    names, values
        Scalar metrics: their keys, and their values, shape (metrics,).
    curves
        Its curves; ``None`` if nobody wanted them.
    """

    names: tuple[str, ...]
    values: FloatArray
    curves: Curves | None = None

    @cached_property
    def summary(self) -> dict[str, float]:
        """Scalar metrics by key."""
        return dict(zip(self.names, self.values.tolist(), strict=True))

    def __reduce__(self) -> tuple[Any, ...]:
        # A server keeps thousands of samples, and the names are most of what one weighs: they are kept once for all.
        return _received, ("\n".join(self.names), self.values, self.curves)


@lru_cache(maxsize=256)
def split_names(joined: str) -> tuple[str, ...]:
    """Return metric names that were joined by line breaks; the same tuple for the same text."""
    return tuple(joined.split("\n"))


def _received(joined: str, values: FloatArray, curves: Curves | None) -> Sample:
    return Sample(split_names(joined), values, curves)


def sample_of(metrics: Metrics, *, curves: bool, wanted: Collection[str] | None = None) -> Sample:
    """Return the scalar metrics of a replication, all or those wanted, with its curves if they are wanted too."""
    summary = metrics.summary if wanted is None else metrics.selected(wanted)
    names = split_names("\n".join(summary))
    return Sample(names, np.array(list(summary.values())), curves_of(metrics) if curves else None)


def curves_of(metrics: Metrics) -> Curves:
    """Return the curves of a replication."""
    from sim.calendar import DAY_MS
    from sim.measure.cases import day_ends, open_at
    from sim.measure.table import BIN_MS, BINS, by_group

    table, waits, cases = metrics.table, metrics.first_waits, metrics.case_table
    counted = waits.visitor & waits.called
    bins = waits.ready[counted] % DAY_MS // BIN_MS
    names = table.program.services
    touched, still_open = dict[str, FloatArray](), dict[str, float]()
    for name, members in zip(names, by_group(cases.service, len(names)), strict=True):
        measured = members[cases.counts[members]]
        if measured.size:
            closed = measured[~cases.is_open[measured]]
            touched[name] = np.bincount(cases.touched_days[closed]).astype(np.float64)
            still_open[name] = float(measured.size - closed.size)
    return Curves(
        called=np.bincount(bins, minlength=BINS).astype(np.float64),
        waited=np.bincount(bins, weights=waits.wait[counted], minlength=BINS).astype(np.float64),
        pools={
            pool.name: np.ascontiguousarray(metrics.half_hours[place, :, :3].T)
            for place, pool in enumerate(table.plan.pools)
        },
        touched=touched,
        open=still_open,
        open_cases=open_at(cases, np.arange(cases.entity.size), day_ends(table)).astype(np.float64),
        days=np.asarray(table.dates).astype("datetime64[D]").astype(np.int64).astype(np.float64),
    )
