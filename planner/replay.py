"""Replay of a day: what a hall looks like from moment to moment, from one replication of its scenario.

Input: a scenario.  Output: a :class:`~sim.measure.day_replay.DayReplay` of a typical day: the measured day whose visits
are nearest to their median.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.measure.day_replay import DayReplay, day_replay
from sim.run.observing import observer

if TYPE_CHECKING:
    from scenarios.model import Scenario

__all__ = ["replay_day"]


def replay_day(scenario: Scenario, *, seed: int | None = None, replication: int = 0) -> DayReplay:
    """Simulate one replication of a scenario, and return how a typical day of it went.

    Parameters
    ----------
    scenario
        What to simulate.
    seed
        The scenario's own by default.
    replication
        Its number; its day is one of those that the metrics of the same replication sum up.

    Raises
    ------
    HallplanError
        If the scenario can't be simulated.
    """
    ((replay,),) = observer(seed=seed, workers=1)([scenario], day_replay, first=replication, replications=1)
    return replay
