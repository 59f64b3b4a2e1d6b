"""Erlang's formulas for one station: who is lost, who waits, who is called in time, and how many servers that takes.

Input: servers ``c`` and offered loads ``a = λ/μ`` (erlang), numbers or arrays that broadcast against each other.
Output: probabilities, times and numbers of servers.  Arrivals are Poisson, service is exponential, and the station
is in its steady state: a first guess for a hall, which opens empty and closes.  Times have the unit of `mean_work`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import BoolArray, FloatArray, IntArray, broadcast, number_array
from foundation.errors import HallplanError

__all__ = ["Impatient", "called_within", "erlang_a", "erlang_b", "erlang_c", "least_servers"]

_MOST_SERVERS: Final = 1_000_000
"""More than work in any country's halls; the recursion takes some seconds there."""
_LAST_DIGIT: Final = 1e-17
"""A term of a series below this part of the sum changes no digit of it."""


@dataclass(frozen=True, eq=False)
class Impatient:
    """A station whose visitors leave when they lose patience.

    Attributes
    ----------
    waits
        Probability that all servers are busy on arrival.
    leaves
        Share of all visitors who leave before they are called.
    mean_wait
        Mean time in the queue, over those called and those who leave.
    """

    waits: FloatArray
    leaves: FloatArray
    mean_wait: FloatArray


def erlang_b(servers: npt.ArrayLike, load: npt.ArrayLike) -> FloatArray:
    """Return the share lost at `servers` without a waiting place (M/G/c/c).

    ``B(c, a) = (a^c / c!) / Σ_{k≤c} a^k / k!`` by the recursion ``B(c) = a B(c-1) / (c + a B(c-1))``, ``B(0) = 1``,
    which neither overflows nor cancels (Erlang 1917; Kleinrock 1975, *Queueing Systems*, §3.7).

    Parameters
    ----------
    servers
        Whole numbers from 0 on.
    load
        Offered load in erlang: arrivals a unit of time times mean service.

    Returns
    -------
    FloatArray
        The broadcast shape; a number if both are numbers.

    Raises
    ------
    HallplanError
        If a number of servers is not whole, or either is negative or not finite.

    Examples
    --------
    >>> round(float(erlang_b(2, 3.0)), 6)  # (9/2) / (1 + 3 + 9/2) = 9/17
    0.529412
    """
    c, a = _station(servers, load)
    lost = np.ones(c.shape)
    for k in range(1, int(c.max(initial=0)) + 1):
        lost = np.where(k <= c, a * lost / (k + a * lost), lost)
    return _plain(lost)


def erlang_c(servers: npt.ArrayLike, load: npt.ArrayLike) -> FloatArray:
    """Return the probability of having to wait at `servers` with one endless queue (M/M/c).

    ``C(c, a) = c B / (c - a (1 - B))`` with ``B = B(c, a)`` of :func:`erlang_b` (Erlang 1917; Kleinrock 1975, §3.5).

    Parameters
    ----------
    servers, load
        As for :func:`erlang_b`.

    Returns
    -------
    FloatArray
        The broadcast shape; a number if both are numbers.

    Raises
    ------
    HallplanError
        As for :func:`erlang_b`, and if the servers do not exceed the load: the queue then grows without end.

    Examples
    --------
    >>> round(float(erlang_c(2, 1.0)), 6)  # B = (1/2) / (1 + 1 + 1/2) = 1/5; 2/5 / (2 - 4/5) = 1/3
    0.333333
    """
    return _plain(_delayed(*_station(servers, load)))


def erlang_a(
    servers: npt.ArrayLike, load: npt.ArrayLike, *, mean_patience: npt.ArrayLike, mean_work: npt.ArrayLike = 1.0
) -> Impatient:
    """Return who waits and who leaves where patience is exponential (M/M/c+M); it takes any load.

    With ``p`` the mean patience over the mean work, ``s = c p``, ``x = a p``, ``B = B(c-1, a)`` and
    ``G(s) = e^x x^-s γ(s, x) = Σ_n x^n / (s (s+1) … (s+n))``: P(wait) ``= x G(s) B / (1 + x G(s) B)``,
    P(leave) ``= P(wait) (1 - G(s+1) / G(s))``, and the mean wait is P(leave) times the mean patience (Palm 1957;
    Mandelbaum and Zeltyn 2007, "Service engineering in action: the Palm/Erlang-A queue").

    Parameters
    ----------
    servers, load
        As for :func:`erlang_b`, with at least one server.
    mean_patience, mean_work
        Mean patience and mean service time, in one unit of time, above 0.

    Returns
    -------
    Impatient
        Each field has the broadcast shape.

    Raises
    ------
    HallplanError
        As for :func:`erlang_b`, and if there is no server or a time is not above 0.

    Examples
    --------
    >>> result = erlang_a(1, 1.0, mean_patience=1.0)  # patience as long as work: Poisson(1) people are present
    >>> round(float(result.waits), 6), round(float(result.leaves), 6)  # 1 - 1/e, and (load - busy) / load = 1/e
    (0.632121, 0.367879)
    """
    patience, work = _time("mean_patience", mean_patience), _time("mean_work", mean_work)
    c, a = _station(servers, load)
    c, a, patience, work = broadcast(servers=c, load=a, mean_patience=patience, mean_work=work)
    waits = _all_busy(c, a, patience / work)
    leaves = waits * (1 - _called_later(c, a, patience / work, passed=np.zeros(c.shape)))
    return Impatient(_plain(waits), _plain(leaves), _plain(leaves * patience))


def called_within(
    servers: npt.ArrayLike,
    load: npt.ArrayLike,
    *,
    within: npt.ArrayLike,
    mean_work: npt.ArrayLike = 1.0,
    mean_patience: npt.ArrayLike | None = None,
) -> FloatArray:
    """Return the share of all visitors who are called within a time.

    Patient visitors: ``P(W ≤ t) = 1 - C(c, a) exp(-(c - a) t / m)``, ``m`` the mean work (Kleinrock 1975, §3.5).  With
    patience, those who leave count among all and are not called: the offered wait up to `t` is integrated over those
    whose patience lasts (Mandelbaum and Zeltyn 2007; formulas of :func:`erlang_a`).

    Parameters
    ----------
    servers, load
        As for :func:`erlang_c`; with patience as for :func:`erlang_a`.
    within
        The time ``t``, at least 0.
    mean_work, mean_patience
        Mean service time and mean patience in the unit of `within`; nobody leaves without `mean_patience`.

    Returns
    -------
    FloatArray
        The broadcast shape; a number if all are numbers.

    Raises
    ------
    HallplanError
        As for :func:`erlang_c`, or :func:`erlang_a`, and if a time is out of its range.

    Examples
    --------
    >>> round(float(called_within(2, 1.0, within=8, mean_work=8)), 6)  # 1 - exp(-1) / 3
    0.877374
    """
    limit, work = _time("within", within, or_none=True), _time("mean_work", mean_work)
    c, a = _station(servers, load)
    c, a, limit, work = broadcast(servers=c, load=a, within=limit, mean_work=work)
    if mean_patience is None:
        return _plain(1 - _delayed(c, a) * np.exp(-(c - a) * limit / work))
    patience = _time("mean_patience", mean_patience)
    c, a, limit, work, patience = broadcast(servers=c, load=a, within=limit, mean_work=work, mean_patience=patience)
    never, later = (_called_later(c, a, patience / work, passed=t / patience) for t in (0 * limit, limit))
    return _plain(1 - _all_busy(c, a, patience / work) * (1 - never + later))


def least_servers(
    load: npt.ArrayLike,
    *,
    target: npt.ArrayLike,
    within: npt.ArrayLike,
    mean_work: npt.ArrayLike = 1.0,
    mean_patience: npt.ArrayLike | None = None,
) -> IntArray:
    """Return the least servers at which a share `target` of all visitors is called within a time.

    The search begins at the least number above the load, and not at the rounded load plus one, which is too many at
    many small stations; with patience it begins at the target's part of the load.  More servers never call fewer people
    in time.

    Parameters
    ----------
    load
        Offered loads; none are needed where it is 0.
    target
        Share between 0 and 1, both excluded.
    within, mean_work, mean_patience
        As for :func:`called_within`.

    Returns
    -------
    IntArray
        The broadcast shape; a number if all are numbers.

    Raises
    ------
    HallplanError
        As for :func:`called_within`, and if a target is not between 0 and 1.

    Examples
    --------
    >>> int(least_servers(1.0, target=0.85, within=8, mean_work=8))  # one is overloaded, two call 0.877
    2
    """
    shares = number_array("target", target)
    _refuse("error.erlang.target", shares, ~((shares > 0) & (shares < 1)))
    is_patient, (_, loads) = mean_patience is None, _station(0, load)
    limit, work = _time("within", within, or_none=True), _time("mean_work", mean_work)
    patience = _time("mean_patience", 1.0 if mean_patience is None else mean_patience)
    loads, shares, limit, work, patience = broadcast(
        load=loads, target=shares, within=limit, mean_work=work, mean_patience=patience
    )
    start = np.floor(loads) + 1 if is_patient else np.maximum(np.floor(shares * loads), 1)
    a, q, limit, work, patience = (values.ravel() for values in (loads, shares, limit, work, patience))

    def is_enough(index: IntArray, servers: IntArray) -> BoolArray:
        lasting = None if is_patient else patience[index]
        called = called_within(servers, a[index], within=limit[index], mean_work=work[index], mean_patience=lasting)
        return np.asarray(called >= q[index])

    least = _least(np.where(loads > 0, start, 0).astype(np.int64).ravel(), np.flatnonzero(a > 0), is_enough)
    return np.asarray(least.reshape(loads.shape))[()]


# ---- their parts ---------------------------------------------------------------------------------------------------


def _least(start: IntArray, stations: IntArray, is_enough: Callable[[IntArray, IntArray], BoolArray]) -> IntArray:
    """Return the least servers from `start` on that are enough, by doubling steps up and halving ones back."""
    high, low, step, short = start.copy(), start - 1, 1, stations
    while short.size:
        short = short[~is_enough(short, high[short])]
        low[short] = high[short]
        high[short] += step
        step *= 2
    wide = stations[high[stations] - low[stations] > 1]
    while wide.size:
        middle = (low[wide] + high[wide]) // 2
        suffices = is_enough(wide, middle)
        high[wide[suffices]], low[wide[~suffices]] = middle[suffices], middle[~suffices]
        wide = wide[high[wide] - low[wide] > 1]
    return high


def _delayed(c: FloatArray, a: FloatArray) -> FloatArray:
    """Return C(c, a); an overload is refused."""
    is_overloaded = c <= a
    if is_overloaded.any():
        load = float(a[is_overloaded][0])
        servers = int(c[is_overloaded][0])
        raise HallplanError("error.erlang.overload", servers=servers, load=f"{load:g}", least=int(load) + 1)
    lost = np.asarray(erlang_b(c, a))
    return np.asarray(c * lost / (c - a * (1 - lost)))


def _all_busy(c: FloatArray, a: FloatArray, ratio: FloatArray) -> FloatArray:
    """Return P(wait) of M/M/c+M, `ratio` being the mean patience over the mean work."""
    from scipy import special

    _refuse("error.erlang.no_server", c, c < 1)
    with np.errstate(divide="ignore"):  # nobody comes, or hardly anybody: the logarithm of nothing
        odds = np.log(a * ratio) + np.log(np.asarray(erlang_b(c - 1, a))) + _log_series(c * ratio, a * ratio)
    return np.asarray(special.expit(odds))


def _called_later(c: FloatArray, a: FloatArray, ratio: FloatArray, *, passed: FloatArray) -> FloatArray:
    """Return the share of those who find all busy that is called after a wait of `passed` mean patiences."""
    s, x = c * ratio, a * ratio
    y = x * np.exp(-passed)
    return np.asarray(np.exp(x - y - (s + 1) * passed + _log_series(s + 1, y) - _log_series(s, x)))


def _log_series(s: FloatArray, x: FloatArray) -> FloatArray:
    """Return the logarithm of ``e^x x^-s γ(s, x)`` (DLMF 8.7.1): the series where it falls, else the function."""
    from scipy import special

    falls = x <= s  # there γ(s, x) may be too small for a number, and no term exceeds the first
    z = np.where(falls, x, 0.0)
    term = 1 / s
    total, n = term.copy(), 1
    while (term > _LAST_DIGIT * total).any():
        term = term * z / (s + n)
        total, n = total + term, n + 1
    w = np.where(falls, s, x)
    closed = w - s * np.log(w) + special.gammaln(s) + np.log(special.gammainc(s, w))
    return np.asarray(np.where(falls, np.log(total), closed))


def _station(servers: npt.ArrayLike, load: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return whole servers and finite loads in one shape."""
    c, a = number_array("servers", servers), number_array("load", load)
    _refuse("error.erlang.servers", c, ~(np.isfinite(c) & (c >= 0) & (c == np.floor(c))))
    _refuse("error.erlang.load", a, ~(np.isfinite(a) & (a >= 0)))
    _refuse("error.erlang.too_many", c, c > _MOST_SERVERS, most=f"{_MOST_SERVERS:,}")
    c, a = broadcast(servers=c, load=a)
    return c, a


def _time(name: str, value: npt.ArrayLike, *, or_none: bool = False) -> FloatArray:
    """Return times above 0, or from 0 on."""
    times = number_array(name, value)
    is_valid = np.isfinite(times) & ((times >= 0) if or_none else (times > 0))
    _refuse("error.erlang.limit" if or_none else "error.erlang.time", times, ~is_valid, name=name)
    return times


def _refuse(key: str, values: FloatArray, mask: BoolArray, **more: str) -> None:
    """Raise an error about the first value that the mask marks."""
    if mask.any():
        raise HallplanError(key, value=f"{values[mask][0]:g}", **more)


def _plain(values: FloatArray) -> FloatArray:
    """Return a number in the place of an array without axes."""
    return np.asarray(values)[()]
