"""The least number of places of inspection teams: searched under common random numbers, certified on fresh ones.

Input: a scenario, what is to hold, and how to simulate.  Output: an :class:`~planner.inspections.result.Inspections`.
Teams do not meet: each has its own list and its own people.  So one simulated hall tries a number for each of them at
once.  The unit is a week in which the team had a case.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from foundation.arrays import FloatArray, IntArray
from planner.inspections.result import SINCE, Answer, Inspections, Judged, Outcome, Question, Since, TeamAnswer
from planner.inspections.teams import UNLIMITED, Team, inspection_teams, joint_fault, with_one_list, with_places
from scenarios.model import Scenario
from sim.measure.inspection_weeks import InspectionWeeks, inspection_weeks
from sim.run.observing import Observe
from sim.statistics.clustered_shares import ShareBounds, share_bounds

__all__ = ["Effort", "inspections"]

_FOLLOWED: Final = 10
"""Working days after the measured ones: who is not inspected by then is late by any count."""
_WEEK: Final = 5


@dataclass(frozen=True)
class Effort:
    """How much is simulated.

    Attributes
    ----------
    search
        Replications of each number of places.
    numbers
        Numbers of places that are tried, from the least with which the list does not grow.
    attempts
        Attempts at a certificate, each on fresh random numbers.
    alpha
        Probability that some certified number does not hold.
    """

    search: int = 3
    numbers: int = 8
    attempts: int = 3
    alpha: float = 0.05

    def level(self, attempt: int, teams: int) -> float:
        """Return the level of each bound of an attempt: a half, a quarter, … of alpha, shared by teams and counts."""
        return 1 - self.alpha / float(2 ** (attempt + 1) * teams * len(SINCE))

    def check(self, scenario: Scenario, weeks: float, teams: int) -> int:
        """Return the replications of an attempt: three times the weeks that would certify without a failure.

        ``n`` weeks without a failure give the lower bound ``(1 - level)^(1/n)``.
        """
        needed = 3 * math.log(1 - self.level(0, teams)) / math.log(weeks)
        return max(2, math.ceil(needed / max(scenario.run.days / _WEEK, 1.0)))


def inspections(
    scenario: Scenario, question: Question, simulate: Observe, *, effort: Effort | None = None
) -> Inspections:
    """Search for the least numbers of places, team by team and for one list of all teams.

    Parameters
    ----------
    scenario, question
        The hall, and what is to hold.
    simulate
        How to simulate.
    effort
        How much is simulated.

    Raises
    ------
    HallplanError
        If the scenario has no inspection team.
    """
    effort = effort or Effort()
    run = scenario.run.model_copy(update={"follow_up_days": _FOLLOWED})
    scenario = scenario.model_copy(update={"run": run})
    teams = inspection_teams(scenario)
    apart = _search(scenario, teams, question, simulate, effort)
    fault, joint = joint_fault(scenario, teams), None
    if not fault:
        together, team = with_one_list(scenario, teams)
        (joint,) = _search(together, (team,), question, simulate, effort)
    return Inspections(scenario, question, apart, joint, fault, 1 - effort.alpha)


def _search(
    scenario: Scenario, teams: Sequence[Team], question: Question, simulate: Observe, effort: Effort
) -> tuple[TeamAnswer, ...]:
    read = partial(inspection_weeks, teams=[(team.slots, team.pool) for team in teams], day=question.day)
    numbers = [{team.slots: team.least + more for team in teams} for more in range(effort.numbers)]
    numbers.append(dict.fromkeys(numbers[0], UNLIMITED))
    systems = [with_places(scenario, places, teams) for places in numbers]
    observed = simulate(systems, read, first=0, replications=effort.search)
    tried: dict[Since, list[list[Judged]]] = {
        since: [
            [
                _judged(place, places[team.slots], runs, since, question, 0.975)
                for places, runs in zip(numbers, observed, strict=True)
            ]
            for place, team in enumerate(teams)
        ]
        for since in SINCE
    }
    answers = {
        since: _certified(scenario, teams, question, simulate, effort, since, by_team)
        for since, by_team in tried.items()
    }
    return tuple(TeamAnswer(team, tuple(answers[since][place] for since in SINCE)) for place, team in enumerate(teams))


def _certified(
    scenario: Scenario,
    teams: Sequence[Team],
    question: Question,
    simulate: Observe,
    effort: Effort,
    since: Since,
    tried: Sequence[Sequence[Judged]],
) -> list[Answer]:
    """Certify for every team the least number that the search has seen hold."""
    current = [_first_enough(row, question.weeks) for row in tried]
    outcomes: list[Outcome] = ["out_of_reach" if index is None else "not_certified" for index in current]
    shown: list[Judged | None] = [None] * len(teams)
    check = effort.check(scenario, question.weeks, len(teams))
    for attempt in range(effort.attempts):
        open_teams = [place for place, outcome in enumerate(outcomes) if outcome == "not_certified"]
        if not open_teams:
            break
        places = {teams[place].slots: teams[place].least + (current[place] or 0) for place in open_teams}
        read = partial(inspection_weeks, teams=[(team.slots, team.pool) for team in teams], day=question.day)
        first = effort.search + (SINCE.index(since) * effort.attempts + attempt) * check
        (runs,) = simulate([with_places(scenario, places, teams)], read, first=first, replications=check)
        for place in open_teams:
            level = effort.level(attempt, len(teams))
            judged = _judged(place, places[teams[place].slots], runs, since, question, level)
            shown[place] = judged
            index = current[place] or 0
            if judged.low >= question.weeks:
                outcomes[place] = "certified"
            elif index + 1 < effort.numbers:
                current[place] = index + 1
    return [
        Answer(since, outcome, judged, row[-1], tuple(row[:-1]))
        for outcome, judged, row in zip(outcomes, shown, tried, strict=True)
    ]


def _first_enough(row: Sequence[Judged], weeks: float) -> int | None:
    """Return the place of the first number that is enough; the last one if none is seen to be, yet more might be.

    The last of the row has places without limit: where even its upper bound falls short, no number is enough.
    """
    if math.isnan(row[-1].share) or row[-1].high < weeks:
        return None
    return next((place for place, judged in enumerate(row[:-1]) if judged.share >= weeks), len(row) - 2)


def _judged(
    place: int, places: int, runs: Sequence[InspectionWeeks], since: Since, question: Question, level: float
) -> Judged:
    """Judge the weeks of one team."""
    cases: IntArray = np.concatenate([run.cases[place] for run in runs])
    in_time: IntArray = np.concatenate(
        [(run.since_accepted if since == "accepted" else run.since_listed)[place] for run in runs]
    )
    with_cases = cases > 0
    holds: FloatArray = (in_time[with_cases] >= np.ceil(question.cases * cases[with_cases] - 1e-9)).astype(np.float64)
    if holds.size < 2:
        return Judged(places, math.nan, 0.0, 1.0, int(holds.size), math.nan)
    bounds: ShareBounds = share_bounds(holds[:, None], np.ones((holds.size, 1)), level=level)
    share = float(in_time.sum() / cases.sum())
    return Judged(places, float(bounds.share[0]), float(bounds.low[0]), float(bounds.high[0]), int(holds.size), share)
