"""The catalogue of items (事项清单): what a district's offices decide, by which limits, where, and how often.

Input: the tables of this folder, or a table of the user's own (CSV, XLSX).  Output: a frozen
:class:`~scenarios.catalogue.model.Catalogue`.  The catalogue is data beside the scenarios: no simulated number depends
on it.  ``items.csv`` is assumed where it does not cite a law; ``docs/reference/catalogue.md`` says what is what.
"""

__all__: list[str] = []
