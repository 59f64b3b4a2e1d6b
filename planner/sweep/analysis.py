"""What the points of a sweep say about their keys: sensitivity indices, and how well an emulator predicts a point.

Input: the points of a sweep, and what every replication showed there.  Output: tidy frames.  A design in blocks
(Saltelli, Morris) may be combined with a grid or a list: it is then analysed for each of their combinations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from calibration.posterior.emulator import fit_quadratic
from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from foundation.units import parse_quantity
from planner.sweep.unit import BlockDesign, unit_points
from sim.statistics.sensitivity import chance_variance, elementary_effects, sobol_indices

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["emulator_frame", "sensitivity_frame"]

_POINTS_PER_TERM: Final = 2
"""Points for each coefficient of an emulator at the least: with fewer its error says little."""
_INDICES: Final = ("first", "total")
_EFFECTS: Final = ("mu", "mu_star", "sigma")
_ENDS: Final = ((0, ""), (1, "_low"), (2, "_high"))


def sensitivity_frame(
    design: BlockDesign, points: pd.DataFrame, outcomes: dict[str, FloatArray], *, level: float = 0.95
) -> pd.DataFrame:
    """Return one row a metric and key: its indices with bootstrap intervals, and the part of chance.

    Columns of a Saltelli design: ``first``, ``total``, each with ``_low`` and ``_high``, and ``noise``, the share of
    the seen variance that is chance.  Of a Morris design: ``mu``, ``mu_star``, ``sigma`` with their ends in the unit
    of the metric over the full range of the key, and ``noise``, the mean absolute effect that chance alone would show.
    Both: ``blocks``, the base points or trajectories that have a number everywhere; and before them a column for each
    key of a grid or list that the sample is combined with.

    Parameters
    ----------
    design
        The design; it varies fastest.
    points
        One row a point, with a column a key.
    outcomes
        By metric, shape (points, replications); not-a-number where there is nothing.
    level
        Confidence level.
    """
    import pandas as pd

    others = [key for key in points.columns if key not in ("point", *design.keys)]
    rows = []
    for begin in range(0, len(points), design.size):
        combination = points.iloc[begin][others].to_dict()
        for metric, values in outcomes.items():
            block = values[begin : begin + design.size].reshape(design.blocks, design.block_size, -1)
            rows += [{**combination, "metric": metric, **row} for row in _rows(design, block, level)]
    return pd.DataFrame(rows)


def _rows(design: BlockDesign, values: FloatArray, level: float) -> list[dict[str, Any]]:
    if design.method == "saltelli":
        indices = sobol_indices(values, level=level)
        columns = {name: getattr(indices, name) for name in _INDICES}
        noise, blocks = np.full(len(design.keys), indices.noise), indices.blocks
    else:
        unit = unit_points(design.method, design.blocks, len(design.keys), seed=design.seed)
        effects = elementary_effects(values, unit.reshape(design.blocks, design.block_size, -1), level=level)
        columns = {name: getattr(effects, name) for name in _EFFECTS}
        noise, blocks = effects.noise, effects.blocks
    return [
        {
            "key": key,
            **{f"{name}{end}": float(row[place, k]) for name, row in columns.items() for place, end in _ENDS},
            "noise": float(noise[k]),
            "blocks": blocks,
        }
        for k, key in enumerate(design.keys)
    ]


def emulator_frame(points: pd.DataFrame, outcomes: dict[str, FloatArray]) -> pd.DataFrame:
    """Return how well a quadratic in the keys predicts the mean of a point that it has not seen.

    One row a metric: ``error``, the root of the mean squared error with each point left out, in the metric's unit;
    ``chance``, what is chance in the mean of a point and no emulator can predict; ``explained``, the share of the
    variance over the points that the emulator explains, with points left out; and ``points``.

    Parameters
    ----------
    points
        One row a point, with a column a key.
    outcomes
        By metric, shape (points, replications).

    Returns
    -------
    DataFrame
        Without rows where there are too few points for a quadratic.
    """
    import pandas as pd

    x = _scores([points[key].tolist() for key in points.columns if key != "point"])
    inputs = np.arange(x.shape[1])
    terms = 1 + 2 * inputs.size + inputs.size * (inputs.size - 1) // 2
    rows = []
    for metric, values in outcomes.items():
        present = np.isfinite(values).any(axis=1)
        if not inputs.size or present.sum() < _POINTS_PER_TERM * terms:
            continue
        means = np.nanmean(values[present], axis=1)
        fitted = fit_quadratic(x[present], means, inputs)
        row = {
            "metric": metric,
            "error": fitted.sd,
            "chance": float(np.sqrt(np.nanmean(chance_variance(values[present])))) if values.shape[1] > 1 else np.nan,
            "explained": fitted.explained,
            "points": int(present.sum()),
        }
        rows.append(row)
    return pd.DataFrame(rows, columns=["metric", "error", "chance", "explained", "points"])


def _scores(columns: Sequence[Sequence[Any]]) -> FloatArray:
    """Return the keys as standard scores, shape (points, scores); words become a score for each but the first."""
    scores = []
    for column in columns:
        values = list(dict.fromkeys(map(str, column)))
        if len(values) < 2:
            continue
        numbers = [_number(value) for value in column]
        if None not in numbers:
            scores.append(np.array(numbers, dtype=np.float64))
        else:
            scores += [np.array([str(value) == word for value in column], dtype=np.float64) for word in values[1:]]
    if not scores:
        return np.empty((len(columns[0]) if columns else 0, 0))
    x = np.stack(scores, axis=1)
    return np.asarray((x - x.mean(axis=0)) / x.std(axis=0))


def _number(value: Any) -> float | None:
    if isinstance(value, (bool, int, float, np.bool_, np.number)):
        return float(value) if np.isfinite(value) else None
    try:
        return float(parse_quantity(value).value)
    except HallplanError:
        return None
