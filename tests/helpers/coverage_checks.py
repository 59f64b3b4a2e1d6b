"""The checker of intervals: how often do they cover, in many repetitions of a whole study?"""

import math
from collections.abc import Sequence

import numpy as np

from sim.statistics import Interval


def coverage(intervals: Sequence[Interval], truth: float) -> float:
    """Return the share of the intervals that cover the true value."""
    return float(np.mean([one.low <= truth <= one.high for one in intervals]))


def tolerance(level: float, studies: int) -> float:
    """Return three standard errors of an observed coverage."""
    return 3 * math.sqrt(level * (1 - level) / studies)


def assert_covers(intervals: Sequence[Interval], truth: float, *, level: float = 0.95) -> None:
    """Hold an observed coverage against its level, as closely as the number of studies allows."""
    share = coverage(intervals, truth)
    assert abs(share - level) <= tolerance(level, len(intervals)), f"{share:.4f} of the intervals cover, not {level}"
