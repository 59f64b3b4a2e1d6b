"""What visitors spend: the hours of their trips, way there and back included, and what these hours are worth.

Input: the log as a :class:`~sim.measure.table.Table`, its trips and its volumes.  Output: two totals of the
measured window; not-a-number where the scenario does not say how far the way is, or what an hour is worth.
"""

from __future__ import annotations

import numpy as np

from foundation.arrays import FloatArray
from scenarios.model import Scenario
from scenarios.model.vocabulary import AGENT
from sim.calendar import HOUR_MS
from sim.measure.registry import VISIT_CHANNELS
from sim.measure.table import Table
from sim.measure.visits import Trips
from sim.measure.volume import Volume

__all__ = ["visitor_hours_and_yuan"]


def visitor_hours_and_yuan(table: Table, trips: Trips, volume: Volume) -> tuple[float, float]:
    """Return the hours that visitors spend in the measured window, and what they are worth in yuan.

    A trip takes the way there and back, and the time at the site: from coming to going, or to the run's stop for
    whoever is still there.  Every trip that began in the measured window counts, however it ended.  Agents' trips do
    not: their hours are paid work.

    Returns
    -------
    tuple of two floats
        Hours, not-a-number if a site to which somebody came has no ``travel``; yuan, not-a-number without hours or
        without a ``value_of_hour``.
    """
    scenario = table.scenario
    counted = volume.trips[volume.channel != VISIT_CHANNELS.index(AGENT)]
    source = table.program.entities["source"][trips.entity[counted]]
    leave = np.where(trips.leave[counted] >= 0, trips.leave[counted], table.window.stop)
    on_site = (leave - trips.arrive[counted]) / HOUR_MS
    hours = float((on_site + 2 * _way_hours(scenario)[source]).sum())
    value = scenario.visitors.value_of_hour
    return hours, float("nan") if value is None else hours * value


def _way_hours(scenario: Scenario) -> FloatArray:
    """Return by source the hours of the way to its site, one way; visits that a case asks for go there too."""
    sites = [source.site for source in scenario.arrivals.values()] + [cases.site for cases in scenario.backlog.values()]
    ways = [scenario.sites[site].travel for site in sites]
    return np.array([np.nan if way is None else way / HOUR_MS for way in ways], dtype=np.float64)
