"""Names of pools and opening hours as texts.

Input: a :class:`~calibration.discovery.result.Discovery` and a part of it.
Output: a short text, used by findings, scenario and provenance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from calibration.discovery.resources.pools import PoolEstimate
from calibration.discovery.timing.hours import Hours, clock

if TYPE_CHECKING:
    from calibration.discovery.result import Discovery


__all__ = ["hours_text", "pool_title"]

_MAX_NAMES: Final = 3
"""Names in a title."""


def hours_text(hours: Hours) -> str:
    """Write the hours of the first weekday that has any."""
    day = next((day for day in hours.by_weekday if day), ())
    return ", ".join(f"{clock(opens)}-{clock(closes)}" for opens, closes in day)


def pool_title(discovery: Discovery, pool: PoolEstimate) -> str:
    """Return what a pool is called: what it does."""
    title = _listed([discovery.traces.activities[k] for k in pool.activities])
    services = dict.fromkeys(service for service, _ in pool.tasks)
    named = [discovery.traces.services[k] for k in services if discovery.traces.services[k]]
    shared = sum(activity in pool.activities for other in discovery.pools for _, activity in other.tasks)
    alone = shared == len(pool.tasks)
    return title if alone or not named else f"{title}: {_listed(named)}"


def _listed(names: list[str]) -> str:
    return " / ".join(names[:_MAX_NAMES]) + (" …" if len(names) > _MAX_NAMES else "")
