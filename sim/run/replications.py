"""The replications of one scenario, and the ways to ask for them without a study's words.

Input: the samples of one system.  Output: :class:`Replications`, with frames of the scalar metrics and of the curves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from scenarios.model import Scenario
from sim.measure.options import MeasureOptions
from sim.run.estimates import metric_interval
from sim.run.sample import Sample
from sim.statistics.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.choice import Engine

__all__ = ["CancelToken", "CancellationError", "Progress", "Replications", "replicate"]

Progress = Callable[[int, int], None]
"""Called after each replication with the number done, and the number that there will be."""


class CancelToken(Protocol):
    """Anything that can be set to stop the work, such as a ``threading.Event``."""

    def is_set(self) -> bool:
        """Tell whether to stop."""


class CancellationError(HallplanError):
    """The caller has stopped the work; there is no result."""


@dataclass(frozen=True, eq=False)
class Replications:
    """The replications of one scenario.

    Attributes
    ----------
    scenario, seed
        What was simulated, from which seed.
    samples
        What every replication shows, in their order.
    first
        Number of the first replication.
    level
        Confidence level of the curves' intervals.
    """

    scenario: Scenario
    seed: int
    samples: tuple[Sample, ...]
    first: int = 0
    level: float = 0.95

    def __len__(self) -> int:
        return len(self.samples)

    @cached_property
    def columns(self) -> Mapping[str, FloatArray]:
        """Scalar metrics: by key, one number a replication; ratios with their companions ``:num`` and ``:den``."""
        if not self.samples:
            return {}
        names = self.samples[0].names
        if all(sample.names == names for sample in self.samples):
            table = np.ascontiguousarray(np.stack([sample.values for sample in self.samples]).T)
            return dict(zip(names, table, strict=True))
        keys = dict.fromkeys(key for sample in self.samples for key in sample.names)
        summaries = [sample.summary for sample in self.samples]
        return {key: np.array([summary.get(key, np.nan) for summary in summaries]) for key in keys}

    @cached_property
    def summaries(self) -> pd.DataFrame:
        """Scalar metrics: a row a replication (index ``replication``), a column a key of :attr:`columns`."""
        import pandas as pd

        index = pd.RangeIndex(self.first, self.first + len(self), name="replication")
        return pd.DataFrame(dict(self.columns), index=index)

    @cached_property
    def means(self) -> dict[str, float]:
        """Mean of every column over the replications that have a number."""
        with np.errstate(invalid="ignore"):
            present = {key: values[~np.isnan(values)] for key, values in self.columns.items()}
        return {key: float(values.mean()) if values.size else float("nan") for key, values in present.items()}

    @cached_property
    def curves(self) -> dict[str, pd.DataFrame]:
        """Curves over the replications (:func:`sim.run.curves.curve_frames`); empty if they were not collected."""
        from sim.run.curves import curve_frames

        curves = [sample.curves for sample in self.samples if sample.curves is not None]
        return curve_frames(curves, self.level) if curves and len(curves) == len(self.samples) else {}

    def interval(self, metric: str, level: float = 0.95) -> Interval:
        """Return a metric's estimate over the replications, and its :func:`~sim.run.estimates.metric_interval`.

        Raises
        ------
        KeyError
            If there is no such metric.
        """
        return metric_interval(self.columns, metric, level=level)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the summaries and the curves by name, for :func:`sim.measure.export.export`."""
        return {"summaries": self.summaries, **self.curves}


def replicate(
    scenario: Scenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    first: int = 0,
    workers: int | None = None,
    engine: Engine | None = None,
    options: MeasureOptions | None = None,
    curves: bool = True,
    level: float = 0.95,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> Replications:
    """Draw, simulate and measure a scenario many times: a study of one system and a fixed number of replications.

    Parameters
    ----------
    scenario
        What to simulate.
    replications, seed
        How many, and from which seed; the scenario's own by default.
    first
        Number of the first replication: ``first=20`` goes on where 20 replications ended.
    workers, engine, options, curves, level
        As for :class:`sim.run.study.Study`; the engine is the compiled one by default.
    progress, cancel
        Called after each replication; and looked at between them.

    Raises
    ------
    HallplanError
        As for :func:`sim.run.study.run`.
    CancellationError
        If `cancel` was set.
    """
    from sim.run.study import Study, run

    study = Study.of(
        scenario,
        replications=replications,
        seed=seed,
        first=first,
        workers=workers or 1,
        engine=engine or "compiled",
        options=options or MeasureOptions(),
        curves=curves,
        level=level,
    )
    on_progress = progress
    result = run(
        study,
        progress=None if on_progress is None else lambda state: on_progress(state.total_done, state.total_expected),
        cancel=cancel,
    )
    return result.runs[0]
