"""Sentences that stand below results: what was simulated, from which numbers, and what the hall can't keep up with.

Input: scenarios, offered loads and regimes.  Output: sentences in the language in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from foundation import messages
from foundation.numbers import number
from hallplan.show.metrics import metric_title
from planner.compare import unequal_demand
from planner.load import Load
from planner.notices import unannounced_years_warnings
from planner.regime import Regime
from scenarios.model import Scenario
from scenarios.provenance import Kind
from sim.measure.headline import NEGLIGIBLE
from sim.run.replications import Replications

__all__ = [
    "calendar_notes",
    "coverage_note",
    "demand_note",
    "inputs_note",
    "near_capacity_note",
    "omissions",
    "overload_notes",
    "window_note",
]

_NEAR_CAPACITY: Final = 0.8
_ENOUGH_NEAR_CAPACITY: Final = 80
"""Replications with which intervals near capacity hold the truth as often as they say (docs/reference/coverage.md)."""

_UNSERVED: Final = {"left": "left_share", "turned": "turned_away_share", "there": "still_there_share"}
_OF_CALLED: Final = (
    *("ticket_wait_mean_min", "ticket_wait_q90_min"),
    *("wait_mean_min", "wait_median_min", "wait_q90_min", "wait_q95_min"),
)


def window_note(scenario: Scenario, *, replications: int, seed: int) -> str:
    """Say what was simulated: replications, days, seed."""
    window = scenario.run
    return messages.text(
        "cli.note.window_of_one" if replications == 1 else "cli.note.window",
        replications=replications,
        seed=seed,
        days=window.days,
        warm_up=window.warm_up_days,
        follow_up=window.follow_up_days,
        start=window.start.isoformat(),
    )


def omissions(run: Replications, metrics: Sequence[str]) -> list[str]:
    """Say what the figures of a run leave out, as far as it is not negligible.

    Parameters
    ----------
    run
        The replications.
    metrics
        The metrics that are shown.

    Returns
    -------
    list of str
        Sentences: visits that came to nothing, waits that a mean does not see, replications without a finite value,
        and that one replication has no interval.
    """
    notes = [_unserved(run), *([_uncalled(run)] if set(metrics) & set(_OF_CALLED) else []), *_infinite(run, metrics)]
    if len(run) == 1:
        notes.append(messages.text("cli.note.single"))
    return [note for note in notes if note]


def _share(run: Replications, key: str) -> float:
    return run.interval(key).estimate if key in run.columns else 0.0


def _unserved(run: Replications) -> str:
    if not _share(run, "unserved_share") >= NEGLIGIBLE:
        return ""
    parts = {name: number(_share(run, key), "share") for name, key in _UNSERVED.items()}
    return messages.text("cli.note.unserved", share=number(_share(run, "unserved_share"), "share"), **parts)


def _uncalled(run: Replications) -> str:
    if not _share(run, "wait_uncalled_share") >= NEGLIGIBLE:
        return ""
    share, mean = number(_share(run, "wait_uncalled_share"), "share"), run.interval("wait_all_mean_min").estimate
    return messages.text("cli.note.uncalled", share=share, mean=number(mean, "minutes"))


def _infinite(run: Replications, metrics: Sequence[str]) -> list[str]:
    """Explain infinite means: a quantile is infinite where too many cases were still open."""
    notes = []
    for key in metrics:
        infinite = int(np.isinf(run.columns[key]).sum()) if key in run.columns else 0
        if infinite:
            title = metric_title(key, run.scenario)
            notes.append(messages.text("cli.note.infinite", metric=title, n=infinite, replications=len(run)))
    return notes


def near_capacity_note(load: Load, replications: int) -> str:
    """Say that intervals of waits are less sure near capacity, where replications are few; else nothing.

    Beyond capacity there is no long run to be near to: :func:`overload_notes` says what holds there.

    Parameters
    ----------
    load
        Offered load of the scenario.
    replications
        How many there are.
    """
    near = [pool.pool for pool in load.pools if _NEAR_CAPACITY <= pool.utilisation < 1]
    if not near or not 1 < replications < _ENOUGH_NEAR_CAPACITY:
        return ""
    names = messages.text("cli.comma").join(near)
    return messages.text("cli.note.near_capacity", names=names, replications=replications, enough=_ENOUGH_NEAR_CAPACITY)


def inputs_note(inputs: Mapping[Kind, int]) -> str:
    """Say how many of a scenario's numbers are published, derived, assumed, or without a source."""
    parts = [messages.text(f"cli.count.{kind}", n=n) for kind, n in inputs.items() if n]
    return messages.text("cli.note.inputs", parts=messages.text("cli.comma").join(parts)) if parts else ""


def overload_notes(regime: Regime) -> list[str]:
    """Name what is asked for more than it can give, and say what becomes of it."""
    overloads = (
        ("cli.note.unstaffed", regime.unstaffed),
        ("cli.note.overloaded", [name for name in regime.falls_behind if name not in regime.unstaffed]),
        ("cli.note.overruns", [name for name in regime.overruns if name not in regime.unstaffed]),
    )
    comma = messages.text("cli.comma")
    return [messages.text(key, names=comma.join(names)) for key, names in overloads if names]


def calendar_notes(years: Sequence[int]) -> list[str]:
    """Name the years whose public holidays are not announced yet."""
    return [warning.sentence() for warning in unannounced_years_warnings(years)]


def demand_note(scenarios: Sequence[Scenario], names: Sequence[str]) -> str:
    """Say that scenarios do not have the same demand, so that differences of waits are due to it too; else nothing."""
    extremes = unequal_demand(scenarios, names)
    return "" if extremes is None else messages.text("statistics.compare.unequal_demand", **extremes)


def coverage_note(regimes: Sequence[Regime]) -> str:
    """Say what the intervals cover: no long run where a hall falls behind."""
    transient = any(regime.kind == "transient" for regime in regimes)
    return messages.text("cli.json.covers_transient" if transient else "cli.json.covers")
