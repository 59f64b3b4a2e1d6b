"""The replay of a plan's day as a job: the unit of work, and what is sent to the browser when it is done.

Input: a plan.  Output: a job's name and unit; from its result, the JSON of the day.
"""

from __future__ import annotations

from typing import Final

from foundation.identity import Identity
from foundation.messages import Language
from hallplan.page.jobs import Unit
from hallplan.page.memory import remembered
from hallplan.page.plans import Plan
from hallplan.page.replay.payload import day_json
from hallplan.page.runs import check_size, job_name
from planner.replay import replay_day
from scenarios.compose.writing import fingerprint
from scenarios.model import Scenario
from sim.measure.day_replay import DayReplay
from sim.run.keys import RESULTS_VERSION

__all__ = ["REPLICATION", "json_of", "replay_unit"]

REPLICATION: Final = 0
"""The replication whose day is shown: the first of those that the figures beside it sum up."""


def replay_unit(plan: Plan, *, seed: int) -> Unit:
    """Return the work that simulates a plan's day.

    Raises
    ------
    HallplanError
        If the plan is larger than the page takes on.
    """
    check_size(plan.scenario)
    name = job_name("replay", str(RESULTS_VERSION), fingerprint(plan.scenario), str(seed))
    return Unit(f"replay:{name}", _replay, (plan.scenario, seed))


def json_of(replay: DayReplay, plan: Plan, language: Language) -> str:
    """Return the JSON of a day; kept, since a page asks for it at every click."""
    return _json(Identity(replay), Identity(plan.scenario), language)


def _replay(scenario: Scenario, seed: int) -> DayReplay:
    return replay_day(scenario, seed=seed, replication=REPLICATION)


@remembered(maxsize=16)
def _json(replay: Identity[DayReplay], scenario: Identity[Scenario], language: Language) -> str:
    return day_json(replay.value, scenario.value, language)
