"""Moving items of the catalogue: from the bureaux' counters to the hall's windows, or from these to other places.

Input: a composed scenario and the items.  Output: the scenario with each item as a service of its own where it is
handled now.  Visits move with their number and their mix; those of everything else stay.  What the files of a place
need comes along: a desk, and the courier.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, TypeAlias

from foundation import messages
from foundation.errors import HallplanError
from planner.item_choice import PlacedItem, sources_inside
from scenarios.catalogue.model import CatalogueItem
from scenarios.catalogue.reading import service_views
from scenarios.compose.composing import Composed
from scenarios.compose.moving import Demand
from scenarios.paths import dotted

__all__ = ["MOST_TOWNS", "PLACE_PREFIXES", "moved_in", "moved_out"]

MOST_TOWNS: Final = 50
"""Towns that one setting opens: more than a county has."""
PLACE_PREFIXES: Final = ("sub-centre-", "town-")
"""How the sites are called to which items of the hall can move."""

_Changes: TypeAlias = dict[str, Any]
"""Values by dotted path."""
_Visits: TypeAlias = dict[str, dict[str, float]]
"""Visits a day more (or less), by source and service."""
_HAND_OVER: Final = "hand-over"
_COURIER: Final = {"times": ["11:00"], "days": ["tue", "thu"], "transfer": True}
"""Rounds of the courier from the towns where no sub-centre has one: assumed, as those of the built-in sub-centres."""


def moved_in(composed: Composed, items: Sequence[PlacedItem]) -> Composed:
    """Return a scenario in which items are handled at the hall's windows.

    An item goes the way of the hall's service of its kind and department.  One of a kind that the hall has not yet
    takes as long as at the counter, at a window of its department; a department without one gets its first.

    Parameters
    ----------
    composed
        The scenario.
    items
        Items outside the hall.

    Raises
    ------
    HallplanError
        If the hall has no source to which they could come.
    """
    scenario, raw = composed.scenario, composed.raw
    sources, busiest = sources_inside(scenario), _busiest_source(composed)
    changes: _Changes = {}
    visits: _Visits = {}
    for placed in items:
        home = _hall_service(composed, placed.item)
        if home is None:
            table = deepcopy(raw["services"][placed.service])
            _redirect(table, _window(composed, placed.item, changes))
            changes |= _sources_like(raw, placed.service, placed.name)
        else:
            table = deepcopy(raw["services"][home])
        table |= {"title": placed.item.title.model_dump(), "department": _department(placed.item)}
        changes[dotted(("services", placed.name))] = table
        to = next((name for name, source in sources.items() if home in source.services), busiest)
        _move(visits, placed, {to: {placed.name: placed.per_day}})
    return composed.changed(overrides=changes | _demand_changes(composed, visits))


def moved_out(composed: Composed, items: Sequence[PlacedItem], *, towns: int = 0, desks: int | None = None) -> Composed:
    """Return a scenario in which items of the hall are handled at its sub-centres and towns, in equal shares.

    An item keeps its steps.  The place's desk stands at those of a visit, and takes the fee; the courier takes the
    files to the hall, and brings the certificates back.

    Parameters
    ----------
    composed
        The scenario.
    items
        Items of the hall.
    towns
        Towns that open a desk, besides the sub-centres and towns that there are.
    desks
        Windows at each place; by default as many as now, and one in a new town.

    Raises
    ------
    HallplanError
        If there is nowhere to go.
    """
    has_files = any(composed.scenario.services[placed.service].case is not None for placed in items)
    opened = _opened(composed, towns=towns, has_files=has_files)
    places = _places(opened)
    if not places:
        raise HallplanError("centralise.error.nowhere", scenario=composed.scenario.name)
    changes: _Changes = {}
    visits: _Visits = {}
    sources = {place: _source_at(opened, place) for place in places}
    for place, desk in places.items():
        if desks is not None:
            changes[dotted(("pools", desk, "servers"))] = desks
        if sources[place] not in opened.scenario.arrivals:
            like = opened.raw["arrivals"][_busiest_source(opened)] | {"site": place, "title": _title(opened, place)}
            changes[dotted(("arrivals", sources[place]))] = like
        for placed in items:
            changes[dotted(("services", f"{place}-{placed.name}"))] = _service_at(
                opened, placed, place=place, desk=desk
            )
    for placed in items:
        share = placed.per_day / len(places)
        _move(visits, placed, {sources[place]: {f"{place}-{placed.name}": share} for place in places})
    return opened.changed(overrides=changes | _demand_changes(opened, visits))


# ---- demand --------------------------------------------------------------------------------------------------------


def _move(visits: _Visits, placed: PlacedItem, to: Mapping[str, Mapping[str, float]]) -> None:
    """Note that an item's visits leave its service, and come for other services at other sources."""
    for source, services in ((placed.source, {placed.service: -placed.per_day}), *to.items()):
        rates = visits.setdefault(source, {})
        for service, per_day in services.items():
            rates[service] = rates.get(service, 0.0) + per_day


def _demand_changes(composed: Composed, visits: _Visits) -> _Changes:
    """Return the rates and weights of the sources, and where they come from."""
    changes: _Changes = {}
    formula = {language: messages.text("centralise.formula", language) for language in messages.LANGUAGES}
    for name, rates in visits.items():
        source = composed.scenario.arrivals.get(name)
        before = Demand(0.0, {}) if source is None else Demand(source.per_day or 0.0, source.services)
        after = before.plus(rates)
        changes[dotted(("arrivals", name, "per_day"))] = after.per_day
        changes[dotted(("arrivals", name, "services"))] = dict(after.weights)
        path = dotted(("provenance", dotted(("arrivals", name, "per_day"))))
        changes[path] = {"kind": "derived", "formula": formula}
    return changes


def _busiest_source(composed: Composed) -> str:
    sources = sources_inside(composed.scenario)
    if not sources:
        raise HallplanError("centralise.error.no_source", scenario=composed.scenario.name)
    return max(sources, key=lambda name: sources[name].per_day or 0.0)


# ---- the hall ------------------------------------------------------------------------------------------------------


def _hall_service(composed: Composed, item: CatalogueItem) -> str | None:
    """Return the hall's service of an item's kind and department, of its own section if there is one."""
    services = composed.scenario.services
    views = [
        view
        for view in service_views()
        if view.view == "hall"
        and item.kind in view.kinds
        and view.service in services
        and services[view.service].case is None
        and services[view.service].department == _department(item)
    ]
    views.sort(key=lambda view: (item.unit not in view.units, bool(view.units)))
    return views[0].service if views else None


def _sources_like(raw: Mapping[str, Any], service: str, name: str) -> _Changes:
    """Return where the numbers of a service come from, for another one with the same numbers."""
    own, new = f"services.{service}", f"services.{name}"
    entries = {path: entry for path, entry in raw.get("provenance", {}).items() if path.startswith(f"{own}.")}
    return {dotted(("provenance", new + path.removeprefix(own))): entry for path, entry in entries.items()}


def _department(item: CatalogueItem) -> str:
    """Return a department as the built-in scenarios write it."""
    return f"{item.department.zh} {item.department.en}"


def _window(composed: Composed, item: CatalogueItem, changes: _Changes) -> str:
    """Return the window of an item's department; its first one is among the changes."""
    department, pools = _department(item), composed.scenario.pools
    windows = {name: pool for name, pool in pools.items() if pool.role == "window"}
    own = next((name for name, pool in windows.items() if pool.department == department), None)
    if own is not None:
        return own
    name = "window-" + re.sub("[^a-z0-9]+", "-", item.department.en.lower()).strip("-")
    cost = max((pool.cost_per_hour for pool in windows.values()), default=0.0)
    title = {
        language: messages.text("centralise.window", language, department=item.department.said(language))
        for language in messages.LANGUAGES
    }
    changes[dotted(("pools", name))] = {
        "title": title,
        "department": department,
        "role": "window",
        "servers": 1,
        "cost_per_hour": cost,
    }
    return name


# ---- sub-centres and towns -----------------------------------------------------------------------------------------


def _opened(composed: Composed, *, towns: int, has_files: bool) -> Composed:
    """Return the scenario with new towns, a desk at each place, and a courier if files come from there."""
    scenario, raw = composed.scenario, composed.raw
    sites = [name for name in scenario.sites if name.startswith(PLACE_PREFIXES)]
    earlier = sum(name.startswith(PLACE_PREFIXES[1]) for name in sites)
    new = {f"town-{number}": number for number in range(earlier + 1, earlier + towns + 1)}
    changes: _Changes = {}
    for name, number in new.items():
        like = raw["sites"][sites[0] if sites else "hall"]
        title = {language: messages.text("centralise.town", language, n=number) for language in messages.LANGUAGES}
        changes[dotted(("sites", name))] = like | {"title": title}
    desks = [pool for pool in scenario.pools.values() if pool.role == "counter" and pool.site in sites]
    costs = [pool.cost_per_hour for pool in desks or scenario.pools.values()]
    for name in (*new, *(site for site in sites if site not in _places(composed))):
        title = {language: messages.text("centralise.desk", language) for language in messages.LANGUAGES}
        table = {"title": title, "site": name, "role": "counter", "servers": 1, "cost_per_hour": min(costs)}
        changes[dotted(("pools", f"desk-{name}"))] = table
        changes |= _assumed(("pools", f"desk-{name}", "servers"), "desk_range", (1, 4))
    prefixes = [prefix for prefix in PLACE_PREFIXES if any(name.startswith(prefix) for name in (*sites, *new))]
    for prefix in prefixes if has_files else ():
        if prefix + _HAND_OVER not in scenario.routes:
            rounds = raw.get("timetables", {}).get(f"{PLACE_PREFIXES[0]}courier", _COURIER)
            title = {language: messages.text("centralise.courier", language) for language in messages.LANGUAGES}
            changes[dotted(("timetables", f"{prefix}courier"))] = rounds | {"title": title}
            changes |= _assumed(("timetables", f"{prefix}courier"), "courier_range", ("1 a week", "1 a day"))
            bag = {"title": title, "until": f"{prefix}courier"}
            changes[dotted(("routes", prefix + _HAND_OVER))] = {"bag": bag}
    return composed.changed(overrides=changes) if changes else composed


def _assumed(path: Sequence[str], reason: str, limits: tuple[Any, Any]) -> _Changes:
    why = {language: messages.text(f"centralise.{reason}", language) for language in messages.LANGUAGES}
    return {dotted(("provenance", dotted(path))): {"kind": "assumed", "range": list(limits), "why": why}}


def _places(composed: Composed) -> dict[str, str]:
    """Return the desk of each sub-centre and town that has one."""
    scenario = composed.scenario
    desks = [(pool.site, name) for name, pool in scenario.pools.items() if pool.role == "counter"]
    first = dict(reversed(desks))
    return {site: first[site] for site in scenario.sites if site.startswith(PLACE_PREFIXES) and site in first}


def _source_at(composed: Composed, place: str) -> str:
    """Return the source of those who come to a place to apply; its name is the place's if there is none yet."""
    arrivals = composed.scenario.arrivals.items()
    return next((name for name, source in arrivals if (source.site, source.purpose) == (place, "apply")), place)


def _title(composed: Composed, place: str) -> dict[str, str]:
    title = composed.scenario.sites[place].title
    return {language: title.said(language) or place for language in messages.LANGUAGES}


def _service_at(composed: Composed, placed: PlacedItem, *, place: str, desk: str) -> dict[str, Any]:
    """Return an item's service as a place has it."""
    table: dict[str, Any] = deepcopy(composed.raw["services"][placed.service])
    _redirect(table, desk, routes=composed.raw.get("routes", {}))
    if "case" in table:
        case = table["case"]
        steps = deepcopy(composed.raw["routes"][case]) if isinstance(case, str) else case
        prefix = next(prefix for prefix in PLACE_PREFIXES if place.startswith(prefix))
        table["case"] = _with_courier(steps, prefix + _HAND_OVER)
    names = _title(composed, place)
    title = {language: f"{placed.item.title.said(language)} · {names[language]}" for language in messages.LANGUAGES}
    table["title"] = title
    return table


def _redirect(table: dict[str, Any], pool: str, *, routes: Mapping[str, Any] | None = None) -> None:
    """Let the visits of a service be served at one pool; ways to other desks, such as the cashier, are left out."""
    for purpose, route in table.get("visits", {}).items():
        steps = deepcopy((routes or {})[route]) if isinstance(route, str) else route
        for step in steps.values():
            if "pool" in step:
                step["pool"] = pool
            if "route" in step:
                step["skip"] = True
        table["visits"][purpose] = steps


def _with_courier(steps: Mapping[str, Any], route: str) -> dict[str, Any]:
    """Return the steps of a case with the courier's way after acceptance, and back before a certificate is fetched."""
    names = list(steps)
    accepted = next((name for name in names if steps[name].get("mark") == "accepted"), None)
    first = names[0 if accepted is None else min(names.index(accepted) + 1, len(names) - 1)]
    before = {first: "bag"} | {name: "bag-back" for name in names if steps[name].get("visit") == "collect"}
    result: dict[str, Any] = {}
    for name, step in steps.items():
        if name in before:
            result[before[name]] = {"route": route}
        result[name] = step | {"next": _renamed(step["next"], before)} if "next" in step else step
    return result


def _renamed(after: Any, names: Mapping[str, str]) -> Any:
    if isinstance(after, Mapping):
        return {names.get(name, name): share for name, share in after.items()}
    return names.get(after, after)
