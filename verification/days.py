"""Theory of a day that begins with an empty hall: Kolmogorov's equations, and servers without limit.

Input: a demand that changes through the day, windows and opening hours, in minutes since the opening.  Output: the
mean wait, shares and numbers of that day.  A stationary formula ignores the empty start, the peak, the lunch break and
the end; these formulas include them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import integrate, special

from foundation.arrays import FloatArray

__all__ = ["Day", "Part", "ample_servers_number", "day_of", "sent_home"]


_TOLERANCE: Final = 1e-8


@dataclass(frozen=True)
class Part:
    """A part of the day: how long, how many come a minute, how many windows take people in, and how many go on with
    whom they have (all that are busy, or none where they pause)."""

    minutes: float
    arrival_rate: float
    windows: int
    finishes: bool = True


@dataclass(frozen=True)
class Day:
    """Means of a day.

    Attributes
    ----------
    arrivals
        Mean number of visitors.
    wait
        Mean wait in minutes, over all visitors.
    waits_at_most
        Share of visitors who wait no longer than the requested time.
    present
        Mean number present, queue and service, during each part.
    """

    arrivals: float
    wait: float
    waits_at_most: float
    present: tuple[float, ...]


def day_of(parts: Sequence[Part], *, windows: int, mean_work: float, within: float = 0.0, most: int = 200) -> Day:
    """Return the means of a day with Poisson arrivals and exponential service, from an empty hall on.

    The state is (in the queue, in service).  Its probabilities solve Kolmogorov's forward equations ``p' = pQ(t)``
    (Kolmogorov 1931; Kleinrock 1975, §2.4 and §2.5), part by part.  When a part begins, free windows serve from the
    queue.  The mean wait is the integral of the mean queue over the number of visitors (Little 1961, over a day that
    begins and ends empty).  A visitor who finds n present, with all c windows busy, waits for n - c + 1 ends of service
    at rate cμ each.  This is an Erlang law; the share is right only if the windows do not change.

    Parameters
    ----------
    parts
        The day; the last part without arrivals, long enough for the hall to empty.
    windows
        The largest number of busy windows.
    mean_work
        Mean service in minutes.
    within
        Requested time of `waits_at_most`, in minutes.
    most
        Longest queue in the state space; longer queues must be negligible.
    """
    shape = (most + 1, windows + 1)
    queue, busy = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij")
    p = np.zeros(shape)
    p[0, 0] = 1.0
    waited = arrivals = in_time = 0.0
    present = []
    ends = special.gammainc(np.maximum(queue + 1, 1), windows / mean_work * within)
    quick = np.where(busy < windows, 1.0, ends)
    for part in parts:
        p = _take_in(p, part.windows)
        change = _generator(part, 1 / mean_work, queue, busy)

        def flow(_: float, y: FloatArray, change: Callable[[FloatArray], FloatArray] = change) -> FloatArray:
            now = y[:-3].reshape(shape)
            means = [np.sum(weight * now) for weight in (queue, quick, queue + busy)]
            return np.concatenate((change(now).ravel(), means))

        solved = integrate.solve_ivp(
            flow,
            (0.0, part.minutes),
            np.concatenate((p.ravel(), [0.0, 0.0, 0.0])),
            method="DOP853",
            t_eval=[part.minutes],
            rtol=_TOLERANCE,
            atol=_TOLERANCE,
        ).y[:, -1]
        p = solved[:-3].reshape(shape)
        waited += float(solved[-3])
        arrivals += part.arrival_rate * part.minutes
        in_time += part.arrival_rate * float(solved[-2])
        present.append(float(solved[-1]) / part.minutes)
    return Day(arrivals, waited / arrivals, in_time / arrivals, tuple(present))


def _take_in(p: FloatArray, windows: int) -> FloatArray:
    """Let free windows take from the queue."""
    after = np.zeros_like(p)
    for (queue, busy), chance in np.ndenumerate(p):
        begun = min(queue, max(windows - busy, 0))
        after[queue - begun, busy + begun] += chance
    return after


def _generator(
    part: Part, rate: float, queue: npt.NDArray[np.int64], busy: npt.NDArray[np.int64]
) -> Callable[[FloatArray], FloatArray]:
    """Return the map from the probabilities to their derivative."""
    ending = busy * rate if part.finishes else np.zeros(busy.shape)
    arriving = np.full(queue.shape, part.arrival_rate)
    arriving[-1, :] = 0.0
    served_at_once = (busy < part.windows) & (queue == 0)
    # After an end of service the window takes the next, unless there is none, or it isn't to take any more.
    takes = (queue > 0) & (busy <= part.windows)

    def change(p: FloatArray) -> FloatArray:
        out: FloatArray = -(ending + arriving) * p
        come, end = arriving * p, ending * p
        out[:, 1:] += np.where(served_at_once, come, 0.0)[:, :-1]
        out[1:, :] += np.where(served_at_once, 0.0, come)[:-1, :]
        out[:-1, :] += np.where(takes, end, 0.0)[1:, :]
        out[:, :-1] += np.where(takes, 0.0, end)[:, 1:]
        return out

    return change


def sent_home(minutes: float, *, arrival_rate: float, windows: int, mean_work: float, most: int = 200) -> float:
    """Return the share of a day's visitors who are still in the queue at closing, and are sent home.

    It is the mean queue at the end, by the same equations, over the mean number of visitors.

    Parameters
    ----------
    minutes
        Minutes from opening to closing.
    arrival_rate, windows, mean_work
        Visitors a minute, windows, and mean service in minutes.
    most
        Longest queue in the state space.
    """
    states = windows + most
    number = np.arange(states + 1)
    ending = np.minimum(number, windows) / mean_work
    arriving = np.where(number < states, arrival_rate, 0.0)

    def flow(_: float, p: FloatArray) -> FloatArray:
        out = -(ending + arriving) * p
        out[1:] += (arriving * p)[:-1]
        out[:-1] += (ending * p)[1:]
        return out

    solved = integrate.solve_ivp(
        flow, (0.0, minutes), np.eye(states + 1)[0], method="DOP853", rtol=_TOLERANCE, atol=_TOLERANCE
    )
    return float(np.maximum(number - windows, 0) @ solved.y[:, -1]) / (arrival_rate * minutes)


def ample_servers_number(
    begin: float,
    end: float,
    *,
    arrival_rate: Callable[[float], float],
    survival: Callable[[float], float],
    breaks: Sequence[float] = (),
) -> float:
    """Return the mean number present between two times of day in M(t)/G/∞, empty at time 0.

    ``m(t) = ∫₀ᵗ λ(u) P(S > t - u) du``, averaged over t: Palm 1943, Khinchine 1955; Eick, Massey and Whitt 1993.

    Parameters
    ----------
    begin, end
        The two times.
    arrival_rate, survival
        ``λ(u)`` and ``P(S > x)``.
    breaks
        Where the rate jumps.
    """
    inner = [0.0, *(moment for moment in breaks if 0 < moment < end), end]

    def staying(u: float) -> float:
        """Return the mean time between `begin` and `end` that a visitor who comes at `u` spends inside."""
        return float(integrate.quad(survival, max(begin - u, 0.0), end - u, limit=200)[0])

    total = 0.0
    for low, high in pairwise(inner):
        middle = sorted({low, high, *(x for x in (begin,) if low < x < high)})
        for a, b in pairwise(middle):
            total += integrate.quad(lambda u: arrival_rate(u) * staying(u), a, b, limit=200, epsabs=1e-10)[0]
    return total / (end - begin)
