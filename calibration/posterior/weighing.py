"""The last step of a posterior: an emulator's draws, weighted by what a simulation of each shows.

Input: draws from the emulator's posterior, and one simulation of each.  Output: importance weights.  Near overload the
emulator is a poor guide, and one run of a dozen figures is mostly chance.  So both are used, each by its precision.
"""

from __future__ import annotations

import numpy as np

from calibration.posterior.likelihood import Likelihood
from calibration.posterior.smc import normalised
from calibration.posterior.space import Space
from foundation.arrays import FloatArray

__all__ = ["chance_of", "weights_of"]


def chance_of(once: FloatArray, twice: FloatArray) -> FloatArray:
    """Return the standard deviation that chance alone gives each target, from points that were simulated twice.

    Parameters
    ----------
    once, twice
        Values of the targets on their scales, shape (points, targets).
    """
    return np.asarray(np.sqrt(np.nanmean((once - twice) ** 2, axis=0) / 2), dtype=np.float64)


def weights_of(
    likelihood: Likelihood, space: Space, z: FloatArray, simulated: FloatArray, *, chance: FloatArray
) -> FloatArray:
    """Return the weights of draws from an emulator's posterior, after one simulation of each; their sum is 1.

    A point has two estimates: the emulator's value, whose misfit is its error less chance, and one run, whose error is
    chance.  They are averaged by their precisions.  So the run counts more where the emulator is a poor guide (near
    overload), and the emulator where a run is mostly chance.

    Parameters
    ----------
    likelihood, space
        Of the emulator that the draws come from.
    z
        The draws, shape (draws, dimensions).
    simulated
        Values of the targets on their scales, without the counting period, shape (draws, targets).
    chance
        Standard deviation that chance alone gives each target, shape (targets,).
    """
    x, period = space.scores(z), space.period(z)
    emulated, errors = likelihood.emulator.mean(x), likelihood.emulator.sd**2
    gain = np.where(np.isnan(simulated), 0.0, np.maximum(1 - chance**2 / errors, 0.0))
    mean = emulated + gain * (np.nan_to_num(simulated) - emulated)
    sd = np.sqrt((1 - gain) * (errors - np.minimum(chance**2, errors)) + chance**2 + likelihood.discrepancies**2)
    logarithms = likelihood.log_chances(mean + likelihood.counted(period), sd) - likelihood.log_parts(x, period)
    return normalised(logarithms.sum(axis=1))[0]
