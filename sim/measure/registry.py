"""The scalar metrics: their names, units and directions.

Input: nothing.  Output: :data:`METRICS`, one definition a name, and :func:`metric_of`, which finds the
definition behind a key of ``Metrics.summary``.  Titles, units and explanations in Chinese and English stand
in ``foundation/texts/sim.toml`` under ``metric.<name>``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from foundation import messages
from scenarios.model.vocabulary import AGENT, CHANNELS, MILESTONES, Milestone

__all__ = [
    "APPLYING",
    "COMING",
    "DENOMINATOR",
    "FOLLOW_UP",
    "METRICS",
    "MILESTONE_DAYS",
    "NUMERATOR",
    "VISIT_CHANNELS",
    "Better",
    "Metric",
    "metric_of",
    "metric_title",
    "title_with",
]

Better = Literal["higher", "lower", "neither"]
Unit = Literal["count", "share", "minutes", "hours", "days", "yuan"]
Scope = Literal["", "service", "pool", "purpose", "channel", "origin", "limit"]

FOLLOW_UP: Final = "follow-up"
"""The channel of a visit that an application has called for (a supplement, a payment, a collection)."""

VISIT_CHANNELS: Final = (*CHANNELS, FOLLOW_UP, AGENT)
"""How visits come about: by the channel of their source, because a case called for them, or by an agent's hands."""

APPLYING: Final = (*CHANNELS, AGENT)
"""How people apply."""

COMING: Final = tuple(name for name in VISIT_CHANNELS if name != "online")
"""The channels of those who come to a site."""

NUMERATOR: Final = ":num"
DENOMINATOR: Final = ":den"
"""Endings of the two companions of a ratio in a summary: what it divides, for estimators of ratios."""


MILESTONE_DAYS: Final = (1, 2, 3)
"""Working days by which the share of cases at a milestone is reported; the median and the 95th percentile say more."""


@dataclass(frozen=True)
class Metric:
    """One scalar metric.

    Attributes
    ----------
    name
        Its name; with a `scope` the key in a summary is ``name.<service, pool, purpose or channel>`` (for a ``limit``,
        ``wait_within_15_share``).  An ``origin`` is the channel by which somebody applied.
    kind
        What it is measured in.
    better
        Which way is better for the hall and its visitors; ``neither`` for a description.
    scope
        What there is one of it for; "" for a single number.
    is_ratio
        Whether the summary also carries ``:num`` and ``:den``.
    exceeds_one
        A share that can be more than 1: of one thing against another that is no part of it.
    family
        The name under which its texts stand, if it is of a family of metrics; else its own.
    milestone, day
        The milestone, and the working day, of a metric of milestones.
    """

    name: str
    kind: Unit
    better: Better
    scope: Scope = ""
    is_ratio: bool = False
    exceeds_one: bool = False
    family: str = ""
    milestone: Milestone | None = None
    day: int = 0

    @property
    def text_name(self) -> str:
        """Name of its texts in the message catalogue."""
        return self.family or self.name

    @property
    def title_key(self) -> str:
        """Key of the title in the message catalogue."""
        return f"metric.{self.text_name}.title"

    @property
    def unit_key(self) -> str:
        """Key of the unit in the message catalogue."""
        return f"metric.{self.text_name}.unit"

    @property
    def help_key(self) -> str:
        """Key of the explanation in the message catalogue."""
        return f"metric.{self.text_name}.help"


def _milestone_metrics(milestone: Milestone) -> tuple[Metric, ...]:
    """Return the metrics of one milestone, all of services."""
    of_days = [
        Metric(
            f"milestone_{milestone}_by_day_{day}_share",
            *("share", "higher", "service"),
            is_ratio=True,
            family="milestone_by_day_share",
            milestone=milestone,
            day=day,
        )
        for day in MILESTONE_DAYS
    ]
    of_quantiles = [
        Metric(
            f"milestone_{milestone}_{name}",
            *("days", "lower", "service"),
            family=family,
            milestone=milestone,
        )
        for name, family in (("median", "milestone_median"), ("q95", "milestone_q95"))
    ]
    return (*of_quantiles, *of_days)


_DEFINITIONS: Final = (
    Metric("visits_per_day", "count", "neither"),
    Metric("visits_per_month", "count", "neither"),
    Metric("purpose_visits_per_day", "count", "neither", "purpose"),
    Metric("purpose_visits_per_item", "count", "lower", "purpose", is_ratio=True),
    Metric("visits_per_item", "count", "lower", is_ratio=True),
    Metric("appointments_per_week", "count", "neither"),
    Metric("items_accepted_per_month", "count", "higher"),
    Metric("items_finished_per_day", "count", "higher"),
    Metric("items_finished_per_month", "count", "higher"),
    Metric("instant_share", "share", "higher", is_ratio=True),
    Metric("finished_share", "share", "higher", is_ratio=True),
    Metric("committed_finished_share", "share", "higher", is_ratio=True),
    Metric("open_cases", "count", "lower"),
    Metric("open_cases_end", "count", "lower"),
    Metric("ticket_wait_mean_min", "minutes", "lower", is_ratio=True),
    Metric("ticket_wait_q90_min", "minutes", "lower"),
    Metric("ticket_wait_within_share", "share", "higher", "limit", is_ratio=True),
    Metric("wait_mean_min", "minutes", "lower", is_ratio=True),
    Metric("wait_median_min", "minutes", "lower"),
    Metric("wait_q90_min", "minutes", "lower"),
    Metric("wait_q95_min", "minutes", "lower"),
    Metric("wait_within_share", "share", "higher", "limit", is_ratio=True),
    Metric("waited_share", "share", "lower", is_ratio=True),
    Metric("wait_sd_min", "minutes", "lower"),
    Metric("wait_uncalled_share", "share", "lower", is_ratio=True),
    Metric("wait_all_mean_min", "minutes", "lower", is_ratio=True),
    Metric("wait_per_trip_mean_min", "minutes", "lower", is_ratio=True),
    Metric("hours_in_hall_mean", "hours", "lower", is_ratio=True),
    Metric("trips_per_item", "count", "lower", is_ratio=True),
    Metric("hours_per_item", "hours", "lower", is_ratio=True),
    Metric("unserved_share", "share", "lower", is_ratio=True),
    Metric("left_share", "share", "lower", is_ratio=True),
    Metric("turned_away_share", "share", "lower", is_ratio=True),
    Metric("sent_home_share", "share", "lower", is_ratio=True),
    Metric("still_there_share", "share", "lower", is_ratio=True),
    Metric("waiting_at_end", "count", "lower"),
    Metric("lost_share", "share", "lower", is_ratio=True),
    Metric("overtime_min_per_day", "minutes", "lower"),
    Metric("last_departure_min", "minutes", "lower", is_ratio=True),
    Metric("staff_hours_per_day", "hours", "lower"),
    Metric("cost_per_day", "yuan", "lower"),
    Metric("visitor_hours_per_day", "hours", "lower"),
    Metric("visitor_cost_per_day", "yuan", "lower"),
    Metric("visitor_cost_per_item", "yuan", "lower", is_ratio=True),
    Metric("utilisation", "share", "neither", "pool", is_ratio=True, exceeds_one=True),
    Metric("pool_wait_mean_min", "minutes", "lower", "pool", is_ratio=True),
    Metric("pool_uncalled_share", "share", "lower", "pool", is_ratio=True),
    Metric("pool_queue_mean", "count", "lower", "pool", is_ratio=True),
    Metric("pool_present_mean", "count", "lower", "pool", is_ratio=True),
    Metric("channel_visits_per_day", "count", "neither", "channel"),
    Metric("channel_wait_mean_min", "minutes", "lower", "channel", is_ratio=True),
    Metric("channel_unserved_share", "share", "lower", "channel", is_ratio=True),
    Metric("channel_items_finished_per_month", "count", "neither", "origin"),
    Metric("channel_case_elapsed_mean_days", "days", "lower", "origin", is_ratio=True),
    Metric("case_elapsed_mean_days", "days", "lower", is_ratio=True),
    Metric("case_elapsed_q90_days", "days", "lower"),
    Metric("case_within_promised_share", "share", "higher", is_ratio=True),
    Metric("case_undecided_share", "share", "lower", is_ratio=True),
    Metric("promised_of_statutory_by_item", "share", "neither", is_ratio=True, exceeds_one=True),
    Metric("promised_of_statutory_by_case", "share", "neither", is_ratio=True, exceeds_one=True),
    Metric("actual_of_statutory_by_item", "share", "lower", is_ratio=True, exceeds_one=True),
    Metric("actual_of_statutory_by_case", "share", "lower", is_ratio=True, exceeds_one=True),
    Metric("actual_of_promised_by_item", "share", "lower", is_ratio=True, exceeds_one=True),
    Metric("actual_of_promised_by_case", "share", "lower", is_ratio=True, exceeds_one=True),
    Metric("cases_measured", "count", "neither", "service"),
    Metric("cases_open", "count", "lower", "service"),
    Metric("elapsed_mean_days", "days", "lower", "service", is_ratio=True),
    Metric("statutory_mean_days", "days", "lower", "service", is_ratio=True),
    Metric("elapsed_median_days", "days", "lower", "service"),
    Metric("elapsed_q95_days", "days", "lower", "service"),
    Metric("touched_median", "days", "lower", "service"),
    Metric("touched_q95", "days", "lower", "service"),
    Metric("statutory_median", "days", "lower", "service"),
    Metric("statutory_q95", "days", "lower", "service"),
    Metric("within_promised_share", "share", "higher", "service", is_ratio=True),
    Metric("within_legal_share", "share", "higher", "service", is_ratio=True),
    *(metric for milestone in MILESTONES for metric in _milestone_metrics(milestone)),
)

METRICS: Final[dict[str, Metric]] = {metric.name: metric for metric in _DEFINITIONS}
"""Every metric by its name, in the order in which a summary lists them."""

_WITH_LIMIT: Final = re.compile(r"(.*wait_within)_(\d+)_(share)")


def _split(key: str) -> tuple[str, str]:
    """Return the metric's name and what it is of: a service, a pool, a purpose, a limit in minutes, or ""."""
    with_limit = _WITH_LIMIT.fullmatch(key)
    if with_limit:
        return f"{with_limit[1]}_{with_limit[3]}", with_limit[2]
    name, _, of = key.partition(".")
    return name, of


def metric_of(key: str) -> Metric:
    """Return the metric behind a key of a summary, such as ``"touched_q95.food-licence"``.

    Raises
    ------
    KeyError
        If there is none, or the key names a companion (``:num``, ``:den``).
    """
    return METRICS[_split(key)[0]]


def metric_title(key: str, language: messages.Language | None = None) -> str:
    """Return the title of a key of a summary, with the service, pool, purpose or limit that it is of.

    Raises
    ------
    KeyError
        If there is no such metric.
    """
    return title_with(metric_of(key), _split(key)[1], language)


def title_with(metric: Metric, of: str, language: messages.Language | None = None) -> str:
    """Return the title of a metric of a service, pool, purpose, channel or limit that is called `of`."""
    milestone = messages.text(f"milestone.{metric.milestone}", language) if metric.milestone else ""
    return messages.text(metric.title_key, language, of=of, milestone=milestone, day=metric.day)
