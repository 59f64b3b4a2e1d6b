"""From files to one log: what stands in which column, what is kept, what is hashed, what can't be used and why.

Comes in: paths, and what the user says about the columns.  Goes out: an :class:`~calibration.eventlog.table.EventLog`.
A row is never dropped without a word: it is an activity of the log, or it is among the rejected with its reason.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from calibration.eventlog.columns import Columns, find_columns
from calibration.eventlog.privacy import hashed, is_personal
from calibration.eventlog.raw import RawTable, Told, read_raw
from calibration.eventlog.stamps import Stamps, is_missing, looks_like_stamps, read_stamps, read_times_of_day
from calibration.eventlog.table import COLUMNS, EventLog, Note, Rejected
from foundation.errors import HallplanError
from scenarios.paths import suggestion

__all__ = ["read_log"]

_TIMES: Final = ("ready", "start", "end")
_NEVER: Final = np.datetime64("NaT", "ns")
_ORDERS: Final = ("dmy", "mdy", "excel", "unix")
_FIRST: Final = np.datetime64("1900-01-01", "D")
_MOST_KINDS: Final = 200
"""An attribute with more kinds than this, or more than half as many as rows, is a text or a number of the row."""
_STEPS: Final = 1_000
_MOST_REJECTED: Final = 0.5
_LEFT: Final = (
    r"过号|弃号|弃办|未到|离开|作废|取消|爽约|无人|空号|no[ _-]?show|abandon|left|cancel|skip|missed|absent|reneg|void"
)


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
    progress: Told | None = None,
) -> EventLog:
    """Read an event log.

    Parameters
    ----------
    paths
        Files of one dialect: CSV, XLSX, XES.
    mapping
        Role (:data:`calibration.eventlog.columns.ROLES`) to column, where the guess is to be overruled; "" for none.
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
        Told how far the reading is.

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
    ends = np.linspace(0.0, 0.5, len(files) + 1).tolist()  # half of the work is to read the cells
    raws = [read_raw(path, _part(progress, *part)) for path, part in zip(files, pairwise(ends), strict=True)]
    on_progress = _part(progress, 0.5, 1.0)
    raw = raws[0] if len(raws) == 1 else _joined(raws)
    if raw.frame.empty and not raw.misfits:
        raise HallplanError("eventlog.fault.no_rows", file=raw.source)
    source = raw.source
    total = len(raw.frame) + len(raw.misfits)
    _check_share(len(raw.misfits), total, source, "eventlog.reason.cells")
    columns = find_columns(raw.frame, source=source, mapping=mapping, kind=kind)
    _check_known([*keep, *drop], raw)
    stamps = _stamps(raw, columns, form=date_format, zone=time_zone)
    on_progress(1, 4)
    reader = _Reader(raw, columns, stamps, salt or secrets.token_bytes(16))
    events = reader.events()
    on_progress(2, 4)
    attributes, notes = _attributes(raw, columns, keep=keep, drop=drop)
    rejected = reader.rejected()
    on_progress(3, 4)
    _check_share(len(rejected), total, source, next(iter(rejected.by_reason()), ""))
    at = events.pop("_at").to_numpy()
    for name, column in attributes.items():
        events[name] = column.take(at).reset_index(drop=True)
    events["row"] = raw.row[at]
    order = np.lexsort((events["row"], _moment(events), events["case"].cat.codes))
    events = events.iloc[order].reset_index(drop=True)
    on_progress(4, 4)
    return EventLog(
        events=events[[*COLUMNS, *attributes]],
        kind=columns.kind,
        mapping={role: columns.roles[role] for role in sorted(columns.roles)},
        notes=(*raw.notes, *_said(columns, stamps, time_zone), *reader.notes, *notes),
        rejected=rejected,
        rows_read=total,
    )


def _stamps(raw: RawTable, columns: Columns, *, form: str | None, zone: str | None) -> dict[str, Stamps]:
    """Read the columns of times, by role; times of day with the date of their row (in ``date``, if there are any)."""
    cells = raw.frame

    def read(role: str) -> Stamps:
        return read_stamps(cells[columns.roles[role]], name=columns.roles[role], form=form, zone=zone)

    stamps: dict[str, Stamps] = {}
    dates = read("date") if columns.clocks else None
    for role in (*_TIMES, "stamp"):
        if dates is not None and role in columns.clocks:
            stamps[role] = read_times_of_day(cells[columns.roles[role]], dates)
        elif role in columns.roles:
            stamps[role] = read(role)
    return stamps if dates is None else {**stamps, "date": dates}


def _part(progress: Told | None, begin: float, end: float) -> Told:
    """Return what a part of the work tells, which is so much of the whole."""

    def on_progress(done: int, total: int) -> None:
        if progress is not None:
            share = min(done / max(total, 1), 1.0)
            progress(round((begin + (end - begin) * share) * _STEPS), _STEPS)

    return on_progress


def _check_share(bad: int, total: int, source: str, reason: str) -> None:
    if bad > _MOST_REJECTED * total:
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


class _Reader:
    """The rows of one log."""

    def __init__(self, raw: RawTable, columns: Columns, stamps: Mapping[str, Stamps], salt: bytes) -> None:
        self.raw, self.columns, self.stamps, self.salt = raw, columns, stamps, salt
        self.size = len(raw.frame)
        self.notes: list[Note] = []
        self.reason = np.full(self.size, "", dtype=object)
        dates = stamps.get("date")
        if dates is not None:
            self._refuse(dates.bad, "eventlog.reason.stamp")
            self._refuse(is_missing(raw.frame[columns.roles["date"]]), "eventlog.reason.no_date")
        self.stamps = stamps = {role: column_stamps for role, column_stamps in stamps.items() if role != "date"}
        for column_stamps in stamps.values():
            self._refuse(column_stamps.bad, "eventlog.reason.stamp")
        if stamps:
            nothing = np.logical_and.reduce([np.isnat(column_stamps.moments) for column_stamps in stamps.values()])
            self._refuse(nothing, "eventlog.reason.no_stamp")
        for role in ("case", "activity"):
            if role in columns.roles and columns.kind != "tickets":
                self._refuse(is_missing(raw.frame[columns.roles[role]]), f"eventlog.reason.no_{role}")

    def _refuse(self, which: npt.NDArray[np.bool_], reason: str) -> None:
        self.reason[which & (self.reason == "")] = reason

    def events(self) -> pd.DataFrame:
        """Return the rows in one form, with their place among the file's rows in ``_at``."""
        kind = self.columns.kind
        if kind == "events":
            return self._paired()
        moments = {role: self._moments(role) for role in _TIMES}
        previous = np.full(self.size, _NEVER)
        for role in _TIMES:  # in this order they must come
            now = moments[role]
            self._refuse(~np.isnat(now) & ~np.isnat(previous) & (now < previous), "eventlog.reason.backwards")
            previous = np.where(np.isnat(now), previous, now)
        left = self._says_left()
        if kind == "tickets":
            nobody = np.isnat(moments["start"]) & np.isnat(moments["end"])
            days = np.stack([column_moments.astype("datetime64[D]") for column_moments in moments.values()])
            before = moments["ready"].astype("datetime64[D]") < days[~np.isnat(days)].max(initial=_FIRST)
            left = left | (nobody & before)
        done = ~np.isnat(moments["end"]) & ~left
        outcome = np.where(left, "left", np.where(done, "done", "open"))
        use = np.flatnonzero(self.reason == "")
        return self._frame(use, {role: moment[use] for role, moment in moments.items()}, outcome[use])

    def _paired(self) -> pd.DataFrame:
        """Make activities of single events: a start belongs to the first end after it that no earlier start has."""
        moments = self._moments("stamp")
        use = np.flatnonzero(self.reason == "")
        pauses = use[:0]
        change = np.full(self.size, "end", dtype=object)
        if "lifecycle" in self.columns.roles:
            transition = self.raw.frame[self.columns.roles["lifecycle"]].str.strip().str.lower()
            change = transition.map(_CHANGES).fillna("").to_numpy(dtype=object)
            other = use[change[use] == ""]
            pauses = use[np.isin(change[use], _PAUSES)]
            use = use[~np.isin(change[use], ("", *_PAUSES))]
            if other.size:
                kinds = ", ".join(sorted(set(transition.iloc[other])))
                self.notes.append(Note("eventlog.note.transitions", {"rows": other.size, "kinds": kinds}))
        keys = [pd.factorize(self.raw.frame[self.columns.roles[role]])[0][use] for role in ("case", "activity")]
        rank = (
            pd.Series(change[use])
            .map({role: rank_of_role for rank_of_role, role in enumerate(_TIMES)})
            .to_numpy(dtype=np.int64)
        )
        order = np.lexsort((use, rank, moments[use], keys[1], keys[0]))
        at, rank, group = use[order], rank[order], _groups(keys[0][order], keys[1][order])
        ready, start, end = rank == 0, rank == 1, rank == 2
        began = _matched(group, opens=start, closes=end)  # by row that ends: the row that starts it
        first = start | (end & (began < 0))
        queued = _matched(group, opens=ready, closes=first)
        begun = np.full(at.size, -1)  # by row that starts: the row that ends it
        begun[began[began >= 0]] = np.flatnonzero(began >= 0)
        waiting = ready.copy()
        waiting[queued[queued >= 0]] = False
        instance = np.flatnonzero(first | waiting)  # a row for every activity: where it is seen first, or waits still
        rows = {
            "ready": np.where(waiting[instance], instance, queued[instance]),
            "start": np.where(start[instance], instance, -1),
            "end": np.where(end[instance], instance, begun[instance]),
        }
        seen = moments[at]
        times = {role: np.where(rows[role] >= 0, seen[rows[role]], _NEVER) for role in _TIMES}
        last = np.where(rows["end"] >= 0, rows["end"], instance)
        outcome = np.where(np.isnat(times["end"]), "open", "done")
        starts = np.where(rows["start"] >= 0, at[rows["start"]], -1)
        began_at, from_, until = self._suspended(pauses, change[pauses] == "suspend", moments, use)
        none = np.full(began_at.size, _NEVER)
        stops = {"ready": none, "start": from_, "end": until}
        return self._frame(
            np.r_[at[last], began_at],
            {role: np.r_[times[role], stops[role]] for role in _TIMES},
            np.r_[outcome, np.where(np.isnat(until), "open", "done")],
            began=np.r_[starts, np.full(began_at.size, -1)],
            stop=np.r_[np.zeros(last.size, dtype=np.bool_), np.ones(began_at.size, dtype=np.bool_)],
        )

    def _suspended(
        self,
        rows: npt.NDArray[np.int64],
        suspends: npt.NDArray[np.bool_],
        moments: npt.NDArray[np.datetime64],
        others: npt.NDArray[np.int64],
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.datetime64], npt.NDArray[np.datetime64]]:
        """Pair suspensions with resumptions of the same case and activity: row, beginning, end (NaT: still suspended).

        A suspension that nothing ends, though its case has gone on, and a resumption of what was not suspended are
        counted and left out: how long such a stop was nobody can know.
        """
        if not rows.size:
            return rows, moments[rows], moments[rows]
        keys = [pd.factorize(self.raw.frame[self.columns.roles[role]])[0] for role in ("case", "activity")]
        order = np.lexsort((rows, ~suspends, moments[rows], keys[1][rows], keys[0][rows]))
        rows, suspends = rows[order], suspends[order]
        opened = _matched(_groups(keys[0][rows], keys[1][rows]), opens=suspends, closes=~suspends)
        until = np.full(rows.size, _NEVER)
        paired = opened >= 0
        until[opened[paired]] = moments[rows[paired]]
        latest = np.full(int(keys[0].max()) + 1, np.iinfo(np.int64).min)
        seen = np.r_[others, rows]
        np.maximum.at(latest, keys[0][seen], moments[seen].astype(np.int64))
        goes_on = latest[keys[0][rows]] > moments[rows].astype(np.int64)
        retained = suspends & (~np.isnat(until) | ~goes_on)
        lost = int((~suspends & ~paired).sum() + (suspends & ~retained).sum())
        values = {"n": int(paired.sum()), "open": int((retained & np.isnat(until)).sum()), "lost": lost}
        self.notes.append(Note("eventlog.note.pauses", values))
        return rows[retained], moments[rows[retained]], until[retained]

    def _frame(
        self,
        at: npt.NDArray[np.int64],
        moments: Mapping[str, npt.NDArray[np.datetime64]],
        outcome: npt.NDArray[Any],
        *,
        began: npt.NDArray[np.int64] | None = None,
        stop: npt.NDArray[np.bool_] | None = None,
    ) -> pd.DataFrame:
        roles, cells = self.columns.roles, self.raw.frame
        if "case" in roles and self.columns.kind != "tickets":
            case = hashed(cells[roles["case"]].iloc[at].str.strip(), self.salt)
        else:  # numbers on tickets begin again every morning
            case = pd.Series(pd.Categorical([f"{number:08d}" for number in range(at.size)]))
        if "resource" in roles:
            resources = cells[roles["resource"]].str.strip().to_numpy(dtype=object)
            named = resources[at]
            if began is not None:  # some name who began, and not who ended
                named = np.where((named == "") & (began >= 0), resources[began], named)
            if stop is not None:  # nobody works meanwhile
                named = np.where(stop, "", named)
            resource = hashed(pd.Series(named, dtype="str"), self.salt)
        else:
            resource = pd.Series(pd.Categorical(np.full(at.size, "")))
        return pd.DataFrame(
            {
                "case": case.reset_index(drop=True),
                "activity": self._activity(at),
                "resource": resource.reset_index(drop=True),
                **{role: pd.Series(moments[role].astype("datetime64[ns]")) for role in _TIMES},
                "outcome": pd.Categorical(outcome, categories=["done", "left", "open"]),
                "date_only": all(column_stamps.date_only for column_stamps in self.stamps.values()),
                "stop": np.zeros(at.size, dtype=np.bool_) if stop is None else stop,
                "_at": at,
            }
        )

    def _activity(self, at: npt.NDArray[np.int64]) -> pd.Series:
        role = next((role for role in ("activity", "service") if role in self.columns.roles), None)
        if role is None or (role == "service" and self.columns.kind == "ledger"):
            return pd.Series(pd.Categorical(np.full(at.size, "case" if self.columns.kind == "ledger" else "window")))
        return pd.Series(pd.Categorical(self.raw.frame[self.columns.roles[role]].iloc[at].str.strip()))

    def _moments(self, role: str) -> npt.NDArray[np.datetime64]:
        return self.stamps[role].moments if role in self.stamps else np.full(self.size, _NEVER)

    def _says_left(self) -> npt.NDArray[np.bool_]:
        if "outcome" not in self.columns.roles:
            return np.zeros(self.size, dtype=np.bool_)
        status = self.raw.frame[self.columns.roles["outcome"]]
        return status.str.contains(_LEFT, case=False, regex=True).to_numpy(dtype=np.bool_)

    def rejected(self) -> Rejected:
        """Return the rows that are of no use, with what stood in the cells that were looked at."""
        bad = np.flatnonzero(self.reason != "")
        shown = [column for role, column in self.columns.roles.items() if role not in ("case", "resource")]
        texts = [" | ".join(row) for row in self.raw.frame[shown].iloc[bad].itertuples(index=False, name=None)]
        misfits = self.raw.misfits
        rows = pd.DataFrame(
            {
                "source": [*self.raw.file_of(bad), *[file for file, _ in misfits]],
                "row": [*self.raw.row[bad].tolist(), *[number for _, number in misfits]],
                "reason": [*self.reason[bad], *["eventlog.reason.cells"] * len(misfits)],
                "text": [*texts, *[""] * len(misfits)],  # cells that can't be told apart may be personal
            }
        )
        return Rejected(rows.sort_values(["source", "row"], kind="stable").reset_index(drop=True))


_CHANGES: Final = {
    **dict.fromkeys(("schedule", "scheduled", "enable", "enabled", "created", "queued", "排队", "取号"), "ready"),
    **dict.fromkeys(("start", "started", "begin", "开始", "叫号"), "start"),
    **dict.fromkeys(("complete", "completed", "end", "finish", "finished", "done", "完成", "结束"), "end"),
    **dict.fromkeys(("ate_abort", "pi_abort", "withdraw", "终止"), "end"),
    **dict.fromkeys(("suspend", "suspended", "pause", "paused", "挂起", "暂停", "中止"), "suspend"),
    **dict.fromkeys(("resume", "resumed", "解挂", "解除挂起", "恢复", "继续"), "resume"),
}
_PAUSES: Final = ("suspend", "resume")


def _groups(case: npt.NDArray[np.int64], activity: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Number the stretches of equal case and activity."""
    new = np.ones(case.size, dtype=np.bool_)
    new[1:] = (case[1:] != case[:-1]) | (activity[1:] != activity[:-1])
    return np.cumsum(new) - 1


def _matched(
    group: npt.NDArray[np.int64], *, opens: npt.NDArray[np.bool_], closes: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Return by row that closes which row has opened it, first come first served within its group, else -1.

    The rows of a group stand in the order of time.  A row closes nothing where all that were opened before it are
    closed: there the excess of closings over openings reaches a new height.
    """
    excess = pd.Series(closes.astype(np.int64) - opens).groupby(group).cumsum()
    height = excess.groupby(group).cummax().clip(lower=0)
    before = height.groupby(group).shift(fill_value=0)
    closing = np.flatnonzero(closes & (height == before).to_numpy(dtype=np.bool_))
    opening = np.flatnonzero(opens)
    table = [pd.Series(rows) for rows in (opening, closing)]
    turn = [rows.groupby(group[rows.to_numpy()]).cumcount().to_numpy() for rows in table]
    # Of every group the k-th closing belongs to the k-th opening: their places in one sorted list of (group, k).
    width = opens.size + 1
    keys = [group[rows.to_numpy()] * width + k for rows, k in zip(table, turn, strict=True)]
    opener = np.full(opens.size, -1)
    opener[closing] = opening[np.searchsorted(keys[0], keys[1])]
    return opener


def _attributes(
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


def _said(columns: Columns, stamps: Mapping[str, Stamps], zone: str | None) -> list[Note]:
    guesses = ", ".join(f"{role} = {columns.roles[role]}" for role in columns.guessed if role in columns.roles)
    notes = [Note(f"eventlog.note.kind_{columns.kind}", {})]
    if guesses:
        notes.append(Note("eventlog.note.guessed", {"guesses": guesses}))
    if columns.clocks:
        joined = ", ".join(columns.roles[role] for role in columns.clocks)
        notes.append(Note("eventlog.note.joined", {"columns": joined, "date": columns.roles["date"]}))
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
