"""From settings to the scenarios they mean, and what a planner is told about them.

Comes in: :class:`~hallplan.page.state.Settings`.  Goes out: a :class:`Plan` for each of its plans, composed, with the
changes that found no place; and the catalogue of scenarios and levers to choose from.  Composing is remembered, so
that a page may ask on every click.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

from foundation.errors import HallplanError
from foundation.messages import Language
from hallplan.page.files import UPLOAD, Uploads
from hallplan.page.memory import remembered
from hallplan.page.state import LeverChoice, PlanChoice
from hallplan.show.words import in_language
from planner.notices import unannounced_years
from scenarios.compose.composing import Composed, compose_table, compose_text, composed, scenario_names
from scenarios.compose.levers import Lever, LeverUse, levers
from scenarios.compose.reading import LIBRARY_FOLDER, parse
from scenarios.model import Scenario
from scenarios.paths import dotted

__all__ = [
    "UPLOADS",
    "Plan",
    "changes_of",
    "known_scenarios",
    "lever_catalogue",
    "levers_of",
    "plan_of",
    "plan_title",
    "scenario_title",
]

UPLOADS: Final = Uploads()
"""What visitors of this server have uploaded."""


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan, ready to be simulated.

    Attributes
    ----------
    composed
        Its scenario, and where its values come from.
    idle
        Pools whose number of servers was changed, and that the scenario does not have.
    """

    composed: Composed
    idle: tuple[str, ...] = ()

    @property
    def scenario(self) -> Scenario:
        """Its scenario."""
        return self.composed.scenario

    @cached_property
    def unannounced(self) -> tuple[int, ...]:
        """Years of its run whose holidays are not announced yet."""
        return unannounced_years(self.scenario)


# --- what there is to choose from ---------------------------------------------------------------------------------


def known_scenarios(*names: str) -> list[str]:
    """Return the built-in scenarios, the oldest of a family first, and those of `names` that were uploaded."""
    uploaded = [name for name in dict.fromkeys(names) if UPLOADS.get(name) is not None]
    return [*scenario_names(), *uploaded]


def scenario_title(name: str, language: Language) -> str:
    """Return what a scenario is called."""
    return in_language(_base(name).scenario.title, name, language)


def plan_title(choice: PlanChoice, language: Language) -> str:
    """Return what a plan is called: by its visitor, else as its scenario is."""
    return choice.title or scenario_title(choice.base, language)


@lru_cache(maxsize=1)
def lever_catalogue() -> Mapping[str, Lever]:
    """Return the levers that a switch can stand for: those whose parameters all have defaults."""
    return {
        lever.name: lever
        for lever in levers()
        if all(parameter.default is not None for parameter in lever.spec.parameters.values())
    }


@dataclass(frozen=True)
class LeversOf:
    """Levers that a scenario already has: those its file names, which can be left out, and those from further down."""

    own: tuple[str, ...]
    inherited: tuple[str, ...]


@remembered(maxsize=64)
def levers_of(name: str) -> LeversOf:
    """Return the levers of a scenario."""
    own = tuple(_lever_name(entry) for entry in _raw(name).get("levers", []))
    recorded = (record.partition("(")[0] for record in _base(name).scenario.levers)
    return LeversOf(own, tuple(lever for lever in dict.fromkeys(recorded) if lever not in own))


def _lever_name(entry: Any) -> str:
    return entry if isinstance(entry, str) else str(entry["use"])


# --- composing ----------------------------------------------------------------------------------------------------


def plan_of(choice: PlanChoice) -> Plan:
    """Return the plan that a visitor has chosen.

    Raises
    ------
    HallplanError
        One sentence about why it can't be composed.
    """
    return _plan(choice.base, choice.on, choice.off, choice.staff, choice.demand)


@remembered(maxsize=128)
def _plan(
    name: str,
    on: tuple[LeverChoice, ...],
    off: tuple[str, ...],
    staff: tuple[tuple[str, int], ...],
    demand: float,
) -> Plan:
    base = _without(name, frozenset(off)) if off else _base(name)
    uses = [LeverUse(choice.name, dict(choice.parameters)) for choice in on]
    with_levers = base.changed(levers=uses) if uses else base
    overrides, idle = _overrides(with_levers, staff, demand)
    return Plan(base.changed(levers=uses, overrides=overrides) if overrides else with_levers, idle)


def _overrides(
    with_levers: Composed, staff: Sequence[tuple[str, int]], demand: float
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the values that changes of staff and demand set, and the pools that are not there any more."""
    pools = with_levers.scenario.pools.keys() - with_levers.merged.keys()
    overrides: dict[str, Any] = {
        dotted(("pools", pool, "servers")): servers for pool, servers in staff if pool in pools
    }
    if demand != 1.0:
        overrides["demand"] = with_levers.scenario.demand * demand
    return overrides, tuple(pool for pool, _ in staff if pool not in pools)


def changes_of(choice: PlanChoice) -> tuple[list[LeverUse], dict[str, Any]]:
    """Return the levers that a plan puts on top of its scenario, and the values that it sets.

    Raises
    ------
    HallplanError
        One sentence about why it can't be composed.
    """
    uses = [LeverUse(lever.name, dict(lever.parameters)) for lever in choice.on]
    with_levers = plan_of(PlanChoice(choice.base, choice.on, choice.off)).composed
    return uses, _overrides(with_levers, choice.staff, choice.demand)[0]


@remembered(maxsize=64)
def _base(name: str) -> Composed:
    if name.startswith(UPLOAD):
        upload = _upload(name)
        return compose_text(upload[1], name=upload[0])
    if name not in scenario_names():
        raise HallplanError("page.link.no_scenario", name=name)
    return composed(name)


def _upload(name: str) -> tuple[str, bytes]:
    upload = UPLOADS.get(name)
    if upload is None:
        raise HallplanError("page.link.no_scenario", name=name)
    return upload.title, upload.data


def _raw(name: str) -> dict[str, Any]:
    if name.startswith(UPLOAD):
        title, data = _upload(name)
        return parse(data, name=title)
    return parse((LIBRARY_FOLDER / f"{name}.toml").read_bytes(), name=name)


@remembered(maxsize=64)
def _without(name: str, off: frozenset[str]) -> Composed:
    """Compose a scenario again, without some of the levers that its file names."""
    raw = _raw(name)
    raw["levers"] = [entry for entry in raw.get("levers", []) if _lever_name(entry) not in off]
    return compose_table(raw, name=name)
