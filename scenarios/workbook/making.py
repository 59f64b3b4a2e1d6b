"""Making a scenario of a workbook: the skeleton of assumptions, with what the workbook states laid over it.

Input: a :class:`~scenarios.workbook.model.HallForm` without faults.  Output: a :class:`MadeHall`: the scenario's table,
its text as a file, and what the workbook's numbers say against each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from foundation.errors import HallplanError
from scenarios.compose.composing import Composed, compose_table
from scenarios.compose.writing import to_toml
from scenarios.provenance import entry_finder, numbers
from scenarios.workbook.demand import Demand, made_demand
from scenarios.workbook.estimates import NO_ESTIMATES, LogEstimates, lay_over_arrivals, lay_over_services
from scenarios.workbook.layout import ANY_DAY, QUESTIONS
from scenarios.workbook.model import HallForm
from scenarios.workbook.naming import NameRegistry, title_of
from scenarios.workbook.offices import office_changes, section_pools, window_pools
from scenarios.workbook.opening import hours_text, open_days
from scenarios.workbook.reading import group_of_department
from scenarios.workbook.services import MadeService, joint_routes, made_services
from scenarios.workbook.skeleton import new_skeleton
from scenarios.workbook.sources import assumed, both, given_by

__all__ = ["MadeHall", "application_shares", "make_hall", "scenario_name"]

_ORDER: Final = (
    *("format", "name", "title", "description", "run", "calendar", "sites", "people", "visitors", "pools"),
    *("timetables", "routes", "templates", "services", "arrivals", "provenance"),
)


@dataclass(frozen=True, eq=False)
class MadeHall:
    """A scenario that was made of a workbook.

    Attributes
    ----------
    name
        The scenario's name.
    table
        The table of its file.
    notes
        What the workbook's numbers, and those of the logs, say against each other.
    unanswered
        How many questions were left blank.
    """

    name: str
    table: Mapping[str, Any]
    notes: tuple[HallplanError, ...]
    unanswered: int

    @cached_property
    def composed(self) -> Composed:
        """The scenario, composed as a user's run of its file composes it."""
        return compose_table(dict(self.table), name=f"{self.name}.toml")

    @property
    def toml(self) -> str:
        """The text of its file."""
        return to_toml(self.table)


def make_hall(form: HallForm, *, name: str, estimates: LogEstimates = NO_ESTIMATES) -> MadeHall:
    """Return the scenario of a workbook.

    Parameters
    ----------
    form
        The workbook, which has no faults.
    name
        The scenario's name: letters, digits and hyphens.
    estimates
        What event logs of the hall tell in the place of assumptions.

    Raises
    ------
    HallplanError
        If its parts do not make a scenario, which is a mistake of the program.
    """
    raw = new_skeleton()
    names, sources = NameRegistry(), dict[str, dict[str, Any]]()
    services = made_services(form, group_of_department(form), names)
    lay_over_services(services, estimates)
    raw["routes"] |= joint_routes(services, form, names)
    shares = _shares(raw, form, sources)
    demand = made_demand(form, services, shares)
    _opening(raw, form, demand, sources)
    windows, window_sources = window_pools(form, names)
    sections, section_sources = section_pools(form, names)
    raw["pools"] = windows | sections | raw["pools"]
    sources |= window_sources | section_sources | demand.sources | office_changes(raw, form, len(sections))
    for service in services:
        sources |= service.sources
    sources |= lay_over_arrivals(demand.arrivals, estimates)
    raw |= {
        "name": name,
        "title": _title(form, name),
        "description": both("workbook.title.description", file=form.name),
        "services": {service.name: service.table for service in services},
        "arrivals": demand.arrivals,
    }
    table = _pruned(raw, services)
    table["provenance"] = _used(raw["provenance"] | sources, table, name)
    unanswered = len(QUESTIONS) - len(form.answers)
    return MadeHall(name, table, (*demand.notes, *estimates.notes), unanswered)


def application_shares(form: HallForm) -> dict[str, float]:
    """Return the shares of applications that lack papers and of certificates that are fetched, as stated or assumed."""
    return _shares(new_skeleton(), form, {})


def _title(form: HallForm, name: str) -> dict[str, str]:
    stated = form.answers.get("name")
    return title_of(stated.value) if stated is not None else both("workbook.title.hall", name=name)


def _shares(raw: dict[str, Any], form: HallForm, sources: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Set the shares of applications that lack papers and of certificates that are fetched; return them."""
    answers, templates = form.answers, raw["templates"]
    instant, case = templates["instant"]["visits"], templates["committed"]["case"]
    notice, stated, fetched = (answers.get(key) for key in ("one_time_notice", "incomplete", "fetched"))
    entry = None
    if stated is not None:
        share, entry = stated.value, given_by(stated, form.name)
    elif notice is not None:
        is_told = notice.value == "yes"
        level = raw["levels"]["incomplete"]["notice" if is_told else "no-notice"]
        share, (low, high) = level["share"], level["range"]
        entry = assumed(low, high, "workbook.source.notice" if is_told else "workbook.source.no_notice")
    if entry is not None:
        instant["apply"]["incomplete"]["share"] = case["missing"]["share"] = share
        sources |= {f"services.*.{path}": entry for path in ("visits.apply.incomplete", "case.missing")}
    if fetched is not None:
        case["collect"]["share"] = fetched.value
        sources["services.*.case.collect.share"] = given_by(fetched, form.name)
    return {
        "apply": instant["apply"]["incomplete"]["share"],
        "supplement": instant["supplement"]["incomplete"]["share"],
        "case": case["missing"]["share"],
        "collect": case["collect"]["share"],
    }


def _opening(raw: dict[str, Any], form: HallForm, demand: Demand, sources: dict[str, dict[str, Any]]) -> None:
    hall, calendar = raw["sites"]["hall"], raw["calendar"]
    hall["profile"] = demand.profile
    if form.hours:
        days = {
            ("default" if day == ANY_DAY else day): hours_text(row.intervals.value) for day, row in form.hours.items()
        }
        calendar["hours"] = {"default": calendar["hours"], **days} if days.keys() != {"default"} else days["default"]
        for day, row in form.hours.items():
            sources["calendar.hours" if day == ANY_DAY else f"calendar.hours.{day}"] = given_by(
                row.intervals, form.name
            )
    weekend = [day for day in ("sat", "sun") if day not in open_days(form.hours)]
    if len(weekend) < 2:
        calendar["weekend"] = weekend
    for key, stated in (("doors_open", form.doors_open), ("tickets_stop", form.tickets_stop)):
        if stated is not None:
            hall[key] = f"{stated.value:g} min"
            sources[f"sites.hall.{key}"] = given_by(stated, form.name)


def _pruned(raw: Mapping[str, Any], services: Iterable[MadeService]) -> dict[str, Any]:
    """Return the table without what nobody uses: templates, routes, timetables, pools and places."""
    templates = raw["templates"]
    like = {service.table["like"] for service in services}
    while missing := {templates[name]["like"] for name in like if "like" in templates[name]} - like:
        like |= missing
    used_templates = {name: table for name, table in templates.items() if name in like}
    tables: dict[str, Any] = {"templates": used_templates, "services": raw["services"]}
    routes = set(_named("route", tables))
    while missing := set(_named("route", {name: raw["routes"][name] for name in routes})) - routes:
        routes |= missing
    tables["routes"] = {name: route for name, route in raw["routes"].items() if name in routes}
    timetables, pools = set(_named("until", tables)), set(_named("pool", tables))
    tables["timetables"] = {name: table for name, table in raw["timetables"].items() if name in timetables}
    tables["pools"] = {
        name: pool for name, pool in raw["pools"].items() if name in pools or pool.get("role") == "window"
    }
    sites = {pool.get("site", "hall") for pool in tables["pools"].values()} | {"hall"}
    tables["sites"] = {name: site for name, site in raw["sites"].items() if name in sites}
    people = {person for source in raw["arrivals"].values() for person in source["people"]}
    tables["people"] = {name: person for name, person in raw["people"].items() if name in people}
    every = {**raw, **tables}
    return {key: every[key] for key in _ORDER if key != "provenance" and every[key]}


def _named(key: str, table: Mapping[str, Any]) -> Iterator[str]:
    """Yield every name that stands under a key anywhere in a table."""
    for name, value in table.items():
        if name == key and isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _named(key, value)


def _used(sources: Mapping[str, Any], table: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the sources that count for some number of the scenario."""
    composed = compose_table({**table, "provenance": dict(sources)}, name=f"{name}.toml")
    find = entry_finder(composed.scenario)
    used = {find(path) for path, _ in numbers(composed.raw)}
    return {path: entry for path, entry in sources.items() if path in used}


def scenario_name(stem: str) -> str:
    """Return a file's stem as the name of a scenario."""
    return "-".join(re.findall("[a-z0-9]+", stem.casefold()))[:64] or "own-hall"
