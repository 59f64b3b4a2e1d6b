"""Entries of a provenance for what a log tells: the log, the formula, and the 95% interval, in both languages.

Input: estimates of a log.  Output: entries as a scenario file holds them.  They name the log by kind and dates only, as
:mod:`calibration.discovery.scenario.provenance` does.
"""

from __future__ import annotations

import math
from typing import Any

from calibration.discovery.laws.fitting import FittedLaw
from calibration.discovery.result import Discovery
from scenarios.workbook.sources import both
from sim.calendar import MINUTE_MS

__all__ = ["estimated", "law_entry", "log_text"]


def log_text(discovery: Discovery) -> dict[str, str]:
    """Return what the log is, by kind and dates."""
    kind = both(f"discovery.kind.{discovery.traces.kind}")
    return both("discovery.provenance.log", kind=kind, first=discovery.first_day, last=discovery.last_day)


def estimated(
    log: dict[str, str], key: str, *, interval: tuple[float, float] | None = None, **values: Any
) -> dict[str, Any]:
    """Return the entry of a number that a log tells.

    Parameters
    ----------
    log
        The log.
    key
        Key of the formula's text.
    interval
        95% interval.
    **values
        What the placeholders of the text stand for.
    """
    entry: dict[str, Any] = {"kind": "derived", "source": log, "formula": both(key, **values)}
    if interval is not None and all(map(math.isfinite, interval)):
        entry["range"] = [float(f"{end:.4g}") for end in interval]
        entry["why"] = both("discovery.provenance.interval")
    return entry


def law_entry(log: dict[str, str], fitted: FittedLaw, *, factor: float = 1.0) -> dict[str, Any]:
    """Return the entry of a law of minutes.

    Parameters
    ----------
    log, fitted
        The log, and the law.
    factor
        The visitors' mean work factor, by which the law is divided.
    """
    return estimated(
        log,
        "discovery.provenance.law" if factor == 1 else "workbook_log.source.visit",
        interval=(fitted.low / MINUTE_MS, fitted.high / MINUTE_MS),
        family=both(f"discovery.family.{fitted.family}"),
        mean=fitted.mean / MINUTE_MS,
        n=fitted.n,
        **({} if factor == 1 else {"factor": factor}),
    )
