"""Where the numbers come from: published figures, posteriors over what nobody measured, event logs, logs of a workbook.

Input: scenarios and the evidence about them.  Output: intervals, parameters, and scenarios that carry their sources.
"""

__all__: list[str] = []
