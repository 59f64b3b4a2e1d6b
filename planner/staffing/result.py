"""The answer to a question of staffing: a plan, its certificate, and what they are held against.

Input: what the search has come to.  Output: a :class:`Staffing`, and frames of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np

from planner.staffing.certificate import WEEK, Cell, Certificate
from planner.staffing.over_posterior import PosteriorCheck
from planner.staffing.people import least_people
from planner.staffing.plan import StaffPlan
from planner.staffing.requirement import Requirement
from planner.staffing.roster import Officer, weekly_roster
from planner.staffing.shifts import shift_label
from planner.staffing.targets import Target, UtilisationTarget, WaitTarget, label_of
from scenarios.model import Scenario
from sim.calendar import HOUR_MS
from sim.measure.table import BIN_LABELS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FRAMES", "Effort", "Minimality", "Nearest", "Staffing", "half_hours_frame"]

Minimality: TypeAlias = Literal["enumerated", "single", "none"]
"""Which cheaper shifts would not be certified on the days of the search: all of a pool while the other pools stay as
they are (``enumerated``), those with one shift taken away or shortened (``single``), or nothing is known (``none``)."""

FRAMES: Final = ("shifts", "half_hours", "certificate")
"""Names of the frames of a :class:`Staffing`."""
SHIFT_COLUMNS: Final = ("pool", "weekdays", "shift", "people", "hours_per_week", "yuan_per_week")
HALF_HOUR_COLUMNS: Final = (
    *("pool", "weekdays", "half_hour", "visitors", "offered_load"),
    *("required", "on_duty", "erlang_c"),
)
CELL_COLUMNS: Final = (
    *("target", "limit", "pool", "half_hours", "pooled", "visitors_per_day"),
    *("units", "value", "low", "high", "holds", "erlang_c_value", "erlang_c_bound", "erlang_c_holds"),
)


@dataclass(frozen=True)
class Effort:
    """How much is simulated.

    Attributes
    ----------
    search, check
        Replications of each step of the search, and of each attempt at a certificate.
    raises, removals, polishes
        Most steps in which the requirement is raised, in which cheaper shifts are tried, and in which they are tried
        again on as many days as a certificate has.
    attempts
        Most attempts at a certificate.
    alpha
        Probability that a plan is certified although it misses a target somewhere.
    """

    search: int = 5
    check: int = 20
    raises: int = 8
    removals: int = 16
    polishes: int = 8
    attempts: int = 3
    alpha: float = 0.05

    @classmethod
    def enough_for(cls, scenario: Scenario, targets: Sequence[Target], cells: int) -> Effort:
        """Return an effort that can certify targets: weeks without any failure must show a share three times over.

        ``n`` weeks in which nobody waits too long give the lower bound ``(alpha / 2 / cells)^(1/n)``; see
        :func:`~sim.statistics.clustered_shares.share_bounds`.
        """
        shares = [1 - target.limit if target.is_cap else target.limit for target in targets if target.is_share]
        weeks = 3 * math.log(cls.alpha / 2 / max(cells, 1)) / math.log(max(shares)) if shares else 0.0
        check = max(cls.check, math.ceil(weeks / max(scenario.run.days // WEEK, 1)))
        return cls(search=-(-check // 4), check=check)


@dataclass(frozen=True)
class Nearest:
    """What a plan keeps of a target that it is not certified to keep, certified on days of its own.

    Attributes
    ----------
    target
        The target.
    limit
        The limit that the plan keeps: the lowest lower bound, or the highest upper bound of a cap; not-a-number if
        nobody came.
    minutes
        Of a wait, the shortest of the times tried within which the plan calls the target's share; nothing if there is
        none, or for another target.
    """

    target: Target
    limit: float
    minutes: float | None

    @property
    def attained(self) -> tuple[Target, ...]:
        """The targets that the plan keeps in the place of this one: a limit in tenths of a per cent, and a time."""
        target, attained = self.target, list[Target]()
        steps = 1000 if target.is_share or isinstance(target, UtilisationTarget) else 10
        limit = (math.ceil if target.is_cap else math.floor)(self.limit * steps) / steps if self.limit > 0 else 0.0
        if limit > 0:
            attained.append(target.with_limit(limit))
        if isinstance(target, WaitTarget) and self.minutes is not None:
            attained.append(replace(target, within_min=self.minutes))
        return tuple(attained)


@dataclass(frozen=True, eq=False)
class Staffing:
    """A plan, and what shows how it does.

    Attributes
    ----------
    scenario, targets, effort
        The question.
    plan
        The cheapest plan that the search has come to.
    requirements
        What the formulas require.
    certificate
        Of the last attempt, on fresh replications.
    attempts
        How many there were.
    minimality
        What the search has tried in vain, see :data:`Minimality`.
    bound_per_week
        Hours of the cheapest shifts that keep a server in every open half-hour and are as long as the work: no plan of
        these shifts works fewer, but for work after closing.
    closed_per_day
        Visitors a day who join the queue of a pool while it is closed, and are not judged.
    plain_certificate
        How the servers that Erlang C gives for the mean load do on the same replications.
    out_of_reach
        Cells that miss their target however many servers there are, with their share or mean.
    heads
        Most people allowed; nothing if there was no such limit.
    needed
        The fewest people of a plan that the search would have certified, where that is more than allowed.
    nearest
        What the plan keeps of each target, if it is not certified.
    over_posterior
        How it does where the parameters are uncertain; nothing if that was not looked at.
    """

    scenario: Scenario
    targets: tuple[Target, ...]
    effort: Effort
    plan: StaffPlan
    requirements: tuple[Requirement, ...]
    certificate: Certificate
    attempts: int
    minimality: Minimality
    bound_per_week: float
    closed_per_day: float
    plain_certificate: Certificate
    out_of_reach: tuple[tuple[Cell, float], ...] = ()
    heads: int | None = None
    needed: int | None = None
    nearest: tuple[Nearest, ...] = ()
    over_posterior: PosteriorCheck | None = None

    @property
    def is_certified(self) -> bool:
        """Whether the plan keeps the targets in all pools and half-hours."""
        return self.certificate.is_certified

    @property
    def least(self) -> int:
        """People below whom no plan of these shifts can be."""
        return least_people(self.requirements)

    @property
    def label(self) -> str:
        """The targets in words."""
        return label_of(self.targets)

    @cached_property
    def roster(self) -> tuple[Officer, ...]:
        """Who works which shift in a week, with the hours and the days of rest that the law sets."""
        return weekly_roster(self.plan)

    @property
    def plain_hours_per_week(self) -> float:
        """Hours of the servers that Erlang C gives for the mean load, on duty in all opening hours."""
        return sum(
            required.plain_servers * len(required.weekdays) * (closes - opens) / HOUR_MS
            for required in self.requirements
            for opens, closes in required.hours
        )

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the shifts, the half-hours and the certificate, for :func:`sim.measure.export.export`."""
        return {"shifts": self.shifts(), "half_hours": self.half_hours(), "certificate": self.judged()}

    def shifts(self) -> pd.DataFrame:
        """Return one row a shift that somebody works: its pool, weekdays, hours, people, and hours and yuan a week."""
        rows = []
        for pool in self.plan.pools:
            days = len(pool.requirement.weekdays)
            for hours, people in pool.shifts:
                per_week = people * days * sum(end - start for start, end in hours) / HOUR_MS
                rows.append(
                    {
                        "pool": pool.requirement.pool,
                        "weekdays": pool.requirement.weekday_keys,
                        "shift": shift_label(hours),
                        "people": people,
                        "hours_per_week": per_week,
                        "yuan_per_week": per_week * pool.hourly_cost,
                    }
                )
        return _frame(rows, SHIFT_COLUMNS)

    def half_hours(self) -> pd.DataFrame:
        """Return one row a pool and open half-hour: who is expected, what the formulas require, and who is on duty."""
        return half_hours_frame(self.plan, self.requirements)

    def judged(self) -> pd.DataFrame:
        """Return one row a cell that was judged: its share or mean, the bounds, and those of Erlang C's plan."""
        certificate, plain = self.certificate, self.plain_certificate
        bounds = certificate.bounds
        rows = [
            {
                "target": self.targets[cell.target].kind,
                "limit": self.targets[cell.target].limit,
                "pool": cell.pool,
                "half_hours": " ".join(BIN_LABELS[place] for place in cell.half_hours),
                "pooled": cell.is_pooled,
                "visitors_per_day": cell.visitors_per_day,
                "units": float(bounds.trials[place]),
                "value": float(bounds.share[place]),
                "low": float(bounds.low[place]),
                "high": float(bounds.high[place]),
                "holds": bool(certificate.holds[place]),
                "erlang_c_value": float(plain.bounds.share[place]),
                "erlang_c_bound": float(plain.bound[place]),
                "erlang_c_holds": bool(plain.holds[place]),
            }
            for place, cell in enumerate(certificate.cells)
        ]
        return _frame(rows, CELL_COLUMNS)


def half_hours_frame(plan: StaffPlan, requirements: Sequence[Requirement]) -> pd.DataFrame:
    """Return one row a pool and open half-hour: who is expected, what the formulas require, and who is on duty.

    Parameters
    ----------
    plan, requirements
        A plan, and what the formulas require of each of its pools.
    """
    rows = []
    for pool, required in zip(plan.pools, requirements, strict=True):
        servers = pool.servers
        rows += [
            {
                "pool": required.pool,
                "weekdays": required.weekday_keys,
                "half_hour": BIN_LABELS[place],
                "visitors": float(required.servings[place]),
                "offered_load": float(required.load[place]),
                "required": int(required.servers[place]),
                "on_duty": int(servers[place]),
                "erlang_c": required.plain_servers,
            }
            for place in np.flatnonzero(required.is_open).tolist()
        ]
    return _frame(rows, HALF_HOUR_COLUMNS)


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns))
