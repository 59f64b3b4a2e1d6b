"""Moves that a hall could make next, and what cannot move, with the reason.

Input: a composed scenario.  Output: candidates, each with its expected gain by arithmetic: items or whole departments
that move in or out, windows of two departments that become one queue, and sections that merge.  The arithmetic screens:
ways saved for items, and for two queues Erlang's wait apart against together.  What is promising is then simulated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal, TypeAlias

import numpy as np

from foundation.errors import ScenarioError
from planner.erlang import erlang_c
from planner.item_choice import PlacedItem, items_inside, items_outside
from planner.item_moves import PLACE_PREFIXES, moved_in, moved_out
from planner.load import Load, PoolLoad
from scenarios.catalogue.model import CatalogueItem
from scenarios.catalogue.reading import built_in_catalogue
from scenarios.compose.composing import Composed
from scenarios.compose.levers import LeverUse
from scenarios.model import Scenario
from scenarios.paths import dotted
from sim.calendar import HOUR_MS

__all__ = ["MOVES", "Candidate", "Immovable", "Move", "Reason", "candidates", "changed_by", "immovable", "way_hours"]

Move: TypeAlias = Literal["in", "out", "pool", "merge"]
"""Items move into the hall, or to the sub-centres and towns; windows share a queue; sections merge."""
MOVES: Final[tuple[Move, ...]] = ("in", "out", "pool", "merge")
Reason: TypeAlias = Literal["files", "no_counter", "several_offices", "no_visits", "nowhere", "no_hall"]
"""Why an item cannot move: its files are in no scenario; its counter is not in this one; several offices or a higher
level decide it; nobody comes for it; there is no sub-centre and no town; the scenario has no item of the catalogue."""

_PREFIXES: Final[dict[Move, str]] = {"pool": "window-", "merge": "section-"}
"""How the pools are called that a move makes one queue of."""
POOLING_LEVERS: Final = ("windows-by-field", "pooled-windows")
"""Built-in levers that make one queue of many windows; an officer then needs longer for each visit."""
_SAME: Final = ("site", "hours", "at_break", "at_close", "discipline", "preemptive", "room", "work_factor")
"""What two pools must have in common before they can be one queue."""
_BUSY: Final = 0.98
"""Utilisation beyond which a queue counts as this busy: Erlang's wait of an overloaded one is infinite."""


@dataclass(frozen=True)
class Candidate:
    """A move.

    Attributes
    ----------
    move
        What kind it is.
    items
        The items that move.
    pools
        The pool that is merged, and the one into which it is.
    lever
        The built-in lever that pools many windows.
    department
        Whether the items are all those of a department that can move.
    expected
        What arithmetic expects: hours that visitors save a day, or hours that files wait less.
    concerned
        Visits a day, or files, that the move concerns.
    """

    move: Move
    items: tuple[PlacedItem, ...] = ()
    pools: tuple[str, ...] = ()
    lever: str = ""
    department: bool = False
    expected: float = 0.0
    concerned: float = 0.0

    @property
    def is_group(self) -> bool:
        """Whether it is a whole department, or many windows."""
        return self.department or bool(self.lever)

    @property
    def key(self) -> str:
        """A name that is the same in every language."""
        if self.lever:
            return f"{self.move}:{self.lever}"
        if self.pools:
            return f"{self.move}:{'+'.join(self.pools)}"
        if self.department:
            return f"{self.move}:department:{self.items[0].item.department.en}"
        return f"{self.move}:{self.items[0].name}"


@dataclass(frozen=True)
class Immovable:
    """An item that cannot move.

    Attributes
    ----------
    name, item
        ``item-108``, by its row in the catalogue; and the item.
    move
        The move that is not possible.
    reason
        Why.
    """

    name: str
    item: CatalogueItem
    move: Move
    reason: Reason


def candidates(composed: Composed, load: Load) -> list[Candidate]:
    """Return every move of a scenario, those with the greatest expected gain first within each kind.

    Parameters
    ----------
    composed
        The scenario.
    load
        Its offered load.
    """
    scenario = composed.scenario
    moves = list(_item_moves("in", items_outside(scenario), lambda placed: _way_in(scenario, placed)))
    if _places(scenario):
        moves += _item_moves("out", items_inside(scenario), lambda _: _way_out(scenario))
    moves += _pooling(composed, load)
    moves += [pair for move in ("pool", "merge") for pair in _pairs(scenario, load, move)]
    return sorted(moves, key=lambda candidate: (MOVES.index(candidate.move), -candidate.expected, -candidate.concerned))


def changed_by(composed: Composed, candidate: Candidate) -> Composed:
    """Return the scenario after a move.

    Raises
    ------
    HallplanError
        If the hall has no source to which items could come.
    """
    if candidate.move == "in":
        return moved_in(composed, candidate.items)
    if candidate.move == "out":
        return moved_out(composed, candidate.items)
    if candidate.lever:
        return composed.changed(levers=[LeverUse(candidate.lever)])
    merged, into = candidate.pools
    moving = [merged, *(name for name, pool in composed.scenario.pools.items() if pool.merge_into == merged)]
    return composed.changed(overrides={dotted(("pools", name, "merge_into")): into for name in moving})


def immovable(scenario: Scenario) -> list[Immovable]:
    """Return the items of the catalogue that cannot move in or out, with the reason."""
    outside = {placed.name for placed in items_outside(scenario)}
    inside = {placed.name: placed for placed in items_inside(scenario)}
    has_items, has_places = bool(outside or inside), bool(_places(scenario))
    rows = list[Immovable]()
    for row, item in enumerate(built_in_catalogue().items, 1):
        name = f"item-{row}"
        move: Move = "in" if item.place == "outside" else "out"
        reason: Reason | None = None
        if not has_items:
            reason = "no_hall"
        elif move == "in" and name not in outside and name not in scenario.services:
            reason = "no_counter" if item.item_class == "instant" else "files"
        elif move == "out" and not has_places:
            reason = "nowhere"
        elif move == "out" and item.item_class not in ("instant", "committed"):
            reason = "several_offices"
        elif move == "out" and (name not in inside or not inside[name].per_day) and not _has_moved(scenario, name):
            reason = "no_visits"
        if reason is not None:
            rows.append(Immovable(name, item, move, reason))
    return rows


def _has_moved(scenario: Scenario, name: str) -> bool:
    return any(service.endswith(f"-{name}") for service in scenario.services)


# ---- items ---------------------------------------------------------------------------------------------------------


def _item_moves(
    move: Move, items: Sequence[PlacedItem], hours_saved: Callable[[PlacedItem], float]
) -> Iterator[Candidate]:
    """Yield each item that somebody comes for, and each department with more than one."""
    by_department: dict[str, list[PlacedItem]] = {}
    for placed in items:
        if placed.per_day > 0:
            by_department.setdefault(placed.item.department.en, []).append(placed)
    for members in by_department.values():
        groups = [[placed] for placed in members] + ([members] if len(members) > 1 else [])
        for group in groups:
            yield Candidate(
                move,
                items=tuple(group),
                department=len(group) > 1,
                expected=sum(placed.per_day * hours_saved(placed) for placed in group),
                concerned=sum(placed.per_day for placed in group),
            )


def _places(scenario: Scenario) -> list[str]:
    return [name for name in scenario.sites if name.startswith(PLACE_PREFIXES)]


def way_hours(scenario: Scenario, site: str) -> float:
    """Return the hours of the way to a site and back; 0 where the scenario does not say how far it is."""
    way = scenario.sites[site].travel if site in scenario.sites else None
    return 0.0 if way is None else 2 * way / HOUR_MS


def _way_in(scenario: Scenario, placed: PlacedItem) -> float:
    return way_hours(scenario, scenario.arrivals[placed.source].site) - way_hours(scenario, "hall")


def _way_out(scenario: Scenario) -> float:
    return way_hours(scenario, "hall") - float(np.mean([way_hours(scenario, place) for place in _places(scenario)]))


# ---- queues --------------------------------------------------------------------------------------------------------


def _pairs(scenario: Scenario, load: Load, move: Move) -> Iterator[Candidate]:
    """Yield the pairs of queues that could be one: the same site, hours and rules, and no roster."""
    busy = {entry.pool: entry for entry in load.pools if entry.work_h_per_day > 0}
    pools = [
        name
        for name, pool in scenario.pools.items()
        if name.startswith(_PREFIXES[move]) and pool.merge_into is None and pool.roster is None and name in busy
    ]
    for into, merged in combinations(pools, 2):
        first, second = scenario.pools[into], scenario.pools[merged]
        if all(getattr(first, name) == getattr(second, name) for name in _SAME):
            both = busy[into], busy[merged]
            yield Candidate(
                move,
                pools=(merged, into),
                expected=sum(map(_waiting_hours, both)) - _waiting_hours(_together(*both)),
                concerned=sum(entry.servings_per_day for entry in both),
            )


def _pooling(composed: Composed, load: Load) -> Iterator[Candidate]:
    """Yield the levers that pool many windows, where they apply; their gain is left to the simulation."""
    servings = {entry.pool: entry.servings_per_day for entry in load.pools}
    for name in POOLING_LEVERS:
        try:
            after = composed.changed(levers=[LeverUse(name)]).scenario
        except ScenarioError:
            continue
        merged = [
            pool for pool, own in composed.scenario.pools.items() if after.pools[pool].merge_into != own.merge_into
        ]
        if len(merged) > 1:
            concerned = sum(servings.get(pool, 0.0) for pool in merged)
            yield Candidate("pool", pools=tuple(merged), lever=name, expected=float("inf"), concerned=concerned)


def _together(first: PoolLoad, second: PoolLoad) -> PoolLoad:
    return PoolLoad(
        first.pool,
        first.servings_per_day + second.servings_per_day,
        first.work_h_per_day + second.work_h_per_day,
        first.rostered_h_per_day + second.rostered_h_per_day,
        max(first.open_h_per_day, second.open_h_per_day),
    )


def _waiting_hours(load: PoolLoad) -> float:
    """Return the hours a day that all wait by Erlang C: the mean queue ``C a / (s - a)`` over the open hours."""
    servers = max(round(load.servers), 1)
    offered = min(load.offered_load, _BUSY * servers)
    return float(erlang_c(servers, offered)) * offered / (servers - offered) * load.open_h_per_day
