"""Temporal hold-out: the later part of a log is held back, and scenarios from the earlier part forecast it.

Input: a log, and the discoveries of its earlier part and of all of it.
Output: the earlier part of the log, or scenarios of the later period.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import numpy as np
import pandas as pd

from calibration.discovery.accuracy.draws import (
    draw_discovery,
    draw_service_weights,
    draw_work_factors,
    stratified_normals,
)
from calibration.discovery.log.traces import EventLogLike
from calibration.discovery.result import Discovery
from calibration.discovery.scenario.period import MAX_WEEKS_BACK, aligned_start
from calibration.discovery.scenario.table import scenario_table
from calibration.eventlog.simulated import SimulatedLog
from foundation.errors import HallplanError
from scenarios.model import WEEKDAYS, Scenario
from sim.calendar import working_days

__all__ = ["HOLD_OUT_SHARE", "forecast_scenarios", "hold_out"]

HOLD_OUT_SHARE: Final = 0.3
"""Share of the log's time that is held out."""

_MIN_DAYS: Final = 10
"""Days below which a log is too short to learn from one part and test on the other."""
_SHARES: Final = (0.1, 0.9)
"""Shares that can be held out: both parts must have something to show."""
_SPARE_DAYS: Final = 400 + 7 * MAX_WEEKS_BACK
"""Calendar days before the period in which its warm-up begins: at most 250 working days, and a timetable's weeks."""


def hold_out(log: EventLogLike, share: float = HOLD_OUT_SHARE) -> tuple[SimulatedLog, dt.date, dt.date]:
    """Cut a log in time: what was known before a day, that day, and the day after the last.

    Parameters
    ----------
    log
        The log.
    share
        Share of its time that is held back.

    Returns
    -------
    log, date, date
        What was known at the cut: work that had not ended has no end, cases not yet come aren't in it.

    Raises
    ------
    HallplanError
        If the share is none, or the log too short to be cut.
    """
    if not _SHARES[0] <= share <= _SHARES[1]:
        raise HallplanError("discovery.fault.split", value=share)
    events = log.events
    stamps = events[["ready", "start", "end"]]
    first, final = stamps.min().min().normalize(), stamps.max().max().normalize() + pd.Timedelta(days=1)
    days = (final - first).days
    cut = first + pd.Timedelta(days=round(days * (1 - share)))
    if days < _MIN_DAYS or cut <= first or cut >= final:
        raise HallplanError("discovery.fault.too_short", days=days)
    begun = stamps.bfill(axis=1).iloc[:, 0] < cut
    earlier = events[begun].copy()
    for name in ("ready", "start", "end"):
        earlier[name] = earlier[name].where(earlier[name] < cut)
    if "outcome" in earlier:
        outcome = earlier["outcome"].astype(str)
        earlier["outcome"] = pd.Categorical(np.where(earlier["end"].isna() & (outcome != "left"), "open", outcome))
    return SimulatedLog(earlier, log.kind), cut.date(), final.date()


def forecast_scenarios(
    earlier: Discovery, all_of_it: Discovery, begin: dt.date, end: dt.date, n: int
) -> list[Scenario]:
    """Return scenarios for another period: they fill up before `begin` and are measured until `end`.

    So that a forecast's interval knows how sure the estimates are, demand, the services' shares, routes, work, servers,
    delays, patience and turnarounds are drawn from their uncertainty; a single scenario has the estimates themselves.

    Parameters
    ----------
    earlier
        What the earlier part of the log has shown.
    all_of_it
        What all of it has shown: of this only the working days are taken, which are no forecast.
    begin, end
        First day, and the day after the last.
    n
        How many scenarios.
    """
    days = all_of_it.days
    off = sorted({*days.off, *days.silent_days})  # on silent days nobody came, whatever the reason
    span = (end - begin).days + _SPARE_DAYS
    rule = working_days(
        begin - dt.timedelta(days=span),
        2 * span,
        country=None if days.country == "none" else days.country,
        weekend=frozenset(days.weekend),
        off=off,
        work=days.work,
    )
    measured = int(rule[span : span + (end - begin).days].sum())
    before = np.flatnonzero(rule[:span])
    fill = min(int(scenario_table(earlier)["run"]["warm_up_days"]), before.size)
    start = begin - dt.timedelta(days=span - int(before[-fill])) if fill else begin
    start = aligned_start(earlier, start)
    fill = int(rule[span - (begin - start).days : span].sum())
    period = {"start": start, "warm_up_days": fill, "days": max(measured, 1), "follow_up_days": 0}
    rules: dict[str, Any] = {
        "off": off,
        "work": list(days.work),
        "country": days.country,
        "weekend": [WEEKDAYS[k] for k in days.weekend],
    }

    def scenario(estimates: Discovery) -> dict[str, Any]:
        raw = scenario_table(estimates)
        return raw | {"run": raw["run"] | period, "calendar": raw["calendar"] | rules, "provenance": {}}

    if n == 1:
        return [Scenario.model_validate(scenario(earlier))]
    rng = np.random.default_rng(earlier.settings.seed)
    scenarios = []
    for demand in stratified_normals(n, rng).tolist():
        raw = scenario(draw_discovery(earlier, rng, demand=demand))
        source = raw["arrivals"]["cases"]
        source["services"] = draw_service_weights(source["services"], rng)
        for pool, factor in zip(raw.get("pools", {}).values(), draw_work_factors(earlier, rng), strict=True):
            pool["work_factor"] = factor
        scenarios.append(Scenario.model_validate(raw))
    return scenarios
