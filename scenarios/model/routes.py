"""Routes: named steps, in order.

Input: the table of a route.  Output: frozen steps.  What a step leads to is said in :mod:`scenarios.routes`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, Discriminator, ModelWrapValidatorHandler, Tag, model_validator

from foundation.errors import ScenarioError
from scenarios.model.laws import Law, Share
from scenarios.model.values import EMPTY, Name, Priority, Table, Text
from scenarios.model.vocabulary import ACTIONS, AbsentThen, Mark, Order, Purpose, Stop

__all__ = ["COMPANIONS", "MOST_STEPS", "Absent", "Route", "RouteRef", "Step"]

MOST_STEPS: Final = 1_000
"""Steps that one route may have: the bound on the work of checking it."""

COMPANIONS: Final = {
    "work": "pool",
    "priority": "pool",
    "patience": "pool",
    "absent": "pool",
    "order": "fork",
    "after": "visit",
    "wait": "visit",
}
"""Keys of a step that say nothing without another one."""


class Absent(Table):
    """A number is called, nobody comes: the window spends some time calling, the visitor rejoins or leaves.

    Attributes
    ----------
    share
        How many miss their call.
    call
        How long the window calls them.
    away
        After how long they are back.
    then
        ``rejoin`` the queue, or ``leave``.
    """

    share: Share
    call: Law
    away: Law | None = None
    then: AbsentThen = "rejoin"


class Step(Table):
    """One step of a route.  It does at most one thing, then may set a mark, then goes on.

    Attributes
    ----------
    title
        What it is called.
    pool, work, priority, patience, absent
        Be served: at which pool, for how long, how urgently (0 first, 9 last), waiting no longer than, and how
        many are not there when they are called.
    delay
        Let time pass: plain, opening hours ("2 working hours") or working days ("3 working days").
    until
        Wait for the next departure of a timetable.
    fork, order
        Follow several branches (a route's name, or steps), in parallel or one after another, and go on when
        all are done.
    visit, after, wait
        The applicant comes (again) for this purpose, `after` a delay: a plain one or one in opening hours ends at the
        very moment, if tickets are given then.  The route goes on at once, or waits for the visit.
    start_case
        The application stays in the hall: its case begins.
    route
        Go through a named route.
    mark
        What has happened to the item when the step ends.
    stops_clock
        The statutory clock stands still during the step, and why.
    share
        Only this share of passages takes the step; the others go on to the step that follows.
    skip
        Leave the step out (for levers).
    next
        The next step's name, or names with probabilities; ``end`` ends the route.  By default the step that
        follows.
    """

    title: Text = EMPTY
    pool: str | None = None
    work: Law | None = None
    priority: Priority | None = None
    patience: Law | None = None
    absent: Absent | None = None
    delay: Law | None = None
    until: str | None = None
    fork: dict[Name, RouteRef] | None = None
    order: Order = "parallel"
    visit: Purpose | None = None
    after: Law | None = None
    wait: bool = True
    start_case: bool = False
    route: str | None = None
    mark: Mark | None = None
    stops_clock: Stop | None = None
    share: Share = 1.0
    skip: bool = False
    next: str | dict[str, Share] | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _checked_once(cls, data: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, cls):  # services of a kind share their steps
            return data
        step = validate(data)
        step._does_one_thing()
        return step

    def _does_one_thing(self) -> None:
        actions = [name for name in ACTIONS if (value := getattr(self, name)) is not None and value is not False]
        if len(actions) > 1:
            raise ScenarioError("error.step_two_actions", actions=", ".join(actions))
        if not actions and self.mark is None and self.next is None:
            raise ScenarioError("error.step_no_action")
        for key, needs in COMPANIONS.items():
            is_set = key in self.model_fields_set and getattr(self, key) is not None
            if is_set and getattr(self, needs) is None:
                raise ScenarioError("error.step_key_without", key=key, needs=needs)
        if self.pool is not None and self.work is None:
            raise ScenarioError("error.step_key_without", key="pool", needs="work")
        if isinstance(self.next, dict) and abs(sum(self.next.values()) - 1) > 1e-9:
            raise ScenarioError("error.shares_must_sum", total=f"{sum(self.next.values()):g}")


def _route_is_readable(route: dict[str, Step]) -> dict[str, Step]:
    if not route:
        raise ScenarioError("error.route_empty")
    if len(route) > MOST_STEPS:
        raise ScenarioError("error.route_too_long", n=len(route), most=MOST_STEPS)
    if "end" in route:
        raise ScenarioError("error.step_named_end")
    return route


Route = Annotated[dict[Name, Step], AfterValidator(_route_is_readable)]
"""Named steps, in order."""

RouteRef = Annotated[
    Annotated[str, Tag("<name>")] | Annotated[Route, Tag("<steps>")],
    Discriminator(lambda value: "<name>" if isinstance(value, str) else "<steps>"),
]
"""A route, or the name of one."""

Step.model_rebuild()
