"""Cases: how many working days each application took, by three clocks, and how many are open.

Input: the log as a :class:`~sim.measure.table.Table`.  Output: :class:`Cases`, arrays over cases, and
the frames ``cases``, ``turnaround`` and ``open_cases``.

Rules of counting.  The cohort is the cases opened in the measured window; each is followed to its end, or to
the end of the run.  A case still open then is censored: its days are those so far, it counts as late as soon
as it is past the limit, and as infinitely long in medians and quantiles.  A case that was refused ends with
the refusal, which is a decision; one that was withdrawn is left out of every turnaround figure and shown as
withdrawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import BoolArray, FloatArray, IntArray
from sim.calendar import DAY_MS
from sim.measure.table import Table, by_group, labelled, moments, ratio
from sim.program import Kind
from sim.statistics.quantiles import place_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CASE_OUTCOMES",
    "Cases",
    "Turnaround",
    "cases_frame",
    "day_ends",
    "find_cases",
    "open_at",
    "open_cases_frame",
    "stopping_steps",
    "turnaround_frame",
    "turnarounds",
]

CASE_OUTCOMES: Final = ("finished", "refused", "withdrawn", "ended", "open")
"""How a case ended; ``ended`` is over without a mark that says how."""

_WITHDRAWN: Final = CASE_OUTCOMES.index("withdrawn")
_OPEN: Final = CASE_OUTCOMES.index("open")
ON_SITE_CHECK: Final = "on-site-check"


@dataclass(frozen=True, eq=False)
class Cases:
    """Arrays over all cases that were opened, in order of entity number; moments in ms, -1 for never.

    Attributes
    ----------
    entity, service
        The case, and the index of its service.
    opened, accepted, decided, closed, delivered
        Opened; last accepted (when opened, if no mark says so); decided (else closed); closed (finished, else
        refused, withdrawn, or done); delivered.
    outcome
        Index into :data:`CASE_OUTCOMES`.
    elapsed_days, touched_days, statutory_days
        The three counts, to `closed`, `closed` and `decided`, or to the end of the run.
    promised, legal
        Limits in working days, -1 where there is none.
    in_cohort
        Opened in the measured window.
    """

    entity: IntArray
    service: IntArray
    opened: IntArray
    accepted: IntArray
    decided: IntArray
    closed: IntArray
    delivered: IntArray
    outcome: IntArray
    elapsed_days: FloatArray
    touched_days: IntArray
    statutory_days: IntArray
    promised: IntArray
    legal: IntArray
    in_cohort: BoolArray

    @property
    def is_open(self) -> BoolArray:
        """Tell which cases were not closed within the run."""
        return self.closed < 0

    @property
    def counts(self) -> BoolArray:
        """Tell which cases turnaround is measured on: the cohort without those withdrawn."""
        counted: BoolArray = self.in_cohort & (self.outcome != _WITHDRAWN)
        return counted

    def within(self, limit: IntArray) -> tuple[BoolArray, BoolArray]:
        """Tell which cases kept a limit and which broke it; open ones within it, and those without one, do neither."""
        late = (limit >= 0) & (self.statutory_days > limit)
        in_time = (limit >= 0) & (self.decided >= 0) & ~late
        return in_time, late


def find_cases(table: Table) -> Cases:
    """Return every case of the log with its times and counts."""
    items, log, calendar = table.items, table.log, table.calendar
    entity = np.flatnonzero((table.kind == Kind.CASE) & (log.started >= 0))
    opened = log.started[entity]
    finished, refused, withdrawn = items.finished[entity], items.refused[entity], items.withdrawn[entity]
    ends = (finished, refused, withdrawn, log.ended[entity])
    closed, outcome = np.full(entity.size, -1, dtype=np.int64), np.full(entity.size, _OPEN, dtype=np.int64)
    for index, when in reversed(list(enumerate(ends))):
        closed, outcome = np.where(when >= 0, when, closed), np.where(when >= 0, index, outcome)
    accepted = items.accepted[entity]
    accepted = np.where(accepted >= 0, accepted, opened)
    decided = np.where(items.decided[entity] >= 0, items.decided[entity], closed)
    stop = table.window.stop
    until, decision = np.where(closed >= 0, closed, stop - 1), np.where(decided >= 0, decided, stop - 1)
    names = table.program.services
    service = table.service[entity].astype(np.int64)
    return Cases(
        entity=entity,
        service=service,
        opened=opened,
        accepted=accepted,
        decided=decided,
        closed=closed,
        delivered=items.delivered[entity],
        outcome=outcome,
        elapsed_days=calendar.elapsed_days(opened, until),
        touched_days=calendar.touched_days(opened, until),
        statutory_days=calendar.statutory_days(accepted, decision, stops=_stops(table, entity)),
        promised=_limits(table, names, "promised_limit")[service],
        legal=_limits(table, names, "legal_limit")[service],
        in_cohort=table.window.contains(opened),
    )


def _limits(table: Table, names: tuple[str, ...], key: str) -> IntArray:
    services = table.scenario.services
    limits = [getattr(services[name], key) if name in services else None for name in names]
    return np.array([-1 if limit is None else limit for limit in limits], dtype=np.int64)


def stopping_steps(table: Table) -> BoolArray:
    """Tell which steps stop the statutory clock, with a last entry (index -1) for operations that belong to no step."""
    counts_check = table.scenario.law.on_site_check_stops_clock
    return np.array(
        [bool(s.stops_clock) and (s.stops_clock != ON_SITE_CHECK or counts_check) for s in table.program.steps]
        + [False],
        dtype=np.bool_,
    )


def _stops(table: Table, entity: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return when the clock of a case stood still: beginnings, ends, and the case's position in `entity`."""
    stopping = stopping_steps(table)
    if not stopping.any():
        none = np.zeros(0, dtype=np.int64)
        return none, none, none
    rows = np.flatnonzero(stopping[table.step])
    inside, op, since = table.pending
    waiting = np.flatnonzero(stopping[table.program.ops["step"][op]])
    case = table.case[np.concatenate((table.entity[rows], inside[waiting]))]
    begins = np.concatenate((table.ready[rows], since[waiting]))
    ends = np.concatenate((table.end[rows], np.full(waiting.size, table.window.stop - 1)))
    position = np.full(table.n_entities + 1, -1, dtype=np.int64)  # the last stands for "no case"
    position[entity] = np.arange(entity.size)
    of_case = position[case] >= 0
    return begins[of_case], ends[of_case], position[case[of_case]]


def cases_frame(table: Table, cases: Cases) -> pd.DataFrame:
    """Return one row a case of the cohort."""
    import pandas as pd

    at = np.flatnonzero(cases.in_cohort)
    promised, legal = cases.within(cases.promised), cases.within(cases.legal)
    return pd.DataFrame(
        {
            "entity": cases.entity[at],
            "service": labelled(cases.service[at], list(table.program.services)),
            "opened": moments(table, cases.opened[at]),
            "accepted": moments(table, cases.accepted[at]),
            "decided": moments(table, cases.decided[at]),
            "finished": moments(table, cases.closed[at]),
            "delivered": moments(table, cases.delivered[at]),
            "outcome": labelled(cases.outcome[at], list(CASE_OUTCOMES)),
            "elapsed_days": cases.elapsed_days[at],
            "touched_days": cases.touched_days[at],
            "statutory_days": cases.statutory_days[at],
            "promised": _masked(cases.promised[at]),
            "legal": _masked(cases.legal[at]),
            "within_promised": _kept_late_or_missing(*promised, at),
            "within_legal": _kept_late_or_missing(*legal, at),
            "censored": cases.is_open[at],
        }
    )


def _masked(limit: IntArray) -> Any:
    import pandas as pd

    return pd.arrays.IntegerArray(np.maximum(limit, 0), limit < 0)


def _kept_late_or_missing(in_time: BoolArray, late: BoolArray, at: IntArray) -> Any:
    import pandas as pd

    return pd.arrays.BooleanArray(in_time[at], ~(in_time | late)[at])


@dataclass(frozen=True)
class Turnaround:
    """Turnaround of one group of cases; days are working days, shares carry what they are made of.

    Attributes
    ----------
    n, open, withdrawn
        Cases measured, of them still open at the end of the run; and cases withdrawn, which are not measured.
    elapsed_mean_days
        Mean; open cases count with their days so far, so that it is a lower bound while there are any.
    statutory_mean_days
        The same by the statutory clock, up to the decision.
    elapsed_median_days, elapsed_q95_days, touched_median, touched_q95, statutory_median, statutory_q95
        Quantiles; open cases are infinitely long.
    promised_kept, promised_late, legal_kept, legal_late
        Cases that kept a limit, and that broke it (open ones past it included); an open case still within it
        is in neither.
    """

    n: int
    open: int
    withdrawn: int
    elapsed_mean_days: float
    statutory_mean_days: float
    elapsed_median_days: float
    elapsed_q95_days: float
    touched_median: float
    touched_q95: float
    statutory_median: float
    statutory_q95: float
    promised_kept: int
    promised_late: int
    legal_kept: int
    legal_late: int


_LEVELS: Final = (0.5, 0.95)


def turnarounds(cases: Cases, group: IntArray, number: int) -> list[Turnaround]:
    """Summarise the cases of the cohort, group by group.

    Parameters
    ----------
    cases
        All cases.
    group
        The group of each case.
    number
        How many groups there are.
    """
    cohort = np.flatnonzero(cases.in_cohort)
    at = cohort[cases.counts[cohort]]
    at = at[np.argsort(group[at], kind="stable")]
    of, closed, decided = group[at], ~cases.is_open[at], cases.decided[at] >= 0
    edges = np.searchsorted(of, np.arange(number + 1))
    n, elapsed = np.diff(edges), cases.elapsed_days[at]

    def count(mask: BoolArray) -> list[int]:
        counted: list[int] = np.bincount(of[mask], minlength=number).tolist()
        return counted

    columns = (
        *(n.tolist(), count(~closed), (np.bincount(group[cohort], minlength=number) - n).tolist()),
        ratio(np.bincount(of, weights=elapsed, minlength=number), n).tolist(),
        ratio(np.bincount(of, weights=cases.statutory_days[at], minlength=number), n).tolist(),
        *_quantiles_by_group(np.where(closed, elapsed, np.inf), of, edges),
        *_quantiles_by_group(np.where(closed, cases.touched_days[at], np.inf), of, edges),
        *_quantiles_by_group(np.where(decided, cases.statutory_days[at], np.inf), of, edges),
        *(count(mask[at]) for limit in (cases.promised, cases.legal) for mask in cases.within(limit)),
    )
    return [Turnaround(*row) for row in zip(*columns, strict=True)]


def _quantiles_by_group(values: FloatArray, of: IntArray, edges: IntArray) -> list[list[float]]:
    """Return for each level the quantile of every group; sorted by group, its values lie between the edges."""
    if values.size == 0:
        return [[float("nan")] * (edges.size - 1)] * len(_LEVELS)
    ordered, n = values[np.lexsort((values, of))], np.diff(edges)
    quantiles_by_level = (ordered[np.minimum(edges[:-1] + place_of(level, n), values.size - 1)] for level in _LEVELS)
    return [np.where(n > 0, values_of_level, np.nan).tolist() for values_of_level in quantiles_by_level]


def turnaround_frame(table: Table, cases: Cases) -> pd.DataFrame:
    """Return one row a service that has cases, by the three counts."""
    import pandas as pd

    names = table.program.services
    promised, legal = (_limits(table, names, key) for key in ("promised_limit", "legal_limit"))
    records = []
    present = np.bincount(cases.service, minlength=len(names))
    for k, turnaround in enumerate(turnarounds(cases, cases.service, len(names))):
        if present[k]:
            determined = (
                turnaround.promised_kept + turnaround.promised_late,
                turnaround.legal_kept + turnaround.legal_late,
            )
            records.append(
                {
                    "service": names[k],
                    **turnaround.__dict__,
                    "within_promised_share": float(ratio(turnaround.promised_kept, determined[0])),
                    "within_legal_share": float(ratio(turnaround.legal_kept, determined[1])),
                    "promised": promised[k],
                    "legal": legal[k],
                }
            )
    columns = [
        *(
            "service",
            *Turnaround.__dataclass_fields__,
            "within_promised_share",
            "within_legal_share",
            "promised",
            "legal",
        )
    ]
    frame = pd.DataFrame.from_records(records, columns=columns)
    for limit in ("promised", "legal"):
        frame[limit] = _masked(frame[limit].to_numpy(dtype=np.int64))
    return frame


def open_at(cases: Cases, members: IntArray, t: IntArray) -> IntArray:
    """Return how many of the cases at positions `members` are open just before each moment."""
    opened = np.sort(cases.opened[members])
    closed = cases.closed[members]
    closed = np.sort(closed[closed >= 0])
    number: IntArray = np.searchsorted(opened, t, side="left") - np.searchsorted(closed, t, side="left")
    return number


def day_ends(table: Table) -> IntArray:
    """Return the end of each measured working day: midnight after it, in ms."""
    return (table.window.days + 1) * DAY_MS


def open_cases_frame(table: Table, cases: Cases) -> pd.DataFrame:
    """Return one row a measured working day and service that has cases: how many are open when the day ends."""
    import pandas as pd

    names, ends = table.program.services, day_ends(table)
    present = [(k, members) for k, members in enumerate(by_group(cases.service, len(names))) if members.size]
    number: list[npt.NDArray[Any]] = [open_at(cases, members, ends) for _, members in present]
    return pd.DataFrame(
        {
            "date": np.tile(table.dates, len(present)),
            "service": np.repeat(np.array([names[k] for k, _ in present], dtype=object), ends.size),
            "open": np.concatenate([np.zeros(0, dtype=np.int64), *number]),
        }
    )
