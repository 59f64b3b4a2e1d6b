"""Rows of a file as rows of a log, or as rejected rows with a reason.

Input: the cells of a file, the roles of its columns, and their time stamps.
Output: one row an activity instance, and :class:`~calibration.eventlog.table.Rejected`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from calibration.eventlog.read.cells import RawTable
from calibration.eventlog.read.columns import Columns
from calibration.eventlog.read.pairing import SUSPENSIONS, TRANSITIONS, group_numbers, match_first_come
from calibration.eventlog.read.privacy import hashed
from calibration.eventlog.read.stamps import Stamps, is_missing
from calibration.eventlog.table import UNNAMED_ACTIVITY, Note, Rejected

__all__ = ["NO_TIME", "REPEATED", "TIME_ROLES", "RowReader", "repeated_rows"]

TIME_ROLES: Final = ("ready", "start", "end")

REPEATED: Final = "eventlog.reason.repeated"
"""Reason of a row that repeats another one cell by cell."""

NO_TIME: Final = np.datetime64("NaT", "ns")

_FIRST: Final = np.datetime64("1900-01-01", "D")

_MAX_TICKET: Final = np.timedelta64(366, "D")
"""A ticket that is in the hall for more than a year has a wrong date in it: nobody waits so long."""

_LEFT: Final = (
    r"过号|弃号|弃办|未到|离开|作废|取消|爽约|无人|空号|no[ _-]?show|abandon|left|cancel|skip|missed|absent|reneg|void"
)


def repeated_rows(raw: RawTable, *, by_case: bool) -> npt.NDArray[np.bool_]:
    """Tell which rows repeat another one cell by cell, as in exports that overlap.

    Parameters
    ----------
    raw
        The cells of all files.
    by_case
        Whether a column numbers the cases.  If none does, two equal rows of one file may be two visitors, and only
        those of different files are one.
    """
    frame = raw.frame
    again = frame.duplicated().to_numpy(dtype=np.bool_)
    if by_case or not again.any():
        return again
    file = np.repeat(np.arange(len(raw.files)), [number for _, number in raw.files])
    row = frame.groupby(list(frame.columns), sort=False).ngroup().to_numpy()
    nth = pd.Series(row).groupby([row, file]).cumcount().to_numpy()  # of the equal rows in its file
    return pd.DataFrame({"row": row, "nth": nth}).duplicated().to_numpy(dtype=np.bool_)


class RowReader:
    """The rows of one log."""

    def __init__(
        self,
        raw: RawTable,
        columns: Columns,
        stamps: Mapping[str, Stamps],
        salt: bytes,
        repeated: npt.NDArray[np.bool_],
    ) -> None:
        self.raw, self.columns, self.stamps, self.salt = raw, columns, stamps, salt
        self.size = len(raw.frame)
        self.notes: list[Note] = []
        self.reason = np.full(self.size, "", dtype=object)
        self._refuse(repeated, REPEATED)
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
        moments = {role: self._moments(role) for role in TIME_ROLES}
        previous = np.full(self.size, NO_TIME)
        for role in TIME_ROLES:  # in this order they must come
            now = moments[role]
            self._refuse(~np.isnat(now) & ~np.isnat(previous) & (now < previous), "eventlog.reason.backwards")
            previous = np.where(np.isnat(now), previous, now)
        left = self._says_left()
        if kind == "tickets":
            first = np.fmin.reduce(list(moments.values()))  # of an empty stamp the other counts
            self._refuse(previous - first > _MAX_TICKET, "eventlog.reason.overlong")
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
            change = transition.map(TRANSITIONS).fillna("").to_numpy(dtype=object)
            other = use[change[use] == ""]
            pauses = use[np.isin(change[use], SUSPENSIONS)]
            use = use[~np.isin(change[use], ("", *SUSPENSIONS))]
            if other.size:
                kinds = ", ".join(sorted(set(transition.iloc[other])))
                self.notes.append(Note("eventlog.note.transitions", {"rows": other.size, "kinds": kinds}))
        keys = [pd.factorize(self.raw.frame[self.columns.roles[role]])[0][use] for role in ("case", "activity")]
        rank = (
            pd.Series(change[use])
            .map({role: rank_of_role for rank_of_role, role in enumerate(TIME_ROLES)})
            .to_numpy(dtype=np.int64)
        )
        order = np.lexsort((use, rank, moments[use], keys[1], keys[0]))
        at, rank, group = use[order], rank[order], group_numbers(keys[0][order], keys[1][order])
        ready, start, end = rank == 0, rank == 1, rank == 2
        began = match_first_come(group, opens=start, closes=end)  # by row that ends: the row that starts it
        first = start | (end & (began < 0))
        queued = match_first_come(group, opens=ready, closes=first)
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
        times = {role: np.where(rows[role] >= 0, seen[rows[role]], NO_TIME) for role in TIME_ROLES}
        last = np.where(rows["end"] >= 0, rows["end"], instance)
        outcome = np.where(np.isnat(times["end"]), "open", "done")
        starts = np.where(rows["start"] >= 0, at[rows["start"]], -1)
        began_at, from_, until = self._suspended(pauses, change[pauses] == "suspend", moments, use)
        none = np.full(began_at.size, NO_TIME)
        stops = {"ready": none, "start": from_, "end": until}
        return self._frame(
            np.r_[at[last], began_at],
            {role: np.r_[times[role], stops[role]] for role in TIME_ROLES},
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
        opened = match_first_come(group_numbers(keys[0][rows], keys[1][rows]), opens=suspends, closes=~suspends)
        until = np.full(rows.size, NO_TIME)
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
                **{role: pd.Series(moments[role].astype("datetime64[ns]")) for role in TIME_ROLES},
                "outcome": pd.Categorical(outcome, categories=["done", "left", "open"]),
                "date_only": all(column_stamps.date_only for column_stamps in self.stamps.values()),
                "stop": np.zeros(at.size, dtype=np.bool_) if stop is None else stop,
                "_at": at,
            }
        )

    def _activity(self, at: npt.NDArray[np.int64]) -> pd.Series:
        role = next((role for role in ("activity", "service") if role in self.columns.roles), None)
        if role is None or (role == "service" and self.columns.kind == "ledger"):
            return pd.Series(
                pd.Categorical(np.full(at.size, "case" if self.columns.kind == "ledger" else UNNAMED_ACTIVITY))
            )
        return pd.Series(pd.Categorical(self.raw.frame[self.columns.roles[role]].iloc[at].str.strip()))

    def _moments(self, role: str) -> npt.NDArray[np.datetime64]:
        return self.stamps[role].moments if role in self.stamps else np.full(self.size, NO_TIME)

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
