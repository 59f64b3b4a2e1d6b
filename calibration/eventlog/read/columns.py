"""The role of each column, from its heading and its content, unless the user has stated it.

Input: the columns of a file.
Output: :class:`Columns`, one column a role, and the kind of log.  Headings are those of ticket machines and ledgers in
Chinese and English, and those of published logs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

import pandas as pd

from calibration.eventlog.read.stamps import (
    is_missing,
    looks_like_dates,
    looks_like_numbers_of_moments,
    looks_like_stamps,
    looks_like_times_of_day,
)
from calibration.eventlog.table import KINDS, Kind
from foundation.errors import HallplanError
from scenarios.paths import suggestion

__all__ = ["ROLES", "Columns", "find_columns"]

_TIMES: Final = ("ready", "start", "end", "stamp")
ROLES: Final = ("case", "activity", "resource", *_TIMES, "date", "lifecycle", "outcome", "service")
"""What a column can be for; every other column is an attribute, or left out."""

_WHEN: Final = r"([ _-]?(time([ _-]?stamp)?|at|date))?"

_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "case": (
        r"case:concept:name",
        r"(case|trace)[ _-]?(id|no|number|key)?",
        r"(业务|办件|案件|受理|申办|申请|事项|办理)?(流水|编)号|受理号|办件号|申办号|案号",
        r"ticket[ _-]?(id|no|number)?|(取?票|排队|取|叫)号(码)?|号码|票据?编号",
        r"(application|request|permit|incident|order)[ _-]?(id|no|number)|sr[ _-]?number|id",
    ),
    "activity": (
        r"concept:name",
        r"activity([ _-]?(name|id|label))?|(办理|业务|当前)?环节(名称)?|活动(名称)?|节点(名称)?",
        r"(event|task|step|action)([ _-]?(name|label))?|步骤|操作(类型|名称)?",
    ),
    "resource": (
        r"org:resource",
        r"resource|窗口(号|编号|名称)?|柜台(号)?|工号|办理人(员)?|经办人(员)?|操作员|受理人(员)?",
        r"(window|counter|desk|server|user|officer|agent|employee|staff)([ _-]?(id|no|number|name))?|org:(role|group)",
    ),
    "ready": (
        r"(取号|取票|领号|排队|到达|到厅|入队)(时间|日期)?|申请(时间|日期)|提交(时间|日期)",
        r"(arriv(al|ed)|(en)?queued?|taken|ticket(ed)?|check[ _-]?in|issued|created|submitted|enabled)" + _WHEN,
    ),
    "start": (
        r"(叫号|呼叫|开始|受理|收件|接件|服务开始|开始办理|办理开始)(时间|日期)",
        r"(start(ed)?|begin|began|called|accepted|service[ _-]?start)" + _WHEN,
    ),
    "end": (
        r"(结束|完成|办结|办毕|服务结束|办理结束|办理完成|出证)(时间|日期)",
        r"(end(ed)?|complet(e|ed|ion)|finish(ed)?|closed|decided|served|service[ _-]?end)" + _WHEN,
    ),
    "stamp": (
        r"time:timestamp",
        r"time[ _-]?stamp|event[ _-]?(time|date)|date[ _-]?time|操作(时间|日期)|办理(时间|日期)",
        r"time|date|时间|日期",
    ),
    "date": (
        r"(业务|服务|营业|登记|排队|取号|叫号|办理|受理)?日期",
        r"((ticket|queue|service|business|visit|event)[ _-]?)?(date|day)",
    ),
    "lifecycle": (r"lifecycle:transition", r"lifecycle|transition|life[ _-]?cycle[ _-]?transition|事件类型"),
    "outcome": (r"outcome|(办理|处理|票号|排队)?(状态|结果)", r"status|result|state"),
    "service": (
        r"(办理|服务|审批|业务)?事项(名称|类型|类别)?|业务(类型|名称|类别|种类)|服务(类型|名称|类别)",
        r"(case:)?(service|product|request|permit|application|business)([ _-]?(name|type))?",
    ),
}
_TICKETS: Final = re.compile(r"取号|取票|领号|票|排队|叫号|呼叫|ticket|queue|called", re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """The columns of a log.

    Attributes
    ----------
    roles
        Role to column.
    kind
        What kind of log they make.
    guessed
        Roles that the user didn't name.
    clocks
        Roles whose columns hold times of day, which belong to the date in the column of the role ``date``.
    unread
        Columns that have no role, though their headings call them times, because their cells are in no known form.
    """

    roles: dict[str, str]
    kind: Kind
    guessed: tuple[str, ...]
    clocks: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def find_columns(
    frame: pd.DataFrame, *, source: str, mapping: Mapping[str, str] | None = None, kind: str | None = None
) -> Columns:
    """Identify the role of each column.

    Parameters
    ----------
    frame
        The cells, texts.
    source
        What messages call the file.
    mapping
        Role to column, as far as the user has said; an empty column leaves the role out.
    kind
        The kind of log, if the user has said.

    Raises
    ------
    HallplanError
        If a role, a column or the kind is unknown, no column tells the time, or times of day have no date.
    """
    requested = dict(mapping or {})
    names = [str(name) for name in frame.columns]
    _check_requested(requested, names, source, kind)
    roles = {role: column for role, column in requested.items() if column}
    guessed = []
    time_columns = [name for name in names if _is_named(name, _TIMES) or name in map(requested.get, _TIMES)]
    clocks = {name for name in names if looks_like_times_of_day(frame[name], named=name in time_columns)}
    for _, role, column in sorted(_candidates(frame, names, clocks, requested.get("date"))):
        if role not in requested and role not in roles and column not in roles.values():
            roles[role] = column
            guessed.append(role)
    timed = [role for role in _TIMES if roles.get(role) in clocks]
    if timed and "date" not in roles:
        columns = ", ".join(roles[role] for role in timed)
        raise HallplanError("eventlog.fault.no_date", file=source, columns=columns)
    if requested.get("date") and not timed:
        raise HallplanError("eventlog.fault.no_clock", file=source, column=requested["date"], columns=", ".join(names))
    if not any(role in roles for role in _TIMES):
        raise HallplanError("eventlog.fault.no_time", file=source, columns=", ".join(names))
    log_kind = next((known_kind for known_kind in KINDS if known_kind == kind), None) or _kind(roles)
    roles, guessed = _times_of_kind(log_kind, roles, guessed)
    if log_kind in ("events", "activities"):
        for role in ("case", "activity"):
            if role not in roles:
                raise HallplanError("eventlog.fault.no_role", file=source, role=role, columns=", ".join(names))
    timed = [role for role in _TIMES if roles.get(role) in clocks]  # an end may have become a stamp, or a stamp an end
    unread = tuple(name for name in time_columns if name not in roles.values() and not _is_moment(frame[name]))
    return Columns(roles, log_kind, tuple(role for role in ROLES if role in guessed), tuple(timed), unread)


def _times_of_kind(kind: Kind, roles: dict[str, str], guessed: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the roles, and those that are guessed: an event has one moment, and elsewhere a stamp is an end."""
    if kind == "events":
        time, name = next(role for role in ("stamp", "end", "start", "ready") if role in roles), "stamp"
        dropped = {*_TIMES} - {time}
    else:
        time, name = "stamp", "end"
        dropped = {"stamp"} if "end" in roles else set()
    renamed = {name if role == time else role: column for role, column in roles.items() if role not in dropped}
    return renamed, [name if role == time else role for role in guessed if role not in dropped]


def _check_requested(requested: Mapping[str, str], names: list[str], source: str, kind: str | None) -> None:
    """Check the roles, columns and the kind that the user has stated."""
    for role, column in requested.items():
        if role not in ROLES:
            raise HallplanError("eventlog.fault.role", role=role, near=suggestion(role, ROLES))
        if column and column not in names:
            raise HallplanError(
                "eventlog.fault.column", file=source, column=column, role=role, near=suggestion(column, names)
            )
    if kind is not None and kind not in KINDS:
        raise HallplanError("eventlog.fault.kind", kind=kind, known=", ".join(KINDS))


def _candidates(
    frame: pd.DataFrame, names: list[str], clocks: Set[str], date: str | None
) -> list[tuple[int, str, str]]:
    """Return (rank, role, column) of every heading that a role knows, best first where it is sorted.

    Beside times of day a column of dates is where their date stands, and no moment of its own; `date` is that column
    if the user has named it.
    """
    order = {name: position for position, name in enumerate(names)}
    dates = {name for name in names if looks_like_dates(frame[name])} if clocks else set()
    candidates: list[tuple[int, int, str, str]] = []
    for name in names:
        heading = name.strip()
        stamps: bool | None = None
        for role, patterns in _HEADINGS.items():
            matching = (rank for rank, pattern in enumerate(patterns) if re.fullmatch(pattern, heading, re.IGNORECASE))
            rank = next(matching, None)
            if rank is None or (role == "date" and name not in dates):
                continue
            if role in _TIMES and name not in clocks:
                stamps = _holds_moments(frame[name]) if stamps is None else stamps
                if not stamps or name == date or (name in dates and _is_named(name, ("date",))):
                    continue
            candidates.append((rank, order[name], role, name))
    return [(rank * len(names) + position, role, name) for rank, position, role, name in candidates]


def _is_named(name: str, roles: Sequence[str]) -> bool:
    """Tell whether a heading is one of those of the roles."""
    patterns = (pattern for role in roles for pattern in _HEADINGS[role])
    return any(re.fullmatch(pattern, name.strip(), re.IGNORECASE) for pattern in patterns)


def _is_moment(column: pd.Series) -> bool:
    return _holds_moments(column) or looks_like_times_of_day(column, named=True) or bool(is_missing(column).all())


def _holds_moments(column: pd.Series) -> bool:
    # Its heading speaks for it: cells that are no moments are errors then, as long as they are fewer.
    return looks_like_stamps(column, share=0.5) or looks_like_numbers_of_moments(column)


def _kind(roles: Mapping[str, str]) -> Kind:
    if "lifecycle" in roles:
        return "events"
    numbered = "case" not in roles or _TICKETS.search(roles["case"])
    machine = any(_TICKETS.search(roles.get(role, "")) for role in ("case", "ready", "start"))
    if numbered and machine and ("ready" in roles or "activity" not in roles):
        return "tickets"
    if "activity" not in roles and _TICKETS.search(roles.get("start", "")):  # whatever their number is called
        return "tickets"
    if "activity" in roles and "case" in roles:
        return "activities" if "end" in roles and ("start" in roles or "ready" in roles) else "events"
    return "ledger"
