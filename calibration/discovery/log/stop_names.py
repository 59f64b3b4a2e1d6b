"""Activities that stop the statutory clock by their names.

Input: the name of an activity.
Output: a :class:`StopRule` of the vocabulary in ``stop-names.toml``, or nothing.  A name is no proof, so every estimate
that rests on one is reported as assumed.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["StopRule", "stop_rule"]


@dataclass(frozen=True)
class StopRule:
    """What a name says.

    Attributes
    ----------
    reason
        Why the clock stands still, one of :data:`scenarios.model.STOPS`; "" if the law counts the time all the same.
    article
        Of the Administrative Licensing Law; 0 for none.
    after
        The clock stands still from the activity's end until the next one, not during it.
    """

    reason: str
    article: int
    after: bool


@cache
def _vocabulary() -> tuple[tuple[re.Pattern[str], StopRule], ...]:
    text = resources.files(__package__).joinpath("stop-names.toml").read_text(encoding="utf-8")
    return tuple(
        (
            re.compile("|".join(entry[where]), re.IGNORECASE),
            StopRule(entry.get("reason", ""), entry.get("article", 0), after),
        )
        for entry in tomllib.loads(text)["name"]
        for where, after in (("after", True), ("during", False))
        if where in entry
    )


def stop_rule(name: str) -> StopRule | None:
    """Return what an activity's name says of the statutory clock, if anything."""
    return next((rule for pattern, rule in _vocabulary() if pattern.search(name)), None)
