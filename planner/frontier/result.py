"""The answer to a question of two metrics: every plan that was simulated, and where it stands.

Input: what the search has found.  Output: a :class:`Frontier`, with tidy frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from foundation import messages
from foundation.arrays import FloatArray
from planner.frontier.plans import Plan, PlanSpace
from planner.frontier.race import RaceRules, StandingName
from scenarios.model import Scenario
from sim.statistics.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FRAMES", "Ending", "Frontier", "FrontierPlan", "title_of"]

FRAMES: Final = ("plans", "replications")

Ending: TypeAlias = Literal["settled", "limit", "budget"]
"""Why the search ended: nothing was open; what was open had had the most replications; the budget was used."""


@dataclass(frozen=True, eq=False)
class FrontierPlan:
    """A plan, and where it stands.

    Attributes
    ----------
    title
        What to call it: its levers and its servers.
    levers, servers
        The levers, as they are written; servers by pool.
    standing
        ``front`` for certain, ``perhaps``, ``no_gain`` that matters over a plan that has less of the first metric, or
        ``dominated``.
    x, y
        The two metrics; each interval is for itself.
    ties
        Titles of the plans in the front, or perhaps, from which no difference that matters tells it apart.
    values
        Both metrics by replication, shape (replications, 2).
    """

    title: str
    levers: tuple[str, ...]
    servers: Mapping[str, int]
    standing: StandingName
    x: Interval
    y: Interval
    ties: tuple[str, ...]
    values: FloatArray


@dataclass(frozen=True, eq=False)
class Frontier:
    """The Pareto set of two metrics over levers and staff.

    Attributes
    ----------
    scenario
        The scenario that the levers and servers change.
    x, y
        The two metrics.
    plans
        Those that were simulated, by their means of the first metric, the best first.
    rules
        How they were compared; ``rules.plans`` is how many combinations there are.
    budget, used
        Replications that were allowed, and that were simulated.
    distinct
        How many different scenarios were simulated.
    ending
        Why the search ended.
    seed
        Of the random numbers, which the plans share.
    """

    scenario: Scenario
    x: str
    y: str
    plans: tuple[FrontierPlan, ...]
    rules: RaceRules
    budget: int
    used: int
    distinct: int
    ending: Ending
    seed: int

    def standing(self, *names: StandingName) -> tuple[FrontierPlan, ...]:
        """Return the plans of some standings."""
        return tuple(plan for plan in self.plans if plan.standing in names)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return one row a plan, and one row a plan and replication."""
        import pandas as pd

        plans = [
            {
                "plan": plan.title,
                "standing": plan.standing,
                "levers": " ".join(plan.levers),
                **{f"servers.{pool}": number for pool, number in plan.servers.items()},
                "replications": len(plan.values),
                **{
                    f"{axis}{end}": getattr(interval, name)
                    for axis, interval in (("x", plan.x), ("y", plan.y))
                    for end, name in (("", "estimate"), ("_low", "low"), ("_high", "high"))
                },
                "ties": "; ".join(plan.ties),
            }
            for plan in self.plans
        ]
        replications = [
            {"plan": plan.title, "replication": number, "x": x, "y": y}
            for plan in self.plans
            for number, (x, y) in enumerate(plan.values.tolist())
        ]
        return {"plans": pd.DataFrame(plans), "replications": pd.DataFrame(replications)}


def title_of(space: PlanSpace, plan: Plan) -> str:
    """Return what to call a plan: its levers, and its servers by pool."""
    levers = " + ".join(map(str, space.levers_of(plan)))
    parts = [levers or (messages.text("frontier.no_lever") if space.levers else "")]
    parts += [f"{pool}={number}" for pool, number in space.servers_of(plan).items()]
    return messages.text("frontier.comma").join(part for part in parts if part)
