"""Checks of routes: names, clocks of laws, nesting, and loops.

Input: a scenario.  Output: nothing, or the first fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from foundation.identity import Identity
from scenarios.check.faults import fault, require_name, require_plain, require_time
from scenarios.model import Route, Scenario, Service, Step
from scenarios.paths import Path
from scenarios.routes import (
    CASE,
    END,
    Loop,
    expected_passes,
    longest_loop,
    parts,
    routes_of_service,
    successors,
    zero_time_loop,
)

__all__ = [
    "MOST_PASSES",
    "check_loops",
    "check_nesting",
    "check_route",
    "named_inside",
    "ring_text",
    "routes_with_paths",
]

MOST_PASSES: Final = 1_000
"""Times that one traveller may be expected to pass one step."""
DEEPEST_ROUTES: Final = 20
"""Routes that may go through one another."""

_PLAIN_LAWS: Final = ("work", "patience")
_TIME_LAWS: Final = ("delay", "after")


def routes_with_paths(routes: Mapping[str, Route], services: Mapping[str, Service]) -> Iterator[tuple[Path, Route]]:
    """Yield every route that is written out in these tables, those inside forks too, with its path."""
    queue: list[tuple[Path, str | Route]] = [(("routes", name), route) for name, route in routes.items()]
    for name, service in services.items():
        for purpose, route in routes_of_service(service).items():
            keys = (CASE,) if purpose == CASE else ("visits", purpose)
            queue.append((("services", name, *keys), route))
    for path, reference in queue:  # it grows on the way
        if not isinstance(reference, str):
            yield path, reference
            for name, step in reference.items():
                queue += [((*path, name, *part.keys), part.route) for part in parts(step)]


def check_route(scenario: Scenario, route: Route, path: Path) -> None:
    """Check every name and every law of a route."""
    for name, step in route.items():
        here = (*path, name)
        if step.pool is not None:
            require_name(step.pool, scenario.pools, "error.kind.pool", (*here, "pool"))
        if step.until is not None:
            require_name(step.until, scenario.timetables, "error.kind.timetable", (*here, "until"))
        if step.route is not None:
            require_name(step.route, scenario.routes, "error.kind.route", (*here, "route"))
        for branch, part in (step.fork or {}).items():
            if isinstance(part, str):
                require_name(part, scenario.routes, "error.kind.route", (*here, "fork", branch))
        if step.fork is not None and not step.fork:
            raise fault("error.fork_empty", (*here, "fork"))
        for target in filter(None, successors(step)):
            require_name(target, [*route, END], "error.kind.step", (*here, "next"))
        _check_clocks(step, here)


def _check_clocks(step: Step, path: Path) -> None:
    for key in _PLAIN_LAWS:
        require_plain(getattr(step, key), (*path, key))
    for key in _TIME_LAWS:
        require_time(getattr(step, key), (*path, key))
    if step.absent is not None:
        require_plain(step.absent.call, (*path, "absent", "call"))
        require_time(step.absent.away, (*path, "absent", "away"))


def check_nesting(scenario: Scenario, name: str, chain: tuple[str, ...]) -> None:
    """Insist that no route leads through itself: a breadth-first look at what each leads through."""
    parents: dict[str, str | None] = {name: None}
    front, depth = [name], 0
    while front:
        depth += 1
        inner: list[str] = []
        for here in front:
            for reference in named_inside(Identity(scenario.routes[here])):
                if reference == name:
                    ring = [name]
                    back: str | None = here
                    while back is not None:
                        ring.append(back)
                        back = parents[back]
                    raise fault("error.route_in_itself", ("routes", name), circle=" -> ".join(reversed(ring)))
                if reference not in parents:
                    parents[reference] = here
                    inner.append(reference)
        front = inner
        if depth > DEEPEST_ROUTES:
            raise fault("error.routes_too_deep", ("routes", name), deepest=DEEPEST_ROUTES)


@lru_cache(maxsize=4096)
def named_inside(route: Identity[Route]) -> tuple[str, ...]:
    """Return the named routes that a route goes through itself, in the routes that are written out in it too."""
    names = list[str]()
    for step in route.value.values():
        for part in parts(step):
            names += [part.route] if isinstance(part.route, str) else named_inside(Identity(part.route))
    return tuple(names)


def check_loops(scenario: Scenario, route: Route, path: Path) -> None:
    """Check that time passes in every loop, and that every loop ends after a bounded number of passes."""
    quick = zero_time_loop(scenario, route)
    if quick:
        raise fault("error.loop_without_time", (*path, quick[0]), loop=ring_text(quick))
    try:
        expected = expected_passes(route)
    except Loop as loop:
        raise fault("error.loop_endless", (*path, loop.names[0]), loop=ring_text(loop.names)) from None
    if max(expected.values()) > MOST_PASSES or min(expected.values()) < -0.5:
        longest = longest_loop(route, expected)
        raise fault(
            "error.loop_too_long",
            (*path, longest.names[0]),
            loop=ring_text(longest.names),
            expected=f"{longest.expected:,.0f}",
            most=MOST_PASSES,
        )


def ring_text(names: list[str]) -> str:
    """Return how messages write a loop."""
    return " -> ".join([*names, names[0]])
