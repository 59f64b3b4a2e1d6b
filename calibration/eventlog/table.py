"""The event log, whatever file it came from.

Input: none; this module defines the data that the readers fill.
Output: :class:`EventLog`, one row an activity instance, with the rejected rows beside it.  A log in this form names
nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from foundation import messages

__all__ = ["COLUMNS", "KINDS", "UNNAMED_ACTIVITY", "EventLog", "Kind", "Note", "Rejected"]

Kind = Literal["tickets", "ledger", "events", "activities"]
KINDS: Final[tuple[Kind, ...]] = ("tickets", "ledger", "events", "activities")

COLUMNS: Final = ("case", "activity", "resource", "ready", "start", "end", "outcome", "date_only", "stop", "row")
"""The columns that every log has, in their order; attributes follow, their names with ``attr_`` before them."""

UNNAMED_ACTIVITY: Final = "window"
"""The activity of tickets that name neither an activity nor a service."""


@dataclass(frozen=True)
class Note:
    """Something about the reading that the user should see: a guess, what was hashed, what was left out.

    Attributes
    ----------
    key, values
        Message of the catalogue, and what its placeholders stand for.
    """

    key: str
    values: dict[str, Any]

    def __str__(self) -> str:
        return messages.text(self.key, **self.values)


@dataclass(frozen=True, eq=False)
class Rejected:
    """Rows that could not be used.

    Attributes
    ----------
    rows
        ``source`` (file), ``row`` (number of the row in it, the heading being 1), ``reason`` (key of the catalogue),
        and ``text``: what stood in the cells that were looked at, personal columns left out.
    """

    rows: pd.DataFrame

    def __len__(self) -> int:
        return len(self.rows)

    def by_reason(self) -> dict[str, int]:
        """Return how many rows each reason has cost, the dearest first."""
        counts = self.rows["reason"].value_counts()
        return {str(reason): int(number) for reason, number in counts.items()}

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the rows with their reasons in the language in use, for :func:`sim.measure.export.export`."""
        rows = self.rows.assign(reason=[messages.text(key) for key in self.rows["reason"]])
        return {"rejected_rows": rows}


@dataclass(frozen=True, eq=False)
class EventLog:
    """A log in one form.

    Attributes
    ----------
    events
        One row an activity instance, sorted by case, then time, then row of the file: ``case`` and ``resource``
        (hashed; an unknown resource is ""), ``activity``, ``ready`` (a ticket was taken, a case has come to the step),
        ``start``, ``end`` (NaT: not known, not yet), ``outcome`` (``done``, ``left``, ``open``), ``date_only`` (the
        stamps carry no time of day), ``stop`` (the row is no work: from `start` to `end` its activity was suspended),
        ``row``, and ``attr_…`` columns.
    kind
        ``tickets``: one row a ticket; ``ledger``: one row an application with its dates; ``events``: one stamp a row;
        ``activities``: start and end in a row.
    mapping
        Which column each part was read from.
    notes
        What was guessed, hashed and left out.
    rejected
        Rows that could not be used.
    rows_read
        Rows of the files, the headings not counted.
    """

    events: pd.DataFrame
    kind: Kind
    mapping: dict[str, str]
    notes: tuple[Note, ...]
    rejected: Rejected
    rows_read: int
