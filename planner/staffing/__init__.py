"""Staffing: the cheapest shifts with which a hall keeps a target for its waits, and what shows that it does.

Input: a scenario and a target.  Output: a plan of shifts, and its certificate.  :mod:`~planner.staffing.requirement`
works out how many servers each half-hour needs, :mod:`~planner.staffing.shifts` covers that with shifts,
:mod:`~planner.staffing.plan` makes a scenario of them, :mod:`~planner.staffing.certificate` holds simulated days
against the target, and :mod:`~planner.staffing.search` goes from the one to the other until the target is kept.
"""
