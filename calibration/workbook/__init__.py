"""A hall's workbook and its logs: what event logs tell in the place of the workbook's assumptions.

Input: a workbook's form and files of event logs.  Output: the form with blank cells filled in, and
:class:`~scenarios.workbook.estimates.LogEstimates` for the rest.
"""

__all__: list[str] = []
