"""Which activities are stops of the statutory clock by their names.

Comes in: the name of an activity.  Goes out: a :class:`StopWord` of the vocabulary in ``stop-words.toml``, or nothing.
A name is no proof: whatever rests on one is called assumed.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["StopWord", "stop_word"]


@dataclass(frozen=True)
class StopWord:
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
def _vocabulary() -> tuple[tuple[re.Pattern[str], StopWord], ...]:
    text = resources.files(__package__).joinpath("stop-words.toml").read_text(encoding="utf-8")
    return tuple(
        (
            re.compile("|".join(entry[where]), re.IGNORECASE),
            StopWord(entry.get("reason", ""), entry.get("article", 0), after),
        )
        for entry in tomllib.loads(text)["name"]
        for where, after in (("after", True), ("during", False))
        if where in entry
    )


def stop_word(name: str) -> StopWord | None:
    """Return what an activity's name says of the statutory clock, if anything."""
    return next((word for pattern, word in _vocabulary() if pattern.search(name)), None)
