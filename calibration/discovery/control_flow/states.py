"""States of the Markov chain that routes follow: activities, split where the next activity depends on more than that.

Input: :class:`~calibration.discovery.log.traces.Traces`.
Output: :class:`States`.  By default a state is an activity.  Visitors pass the same gate when they apply and when they
collect: there a state is the activity with its visit count, or with the activity before it.  Akaike's criterion chooses
between the two and the plain activity.  The rarest activities together, where there are too many, are split by the last
activity before them that has a name of its own: otherwise cases would forget in them how far they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration.discovery.log.traces import MERGED, Traces
from foundation.arrays import BoolArray, IntArray

__all__ = ["States", "discover_states"]

_MIN_ROWS: Final = 100
"""Rows of an activity below which it stays one state."""
_MIN_CONTEXT: Final = 30
"""A context with fewer rows is merged with the most frequent one."""
_MIN_GAIN: Final = 20.0
"""Gain in Akaike's criterion from which an activity is split: smaller gains do not repeat on new data."""
_MIN_INFORMATION: Final = 0.005
"""Gain in nats per transition below which a split is not worth a state: with many rows any difference is certain."""
_MAX_VISIT_COUNT: Final = 2
"""Visit counts from here on are one context."""
_MAX_ACTIVITIES: Final = 60
"""A log with more activities is not split further: its routes are large enough."""
_MAX_CONTEXTS: Final = 8
"""Contexts of an activity: the most frequent ones."""
_MAX_MERGED_CONTEXTS: Final = 40
"""Contexts of the rarest activities together, which may stand anywhere in a case."""


@dataclass(frozen=True, eq=False)
class States:
    """The states of a log's cases.

    Attributes
    ----------
    state
        By row: its state.
    activity
        By state: the code of its activity.
    names
        By state: the activity's name, with a number from the second of its states on.
    split
        By activity that has several states: ``occurrence`` or ``previous``.
    """

    state: IntArray
    activity: tuple[int, ...]
    names: tuple[str, ...]
    split: Mapping[int, str]


def discover_states(traces: Traces, seen: BoolArray, open_: BoolArray) -> States:
    """Find the states.

    Parameters
    ----------
    traces
        The log.
    seen
        By row: what comes after it is in the log.
    open_
        By case: whether it had not come to its end.
    """
    n = len(traces.activities)
    following = np.where(traces.is_last, n, np.r_[traces.activity[1:], n])
    counted = seen & ~(traces.is_last & open_[traces.case]) & ~traces.called_in_vain
    service = traces.service[traces.case]
    before = np.where(traces.is_first, n, np.r_[n, traces.activity[:-1]])
    # A visitor who comes back after a call in vain is still at the same visit of the activity.
    called = np.maximum.accumulate(np.where(traces.returns, 0, np.arange(traces.n_rows)))
    contexts = {"occurrence": np.minimum(_occurrence(traces), _MAX_VISIT_COUNT)[called], "previous": before[called]}
    state = np.zeros(traces.n_rows, dtype=np.int64)
    activity: list[int] = []
    names: list[str] = []
    split: dict[int, str] = {}
    for k, name in enumerate(traces.activities):
        of_activity = np.flatnonzero(traces.activity == k)
        rows = of_activity[counted[of_activity]]
        best, best_labels = 0.0, np.zeros(of_activity.size, dtype=np.int64)
        merged = name == MERGED
        if rows.size >= _MIN_ROWS and (merged or len(traces.activities) <= _MAX_ACTIVITIES):
            plain = _fit(service[rows], np.zeros(rows.size, dtype=np.int64), following[rows], n)
            for kind, context in ({"previous": traces.last_named} if merged else contexts).items():
                labels = _merged(context[of_activity], _MAX_MERGED_CONTEXTS if merged else _MAX_CONTEXTS)
                likelihood, free = _fit(service[rows], labels[counted[of_activity]], following[rows], n)
                gain = 2 * (likelihood - plain[0]) - 2 * (free - plain[1])
                if gain > max(best, _MIN_GAIN) and (likelihood - plain[0]) / rows.size > _MIN_INFORMATION:
                    best, best_labels, split[k] = gain, labels, kind
        state[of_activity] = len(activity) + best_labels
        many = int(best_labels.max(initial=0)) + 1
        activity += [k] * many
        names += [name if number == 0 else f"{name} ({number + 1})" for number in range(many)]
    return States(state, tuple(activity), tuple(names), split)


def _occurrence(traces: Traces) -> IntArray:
    """Return by row the visit count: earlier instances of the activity in the case, returns after a call in vain apart.

    Rows of such returns have no count of their own.
    """
    rows = np.flatnonzero(~traces.returns)
    packed = traces.case[rows] * len(traces.activities) + traces.activity[rows]
    order = np.argsort(packed, kind="stable")
    fresh = np.flatnonzero(np.r_[True, np.diff(packed[order]) != 0])
    rank = np.arange(order.size) - np.repeat(fresh, np.diff(np.r_[fresh, order.size]))
    counts = np.zeros(traces.n_rows, dtype=np.int64)
    counts[rows[order]] = rank
    return counts


def _merged(context: IntArray, most: int) -> IntArray:
    """Number the contexts by frequency; small ones share the number of the most frequent one."""
    values, inverse, counts = np.unique(context, return_inverse=True, return_counts=True)
    label = np.zeros(values.size, dtype=np.int64)
    large = [index for index in np.argsort(-counts, kind="stable").tolist() if counts[index] >= _MIN_CONTEXT]
    for number, index in enumerate(large[:most]):
        label[index] = number
    return label[inverse]


def _fit(service: IntArray, context: IntArray, following: IntArray, n: int) -> tuple[float, int]:
    """Return the log likelihood of the successors given service and context, and its number of parameters."""
    group = service * (int(context.max(initial=0)) + 1) + context
    cells = np.bincount(group * (n + 1) + following)
    totals = np.bincount(group)
    cells, totals = cells[cells > 0], totals[totals > 0]
    likelihood = float((cells * np.log(cells)).sum() - (totals * np.log(totals)).sum())
    return likelihood, int(cells.size - totals.size)
