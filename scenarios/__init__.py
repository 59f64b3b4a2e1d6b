"""What is simulated: the scenario format, its composition and levers, and the built-in library.

In come TOML files written by people; out come validated, immutable scenarios, or one clear sentence about what
is wrong with the file and where.  Everything else in Hallplan builds on this package, and it imports none of it.

The names below are imported when they are first asked for, so that ``import scenarios`` costs nothing.  The two
functions that bear the names of their modules are ``scenarios.compose.compose`` and ``scenarios.levers.levers``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scenarios.check import expected_arrivals, warnings
    from scenarios.compose import Composed, compose_text, composed, read_override, scenario_names
    from scenarios.errors import HallplanError, ScenarioError
    from scenarios.levers import Lever, LeverUse, lever
    from scenarios.model import Scenario
    from scenarios.schema import json_schema, lever_schema
    from scenarios.writing import canonical, fingerprint, to_toml

__all__ = [
    "Composed",
    "HallplanError",
    "Lever",
    "LeverUse",
    "Scenario",
    "ScenarioError",
    "canonical",
    "compose_text",
    "composed",
    "expected_arrivals",
    "fingerprint",
    "json_schema",
    "lever",
    "lever_schema",
    "read_override",
    "scenario_names",
    "to_toml",
    "warnings",
]

_HOME: Final = {
    **dict.fromkeys(("expected_arrivals", "warnings"), "check"),
    **dict.fromkeys(("Composed", "compose_text", "composed", "read_override", "scenario_names"), "compose"),
    **dict.fromkeys(("HallplanError", "ScenarioError"), "errors"),
    **dict.fromkeys(("Lever", "LeverUse", "lever"), "levers"),
    **dict.fromkeys(("json_schema", "lever_schema"), "schema"),
    **dict.fromkeys(("canonical", "fingerprint", "to_toml"), "writing"),
    "Scenario": "model",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
