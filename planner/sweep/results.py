"""What a sweep has shown so far: points, replications, and a summary by point with intervals.

Input: the folder of a sweep, complete or not.  Output: a :class:`SweepResult` with tidy frames.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from foundation import messages
from foundation.arrays import FloatArray, IntArray
from foundation.errors import HallplanError
from planner.sweep.analysis import emulator_frame, sensitivity_frame
from planner.sweep.definition import design_blocks
from planner.sweep.folder import SCENARIO, Failures, Manifest, SweepFolder, failures
from planner.sweep.unit import BlockDesign
from scenarios.paths import suggestion
from sim.measure.headline import matching_metrics
from sim.run.estimates import metric_interval, metric_values
from sim.statistics.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SweepResult", "read_result"]


@dataclass(frozen=True, eq=False)
class SweepResult:
    """What a sweep has shown.

    Attributes
    ----------
    folder
        Where it is.
    manifest
        What was simulated.
    rows
        By point, the values of ``manifest.keys``.
    table
        By column, one number a replication: ``point``, ``replication`` and the metrics; points in their order.
    missing
        Parts that are still to be simulated.
    failed
        The points that could not be simulated, with the causes; no summary and no index counts them.
    """

    folder: Path
    manifest: Manifest
    rows: Sequence[tuple[Any, ...]]
    table: Mapping[str, FloatArray | IntArray]
    missing: int
    failed: Failures

    @property
    def scenario_file(self) -> Path:
        """The scenario before anything varies."""
        return self.folder / SCENARIO

    @property
    def files(self) -> list[Path]:
        """The parts that are there, one row a replication."""
        return sorted(SweepFolder(self.folder, self.manifest).part_files())

    @property
    def is_complete(self) -> bool:
        """Whether every part is there."""
        return not self.missing

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that are stored."""
        return tuple(matching_metrics(self.manifest.columns, ["*"]))

    def selected(self, patterns: Sequence[str]) -> list[str]:
        """Return the stored metrics that patterns mean.

        Raises
        ------
        HallplanError
            If a pattern means none of them.
        """
        for pattern in patterns:
            if not matching_metrics(self.metrics, [pattern]):
                near = suggestion(pattern, self.metrics)
                raise HallplanError("sweep.error.not_stored", name=pattern, near=near)
        return matching_metrics(self.metrics, patterns)

    @cached_property
    def _ends(self) -> dict[int, tuple[int, int]]:
        """By point, the first of its rows, and the one beyond the last."""
        points, first = np.unique(self.table["point"], return_index=True)
        ends = np.searchsorted(self.table["point"], points, side="right")
        return dict(zip(points.tolist(), zip(first.tolist(), ends.tolist(), strict=True), strict=True))

    @cached_property
    def present(self) -> list[int]:
        """The points that were simulated."""
        return list(self._ends)

    def interval(self, point: int, metric: str, level: float = 0.95) -> Interval:
        """Return a metric's estimate at a point, and its interval (:func:`sim.run.estimates.metric_interval`).

        Raises
        ------
        KeyError
            If the point was not simulated, or the metric is not stored.
        """
        first, beyond = self._ends[point]
        own = {name: self.table[name][first:beyond] for name in self._columns[metric]}
        return metric_interval(own, metric, level=level)

    @cached_property
    def _columns(self) -> dict[str, list[str]]:
        """By metric, its column and those of its companions."""
        columns = dict[str, list[str]]()
        for name in self.manifest.columns:
            columns.setdefault(name.partition(":")[0], []).append(name)
        return columns

    # ---- frames -----------------------------------------------------------------------------------------------------

    @cached_property
    def points(self) -> pd.DataFrame:
        """One row a point: its number, and the value of every key."""
        import pandas as pd

        columns = zip(*self.rows, strict=True)
        values = {key: _typed(column) for key, column in zip(self.manifest.keys, columns, strict=True)}
        return pd.DataFrame({"point": range(len(self.rows)), **values})

    @cached_property
    def replications(self) -> pd.DataFrame:
        """One row a replication of a point: its metrics, ratios with their companions."""
        import pandas as pd

        return pd.DataFrame(dict(self.table))

    @property
    def failures(self) -> pd.DataFrame:
        """One row a point that could not be simulated: its number, and the cause in the language in use."""
        import pandas as pd

        rows = [(point, causes[messages.language()]) for point, causes in self.failed.items()]
        return pd.DataFrame(rows, columns=["point", "cause"])

    def summary(self, metrics: Sequence[str] = (), *, level: float = 0.95) -> pd.DataFrame:
        """Return one row a point and metric: the point's values, the mean, its interval, and the replications.

        Parameters
        ----------
        metrics
            Which metrics, ``*`` for anything; all by default.
        level
            Confidence level of the intervals.
        """
        import pandas as pd

        wanted = self.selected(metrics) if metrics else list(self.metrics)
        rows = []
        for point in self.present:
            for metric in wanted:
                interval = self.interval(point, metric, level)
                rows.append((point, metric, interval.estimate, interval.low, interval.high, interval.n))
        summary = pd.DataFrame(rows, columns=["point", "metric", "mean", "low", "high", "replications"])
        return self.points.merge(summary, on="point")

    # ---- what the keys do -------------------------------------------------------------------------------------------

    @cached_property
    def design(self) -> BlockDesign | None:
        """The design of a sensitivity analysis, if the sample has one."""
        return design_blocks(self.manifest.definition, self.manifest.seed)

    def outcomes(self, metric: str) -> FloatArray:
        """Return what every replication of every point contributes to a metric, shape (points, replications).

        Not-a-number where a point was not simulated, has fewer replications, or nothing to measure.

        Raises
        ------
        KeyError
            If the metric is not stored.
        """
        most = max((beyond - first for first, beyond in self._ends.values()), default=0)
        values = np.full((len(self.rows), most), np.nan)
        for point, (first, beyond) in self._ends.items():
            own = {name: self.table[name][first:beyond] for name in self._columns[metric]}
            values[point, : beyond - first] = metric_values(own, metric)
        return np.where(np.isfinite(values), values, np.nan)

    def sensitivity(self, metrics: Sequence[str] = (), *, level: float = 0.95) -> pd.DataFrame:
        """Return how much every key matters for every metric (:func:`planner.sweep.analysis.sensitivity_frame`).

        Parameters
        ----------
        metrics, level
            As for :meth:`summary`.

        Raises
        ------
        HallplanError
            If the sample has no design for it.
        """
        if self.design is None:
            raise HallplanError("sweep.error.no_design", folder=str(self.folder))
        return sensitivity_frame(self.design, self.points, self._outcomes(metrics), level=level)

    def emulator(self, metrics: Sequence[str] = ()) -> pd.DataFrame:
        """Return how well a quadratic predicts a point that it has not seen.

        For the frame see :func:`planner.sweep.analysis.emulator_frame`.

        Parameters
        ----------
        metrics
            As for :meth:`summary`.
        """
        return emulator_frame(self.points, self._outcomes(metrics))

    def _outcomes(self, metrics: Sequence[str]) -> dict[str, FloatArray]:
        return {metric: self.outcomes(metric) for metric in (self.selected(metrics) if metrics else self.metrics)}

    @cached_property
    def _analyses(self) -> dict[str, pd.DataFrame]:
        """The analyses that these points allow, by the names of their frames."""
        frames = {"sensitivity": self.sensitivity()} if self.design is not None else {}
        emulated = self.emulator()
        return frames | ({"emulator": emulated} if len(emulated) else {})

    @property
    def frame_names(self) -> tuple[str, ...]:
        """Names of :meth:`frames`."""
        return ("points", "replications", "summary", *(("failures",) if self.failed else ()), *self._analyses)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the frames by name, for :func:`sim.measure.export.export`."""
        frames = {"points": self.points, "replications": self.replications, "summary": self.summary()}
        return frames | ({"failures": self.failures} if self.failed else {}) | self._analyses


def _typed(values: Sequence[Any]) -> list[Any]:
    """Return a column of one type: numbers and words as they are, anything else as JSON."""
    kinds = {bool if isinstance(value, bool) else type(value) for value in values if value is not None}
    if kinds <= {int, float}:
        return [np.nan if value is None else value for value in values]
    if len(kinds) == 1 and kinds <= {bool, str}:
        return list(values)
    return [None if value is None else json.dumps(value, ensure_ascii=False) for value in values]


def read_result(folder: str | Path) -> SweepResult:
    """Read what there is of a sweep; another process may be adding to it.

    Parameters
    ----------
    folder
        Where it is.

    Raises
    ------
    HallplanError
        If it holds no sweep, one of another version of Hallplan, a damaged part, or no part at all.
    """
    import pyarrow as pa

    store = SweepFolder.open(Path(folder))
    read = [store.read_part(part) for part in range(len(store.manifest.parts) - 1)]
    tables = [table for table in read if table is not None]
    if not tables:
        raise HallplanError("sweep.error.no_parts", folder=str(folder))
    failed = {point: causes for table in tables for point, causes in failures(table.schema).items()}
    joined = pa.concat_tables(tables)
    table = {name: joined[name].to_numpy() for name in joined.column_names}
    return SweepResult(Path(folder), store.manifest, store.points(), table, len(read) - len(tables), failed)
