"""The space of the posterior: the quantile of each parameter under its prior, and the counting period.

Input: coordinates that are standard normal a priori.  Output: parameters of the scenarios, their standard scores,
which the emulator takes, and working days of the counting period.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy import special

from calibration.posterior.parameters import ParameterTable
from calibration.posterior.targets import period_span
from foundation.arrays import FloatArray, IntArray

__all__ = ["Space", "standard_scores"]

_REACH: Final = 5.0
_GRID: Final = np.linspace(-_REACH, _REACH, 1001)


@dataclass(frozen=True, eq=False)
class Space:
    """The parameters that the article moves, the period last; the others stay at their priors.

    Attributes
    ----------
    table
        All parameters.
    active
        Positions of the moved parameters, in the order of the table.
    """

    table: ParameterTable
    active: IntArray

    @property
    def dimensions(self) -> int:
        """Number of coordinates of a point."""
        return len(self.active) + 1

    @cached_property
    def _scores(self) -> FloatArray:
        """Standard scores of each moved parameter on the grid of coordinates."""
        priors = [self.table.parameters[k].prior for k in self.active]
        return np.array([(prior.quantile(special.ndtr(_GRID)) - prior.mean) / prior.sd for prior in priors])

    def scores(self, z: FloatArray) -> FloatArray:
        """Return standard scores of all parameters, zero for those that are not moved: shape (points, parameters)."""
        scores = np.zeros((len(z), len(self.table.keys)))
        for column, (place, table_scores) in enumerate(zip(self.active, self._scores, strict=True)):
            scores[:, place] = np.interp(z[:, column], _GRID, table_scores)
        return scores

    def period(self, z: FloatArray) -> FloatArray:
        """Return working days of the counting period, uniform over the lengths that the article allows."""
        low, high = period_span()
        return np.asarray(low + (high - low) * special.ndtr(z[:, -1]), dtype=np.float64)

    def vectors(self, z: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Return parameters at points, with those not moved drawn from their priors: shape (points, parameters)."""
        unit = rng.random((len(z), len(self.table.keys)))
        unit[:, self.active] = special.ndtr(z[:, :-1])
        return self.table.from_unit(np.clip(unit, 1e-9, 1 - 1e-9))


def standard_scores(table: ParameterTable, vectors: FloatArray) -> FloatArray:
    """Return standard scores of parameters, shape (points, parameters)."""
    mean = np.array([parameter.prior.mean for parameter in table.parameters])
    sd = np.array([parameter.prior.sd for parameter in table.parameters])
    return np.asarray((vectors - mean) / sd, dtype=np.float64)
