"""The public API for the dial of centralisation: a scenario at a setting, to run and to compare as any other.

Input: a scenario by name or path, and a setting.  Output: the composed scenario.
"""

from __future__ import annotations

from pathlib import Path

from planner.centralising import Authority, Dial, Windows, centralised
from scenarios.compose.composing import composed
from scenarios.model import Scenario

__all__ = ["centralise"]


def centralise(
    reference: str | Path,
    *,
    items_in: str = "",
    sections: int | None = None,
    in_hall: bool = False,
    authority: Authority | None = None,
    windows: Windows | None = None,
    items_out: str = "",
    towns: int = 0,
    desks: int | None = None,
) -> Scenario:
    """Return a scenario at a setting of the dial; what is left out stays as the scenario has it.

    Parameters
    ----------
    reference
        The name of a built-in scenario, or the path of a file.
    items_in, items_out, sections, in_hall, authority, windows, towns, desks
        As for :class:`planner.centralising.Dial`.

    Raises
    ------
    HallplanError
        One sentence about what is wrong with the scenario or the setting.
    """
    dial = Dial(items_in, sections, in_hall, authority, windows, items_out, towns, desks)
    return centralised(composed(reference), dial).scenario
