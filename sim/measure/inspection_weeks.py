"""On which working day cases are inspected, counted week by week: for questions about places of inspection teams.

Input: the :class:`~sim.measure.frames.Metrics` of one replication, and the teams: a timetable whose departures have
places, and the pool that goes out then.  Output: an :class:`InspectionWeeks`.  A case belongs to the team for which it
first waited after its last acceptance.  Its first check from then on counts; what is checked again after a failed check
does not.  The week is that of the acceptance; a case counts on which nobody has called by the end of the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foundation.arrays import IntArray
from foundation.identity import Identity
from scenarios.model.vocabulary import MILESTONES
from sim.calendar import DAY_MS
from sim.measure.frames import Metrics
from sim.measure.milestones import milestone_of_step
from sim.program import Code, Outcome

__all__ = ["InspectionWeeks", "inspection_weeks"]

_WEEK = 7
"""Calendar days."""


@dataclass(frozen=True, eq=False)
class InspectionWeeks:
    """Cases by team and week, shape (teams, weeks).

    Attributes
    ----------
    cases
        Cases that waited for the team.
    since_accepted, since_listed
        Of them, those inspected in time: by so many working days, the day of acceptance being the first, or the day on
        which the case came to wait for a place.
    """

    cases: IntArray
    since_accepted: IntArray
    since_listed: IntArray


def inspection_weeks(metrics: Metrics, *, teams: Sequence[tuple[str, str]], day: int) -> InspectionWeeks:
    """Count the cases that are inspected in time.

    Parameters
    ----------
    metrics
        Of the replication.
    teams
        The timetable and the pool of each team.
    day
        The last working day that is in time, the first being 1.
    """
    table, cases = metrics.table, metrics.case_table
    timetables = [timetable.name for timetable in table.plan.timetables]
    team_of = {timetables.index(slots): place for place, (slots, _) in enumerate(teams)}
    position = np.full(table.n_entities + 1, -1, dtype=np.int64)
    position[cases.entity] = np.arange(cases.entity.size)
    case_of_row = position[table.case[table.entity]]
    accepted = np.append(cases.accepted, 0)[case_of_row]

    waits = (table.code == Code.UNTIL) & np.isin(table.arg, list(team_of)) & (case_of_row >= 0)
    rows = np.flatnonzero(waits & (table.ready >= accepted))[::-1]
    listed = np.full(cases.entity.size, -1, dtype=np.int64)
    team = np.full(cases.entity.size, -1, dtype=np.int64)
    listed[case_of_row[rows]] = table.ready[rows]  # of repeated indices, NumPy keeps the last: the earliest row
    team[case_of_row[rows]] = [team_of[number] for number in table.arg[rows].tolist()]
    _add_pending(metrics, team_of, position, listed, team)

    checks = np.isin(table.step, np.flatnonzero(_is_check(metrics, [pool for _, pool in teams]))) & (case_of_row >= 0)
    rows = np.flatnonzero(checks & (table.outcome == Outcome.DONE))
    rows = rows[table.start[rows] >= listed[case_of_row[rows]]]
    checked = np.full(cases.entity.size, -1, dtype=np.int64)
    rows = rows[np.argsort(table.end[rows], kind="stable")[::-1]]
    checked[case_of_row[rows]] = table.end[rows]

    members = np.flatnonzero(cases.in_cohort & (team >= 0))
    weeks = table.window.days // _WEEK if not members.size else np.unique(_week(metrics, table.window.days * DAY_MS))
    week = np.searchsorted(weeks, _week(metrics, cases.accepted[members]).clip(weeks[0], weeks[-1]))
    shape = (len(teams), weeks.size)
    cells = team[members] * weeks.size + week

    def counts(since: IntArray) -> IntArray:
        begun, end = since[members], checked[members]
        in_time = (end >= 0) & (table.calendar.touched_days(begun, np.maximum(end, begun)) <= day)
        return np.bincount(cells[in_time], minlength=shape[0] * shape[1]).reshape(shape)

    total = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    return InspectionWeeks(total, counts(cases.accepted), counts(listed))


def _week(metrics: Metrics, moments: IntArray) -> IntArray:
    """Return the calendar week of moments, counted from that of the run's first day."""
    first_weekday = metrics.table.scenario.run.start.weekday()
    return np.asarray((moments // DAY_MS + first_weekday) // _WEEK, dtype=np.int64)


def _is_check(metrics: Metrics, pools: Sequence[str]) -> IntArray:
    """Tell which steps are checks of the teams."""
    table = metrics.table
    milestone = milestone_of_step(Identity(table.scenario), Identity(table.program.steps))[:-1]
    merged = {name: pool.merge_into or name for name, pool in table.scenario.pools.items()}
    at_pool = np.array([merged.get(step.pool, "") in pools for step in table.program.steps], dtype=np.bool_)
    return np.asarray(at_pool & (milestone == MILESTONES.index("inspected")))


def _add_pending(
    metrics: Metrics, team_of: dict[int, int], position: IntArray, listed: IntArray, team: IntArray
) -> None:
    """Enter the cases that still wait for their first place as the run stops; they have no row yet."""
    table = metrics.table
    entity, op, since = table.pending
    ops = table.program.ops
    waiting = (ops["code"][op] == Code.UNTIL) & np.isin(ops["arg"][op], list(team_of))
    place = position[table.case[entity[waiting]]]
    is_new = (place >= 0) & (listed[place] < 0)
    listed[place[is_new]] = since[waiting][is_new]
    team[place[is_new]] = [team_of[number] for number in ops["arg"][op][waiting][is_new].tolist()]
