"""The check of a scenario as a whole: that names lead somewhere, loops end, and the numbers fit together.

Input: a scenario whose every table is valid.  Output: nothing, or the first fault with its place.  Softer findings (a
pool that nobody uses, a source that brings nobody) are :func:`warnings`.
"""

from scenarios.check.demand import MOST_ARRIVALS, expected_arrivals
from scenarios.check.findings import warnings
from scenarios.check.routes import MOST_PASSES
from scenarios.check.scenario import check

__all__ = ["MOST_ARRIVALS", "MOST_PASSES", "check", "expected_arrivals", "warnings"]
