"""Theory of arrival streams, day factors and repeated visits: probabilities of counts.

Input: rates and shares.  Output: probabilities and means, each with its source.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["profile_share", "repeated", "tries"]


def profile_share(profile: Mapping[float, float], end: float, *, begin: float, until: float) -> float:
    """Return the share of a day's visitors who come between two times, for rates that hold from given times on.

    Given the day's number, Poisson arrivals are independent with a density like the rate: Çinlar 1975, ch. 4.

    Parameters
    ----------
    profile
        Rate by the time at which it begins.
    end
        End of the last rate.
    begin, until
        The two times.
    """
    starts = [*profile, end]
    expected = inside = 0.0
    for (start, rate), stop in zip(profile.items(), starts[1:], strict=True):
        expected += rate * (stop - start)
        inside += rate * max(min(stop, until) - max(start, begin), 0.0)
    return inside / expected


def repeated(share: float) -> float:
    """Return the mean number of passes where each is followed by another with probability `share`: ``1/(1 - p)``."""
    return 1 / (1 - share)


def tries(share: float, at_most: int) -> float:
    """Return the mean number of trips where each one fails, and `share` come again, `at_most` times: ``Σ p^k``."""
    return float(sum(share**k for k in range(at_most + 1)))
