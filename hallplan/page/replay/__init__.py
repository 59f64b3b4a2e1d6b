"""The replay of a day: a canvas on which people and files move as they did in one simulated day.

Input: a :class:`~sim.measure.day_replay.DayReplay`.  Output: a component of the page.  Its HTML, CSS and JavaScript are
the files beside this one; nothing is built, and nothing is fetched from elsewhere.
"""
