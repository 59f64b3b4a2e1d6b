"""What to centralise or decentralise next: arithmetic screens all moves, simulation ranks the promising ones.

Input: a composed scenario, and what simulates scenarios under common random numbers.  Output: a
:class:`~planner.next_moves.result.NextMoves`.  Of each kind of move the few with the greatest expected gain are
simulated, with the hall as it is beside them.  Those that may be among the first and are not told apart get more
replications, until they are, each has had the most, or the budget is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from planner.frontier.budget import default_budget
from planner.frontier.race import looks_until
from planner.frontier.search import SimulateFigures
from planner.item_choice import items_outside
from planner.load import Load, offered_load
from planner.next_moves.candidates import MOVES, Candidate, candidates, changed_by, immovable
from planner.next_moves.ranking import Ranks, ranks_of
from planner.next_moves.result import GAINS, NextMoves, RankedMove, gain_of
from scenarios.compose.composing import Composed
from scenarios.model import Scenario
from sim.statistics.intervals import skewed_mean_interval

__all__ = ["NextOptions", "next_moves", "sources_outside"]

MOST_BUDGET: Final = 400
"""Replications of all together by default, at the most."""
TOP: Final = 3
"""Ranks that are worth telling apart."""
_ALPHA: Final = 0.05
_OFTEN: Final = 2
"""Pairs in which one pool is simulated at the most: else the busiest one would be in all of them."""
_LEAST_SEATS: Final = 0.01
"""Officers below whom a gain for each of them says nothing."""


@dataclass(frozen=True)
class NextOptions:
    """How much to simulate.

    Attributes
    ----------
    each
        Moves of each kind: single items and whole departments, in and out; two queues, and many; sections.
    budget
        Replications of all moves and of the hall as it is together; ``None`` for what half a minute allows,
        :data:`MOST_BUDGET` at the most.
    most
        Replications of one move.
    seed
        Of the random numbers; ``None`` for the scenario's own.
    """

    each: int = 3
    budget: int | None = None
    most: int = 18
    seed: int | None = None

    def allowed(self, scenario: Scenario, *, least: int = 0) -> int:
        """Return the replications of all together; by default no fewer than the first ones of each."""
        return default_budget(scenario, most=MOST_BUDGET, least=least) if self.budget is None else self.budget


def sources_outside(composed: Composed) -> tuple[str, ...]:
    """Return the sources of those who are served at the bureaux, for items that could move in."""
    return tuple(dict.fromkeys(placed.source for placed in items_outside(composed.scenario)))


def next_moves(composed: Composed, options: NextOptions, simulate: SimulateFigures) -> NextMoves:
    """Return the moves of a scenario by what they gain.

    Parameters
    ----------
    composed, options
        The question.
    simulate
        Simulates scenarios, and returns :data:`planner.next_moves.simulating.FIGURES`.

    Raises
    ------
    HallplanError
        If nothing can move, the budget is too small, the scenario does not say how far its sites are; or whatever
        `simulate` raises.
    """
    load = offered_load(composed.scenario)
    every = candidates(composed, load)
    if not every:
        raise HallplanError("next.error.nothing", scenario=composed.scenario.name)
    selected = [
        candidate
        for move in MOVES
        for kind in (False, True)
        for candidate in _promising([row for row in every if (row.move, row.is_group) == (move, kind)], options.each)
    ]
    least = looks_until(options.most)[0] * (len(selected) + 1)
    budget = options.allowed(composed.scenario, least=least)
    if budget < least:
        raise HallplanError("next.error.budget", budget=budget, n=len(selected), least=least)
    return _Search(composed, load, every, selected, replace(options, budget=budget), simulate).run()


def _promising(every: Sequence[Candidate], number: int) -> list[Candidate]:
    """Return the first moves of a kind, no pool in too many of the pairs."""
    selected, uses = list[Candidate](), dict[str, int]()
    for candidate in every:
        pools = () if candidate.is_group else candidate.pools
        if len(selected) < number and not any(uses.get(pool, 0) >= _OFTEN for pool in pools):
            selected.append(candidate)
            uses |= {pool: uses.get(pool, 0) + 1 for pool in pools}
    return selected


class _Search:
    """A search: the hall as it is and the moves, with their figures so far."""

    def __init__(
        self,
        composed: Composed,
        load: Load,
        every: Sequence[Candidate],
        selected: Sequence[Candidate],
        options: NextOptions,
        simulate: SimulateFigures,
    ) -> None:
        self._composed, self._every, self._selected = composed, every, selected
        self._options, self._simulate = options, simulate
        self._looks = looks_until(options.most)
        halls = [composed, *(changed_by(composed, candidate) for candidate in selected)]
        self._scenarios = [hall.scenario for hall in halls]
        self._seats = [
            _seats(load, composed, hall, candidate) for hall, candidate in zip(halls[1:], selected, strict=True)
        ]
        self._figures = [np.zeros((0, 4)) for _ in halls]
        self._used, self._budget = 0, options.allowed(composed.scenario)

    def run(self) -> NextMoves:
        """Simulate, rank, and put together the result."""
        self._replicate(range(len(self._scenarios)), self._looks[0])
        while undecided := self._undecided():
            done = min(len(self._figures[place]) for place in undecided)
            look = next((look for look in self._looks if look > done), None)
            raised = [place for place in undecided if len(self._figures[place]) == done]
            base = [0] if look is not None and len(self._figures[0]) < look else []
            if look is None or self._used + (look - done) * len([*base, *raised]) > self._budget:
                break
            self._replicate([*base, *raised], look)
        return self._result(is_settled=not undecided)

    def _replicate(self, places: Sequence[int], number: int) -> None:
        by_done: dict[int, list[int]] = {}
        for place in places:
            by_done.setdefault(len(self._figures[place]), []).append(place)
        for done, members in by_done.items():
            shown = self._simulate([self._scenarios[place] for place in members], done, number - done)
            self._used += (number - done) * len(members)
            for place, figures in zip(members, shown, strict=True):
                self._figures[place] = np.concatenate((self._figures[place], figures))
        if np.isnan(self._figures[0][:, 0]).any():
            raise HallplanError("next.error.no_way", scenario=self._composed.scenario.name)

    def _saved(self, place: int, figure: int) -> FloatArray:
        """Return by how much a figure is less after a move, by replication."""
        after = self._figures[place][:, figure]
        saved: FloatArray = self._figures[0][: after.size, figure] - after
        return saved

    def _gains(self, place: int) -> FloatArray:
        return self._saved(place, GAINS.index(gain_of(self._selected[place - 1])))

    def _ranks(self, gain: str) -> tuple[list[int], Ranks]:
        places = [place for place, candidate in enumerate(self._selected, 1) if gain_of(candidate) == gain]
        per_seat = [self._gains(place) / self._seats[place - 1] for place in places]
        return places, ranks_of(per_seat, self._looks, alpha=_ALPHA / len(GAINS))

    def _undecided(self) -> list[int]:
        """Return the moves that need more replications and have not had the most."""
        undecided = list[int]()
        for gain in GAINS:
            places, ranks = self._ranks(gain)
            undecided += [places[k] for k in ranks.undecided(TOP)]
        return [place for place in undecided if len(self._figures[place]) < self._looks[-1]]

    def _result(self, *, is_settled: bool) -> NextMoves:
        moves = list[RankedMove]()
        for gain in GAINS:
            places, ranks = self._ranks(gain)
            rows = [
                self._ranked(place, best, worst)
                for place, best, worst in zip(places, ranks.best, ranks.worst, strict=True)
            ]
            moves += sorted(rows, key=lambda row: -row.per_seat.estimate)
            is_settled = is_settled and not ranks.undecided(TOP)
        scenario, options = self._composed.scenario, self._options
        return NextMoves(
            scenario=scenario,
            moves=tuple(moves),
            screened=tuple(self._every),
            immovable=tuple(immovable(scenario)),
            budget=self._budget,
            used=self._used,
            most=options.most,
            each=options.each,
            level=1 - _ALPHA,
            seed=scenario.run.seed if options.seed is None else options.seed,
            is_settled=is_settled,
        )

    def _ranked(self, place: int, best: int, worst: int) -> RankedMove:
        candidate, seats, gains = self._selected[place - 1], self._seats[place - 1], self._gains(place)
        concerned = candidate.concerned or float("nan")
        return RankedMove(
            candidate,
            seats,
            per_day=skewed_mean_interval(gains).about("difference"),
            per_seat=skewed_mean_interval(gains / seats).about("difference"),
            per_trip=skewed_mean_interval(gains / concerned).about("difference"),
            cost=skewed_mean_interval(-self._saved(place, 2)).about("difference"),
            trips=skewed_mean_interval(self._saved(place, 3)).about("difference"),
            best_rank=best,
            worst_rank=worst,
            values=gains,
        )


def _seats(load: Load, before: Composed, after: Composed, candidate: Candidate) -> float:
    """Return how many officers a move concerns."""
    pools = before.scenario.pools
    if candidate.pools:
        moving = candidate.pools if candidate.lever else candidate.pools[:1]
        return float(max(sum(pools[name].servers for name in moving), 1))
    earlier = {entry.pool: entry.offered_load for entry in load.pools}
    loads = {entry.pool: entry.offered_load for entry in offered_load(after.scenario).pools}
    arriving = sum(max(offered - earlier.get(name, 0.0), 0.0) for name, offered in loads.items())
    opened = sum(pool.servers for name, pool in after.scenario.pools.items() if name not in pools)
    return max(arriving, float(opened), _LEAST_SEATS)
