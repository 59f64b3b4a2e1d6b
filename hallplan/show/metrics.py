"""What metrics are called; which are shown is in :mod:`sim.measure.headline`.

Input: keys of metrics, and the scenarios they are of.  Output: their titles and units in a language.
"""

from __future__ import annotations

from foundation import messages
from hallplan.show.words import pool_title, service_title
from scenarios.model import PURPOSES, Scenario
from sim.measure.registry import VISIT_CHANNELS, metric_of, title_with
from sim.measure.registry import metric_title as unscoped_title

__all__ = ["metric_label", "metric_title"]


def metric_title(key: str, scenario: Scenario | None = None, language: messages.Language | None = None) -> str:
    """Return the title of a metric, its service, pool, purpose or channel by their titles in `scenario`, if any."""
    metric, (_, _, of) = metric_of(key), key.partition(".")
    if scenario is None:
        return unscoped_title(key, language)
    if metric.scope == "service":
        of = service_title(scenario, of, language)
    elif metric.scope == "pool":
        of = pool_title(scenario, of, language)
    elif metric.scope == "purpose" and of in PURPOSES:
        of = messages.text(f"cli.purpose.{of}", language)
    elif metric.scope in ("channel", "origin") and of in VISIT_CHANNELS:
        of = messages.text(f"cli.channel.{of}", language)
    else:
        return unscoped_title(key, language)
    return title_with(metric, of, language)


def metric_label(key: str, scenario: Scenario | None = None, language: messages.Language | None = None) -> str:
    """Return the title of a metric with its unit."""
    metric, title = metric_of(key), metric_title(key, scenario, language)
    unit = messages.text(metric.unit_key, language)
    return title if metric.kind == "share" else messages.text("cli.metric_with_unit", language, title=title, unit=unit)
