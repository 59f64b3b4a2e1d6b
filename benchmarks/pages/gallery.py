"""The gallery of reforms: ``python -m benchmarks.pages.gallery`` writes ``docs/reference/gallery.md``.

Input: ``benchmarks/reforms.toml``, what other halls published of their windows before and after pooling, and ranges for
what nobody published.  Output: what the model says of each over the whole ranges, beside what was published.  Nothing
is fitted: the ranges stand before anything is simulated, and misses stay on the page.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.stats import qmc

from foundation.arrays import FloatArray
from scenarios.compose.composing import compose_table
from scenarios.model import Scenario
from sim.run.study import Study, System, run

__all__ = ["PAGE", "Band", "Outcome", "Reform", "gallery_page", "hall", "main", "outcome", "reforms"]

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference" / "gallery.md"
_DATA: Final = Path(__file__).resolve().parents[1] / "reforms.toml"
_DRAWS: Final = 100
_DAYS: Final = 20
_SEED: Final = 20_261_130
_LEVEL: Final = 0.9
_PROFILE: Final = {"09:00": 182, "10:00": 206, "11:00": 188, "12:00": 0, "13:00": 117, "14:00": 175, "15:00": 188}


@dataclass(frozen=True)
class Reform:
    """One hall before and after.

    Attributes
    ----------
    name, place, published
        What it is called here, where it is, and what was published.
    windows
        Before and after.
    by_window
        Visits a day at each window before, where they were published.
    self_service
        Whether machines took over a share of the visits.
    figure
        Which simulated figure stands beside what was published: ``waits``, ``change``, ``visits_per_window``, or "".
    waits
        Mean waits before and after in minutes, where they were published.
    """

    name: str
    place: str
    published: str
    windows: tuple[int, int]
    by_window: tuple[float, ...]
    self_service: bool
    figure: str
    waits: tuple[float, ...]


@dataclass(frozen=True)
class Band:
    """The middle 90% of a figure over the ranges, and its median."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: FloatArray) -> Band:
        """Return the band of values, shape (draws,), all of them finite."""
        low, median, high = np.quantile(values, [(1 - _LEVEL) / 2, 0.5, (1 + _LEVEL) / 2])
        return cls(float(low), float(median), float(high))


@dataclass(frozen=True)
class Outcome:
    """What the model says of a reform.

    Attributes
    ----------
    before, after
        Mean wait in minutes, over the draws.
    change
        Relative change of the mean wait.
    visits_per_window
        Visits a window and working day, afterwards.
    shorter
        Share of the draws in which the wait is shorter afterwards.
    """

    before: Band
    after: Band
    change: Band
    visits_per_window: Band
    shorter: float


def reforms() -> tuple[list[Reform], dict[str, dict[str, Any]]]:
    """Return the reforms, and the ranges of what is assumed, by name."""
    data = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    rows = [
        Reform(
            name,
            row["place"],
            row["published"],
            tuple(row["windows"]),
            tuple(row.get("by_window", ())),
            row.get("self_service", False),
            row.get("figure", ""),
            tuple(row.get("waits", ())),
        )
        for name, row in data["reforms"].items()
    ]
    return rows, data["assumed"]


def hall(reform: Reform, values: Mapping[str, float], *, pooled: bool) -> Scenario:
    """Return a hall before or after.

    Parameters
    ----------
    reform
        Which.
    values
        One draw of what is assumed, by name.
    pooled
        Whether any window takes any item, as it is afterwards.
    """
    before, after = reform.windows
    visits = _visits(reform, values)
    if pooled:
        visits = visits * (1 - values["self_service"] * reform.self_service)
        pools = {"general": {"servers": after, "work_factor": values["work_factor"]}}
    else:
        numbers = _windows_by_department(visits, before)
        pools = {f"department-{k}": {"servers": int(number)} for k, number in enumerate(numbers)}
    services, arrivals = {}, {}
    for k, per_day in enumerate(visits):
        place = "general" if pooled else f"department-{k}"
        work = {"dist": "lognorm", "mean": f"{values['minutes']:.3f} min", "cv": 0.7}
        services[f"item-{k}"] = {"visits": {"apply": {"serve": {"pool": place, "work": work, "mark": "finished"}}}}
        arrivals[f"source-{k}"] = {"services": f"item-{k}", "per_day": float(per_day)}
    name = f"{reform.name}-{'after' if pooled else 'before'}"
    table = {
        "format": 1,
        "name": name,
        "run": {"warm_up_days": 0, "days": _DAYS, "replications": _DRAWS, "seed": _SEED},
        "calendar": {"hours": ["09:00-12:00", "13:00-17:00"]},
        "sites": {"hall": {"tickets_stop": "20 min", "at_close": "serve", "profile": {**_PROFILE, "16:40": 0}}},
        "pools": pools,
        "services": services,
        "arrivals": arrivals,
    }
    return compose_table(table, name=name).scenario


def _visits(reform: Reform, values: Mapping[str, float]) -> FloatArray:
    """Return visits a day by department."""
    if reform.by_window:
        return np.array(reform.by_window, dtype=np.float64)
    departments = max(round(reform.windows[0] / values["windows_per_department"]), 1)
    shares = np.arange(1, departments + 1, dtype=np.float64) ** -values["skew"]
    visits: FloatArray = values["visits_per_window_day"] * reform.windows[0] * shares / shares.sum()
    return visits


def _windows_by_department(visits: FloatArray, windows: int) -> FloatArray:
    """Return windows by department: one each, the others by visits (largest remainders)."""
    exact = (windows - visits.size) * visits / visits.sum()
    numbers: FloatArray = np.floor(exact)
    left = round(windows - visits.size - numbers.sum())
    numbers[np.argsort(numbers - exact, kind="stable")[:left]] += 1
    numbers += 1
    return numbers


def _drawn(assumed: Mapping[str, Mapping[str, Any]], draws: int) -> list[dict[str, float]]:
    """Return a Latin hypercube of the ranges, each value once in every slice of its range."""
    low, high = np.array([entry["range"] for entry in assumed.values()]).T
    points = low + (high - low) * qmc.LatinHypercube(len(assumed), rng=_SEED).random(draws)
    return [dict(zip(assumed, map(float, point), strict=True)) for point in points]


def outcome(reform: Reform, assumed: Mapping[str, Mapping[str, Any]], draws: int = _DRAWS) -> Outcome:
    """Simulate a reform with one draw of the ranges a replication, the same before and after."""
    values = _drawn(assumed, draws)
    systems = []
    for pooled in (False, True):
        drawn = [hall(reform, value, pooled=pooled) for value in values]
        systems.append(System(drawn[0], drawn))
    result = run(Study.of(*systems, replications=draws, seed=_SEED))
    before, after = (runs.summaries["wait_mean_min"].to_numpy(dtype=np.float64) for runs in result.runs)
    visits = result.runs[1].summaries["visits_per_day"].to_numpy(dtype=np.float64)
    return Outcome(
        Band.of(before),
        Band.of(after),
        Band.of(after / before - 1),
        Band.of(visits / reform.windows[1]),
        float(np.mean(after < before)),
    )


# ---- the page ------------------------------------------------------------------------------------------------------

_INTRODUCTION: Final = """# A gallery of real reforms

This page is written by `python -m benchmarks.pages.gallery`. It is an outside check: other halls published how many
windows they had before and after any window took any item (综合窗口), and some of them what came of it. Their figures
are their own claims, unaudited.

Each hall is simulated before and after, {days} working days, with {draws} draws of everything that was not published. A
draw is the same before and after, and so are the visitors. The bands are the middle {level:.0%} of the draws: they
carry what nobody knows, and chance. **Nothing is fitted**: the ranges below were set before anything was simulated, and
what misses stays here.

| hall | windows | published | the model, same figure | mean wait before, min | mean wait after, min | shorter in |
| --- | --- | --- | --- | ---: | ---: | ---: |
"""

_ASSUMED: Final = """
## What is assumed

| input | range | why |
| --- | --- | --- |
"""

_NOTES: Final = """
The departments' visits follow Zipf's law. Before the reform each department has one window at least, and the others
are shared out by visits. Afterwards one queue feeds all windows. Hours, the shape of the day and the spread of service
times (coefficient of variation 0.7) are the same in all halls. Nobody leaves, whoever has a ticket is served, and
machines serve without a wait.

## How to read it

- A band that holds the published figure shows that the mechanism can produce it within what is plausible. It doesn't
  show that it did. The bands are wide, since a hall near its limits and an idle one have the same number of windows.
- "Shorter in" is the share of draws in which visitors wait less after the reform than before. Where it is far from
  100%, fewer windows were bought with longer waits, or the hall must have been idle before.
- Staff and promised limits are not outcomes of this model: they are what the halls decided.
"""


def gallery_page(outcomes: Sequence[tuple[Reform, Outcome]], assumed: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page."""
    rows = "".join(
        f"| {reform.place} | {reform.windows[0]} → {reform.windows[1]} | {reform.published} | {_same(reform, result)} "
        f"| {_minutes(result.before)} | {_minutes(result.after)} | {result.shorter:.0%} |\n"
        for reform, result in outcomes
    )
    inputs = "".join(
        f"| `{name}` | {entry['range'][0]:g} to {entry['range'][1]:g} | {entry['why']} |\n"
        for name, entry in assumed.items()
    )
    head = _INTRODUCTION.format(days=_DAYS, draws=_DRAWS, level=_LEVEL)
    return head + rows + _ASSUMED + inputs + _NOTES


def _same(reform: Reform, result: Outcome) -> str:
    if reform.figure == "visits_per_window":
        band = result.visits_per_window
        return f"{band.median:.1f} ({band.low:.1f} to {band.high:.1f}) visits a window and day"
    if reform.figure == "change":
        band = result.change
        return f"{band.median:+.0%} ({band.low:+.0%} to {band.high:+.0%})".replace("-", "−")
    if reform.figure == "waits":
        bands = zip(reform.waits, (result.before, result.after), strict=True)
        return ", ".join(
            f"{wait:g} min lies {'inside' if band.low <= wait <= band.high else 'OUTSIDE'}" for wait, band in bands
        )
    return "nothing published to compare"


def _minutes(band: Band) -> str:
    return f"{band.median:.1f} ({band.low:.1f} to {band.high:.1f})"


def main() -> None:
    """Write the page; it takes some minutes."""
    rows, assumed = reforms()
    PAGE.write_text(gallery_page([(row, outcome(row, assumed)) for row in rows], assumed), encoding="utf-8")


if __name__ == "__main__":
    main()
