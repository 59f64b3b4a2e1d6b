"""What a scenario can say: the validated form of a scenario file, one module a concern.

Input: the nested dictionaries that :mod:`scenarios.compose.composing` has put together.  Output: a frozen
:class:`Scenario`.  Units stand in the text of a value ("12 min", "3 working days"); every key is checked, every number
bounded.  ``docs/reference/scenario-format.md`` documents the file format key by key.
"""

from scenarios.model.demand import Arrival, Backlog, ComesBack, Person, Slots, Visitors
from scenarios.model.evidence import Provenance, Target
from scenarios.model.hall import CalendarSpec, Pool, Shift, Site, Timetable
from scenarios.model.laws import Law
from scenarios.model.routes import COMPANIONS, Absent, Route, RouteRef, Step
from scenarios.model.run import LawRules, RunSpec
from scenarios.model.scenario import Scenario
from scenarios.model.services import Service
from scenarios.model.values import DAY_MS, EMPTY, Name, Text
from scenarios.model.vocabulary import FORMAT, MARKS, PURPOSES, STOPS, WEEKDAYS

__all__ = [
    "COMPANIONS",
    "DAY_MS",
    "EMPTY",
    "FORMAT",
    "MARKS",
    "PURPOSES",
    "STOPS",
    "WEEKDAYS",
    "Absent",
    "Arrival",
    "Backlog",
    "CalendarSpec",
    "ComesBack",
    "Law",
    "LawRules",
    "Name",
    "Person",
    "Pool",
    "Provenance",
    "Route",
    "RouteRef",
    "RunSpec",
    "Scenario",
    "Service",
    "Shift",
    "Site",
    "Slots",
    "Step",
    "Target",
    "Text",
    "Timetable",
    "Visitors",
]
