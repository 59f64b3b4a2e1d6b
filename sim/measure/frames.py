"""What one replication shows: :func:`measure`, and the tidy frames of :class:`Metrics`.

Input: a scenario, the program drawn from it, the plan compiled from it, and an engine's log.  Output: a
frozen :class:`Metrics`; nothing is computed before it is asked for.  Every frame and column is described in
``docs/reference/metrics.md``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from foundation.arrays import FloatArray
from scenarios.model import Scenario
from sim.measure.cases import Cases, cases_frame, find_cases, open_cases_frame, turnaround_frame
from sim.measure.milestones import Milestones, find_milestones, milestones_frame
from sim.measure.queues import (
    PoolTotals,
    half_hour_integrals,
    overtime_frame,
    pool_half_hours_frame,
    pool_totals,
    staff_frame,
)
from sim.measure.summary import summarise
from sim.measure.table import MeasureOptions, Table
from sim.measure.timeline import TimeSplit, split_time, time_shares_frame, time_split_frame
from sim.measure.visits import Trips, find_trips, visits_frame
from sim.measure.volume import Volume, days_frame, find_volume, people_frame, volume_frame
from sim.measure.waits import Waits, find_waits, wait_summary_frame, waits_frame
from sim.program import Log, Plan, Program

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FRAMES", "Metrics", "measure"]

FRAMES: Final = (
    "visits",
    "waits",
    "wait_summary",
    "pool_half_hours",
    "staff",
    "overtime",
    "days",
    "volume",
    "people",
    "cases",
    "turnaround",
    "milestones",
    "open_cases",
    "time_split",
    "time_shares",
)
"""Names of the frames of :class:`Metrics`."""


@dataclass(frozen=True, eq=False)
class Metrics:
    """Everything that can be read from one replication, each thing computed when first asked for.

    Attributes
    ----------
    table
        The log's columns and the measured window.
    """

    table: Table

    @cached_property
    def trips(self) -> Trips:
        """Trips of the whole run, as arrays."""
        return find_trips(self.table)

    @cached_property
    def case_table(self) -> Cases:
        """Cases of the whole run, as arrays."""
        return find_cases(self.table)

    @cached_property
    def case_milestones(self) -> Milestones:
        """Milestones of these cases, as arrays."""
        return find_milestones(self.table, self.case_table, self.trips.files)

    @cached_property
    def first_waits(self) -> Waits:
        """Waits that began in the measured window, as arrays."""
        return find_waits(self.table)

    @cached_property
    def half_hours(self) -> FloatArray:
        """Mean queue, busy, rostered and utilisation, shape (pools, half-hours of the day, 4)."""
        return half_hour_integrals(self.table)

    @cached_property
    def counts(self) -> Volume:
        """What came in and went out in the measured window."""
        return find_volume(self.table, self.trips, self.case_table)

    @cached_property
    def pool_totals(self) -> PoolTotals:
        """Time and cost of every pool."""
        return pool_totals(self.table)

    @cached_property
    def split(self) -> TimeSplit:
        """Where the time of the cohort's cases went, in whole ms."""
        return split_time(self.table, self.case_table)

    @cached_property
    def summary(self) -> dict[str, float]:
        """Scalar metrics by name (see :data:`sim.measure.registry.METRICS`), ratios with ``:num`` and ``:den``."""
        return summarise(self)

    def selected(self, wanted: Collection[str]) -> dict[str, float]:
        """Return these scalar metrics, as far as there are any; only what they need is computed."""
        return summarise(self, wanted)

    @cached_property
    def visits(self) -> pd.DataFrame:
        """One row a trip that arrived in the measured window."""
        return visits_frame(self.table, self.trips)

    @cached_property
    def waits(self) -> pd.DataFrame:
        """One row a stretch at a pool that began in the measured window."""
        return waits_frame(self.table)

    @cached_property
    def wait_summary(self) -> pd.DataFrame:
        """One row a group of waits."""
        return wait_summary_frame(self.table, self.first_waits)

    @cached_property
    def pool_half_hours(self) -> pd.DataFrame:
        """One row a pool and half-hour of the day: queue length and utilisation."""
        return pool_half_hours_frame(self.table, self.half_hours)

    @cached_property
    def staff(self) -> pd.DataFrame:
        """One row a pool: hours, utilisation, cost."""
        return staff_frame(self.table, self.pool_totals)

    @cached_property
    def overtime(self) -> pd.DataFrame:
        """One row a measured working day: work after closing."""
        return overtime_frame(self.table, self.pool_totals, self.trips)

    @cached_property
    def days(self) -> pd.DataFrame:
        """One row a measured working day: visits, items, open cases."""
        return days_frame(self.table, self.trips, self.case_table, self.counts)

    @cached_property
    def volume(self) -> pd.DataFrame:
        """One row a purpose of visit."""
        return volume_frame(self.table, self.trips, self.counts)

    @cached_property
    def people(self) -> pd.DataFrame:
        """One row a kind of person."""
        return people_frame(self.table, self.trips, self.counts)

    @cached_property
    def cases(self) -> pd.DataFrame:
        """One row a case opened in the measured window."""
        return cases_frame(self.table, self.case_table)

    @cached_property
    def turnaround(self) -> pd.DataFrame:
        """One row a service: working days by the three counts, and shares within the limits."""
        return turnaround_frame(self.table, self.case_table)

    @cached_property
    def milestones(self) -> pd.DataFrame:
        """One row a service and milestone: on which working day after acceptance its cases came to it."""
        return milestones_frame(self.table, self.case_table, self.case_milestones)

    @cached_property
    def open_cases(self) -> pd.DataFrame:
        """One row a measured working day and service."""
        return open_cases_frame(self.table, self.case_table)

    @cached_property
    def time_split(self) -> pd.DataFrame:
        """One row a case: where its hours went."""
        return time_split_frame(self.table, self.case_table, self.split)

    @cached_property
    def time_shares(self) -> pd.DataFrame:
        """One row a service and part of its cases' working time."""
        return time_shares_frame(self.table, self.case_table, self.split)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return every frame by its name."""
        return {name: getattr(self, name) for name in FRAMES}


def measure(
    scenario: Scenario, program: Program, plan: Plan, log: Log, *, options: MeasureOptions | None = None
) -> Metrics:
    """Measure one replication, after checking that its log is consistent.

    Parameters
    ----------
    scenario
        The scenario that was simulated.
    program, plan
        Its draws, and its capacity plan.
    log
        The log that an engine returned for the two.
    options
        Measuring options; those of :class:`MeasureOptions` by default.

    Returns
    -------
    Metrics
        Frames and scalar metrics, each computed when it is asked for.

    Raises
    ------
    ConservationError
        If people or time have been lost between the rows of the log: a fault of the engine.
    HallplanError
        If the run has no measured working day.
    """
    return Metrics(Table.of(scenario, program, plan, log, options or MeasureOptions()))
