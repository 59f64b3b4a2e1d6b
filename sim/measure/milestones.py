"""Milestones of cases: on which working day a case was accepted, inspected, reviewed, decided and issued.

Input: the log as a :class:`~sim.measure.table.Table` and its cases.  Output: :class:`Milestones`, arrays over cases,
:class:`MilestoneGroups`, summaries of groups of them, and the frame ``milestones``.

Rules of counting.  The day of the last acceptance is working day 1: "accepted on day 1, certificate on day 3".  The
acceptance itself is counted from the day on which the application was left with the hall.  What marks a milestone
follows from what a scenario says of its steps anyway.  The inspection is the last work at a pool of role ``inspection``
(of a service's steps there, those that stop the clock for an on-site check, where any does).  The review is the last
work at a pool of role ``section``.  Both count after acceptance and up to the decision.  Decision and issue are the
marks ``decided`` (else the case's closing) and ``finished``.  A case that can no longer have a milestone (refused, or
in no need of an inspection) is left out of it; one that is still open before it has not reached it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from foundation.arrays import BoolArray, FloatArray, IntArray
from foundation.identity import Identity
from scenarios.model import Scenario
from scenarios.model.vocabulary import MILESTONE_OF_ROLE, MILESTONES, Milestone
from scenarios.routes import milestones_of_service
from sim.measure.cases import ON_SITE_CHECK, Cases
from sim.measure.registry import MILESTONE_DAYS
from sim.measure.table import Table, ratio
from sim.program import Outcome, StepInfo
from sim.statistics.quantiles import place_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MilestoneGroups",
    "Milestones",
    "find_milestones",
    "milestone_groups",
    "milestone_of_step",
    "milestones_frame",
    "services_with",
]

_ACCEPTED, _INSPECTED, _REVIEWED, _DECIDED, _ISSUED = range(len(MILESTONES))


@dataclass(frozen=True, eq=False)
class Milestones:
    """When cases came to their milestones, shape (milestones, cases), in the order of ``MILESTONES``.

    Attributes
    ----------
    day
        Working day of the milestone, the day of acceptance being 1; infinite if it is not reached.
    counts
        Whether the case is measured: it reached the milestone, or is open and can still reach it.
    """

    day: FloatArray
    counts: BoolArray

    @property
    def last(self) -> float:
        """The last day on which a milestone was reached, 0 if none was."""
        return float(self.day.max(initial=0.0, where=np.isfinite(self.day)))


@dataclass(frozen=True, eq=False)
class MilestoneGroups:
    """Milestones of groups of cases, shape (milestones, groups).

    Attributes
    ----------
    n, pending
        Cases measured, and of them those that have not reached the milestone.
    median, q95
        Quantiles of the working day; infinite if too few have reached it, not-a-number without cases.
    by_day
        Cases that reached it by each of ``MILESTONE_DAYS``, shape (days, milestones, groups).
    """

    n: IntArray
    pending: IntArray
    median: FloatArray
    q95: FloatArray
    by_day: IntArray


def find_milestones(table: Table, cases: Cases, files: IntArray) -> Milestones:
    """Return on which working day every case came to its milestones.

    Parameters
    ----------
    table, cases
        The log, and its cases.
    files
        Positions of the log's rows of queueing and service that are no visitor's.
    """
    items, calendar, decided = table.items, table.calendar, cases.decided
    until = np.where(decided >= 0, decided, table.window.stop)
    last = np.full((len(MILESTONES), cases.entity.size), -1, dtype=np.int64)
    last[_ACCEPTED], last[_DECIDED], last[_ISSUED] = items.accepted[cases.entity], decided, items.finished[cases.entity]
    milestone_at = milestone_of_step(Identity(table.scenario), Identity(table.program.steps))
    rows = files[milestone_at[table.step[files]] >= 0]
    rows = rows[(table.case[table.entity[rows]] >= 0) & (table.outcome[rows] == Outcome.DONE)]
    place_of = np.zeros(table.n_entities, dtype=np.int64)
    place_of[cases.entity] = np.arange(cases.entity.size)
    place = place_of[table.case[table.entity[rows]]]
    in_time = (table.start[rows] >= cases.accepted[place]) & (table.end[rows] <= until[place])
    rows, place = rows[in_time], place[in_time]
    of = milestone_at[table.step[rows]] * cases.entity.size + place
    last.reshape(-1)[of] = table.end[rows]  # of repeated indices, NumPy keeps the last
    since = np.where(np.arange(len(MILESTONES))[:, None] == _ACCEPTED, cases.opened, cases.accepted)
    day = np.where(last >= 0, calendar.touched_days(since, np.maximum(last, 0)), np.inf)
    undecided, is_open = decided < 0, cases.is_open
    can_follow = np.stack([is_open, undecided, undecided, undecided, is_open])
    return Milestones(day, cases.counts & ((last >= 0) | can_follow))


@lru_cache(maxsize=64)
def milestone_of_step(scenario: Identity[Scenario], infos: Identity[tuple[StepInfo, ...]]) -> IntArray:
    """Return the milestone of work at each step, as a position, -1 for none; the last entry is of no step."""
    pools, steps = scenario.value.pools, infos.value
    with_checks = {step.service for step in steps if step.stops_clock == ON_SITE_CHECK}
    at = np.full(len(steps) + 1, -1, dtype=np.int64)
    for k, step in enumerate(steps):
        milestone = MILESTONE_OF_ROLE.get(pools[step.pool].role) if step.pool in pools else None
        is_less = step.service in with_checks and step.stops_clock != ON_SITE_CHECK
        if milestone is not None and not (milestone == "inspected" and is_less):
            at[k] = MILESTONES.index(milestone)
    return at


def milestone_groups(milestones: Milestones, group: IntArray, number: int) -> MilestoneGroups:
    """Summarise the milestones of cases, group by group.

    Parameters
    ----------
    milestones
        Of all cases.
    group
        The group of each case.
    number
        How many groups there are.
    """
    # Days are few and whole, so that counting them by group tells the quantiles sooner than sorting does.
    groups, never = len(MILESTONES) * number, int(milestones.last) + 1
    milestone, case = np.nonzero(milestones.counts)
    days = np.minimum(milestones.day[milestone, case], never).astype(np.int64)
    of = milestone * number + group[case]
    counts = np.bincount(of * (never + 1) + days, minlength=groups * (never + 1)).reshape(groups, never + 1)
    reached = counts.cumsum(axis=1)
    n = reached[:, -1]

    def shaped(values: Any) -> Any:
        return values.reshape(len(MILESTONES), number)

    def quantile(level: float) -> FloatArray:
        day = (reached <= place_of(level, n)[:, None]).sum(axis=1)
        value: FloatArray = shaped(np.where(n > 0, np.where(day < never, day, np.inf), np.nan))
        return value

    by_day = np.stack([shaped(reached[:, min(day, never - 1)]) for day in MILESTONE_DAYS])
    return MilestoneGroups(shaped(n), shaped(counts[:, never]), quantile(0.5), quantile(0.95), by_day)


def services_with(scenario: Scenario) -> dict[str, tuple[Milestone, ...]]:
    """Return the milestones that the cases of each service can come to; services without cases are left out."""
    return _services_with(Identity(scenario))


@lru_cache(maxsize=64)
def _services_with(scenario: Identity[Scenario]) -> dict[str, tuple[Milestone, ...]]:
    model = scenario.value
    milestones = {name: milestones_of_service(model, service) for name, service in model.services.items()}
    return {name: of_service for name, of_service in milestones.items() if of_service}


def milestones_frame(table: Table, cases: Cases, milestones: Milestones) -> pd.DataFrame:
    """Return one row a service and milestone that its cases can come to."""
    import pandas as pd

    names = table.program.services
    groups = milestone_groups(milestones, cases.service, len(names))
    columns = ["service", "milestone", "n", "pending", "median_day", "q95_day"]
    columns += [f"by_day_{day}_share" for day in MILESTONE_DAYS]
    records = []
    for name, of_service in services_with(table.scenario).items():
        k = names.index(name)
        for milestone in of_service:
            at = (MILESTONES.index(milestone), k)
            numbers = [column[at] for column in (groups.n, groups.pending, groups.median, groups.q95)]
            shares = [float(ratio(reached[at], groups.n[at])) for reached in groups.by_day]
            records.append((name, milestone, *numbers, *shares))
    return pd.DataFrame.from_records(records, columns=columns)
