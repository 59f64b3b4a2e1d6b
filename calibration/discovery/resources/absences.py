"""Absences at the call: visitors who are not there when a window calls them, and either come back or leave.

Input: :class:`~calibration.discovery.log.traces.Traces`, in which a row with a start whose visitor had left is a call
in vain.  Output: an :class:`Absence` for each task at which the log shows such calls.  Tickets and activities with a
status can show them; events, XES and ledgers cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from calibration.discovery.laws.fitting import FittedLaw, fit_law
from calibration.discovery.laws.proportions import wilson_interval
from calibration.discovery.log.traces import Traces
from foundation.arrays import BoolArray, IntArray

__all__ = ["Absence", "discover_absences"]

_ALPHA: Final = 0.01
"""Significance level from which services have shares of their own."""
_PATIENCE_ALPHA: Final = 0.001
"""Significance level from which longer waits of the absent show that they had lost patience before the call."""
_MOSTLY: Final = 0.5
"""If more than this share of the absent come back, the scenario lets all of them rejoin the queue."""


@dataclass(frozen=True, eq=False)
class Absence:
    """How often visitors miss their call at one task, and what follows.

    Attributes
    ----------
    service, activity
        Codes of the task.
    calls, absent
        First calls of a visitor, and those in vain.
    share, low, high
        Share of the calls in vain, with its 95% interval (Wilson).
    call
        How long the window calls; ``None`` where the log does not show it.
    returned
        Share of the absent who come back under the same number.
    away
        How long they are away; ``None`` where nobody comes back, or the log does not show it.
    """

    service: int
    activity: int
    calls: int
    absent: int
    share: float
    low: float
    high: float
    call: FittedLaw | None
    returned: float
    away: FittedLaw | None

    @property
    def rejoins(self) -> bool:
        """Whether most of the absent come back."""
        return self.returned > _MOSTLY


def discover_absences(
    traces: Traces, visits: Mapping[int, bool], *, rng: np.random.Generator
) -> dict[tuple[int, int], Absence]:
    """Estimate the absences of visitors by task (service, activity).

    Parameters
    ----------
    traces
        The log.
    visits
        By service: visitors come for it, so that somebody can be absent.
    rng
        For sub-samples and tests of fit.
    """
    absent = traces.called_in_vain
    if not absent.any() or _left_before_the_call(traces):
        return {}
    service = traces.service[traces.case]
    called = (traces.start >= 0) & ~traces.returns & np.array([visits[k] for k in range(len(traces.services))])[service]
    absences: dict[tuple[int, int], Absence] = {}
    for activity in np.unique(traces.activity[absent & called]).tolist():
        rows = np.flatnonzero(called & (traces.activity == activity))
        kinds = np.unique(service[rows]).tolist()
        groups = [[kind] for kind in kinds] if _differ(absent[rows], service[rows]) else [kinds]
        for group in groups:
            of_group = rows[np.isin(service[rows], group)]
            if absent[of_group].any():
                absences |= {(kind, activity): _absence(traces, kind, activity, of_group, rng) for kind in group}
    return absences


def _left_before_the_call(traces: Traces) -> bool:
    """Tell whether the absent had lost patience: the log notices everybody only when called, and they waited longer."""
    if (traces.left & (traces.start < 0)).any():
        return False
    waited = (traces.ready >= 0) & (traces.start >= 0)
    waits = traces.start - traces.ready
    absent, served = waits[waited & traces.left], waits[waited & ~traces.left]
    if not absent.size or not served.size:
        return False
    return bool(stats.mannwhitneyu(absent, served, alternative="greater").pvalue < _PATIENCE_ALPHA)


def _differ(absent: BoolArray, service: IntArray) -> bool:
    """Tell whether services differ in their shares of absent visitors (chi-squared)."""
    kinds, code = np.unique(service, return_inverse=True)
    table = np.zeros((2, kinds.size))
    np.add.at(table, (absent.astype(np.int64), code), 1)
    if kinds.size < 2 or not table.sum(axis=1).all():
        return False
    return bool(stats.chi2_contingency(table)[1] < _ALPHA)


def _absence(traces: Traces, service: int, activity: int, rows: IntArray, rng: np.random.Generator) -> Absence:
    in_vain = rows[traces.called_in_vain[rows]]
    low, high = wilson_interval(in_vain.size, rows.size)
    ended = in_vain[traces.end[in_vain] > traces.start[in_vain]]
    following = np.minimum(in_vain + 1, traces.n_rows - 1)
    back = traces.returns[following] & (following > in_vain)
    left_at, back_at = np.maximum(traces.end, traces.start)[in_vain[back]], traces.ready[following[back]]
    away = np.maximum(back_at - left_at, 0)[back_at >= 0]
    return Absence(
        service=service,
        activity=activity,
        calls=int(rows.size),
        absent=int(in_vain.size),
        share=in_vain.size / rows.size,
        low=low,
        high=high,
        call=fit_law((traces.end - traces.start)[ended].astype(np.float64), rng=rng) if ended.size else None,
        returned=float(back.mean()),
        away=fit_law(away.astype(np.float64), rng=rng) if away.any() else None,
    )
