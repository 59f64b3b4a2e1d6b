"""Questions put to the simulator: compare, staff, roster, search, attribute and sweep.

In come scenarios and a question; out come tidy tables with intervals: the difference a change makes, the
cheapest staff that keeps the promise, the demand at which it stops being kept, and the share each reform
has earned.

The names below are imported when they are first asked for.  The function that bears the name of its module is
``planner.compare.compare``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from planner.compare import Comparison, Difference
    from planner.controls import controlled
    from planner.load import Load, PoolLoad, TimetableLoad, offered_load
    from planner.notices import calendar_warnings, unannounced_years
    from planner.regime import Regime, regime_of
    from planner.select import Best, select_best, select_within_budget
    from planner.targets import TargetCheck, check_target
    from scenarios.provenance import Sourced, count_kinds, sourced

__all__ = [
    "Best",
    "Comparison",
    "Difference",
    "Load",
    "PoolLoad",
    "Regime",
    "Sourced",
    "TargetCheck",
    "TimetableLoad",
    "calendar_warnings",
    "check_target",
    "controlled",
    "count_kinds",
    "offered_load",
    "regime_of",
    "select_best",
    "select_within_budget",
    "sourced",
    "unannounced_years",
]

_HOME: Final = {
    **dict.fromkeys(("Comparison", "Difference"), "compare"),
    "controlled": "controls",
    **dict.fromkeys(("Load", "PoolLoad", "TimetableLoad", "offered_load"), "load"),
    **dict.fromkeys(("Sourced", "count_kinds", "sourced"), "provenance"),
    **dict.fromkeys(("calendar_warnings", "unannounced_years"), "notices"),
    **dict.fromkeys(("Regime", "regime_of"), "regime"),
    **dict.fromkeys(("Best", "select_best", "select_within_budget"), "select"),
    **dict.fromkeys(("TargetCheck", "check_target"), "targets"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
