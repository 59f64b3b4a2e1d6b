"""The one meaning of a step: where it leads, what it goes through, what it brings about, and which time it spends.

Input: validated routes.  Output: for one step its successors with their shares, its inner routes, the visits and cases
it spawns; for a whole route the expected passes of every step (the fundamental matrix of its absorbing Markov chain,
Kemeny and Snell 1960), or the loop that has no way out.  The checks, the offered load, the plan and the drawing of
journeys ask this module, so that a new kind of step or a new consequence is stated here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from foundation.identity import Identity
from scenarios.model import Route, Scenario, Service, Step
from scenarios.model.vocabulary import (
    ACTIONS,
    MEANT_BY_MARK,
    MILESTONE_OF_MARK,
    MILESTONE_OF_ROLE,
    MILESTONES,
    Milestone,
)
from scenarios.paths import Path

__all__ = [
    "CASE",
    "END",
    "Loop",
    "Part",
    "Spawned",
    "action_of",
    "expected_passes",
    "leaving_share",
    "longest_loop",
    "milestones_of_service",
    "moves",
    "parts",
    "parts_in_line",
    "pools_of_visits",
    "route_of",
    "routes_of_service",
    "share_taken",
    "spawned_by_route",
    "spawned_by_service",
    "spawned_by_step",
    "steps_of_service",
    "successors",
    "time_spent",
    "zero_time_loop",
]

CASE: Final = "case"
"""The name of a service's case beside its purposes of visits."""

END: Final = "end"
"""The name by which ``next`` refers to the end of the route."""


# ---- one step ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """A route that a step goes through.

    Attributes
    ----------
    keys
        Keys below the step that lead to it: ``("route",)``, or ``("fork", branch)``.
    route
        The route, or its name.
    in_line
        The same traveller goes through it; otherwise a part of the traveller does (a parallel branch).
    """

    keys: tuple[str, ...]
    route: str | Route
    in_line: bool


def action_of(step: Step) -> str:
    """Return the key that says what the step does, one of ``ACTIONS``; "" for a mark or a branching alone."""
    for name in ACTIONS:
        value = getattr(step, name)
        if value is not None and value is not False:
            return name
    return ""


def share_taken(step: Step) -> float:
    """Return the share of those who come to the step that take it; the others go on to the step that follows."""
    return 0.0 if step.skip else step.share


def leaving_share(step: Step) -> float:
    """Return the share of those who take the step that are absent when called and leave for good."""
    return step.absent.share if step.absent is not None and step.absent.then == "leave" else 0.0


def successors(step: Step) -> dict[str | None, float]:
    """Return where those go who have taken the step: names with shares; ``None`` is the step that follows."""
    if isinstance(step.next, dict):
        return {target: share for target, share in step.next.items()}  # noqa: C416 - it widens the keys' type
    return {step.next: 1.0}


def parts(step: Step) -> tuple[Part, ...]:
    """Return the routes that the step goes through: its named route, or its branches."""
    if step.route is not None:
        return (Part(("route",), step.route, True),)
    if step.fork is None:
        return ()
    in_line = parts_in_line(step)
    return tuple(Part(("fork", branch), route, in_line) for branch, route in step.fork.items())


def parts_in_line(step: Step) -> bool:
    """Tell whether the step's parts follow one another in its place, taken by the same traveller."""
    return step.route is not None or (step.fork is not None and step.order == "sequential")


def spawned_by_step(step: Step) -> str:
    """Return what the step itself brings about: a purpose of a visit, :data:`CASE`, or "" for nothing."""
    return CASE if step.start_case else step.visit or ""


def time_spent(step: Step) -> str:
    """Return which time the step spends.

    ``work`` at a pool; ``clock``, ``open`` or ``days`` in a delay; ``until`` a departure; ``applicant``: the office
    waits for a visit; ``branches``: the traveller waits for its parts; ``none``.
    """
    if step.delay is not None:
        return {"plain": "clock", "open": "open", "days": "days"}[step.delay.clock]
    return {"pool": "work", "until": "until", "visit": "applicant", "fork": "branches"}.get(action_of(step), "none")


def route_of(scenario: Scenario, reference: str | Route) -> Route:
    """Return the route that a name, or the route itself, stands for."""
    return scenario.routes[reference] if isinstance(reference, str) else reference


def routes_of_service(service: Service) -> dict[str, str | Route]:
    """Return the routes of a service: one for each purpose of a visit, and that of its case under :data:`CASE`."""
    routes: dict[str, str | Route] = {purpose: route for purpose, route in service.visits.items()}  # noqa: C416
    if service.case is not None:
        routes[CASE] = service.case
    return routes


def steps_of_service(scenario: Scenario, service: Service, path: Path) -> Iterator[tuple[Path, Step, bool]]:
    """Yield every step that a service's visitors or cases can come to, once for each place where it stands.

    Parameters
    ----------
    scenario, service
        The service, and the scenario that it is part of.
    path
        Where the service stands.

    Yields
    ------
    tuple
        Place, step, and whether a visitor takes it (not an application, and not a part of a visitor).
    """
    queue: list[tuple[Path, str | Route, bool]] = [
        ((*path, CASE) if name == CASE else (*path, "visits", name), route, name != CASE)
        for name, route in routes_of_service(service).items()
    ]
    seen: set[tuple[Path, bool]] = set()
    while queue:
        where, reference, visitor = queue.pop(0)
        if isinstance(reference, str):
            where = ("routes", reference)
        if (where, visitor) in seen:
            continue
        seen.add((where, visitor))
        for name, step in route_of(scenario, reference).items():
            here = (*where, name)
            yield here, step, visitor
            queue += [((*here, *part.keys), part.route, visitor and part.in_line) for part in parts(step)]


def pools_of_visits(scenario: Scenario, service: Service) -> frozenset[str]:
    """Return the pools that a visit to the service comes to, those of its parallel branches included."""
    pools, seen = set[str](), set[str]()
    queue: list[str | Route] = list(service.visits.values())
    while queue:
        reference = queue.pop()
        if isinstance(reference, str):
            if reference in seen:
                continue
            seen.add(reference)
        for step in route_of(scenario, reference).values():
            pools |= {step.pool} if step.pool is not None else set()
            queue += [part.route for part in parts(step)]
    return frozenset(pools)


def milestones_of_service(scenario: Scenario, service: Service) -> tuple[Milestone, ...]:
    """Return the milestones that the service's cases can come to, in order: by marks, and by roles of pools."""
    if service.case is None:
        return ()
    possible: set[Milestone | None] = {"decided"}  # a case without the mark is decided when it closes
    for _, step, visitor in steps_of_service(scenario, service, ("services",)):
        if not visitor:
            possible.add(MILESTONE_OF_ROLE.get(scenario.pools[step.pool].role) if step.pool else None)
            possible.add(MILESTONE_OF_MARK.get(MEANT_BY_MARK[step.mark]) if step.mark else None)
    return tuple(milestone for milestone in MILESTONES if milestone in possible)


# ---- one route as a Markov chain -----------------------------------------------------------------------------------


class Loop(Exception):  # noqa: N818 - it is caught where the sentence for the user is made
    """Steps (or visits) that go round: their names, in order, and the expected passes (infinite: no way out)."""

    def __init__(self, names: Sequence[str], expected: float) -> None:
        super().__init__(names, expected)
        self.names, self.expected = list(names), expected


def moves(route: Route) -> list[dict[int, float]]:
    """Return for every step where travellers go next, with probabilities; the route's end is ``len(route)``."""
    place = {name: index for index, name in enumerate(route)} | {END: len(route)}
    result: list[dict[int, float]] = []
    for index, step in enumerate(route.values()):
        passing, leaving = share_taken(step), leaving_share(step)
        chances = {index + 1: 1 - passing}
        for target, share in successors(step).items():
            to = index + 1 if target is None else place[target]
            chances[to] = chances.get(to, 0.0) + passing * share * (1 - leaving)
        chances[len(route)] = chances.get(len(route), 0.0) + passing * leaving
        result.append({to: chance for to, chance in chances.items() if chance > 0})
    return result


def expected_passes(route: Route) -> Mapping[str, float]:
    """Return the expected number of times that a traveller comes to every step.

    Raises
    ------
    Loop
        If there is a loop without a way out.
    """
    return _expected_passes(Identity(route))


@lru_cache(maxsize=2048)
def _expected_passes(key: Identity[Route]) -> Mapping[str, float]:
    route = key.value
    names, chain = list(route), moves(route)
    if all(to > index for index, chances in enumerate(chain) for to in chances):
        expected = [1.0] + [0.0] * len(route)
        for index, chances in enumerate(chain):
            for to, chance in chances.items():
                expected[to] += expected[index] * chance
        return dict(zip(names, expected, strict=False))
    reached = sorted(_reached(chain, 0) - {len(route)})
    for node in reached:
        if len(route) not in _reached(chain, node):
            raise Loop([names[k] for k in _ring(chain, _innermost(chain, node))], float("inf"))
    import numpy as np

    index_of = {node: index for index, node in enumerate(reached)}
    flow = np.eye(len(reached))
    for node in reached:
        for to, chance in chain[node].items():
            if to in index_of:
                flow[index_of[to], index_of[node]] -= chance
    try:
        solved = np.linalg.solve(flow, np.eye(len(reached))[:, index_of[0]])
    except np.linalg.LinAlgError:
        solved = np.full(len(reached), np.inf)
    return {name: float(solved[index_of[k]]) if k in index_of else 0.0 for k, name in enumerate(names)}


def longest_loop(route: Route, expected: Mapping[str, float]) -> Loop:
    """Return the loop around the step that is passed most often."""
    names = list(route)
    most = max(names, key=lambda name: expected[name])
    return Loop([names[k] for k in _ring(moves(route), names.index(most))], expected[most])


def zero_time_loop(scenario: Scenario, route: Route) -> list[str]:
    """Return the names of steps that go round without any time passing (none, if there is no such loop)."""
    names, quick = list(route), list[dict[int, float]]()
    memory: dict[str, bool] = {}
    for index, (chances, step) in enumerate(zip(moves(route), route.values(), strict=True)):
        stays = {to: c for to, c in chances.items() if to == index + 1} if share_taken(step) < 1 else {}
        quick.append(stays if _takes_time(scenario, step, memory) else chances)
    if all(to > index for index, chances in enumerate(quick) for to in chances):
        return []
    for index in range(len(names)):
        if any(index in _reached(quick, to) for to in quick[index]):
            return [names[k] for k in _ring(quick, index)]
    return []


def _takes_time(scenario: Scenario, step: Step, memory: dict[str, bool]) -> bool:
    if step.pool is not None or step.until is not None or (step.visit is not None and step.wait):
        return True
    if step.delay is not None:
        return step.delay.constant is None or step.delay.constant.value > 0
    for part in parts(step):
        name = part.route if isinstance(part.route, str) else ""
        slow = memory.get(name) if name else None
        if slow is None:
            inner = route_of(scenario, part.route).values()
            slow = any(_takes_time(scenario, inside, memory) and not inside.skip for inside in inner)
            if name:
                memory[name] = slow
        if slow:
            return True
    return False


def _reached(chain: Sequence[Mapping[int, float]], start: int) -> set[int]:
    reached, front = {start}, [start]
    while front:
        node = front.pop()
        new = [to for to in (chain[node] if node < len(chain) else ()) if to not in reached]
        reached.update(new)
        front += new
    return reached


def _ring(chain: Sequence[Mapping[int, float]], member: int) -> list[int]:
    """Return the steps that lie on a common round with `member`."""
    after = _reached(chain, member)
    return sorted(node for node in after if node < len(chain) and member in _reached(chain, node))


def _innermost(chain: Sequence[Mapping[int, float]], node: int) -> int:
    """Follow a node that never gets to the end down to where it goes round for good."""
    seen: set[int] = set()
    while node not in seen:
        seen.add(node)
        node = min(chain[node])
    return node


# ---- what a route and a service bring about ------------------------------------------------------------------------


@dataclass(frozen=True)
class Spawned:
    """What one passage of a route brings about, in the mean.

    Attributes
    ----------
    steps
        Steps taken, those of inner routes and branches included.
    visits
        Visits by purpose, and cases (:data:`CASE`).
    """

    steps: float
    visits: Mapping[str, float]


def spawned_by_route(scenario: Scenario, route: Route, memory: dict[str, Spawned]) -> Spawned:
    """Return what one passage of a route brings about; `memory` keeps the answers for named routes.

    Raises
    ------
    Loop
        If there is a loop without a way out.
    """
    total, visits = 0.0, dict[str, float]()
    expected = expected_passes(route)
    for name, step in route.items():
        passages = expected[name] * share_taken(step)
        total += passages
        spawned = spawned_by_step(step)
        if spawned:
            visits[spawned] = visits.get(spawned, 0.0) + passages
        for part in parts(step):
            if isinstance(part.route, str):
                if part.route not in memory:
                    memory[part.route] = spawned_by_route(scenario, scenario.routes[part.route], memory)
                inner = memory[part.route]
            else:
                inner = spawned_by_route(scenario, part.route, memory)
            total += passages * inner.steps
            for purpose, number in inner.visits.items():
                visits[purpose] = visits.get(purpose, 0.0) + passages * number
    return Spawned(total, visits)


def spawned_by_service(scenario: Scenario, service: Service, memory: dict[str, Spawned]) -> dict[str, Spawned]:
    """Return for every purpose (and the case) of a service what one such visit leads to, itself included.

    Parameters
    ----------
    scenario, service
        The service, and the scenario that it is part of.
    memory
        Keeps the answers for named routes.

    Raises
    ------
    Loop
        If visits and cases bring one another about without end.
    """
    import numpy as np

    routes = routes_of_service(service)
    names = list(routes)
    direct = [spawned_by_route(scenario, route_of(scenario, route), memory) for route in routes.values()]
    matrix = np.array([[spawned.visits.get(name, 0.0) for name in names] for spawned in direct])
    chain = [{int(to): float(row[to]) for to in np.flatnonzero(row)} for row in matrix]
    for row in range(len(names)):
        ring = _ring(chain, row) if any(row in _reached(chain, to) for to in chain[row]) else []
        if ring and max(abs(np.linalg.eigvals(matrix[np.ix_(ring, ring)]))) >= 1 - 1e-12:
            raise Loop([names[k] for k in ring], float("inf"))
    total = np.linalg.inv(np.eye(len(names)) - matrix)
    steps = total @ np.array([spawned.steps for spawned in direct])
    return {
        name: Spawned(float(steps[row]), dict(zip(names, map(float, total[row]), strict=True)))
        for row, name in enumerate(names)
    }
