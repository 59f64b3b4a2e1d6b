"""The answer to what comes next: every move that was simulated, what it gains, and its rank.

Input: what the search has found.  Output: a :class:`NextMoves`, with tidy frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from foundation import messages
from foundation.arrays import FloatArray
from planner.next_moves.candidates import Candidate, Immovable
from scenarios.model import Scenario
from sim.statistics.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FRAMES", "GAINS", "Gain", "NextMoves", "RankedMove", "gain_of", "title_of"]

FRAMES: Final = ("moves", "screened", "immovable", "replications")

Gain: TypeAlias = Literal["visitors", "cases"]
"""What is saved: hours of visitors a day, or working days of cases a day."""
GAINS: Final[tuple[Gain, ...]] = ("visitors", "cases")


def gain_of(candidate: Candidate) -> Gain:
    """Return by what a move is ranked: sections merge for the cases, everything else is for visitors."""
    return "cases" if candidate.move == "merge" else "visitors"


@dataclass(frozen=True, eq=False)
class RankedMove:
    """A move that was simulated.

    Attributes
    ----------
    candidate
        The move.
    seats
        Officers whom it concerns: those whose work arrives at the new place, the new seats there if they are more;
        of a merge, those who move to the other's queue.
    per_day, per_seat, per_trip
        What is saved a day, for each seat, and for each visit or file that the move concerns.
    cost, trips
        Staff cost more a day, in yuan; and trips saved a day.
    best_rank, worst_rank
        By the gain for each seat, among moves with the same gain: the ranks that are not excluded.
    values
        What is saved a day, by replication.
    """

    candidate: Candidate
    seats: float
    per_day: Interval
    per_seat: Interval
    per_trip: Interval
    cost: Interval
    trips: Interval
    best_rank: int
    worst_rank: int
    values: FloatArray


@dataclass(frozen=True, eq=False)
class NextMoves:
    """What to centralise or decentralise next.

    Attributes
    ----------
    scenario
        The hall as it is.
    moves
        Those that were simulated, the best first within what they gain.
    screened
        All moves, those with the greatest expected gain first within each kind.
    immovable
        Items that cannot move.
    budget, used, most
        Replications that were allowed, that were simulated, and those of one move at the most.
    each
        Moves of each kind that were simulated at the most.
    level
        Confidence with which all ranks hold together.
    seed
        Of the random numbers, which all share.
    is_settled
        Whether the first moves are told apart.
    """

    scenario: Scenario
    moves: tuple[RankedMove, ...]
    screened: tuple[Candidate, ...]
    immovable: tuple[Immovable, ...]
    budget: int
    used: int
    most: int
    each: int
    level: float
    seed: int
    is_settled: bool

    def ranked(self, gain: Gain) -> tuple[RankedMove, ...]:
        """Return the moves that are ranked by a gain."""
        return tuple(move for move in self.moves if gain_of(move.candidate) == gain)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the moves, all candidates, the items that cannot move, and the gains by replication."""
        import pandas as pd

        moves = [
            {
                **_candidate_row(self.scenario, move.candidate),
                "gain": gain_of(move.candidate),
                "best_rank": move.best_rank,
                "worst_rank": move.worst_rank,
                "seats": move.seats,
                **{
                    f"{name}{end}": getattr(getattr(move, name), attribute)
                    for name in ("per_day", "per_seat", "per_trip", "cost", "trips")
                    for end, attribute in (("", "estimate"), ("_low", "low"), ("_high", "high"))
                },
                "replications": len(move.values),
            }
            for move in self.moves
        ]
        cannot = [
            {
                "item": row.name,
                "title": row.item.title.said(),
                "department": row.item.department.said(),
                "move": row.move,
                "reason": row.reason,
            }
            for row in self.immovable
        ]
        values = [
            {"key": move.candidate.key, "replication": number, "gain": value}
            for move in self.moves
            for number, value in enumerate(move.values.tolist())
        ]
        screened = [_candidate_row(self.scenario, candidate) for candidate in self.screened]
        return {
            "moves": pd.DataFrame(moves),
            "screened": pd.DataFrame(screened, columns=list(_CANDIDATE_COLUMNS)),
            "immovable": pd.DataFrame(cannot, columns=["item", "title", "department", "move", "reason"]),
            "replications": pd.DataFrame(values, columns=["key", "replication", "gain"]),
        }


_CANDIDATE_COLUMNS: Final = ("key", "move", "title", "items", "expected", "concerned")


def _candidate_row(scenario: Scenario, candidate: Candidate) -> dict[str, object]:
    return {
        "key": candidate.key,
        "move": candidate.move,
        "title": title_of(scenario, candidate),
        "items": len(candidate.items),
        "expected": candidate.expected if isfinite(candidate.expected) else float("nan"),
        "concerned": candidate.concerned,
    }


def title_of(scenario: Scenario, candidate: Candidate) -> str:
    """Return what to call a move: its items or department, or its two pools."""
    if candidate.lever:
        return messages.text(f"next.title.{candidate.lever}", n=len(candidate.pools))
    if candidate.pools:
        titles = [scenario.pools[name].title.said() or name for name in candidate.pools]
        return messages.text(f"next.title.{candidate.move}", merged=titles[0], into=titles[1])
    item = candidate.items[0].item
    if candidate.department:
        name = messages.text("next.department", department=item.department.said(), n=len(candidate.items))
    else:
        name = item.title.said()
    return messages.text(f"next.title.{candidate.move}", item=name)
