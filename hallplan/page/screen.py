"""What is on the screen: the plans as they are, the results that are there, and whether the two belong together.

Comes in: a visitor's session.  Goes out: a :class:`Screen`, which every page draws from.
"""

from __future__ import annotations

from dataclasses import dataclass

from foundation.errors import HallplanError
from hallplan.page.plans import Plan, plan_title
from hallplan.page.runs import PlanStudy, Run, comparison_of, prepare
from hallplan.page.session import Session
from hallplan.show.comparison_frames import LETTERS, plans_of
from hallplan.show.words import in_language
from planner.compare import Comparison

__all__ = ["Screen", "screen_of"]


@dataclass(frozen=True, eq=False)
class Screen:
    """What a page draws.

    Attributes
    ----------
    session
        The visitor.
    wanted
        The study of the plans as they are; None where they can't be composed.
    fault
        Why not.
    shown
        The stage whose results are there: of the plans as they are, else the latest; None before the first.
    comparison
        Its results.
    """

    session: Session
    wanted: PlanStudy | None
    fault: HallplanError | None
    shown: Run | None
    comparison: Comparison | None

    @property
    def plans(self) -> dict[str, Plan]:
        """The plans as they are by their letters; none where they can't be composed."""
        return {} if self.wanted is None else self.wanted.by_letter

    @property
    def plan(self) -> Plan | None:
        """The plan that is looked at."""
        return self.plans.get(self.session.settings.letter)

    @property
    def is_stale(self) -> bool:
        """Whether the results are of other plans than those that are wanted."""
        return self.wanted is None or self.shown is None or self.shown.study.name != self.wanted.name

    @property
    def names(self) -> dict[str, str]:
        """What the plans are called, by letter, in the visitor's language: those of the results where these are old."""
        spoken = self.session.language
        if self.is_stale and self.comparison is not None:
            runs = plans_of(self.comparison)
            return {letter: in_language(run.scenario.title, run.scenario.name, spoken) for letter, run in runs}
        titles = [plan_title(choice, spoken) for choice in self.session.settings.plans]
        return dict(zip(LETTERS, titles, strict=False))


def screen_of(session: Session) -> Screen:
    """Return what is on a visitor's screen."""
    session.go_on()
    shown = session.results()
    wanted: PlanStudy | None = None
    fault: HallplanError | None = None
    try:
        wanted = prepare(session.settings)
    except HallplanError as error:
        fault = error
    return Screen(session, wanted, fault, shown, _comparison(shown))


def _comparison(shown: Run | None) -> Comparison | None:
    try:
        return comparison_of(shown) if shown is not None else None
    except HallplanError:  # the results have made room for others meanwhile
        return None
