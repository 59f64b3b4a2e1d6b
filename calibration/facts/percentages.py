"""Which measure a percentage refers to: a limit, a promise, or a measured time.

Input: the words that a percentage was published with, in Chinese or English.  Output: what it is a percentage of.
"Time limits cut by 52%" is an administrative fact about limits; "processing time cut by 52%" is a measurement.  Halls,
newspapers and readers confuse the two.  So the words decide here, and words that do not say it are unclear.
"""

from __future__ import annotations

import re
from typing import Final

from calibration.facts.evidence import Measure

__all__ = ["OF_TIME", "measure_of"]

OF_TIME: Final[frozenset[Measure]] = frozenset(
    {"limit", "promise", "limit-unnamed", "actual", "actual-limit", "actual-promise"}
)
"""Percentages that speak of limits or times."""

_SATISFIED: Final = re.compile(r"satisf|content\b|满意|好评", re.IGNORECASE)
_ON_TIME: Final = re.compile(
    r"on[ -]time|in time\b|within (?:the |its |their )?(?:\w+ )?limit|按时|按期|准时|限时办结率|时限内办结",
    re.IGNORECASE,
)
_COMPLETED: Final = re.compile(r"\bcomplet(?:ed|ion)|\bfinished|\bclosed|办结率|已办结", re.IGNORECASE)
_ACTUAL: Final = re.compile(
    r"actual|elapsed|measured|in practice|on average|turnaround|\btimes? (?:taken|spent|needed)|processing time"
    r"|实际|平均(?:用时|办理|办结|耗时)|办理时间|审批时间|办件时间|用时|耗时|历时",
    re.IGNORECASE,
)
_STATUTORY: Final = re.compile(r"statutory|legal|by law|法定|法律规定", re.IGNORECASE)
_PROMISE: Final = re.compile(r"promis|pledg|commit(?:ted|ment)|承诺(?!件)", re.IGNORECASE)
_LIMIT: Final = re.compile(r"\blimits?\b|\bdeadlines?\b|时限|期限", re.IGNORECASE)


def measure_of(words: str) -> Measure:
    """Return the measure that a percentage with these words refers to.

    Returns
    -------
    Measure
        ``satisfaction``, ``on-time`` (share decided within a limit), ``completion`` (share finished);
        ``actual-limit`` and ``actual-promise`` (time that was taken, against a limit), ``actual`` (against the time
        before); ``limit`` (promised against statutory limits), ``promise`` (against earlier promises),
        ``limit-unnamed`` (limits, but against which it doesn't say); ``unclear`` for anything else, such as
        "efficiency up 52%".

    Examples
    --------
    >>> measure_of("time limits cut below the statutory ones")
    'limit'
    >>> measure_of("实际办理时间比法定时限压缩")
    'actual-limit'
    >>> measure_of("efficiency up")
    'unclear'
    """
    for pattern, measure in _NO_TIME:
        if pattern.search(words):
            return measure
    statutory, promise = bool(_STATUTORY.search(words)), bool(_PROMISE.search(words))
    if _ACTUAL.search(words):
        return "actual-limit" if statutory else "actual-promise" if promise else "actual"
    if statutory:
        return "limit"
    if promise:
        return "promise"
    return "limit-unnamed" if _LIMIT.search(words) else "unclear"


_NO_TIME: Final[tuple[tuple[re.Pattern[str], Measure], ...]] = (
    (_SATISFIED, "satisfaction"),
    (_ON_TIME, "on-time"),
    (_COMPLETED, "completion"),
)
