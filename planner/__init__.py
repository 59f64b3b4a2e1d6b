"""Questions put to the simulator, a module each: compare, select, load, regime, forecast, warm-up, compression.

Input: scenarios and a question.  Output: an answer with intervals.
"""

__all__: list[str] = []
