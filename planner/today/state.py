"""The state of a hall at one moment: who waits since when, which windows are open, who is being served, open cases.

Input: the words of whoever writes it down (:mod:`planner.today.reading`), or Python.  Output: a frozen
:class:`HallState`, whose names are those of the scenario.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.calendar import DAY_MS

__all__ = ["CasesInProgress", "HallState", "Serving", "Waiting"]

_SECOND_MS = 1_000


@dataclass(frozen=True)
class Waiting:
    """A ticket that has not been called.

    Attributes
    ----------
    pool
        The pool that will call it.
    since
        When it was drawn, in ms since midnight.
    service, person
        What for, and what kind of visitor, where that is known.
    """

    pool: str
    since: int
    service: str | None = None
    person: str | None = None


@dataclass(frozen=True)
class Serving:
    """A visitor who is being served.

    Attributes
    ----------
    pool
        Where.
    since
        When the service began, in ms since midnight; ``None`` if nobody noted it.
    service
        What for, where that is known.
    """

    pool: str
    since: int | None = None
    service: str | None = None


@dataclass(frozen=True)
class CasesInProgress:
    """Applications that the offices work on.

    Attributes
    ----------
    service
        What was applied for.
    age
        Working days since acceptance, 1 or more.
    number
        How many.
    stage
        The step of the case that comes next; the first if it is not known.
    """

    service: str
    age: int
    number: int = 1
    stage: str | None = None


@dataclass(frozen=True)
class HallState:
    """A hall at one moment.

    Attributes
    ----------
    now
        The moment, in whole seconds.
    waiting, serving, cases
        Tickets, visitors at windows, and applications.
    windows
        Windows open now, by pool; a pool that is not named has those of its roster.
    issued
        Tickets given today so far, if they were counted.
    """

    now: dt.datetime
    waiting: tuple[Waiting, ...] = ()
    serving: tuple[Serving, ...] = ()
    windows: Mapping[str, int] = field(default_factory=dict)
    cases: tuple[CasesInProgress, ...] = ()
    issued: int | None = None

    @property
    def now_ms(self) -> int:
        """The moment in ms since midnight."""
        now = self.now
        return ((now.hour * 60 + now.minute) * 60 + now.second) * _SECOND_MS % DAY_MS
