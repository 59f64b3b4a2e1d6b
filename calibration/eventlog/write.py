"""An event log as a file, as a hall's own software would have written it.

Input: the rows of a log (:func:`calibration.eventlog.simulated.simulated_log`, or any in that form).
Output: a CSV file, a workbook or XES, which :func:`calibration.eventlog.read_log` reads again.
"""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import quoteattr

import numpy as np
import numpy.typing as npt
import pandas as pd

from foundation.errors import HallplanError
from sim.measure.export import as_csv, write_atomically

__all__ = ["FORMATS", "ending_of", "write_log"]

FORMATS: Final = (".csv", ".xlsx", ".xes", ".xes.gz")
_HEADINGS: Final = {
    "case": "Case ID",
    "activity": "Activity",
    "resource": "Window",
    "ready": "Ticket time",
    "start": "Start time",
    "end": "End time",
    "outcome": "Status",
}


def ending_of(path: Path) -> str:
    """Return which of :data:`FORMATS` a file's name ends with.

    Raises
    ------
    HallplanError
        If it is none of them.
    """
    ending = next(
        (ending_candidate for ending_candidate in FORMATS if path.name.lower().endswith(ending_candidate)), None
    )
    if ending is None:
        raise HallplanError("eventlog.fault.ending", file=path.name, known=", ".join(FORMATS))
    return ending


def write_log(events: pd.DataFrame, kind: str, path: str | Path) -> Path:
    """Write a log to a file whose ending says how.

    Parameters
    ----------
    events
        One row an activity instance, the columns of :class:`~calibration.eventlog.table.EventLog`.
    kind
        ``tickets``, ``ledger``, ``events`` or ``activities``.
    path
        Ends with one of :data:`FORMATS`.

    Raises
    ------
    HallplanError
        If the ending is another, or the file can't be written.
    """
    file = Path(path)
    ending = ending_of(file)
    table = _table(events, kind)
    if ending == ".csv":
        content = as_csv(table)
    elif ending == ".xlsx":
        content = _workbook(table)
    else:
        content = _xes(events)
        content = gzip.compress(content, mtime=0) if ending.endswith(".gz") else content
    try:
        write_atomically(file, content)
    except OSError as error:
        raise HallplanError("eventlog.fault.cannot_write", file=str(file), reason=error.strerror or "?") from None
    return file


def _table(events: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the columns that a log of this kind has, with headings; only events have a place for stops."""
    if "stop" in events and events["stop"].any():
        if kind == "events":
            return _transitions(events)
        events = events[~events["stop"]]
    names = {
        "tickets": ("case", "activity", "resource", "ready", "start", "end", "outcome"),
        "ledger": ("case", "start", "end"),
        "events": ("case", "activity", "resource", "end"),
        "activities": ("case", "activity", "resource", "ready", "start", "end"),
    }[kind]
    if kind == "activities" and "outcome" in events and (events["outcome"] == "left").any():
        names = (*names, "outcome")
    headings = _HEADINGS | ({"case": "Ticket", "activity": "Step"} if kind == "tickets" else {})
    headings |= {"start": "Accepted", "end": "Finished"} if kind == "ledger" else {}
    table = events[[name for name in names if name in events]].rename(columns=headings)
    if kind == "ledger":
        for name in ("Accepted", "Finished"):
            table[name] = events[{"Accepted": "start", "Finished": "end"}[name]].dt.strftime("%Y-%m-%d").fillna("")
    for name in events.columns:
        if str(name).startswith("attr_"):
            table[str(name).removeprefix("attr_").capitalize()] = events[name]
    return table


def _transitions(events: pd.DataFrame) -> pd.DataFrame:
    """Return one row a moment, with what happened then: an activity's end, or the beginning or end of a stop."""
    stop = events["stop"]
    parts = [
        events.assign(moment=events[name], change=change)[mask & events[name].notna()]
        for mask, name, change in (
            (~stop, "end", _TRANSITIONS["end"]),
            (stop, "start", _SUSPENSIONS["start"]),
            (stop, "end", _SUSPENSIONS["end"]),
        )
    ]
    rows = pd.concat(parts).sort_values(["case", "moment"], kind="stable")
    headings = {
        "case": "Case ID",
        "activity": "Activity",
        "change": "Lifecycle",
        "resource": "Window",
        "moment": "End time",
    }
    table = rows[list(headings)].rename(columns=headings)
    for name in events.columns:
        if str(name).startswith("attr_"):
            table[str(name).removeprefix("attr_").capitalize()] = rows[name]
    return table


def _workbook(table: pd.DataFrame) -> bytes:
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("log")

    def cell(value: Any) -> Any:
        if pd.isna(value):
            return None
        if isinstance(value, pd.Timestamp):
            return value.to_pydatetime()
        if not isinstance(value, str):
            return value
        text = WriteOnlyCell(sheet, value)
        text.data_type = "s"  # a text that begins with "=" is no formula
        return text

    sheet.append([cell(str(name)) for name in table.columns])
    for row in table.itertuples(index=False, name=None):
        sheet.append([cell(value) for value in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _xes(events: pd.DataFrame) -> bytes:
    """Write XES (IEEE 1849): one trace a case, one event a moment with its lifecycle transition."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<log xes.version="1849.2016" xmlns="http://www.xes-standard.org/">',
    ]
    code, cases = pd.factorize(events["case"])
    case = code.tolist()
    of_row = {name: _quoted(events[name]) for name in ("activity", "resource", "attr_service") if name in events}
    moments = {change: events[change].dt.strftime("%Y-%m-%dT%H:%M:%S.%f") for change in _TRANSITIONS}
    stamps = {change: column.fillna("").to_numpy(dtype=object) for change, column in moments.items()}
    stops = events["stop"].to_numpy() if "stop" in events else np.zeros(len(events), dtype=np.bool_)
    before = -1
    for row in np.argsort(code, kind="stable").tolist():
        if case[row] != before:
            lines += ["</trace>"] * (before >= 0)
            before = case[row]
            lines.append(f'<trace><string key="concept:name" value={quoteattr(str(cases[before]))}/>')
            if "attr_service" in of_row:
                lines.append(f'<string key="service" value={of_row["attr_service"][row]}/>')
        for change, transition in (_SUSPENSIONS if stops[row] else _TRANSITIONS).items():
            moment = stamps[change][row]
            if moment:
                lines.append(
                    f'<event><string key="concept:name" value={of_row["activity"][row]}/>'
                    f'<string key="lifecycle:transition" value="{transition}"/>'
                    f'<string key="org:resource" value={of_row["resource"][row]}/>'
                    f'<date key="time:timestamp" value="{moment}"/></event>'
                )
    lines += ["</trace>"] * (before >= 0)
    return "\n".join([*lines, "</log>", ""]).encode()


def _quoted(column: pd.Series) -> npt.NDArray[Any]:
    """Return a column's texts as XML has them, each kind of them quoted once."""
    code, kinds = pd.factorize(column, use_na_sentinel=False)
    return np.array([quoteattr(str(kind)) for kind in kinds], dtype=object)[code]


_TRANSITIONS: Final = {"ready": "schedule", "start": "start", "end": "complete"}
_SUSPENSIONS: Final = {"start": "suspend", "end": "resume"}
