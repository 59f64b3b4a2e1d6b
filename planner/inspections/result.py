"""The answer to how many places inspection teams need.

Input: what was simulated.  Output: an :class:`Inspections`, and frames of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from planner.inspections.teams import Team
from scenarios.model import Scenario

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FRAMES", "SINCE", "Answer", "Inspections", "Judged", "Question", "Since", "TeamAnswer"]

FRAMES: Final = ("places", "answers")
"""Names of the frames of an :class:`Inspections`."""
Since: TypeAlias = Literal["accepted", "listed"]
"""Which day is the first one: that of acceptance, or that on which the case comes to wait for a place."""
SINCE: Final[tuple[Since, ...]] = get_args(Since)
_PLACE_COLUMNS: Final = (
    *("team", "joint", "since", "places", "places_per_day", "teams", "weeks"),
    *("share_of_weeks", "low", "high", "cases_share"),
)
_ANSWER_COLUMNS: Final = (
    *("team", "joint", "since", "outcome", "places", "places_per_day", "teams"),
    *("weeks", "share_of_weeks", "lower_bound", "ceiling", "ceiling_low", "ceiling_high"),
)


@dataclass(frozen=True)
class Question:
    """What is to hold.

    Attributes
    ----------
    weeks
        In which share of weeks.
    cases
        For which share of a week's cases.
    day
        By which working day, the first being 1.
    """

    weeks: float = 0.95
    cases: float = 1.0
    day: int = 2


@dataclass(frozen=True)
class Judged:
    """In how many weeks it holds with some number of places.

    Attributes
    ----------
    places
        Of one departure.
    share, low, high
        Share of weeks with its bounds.
    weeks
        How many there were.
    cases
        Share of all cases that are inspected in time.
    """

    places: int
    share: float
    low: float
    high: float
    weeks: int
    cases: float


Outcome: TypeAlias = Literal["certified", "not_certified", "out_of_reach"]
"""Whether a number was certified on fresh random numbers, or only found, or no number of places is enough."""


@dataclass(frozen=True)
class Answer:
    """How many places are needed, counted since one of the days.

    Attributes
    ----------
    since
        Which day is the first.
    outcome
        See :data:`Outcome`.
    certified
        What the fresh random numbers have shown for the least number, with one-sided bounds; ``None`` if no number is
        enough.
    ceiling
        With places and teams without limit.
    tried
        By number of places.
    """

    since: Since
    outcome: Outcome
    certified: Judged | None
    ceiling: Judged
    tried: tuple[Judged, ...]


@dataclass(frozen=True)
class TeamAnswer:
    """The answers for one team."""

    team: Team
    answers: tuple[Answer, ...]

    def answer(self, since: Since) -> Answer:
        """Return the answer counted since a day."""
        return self.answers[SINCE.index(since)]


@dataclass(frozen=True, eq=False)
class Inspections:
    """The answer.

    Attributes
    ----------
    scenario, question
        What was asked.
    teams
        Team by team.
    joint
        For one list that all teams share; ``None`` if they cannot share one.
    joint_fault
        Why not: ``single``, ``times`` or ``site``; "" if they can.
    confidence
        With which all certificates hold.
    """

    scenario: Scenario
    question: Question
    teams: tuple[TeamAnswer, ...]
    joint: TeamAnswer | None
    joint_fault: str
    confidence: float

    def saved_per_day(self, since: Since = "listed") -> float | None:
        """Return the places a working day that one list saves; ``None`` unless all numbers are certified."""
        if self.joint is None:
            return None
        apart, together = [], self.joint.answer(since).certified
        for team in self.teams:
            certified = team.answer(since).certified
            if certified is None or team.answer(since).outcome != "certified":
                return None
            apart.append(team.team.per_day(certified.places))
        if together is None or self.joint.answer(since).outcome != "certified":
            return None
        return sum(apart) - self.joint.team.per_day(together.places)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the numbers of places that were tried, and the answers."""
        import pandas as pd

        tried, answers = list[dict[str, Any]](), list[dict[str, Any]]()
        for entry in (*self.teams, *([self.joint] if self.joint is not None else [])):
            for answer in entry.answers:
                head = (entry.team.pool, entry is self.joint, answer.since)
                tried += [_tried_row(head, entry.team, judged) for judged in answer.tried]
                answers.append(_answer_row(head, entry.team, answer))
        return {
            "places": pd.DataFrame(tried, columns=list(_PLACE_COLUMNS)),
            "answers": pd.DataFrame(answers, columns=list(_ANSWER_COLUMNS)),
        }


def _tried_row(head: tuple[str, bool, str], team: Team, judged: Judged) -> dict[str, Any]:
    size = (judged.places, team.per_day(judged.places), team.teams_for(judged.places))
    values = (*head, *size, judged.weeks, judged.share, judged.low, judged.high, judged.cases)
    return dict(zip(_PLACE_COLUMNS, values, strict=True))


def _answer_row(head: tuple[str, bool, str], team: Team, answer: Answer) -> dict[str, Any]:
    certified, ceiling = answer.certified, answer.ceiling
    size: tuple[Any, ...] = (None,) * 6
    if certified is not None:
        places = certified.places
        size = (places, team.per_day(places), team.teams_for(places), certified.weeks, certified.share, certified.low)
    values = (*head, answer.outcome, *size, ceiling.share, ceiling.low, ceiling.high)
    return dict(zip(_ANSWER_COLUMNS, values, strict=True))
