"""The routes of a scenario as one graph of nodes, laid out in tables for the walker.

Input: a :class:`~sim.plan.Layout`.  Output: a :class:`Graph`.  Every step of every service's visits and case
is a node; a named route, or a fork whose branches follow one another, is laid in between its neighbours, so that
a walk needs no memory of where it came from.  Nothing here is random and nothing depends on servers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scenarios.model import MARKS, PURPOSES, Route, Service, Step
from scenarios.model.laws import Law
from scenarios.routes import CASE, parts, parts_in_line, successors, time_spent
from sim.draw.tables import END, NODE_DTYPE, NONE, Action, Routes
from sim.plan import Layout
from sim.program import Code, StepInfo

__all__ = ["DELAYS", "Graph", "compile_graph", "name_key"]

DELAYS: Final = {"plain": Code.CLOCK, "open": Code.OPEN, "days": Code.DAYS}
"""The operation that waits on each clock."""
_NO_INDEX: Final = ("law", "patience", "call", "away", "priority", "purpose", "mark", "step", "after_code")
_PLACES: Final = {name: place for place, name in enumerate(NODE_DTYPE.names or ())}
_KEY, _SKIPPED, _FROM, _UNTIL, _STEP, _SHARE = (
    _PLACES[name] for name in ("key", "skipped", "next_from", "next_until", "step", "share")
)
"""Places of the columns that each node has of its own."""
_BY_DEFAULT: Final = dict.fromkeys(_PLACES, 0) | dict.fromkeys(_NO_INDEX, NONE) | {"share": 1.0, "factor": 1.0}
"""What a node's columns hold where the step says nothing."""
_EMPTY: Final = tuple(_BY_DEFAULT.values())


@dataclass(frozen=True, eq=False)
class Graph:
    """All that visits and cases can go through.

    Attributes
    ----------
    routes
        The nodes and where each leads, as a walk reads them.
    visits
        First node by service and purpose, shape (services, purposes); -2 where there is no such visit.
    laws
        The laws that nodes and sources refer to.
    steps
        What stands behind `step`.
    stages
        The node of every step of a case's own route, by service and step.
    """

    routes: Routes
    visits: npt.NDArray[np.int32]
    laws: tuple[Law, ...]
    steps: tuple[StepInfo, ...]
    stages: dict[tuple[str, str], int]


@lru_cache(maxsize=1 << 15)
def name_key(*names: str) -> int:
    """Return the 64 bits by which streams know a name; kept for variants of a hall, whose names are the same."""
    return int.from_bytes(blake2b("\x1f".join(names).encode(), digest_size=8).digest(), "little")


def compile_graph(layout: Layout, further_laws: Iterable[Law]) -> Graph:
    """Lay out the routes of every service.

    Parameters
    ----------
    layout
        The scenario's layout.
    further_laws
        Laws that others refer to by position: they come first in ``Graph.laws``.
    """
    compiler = _Compiler(layout, further_laws)
    services = layout.scenario.services
    visits = np.full((len(services), len(PURPOSES)), -2, dtype=np.int32)
    for row, (name, service) in enumerate(services.items()):
        for purpose in service.visits:
            visits[row, PURPOSES.index(purpose)] = compiler.visit(name, service, purpose)
    for backlog in layout.scenario.backlog.values():
        compiler.case(backlog.service, services[backlog.service])
    nodes = np.zeros(len(compiler.nodes), dtype=NODE_DTYPE)
    for column, values in zip(NODE_DTYPE.names or (), zip(*compiler.nodes, strict=True), strict=False):
        nodes[column] = np.array(values, dtype=NODE_DTYPE[column])
    return Graph(
        routes=Routes(
            nodes=nodes if nodes.size else np.zeros(1, dtype=NODE_DTYPE),
            successors=np.array(compiler.successors, dtype=np.int64),
            edges=np.array(compiler.edges, dtype=np.float64),
            starts=np.array(compiler.starts, dtype=np.int64),
        ),
        visits=visits,
        laws=tuple(compiler.laws),
        steps=tuple(compiler.steps),
        stages=compiler.stages,
    )


@dataclass(frozen=True, eq=False)
class _Laid:
    """What is the same wherever a step is laid out: a named route is gone through by many services.

    Attributes
    ----------
    columns
        Its node's columns in their order, but for where it leads and what it begins elsewhere.
    targets, edges
        The steps that follow, ``None`` the one that stands next, and their shares added up.
    title
        (English, Chinese), each perhaps "".
    about
        Pool, time spent and stopped clock of its :class:`~sim.program.StepInfo`.
    """

    columns: tuple[Any, ...]
    targets: tuple[str | None, ...]
    edges: tuple[float, ...]
    title: tuple[str, str]
    about: tuple[str, str, str]


class _Compiler:
    def __init__(self, layout: Layout, laws: Iterable[Law]) -> None:
        self.layout, self.scenario = layout, layout.scenario
        self.nodes: list[Sequence[Any]] = []
        self.successors: list[int] = []
        self.edges: list[float] = []
        self.starts: list[int] = []
        self.laws = list(laws)
        self._law_numbers: dict[int, int] = {}
        self.steps: list[StepInfo] = []
        self._known: dict[tuple[str, str], int] = {}
        self.stages: dict[tuple[str, str], int] = {}
        self._timetables = {name: index for index, name in enumerate(self.scenario.timetables)}
        self._laid: dict[int, _Laid] = {}

    def visit(self, name: str, service: Service, purpose: str) -> int:
        """Return the first node of a visit."""
        return self._once(name, purpose, service.visits[purpose])  # type: ignore[index]

    def case(self, name: str, service: Service) -> int:
        """Return the first node of a service's case."""
        assert service.case is not None
        return self._once(name, CASE, service.case)

    def _once(self, name: str, what: str, route: str | Route) -> int:
        # A visit can lead to another visit for the same purpose: the door is there before what is behind it.
        if (name, what) not in self._known:
            door = self._node()
            self._known[name, what] = door
            first = self._route(name, (what,), route, END)
            self._fill(door, [*_EMPTY], key=name_key(name, what, ""), skipped=first, leads_to=(first,))
        return self._known[name, what]

    def _route(self, name: str, path: tuple[str, ...], route: str | Route, after: int) -> int:
        """Lay out a route that goes on at node `after`; return its first node."""
        steps = self.scenario.routes[route] if isinstance(route, str) else route
        place: dict[str | None, int] = {step: self._node() for step in steps}
        if path == (CASE,):
            self.stages |= {(name, step): place[step] for step in steps}
        place["end"] = after
        order = [*list(steps)[1:], "end"]
        for (label, step), following in zip(steps.items(), order, strict=True):
            place[None] = place[following]
            self._step(name, (*path, label), step, place)
        return place[next(iter(steps), "end")]

    def _step(self, name: str, path: tuple[str, ...], step: Step, place: dict[str | None, int]) -> None:
        """Lay out a step; `place` has the nodes of its route's steps, and under ``None`` that of the next one."""
        here, key, following = place[path[-1]], name_key(name, *path), place[None]
        if step.skip:
            self._fill(here, [*_EMPTY], key=key, skipped=following, leads_to=(following,))
            return
        laid = self._laid.get(id(step)) or self._lay(step)
        number = len(self.steps)
        title = (laid.title[0] or path[-1], laid.title[1] or path[-1])
        self.steps.append(StepInfo("/".join((name, *path)), name, path[0], title, *laid.about))
        leads_to = [place[target] for target in laid.targets]
        columns = [*laid.columns]
        columns[_STEP] = number
        if not parts_in_line(step):
            for column, value in self._begun_elsewhere(name, path, step).items():
                columns[_PLACES[column]] = value
            self._fill(here, columns, key=key, skipped=following, leads_to=leads_to, edges=laid.edges)
            return
        # In by `here`, through the parts, out by a node that carries the mark and the branching.
        out = self._node()
        first = out
        for part in reversed(parts(step)):
            first = self._route(name, (*path, *part.keys[1:]), part.route, first)
        way_in = [*_EMPTY]
        way_in[_SHARE], columns[_SHARE] = step.share, 1.0
        self._fill(here, way_in, key=key, skipped=following, leads_to=(first,))
        self._fill(out, columns, key=key, skipped=following, leads_to=leads_to, edges=laid.edges)

    def _lay(self, step: Step) -> _Laid:
        targets = successors(step)
        mark = NONE if step.mark is None else MARKS.index(step.mark)
        columns = _BY_DEFAULT | self._action(step) | {"share": step.share, "mark": mark}
        laid = _Laid(
            columns=tuple(columns.values()),
            targets=tuple(targets),
            edges=(*accumulate(list(targets.values())[:-1]), 1.0),
            title=(step.title.en, step.title.zh),
            about=(self.layout.pools[step.pool] if step.pool else "", time_spent(step), step.stops_clock or ""),
        )
        self._laid[id(step)] = laid
        return laid

    def _action(self, step: Step) -> dict[str, Any]:
        """Return what a step does itself."""
        if step.pool is not None:
            assert step.work is not None
            merged = self.scenario.pools[self.layout.pools[step.pool]]
            action: dict[str, Any] = {
                "action": Action.SERVE,
                "arg": self.layout.pool_index[step.pool],
                "law": self._law(step.work),
                "patience": self._law(step.patience),
                "factor": merged.work_factor,
                "priority": NONE if step.priority is None else step.priority,
            }
            if step.absent is not None:
                away = step.absent.away
                action |= {
                    "absent": step.absent.share,
                    "call": self._law(step.absent.call),
                    "away": self._law(away),
                    "away_code": DELAYS[away.clock] if away else NONE,
                    "leaves": step.absent.then == "leave",
                }
            return action
        if step.delay is not None:
            return {"action": Action.WAIT, "arg": DELAYS[step.delay.clock], "law": self._law(step.delay)}
        if step.until is not None:
            return {"action": Action.UNTIL, "arg": self._timetables[step.until]}
        return {}

    def _begun_elsewhere(self, name: str, path: tuple[str, ...], step: Step) -> dict[str, Any]:
        """Return what a step begins: branches, a visit or a case, each the service's own."""
        service = self.scenario.services[name]
        if step.fork is not None:
            branches = [self._route(name, (*path, *part.keys[1:]), part.route, END) for part in parts(step)]
            self.starts += branches
            return {"action": Action.FORK, "arg": len(self.starts) - len(branches), "until": len(self.starts)}
        if step.visit is not None:
            after = step.after
            return {
                "action": Action.VISIT,
                "arg": self.visit(name, service, step.visit),
                "purpose": PURPOSES.index(step.visit),
                "law": self._law(after),
                "after_code": DELAYS[after.clock] if after else NONE,
                "waits": step.wait,
            }
        if step.start_case:
            return {"action": Action.CASE, "arg": self.case(name, service)}
        return {}

    def _law(self, law: Law | None) -> int:
        if law is None:
            return NONE
        # A named route is laid out wherever it is gone through; its laws are the same each time.
        if id(law) not in self._law_numbers:
            self._law_numbers[id(law)] = len(self.laws)
            self.laws.append(law)
        return self._law_numbers[id(law)]

    def _node(self) -> int:
        self.nodes.append(_EMPTY)
        return len(self.nodes) - 1

    def _fill(
        self,
        node: int,
        columns: list[Any],
        *,
        key: int,
        skipped: int,
        leads_to: Sequence[int],
        edges: tuple[float, ...] = (1.0,),
    ) -> None:
        """Fill in a node: its columns, and where it leads, with shares added up."""
        columns[_KEY], columns[_SKIPPED], columns[_FROM] = key, skipped, len(self.successors)
        self.successors += leads_to
        self.edges += edges
        columns[_UNTIL] = len(self.successors)
        self.nodes[node] = columns
