"""Targets of a staffing: what is to be kept, one class a kind, and how each is read and counted.

Input: a text such as ``"90% within 15 min"``.  Output: a :class:`Target`.  Every kind says what is counted of a
replication, what of it is judged as one (each half-hour, each pool, the hall), and on which side of which limit it has
to lie.  :mod:`planner.staffing.certificate` does the rest, the same for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Final, Literal, Protocol, Self, TypeAlias

from foundation import messages
from foundation.errors import HallplanError
from foundation.units import parse_duration
from sim.calendar import MINUTE_MS
from sim.measure.day_counts import (
    DayCounts,
    called_counts,
    late_case_wait_counts,
    overtime_counts,
    promise_counts,
    unserved_counts,
    work_counts,
)
from sim.measure.frames import Metrics

__all__ = [
    "TARGETS",
    "CaseWaits",
    "Counted",
    "HallWaitTarget",
    "LeaveTarget",
    "MinutesTarget",
    "OvertimeTarget",
    "PromiseTarget",
    "Scope",
    "Target",
    "UtilisationTarget",
    "WaitTarget",
    "label_of",
    "parse_target",
]

Scope: TypeAlias = Literal["half-hour", "hall half-hour", "pool", "hall"]
"""What is judged as one: a pool's half-hour, a half-hour of all pools together, a pool's day, or all of the hall."""

_NUMBER: Final = r"([0-9]+(?:\.[0-9]+)?)\s*%"
_AT_MOST: Final = r"\s*(?:<=|≤|at most)\s*"


class Counted(Protocol):
    """Something that is counted of a replication.

    Attributes
    ----------
    is_cap
        Whether hits are what is missed; else the other units are.
    """

    is_cap: ClassVar[bool]

    @property
    def count(self) -> Callable[[Metrics], DayCounts]:
        """What counts units and hits of a replication; another process can import it."""


class Target(Counted, Protocol):
    """Something to be kept: a share or a mean that is to reach a limit, or must not exceed it.

    Attributes
    ----------
    kind
        Name of the kind, as in files.
    scope
        What is judged as one.
    is_share
        Whether the hits are some of the units; else they are an amount a unit.
    is_cap
        Whether the limit must not be exceeded; else it is to be reached.
    number_kind
        How its numbers are written (:func:`foundation.numbers.number`).
    """

    kind: ClassVar[str]
    scope: ClassVar[Scope]
    is_share: ClassVar[bool]
    is_cap: ClassVar[bool]
    number_kind: ClassVar[str]

    @property
    def limit(self) -> float:
        """The limit: a share of one, or minutes."""

    def with_limit(self, limit: float) -> Target:
        """Return the same with another limit."""

    def label(self, language: messages.Language | None = None) -> str:
        """Say the target in words."""


@dataclass(frozen=True)
class _ShareTarget:
    """A target that is a share.

    Attributes
    ----------
    share
        Between 0 and 1, both excluded.
    """

    share: float

    kind: ClassVar[str]
    is_share: ClassVar[bool] = True
    number_kind: ClassVar[str] = "share"

    @property
    def limit(self) -> float:
        """The share."""
        return self.share

    def with_limit(self, limit: float) -> Self:
        """Return the same with another share."""
        return replace(self, share=limit)

    def label(self, language: messages.Language | None = None) -> str:
        """Say the target in words."""
        return messages.text(f"staffing.target.{self.kind}", language, percent=100 * self.share)


@dataclass(frozen=True)
class WaitTarget(_ShareTarget):
    """A share of visitors that is to be called within some minutes, in every pool and half-hour.

    Attributes
    ----------
    share
        Between 0 and 1, both excluded.
    within_min
        The minutes, at least 0.
    """

    within_min: float

    kind: ClassVar[str] = "wait"
    scope: ClassVar[Scope] = "half-hour"
    is_cap: ClassVar[bool] = False

    @property
    def count(self) -> Callable[[Metrics], DayCounts]:
        """Count who was called in time."""
        return partial(called_counts, within_min=self.within_min)

    def label(self, language: messages.Language | None = None) -> str:
        """Say the target in words."""
        key = f"staffing.target.{self.kind}"
        return messages.text(key, language, percent=100 * self.share, minutes=self.within_min)


@dataclass(frozen=True)
class HallWaitTarget(WaitTarget):
    """A share of visitors that is to be called within some minutes, in every half-hour over all pools together."""

    kind: ClassVar[str] = "hall_wait"
    scope: ClassVar[Scope] = "hall half-hour"


@dataclass(frozen=True)
class PromiseTarget(_ShareTarget):
    """A share of the hall's cases that is to be decided within their promised limit."""

    kind: ClassVar[str] = "promise"
    scope: ClassVar[Scope] = "hall"
    is_cap: ClassVar[bool] = False

    @property
    def count(self) -> Callable[[Metrics], DayCounts]:
        """Count the cases decided within their promise."""
        return promise_counts


@dataclass(frozen=True)
class CaseWaits:
    """Where late cases wait: no target, but what tells at which pools officers are missed for a promise."""

    is_cap: ClassVar[bool] = True

    @property
    def count(self) -> Callable[[Metrics], DayCounts]:
        """Count the minutes that late cases waited at each pool."""
        return late_case_wait_counts


@dataclass(frozen=True)
class LeaveTarget(_ShareTarget):
    """A share of the visitors of each pool, of whom no more may go unserved."""

    kind: ClassVar[str] = "leave"
    scope: ClassVar[Scope] = "pool"
    is_cap: ClassVar[bool] = True

    @property
    def count(self) -> Callable[[Metrics], DayCounts]:
        """Count who went unserved."""
        return unserved_counts


@dataclass(frozen=True)
class UtilisationTarget(_ShareTarget):
    """A share of the hours on duty of each pool, of which no more may be work."""

    kind: ClassVar[str] = "utilisation"
    scope: ClassVar[Scope] = "pool"
    is_share: ClassVar[bool] = False  # hours of work can exceed those on duty
    is_cap: ClassVar[bool] = True

    @property
    def count(self) -> Callable[[Metrics], DayCounts]:
        """Count the minutes of work."""
        return work_counts


@dataclass(frozen=True)
class MinutesTarget:
    """A target of minutes that must not be exceeded on the mean.

    Attributes
    ----------
    minutes
        The minutes.
    """

    minutes: float

    kind: ClassVar[str]
    scope: ClassVar[Scope] = "pool"
    is_share: ClassVar[bool] = False
    is_cap: ClassVar[bool] = True
    number_kind: ClassVar[str] = "minutes"

    @property
    def limit(self) -> float:
        """The minutes."""
        return self.minutes

    def with_limit(self, limit: float) -> Self:
        """Return the same with other minutes."""
        return replace(self, minutes=limit)


@dataclass(frozen=True)
class OvertimeTarget(MinutesTarget):
    """Minutes, more than 0, that the people of each pool together may work after closing, on the mean of the days."""

    kind: ClassVar[str] = "overtime"

    @property
    def count(self) -> Callable[[Metrics], DayCounts]:
        """Count the minutes after closing."""
        return overtime_counts

    def label(self, language: messages.Language | None = None) -> str:
        """Say the target in words."""
        return messages.text("staffing.target.overtime", language, minutes=self.minutes)


TARGETS: Final = (WaitTarget, HallWaitTarget, PromiseTarget, LeaveTarget, OvertimeTarget, UtilisationTarget)
"""The kinds of targets."""

_WAIT: Final = re.compile(rf"\s*{_NUMBER}\s*(?:called\s+)?(?:within|in(?![a-z])|@)\s*(\S.*?)(\s+hall-wide)?\s*")
_PROMISE: Final = re.compile(rf"\s*{_NUMBER}\s*of\s+cases\s+within\s+(?:their\s+)?promise\s*")
_CAP: Final = re.compile(rf"\s*(leave|utili[sz]ation){_AT_MOST}{_NUMBER}\s*")
_OVERTIME: Final = re.compile(rf"\s*overtime{_AT_MOST}(\S.*\S|\S)\s*")


def parse_target(text: str) -> Target:
    """Read a target.

    ``90% within 15 min``, ``90% within 15 min hall-wide``, ``95% of cases within promise``, ``leave <= 2%``,
    ``overtime <= 15 min`` or ``utilisation <= 85%``; ``≤`` and ``at most`` are read as ``<=``.

    Raises
    ------
    HallplanError
        If it is of none of these forms, a share is not between 0% and 100%, or no overtime at all is allowed.
    """
    if match := _PROMISE.fullmatch(text):
        return PromiseTarget(_share(match[1], text))
    if match := _WAIT.fullmatch(text):
        kind = HallWaitTarget if match[3] else WaitTarget
        return kind(_share(match[1], text), parse_duration(match[2]) / MINUTE_MS)
    if match := _CAP.fullmatch(text):
        return (LeaveTarget if match[1] == "leave" else UtilisationTarget)(_share(match[2], text))
    if match := _OVERTIME.fullmatch(text):
        minutes = parse_duration(match[1]) / MINUTE_MS
        if minutes <= 0:
            raise HallplanError("error.staffing.overtime", value=text)
        return OvertimeTarget(minutes)
    raise HallplanError("error.staffing.target", value=text)


def _share(percent: str, text: str) -> float:
    share = float(percent) / 100
    if not 0 < share < 1:
        raise HallplanError("error.staffing.share", value=text)
    return share


def label_of(targets: Sequence[Target], language: messages.Language | None = None) -> str:
    """Say targets in words, one after the other."""
    return messages.text("staffing.and", language).join(target.label(language) for target in targets)
