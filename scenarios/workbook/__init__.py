"""A hall's own workbook (XLSX): the tables that every hall has, and the scenario that is made of them.

Input: nothing, or a workbook that somebody filled in.  Output: a workbook to fill in, or a scenario in which each
number is given by a cell, derived from cells, or assumed within a range.  :mod:`~scenarios.workbook.layout` says what
the workbook holds; ``skeleton.toml`` is the one table of assumptions.
"""

__all__: list[str] = []
