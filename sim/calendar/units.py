"""Units of the integer clock.

Input: nothing.  Output: milliseconds in a second, a minute, an hour and a day; the moment that never comes.
"""

from __future__ import annotations

from typing import Final

__all__ = ["DAY_MS", "HOUR_MS", "MINUTE_MS", "NEVER", "SECOND_MS"]

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60 * SECOND_MS
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
NEVER: Final = 2**62
"""The moment beyond the calendar's end: the answer where there is none.  Working time can be added to it safely."""
