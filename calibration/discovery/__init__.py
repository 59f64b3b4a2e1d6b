"""Discovery: from an event log to a scenario of its hall.

Input: an event log (:mod:`calibration.eventlog`).
Output: a :class:`~calibration.discovery.result.Discovery`, and a scenario with its accuracy.

``log`` turns the log into arrays.  ``control_flow``, ``timing`` and ``resources`` estimate the three perspectives of
process mining, with ``laws`` for distributions.  ``findings`` and ``scenario`` put the result into words and into a
scenario file, and ``accuracy`` tests it on the part of the log that was held out.
"""
