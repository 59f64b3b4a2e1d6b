"""A look into the district halls: ``python -m benchmarks.pages.halls --write`` writes a page of ``docs/reference``.

Input: the two district halls.  Output: waits beside what practitioners know, utilisation by pool and half-hour, the
hours that offices give, the days of licences with the reasons of the late ones, and whether the hall of 2013 is steady
and lawful.  These are checks that are printed; no number of a hall is set in view of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.pages.printing import print_or_write
from planner.load import offered_load
from scenarios.compose.composing import composed
from scenarios.model import Scenario
from sim.run.replications import Replications, replicate

__all__ = ["HALLS", "PAGE", "HallRun", "hall_page", "main", "run_hall"]

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference" / "district-halls.md"
BEFORE: Final = "honghuagang-2013"
AFTER: Final = "honghuagang-2014"
HALLS: Final = (BEFORE, AFTER)

_HOTTEST: Final = "pool_wait_mean_min"
_WAIT_ROWS: Final = (
    ("mean wait of a trip, to its first call (min)", "ticket_wait_mean_min", 1, 1, "minutes to a quarter of an hour"),
    ("mean wait of the longest queue (min)", _HOTTEST, 1, 1, "tens of minutes at hot windows"),
    ("95 % of the waits are shorter than (min)", "wait_q95_min", 1, 1, "a norm of 15 to 20 minutes in such halls"),
    ("calls within 15 minutes (%)", "wait_within_15_share", 100, 0, "–"),
    ("visitors who leave a queue (%)", "left_share", 100, 1, "2 to 10 %, and they come back"),
    ("overtime (min a day)", "overtime_min_per_day", 1, 0, "–"),
)
"""Rows of the first table: title, metric, factor, decimals, and what practitioners know."""

_HALF_HOURS: Final = (
    *("09:00", "09:30", "10:00", "10:30", "11:00", "11:30"),
    *("13:00", "13:30", "14:00", "14:30", "15:00", "15:30", "16:00", "16:30"),
)
_FRONT: Final = ("window-", "reception-", "service-desk", "cashier", "certificate-desk")
_OFFICE_POOLS: Final = {
    "sections and offices": ("section-", "office-"),
    "heads": ("head-",),
    "deputy chiefs": ("chief-",),
    "directors": ("director-",),
    "inspection teams": ("inspectors-",),
}
_LICENCE: Final = "food-licence"
_LICENCES: Final = (
    *(_LICENCE, "public-health-licence", "company-registration", "street-use", "transport-licence"),
    *("outdoor-advertising", "entertainment-venue", "tree-felling"),
)
_ALL_COMPLETE: Final = {"services.*.case.missing.share": 0.0, "services.*.case.failed.share": 0.0}
_ALL_DAY: Final = {"pools.section-*.hours": ["09:00-12:00", "13:00-17:00"]}
_SLOW: Final = (_LICENCE, "transport-licence", "environmental-approval", "low-income-aid")
_STEADY: Final = ("case_elapsed_mean_days", *(f"elapsed_mean_days.{name}" for name in _SLOW))
_IN_TIME: Final = 0.9


@dataclass(frozen=True, eq=False)
class HallRun:
    """A hall and its replications."""

    scenario: Scenario
    runs: Replications

    @property
    def means(self) -> Mapping[str, float]:
        """Every metric's mean."""
        return self.runs.means

    @cached_property
    def curves(self) -> Mapping[str, pd.DataFrame]:
        """Curves over the replications."""
        return self.runs.curves

    @property
    def hottest(self) -> str:
        """The window with the longest mean wait."""
        windows = [name for name, pool in self.scenario.pools.items() if pool.role == "window"]
        return max(windows, key=lambda name: float(np.nan_to_num(self.means[f"{_HOTTEST}.{name}"])))

    def cases(self, service: str) -> float:
        """Return the measured cases of a service."""
        return self.means.get(f"cases_measured.{service}", 0.0)

    def lawful_shares(self) -> dict[str, float]:
        """Return the share of cases within the statutory limit, by service with cases."""
        names = [name for name in self.scenario.services if self.cases(name) > 0]
        shares = {name: self.means[f"within_legal_share.{name}"] for name in names}
        return {name: share for name, share in shares.items() if np.isfinite(share)}

    def touched_within(self, service: str, days: int) -> float:
        """Return the share of cases that were open on at most so many working days."""
        touched = self.curves["touched_days"]
        reached = touched[(touched["service"] == service) & (touched["days"] <= days)]["cumulative_share"]
        return float(reached.iloc[-1]) if len(reached) else 0.0


def run_hall(name: str, overrides: Mapping[str, Any] | None = None, *, replications: int | None = None) -> HallRun:
    """Simulate a hall, with changes by path, and keep its curves."""
    scenario = composed(name, overrides=overrides or {}).scenario
    return HallRun(scenario, replicate(scenario, replications=replications, curves=True))


def hall_page(replications: int | None = None) -> str:
    """Return the page."""
    halls = {name: run_hall(name, replications=replications) for name in HALLS}
    longer = run_hall(BEFORE, {"run.days": 120}, replications=replications)
    complete = run_hall(AFTER, _ALL_COMPLETE, replications=replications)
    all_day = run_hall(AFTER, {**_ALL_COMPLETE, **_ALL_DAY}, replications=replications)
    sections = (
        _INTRODUCTION.format(replications=len(halls[AFTER].runs)),
        _waits(halls),
        _busy(halls),
        _offices(halls),
        _days(halls[AFTER], complete, all_day),
        _steadiness(halls[BEFORE], longer),
        _law(halls),
    )
    return "\n".join(sections)


# ---- words ---------------------------------------------------------------------------------------------------------

_INTRODUCTION: Final = """\
# Inside the district halls

This page is written by `python -m benchmarks.pages.halls --write`, from {replications} replications of each hall. It
looks at what nobody published, so that somebody who has stood in such a hall can say what is unbelievable. Nothing here
is a target, and no number of the halls was set in view of it: staff, hours and profiles follow
[rules](../decisions/0014-staff-by-rules.md), within ranges that practitioners know.
"""

_WAITS: Final = """\
## Waits, beside what practitioners know

{table}
The longest queues are at {hottest}. Waits of 2013 are the longer ones, because most departments have a single window in
both years.

How much of a wait is assumption: all of it. No wait was published; service minutes, windows by department, profiles and
patience are assumed. `hallplan run --posterior` prints the interval that is left by what was published.
"""

_BUSY: Final = """\
## Utilisation of windows and desks by half-hour

Per cent of the time of those on duty, over all measured days, Mondays and Fridays alike.
"""

_OFFICES: Final = """\
## Hours given to approvals

Hours that offices give to approvals, and how much of them the work takes. Costs count these hours; the rest of the day
is other work.

{table}"""

_DAYS: Final = """\
## Days of a licence in 2014

Per cent of the cases by working days touched, from acceptance to the certificate; open cases count as not reached.

{days}
Why not all food and health licences take three days, by taking causes away one after another:

{causes}
What is left is accepted too late in the day for a review before the list of the next morning closes, or waits for a
team.
"""

_STEADINESS: Final = """\
## The hall of 2013 is steady

Mean elapsed working days over 60 and over 120 measured days. A hall that does not keep up would be slower in the longer
run.

{table}"""

_LAW: Final = """\
## Within the law

{table}
Late in 2013, with the share that is in time and the statutory limit in working days: {late}. These are items with a
short limit, with a public notice inside it, or with a weekly bag to the city and back.
"""


# ---- tables --------------------------------------------------------------------------------------------------------


def _table(headings: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    rule = "|".join("---:" if index else "---" for index in range(len(headings)))
    lines = [f"| {' | '.join(headings)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def _number(value: float, decimals: int = 1) -> str:
    return f"{value:,.{decimals}f}" if np.isfinite(value) else "–"


def _per_cent(share: float) -> str:
    return _number(100.0 * share, 0)


def _year(hall: str) -> str:
    return hall.rpartition("-")[2]


def _waits(halls: Mapping[str, HallRun]) -> str:
    def rows() -> Iterator[Sequence[str]]:
        for title, metric, factor, decimals, practitioners in _WAIT_ROWS:
            values = [
                run.means[f"{metric}.{run.hottest}" if metric == _HOTTEST else metric] * factor
                for run in halls.values()
            ]
            yield [title, *(_number(value, decimals) for value in values), practitioners]

    hottest = " and ".join(f"`{run.hottest}`" for run in halls.values())
    return _WAITS.format(table=_table(["", *map(_year, halls), "practitioners know"], rows()), hottest=hottest)


def _busy(halls: Mapping[str, HallRun]) -> str:
    def rows(run: HallRun) -> Iterator[Sequence[str]]:
        shares = run.curves["pools_by_half_hour"].set_index(["pool", "half_hour"])["utilisation"]
        names = [name for name in run.scenario.pools if name.startswith(_FRONT)]
        for name in sorted(names, key=lambda name: -run.means[f"utilisation.{name}"]):
            cells = [_per_cent(shares.get((name, half_hour), np.nan)) for half_hour in _HALF_HOURS]
            yield [f"`{name}`", str(run.scenario.pools[name].servers), *cells]

    headings = ["pool", "servers", *_HALF_HOURS]
    by_year = [f"### {_year(hall)}\n\n{_table(headings, rows(halls[hall]))}" for hall in reversed(HALLS)]
    return "\n".join([_BUSY, *by_year])


def _offices(halls: Mapping[str, HallRun]) -> str:
    loads = {hall: offered_load(run.scenario).pools for hall, run in halls.items()}

    def rows() -> Iterator[Sequence[str]]:
        for title, beginnings in _OFFICE_POOLS.items():
            cells = list[str]()
            for load in loads.values():
                pools = [pool for pool in load if pool.pool.startswith(beginnings)]
                hours = sum(pool.rostered_h_per_day for pool in pools)
                if not hours:
                    cells += ["0", "–", "–"]
                    continue
                busiest = max(pools, key=lambda pool: pool.utilisation)
                used = sum(pool.work_h_per_day for pool in pools) / hours
                cells += [_number(hours), _per_cent(used), f"`{busiest.pool}` {_per_cent(busiest.utilisation)}"]
            yield [title, *cells]

    columns = ("hours a day", "used (%)", "busiest (%)")
    headings = ["", *(f"{_year(hall)}: {column}" for hall in halls for column in columns)]
    return _OFFICES.format(table=_table(headings, rows()))


def _days(hall: HallRun, complete: HallRun, all_day: HallRun) -> str:
    within, of_causes = (1, 2, 3, 4, 5, 10), (3, 4, 5)
    variants = {
        "as it is": hall,
        "no papers are missing, and all premises pass": complete,
        "besides, sections review all day, not four hours": all_day,
    }

    def rows() -> Iterator[Sequence[str]]:
        for name in _LICENCES:
            shares = [_per_cent(hall.touched_within(name, days)) for days in within]
            yield [hall.scenario.services[name].title.en, *shares]

    def causes() -> Iterator[Sequence[str]]:
        for title, run in variants.items():
            yield [title, *(_per_cent(run.touched_within(_LICENCE, days)) for days in of_causes)]

    return _DAYS.format(
        days=_table(["licence", *(f"≤ {days}" for days in within)], rows()),
        causes=_table(["food and health licence", *(f"≤ {days}" for days in of_causes)], causes()),
    )


def _steadiness(hall: HallRun, longer: HallRun) -> str:
    def rows() -> Iterator[Sequence[str]]:
        for metric in _STEADY:
            intervals = [run.runs.interval(metric) for run in (hall, longer)]
            texts = [[_number(end) for end in (each.estimate, each.low, each.high)] for each in intervals]
            yield [f"`{metric}`", *(f"{mean} ({low} to {high})" for mean, low, high in texts)]

    headings = ["", *(f"{run.scenario.run.days} days" for run in (hall, longer))]
    return _STEADINESS.format(table=_table(headings, rows()))


def _law(halls: Mapping[str, HallRun]) -> str:
    shares = {hall: run.lawful_shares() for hall, run in halls.items()}

    def rows() -> Iterator[Sequence[str]]:
        for hall, run in halls.items():
            cases = sum(run.cases(name) for name in shares[hall])
            by_volume = sum(run.cases(name) * share for name, share in shares[hall].items()) / cases
            in_time = sum(share >= _IN_TIME for share in shares[hall].values())
            yield [_year(hall), _per_cent(by_volume), f"{in_time} of {len(shares[hall])}"]

    services = halls[BEFORE].scenario.services
    late = "; ".join(
        f"{services[name].title.en} {_per_cent(share)} % (limit {services[name].legal_limit})"
        for name, share in sorted(shares[BEFORE].items(), key=lambda item: item[1])
        if share < _IN_TIME
    )
    headings = ["", "cases within the statutory limit (%)", "services that keep it for 90 % of their cases"]
    return _LAW.format(table=_table(headings, rows()), late=late)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page, or with ``--write`` write it; it takes a minute or two."""
    return print_or_write(hall_page, PAGE, arguments)


if __name__ == "__main__":
    sys.exit(main())
