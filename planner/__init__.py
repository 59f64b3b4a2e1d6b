"""Questions put to the simulator, a module each: compare, select, load, regime, forecast, warm-up, compression.

Input: scenarios and a question.  Output: an answer with intervals.  Two modules hold arithmetic that answers use and
that needs no scenario: Erlang's formulas, and the cover of shifts.
"""

__all__: list[str] = []
