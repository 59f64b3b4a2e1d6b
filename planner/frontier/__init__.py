"""Two metrics that pull against each other: which combinations of levers and staff nobody can better in both.

Input: a scenario, levers and ranges of servers.  Output: the Pareto set, with what is certain about it.
"""
