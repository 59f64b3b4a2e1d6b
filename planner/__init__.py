"""Questions put to the simulator: compare, staff, roster, search, attribute and sweep.

In come scenarios and a question; out come tidy tables with intervals: the difference a change makes, the
cheapest staff that keeps the promise, the demand at which it stops being kept, and the share each reform
has earned.
"""

__all__: list[str] = []
