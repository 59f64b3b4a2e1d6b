"""How many places inspection teams need so that cases are inspected on the second working day.

Input: a scenario with inspections.  Output: a :class:`planner.inspections.result.Inspections`.
"""
