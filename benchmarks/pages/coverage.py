"""The coverage page: ``python -m benchmarks.pages.coverage`` writes ``docs/reference/coverage.md``.

Input: nothing.  Output: how often intervals of the mean wait hold the truth, near capacity, where they are hardest.
Waits are those of an M/M/1 queue that begins empty, by Lindley's recursion (the engine's waits equal the recursion's to
the millisecond, as the verification shows).  The truth is the ratio of sums over many independent runs of the same
length, so that what is left of the empty beginning belongs to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from foundation.arrays import FloatArray
from sim.statistics.intervals import Interval, linearised, mean_interval, proportion_interval, skewed_mean_interval

__all__ = ["PAGE", "Case", "Coverage", "coverage_page", "main", "studied"]

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference" / "coverage.md"

_STUDIES: Final = 2_000
_TRUTH_RUNS: Final = 400_000
_BLOCK: Final = 40_000
_SEED: Final = 20_261_129


@dataclass(frozen=True)
class Case:
    """One queue that is studied.

    Attributes
    ----------
    load
        Offered load of the one server.
    length
        Length of a run, in mean service times: 100 are a short day, 2,000 a month of them.
    replications
        Runs of a study.
    faster
        Share by which services are shorter at a second server with the same customers, whose mean wait minus the
        first's is then studied; nothing for the mean wait itself.
    """

    load: float
    length: float
    replications: int
    faster: float = 0.0


CASES: Final = tuple(Case(load, length, 20) for load in (0.8, 0.9, 0.95) for length in (100.0, 2_000.0)) + tuple(
    Case(load, 2_000.0, 80) for load in (0.8, 0.95)
)
DIFFERENCES: Final = tuple(Case(load, length, 20, 0.1) for load in (0.8, 0.95) for length in (100.0, 1_000.0))


@dataclass(frozen=True)
class Coverage:
    """How often the two intervals of a case held the truth.

    Attributes
    ----------
    case
        What was studied.
    truth
        The mean wait that is to be held, in mean service times.
    students, corrected
        Share of the studies whose interval held it, with its exact 95 % interval; and the mean width of the intervals.
    """

    case: Case
    truth: float
    students: Interval
    corrected: Interval
    students_width: float
    corrected_width: float


def waits(rng: np.random.Generator, runs: int, case: Case) -> tuple[FloatArray, FloatArray]:
    """Return by run the sum of the waits, or of their differences, and the number of customers (Lindley 1952)."""
    arrival, wait, second = rng.exponential(1 / case.load, runs), np.zeros(runs), np.zeros(runs)
    total, number = np.zeros(runs), np.zeros(runs)
    while (inside := arrival < case.length).any():
        total += np.where(inside, second - wait if case.faster else wait, 0.0)
        number += inside
        gap = rng.exponential(1 / case.load, runs)
        service = rng.exponential(1.0, runs)
        wait = np.maximum(wait + service - gap, 0.0)
        second = np.maximum(second + (1 - case.faster) * service - gap, 0.0)
        arrival += gap
    return total, number


def studied(case: Case, *, studies: int = _STUDIES, truth_runs: int = _TRUTH_RUNS, seed: int = _SEED) -> Coverage:
    """Return how often the intervals of a case hold the truth.

    Parameters
    ----------
    case
        What to study.
    studies
        How many studies of the case.
    truth_runs
        Independent runs whose ratio of sums is taken for the truth.
    seed
        Of the random numbers.
    """
    rng = np.random.default_rng(
        [seed, round(1_000 * case.load), round(case.length), case.replications, round(1_000 * case.faster)]
    )
    blocks = [waits(rng, min(_BLOCK, truth_runs), case) for _ in range(max(truth_runs // _BLOCK, 1))]
    truth = sum(float(total.sum()) for total, _ in blocks) / sum(float(number.sum()) for _, number in blocks)
    total, number = waits(rng, studies * case.replications, case)
    hits, widths = np.zeros(2, dtype=np.int64), np.zeros(2)
    for k in range(studies):
        runs = slice(k * case.replications, (k + 1) * case.replications)
        units = linearised(total[runs], number[runs])
        intervals = (mean_interval(units), skewed_mean_interval(units))
        hits += [interval.low <= truth <= interval.high for interval in intervals]
        widths += [2 * interval.half_width for interval in intervals]
    shares = [proportion_interval(int(hit), studies) for hit in hits]
    return Coverage(case, truth, *shares, *(widths / studies).tolist())


_INTRODUCTION: Final = """\
# How often the intervals hold the truth

This page is written by `python -m benchmarks.pages.coverage`. It studies the interval of the mean wait where it is
hardest to get right: one server near capacity, few runs, and runs that begin empty. Each row is {studies:,} studies of
an M/M/1 queue. A study takes the ratio of sums over its runs, as `hallplan run` does, and its 95 % interval. The truth
is the same ratio over {truth:,} independent runs of the same length.

Waits near capacity are skewed: a few bad runs make most of the mean. A study without one of them has a mean that is too
low and an interval that is too narrow. So Student's interval misses on one side, more often than it says. The interval
that Hallplan prints is corrected for skewness (Willink 2005, see
[statistics](statistics.md)). It is wider to the upper side.

| load | length | runs | mean wait | Student's covers | ours covers | Student's width | our width |
| ---: | -----: | ---: | --------: | ---------------: | ----------: | --------------: | --------: |
"""

_CONCLUSION: Final = """
Lengths, waits and widths are in mean service times. Shares have exact 95 % intervals.

The correction brings the coverage close to 95 %, not always up to it. With {few} runs of a queue near capacity, read an
interval as one of about {worst:.0%}. More or longer runs help both intervals.
"""

_DIFFERENCES: Final = """
Differences between scenarios are skewed as well. Below, a second server has the same customers and needs a tenth less
for each; the figure is its mean wait minus the first one's, with the paired interval.

| load | length | runs | difference | Student's covers | ours covers | Student's width | our width |
| ---: | -----: | ---: | ---------: | ---------------: | ----------: | --------------: | --------: |
"""


def coverage_page(results: list[Coverage]) -> str:
    """Return the page."""
    means = [result for result in results if not result.case.faster]
    fewest = min(result.case.replications for result in means)
    worst = min(result.corrected.estimate for result in means if result.case.replications == fewest)
    head = _INTRODUCTION.format(studies=_STUDIES, truth=_TRUTH_RUNS)
    below = [result for result in results if result.case.faster]
    return head + _rows(means) + _DIFFERENCES + _rows(below) + _CONCLUSION.format(few=fewest, worst=worst)


def _rows(results: list[Coverage]) -> str:
    return "".join(
        f"| {result.case.load:g} | {result.case.length:,.0f} | {result.case.replications} | {result.truth:.2f} "
        f"| {_share(result.students)} | {_share(result.corrected)} "
        f"| {result.students_width:.2f} | {result.corrected_width:.2f} |\n"
        for result in results
    )


def _share(interval: Interval) -> str:
    return f"{interval.estimate:.1%} ({interval.low:.1%}–{interval.high:.1%})"


def main() -> None:
    """Write the page; it takes some minutes."""
    PAGE.write_text(coverage_page([studied(case) for case in (*CASES, *DIFFERENCES)]), encoding="utf-8")


if __name__ == "__main__":
    main()
