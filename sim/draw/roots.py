"""Who sets out when: the visits that sources bring, and the cases that are open to begin with.

Input: the demand of every source, and stated backlogs.  Output: :class:`~sim.draw.tables.Roots` of a replication.
Scenarios that differ in other things only have the same; the last of them are remembered, so that combinations of
levers, or sizes of staff, draw them once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

from foundation.arrays import IntArray
from scenarios.check import expected_arrivals
from sim.draw.arrivals import Demand, accepted_times, arrival_times
from sim.draw.streams import Streams
from sim.draw.tables import Roots
from sim.plan import Layout

__all__ = ["RootDraws"]

_READ: Final[Any] = {"run", "calendar", "sites", "demand", "arrivals", "backlog"}
"""Keys of a scenario that say who sets out when."""
_NOT_READ: Final[Any] = {"run": {"seed", "replications"}}
_REMEMBERED: Final = 8
"""Replications of which roots are remembered: a few kinds of demand, on a few threads."""
_MOST: Final = 200_000.0
"""Expected roots of a replication from which on they are not remembered: 5 MB."""


@dataclass(frozen=True, eq=False)
class RootDraws:
    """What is fixed about who sets out, before anything is drawn; equal to another if it draws the same.

    Attributes
    ----------
    demand
        How each source brings visitors.
    begins
        From when on, in ms.
    backlog
        Number of the group, and times of acceptance, of the cases that are open to begin with.
    numbers
        Number of the group of a source's visits for a service.
    expected
        About how many set out.
    digest
        Digest of all that is read.
    """

    demand: Mapping[str, Demand]
    begins: int
    backlog: tuple[tuple[int, IntArray], ...]
    numbers: Mapping[tuple[str, str], int]
    expected: float
    digest: bytes

    @classmethod
    def of(
        cls,
        layout: Layout,
        demand: Mapping[str, Demand],
        numbers: Mapping[tuple[str, str], int],
        backlog: Mapping[str, int],
    ) -> RootDraws:
        """Return who sets out in a scenario.

        Parameters
        ----------
        layout
            The scenario's layout.
        demand
            By source.
        numbers
            As the attribute.
        backlog
            Number of the group of every backlog.
        """
        scenario = layout.scenario
        content = scenario.model_dump_json(include=_READ, exclude=_NOT_READ)
        return cls(
            demand,
            layout.demand_begins,
            tuple((backlog[name], accepted_times(layout, part)) for name, part in scenario.backlog.items()),
            numbers,
            sum(expected_arrivals(scenario).values()),
            hashlib.sha256(content.encode("utf-8")).digest(),
        )

    def __hash__(self) -> int:
        """Return the hash of the digest."""
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        """Tell whether another draws the same."""
        return isinstance(other, RootDraws) and self.digest == other.digest

    def roots(self, seed: int, replication: int) -> Roots:
        """Return every visit from a source, and every open case, in order of start; they must not be changed."""
        draw = _remembered if self.expected < _MOST else _drawn
        return draw(self, seed, replication)


def _drawn(root_draws: RootDraws, seed: int, replication: int) -> Roots:
    streams = Streams(seed, replication)
    times, groups = [], []
    for source, demand in root_draws.demand.items():
        for service, at in arrival_times(demand, streams).items():
            times.append(at)
            groups.append(root_draws.numbers[source, service])
    coming = sum(at.size for at in times)
    for group, accepted in root_draws.backlog:
        times.append(accepted)
        groups.append(group)
    sizes = np.array([at.size for at in times], dtype=np.int64)
    start = np.concatenate([np.zeros(0, dtype=np.int64), *times])
    member = np.arange(start.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    in_time = start >= root_draws.begins
    in_time[coming:] = True  # cases that are open have been so for long
    index = np.flatnonzero(in_time)
    index = index[np.argsort(start[index], kind="stable")]
    return Roots(start[index], np.repeat(np.array(groups, dtype=np.int64), sizes)[index], member[index])


_remembered: Final = lru_cache(maxsize=_REMEMBERED)(_drawn)
