"""Sentences that stand below results: what was simulated, from which numbers, and what the hall can't keep up with.

Input: scenarios, offered loads and regimes.  Output: sentences in the language in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from foundation import messages
from planner.notices import calendar_warnings
from planner.regime import Regime
from scenarios.model import Scenario
from scenarios.provenance import Kind

__all__ = ["calendar_notes", "coverage_note", "inputs_note", "overload_notes", "window_note"]


def window_note(scenario: Scenario, *, replications: int, seed: int) -> str:
    """Say what was simulated: replications, days, seed."""
    window = scenario.run
    return messages.text(
        "cli.note.window",
        replications=replications,
        seed=seed,
        days=window.days,
        warm_up=window.warm_up_days,
        follow_up=window.follow_up_days,
        start=window.start.isoformat(),
    )


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


def calendar_notes(scenario: Scenario) -> list[str]:
    """Name the years whose public holidays are not announced yet."""
    return [warning.sentence() for warning in calendar_warnings(scenario)]


def coverage_note(regimes: Sequence[Regime]) -> str:
    """Say what the intervals cover: no long run where a hall falls behind."""
    transient = any(regime.kind == "transient" for regime in regimes)
    return messages.text("cli.json.covers_transient" if transient else "cli.json.covers")
