"""Everything random about one replication, drawn up front, entity by entity.

Input: a scenario, a seed and a replication.  Output: a :class:`~sim.program.Program`: every visit with its way
through every branching and rework loop, every service requirement, every patience; the engines that run it draw
nothing.  Each number is fixed by its names (source, service, step, visit count, purpose) and the visitor's place, so
that what one part of a scenario draws doesn't depend on any other part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from foundation.errors import HallplanError
from foundation.memory import usable_bytes
from scenarios.check import expected_arrivals
from scenarios.contents import contents_json
from scenarios.model import MARKS, PURPOSES, Arrival, Backlog, Scenario
from scenarios.model.laws import Law, mean_of
from sim import machine
from sim.calendar import DAY_MS
from sim.draw.arrivals import Demand, time_of_day_profile
from sim.draw.graph import DELAYS, Graph, compile_graph, name_key
from sim.draw.laws import Laws, whole
from sim.draw.philox import round_keys
from sim.draw.roots import RootDraws
from sim.draw.tables import GROUP_DTYPE, NONE, Day, ListedLaws, People, Walked, WalkTables
from sim.plan import Layout
from sim.program import Code, Kind, Program

__all__ = ["BYTES_A_VISIT", "WalkName", "draw", "drawn_digest", "expected_visits"]

WalkName = Literal["plain", "compiled"]
"""The two walks through the routes, which write the same."""

_NEXT_DAY: Final = Law.model_validate("1 working days")
_BACKLOG: Final = "backlog"
_CAPACITY: Final = dict.fromkeys(
    (
        *("title", "department", "role", "servers", "hours", "roster", "at_break", "at_close"),
        *("discipline", "preemptive", "room", "cost_per_hour"),
    ),
    True,
)
"""What a pool is like for those who come to it; who comes doesn't depend on it."""
BYTES_A_VISIT: Final = 700
"""What a visit takes at the least, from its draws to its measures: seen in M/M/3, 5.8 million visits in 4.0 GB."""
_GIGABYTE: Final = 10**9


def draw(
    scenario: Scenario, seed: int, replication: int, layout: Layout | None = None, *, walk: WalkName | None = None
) -> Program:
    """Draw one replication.

    Parameters
    ----------
    scenario
        What to draw from.
    seed, replication
        Together with the scenario they fix every number.
    layout
        The scenario's layout, if it is at hand; what can be worked out once for all replications is kept with it.
    walk
        ``compiled``, or ``plain``: the readable walk, some hundred times slower, with the same result to the last bit.
        By default the compiled one, and the plain one on a machine without Numba.

    Returns
    -------
    Program
        Operations and entities.  Two scenarios that differ only in servers and rosters have the same.
    """
    layout = layout or Layout.of(scenario)
    prepared = _prepared(layout)
    walked = _walk_of(walk)(prepared.tables(seed, replication))
    _fill_in(walked, prepared.laws)
    return Program(
        ops=walked.ops,
        entities=walked.entities,
        services=tuple(scenario.services),
        sources=(*scenario.arrivals, *(f"{_BACKLOG}/{name}" for name in scenario.backlog)),
        purposes=PURPOSES,
        people=tuple(scenario.people),
        steps=prepared.graph.steps,
        marks=MARKS,
    )


def _walk_of(name: WalkName | None) -> Callable[[WalkTables], Walked]:
    if name == "plain" or (name is None and not machine.can_compile()):
        from sim.draw.walk import walk as plain_walk

        return plain_walk
    from sim.draw.compiled_walk import walk  # compiled as it is imported, which the engines announce

    return walk


def drawn_digest(scenario: Scenario) -> str:
    """Return a digest of what :func:`draw` reads: scenarios that differ in capacity and words only have the same."""
    exclude: Any = {
        **dict.fromkeys(("name", "title", "description", "levers", "provenance", "targets"), True),
        **dict.fromkeys(("law", "visitors"), True),
        "pools": {"__all__": _CAPACITY},
        "sites": {"__all__": {"room": True, "at_close": True, "doors_open": True, "travel": True}},
        "timetables": {"__all__": {"times": True, "capacity": True, "count": True, "longest": True}},
    }
    return hashlib.sha256(contents_json(scenario, exclude).encode("utf-8")).hexdigest()


def _prepared(layout: Layout) -> _Prepared:
    if __name__ not in layout.prepared:
        layout.prepared[__name__] = _Prepared.of(layout)
    prepared: _Prepared = layout.prepared[__name__]
    return prepared


@dataclass(eq=False)
class _Prepared:
    """What all replications of a scenario share.

    Attributes
    ----------
    root_draws
        Who sets out when.
    groups, people, day, graph
        Tables for the walk.
    laws
        What the amounts are drawn from.
    """

    root_draws: RootDraws
    groups: npt.NDArray[np.void]
    people: People
    day: Day
    graph: Graph
    laws: Laws

    @classmethod
    def of(cls, layout: Layout) -> _Prepared:
        scenario = layout.scenario
        laws = [_NEXT_DAY]
        demand = {name: Demand.of(layout, name) for name in scenario.arrivals}
        _refuse_what_has_no_room(scenario, demand)
        tables = _GroupTables(layout, laws)
        for name, source in scenario.arrivals.items():
            tables.add_source(name, source, demand[name])
        backlog = {name: tables.add_backlog(name, part) for name, part in scenario.backlog.items()}
        graph = compile_graph(layout, laws)
        groups = np.array(tables.rows, dtype=GROUP_DTYPE)
        groups["start"] = graph.visits[groups["service"], groups["purpose"]]
        for name, part in scenario.backlog.items():
            groups["start"][backlog[name]] = graph.stages[part.service, part.stage or tables.first_stage(part)]
        people = list(scenario.people.values())
        return cls(
            root_draws=RootDraws.of(layout, demand, tables.numbers, backlog),
            groups=groups,
            people=People(
                shares=np.array(tables.person_shares),
                persons=np.array(tables.persons, dtype=np.int64),
                priority=np.array([person.priority for person in people], dtype=np.int64),
                work_factor=np.array([person.work_factor for person in people]),
            ),
            day=Day(moments=np.concatenate(tables.moments), shares=np.concatenate(tables.shares)),
            graph=graph,
            laws=Laws(graph.laws),
        )

    def tables(self, seed: int, replication: int) -> WalkTables:
        """Return what the walk of a replication reads."""
        return WalkTables(
            keys=round_keys(seed, replication),
            roots=self.root_draws.roots(seed, replication),
            groups=self.groups,
            people=self.people,
            day=self.day,
            routes=self.graph.routes,
            laws=ListedLaws(self.laws.bounds, self.laws.choices),
        )


def _refuse_what_has_no_room(scenario: Scenario, demand: Mapping[str, Demand]) -> None:
    """Refuse a replication that this machine cannot hold, before the system ends the process without a word.

    Raises
    ------
    HallplanError
        With the key that brings most, the number of visits and the memory that they need.
    """
    visits = expected_visits(scenario, demand)
    total, memory = sum(visits.values()), usable_bytes()
    need = total * BYTES_A_VISIT
    if memory and need > memory:
        raise HallplanError(
            "error.replications.no_room",
            key=max(visits, key=lambda name: visits[name]),
            visits=round(total),
            need=need / _GIGABYTE,
            memory=memory / _GIGABYTE,
        )


def expected_visits(scenario: Scenario, demand: Mapping[str, Demand]) -> dict[str, float]:
    """Return how many visits, or open cases, every source and every backlog brings, by its key in the scenario."""
    visits = dict[str, float]()
    for name, number in expected_arrivals(scenario).items():
        batch = scenario.arrivals[name].batch
        by_day = float(demand[name].means.sum()) * (mean_of(batch) if batch is not None else 1.0)
        visits[f"arrivals.{name}"] = number if scenario.arrivals[name].per_day is None else by_day
    for name, backlog in scenario.backlog.items():
        visits[f"backlog.{name}"] = sum(backlog.ages.values())
    return visits


class _GroupTables:
    """The walker's tables of groups, of who comes in them, and of how their day runs."""

    def __init__(self, layout: Layout, laws: list[Law]) -> None:
        self.layout, self.laws = layout, laws
        self.rows: list[tuple[float | int, ...]] = []
        self.numbers: dict[tuple[str, str], int] = {}
        self.person_shares: list[float] = []
        self.persons: list[int] = []
        self.moments: list[npt.NDArray[np.float64]] = []
        self.shares: list[npt.NDArray[np.float64]] = []
        self._person_numbers = {name: index for index, name in enumerate(layout.scenario.people)}
        self._days: dict[str, tuple[int, int]] = {}  # by site
        self._day_until = 0

    def add_source(self, name: str, source: Arrival, demand: Demand) -> None:
        """Enter the groups of one source."""
        back = source.comes_back
        common: dict[str, float | int] = {
            "share": back.share if back else 0.0,
            "source": list(self.layout.scenario.arrivals).index(name),
            "purpose": PURPOSES.index(source.purpose),
            "site": self.layout.sites.index(source.site),
            "enters": source.channel != "online" and self.layout.has_doors(source.site),
            "kind": Kind.ONLINE if source.channel == "online" else Kind.VISIT,
            "priority": source.priority,
            "patience": self._law(source.patience),
            "at_most": back.at_most if back else 0,
            "after": self._law(back.after) if back else 0,
            "after_code": DELAYS[back.after.clock] if back else Code.DAYS,
            "resumes": 0,
        }
        common |= self._people(source.people) | self._days_of(source.site, demand)
        for service in source.services:
            self.numbers[name, service] = self._add(common | {"key": name_key(name, service)}, service)

    def add_backlog(self, name: str, backlog: Backlog) -> int:
        """Enter the group of cases that are open to begin with; return its number."""
        scenario = self.layout.scenario
        row: dict[str, float | int] = {
            "key": name_key("", _BACKLOG, name),
            "share": 0.0,
            "source": len(scenario.arrivals) + list(scenario.backlog).index(name),
            "purpose": NONE,
            "site": self.layout.sites.index(backlog.site),
            "enters": self.layout.has_doors(backlog.site),
            "kind": Kind.CASE,
            "priority": scenario.services[backlog.service].case_priority,
            "patience": NONE,
            "at_most": 0,
            "after": 0,
            "after_code": Code.DAYS,
            "resumes": self.layout.first_measured * DAY_MS,
        }
        somebody = {next(iter(scenario.people)): 1.0}
        return self._add(row | self._people(somebody) | self._days_of(backlog.site), backlog.service)

    def first_stage(self, backlog: Backlog) -> str:
        """Return the step with which the case of a backlog's service begins."""
        scenario = self.layout.scenario
        case = scenario.services[backlog.service].case
        assert case is not None
        return next(iter(scenario.routes[case] if isinstance(case, str) else case))

    def _people(self, people: Mapping[str, float]) -> dict[str, int]:
        """Enter who comes; return where."""
        weights, first_person = np.cumsum(list(people.values())), len(self.persons)
        self.person_shares += (weights / weights[-1]).tolist()
        self.persons += [self._person_numbers[person] for person in people]
        return {"people_from": first_person, "people_until": len(self.persons)}

    def _days_of(self, site: str, demand: Demand | None = None) -> dict[str, int]:
        """Enter how the day of a source runs, and that of its site; return where."""
        if site not in self._days:
            self._days[site] = self._add_day(time_of_day_profile(self.layout, site, None)[0])
        of_site = of_source = self._days[site]
        if demand is not None and demand.source.profile is not None:
            of_source = self._add_day(demand.profile[0])
        names = ("day_from", "day_until", "site_day_from", "site_day_until")
        return dict(zip(names, (*of_source, *of_site), strict=True))

    def _add_day(self, day: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]) -> tuple[int, int]:
        """Enter how a day runs; return where."""
        moments, shares = day
        self.moments.append(moments)
        self.shares.append(shares)
        first, self._day_until = self._day_until, self._day_until + moments.size
        return first, self._day_until

    def _add(self, row: dict[str, float | int], service_name: str) -> int:
        """Enter a group, with what its service says; return its number."""
        service = self.layout.scenario.services[service_name]
        limit = service.promised_limit if service.promised_limit is not None else service.legal_limit
        row |= {
            "service": list(self.layout.scenario.services).index(service_name),
            "start": NONE,
            "case_priority": service.case_priority,
            "due": NONE if limit is None else limit,
        }
        self.rows.append(tuple(row[column] for column in GROUP_DTYPE.names or ()))
        return len(self.rows) - 1

    def _law(self, law: Law | None) -> int:
        if law is None:
            return NONE
        self.laws.append(law)
        return len(self.laws) - 1


def _fill_in(walked: Walked, laws: Laws) -> None:
    """Draw the amounts that the walk noted, and write them into the operations."""
    draws = walked.draws
    walked.ops.view(np.int64)[draws["word"]] = whole(laws.quantile(draws["law"], draws["u"]) * draws["factor"])
