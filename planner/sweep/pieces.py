"""Pieces of a sweep: the points of one part, simulated wherever a worker is, and returned as a table.

Input: a sweep's definition, and the values of some points.  Output: a :class:`PartTable`.  A piece depends on nothing
but itself, so that any worker may do it, and do it again.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from foundation.arrays import FloatArray, IntArray
from foundation.errors import HallplanError
from foundation.messages import LANGUAGES
from planner.sweep.definition import Definition
from planner.sweep.design import compose_point, shown_values
from planner.sweep.folder import Failures
from scenarios.model import Scenario
from sim.engine.choice import prepare
from sim.run.policy import asked_precision, to_precision
from sim.run.replications import Replications
from sim.run.study import Study, run

__all__ = ["PartTable", "Piece", "PointWork", "joined", "one_by_one", "simulate_point"]

Piece: TypeAlias = tuple[int, int, tuple[Mapping[str, Any], ...]]
"""Number of a part, its first point, and the values of its points."""


@dataclass(frozen=True, eq=False)
class PartTable:
    """What the points of a part have shown.

    Attributes
    ----------
    part
        Number of the part.
    points, replications
        By row, which replication of which point it is.
    values
        By row and column of the sweep, what it has shown, shape (rows, columns).
    failed
        By point that has no rows, why: a sentence in each language.
    """

    part: int
    points: IntArray
    replications: IntArray
    values: FloatArray
    failed: Failures


def simulate_point(
    scenario: Scenario,
    definition: Definition,
    *,
    replications: int | None = None,
    wanted: Collection[str] | None = None,
) -> Replications:
    """Simulate a point: a study of its own, which stops where the sweep file says, or after so many replications.

    Parameters
    ----------
    scenario, definition
        The point, and its sweep.
    replications
        How many, whatever the file says.
    wanted
        Which metrics to measure at least; all by default.
    """
    file = definition.file
    requested = {} if replications else asked_precision(file.precision, scenario)
    policy = to_precision(requested, file.replications) if requested else None
    number = replications or file.replications
    study = Study.of(scenario, policy=policy, replications=number, seed=definition.seed, engine="compiled", workers=1)
    return run(study, wanted=None if requested else wanted).runs[0]


@dataclass(frozen=True, eq=False)
class PointWork:
    """What is done with a piece (:class:`sim.run.workers.Work`).

    Attributes
    ----------
    definition
        The sweep.
    columns
        Metrics to return, ratios with their companions.
    """

    definition: Definition
    columns: tuple[str, ...]

    def ready(self) -> Callable[[Piece], PartTable]:
        """Compile what there is to compile, and return what does a piece."""
        if multiprocessing.parent_process() is not None:
            prepare(lambda _: None)  # the process that has started this one has told of it
        return self.run

    def run(self, piece: Piece) -> PartTable:
        """Simulate the points of a part; of one that can't be simulated, note the cause."""
        part, first, rows = piece
        blocks = [np.empty((0, len(self.columns)))]
        sizes, failed = [0] * len(rows), dict[int, Mapping[str, str]]()
        for place, values in enumerate(rows):
            try:
                block = self._simulated(values, first + place)
            except HallplanError as error:
                failed[first + place] = _causes(error)
                continue
            blocks.append(block)
            sizes[place] = len(block)
        return PartTable(
            part,
            points=np.repeat(np.arange(first, first + len(rows)), sizes),
            replications=np.concatenate([np.arange(size) for size in (0, *sizes)]),
            values=np.concatenate(blocks),
            failed=failed,
        )

    def died(self, piece: Piece, why: str) -> PartTable:
        """Return the table of a piece of one point that has ended every process that tried it.

        Parameters
        ----------
        piece
            The point.
        why
            How the processes ended.
        """
        part, point, (values,) = piece
        error = HallplanError("sweep.error.deadly", point=point, values=shown_values(values), why=why)
        none = np.empty(0, dtype=np.int64)
        return PartTable(part, none, none, np.empty((0, len(self.columns))), {point: _causes(error)})

    def _simulated(self, values: Mapping[str, Any], point: int) -> FloatArray:
        """Return what a point has shown, shape (replications, columns).

        Raises
        ------
        HallplanError
            If it makes no valid scenario, or can't be simulated.
        """
        scenario = compose_point(self.definition, values, point=point).scenario
        try:
            shown = simulate_point(scenario, self.definition, wanted=self.columns)
        except HallplanError as error:
            raise HallplanError("sweep.error.simulation", point=point, values=shown_values(values), why=error) from None
        without = np.full(len(shown), np.nan)
        return np.stack([shown.columns.get(name, without) for name in self.columns], axis=1)


def _causes(error: HallplanError) -> Mapping[str, str]:
    """Return a fault in each language, without its place: the name of the file is not of the sweep."""
    return {language: HallplanError.sentence(error, language) for language in LANGUAGES}


def one_by_one(piece: Piece) -> list[Piece]:
    """Return a piece for each of a piece's points."""
    part, first, rows = piece
    return [(part, first + place, (values,)) for place, values in enumerate(rows)]


def joined(tables: Sequence[PartTable]) -> PartTable:
    """Return the table of a part from those of its points, in their order."""
    return PartTable(
        tables[0].part,
        points=np.concatenate([table.points for table in tables]),
        replications=np.concatenate([table.replications for table in tables]),
        values=np.concatenate([table.values for table in tables]),
        failed={point: causes for table in tables for point, causes in table.failed.items()},
    )
