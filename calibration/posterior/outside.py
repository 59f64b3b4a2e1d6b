"""Checks from outside: figures of other halls, compared with the predictions of the draws; they are never fitted.

Input: draws of the posterior.  Output: rows with a published figure, its source, and the range over the draws for the
hall after the reforms.  No agreement is claimed: it is another hall, and nobody has audited its figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from calibration.facts.evidence import evidence
from calibration.posterior.article import Calibration
from calibration.posterior.design import AFTER, patched, summaries_of
from calibration.posterior.targets import days_a_month
from foundation.arrays import FloatArray
from scenarios.model import Scenario
from sim.measure.registry import DENOMINATOR

__all__ = ["POOLED", "busiest_and_idlest", "outside_rows"]

POOLED: Final = "pooled-windows"
_DRAWS: Final = 8
_FROM: Final = 2_000_000
_TAIL: Final = 0.05


def busiest_and_idlest(scenario: Scenario, summary: dict[str, float]) -> tuple[float, float]:
    """Return the daily calls of a window, for the busiest and the idlest kind of window.

    Parameters
    ----------
    scenario, summary
        The simulated scenario, and its scalar metrics.
    """
    windows: dict[str, int] = {}
    for name, pool in scenario.pools.items():
        if pool.role == "window":
            queue = pool.merge_into or name
            windows[queue] = windows.get(queue, 0) + (pool.servers or 0)
    rates = [
        summary[f"pool_wait_mean_min.{name}{DENOMINATOR}"] / number / scenario.run.days
        for name, number in windows.items()
        if number
    ]
    return max(rates), min(rates)


def outside_rows(calibration: Calibration) -> list[dict[str, Any]]:
    """Return the checks.

    Keys: ``check`` (a name under ``posterior.outside`` in the catalogue), ``published`` (numbers), ``where``, and
    ``ours`` (``median``, ``low``, ``high`` of 90% of the draws).
    """
    elsewhere = evidence("elsewhere")
    columns = {name: k for k, name in enumerate(calibration.halls.columns)}
    items = calibration.verified[:, :, columns[f"{AFTER}: items_finished_per_month"]].ravel() / days_a_month()
    elapsed = calibration.verified[:, :, columns[f"{AFTER}: case_elapsed_mean_days"]].ravel()
    separate, pooled = _windows(calibration)
    busy, idle, after = elsewhere["busy_window_items"], elsewhere["idle_window_items"], elsewhere["pooled_window_items"]
    return [
        _row("busiest-window", [busy.value], busy.place, separate[:, 0]),
        _row("idlest-window", [idle.value], idle.place, separate[:, 1]),
        _row("pooled-window", [after.value], after.place, pooled[:, 0]),
        _row("committed-days", [elsewhere["committed_days"].value], elsewhere["committed_days"].place, elapsed),
        _row("items-a-day", [elsewhere["items_per_hall_day"].value], elsewhere["items_per_hall_day"].place, items),
    ]


def _row(check: str, published: Sequence[float], where: str, ours: FloatArray) -> dict[str, Any]:
    low, median, high = np.quantile(ours[np.isfinite(ours)], [_TAIL, 0.5, 1 - _TAIL])
    return {
        "check": check,
        "published": list(published),
        "where": where,
        "ours": {"median": float(median), "low": float(low), "high": float(high)},
    }


def _windows(calibration: Calibration) -> tuple[FloatArray, FloatArray]:
    """Simulate some draws with windows apart and with windows pooled; return both rates of each, (draws, 2)."""
    apart = calibration.table.scenarios[AFTER]
    separate, pooled = [], []
    for number, vector in enumerate(calibration.vectors[:_DRAWS]):
        overrides = calibration.table.overrides(AFTER, vector)
        scenario = patched(apart.raw, overrides)
        separate.append(_rates(scenario, calibration.settings.seed, _FROM + number))
        moved = apart.with_values(overrides).changed(levers=[POOLED]).scenario
        pooled.append(_rates(moved, calibration.settings.seed, _FROM + number))
    return np.array(separate), np.array(pooled)


def _rates(scenario: Scenario, seed: int, replication: int) -> tuple[float, float]:
    return busiest_and_idlest(scenario, summaries_of(scenario, seed=seed, replications=[replication])[0])
