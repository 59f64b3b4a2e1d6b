"""Which long run, if any, a scenario's figures belong to: told before it is run, from its offered load.

Input: a scenario.  Output: a :class:`Regime`: a hall that empties every evening, one that carries work over and
keeps up, or one that carries work over and falls behind, pool by pool.  The last has no steady state, and its intervals
must not look as if it had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from planner.load import Load, PoolLoad, offered_load
from scenarios.model import Scenario
from sim.plan import KEEP, compile_plan
from sim.program import PoolPlan
from sim.statistics import Interval

__all__ = ["Regime", "regime_of", "regime_of_differences"]

Kind = Literal["terminating", "steady", "transient"]

_HOURS_A_DAY = 24


@dataclass(frozen=True)
class Regime:
    """How a scenario runs on.

    Attributes
    ----------
    carries_over
        Pools whose queue is kept from one day to the next, and timetables with limited places.
    falls_behind
        Those of them that are asked for more than they can give: what waits there grows every day.
    overruns
        Pools that are asked for more than their hours hold, but start every day afresh: they work on after closing, or
        turn visitors away.
    unstaffed
        Pools that are asked for work and never have a server on duty.
    """

    carries_over: tuple[str, ...]
    falls_behind: tuple[str, ...]
    overruns: tuple[str, ...]
    unstaffed: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """``terminating`` if every day ends empty, else ``steady`` if work is kept up with, else ``transient``."""
        if self.falls_behind:
            return "transient"
        return "steady" if self.carries_over else "terminating"

    def about(self, interval: Interval) -> Interval:
        """Return an interval that says what it is about: where the hall falls behind, these days from this start."""
        return interval.about("transient") if self.kind == "transient" else interval


def regime_of(scenario: Scenario, load: Load | None = None) -> Regime:
    """Tell how a scenario runs on.

    A pool that serves everybody before it goes home, or sends them home, starts every day afresh: more work than its
    hours hold is overtime, or visitors turned away, and no growing queue.  It carries over all the same if a day's work
    takes more than a day and a night.

    Parameters
    ----------
    scenario
        The scenario.
    load
        Its offered load, if it is at hand.

    Raises
    ------
    ScenarioError
        If the calendar has too few working days.
    """
    load, plan = load or offered_load(scenario), compile_plan(scenario)
    pools = {pool.name: pool for pool in plan.pools}
    carrying = [part for part in load.pools if _carries_over(pools[part.pool], part, plan.stop)]
    behind = (
        *(part.pool for part in carrying if part.is_overloaded),
        *(part.timetable for part in load.timetables if part.is_overloaded),
    )
    return Regime(
        carries_over=(*(part.pool for part in carrying), *(part.timetable for part in load.timetables)),
        falls_behind=behind,
        overruns=tuple(name for name in load.overloaded if name not in behind),
        unstaffed=tuple(pool.pool for pool in load.pools if pool.work_h_per_day > 0 and pool.rostered_h_per_day == 0),
    )


def regime_of_differences(regimes: Sequence[Regime]) -> Regime:
    """Return what differences between halls are about: the first hall that falls behind speaks for all of them."""
    return next((regime for regime in regimes if regime.kind == "transient"), regimes[0])


def _carries_over(plan: PoolPlan, load: PoolLoad, stop: int) -> bool:
    closes = plan.day_close[(plan.times > 0) & (plan.times < stop)].any()
    never_ends = load.open_h_per_day == 0 or load.utilisation * load.open_h_per_day >= _HOURS_A_DAY
    return plan.at_close == KEEP or not closes or never_ends
