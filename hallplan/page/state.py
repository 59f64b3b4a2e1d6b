"""What a planner has chosen, and how it changes: pure functions on a frozen value.

Comes in: :class:`Settings` and one decision.  Goes out: new settings, and a :class:`History` that can be walked back.
Nothing here composes a scenario, simulates, or knows Streamlit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from hallplan.show.comparison_frames import LETTERS

__all__ = [
    "DEMAND",
    "FEWEST_PLANS",
    "FIRST_LOOK",
    "MOST_PLANS",
    "MOST_SERVERS",
    "PRECISION",
    "PRECISIONS",
    "REPLICATIONS",
    "SEEDS",
    "History",
    "LeverChoice",
    "PlanChoice",
    "Settings",
    "add_plan",
    "change_plan",
    "choose_base",
    "look_at",
    "remove_plan",
    "rename_plan",
    "reset_plan",
    "set_demand",
    "set_demand_of_all",
    "set_parameter",
    "set_precision",
    "set_replications",
    "set_seed",
    "set_servers",
    "switch_lever",
]

FEWEST_PLANS: Final = 2
MOST_PLANS: Final = len(LETTERS)
FIRST_LOOK: Final = 5
"""Replications after which there is something to see."""
PRECISIONS: Final = (0.1, 0.05, 0.02)
"""Precisions to choose from, the usual one first."""
PRECISION: Final = (0.005, 0.5)
"""Finest and coarsest precision."""
REPLICATIONS: Final = (2, 200)
"""Fewest and most replications: with one there is no interval."""
DEMAND: Final = (0.1, 5.0)
MOST_SERVERS: Final = 999
SEEDS: Final = (0, 2**53 - 1)
"""Smallest and largest seed: what a browser keeps exact."""

_LONGEST_HISTORY: Final = 200
_LONGEST_TITLE: Final = 60

ParameterValue: TypeAlias = str | int | float | bool


@dataclass(frozen=True, order=True)
class LeverChoice:
    """A lever that is switched on, and the parameters that differ from its defaults."""

    name: str
    parameters: tuple[tuple[str, ParameterValue], ...] = ()


@dataclass(frozen=True)
class PlanChoice:
    """Everything that decides one plan.

    Attributes
    ----------
    base
        Name of the scenario it starts from.
    on, off
        Levers put on top, in the order in which they were switched on, and levers of its scenario that are left out.
    staff
        Changed servers by pool, sorted by name.
    demand
        What its demand is multiplied with.
    title
        What the visitor calls it; "" for no name of its own.
    """

    base: str
    on: tuple[LeverChoice, ...] = ()
    off: tuple[str, ...] = ()
    staff: tuple[tuple[str, int], ...] = ()
    demand: float = 1.0
    title: str = ""

    @property
    def changes(self) -> int:
        """Number of changes to its scenario."""
        return len(self.on) + len(self.off) + len(self.staff) + (self.demand != 1.0)

    def is_on(self, lever: str) -> bool:
        """Tell whether a lever has been put on top."""
        return any(choice.name == lever for choice in self.on)


_USUAL_PLANS: Final = (PlanChoice("honghuagang-2013"), PlanChoice("honghuagang-2014"))


@dataclass(frozen=True)
class Settings:
    """Everything that decides a comparison.

    Attributes
    ----------
    plans
        The plans, two to :data:`MOST_PLANS`; all others are compared with the first.
    current
        The plan that is looked at and changed: its place among the plans.
    precision
        How precisely the differences from the first plan are to be known, relative to its value: each plan is
        simulated until they are, or so often as :data:`REPLICATIONS` allows.
    replications
        How often each plan is simulated instead; None for as often as the precision takes.
    seed
        From which seed.
    """

    plans: tuple[PlanChoice, ...] = _USUAL_PLANS
    current: int = 1
    precision: float = PRECISIONS[0]
    replications: int | None = None
    seed: int = 1

    @property
    def plan(self) -> PlanChoice:
        """The plan that is looked at."""
        return self.plans[self.current]

    @property
    def letter(self) -> str:
        """Its letter."""
        return LETTERS[self.current]


# --- decisions about a plan ---------------------------------------------------------------------------------------


def choose_base(plan: PlanChoice, name: str) -> PlanChoice:
    """Start a plan from another scenario; changes to the one before do not carry over."""
    return plan if name == plan.base else replace(plan, base=name, on=(), off=(), staff=())


def reset_plan(plan: PlanChoice) -> PlanChoice:
    """Take back every change to a plan; it keeps its name."""
    return PlanChoice(plan.base, title=plan.title)


def rename_plan(plan: PlanChoice, title: str) -> PlanChoice:
    """Call a plan something else; "" for no name of its own."""
    return replace(plan, title=" ".join(title.split())[:_LONGEST_TITLE])


def switch_lever(plan: PlanChoice, name: str, *, on: bool, of_base: bool) -> PlanChoice:
    """Switch a lever of a plan.

    Parameters
    ----------
    plan
        The plan.
    name
        The lever.
    on
        Whether it is to hold.
    of_base
        Whether the scenario that the plan starts from already has it.
    """
    remaining = tuple(choice for choice in plan.on if choice.name != name)
    left_out = tuple(lever for lever in plan.off if lever != name)
    if of_base:
        return replace(plan, on=remaining, off=left_out if on else (*left_out, name))
    if on and plan.is_on(name):
        return plan
    return replace(plan, on=(*remaining, LeverChoice(name)) if on else remaining, off=left_out)


def set_parameter(
    plan: PlanChoice, lever: str, *, parameter: str, value: ParameterValue, default: ParameterValue | None
) -> PlanChoice:
    """Choose a parameter of a lever that is on; its default is no choice."""

    def changed(choice: LeverChoice) -> LeverChoice:
        if choice.name != lever:
            return choice
        parameters = {name: current for name, current in choice.parameters if name != parameter}
        if value != default:
            parameters[parameter] = value
        return LeverChoice(lever, tuple(sorted(parameters.items())))

    return replace(plan, on=tuple(map(changed, plan.on)))


def set_servers(plan: PlanChoice, pool: str, *, servers: int, base: int) -> PlanChoice:
    """Staff a pool of a plan; as many as its scenario has are no change."""
    staff = {name: number for name, number in plan.staff if name != pool}
    servers = min(max(servers, 0), MOST_SERVERS)
    if servers != base:
        staff[pool] = servers
    return replace(plan, staff=tuple(sorted(staff.items())))


def set_demand(plan: PlanChoice, factor: float) -> PlanChoice:
    """Multiply the demand of a plan."""
    return replace(plan, demand=round(min(max(factor, DEMAND[0]), DEMAND[1]), 4))


# --- decisions about a comparison ---------------------------------------------------------------------------------


def change_plan(settings: Settings, decide: Callable[[PlanChoice], PlanChoice]) -> Settings:
    """Take a decision about the plan that is looked at."""
    plans = list(settings.plans)
    plans[settings.current] = decide(settings.plan)
    return replace(settings, plans=tuple(plans))


def set_demand_of_all(settings: Settings, factor: float) -> Settings:
    """Multiply the demand of all plans, so that the same people come to each."""
    return replace(settings, plans=tuple(set_demand(plan, factor) for plan in settings.plans))


def look_at(settings: Settings, place: int) -> Settings:
    """Look at another plan."""
    return replace(settings, current=min(max(place, 0), len(settings.plans) - 1))


def add_plan(settings: Settings) -> Settings:
    """Add a copy of the plan that is looked at, and look at that; nothing where there are as many as can be."""
    if len(settings.plans) >= MOST_PLANS:
        return settings
    plans = (*settings.plans, replace(settings.plan, title=""))
    return replace(settings, plans=plans, current=len(plans) - 1)


def remove_plan(settings: Settings) -> Settings:
    """Remove the plan that is looked at; nothing where there would be none left to compare."""
    if len(settings.plans) <= FEWEST_PLANS:
        return settings
    plans = tuple(plan for place, plan in enumerate(settings.plans) if place != settings.current)
    return look_at(replace(settings, plans=plans), settings.current)


def set_precision(settings: Settings, precision: float) -> Settings:
    """Simulate until the differences between the plans are known so precisely."""
    return replace(settings, precision=round(min(max(precision, PRECISION[0]), PRECISION[1]), 4), replications=None)


def set_replications(settings: Settings, replications: int) -> Settings:
    """Simulate each plan so often, however precise that is."""
    return replace(settings, replications=min(max(replications, REPLICATIONS[0]), REPLICATIONS[1]))


def set_seed(settings: Settings, seed: int) -> Settings:
    """Draw from another seed."""
    return replace(settings, seed=min(max(seed, SEEDS[0]), SEEDS[1]))


# --- undo and redo ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class History:
    """Settings with those before them and those that were undone; the latest stand last and first."""

    present: Settings = field(default_factory=Settings)
    past: tuple[Settings, ...] = ()
    future: tuple[Settings, ...] = ()

    def then(self, settings: Settings) -> History:
        """Go on to new settings; what had been undone is forgotten.  The same settings again are no step."""
        if settings == self.present:
            return self
        return History(settings, (*self.past, self.present)[-_LONGEST_HISTORY:])

    def looking(self, settings: Settings) -> History:
        """Look at another plan, which is no step to take back."""
        return replace(self, present=settings)

    def undo(self) -> History:
        """Go one step back, if there is one."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redo(self) -> History:
        """Go forward again, if something was undone."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present), self.future[1:])
