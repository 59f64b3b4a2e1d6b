"""Files read as one event log.

Input: paths, and what the user states about the columns.
Output: an :class:`~calibration.eventlog.table.EventLog`.  Every row of the files is an activity instance of the log, or
it is among the rejected rows with its reason.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from calibration.eventlog.read.attributes import reading_notes, select_attributes
from calibration.eventlog.read.cells import OnProgress, RawTable
from calibration.eventlog.read.columns import Columns, find_columns
from calibration.eventlog.read.files import read_raw
from calibration.eventlog.read.rows import REPEATED, TIME_ROLES, RowReader, repeated_rows
from calibration.eventlog.read.stamps import Stamps, read_stamps, read_times_of_day
from calibration.eventlog.table import COLUMNS, EventLog
from foundation.errors import HallplanError
from scenarios.paths import suggestion

__all__ = ["read_log"]

_STEPS: Final = 1_000
"""Units of progress."""
_READING: Final = 0.5
"""Part of the work that is to read the cells."""
_MAX_REJECTED: Final = 0.5
"""Share of rejected rows above which a file was misread."""


def read_log(
    paths: Sequence[str | Path] | str | Path,
    *,
    mapping: Mapping[str, str] | None = None,
    kind: str | None = None,
    keep: Sequence[str] = (),
    drop: Sequence[str] = (),
    date_format: str | None = None,
    time_zone: str | None = None,
    salt: bytes | None = None,
    progress: OnProgress | None = None,
) -> EventLog:
    """Read an event log.

    Parameters
    ----------
    paths
        Files of one dialect: CSV, XLSX, XES.
    mapping
        Role (:data:`calibration.eventlog.read.columns.ROLES`) to column, to overrule the guess; "" for none.
    kind
        ``tickets``, ``ledger``, ``events`` or ``activities``; told from the columns by default.
    keep, drop
        Columns to keep as attributes though they look personal or are texts, and to leave out.
    date_format
        How moments are written, as :func:`time.strftime` has it; told from the cells by default.
    time_zone
        Where the hall is (``Asia/Shanghai``): moments with an offset from universal time are put on its clock.  By
        default an offset is taken to be the hall's own.
    salt
        For the hashes; a new one each time by default, so that two readings can't be joined.
    progress
        Called with the work that is done, and all of it.

    Returns
    -------
    EventLog
        Sorted by case and time.

    Raises
    ------
    HallplanError
        If a file can't be read, a column is missing or can't be told, or more than half of the rows are of no use.
    """
    files = [Path(path) for path in ([paths] if isinstance(paths, (str, Path)) else paths)]
    if not files:
        raise HallplanError("eventlog.fault.no_file")
    raw = _read_cells(files, progress)
    on_progress, source = _part(progress, _READING, 1.0), raw.source
    total = len(raw.frame) + len(raw.misfits)
    _check_share(len(raw.misfits), total, source, "eventlog.reason.cells")
    columns = find_columns(raw.frame, source=source, mapping=mapping, kind=kind)
    _check_known([*keep, *drop], raw)
    repeated = repeated_rows(raw, by_case="case" in columns.roles)
    stamps = _stamps(raw, columns, form=date_format, zone=time_zone)
    on_progress(1, 4)
    reader = RowReader(raw, columns, stamps, salt or secrets.token_bytes(16), repeated)
    events = reader.events()
    on_progress(2, 4)
    attributes, notes = select_attributes(raw, columns, keep=keep, drop=drop)
    rejected = reader.rejected()
    on_progress(3, 4)
    reasons = rejected.by_reason()
    repeats = reasons.pop(REPEATED, 0)  # what stands there twice says nothing against the reading
    _check_share(len(rejected) - repeats, total - repeats, source, next(iter(reasons), ""))
    events = _with_attributes(events, attributes, raw)
    on_progress(4, 4)
    return EventLog(
        events=events,
        kind=columns.kind,
        mapping={role: columns.roles[role] for role in sorted(columns.roles)},
        notes=(*raw.notes, *reading_notes(columns, stamps, time_zone), *reader.notes, *notes),
        rejected=rejected,
        rows_read=total,
    )


def _read_cells(files: Sequence[Path], progress: OnProgress | None) -> RawTable:
    """Read the cells of all files, which have the same heading."""
    ends = np.linspace(0.0, _READING, len(files) + 1).tolist()
    raws = [read_raw(path, _part(progress, *part)) for path, part in zip(files, pairwise(ends), strict=True)]
    raw = raws[0] if len(raws) == 1 else _joined(raws)
    if raw.frame.empty and not raw.misfits:
        raise HallplanError("eventlog.fault.no_rows", file=raw.source)
    return raw


def _with_attributes(events: pd.DataFrame, attributes: Mapping[str, pd.Series], raw: RawTable) -> pd.DataFrame:
    """Add attributes and row numbers, and sort the rows by case and time."""
    at = events.pop("_at").to_numpy()
    for name, column in attributes.items():
        events[name] = column.take(at).reset_index(drop=True)
    events["row"] = raw.row[at]
    order = np.lexsort((events["row"], _moment(events), events["case"].cat.codes))
    sorted_events: pd.DataFrame = events.iloc[order].reset_index(drop=True)[[*COLUMNS, *attributes]]
    return sorted_events


def _stamps(raw: RawTable, columns: Columns, *, form: str | None, zone: str | None) -> dict[str, Stamps]:
    """Read the columns of times, by role; times of day with the date of their row (in ``date``, if there are any)."""
    cells = raw.frame

    def read(role: str) -> Stamps:
        return read_stamps(cells[columns.roles[role]], name=columns.roles[role], form=form, zone=zone)

    stamps: dict[str, Stamps] = {}
    dates = read("date") if columns.clocks else None
    for role in (*TIME_ROLES, "stamp"):
        if dates is not None and role in columns.clocks:
            stamps[role] = read_times_of_day(cells[columns.roles[role]], dates)
        elif role in columns.roles:
            stamps[role] = read(role)
    return stamps if dates is None else {**stamps, "date": dates}


def _part(progress: OnProgress | None, begin: float, end: float) -> OnProgress:
    """Return what a part of the work tells, which is so much of the whole."""

    def on_progress(done: int, total: int) -> None:
        if progress is not None:
            share = min(done / max(total, 1), 1.0)
            progress(round((begin + (end - begin) * share) * _STEPS), _STEPS)

    return on_progress


def _check_share(bad: int, total: int, source: str, reason: str) -> None:
    if bad > _MAX_REJECTED * total:
        raise HallplanError("eventlog.fault.mostly_bad", file=source, bad=bad, rows=total, reason=HallplanError(reason))


def _joined(raws: list[RawTable]) -> RawTable:
    """Put files of the same heading under one another."""
    heading = list(raws[0].frame.columns)
    for other in raws[1:]:
        if set(other.frame.columns) != set(heading):
            raise HallplanError("eventlog.fault.other_heading", file=other.source, first=raws[0].source)
    return RawTable(
        pd.concat([raw.frame[heading] for raw in raws], ignore_index=True),
        np.concatenate([raw.row for raw in raws]),
        ", ".join(raw.source for raw in raws),
        [misfit for raw in raws for misfit in raw.misfits],
        [note for raw in raws for note in raw.notes],
        [(raw.source, len(raw.frame)) for raw in raws],
    )


def _check_known(names: Sequence[str], raw: RawTable) -> None:
    columns = [str(column) for column in raw.frame.columns]
    for name in names:
        if name not in columns:
            raise HallplanError(
                "eventlog.fault.unknown_column", file=raw.source, column=name, near=suggestion(name, columns)
            )


def _moment(events: pd.DataFrame) -> npt.NDArray[np.datetime64]:
    moment = events["start"].to_numpy()
    for column in ("ready", "end"):
        moment = np.where(np.isnat(moment), events[column].to_numpy(), moment)
    return moment
