"""A whole scenario: the tables of a file, put together.

Input: the nested dictionaries that :mod:`scenarios.compose.composing` has put together.  Output: a frozen
:class:`Scenario`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.model.demand import Arrival, Backlog, Person, Visitors
from scenarios.model.evidence import Provenance, Target
from scenarios.model.hall import CalendarSpec, Pool, Site, Timetable
from scenarios.model.routes import Route
from scenarios.model.run import LawRules, RunSpec
from scenarios.model.services import Service
from scenarios.model.values import EMPTY, Name, Table, Text
from scenarios.model.vocabulary import Format

__all__ = ["Scenario"]


class Scenario(Table):
    """A hall, its people, its demand and its rules: all that one simulation needs.

    Attributes
    ----------
    format
        Version of the format: 1.
    name, title, description
        What the scenario is called, and what it is about.
    levers
        The levers that were applied.
    demand
        Multiplies every rate of arrival.
    run, calendar, law
        How long to simulate; when is work; how limits are counted.
    sites, pools, timetables
        Places, servers, and what runs by the clock.
    routes, services
        Steps to go through: those with a name of their own, and those of every item of the catalogue.
    people, visitors, arrivals
        Who comes, what an hour of theirs is worth, and for what they come.
    backlog
        Cases that are open when the measured days begin.
    provenance
        Where the numbers come from: by dotted path, with ``*`` and ``?`` as wildcards.
    targets
        Published figures, by the name of a metric.
    """

    format: Format
    name: Name
    title: Text = EMPTY
    description: Text = EMPTY
    levers: list[str] = []
    demand: Annotated[float, Field(ge=0, le=1_000)] = 1.0
    run: RunSpec = RunSpec()
    calendar: CalendarSpec = CalendarSpec()
    law: LawRules = LawRules()
    sites: dict[Name, Site] = {"hall": Site()}
    pools: dict[Name, Pool] = {}
    timetables: dict[Name, Timetable] = {}
    routes: dict[Name, Route] = {}
    services: dict[Name, Service]
    people: dict[Name, Person] = {"citizen": Person()}
    visitors: Visitors = Visitors()
    arrivals: dict[Name, Arrival]
    backlog: dict[Name, Backlog] = {}
    provenance: dict[str, Provenance] = {}
    targets: dict[str, Target] = {}
