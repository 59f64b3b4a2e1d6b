"""What is known of a scenario before it is run: its offered load, its long run, its sources, its calendar.

Input: a scenario.  Output: an :class:`Outlook`, which stands beside every result of the scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from planner.load import Load, offered_load
from planner.notices import unannounced_years
from planner.regime import Regime, regime_of
from scenarios.model import Scenario
from scenarios.provenance import Kind, count_kinds

__all__ = ["Outlook", "outlook_of"]


@dataclass(frozen=True)
class Outlook:
    """What is known of a scenario before it is run.

    Attributes
    ----------
    load
        Offered load of its pools and timetables.
    regime
        Whether the hall keeps up with its work.
    inputs
        How many of its numbers have each kind of source; empty if its table was not at hand.
    unannounced
        Calendar years of the run whose public holidays are only guessed.
    """

    load: Load
    regime: Regime
    inputs: Mapping[Kind, int]
    unannounced: tuple[int, ...]


def outlook_of(scenario: Scenario, raw: Mapping[str, Any] | None = None) -> Outlook:
    """Work out what is known of a scenario before it is run.

    Parameters
    ----------
    scenario
        The scenario.
    raw
        The table that it was made from (``Composed.raw``), for counting the sources of its numbers.

    Raises
    ------
    ScenarioError
        If its calendar has too few working days.
    """
    load = offered_load(scenario)
    inputs = {} if raw is None else count_kinds(scenario, raw)
    return Outlook(load, regime_of(scenario, load), inputs, unannounced_years(scenario))
