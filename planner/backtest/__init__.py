"""A forecast held against what came: a saved run, and later months of the hall's own log.

Input: the folder of a run, and a log.  Output: a :class:`planner.backtest.result.Backtest`.
"""
