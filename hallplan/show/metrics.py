"""Which metrics are shown, and what they are called.

Input: keys of metrics, and the scenarios they are of.  Output: the keys worth showing, and their titles and units in a
language.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from foundation import messages
from hallplan.show.words import pool_title, service_title
from scenarios.model import PURPOSES, Scenario
from scenarios.paths import key_matches
from sim.measure.registry import DENOMINATOR, METRICS, NUMERATOR, metric_of
from sim.measure.registry import metric_title as unscoped_title
from sim.measure.table import MeasureOptions

__all__ = ["HEADLINE", "headline_metrics", "matching_metrics", "metric_label", "metric_title", "possible_metrics"]

HEADLINE: Final = (
    "visits_per_day",
    "items_finished_per_month",
    "visits_per_item",
    "instant_share",
    "wait_mean_min",
    "wait_q90_min",
    "wait_within_15_share",
    "hours_in_hall_mean",
    "trips_per_item",
    "left_share",
    "turned_away_share",
    "open_cases",
    "finished_share",
    "committed_finished_share",
    "case_elapsed_mean_days",
    "case_within_promised_share",
    "overtime_min_per_day",
    "staff_hours_per_day",
    "cost_per_day",
)
"""Metrics that are shown unless others are asked for; those with a target are added."""

_OF_SERVICES_WITH_A_TARGET: Final = ("elapsed_mean_days", "statutory_q95", "within_promised_share")
_BUSIEST: Final = 3


def metric_title(key: str, scenario: Scenario, language: messages.Language | None = None) -> str:
    """Return the title of a metric, its service, pool or purpose by their titles in `scenario`."""
    metric, (_, _, of) = metric_of(key), key.partition(".")
    if metric.scope == "service":
        of = service_title(scenario, of, language)
    elif metric.scope == "pool":
        of = pool_title(scenario, of, language)
    elif metric.scope == "purpose" and of in PURPOSES:
        of = messages.text(f"cli.purpose.{of}", language)
    else:
        return unscoped_title(key, language)
    return messages.text(metric.title_key, language, of=of)


def metric_label(key: str, scenario: Scenario, language: messages.Language | None = None) -> str:
    """Return the title of a metric with its unit."""
    metric, title = metric_of(key), metric_title(key, scenario, language)
    unit = messages.text(metric.unit_key, language)
    return title if metric.kind == "share" else messages.text("cli.metric_with_unit", language, title=title, unit=unit)


def headline_metrics(means: Mapping[str, float], scenarios: Sequence[Scenario]) -> list[str]:
    """Return the metrics to show when the user names none: the headline, those with a target, the busiest pools.

    Parameters
    ----------
    means
        Metric to mean; only what is in it can be shown.
    scenarios
        Whose targets count.
    """
    targets = list(dict.fromkeys(key for scenario in scenarios for key in scenario.targets))
    services = dict.fromkeys(key.partition(".")[2] for key in targets if _scope(key) == "service")
    of_services = [f"{name}.{service}" for service in services for name in _OF_SERVICES_WITH_A_TARGET]
    pools = [key for key in means if key.startswith("utilisation.") and not key.endswith((NUMERATOR, DENOMINATOR))]
    busiest = sorted((key for key in pools if means[key] > 0), key=lambda key: -means[key])[:_BUSIEST]
    wanted = [*HEADLINE, *targets, *of_services, *busiest]
    return [key for key in dict.fromkeys(wanted) if key in means and not math.isnan(means[key])]


def _scope(key: str) -> str:
    try:
        return metric_of(key).scope
    except KeyError:
        return ""


def possible_metrics(scenario: Scenario) -> list[str]:
    """Return the metrics that a run of the scenario has, by the registry and without running it."""
    pools = [name for name, pool in scenario.pools.items() if pool.merge_into is None]
    of: dict[str, Sequence[object]] = {
        "service": [name for name, service in scenario.services.items() if service.case is not None],
        "pool": pools,
        "purpose": PURPOSES,
    }
    keys: list[str] = []
    for name, metric in METRICS.items():
        if metric.scope == "limit":
            keys += [name.replace("within", f"within_{minutes}") for minutes in MeasureOptions().within_min]
        else:
            keys += [f"{name}.{thing}" for thing in of[metric.scope]] if metric.scope else [name]
    return keys


def matching_metrics(keys: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Return the metrics that any of the patterns means, in the order of `keys`; companions of ratios are left out."""
    plain = [key for key in keys if not key.endswith((NUMERATOR, DENOMINATOR))]
    return [key for key in plain if any(key_matches(key, pattern) for pattern in patterns)]
