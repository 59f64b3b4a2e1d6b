"""Which columns are kept as attributes, and notes about what was assumed, hashed or left out.

Input: the cells of a file and the roles of its columns.
Output: columns to add to the log, and :class:`~calibration.eventlog.table.Note` for the user.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from calibration.eventlog.bare_dates import bare_dates
from calibration.eventlog.read.cells import RawTable
from calibration.eventlog.read.columns import Columns
from calibration.eventlog.read.privacy import is_personal
from calibration.eventlog.read.stamps import Stamps, looks_like_stamps
from calibration.eventlog.table import Note
from foundation.errors import HallplanError

__all__ = ["reading_notes", "select_attributes"]

_ORDERS: Final = ("dmy", "mdy", "excel", "unix")

_MOST_KINDS: Final = 200
"""An attribute with more kinds than this, or more than half as many as rows, is a text or a number of the row."""


def select_attributes(
    raw: RawTable, columns: Columns, *, keep: Sequence[str], drop: Sequence[str]
) -> tuple[dict[str, pd.Series], list[Note]]:
    """Return the columns to keep as attributes, and say which are not."""
    attributes: dict[str, pd.Series] = {}
    personal, texts, dates = [], [], []
    hashed_columns = [raw.frame[columns.roles[role]] for role in ("case", "resource") if role in columns.roles]
    used = {column for role, column in columns.roles.items() if role != "service"}
    for name in map(str, raw.frame.columns):
        column = raw.frame[name]
        if name in used or name in drop:
            continue
        if name not in keep and looks_like_stamps(column):
            dates.append(name)
            continue
        label = "attr_service" if name == columns.roles.get("service") else f"attr_{name.removeprefix('case:')}"
        if name not in keep and label != "attr_service" and is_personal(name, column, hashed_columns):
            personal.append(name)
            continue
        kinds = column.nunique()
        numbers = pd.to_numeric(column.where(column != ""), errors="coerce")
        counted = bool((numbers.notna() == (column != "")).all()) and kinds > _MOST_KINDS
        numbering = kinds > len(column) / 2  # it tells rows apart, not kinds of them
        if counted and not (numbering and (numbers.dropna() % 1 == 0).all()):
            attributes[label] = numbers
        elif (kinds <= _MOST_KINDS and not numbering) or name in keep or label == "attr_service":
            attributes[label] = pd.Series(pd.Categorical(column))
        else:
            texts.append(name)
    notes = []
    hashes = [columns.roles[role] for role in ("case", "resource") if role in columns.roles]
    if hashes:
        notes.append(Note("eventlog.note.hashed", {"columns": ", ".join(hashes)}))
    if personal:
        notes.append(Note("eventlog.note.personal", {"columns": ", ".join(personal)}))
    if dates:
        notes.append(Note("eventlog.note.other_dates", {"columns": ", ".join(dates)}))
    if texts:
        notes.append(Note("eventlog.note.texts", {"columns": ", ".join(texts)}))
    return attributes, notes


def reading_notes(columns: Columns, stamps: Mapping[str, Stamps], zone: str | None) -> list[Note]:
    """Return notes about what was assumed of columns and time stamps."""
    guesses = ", ".join(f"{role} = {columns.roles[role]}" for role in columns.guessed)
    notes = [Note(f"eventlog.note.kind_{columns.kind}", {})]
    if guesses:
        notes.append(Note("eventlog.note.guessed", {"guesses": guesses}))
    if columns.clocks:
        joined = ", ".join(columns.roles[role] for role in columns.clocks)
        notes.append(Note("eventlog.note.joined", {"columns": joined, "date": columns.roles["date"]}))
    notes += _bare_date_notes(columns, stamps)
    if columns.unread:
        notes.append(Note("eventlog.note.unread", {"columns": ", ".join(columns.unread)}))
    orders = sorted({column_stamps.order for column_stamps in stamps.values()} - {"ymd"})
    for order in orders:  # a form that the user has named is told as it is
        label = HallplanError(f"eventlog.order.{order}") if order in _ORDERS else order
        notes.append(Note("eventlog.note.dates", {"order": label}))
    offsets = {column_stamps.offsets for column_stamps in stamps.values()} - {""}
    if offsets and zone:
        notes.append(Note("eventlog.note.zone", {"zone": zone}))
    elif offsets:
        notes.append(Note("eventlog.note.utc" if offsets == {"utc"} else "eventlog.note.offsets", {}))
    return notes


def _bare_date_notes(columns: Columns, stamps: Mapping[str, Stamps]) -> list[Note]:
    """Return a note for each column that mixes bare dates with moments."""
    notes = []
    for role, column_stamps in stamps.items():
        bare = bare_dates(column_stamps.moments)
        if bare.any():
            share = bare.sum() / (~np.isnat(column_stamps.moments)).sum()
            clocks = ", ".join(sorted(set(pd.DatetimeIndex(column_stamps.moments[bare]).strftime("%H:%M"))))
            values = {"column": columns.roles[role], "share": float(share), "clocks": clocks}
            notes.append(Note("eventlog.note.bare_dates", values))
    return notes
