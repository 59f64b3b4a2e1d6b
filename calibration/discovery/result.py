"""The result of discovery: everything that an event log shows about the hall that it comes from.

Input: none; this module defines the data that :func:`calibration.discovery.discover.discover` fills.
Output: :class:`Settings` and :class:`Discovery`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from calibration.discovery.control_flow.routing import Routing
from calibration.discovery.findings.finding import Finding, findings_frame
from calibration.discovery.laws.fitting import FittedLaw
from calibration.discovery.laws.survival import Lifetimes
from calibration.discovery.log.traces import Traces
from calibration.discovery.resources.absences import Absence
from calibration.discovery.resources.durations import Duration
from calibration.discovery.resources.pools import PoolEstimate
from calibration.discovery.resources.priorities import ChoiceCounts
from calibration.discovery.timing.arrivals import Arrivals
from calibration.discovery.timing.days_used import DaysUsed
from calibration.discovery.timing.decomposition import TimeDecomposition
from calibration.discovery.timing.delays import Delay
from calibration.discovery.timing.hours import Hours, WorkingDays
from calibration.discovery.timing.rounds import Rounds
from calibration.discovery.timing.stops import StopEstimate
from calibration.discovery.timing.timetables import Release

__all__ = ["Discovery", "Settings"]


@dataclass(frozen=True)
class Settings:
    """How to read a log.

    Attributes
    ----------
    name
        Name of the scenario to make.
    service
        The column that names the services, "" for none; guessed by default.
    seed
        Of what is random: sub-samples, bootstraps, tests of fit.
    idle_days
        A case in which nothing has happened for longer when the log ends counts as closed by its last activity.
    """

    name: str = "from-log"
    service: str | None = None
    seed: int = 1
    idle_days: float = 365.0


@dataclass(frozen=True, eq=False)
class Discovery:
    """What a log has shown: estimates of everything that a scenario needs.

    Attributes
    ----------
    settings
        How the log was read.
    traces
        The log as arrays.
    days, hall, arrival_hours
        Working days, hours in which work begins, and hours in which cases arrive.
    arrivals
        The arrival process.
    routing
        Routes: the directly-follows relation with its transition probabilities.
    pools, durations, delays
        Resources by task, durations of activities, and inter-activity delays.
    stops
        What stops the statutory clock, by code of its activity.
    choices, priorities
        Whom servers took when they had a choice, and the priorities of tasks (service, activity) that follow from it.
    days_used
        Test of the stops against the days used that the log records; ``None`` where it records none.
    patience
        How long visitors wait at the most, where the log shows it.
    absences
        By task (service, activity): how often visitors miss their call.
    turnaround
        By service (-1: all): how long cases take, in working days for dates and in hours otherwise.
    rounds
        Rounds that the cases of a ledger go by; ``None`` where its dates show none.
    decomposition
        Decomposition of elapsed time.
    estimated_starts, estimated_ready
        Shares of the rows whose start, and whose joining of a queue, had to be estimated.
    findings
        All of it in words, with intervals and tests.
    """

    settings: Settings
    traces: Traces
    days: WorkingDays
    hall: Hours
    arrival_hours: Hours
    arrivals: Arrivals
    routing: Routing
    pools: tuple[PoolEstimate, ...]
    durations: tuple[Duration, ...]
    delays: tuple[Delay, ...]
    stops: Mapping[int, StopEstimate]
    choices: tuple[ChoiceCounts, ...]
    priorities: Mapping[tuple[int, int], int]
    days_used: DaysUsed | None
    patience: FittedLaw | None
    absences: Mapping[tuple[int, int], Absence]
    turnaround: Mapping[int, Lifetimes]
    rounds: Rounds | None
    decomposition: TimeDecomposition | None
    estimated_starts: float
    estimated_ready: float
    findings: tuple[Finding, ...]

    @property
    def first_day(self) -> dt.date:
        """The log's first day."""
        return self.traces.first_day

    @property
    def last_day(self) -> dt.date:
        """The log's last day."""
        return self.traces.first_day + dt.timedelta(days=self.traces.n_days - 1)

    @property
    def releases(self) -> list[tuple[Release, int]]:
        """The timetables, with the number of transitions or cases that go by each."""
        by_transition = [(delay.release, delay.n) for delay in self.delays if delay.release is not None]
        return by_transition + ([] if self.rounds is None else [(self.rounds.release, self.rounds.n)])

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the tables: ``findings``, ``routes`` and ``arrival_rates``."""
        frames = {"findings": findings_frame(self.findings), "routes": self.routing.transitions}
        if len(self.arrivals.rates):
            frames["arrival_rates"] = self.arrivals.rates
        return frames
