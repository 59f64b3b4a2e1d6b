"""How often travellers pass the steps of a route, and whether they ever get to its end.

In come validated routes; out go expected numbers of passes (the fundamental matrix of the route's absorbing Markov
chain, Kemeny and Snell 1960), or the loop that has no way out.  So endless rework is refused before anything is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scenarios.model import Scenario, Service, Step

__all__ = [
    "Loop",
    "Spawned",
    "inner_routes",
    "longest_loop",
    "passes",
    "route_of",
    "spawned",
    "visits_of",
    "zero_time_loop",
]


class Loop(Exception):  # noqa: N818 - it is caught where the sentence for the user is made
    """Steps (or visits) that go round: their names, in order, and the expected passes (infinite: no way out)."""

    def __init__(self, names: Sequence[str], expected: float) -> None:
        super().__init__(names, expected)
        self.names, self.expected = list(names), expected


@dataclass(frozen=True)
class Spawned:
    """What one passage of a route brings about, in the mean.

    Attributes
    ----------
    steps
        Steps taken, those of inner routes and branches included.
    visits
        Visits by purpose, and cases (``"case"``).
    """

    steps: float
    visits: Mapping[str, float]


def route_of(scenario: Scenario, reference: str | Mapping[str, Step]) -> Mapping[str, Step]:
    """Return the route that a name, or the route itself, stands for."""
    return scenario.routes[reference] if isinstance(reference, str) else reference


def _moves(route: Mapping[str, Step]) -> list[dict[int, float]]:
    """Return for every step where travellers go next, with probabilities; the route's end is ``len(route)``."""
    place = {name: index for index, name in enumerate(route)} | {"end": len(route)}
    moves: list[dict[int, float]] = []
    for index, step in enumerate(route.values()):
        taken = 0.0 if step.skip else step.share
        chances = {index + 1: 1 - taken}
        leaving = step.absent.share if step.absent is not None and step.absent.then == "leave" else 0.0
        targets = step.next if isinstance(step.next, dict) else {step.next: 1.0}
        for target, share in targets.items():
            to = index + 1 if target is None else place[target]
            chances[to] = chances.get(to, 0.0) + taken * share * (1 - leaving)
        chances[len(route)] = chances.get(len(route), 0.0) + taken * leaving
        moves.append({to: chance for to, chance in chances.items() if chance > 0})
    return moves


def _reached(moves: Sequence[Mapping[int, float]], start: int) -> set[int]:
    found, front = {start}, [start]
    while front:
        here = front.pop()
        new = [to for to in (moves[here] if here < len(moves) else ()) if to not in found]
        found.update(new)
        front += new
    return found


def _ring(moves: Sequence[Mapping[int, float]], member: int) -> list[int]:
    """Return the steps that lie on a common round with `member`."""
    after = _reached(moves, member)
    return sorted(node for node in after if node < len(moves) and member in _reached(moves, node))


def passes(route: Mapping[str, Step]) -> dict[str, float]:
    """Return the expected number of times that a traveller comes to every step.

    Raises
    ------
    Loop
        If there is a loop without a way out.
    """
    names, moves = list(route), _moves(route)
    if all(to > index for index, chances in enumerate(moves) for to in chances):
        expected = [1.0] + [0.0] * len(route)
        for index, chances in enumerate(moves):
            for to, chance in chances.items():
                expected[to] += expected[index] * chance
        return dict(zip(names, expected, strict=False))
    reached = sorted(_reached(moves, 0) - {len(route)})
    for node in reached:
        if len(route) not in _reached(moves, node):
            raise Loop([names[k] for k in _ring(moves, _inner(moves, node))], float("inf"))
    import numpy as np

    index_of = {node: index for index, node in enumerate(reached)}
    flow = np.eye(len(reached))
    for node in reached:
        for to, chance in moves[node].items():
            if to in index_of:
                flow[index_of[to], index_of[node]] -= chance
    try:
        solved = np.linalg.solve(flow, np.eye(len(reached))[:, index_of[0]])
    except np.linalg.LinAlgError:
        solved = np.full(len(reached), np.inf)
    return {name: float(solved[index_of[k]]) if k in index_of else 0.0 for k, name in enumerate(names)}


def _inner(moves: Sequence[Mapping[int, float]], node: int) -> int:
    """Follow a node that never gets to the end down to where it goes round for good."""
    seen: set[int] = set()
    while node not in seen:
        seen.add(node)
        node = min(moves[node])
    return node


def longest_loop(route: Mapping[str, Step], expected: Mapping[str, float]) -> Loop:
    """Return the loop around the step that is passed most often."""
    names = list(route)
    most = max(names, key=lambda name: expected[name])
    return Loop([names[k] for k in _ring(_moves(route), names.index(most))], expected[most])


def zero_time_loop(scenario: Scenario, route: Mapping[str, Step]) -> list[str]:
    """Return the names of steps that go round without any time passing (none, if there is no such loop)."""
    names, quick = list(route), list[dict[int, float]]()
    memory: dict[str, bool] = {}
    for index, (chances, step) in enumerate(zip(_moves(route), route.values(), strict=True)):
        passed_over = step.skip or step.share < 1
        stays = {to: c for to, c in chances.items() if to == index + 1} if passed_over else {}
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
    for reference in inner_routes(step):
        name = reference if isinstance(reference, str) else ""
        slow = memory.get(name) if name else None
        if slow is None:
            inner = route_of(scenario, reference).values()
            slow = any(_takes_time(scenario, part, memory) and not part.skip for part in inner)
            memory[name] = slow
        if slow:
            return True
    return False


def inner_routes(step: Step) -> Iterator[str | Mapping[str, Step]]:
    """Yield the routes that a step goes through: its named route, or its branches."""
    if step.route is not None:
        yield step.route
    yield from (step.fork or {}).values()


def spawned(scenario: Scenario, route: Mapping[str, Step], memory: dict[str, Spawned]) -> Spawned:
    """Return what one passage of a route brings about; `memory` keeps the answers for named routes.

    Raises
    ------
    Loop
        If there is a loop without a way out.
    """
    total, visits = 0.0, dict[str, float]()
    expected = passes(route)
    for name, step in route.items():
        taken = 0.0 if step.skip else expected[name] * step.share
        total += taken
        if step.visit is not None:
            visits[step.visit] = visits.get(step.visit, 0.0) + taken
        if step.start_case:
            visits["case"] = visits.get("case", 0.0) + taken
        for reference in inner_routes(step):
            if isinstance(reference, str):
                if reference not in memory:
                    memory[reference] = spawned(scenario, scenario.routes[reference], memory)
                inner = memory[reference]
            else:
                inner = spawned(scenario, reference, memory)
            total += taken * inner.steps
            for purpose, number in inner.visits.items():
                visits[purpose] = visits.get(purpose, 0.0) + taken * number
    return Spawned(total, visits)


def visits_of(scenario: Scenario, service: Service, memory: dict[str, Spawned]) -> dict[str, Spawned]:
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

    routes: dict[str, str | Mapping[str, Step]] = {str(name): visit for name, visit in service.visits.items()}
    if service.case is not None:
        routes["case"] = service.case
    names = list(routes)
    direct = [spawned(scenario, route_of(scenario, route), memory) for route in routes.values()]
    matrix = np.array([[one.visits.get(name, 0.0) for name in names] for one in direct])
    graph = [{int(to): float(row[to]) for to in np.flatnonzero(row)} for row in matrix]
    for row in range(len(names)):
        ring = _ring(graph, row) if any(row in _reached(graph, to) for to in graph[row]) else []
        if ring and max(abs(np.linalg.eigvals(matrix[np.ix_(ring, ring)]))) >= 1 - 1e-12:
            raise Loop([names[k] for k in ring], float("inf"))
    total = np.linalg.inv(np.eye(len(names)) - matrix)
    steps = total @ np.array([one.steps for one in direct])
    return {
        name: Spawned(float(steps[row]), dict(zip(names, map(float, total[row]), strict=True)))
        for row, name in enumerate(names)
    }
