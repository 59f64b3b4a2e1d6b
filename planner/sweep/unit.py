"""Designs of the unit cube: how the points of a sample are spread, before they become values.

Input: a method, a number, and how many keys vary.  Output: an array, shape (points, keys), in the order in which an
analysis reads it.  A Saltelli design (Saltelli et al. 2010, "Variance based sensitivity analysis of model output",
Computer Physics Communications 181) has a block of ``keys + 2`` points for each base point: A, B, and A with one
coordinate of B for each key.  A Morris design (Morris 1991, "Factorial sampling plans for preliminary computational
experiments", Technometrics 33) has a block of ``keys + 1`` points for each trajectory, which change one key at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from foundation.arrays import FloatArray
from foundation.errors import ScenarioError

__all__ = ["BLOCK_EXTRA", "BlockDesign", "Method", "design_size", "unit_points"]

Method: TypeAlias = Literal["latin-hypercube", "sobol", "saltelli", "morris"]

BLOCK_EXTRA: Final = {"saltelli": 2, "morris": 1}
"""By method, how many more points than keys a block has."""
_LEVELS: Final = 4
_STEP: Final = _LEVELS / (2 * (_LEVELS - 1))
"""How far a key moves in a trajectory, as a share of its range: with this step all levels are as likely."""


@dataclass(frozen=True)
class BlockDesign:
    """A sample whose points stand in blocks for a sensitivity analysis.

    Attributes
    ----------
    method
        Saltelli's or Morris'.
    blocks
        Base points, or trajectories.
    keys
        What the sample varies.
    seed
        Of the design.
    """

    method: Method
    blocks: int
    keys: tuple[str, ...]
    seed: int

    @property
    def block_size(self) -> int:
        """Points of a block."""
        return len(self.keys) + BLOCK_EXTRA[self.method]

    @property
    def size(self) -> int:
        """Points of the design."""
        return design_size(self.method, self.blocks, len(self.keys))


def design_size(method: str, number: int, dimensions: int) -> int:
    """Return how many points a design has.

    Parameters
    ----------
    method
        Its method.
    number
        Points; of a Saltelli design base points, and of a Morris design trajectories.
    dimensions
        Keys that vary.
    """
    return number * (dimensions + BLOCK_EXTRA[method]) if method in BLOCK_EXTRA else number


def unit_points(method: str, number: int, dimensions: int, *, seed: int) -> FloatArray:
    """Return points of the unit cube, shape (points, dimensions).

    Parameters
    ----------
    method, number, dimensions
        As for :func:`design_size`.
    seed
        Of the random numbers.

    Raises
    ------
    ScenarioError
        If a Sobol sequence shall have a number of points that is no power of two.
    """
    if method == "morris":
        return _trajectories(number, dimensions, seed)
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    if method == "latin-hypercube":
        return np.asarray(qmc.LatinHypercube(dimensions, rng=rng).random(number))
    if number & (number - 1):  # a Sobol sequence is balanced for powers of two only
        below = 1 << number.bit_length() - 1
        raise ScenarioError("sweep.error.power_of_two", n=number, below=below, above=2 * below)
    if method == "sobol":
        return np.asarray(qmc.Sobol(dimensions, rng=rng).random(number))
    return _saltelli(np.asarray(qmc.Sobol(2 * dimensions, rng=rng).random(number)))


def _saltelli(pairs: FloatArray) -> FloatArray:
    """Return the blocks of a Saltelli design; `pairs` holds A and B side by side."""
    a, b = np.split(pairs, 2, axis=1)
    mixed = np.repeat(a[:, None, :], a.shape[1], axis=1)
    keys = np.arange(a.shape[1])
    mixed[:, keys, keys] = b
    blocks = np.concatenate([a[:, None], b[:, None], mixed], axis=1)
    return np.asarray(blocks.reshape(-1, a.shape[1]))


def _trajectories(number: int, dimensions: int, seed: int) -> FloatArray:
    """Return the blocks of a Morris design; only uniform numbers are drawn, so that it can be made again."""
    rng = np.random.Generator(np.random.Philox(key=seed))
    start, falls, order = rng.random((3, number, dimensions))
    low = np.floor(start * (_LEVELS / 2)) / (_LEVELS - 1)
    rises = falls < 0.5
    begin = np.where(rises, low, low + _STEP)
    end = np.where(rises, low + _STEP, low)
    rank = np.argsort(np.argsort(order, axis=1), axis=1)  # the step at which a key moves
    moved = rank[:, None, :] < np.arange(dimensions + 1)[None, :, None]
    return np.asarray(np.where(moved, end[:, None, :], begin[:, None, :]).reshape(-1, dimensions))
