"""The page of lever effects: ``python -m benchmarks.pages.levers --write`` writes ``docs/reference/lever-effects.md``.

Input: the built-in levers and the two district halls.  Output: for each lever its effect alone in the hall of 2013, and
in the hall of 2014, on the same few metrics and on one metric of those whom it is for.  An effect is a mean of paired
differences with its interval.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.pages.printing import print_or_write
from planner.compare import Comparison
from planner.load import offered_load
from scenarios.compose.composing import Composed, compose_table, composed
from scenarios.compose.levers import levers
from scenarios.compose.reading import LIBRARY_FOLDER, read
from scenarios.model import Scenario
from sim.run.study import Study, run
from sim.statistics.intervals import Interval

__all__ = [
    "FOR_WHOM",
    "HEADLINE",
    "PAGE",
    "Effect",
    "effect_cell",
    "effects",
    "hall_without",
    "lever_page",
    "main",
    "variant",
]

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference" / "lever-effects.md"
BEFORE: Final = "honghuagang-2013"
AFTER: Final = "honghuagang-2014"
REPLICATIONS: Final = 20

_PER_CENT: Final = 100.0
HEADLINE: Final = {
    "left_share": ("share who leave (points)", _PER_CENT, 2),
    "ticket_wait_mean_min": ("mean wait (min)", 1.0, 2),
    "touched_median.food-licence": ("food licence, median (days touched)", 1.0, 2),
    "cost_per_day": ("staff cost (yuan a day)", 1.0, 0),
    "visitor_cost_per_day": ("visitors' cost (yuan a day)", 1.0, 0),
}
"""Metrics of the first two tables, each with its heading, factor and decimals."""

FOR_WHOM: Final = {
    "accept-with-gaps": ("food licence: mean elapsed (days)", "elapsed_mean_days.food-licence"),
    "add-staff": ("labour windows: left the queue (points)", "pool_uncalled_share.window-labour"),
    "appointments": ("food windows: mean wait (min)", "pool_wait_mean_min.window-food-health"),
    "approve-on-pledge": ("food licence: mean elapsed (days)", "elapsed_mean_days.food-licence"),
    "co-locate-inspectors": ("food licence: mean elapsed (days)", "elapsed_mean_days.food-licence"),
    "co-locate-reviewers": ("all cases: mean elapsed (days)", "case_elapsed_mean_days"),
    "decentralise": ("hall windows: mean wait (min)", "pool_wait_mean_min.window-labour"),
    "delegate-in-part": ("all cases: mean elapsed (days)", "case_elapsed_mean_days"),
    "delegate-sign-off": ("all cases: mean elapsed (days)", "case_elapsed_mean_days"),
    "extended-hours": ("all visits: not served (points)", "unserved_share"),
    "green-channel": ("finished works: mean elapsed (days)", "elapsed_mean_days.project-completion"),
    "lunch-cover": ("labour windows: left the queue (points)", "pool_uncalled_share.window-labour"),
    "merge-sections": ("all cases: mean elapsed (days)", "case_elapsed_mean_days"),
    "more-review-time": ("all cases: mean elapsed (days)", "case_elapsed_mean_days"),
    "one-time-notice": ("all items: trips an item", "trips_per_item"),
    "one-seal": ("all cases: mean elapsed (days)", "case_elapsed_mean_days"),
    "online-pre-check": ("all items: trips an item", "trips_per_item"),
    "parallel-joint-review": ("investment: mean elapsed (days)", "elapsed_mean_days.project-investment"),
    "pooled-windows": ("all visits: left the queue (points)", "left_share"),
    "posted-certificates": ("all items: trips an item", "trips_per_item"),
    "tidal-windows": ("labour windows: left the queue (points)", "pool_uncalled_share.window-labour"),
    "whole-process-agent": ("finished works: mean elapsed (days)", "elapsed_mean_days.project-completion"),
    "windows-by-field": ("all visits: left the queue (points)", "left_share"),
}
"""For each lever those whom it is for, and the metric by which they would notice it."""

_CHOICES: Final = {"add-staff": "add-staff:pool=window-labour"}


@dataclass(frozen=True)
class Effect:
    """The effect of one lever in one hall.

    Attributes
    ----------
    lever
        Its name.
    hall
        The hall: ``honghuagang-2013``, to which the lever is added, or ``honghuagang-2014``.
    is_taken_away
        The hall has the lever, and the effect is that of taking it away.
    changes
        Metric to paired difference, with lever added or taken away minus the hall as it is.
    overloaded
        Pools and timetables that keep up in the hall as it is, and no longer do.
    """

    lever: str
    hall: str
    is_taken_away: bool
    changes: Mapping[str, Interval]
    overloaded: tuple[str, ...] = ()


def variant(hall: str, lever: str) -> tuple[Scenario, bool]:
    """Return a hall with a lever added, or without it if the hall's own file pulls it, and whether it is without."""
    if lever not in read(LIBRARY_FOLDER / f"{hall}.toml").get("levers", []):
        return composed(hall, levers=[_CHOICES.get(lever, lever)]).scenario, False
    return hall_without(hall, [lever]).scenario, True


def hall_without(hall: str, names: Collection[str]) -> Composed:
    """Return a built-in hall without some of the levers that its own file pulls."""
    raw = read(LIBRARY_FOLDER / f"{hall}.toml")
    return compose_table(raw | {"levers": [name for name in raw.get("levers", []) if name not in names]}, name=hall)


def effects(
    names: Sequence[str], *, halls: Sequence[str] = (BEFORE, AFTER), replications: int = REPLICATIONS
) -> list[Effect]:
    """Return the effects of levers in the halls.

    Parameters
    ----------
    names
        Levers.
    halls
        Built-in scenarios.
    replications
        Pairs of replications of each effect.
    """
    result = []
    for hall in halls:
        as_it_is = composed(hall).scenario
        before = offered_load(as_it_is).overloaded
        variants = [variant(hall, lever) for lever in names]
        study = Study.of(as_it_is, *(scenario for scenario, _ in variants), replications=replications)
        comparison = Comparison.of(run(study))
        for which, (lever, (scenario, is_taken_away)) in enumerate(zip(names, variants, strict=True), 1):
            changes = {
                metric: change
                for metric in (*HEADLINE, FOR_WHOM[lever][1])
                if metric in comparison.metrics and (change := comparison.difference(metric, which).change) is not None
            }
            overloaded = tuple(name for name in offered_load(scenario).overloaded if name not in before)
            result.append(Effect(lever, hall, is_taken_away, changes, overloaded))
    return result


_INTRODUCTION: Final = """\
# What each lever does

This page is written by `python -m benchmarks.pages.levers --write`. It shows the effect of each built-in
[lever](scenarios.md#levers) in the two district halls: alone in the hall of 2013, and in the hall of 2014. A lever
that the hall of 2014 has is taken away there; any other is added. All defaults hold; `add-staff` adds one officer at
the labour windows.

An effect is the mean difference over {replications} pairs of replications with common random numbers, with its 95 %
interval. A bold effect has an interval without zero, as printed. The intervals are not corrected for their number: of
a hundred effects that are none, about five are bold. Staff cost is that of rostered hours; what a lever costs beside
them stands in `hallplan levers`. [Visitors' cost](../how-to/visitors-cost.md) is the hours of their trips, way there
and back included, at an assumed value of an hour.
"""

_TITLES: Final = {
    BEFORE: "## Alone in the hall of 2013\n\nThe demand is that of 2013, and most departments have one window.\n",
    AFTER: "## In the hall of 2014\n\nFor a lever that is taken away, a rise is what the lever prevents.\n",
}

_CLOSING: Final = """
## For those whom the lever is for

A lever for few does not show in the mean of all. This table has one metric of those whom it is for.

| lever | metric | alone in 2013 | in 2014 | |
|---|---|---:|---:|---|
"""

_OVERLOADS: Final = """
## What no longer keeps up

These changes ask more of a pool or a timetable than it can do. Queues then grow as long as the run lasts, and so does
the effect.

| lever | hall | | what does not keep up |
|---|---|---|---|
"""

_NOTES: Final = """
## Notes

- The file of 2014 states demand itself. So without `appointments` those who book stay away instead of queueing, and
  the effect is that of fewer applicants.
- `online-pre-check` moves applications from the windows to the online channel. As many apply as before.
- `lunch-cover` serves those who wait at noon and nobody else, because nobody comes over lunch by the profile;
  `hallplan check` says so.
- `posted-certificates` takes visits away that hardly anybody gives up. So the share who leave is of fewer visits.
- `extended-hours` costs more in the hall of 2014, because more windows stay open.
- `appointments` is for five a week, as published for 2014. In the hall of 2013 fewer apply for the licence, so the
  lever brings more of them, in the place of other applicants.
- `tidal-windows` lends the only officer of a quiet window. Its few visitors wait until the hump is over, and some
  leave.
"""


def lever_page(results: Sequence[Effect], *, replications: int = REPLICATIONS) -> str:
    """Return the page."""
    text = _INTRODUCTION.format(replications=replications)
    headings = [heading for heading, _, _ in HEADLINE.values()]
    for hall, title in _TITLES.items():
        text += f"\n{title}\n| lever | | {' | '.join(headings)} |\n|---|---|{'---:|' * len(headings)}\n"
        for effect in results:
            if effect.hall == hall:
                cells = [
                    effect_cell(effect.changes.get(metric), factor, decimals)
                    for metric, (_, factor, decimals) in HEADLINE.items()
                ]
                text += f"| `{effect.lever}` | {_what(effect)} | {' | '.join(cells)} |\n"
    return text + _CLOSING + "".join(_row_for_whom(results)) + _overloads(results) + _NOTES


def _row_for_whom(results: Sequence[Effect]) -> list[str]:
    rows = []
    for lever in dict.fromkeys(effect.lever for effect in results):
        title, metric = FOR_WHOM[lever]
        factor = _PER_CENT if "(points)" in title else 1.0
        by_hall = {effect.hall: effect for effect in results if effect.lever == lever}
        cells = [
            effect_cell(by_hall[hall].changes.get(metric) if hall in by_hall else None, factor, 2)
            for hall in (BEFORE, AFTER)
        ]
        what = _what(by_hall[AFTER]) if AFTER in by_hall else ""
        rows.append(f"| `{lever}` | {title} | {' | '.join(cells)} | {what} |\n")
    return rows


def _overloads(results: Sequence[Effect]) -> str:
    rows = [
        f"| `{effect.lever}` | `{effect.hall}` | {_what(effect)} | `{'`, `'.join(effect.overloaded)}` |\n"
        for effect in results
        if effect.overloaded
    ]
    return _OVERLOADS + "".join(rows) if rows else ""


def _what(effect: Effect) -> str:
    return "taken away" if effect.is_taken_away else "added"


def effect_cell(interval: Interval | None, factor: float, decimals: int) -> str:
    """Write an effect with its interval, bold if zero is not in it as printed; a dash for none."""
    if interval is None or not math.isfinite(interval.estimate):
        return "–"
    low, mid, high = (round(value * factor, decimals) for value in (interval.low, interval.estimate, interval.high))
    text = f"{_signed(mid, decimals)} ({_signed(low, decimals)} to {_signed(high, decimals)})"
    return f"**{text}**" if low > 0 or high < 0 else text


def _signed(value: float, decimals: int) -> str:
    sign = "−" if value < 0 else "+" if value > 0 else ""
    return f"{sign}{abs(value):,.{decimals}f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page, or with ``--write`` write it; it takes some minutes."""
    return print_or_write(lambda: lever_page(effects([lever.name for lever in levers()])), PAGE, arguments)


if __name__ == "__main__":
    sys.exit(main())
