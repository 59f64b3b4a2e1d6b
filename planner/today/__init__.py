"""The rest of a day from the queue as it is now: when queues empty, what a new ticket waits, and who should open.

Input: a scenario and the state of its hall (:mod:`planner.today.state`).  Output: a
:class:`planner.today.forecast.RestOfDay`.  The state becomes a scenario whose day begins now
(:mod:`planner.today.from_now`), so that drawing, engines and measuring are those of every other question.
"""
