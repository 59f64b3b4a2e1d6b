"""How far a sweep is: points, bytes, and what the latest of them have shown.

Input: the table of a part.  Output: :class:`SweepProgress`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from planner.sweep.pieces import PartTable
from sim.run.estimates import metric_interval
from sim.statistics.intervals import Interval

__all__ = ["OnProgress", "SweepProgress"]


@dataclass(frozen=True, eq=False)
class SweepProgress:
    """How far a sweep is after a part.

    Attributes
    ----------
    done, failed, expected
        Points that are there, failed ones among them; and all of the sweep.
    size
        Bytes of the parts that are there.
    part
        The latest part.
    rows
        By point of it, the values of what varies.
    columns
        Metrics of the part's table.
    """

    done: int
    failed: int
    expected: int
    size: int
    part: PartTable
    rows: Mapping[int, Mapping[str, Any]]
    columns: Sequence[str]

    @property
    def left(self) -> int:
        """Points that are still to be simulated."""
        return self.expected - self.done

    def interval(self, point: int, metric: str) -> Interval | None:
        """Return a metric's estimate at a point of the part, and its interval; ``None`` where the point failed."""
        mask = self.part.points == point
        if not mask.any():
            return None
        own = {name: self.part.values[mask, k] for k, name in enumerate(self.columns)}
        return metric_interval(own, metric)


OnProgress: TypeAlias = Callable[[SweepProgress], None]
"""Called after each part."""
