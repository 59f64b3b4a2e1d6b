"""Round trips: known halls are simulated, their logs written, and the halls discovered again from the files.

Input: the halls in ``benchmarks/known_halls`` and the built-in township desk.  Output: a table of the figures of the
held-back part of each log that lie inside their 95% prediction intervals, by kind of figure and by hall;
``python -m benchmarks.round_trips --write`` keeps it in ``docs/reference/round-trips.md``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

from calibration.discovery.accuracy.accuracy import accuracy
from calibration.discovery.accuracy.holdout import forecast_scenarios, hold_out
from calibration.discovery.discover import discover
from calibration.eventlog import read_log
from calibration.eventlog.simulated import LogKind, simulated_log
from calibration.eventlog.write import write_log
from scenarios.compose.composing import compose, compose_text
from scenarios.model import Scenario
from sim.statistics.intervals import proportion_interval

__all__ = ["CASES", "DOCUMENT", "Case", "known_hall", "main", "round_trip", "shares_inside", "shortfalls"]

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "reference" / "round-trips.md"

_HALLS: Final = Path(__file__).resolve().parent / "known_halls"
_FORMATS: Final = (".csv", ".xlsx", ".xes")
_MIN_SHARE: Final = 0.93
"""Share of all figures that must lie inside."""
_NOMINAL: Final = 0.95
"""Share that the intervals promise: the binomial interval of every kind of figure must reach it."""
_LEVEL: Final = 0.99
"""Level of that binomial interval: with some kinds and halls, 95% would fail by chance too often."""
_SIMULATED: Final = 10
"""Simulated logs of a forecast, as ``hallplan calibrate log`` simulates by default."""


class Case(NamedTuple):
    """A known hall and the kind of log that it writes."""

    hall: str
    kind: LogKind


CASES: Final = (
    Case("two-desks", "tickets"),
    Case("two-desks", "activities"),
    Case("two-desks", "events"),
    Case("office", "activities"),
    Case("office", "events"),
    Case("laboratory", "activities"),
    Case("plain-ledger", "ledger"),
    Case("township-desk", "tickets"),
    Case("township-desk", "activities"),
    Case("township-desk", "ledger"),
    Case("priorities", "tickets"),
    Case("priorities", "activities"),
    Case("places", "activities"),
    Case("monthly", "activities"),
    Case("monthly", "ledger"),
    Case("absences", "tickets"),
    Case("absences", "activities"),
    Case("preemption", "activities"),
)
"""What is tried."""


def known_hall(name: str) -> Scenario:
    """Return a hall by the name of its file, or a built-in one."""
    file = _HALLS / f"{name}.toml"
    if file.exists():
        return compose_text(file.read_text(encoding="utf-8"), name=file.name).scenario
    return compose(name)


def round_trip(case: Case, replication: int, *, simulated: int = _SIMULATED) -> pd.DataFrame:
    """Write a log, discover its hall from the earlier part, and return the forecasts of the held-back part.

    Parameters
    ----------
    case
        The hall, and the kind of its log.
    replication
        Which random numbers; CSV, workbook and XES take turns.
    simulated
        Simulated logs of the forecast.

    Returns
    -------
    DataFrame
        One row a figure: ``hall``, ``kind``, ``format``, ``replication``, ``figure``, ``log``, ``simulated``, ``low``,
        ``high`` and ``inside``.
    """
    ending = _FORMATS[replication % len(_FORMATS)]
    log = simulated_log(known_hall(case.hall), case.kind, replication=replication)
    with tempfile.TemporaryDirectory() as folder:
        log_read = read_log(write_log(log.events, case.kind, Path(folder) / f"log{ending}"))
    earlier, begin, end = hold_out(log_read)
    scenarios = forecast_scenarios(discover(earlier), discover(log_read), begin, end, simulated)
    forecasts = accuracy(log_read, scenarios, begin, end).forecasts.reset_index()
    forecasts.insert(0, "replication", replication)
    forecasts.insert(0, "format", ending)
    forecasts.insert(0, "kind", case.kind)
    forecasts.insert(0, "hall", case.hall)
    return forecasts


def shares_inside(forecasts: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return by group the number of figures, the share inside its interval, and the share's 99% binomial interval."""
    rows = []
    for names, group in forecasts.groupby(list(by), sort=False):
        rows.append((*names, *_share(group)))
    return pd.DataFrame(rows, columns=[*by, "n", "inside", "low", "high"])


def _share(forecasts: pd.DataFrame) -> tuple[int, float, float, float]:
    n, inside = len(forecasts), int(forecasts["inside"].sum())
    interval = proportion_interval(inside, n, level=_LEVEL)
    return n, interval.estimate, interval.low, interval.high


def shortfalls(forecasts: pd.DataFrame) -> Iterator[str]:
    """Yield what falls short of the promise: all figures together, or a kind of figure."""
    n, share, _, _ = _share(forecasts)
    if share < _MIN_SHARE:
        yield f"all figures: {share:.1%} of {n} inside, less than {_MIN_SHARE:.0%}"
    for row in shares_inside(forecasts, ["figure"]).itertuples():
        if row.high < _NOMINAL:
            yield f"{row.figure}: {row.inside:.1%} of {row.n} inside; the 99% interval ends at {row.high:.1%}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the round trips and print how many figures lie inside their intervals; return 1 if too few do."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.round_trips", description=main.__doc__)
    parser.add_argument("--logs", type=int, default=9, help="logs of each hall")
    parser.add_argument("--first", type=int, default=0, help="number of the first replication")
    parser.add_argument(
        "--only", default="", help="only halls and logs whose names begin so, such as 'township-desk ledger'"
    )
    parser.add_argument("--outside", action="store_true", help="print the figures outside their intervals")
    parser.add_argument("--write", action="store_true", help=f"keep the tables in {DOCUMENT.name}")
    options = parser.parse_args(arguments)

    began, parts = time.perf_counter(), []
    for case in CASES:
        if not " ".join(case).startswith(options.only):
            continue
        trips = [round_trip(case, options.first + number) for number in range(options.logs)]
        parts += trips
        of_case = pd.concat(trips)
        seconds = time.perf_counter() - began
        print(
            f"{seconds:5.0f} s  {case.hall} {case.kind}: {of_case['inside'].mean():.1%} of {len(of_case)}", flush=True
        )
        if options.outside and not of_case["inside"].all():
            print(of_case[~of_case["inside"]].to_string(index=False), flush=True)
    forecasts = pd.concat(parts, ignore_index=True)
    print(_tables(forecasts))
    fallen_short = list(shortfalls(forecasts))
    print("\n".join(fallen_short))
    if options.write:
        command = f"python -m benchmarks.round_trips --logs {options.logs} --first {options.first} --write"
        replications = f"{options.first} to {options.first + options.logs - 1}"
        text = "\n".join(f"- {line}" for line in fallen_short) or "Nothing falls short of either requirement."
        DOCUMENT.write_text(
            _PAGE.format(command=command, replications=replications, tables=_tables(forecasts), shortfalls=text),
            encoding="utf-8",
        )
    return 1 if fallen_short else 0


def _tables(forecasts: pd.DataFrame) -> str:
    overall = pd.DataFrame([("all", *_share(forecasts))], columns=["figure", "n", "inside", "low", "high"])
    kinds = pd.concat([shares_inside(forecasts, ["figure"]), overall])
    halls = forecasts.assign(hall=forecasts["hall"] + ", " + forecasts["kind"])
    return "\n\n".join(
        (
            _table("figure", kinds["figure"], kinds),
            _table("hall, log", *_by(halls, "hall")),
            _table("format", *_by(forecasts, "format")),
        )
    )


def _by(forecasts: pd.DataFrame, column: str) -> tuple[pd.Series, pd.DataFrame]:
    table = shares_inside(forecasts, [column])
    return table[column], table


def _table(head: str, names: pd.Series, table: pd.DataFrame) -> str:
    lines = [f"| {head} | n | inside | 99% binomial interval |", "|---|---:|---:|---|"]
    lines += [
        f"| {name} | {row.n} | {row.inside:.1%} | {row.low:.1%}–{row.high:.1%} |"
        for name, row in zip(names, table.itertuples(), strict=True)
    ]
    return "\n".join(lines)


_PAGE: Final = """\
# Round trips: halls discovered again from their logs

`{command}` writes this page. Known halls (`benchmarks/known_halls`, and the
built-in township desk) are simulated, and their logs written to files: CSV, workbook and XES in turn. Each hall is
discovered from the first 70% of its log. Ten simulated logs give the 95% interval in which each figure of the other 30%
should lie. The tables count the figures that do.

Replications {replications} of every hall, with the seed in its file. Requirement: at least 93% of all figures lie
inside, and the 99% binomial interval (Clopper and Pearson) of every kind of figure reaches 95%.

{tables}

## What falls short

{shortfalls}
"""


if __name__ == "__main__":
    raise SystemExit(main())
