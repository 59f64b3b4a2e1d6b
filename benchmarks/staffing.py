"""Are certified plans as good as they say?  Generated small halls, exhaustive search, and ten thousand fresh days.

Input: a number of halls, and of those that are searched exhaustively.  Output: how many certified plans have a true
ratio below their target somewhere, with a 99% interval; and whether a roster with fewer hours would have been
certified on the same days.  ``python -m benchmarks.staffing --halls 200 --exhaustive 20 --write`` writes the page.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from planner.staffing.certificate import certify
from planner.staffing.plan import with_rosters
from planner.staffing.result import Staffing
from planner.staffing.search import staff
from planner.staffing.simulate import FRESH
from planner.staffing.simulating import simulator
from planner.staffing.targets import WaitTarget
from scenarios.model import Scenario
from sim.statistics.intervals import proportion_interval

DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "reference" / "staffing-check.md"

__all__ = ["DOCUMENT", "Judged", "cheaper_rosters", "judged", "main", "small_hall"]

_DAYS: Final = 20
"""Measured days of a replication."""
_TRUTH: Final = 10_000
"""Fresh days on which a certified plan is judged."""
_TRUTH_FIRST: Final = 5 * FRESH
"""Number of their first replication."""
_HOURS: Final = ("09:00-12:00", "13:00-17:00")
_WEEK: Final = ["mon", "tue", "wed", "thu", "fri"]


@dataclass(frozen=True)
class Judged:
    """What became of one hall.

    Attributes
    ----------
    hall
        Its number.
    certified
        Whether its plan was certified.
    hours
        Hours a week of the plan.
    lowest
        The lowest true ratio of its cells, less the target.
    cheaper, better
        Rosters with fewer hours that were tried, and those of them that would have been chosen and certified;
        nothing if they were not tried.
    """

    hall: int
    certified: bool
    hours: float
    lowest: float
    cheaper: int | None
    better: int | None


def small_hall(number: int) -> tuple[Scenario, WaitTarget]:
    """Return the hall of a number, and its target: one pool that shuts at noon, an uneven day, good and bad days."""
    random = np.random.default_rng((number, 13))
    minutes = float(random.choice([5, 8, 10, 12, 15]))
    servers = float(random.uniform(0.6, 4.0))
    spread = round(float(random.uniform(0.3, 1.0)), 2)
    shape = {time: round(float(random.uniform(40, 160))) for time in ("09:00", "10:00", "11:00", "13:00", "15:00")}
    model = {
        "format": 1,
        "name": f"small-hall-{number}",
        "run": {"start": dt.date(2014, 3, 3), "days": _DAYS},
        "calendar": {"weekend": ["sat", "sun"], "hours": list(_HOURS)},
        "pools": {"window": {"servers": 2}},
        "services": {
            "item": {
                "visits": {
                    "apply": {
                        "serve": {
                            "pool": "window",
                            "work": {
                                "dist": "gamma",
                                "mean": f"{minutes:g} min",
                                "cv": spread,
                            },
                            "mark": "finished",
                        }
                    }
                }
            }
        },
        "arrivals": {
            "people": {
                "services": "item",
                "per_day": round(servers * 7 * 60 / minutes, 1),
                "day_dispersion": round(float(random.uniform(1.0, 4.0)), 1),
                "profile": dict(sorted({**shape, "12:00": 0}.items())),
            }
        },
    }
    target = WaitTarget(float(random.choice([0.8, 0.85, 0.9])), float(random.choice([10, 15, 20])))
    return Scenario.model_validate(model), target


def cheaper_rosters(result: Staffing) -> list[Scenario]:
    """Return the hall with every roster of so many in the morning and so many in the afternoon that works fewer hours.

    Below the bound that no plan can be there is none.
    """
    per_day, least = result.plan.hours_per_week / 5, result.bound_per_week / 5
    most = int(per_day / 3) + 1
    return [
        with_rosters(
            result.scenario,
            {
                "window": [
                    {"days": _WEEK, "hours": hours, "servers": people}
                    for hours, people in zip(_HOURS, (morning, afternoon), strict=True)
                ]
            },
        )
        for morning in range(1, most)
        for afternoon in range(1, most)
        if least - 1e-9 <= 3 * morning + 4 * afternoon < per_day - 1e-9
    ]


def _fresh(result: Staffing) -> int:
    """Return the number of the first replication of a plan's certificate."""
    return FRESH + (result.attempts - 1) * result.effort.check


def _certified(result: Staffing, halls: Sequence[Scenario], first: int) -> list[Scenario]:
    """Return the halls that would be certified as a result was, on as many replications from a first one on."""
    if not halls:
        return []
    shown = simulator(workers=1)(halls, result.targets, first, result.effort.check)
    verdicts = [
        certify(result.targets, result.certificate.cells, counts, level=result.certificate.level) for counts in shown
    ]
    return [hall for hall, verdict in zip(halls, verdicts, strict=True) if verdict.is_certified]


def judged(number: int, *, exhaustively: bool, days: int = _TRUTH) -> Judged:
    """Staff the hall of a number, and judge the plan.

    Parameters
    ----------
    number
        Of the hall.
    exhaustively
        Whether all cheaper rosters are tried: on days of the search, as many as the certificate has, and those that
        pass there on the days of the certificate.
    days
        Fresh days on which the plan is judged.
    """
    scenario, target = small_hall(number)
    simulate = simulator(workers=1)
    result = staff(scenario, [target], simulate)
    certificate = result.certificate
    cheaper = better = None
    if exhaustively:
        halls = cheaper_rosters(result)
        cheaper, better = len(halls), len(_certified(result, _certified(result, halls, 0), _fresh(result)))
    lowest = float("nan")
    if result.is_certified:
        from planner.staffing.plan import staffed

        (counts,) = simulate([staffed(scenario, result.plan)], [target], _TRUTH_FIRST, -(-days // _DAYS))
        truth = certify([target], certificate.cells, counts, level=0.95)
        lowest = float(np.nanmin(truth.bounds.share)) - target.share
    return Judged(number, result.is_certified, result.plan.hours_per_week, lowest, cheaper, better)


def main(arguments: Sequence[str] | None = None) -> int:
    """Staff generated small halls and judge their plans; return 1 if too many certified ones miss their target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.staffing", description=main.__doc__)
    parser.add_argument("--halls", type=int, default=200, help="halls to staff")
    parser.add_argument(
        "--exhaustive", type=int, default=20, help="of these, halls where all cheaper rosters are tried"
    )
    parser.add_argument("--days", type=int, default=_TRUTH, help="fresh days on which a certified plan is judged")
    parser.add_argument("--first", type=int, default=1, help="number of the first hall")
    parser.add_argument("--write", action="store_true", help=f"keep the result in {DOCUMENT.name}")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    results = list[Judged]()
    for place in range(options.halls):
        result = judged(options.first + place, exhaustively=place < options.exhaustive, days=options.days)
        results.append(result)
        print(result, flush=True)
    page, is_good = _page(results, options, time.perf_counter() - began)
    if options.write:
        DOCUMENT.write_text(page, encoding="utf-8")
    print(page, end="")
    return 0 if is_good else 1


def _page(results: Sequence[Judged], options: argparse.Namespace, seconds: float) -> tuple[str, bool]:
    """Return the page, and whether the plans are as good as they say."""
    certified = [result for result in results if result.certified]
    short = [result for result in certified if result.lowest < 0]
    searched = [result for result in results if result.cheaper is not None]
    beaten = [result for result in searched if result.better]
    interval = proportion_interval(len(short), len(certified), level=0.99)
    words = f"--halls {options.halls} --exhaustive {options.exhaustive}"
    rows = (
        ("halls", f"{len(results)}"),
        ("certified plans", f"{len(certified)}"),
        (f"of these with a true ratio below target on {options.days:,} fresh days", f"**{len(short)}**"),
        ("share, with its 99% interval", f"{interval.estimate:.1%} ({interval.low:.1%} to {interval.high:.1%})"),
        ("furthest below target", f"{max([0.0, *(-result.lowest for result in short)]):.2%}"),
        ("halls searched exhaustively", f"{len(searched)}"),
        ("rosters with fewer hours tried there", f"{sum(result.cheaper or 0 for result in searched):,}"),
        ("plans beaten by one of them", f"**{len(beaten)}**"),
        ("seconds", f"{seconds:,.0f}"),
    )
    table = "\n".join(f"| {left} | {right} |" for left, right in (("", ""), ("---", "---:"), *rows))
    return _PAGE.format(command=f"python -m benchmarks.staffing {words} --write", table=table), interval.low <= 0.05


_PAGE: Final = """\
# Are certified plans as good as they say?

`{command}` writes this page. Each hall has one pool of windows that shuts at
noon, an uneven day, good and bad days, and a target, all from its number. `hallplan staff` makes a plan of it. A
certified plan is then judged by its true ratios, half-hour by half-hour, on days that neither the search nor the
certificate has seen. In some halls every roster with fewer hours is certified by the same rule: first on as many days
of the search as the certificate has, as a search that tries everything would, and then on the days of the certificate.

{table}

A certificate may err with 5%. Where a half-hour's ratio lies near its target, even ten thousand days leave a chance of
some tenths of a per cent in it.
"""

if __name__ == "__main__":
    raise SystemExit(main())
