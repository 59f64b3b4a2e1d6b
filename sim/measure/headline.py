"""The headline: which of many metrics are looked at first, named before anything is simulated.

Input: scenarios, and the means of a run where there is one.  Output: the keys of the metrics to show in a table, on the
page's cards, to choose by, and to be precise about.  Every list of such metrics stands here.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from scenarios.model import PURPOSES, Scenario
from scenarios.paths import key_matches
from scenarios.routes import milestones_of_service, steps_of_service
from sim.measure.options import MeasureOptions
from sim.measure.registry import APPLYING, COMING, DENOMINATOR, METRICS, NUMERATOR, metric_of

__all__ = [
    "CARDS",
    "HEADLINE",
    "IF_NOT_NEGLIGIBLE",
    "NEGLIGIBLE",
    "OBJECTIVES",
    "PRIMARY",
    "card_metrics",
    "headline_metrics",
    "matching_metrics",
    "objective_metrics",
    "possible_metrics",
    "precise_metrics",
    "smallest_difference",
]

HEADLINE: Final = (
    "visits_per_day",
    "unserved_share",
    "items_finished_per_month",
    "visits_per_item",
    "instant_share",
    "ticket_wait_mean_min",
    "ticket_wait_q90_min",
    "ticket_wait_within_15_share",
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
    "visitor_hours_per_day",
    "visitor_cost_per_day",
    "visitor_cost_per_item",
)
"""Metrics of a table unless others are requested; :func:`headline_metrics` adds those with a target."""

IF_NOT_NEGLIGIBLE: Final = {
    "sent_home_share": "sent_home_share",
    "still_there_share": "still_there_share",
    "waiting_at_end": "still_there_share",
    "wait_uncalled_share": "wait_uncalled_share",
    "wait_all_mean_min": "wait_uncalled_share",
}
"""Further metrics of a table, each with the share on which it depends: shown from :data:`NEGLIGIBLE` on."""

NEGLIGIBLE: Final = 0.005
"""Share of visits, or of waits, that may come to nothing without a word about it."""

PRIMARY: Final = (
    "unserved_share",
    "ticket_wait_mean_min",
    "ticket_wait_within_15_share",
    "hours_in_hall_mean",
    "items_finished_per_month",
    "open_cases",
    "case_elapsed_mean_days",
    "case_within_promised_share",
    "cost_per_day",
)
"""The few metrics by which scenarios are held against each other, named in advance and corrected together.  All others
are exploratory: whoever looks at hundreds finds differences that are none."""

_SMALLEST: Final[dict[str, float]] = {"share": 0.01, "minutes": 1.0, "hours": 0.1, "days": 0.25}
_SMALLEST_RELATIVE: Final = 0.02

CARDS: Final = (
    "unserved_share",
    "visits_per_day",
    "ticket_wait_mean_min",
    "ticket_wait_within_15_share",
    "items_finished_per_month",
    "open_cases",
    "elapsed_mean_days",
    "cost_per_day",
    "visitor_cost_per_day",
)
"""Metrics of the page's cards, in their order; the turnaround is that of one service (:func:`card_metrics`)."""

OBJECTIVES: Final = (
    "ticket_wait_mean_min",
    "ticket_wait_q90_min",
    "ticket_wait_within_15_share",
    "hours_in_hall_mean",
    "items_finished_per_month",
    "open_cases",
    "case_elapsed_mean_days",
    "cost_per_day",
    "visitor_cost_per_day",
)
"""Metrics to choose the best of several scenarios by."""

_WAIT: Final = "ticket_wait_mean_min"
_TURNAROUND: Final = "case_elapsed_mean_days"
_OF_CASES: Final = ("open_cases", "case_")
"""Beginnings of the objectives that a scenario without cases does not have."""
_VISITOR_COST: Final = "visitor_cost_per_day"
_OF_SERVICES_WITH_A_TARGET: Final = ("elapsed_mean_days", "statutory_q95", "within_promised_share")
_BUSIEST: Final = 3
_USUAL_SERVICE: Final = "food-licence"


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
    worth = [key for key, share in IF_NOT_NEGLIGIBLE.items() if means.get(share, 0.0) >= NEGLIGIBLE]
    at = HEADLINE.index("turned_away_share") + 1
    without = _never_measured(scenarios)
    wanted = [key for key in (*HEADLINE[:at], *worth, *HEADLINE[at:]) if key not in without]
    limits = [f"ticket_wait_within_{limit}_share" for scenario in scenarios for limit in scenario.run.wait_limits_min]
    wanted += [*limits, *targets, *of_services, *busiest]
    return [key for key in dict.fromkeys(wanted) if key in means and not math.isnan(means[key])]


def _never_measured(scenarios: Sequence[Scenario]) -> set[str]:
    """Return the headline's metrics that are zero because the scenarios do not speak of them, and would flatter."""
    without: set[str] = set()
    if not any(pool.cost_per_hour > 0 for scenario in scenarios for pool in scenario.pools.values()):
        without.add("cost_per_day")  # staff without a price are not free
    if not any(map(_has_cases, scenarios)):
        without.add("open_cases")
    if not any(map(_marks_items_finished, scenarios)):
        without |= {"items_finished_per_month", "visits_per_item"}
    return without


def card_metrics(services: Iterable[str], summaries: Sequence[Collection[str]]) -> list[str]:
    """Return the keys of the cards; the turnaround is that of the food licence, or of the first service that has one.

    Parameters
    ----------
    services
        Names of the services, in their order.
    summaries
        The keys that each scenario's runs have; a turnaround counts if all of them have it.
    """
    common = [name for name in services if all(f"elapsed_mean_days.{name}" in keys for keys in summaries)]
    service = _USUAL_SERVICE if _USUAL_SERVICE in common else next(iter(common), None)
    of_services = {key for key in CARDS if metric_of(key).scope == "service"}
    keys = [f"{key}.{service}" if key in of_services else key for key in CARDS]
    return keys if service is not None else [key for key in CARDS if key not in of_services]


def objective_metrics(scenarios: Sequence[Scenario]) -> list[str]:
    """Return the objectives that all of several scenarios have."""
    possible = [set(possible_metrics(scenario)) for scenario in scenarios]
    common = [key for key in OBJECTIVES if all(key in keys for keys in possible)]
    if not all(map(_has_cases, scenarios)):
        common = [key for key in common if not key.startswith(_OF_CASES)]
    return common if all(map(_has_visitor_cost, scenarios)) else [key for key in common if key != _VISITOR_COST]


def precise_metrics(scenario: Scenario) -> list[str]:
    """Return what ``--precision 5%`` is about, as far as a scenario has it: the mean wait and the mean turnaround."""
    visited = any(source.channel != "online" for source in scenario.arrivals.values())
    return [*([_WAIT] if visited else []), *([_TURNAROUND] if _has_cases(scenario) else [])]


def smallest_difference(key: str, base: float) -> float:
    """Return the smallest difference of a metric that we take to matter, in the metric's unit; it is assumed.

    One point of a share, a minute, a tenth of an hour, a quarter of a day; 2 % of the base's counts and costs.

    Parameters
    ----------
    key
        The metric.
    base
        The estimate of what it is compared with.
    """
    return _SMALLEST.get(metric_of(key).kind, _SMALLEST_RELATIVE * abs(base))


def possible_metrics(scenario: Scenario) -> list[str]:
    """Return the metrics that a run of the scenario has, by the registry and without running it."""
    pools = [name for name, pool in scenario.pools.items() if pool.merge_into is None]
    of: dict[str, Sequence[object]] = {
        "service": [name for name, service in scenario.services.items() if service.case is not None],
        "pool": pools,
        "purpose": PURPOSES,
        "channel": COMING,
        "origin": APPLYING,
    }
    milestones = {name: milestones_of_service(scenario, service) for name, service in scenario.services.items()}
    keys: list[str] = []
    for name, metric in METRICS.items():
        if metric.scope == "limit":
            keys += [
                name.replace("within", f"within_{minutes}") for minutes in MeasureOptions().wait_limits(scenario.run)
            ]
        elif metric.milestone is not None:
            keys += [f"{name}.{service}" for service, possible in milestones.items() if metric.milestone in possible]
        else:
            keys += [f"{name}.{thing}" for thing in of[metric.scope]] if metric.scope else [name]
    return keys


def matching_metrics(keys: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Return the metrics that any of the patterns means, in the order of `keys`; companions of ratios are left out."""
    plain = [key for key in keys if not key.endswith((NUMERATOR, DENOMINATOR))]
    return [key for key in plain if any(key_matches(key, pattern) for pattern in patterns)]


def _has_cases(scenario: Scenario) -> bool:
    return any(service.case is not None for service in scenario.services.values())


def _has_visitor_cost(scenario: Scenario) -> bool:
    """Tell whether a scenario says how far the way is to every site that is visited, and what an hour is worth."""
    visited = [scenario.sites[source.site] for source in scenario.arrivals.values() if source.channel != "online"]
    is_known = scenario.visitors.value_of_hour is not None
    return is_known and bool(visited) and all(site.travel is not None for site in visited)


def _marks_items_finished(scenario: Scenario) -> bool:
    return any(
        step.mark == "finished"
        for name, service in scenario.services.items()
        for _, step, _ in steps_of_service(scenario, service, ("services", name))
    )


def _scope(key: str) -> str:
    try:
        return metric_of(key).scope
    except KeyError:
        return ""
