"""State files: CSV, Excel workbooks and JSON, cell by cell.

Input: a path, whose content is not trusted, and the scenario whose names it uses.  Output: a
:class:`~planner.today.state.HallState`, or one sentence about the first cell that is wrong and how many others are.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from calibration.eventlog.read.files import read_raw
from foundation.errors import HallplanError
from foundation.units import format_time_of_day
from planner.today.columns import COLUMNS, KINDS, NEEDED, PERMITTED, column_of, heading, kind_of, kind_title
from planner.today.state import CasesInProgress, HallState, Serving, Waiting
from scenarios.model import Scenario
from scenarios.paths import suggestion
from scenarios.routes import route_of
from sim.plan import Layout

__all__ = ["ENDINGS", "read_state"]

ENDINGS: Final = (".csv", ".txt", ".tsv", ".xlsx", ".json")
_MOST_BYTES: Final = 10_000_000
_MOST_ROWS: Final = 20_000
"""Rows of a file: more than any hall has tickets and cases in progress."""
_MOST_NUMBER: Final = 100_000
_MOST_TICKETS: Final = 5_000
"""Tickets and visitors at windows together: as many as the largest halls have in a day."""
_OLDEST: Final = 2_000
"""Working days: the longest warm-up of a scenario is a little longer."""

Value = TypeVar("Value")


def read_state(path: Path, scenario: Scenario, *, today: dt.date | None = None) -> HallState:
    """Read a state file.

    Parameters
    ----------
    path
        A ``.csv``, ``.xlsx`` or ``.json`` file.
    scenario
        Whose pools, services and kinds of visitors it names, by name or by title in either language.
    today
        The date where the file says none; that of this machine's clock by default.

    Raises
    ------
    HallplanError
        If the file can't be read, or a cell is wrong.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise HallplanError("today.fault.ending", file=path.name, near=", ".join(ENDINGS))
    rows = _json_rows(path) if ending == ".json" else _table_rows(path)
    if len(rows) > _MOST_ROWS:
        raise HallplanError("today.fault.too_long", file=path.name, most=_MOST_ROWS)
    return _State(path.name, scenario, today or dt.datetime.now().astimezone().date()).of_rows(rows)


# ---- cells of files ------------------------------------------------------------------------------------------------

_Row = tuple[int, dict[str, str]]
"""A row's number in the file, and its cells by column."""


def _table_rows(path: Path) -> list[_Row]:
    if path.exists() and path.stat().st_size > _MOST_BYTES:
        raise HallplanError("today.fault.too_large", file=path.name, most=_MOST_BYTES // 1_000_000)
    table = read_raw(path)
    columns = _columns(list(table.frame.columns), path.name)
    if table.misfits:
        raise HallplanError("today.fault.misfit", file=path.name, row=table.misfits[0][1])
    cells = {columns[name]: table.frame[name].tolist() for name in table.frame.columns}
    return [
        (number, {column: str(values[place]).strip() for column, values in cells.items()})
        for place, number in enumerate(table.row.tolist())
    ]


def _columns(headings: Sequence[str], file: str) -> dict[str, str]:
    """Return the column that each heading means."""
    columns: dict[str, str] = {}
    for text in headings:
        column = column_of(text)
        if column is None:
            near = suggestion(text, [*COLUMNS, *map(heading, COLUMNS)], most=2 * len(COLUMNS))
            raise HallplanError("today.fault.heading", file=file, column=text, near=near)
        if column in columns.values():
            raise HallplanError("today.fault.heading_twice", file=file, column=text)
        columns[text] = column
    if "what" not in columns.values():
        raise HallplanError("today.fault.no_column", file=file, column=heading("what"))
    return columns


def _json_rows(path: Path) -> list[_Row]:
    """Read a list of rows, each a table whose keys are columns."""
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise HallplanError("today.fault.cannot_read", file=path.name, reason=reason) from None
    if len(content) > _MOST_BYTES:
        raise HallplanError("today.fault.too_large", file=path.name, most=_MOST_BYTES // 1_000_000)
    try:
        rows = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise HallplanError("today.fault.not_json", file=path.name, reason=str(error)[:200]) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not any(rows):
        raise HallplanError("today.fault.no_list", file=path.name)
    columns = _columns(list(dict.fromkeys(str(key) for row in rows for key in row)), path.name)
    return [
        (number, {columns[str(key)]: _text(value) for key, value in row.items()}) for number, row in enumerate(rows, 1)
    ]


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


# ---- rows ----------------------------------------------------------------------------------------------------------


@dataclass
class _State:
    """Reads rows, and collects what is wrong with them."""

    file: str
    scenario: Scenario
    today: dt.date
    faults: list[HallplanError] = field(default_factory=list)

    def of_rows(self, rows: Sequence[_Row]) -> HallState:
        read: dict[str, list[Any]] = {kind: [] for kind in KINDS}
        first: dict[str, int] = {}
        for number, cells in rows:
            kind = kind_of(cells.get("what", ""))
            if kind is None:
                near = suggestion(cells.get("what", ""), [kind_title(kind) for kind in KINDS])
                self._fault(number, "what", HallplanError("today.cell.what", value=cells.get("what", ""), near=near))
                continue
            if kind in ("now", "issued") and kind in first:
                self._fault(number, "what", HallplanError("today.cell.twice", value=kind_title(kind), row=first[kind]))
                continue
            first.setdefault(kind, number)
            if self._has_its_cells(number, kind, cells):
                read[kind] += getattr(self, f"_{kind}")(number, cells)
            if len(read["ticket"]) + len(read["serving"]) > _MOST_TICKETS:
                raise HallplanError("today.fault.too_many", file=self.file, most=_MOST_TICKETS)
        self._raise()
        if not read["now"]:
            raise HallplanError("today.fault.no_now", file=self.file, word=kind_title("now"))
        windows: dict[str, int] = {}
        for pool, servers in read["windows"]:
            windows[pool] = windows.get(pool, 0) + servers
        state = HallState(
            read["now"][0],
            tuple(ticket for _, ticket in read["ticket"]),
            tuple(visitor for _, visitor in read["serving"]),
            windows,
            tuple(read["case"]),
            read["issued"][0] if read["issued"] else None,
        )
        self._check_times(state, [*read["ticket"], *read["serving"]])
        return state

    def _check_times(self, state: HallState, rows: Sequence[tuple[int, Waiting | Serving]]) -> None:
        """Refuse tickets and services that begin after the moment of the file."""
        now = format_time_of_day(state.now_ms)
        for number, entry in rows:
            if entry.since is not None and entry.since > state.now_ms:
                since = format_time_of_day(entry.since)
                self._fault(number, "time", HallplanError("today.cell.later", value=since, now=now))
        self._raise()

    def _raise(self) -> None:
        if self.faults:
            first, more = self.faults[0], len(self.faults) - 1
            raise HallplanError("today.fault.more", first=first, more=more) if more else first

    def _fault(self, row: int, column: str, what: HallplanError) -> None:
        self.faults.append(
            HallplanError("today.fault.cell", file=self.file, row=row, column=heading(column), what=what)
        )

    def _has_its_cells(self, number: int, kind: str, cells: Mapping[str, str]) -> bool:
        needed, faults = NEEDED[kind], len(self.faults)  # type: ignore[index]
        for column in needed:
            if not cells.get(column):
                self._fault(number, column, HallplanError("today.cell.empty", kind=kind_title(kind)))
        for column in cells:
            if cells[column] and column not in ("what", *needed, *PERMITTED[kind]):  # type: ignore[index]
                self._fault(number, column, HallplanError("today.cell.not_here", kind=kind_title(kind)))
        return len(self.faults) == faults

    # ---- one kind each; a row that is wrong gives nothing

    def _now(self, row: int, cells: Mapping[str, str]) -> list[dt.datetime]:
        moment = self._read(row, "time", cells, self._moment)
        return [] if moment is None else [moment]

    def _ticket(self, row: int, cells: Mapping[str, str]) -> list[tuple[int, Waiting]]:
        values = (
            self._read(row, "pool", cells, self._pool),
            self._read(row, "time", cells, _time),
            self._read(row, "service", cells, self._service),
            self._read(row, "person", cells, self._person),
        )
        number = self._read(row, "number", cells, _whole(1)) if cells.get("number") else 1
        if number is None or values[0] is None or values[1] is None:
            return []
        return [(row, Waiting(values[0], values[1], values[2], values[3]))] * number

    def _windows(self, row: int, cells: Mapping[str, str]) -> list[tuple[str, int]]:
        pool, number = self._read(row, "pool", cells, self._pool), self._read(row, "number", cells, _whole(0))
        return [] if pool is None or number is None else [(pool, number)]

    def _serving(self, row: int, cells: Mapping[str, str]) -> list[tuple[int, Serving]]:
        pool = self._read(row, "pool", cells, self._pool)
        since, service = self._read(row, "time", cells, _time), self._read(row, "service", cells, self._service)
        number = self._read(row, "number", cells, _whole(1)) if cells.get("number") else 1
        return [] if pool is None or number is None else [(row, Serving(pool, since, service))] * number

    def _issued(self, row: int, cells: Mapping[str, str]) -> list[int]:
        number = self._read(row, "number", cells, _whole(0))
        return [] if number is None else [number]

    def _case(self, row: int, cells: Mapping[str, str]) -> list[CasesInProgress]:
        service, age = (
            self._read(row, "service", cells, self._service),
            self._read(row, "age", cells, _whole(1, _OLDEST)),
        )
        number = self._read(row, "number", cells, _whole(1)) if cells.get("number") else 1
        if service is None or age is None or number is None:
            return []
        stage = None
        if cells.get("stage"):
            stage = self._read(row, "stage", cells, lambda text: self._stage(service, text))
            if stage is None:
                return []
        elif self.scenario.services[service].case is None:
            self._fault(row, "service", HallplanError("today.cell.no_case", value=service))
        return [CasesInProgress(service, age, number, stage)]

    # ---- cells

    def _read(self, row: int, column: str, cells: Mapping[str, str], read: Callable[[str], Value]) -> Value | None:
        text = cells.get(column, "")
        if not text:
            return None
        try:
            return read(text)
        except HallplanError as error:
            self._fault(row, column, error)
            return None

    def _moment(self, text: str) -> dt.datetime:
        day, _, time = text.replace("T", " ").strip().rpartition(" ")
        midnight = dt.datetime.combine(self.today if not day else _date(day, text), dt.time())
        return midnight + dt.timedelta(milliseconds=_time(time))

    def _pool(self, text: str) -> str:
        pools = Layout.of(self.scenario).pools
        return pools[_name_of(text, self.scenario.pools, "today.cell.pool")]

    def _service(self, text: str) -> str:
        return _name_of(text, self.scenario.services, "today.cell.service")

    def _person(self, text: str) -> str:
        return _name_of(text, self.scenario.people, "today.cell.person")

    def _stage(self, service: str, text: str) -> str:
        case = self.scenario.services[service].case
        if case is None:
            raise HallplanError("today.cell.no_case", value=service)
        return _name_of(text, route_of(self.scenario, case), "today.cell.stage")


def _name_of(text: str, things: Mapping[str, Any], fault: str) -> str:
    """Return the name of the thing that a cell means by its name or its title in either language."""
    if text in things:
        return text
    titled = [name for name, thing in things.items() if thing.title and text in (thing.title.en, thing.title.zh)]
    if len(titled) == 1:
        return titled[0]
    if titled:
        raise HallplanError("today.cell.ambiguous", value=text, names=", ".join(titled))
    raise HallplanError(fault, value=text, near=suggestion(text, things))


def _date(text: str, shown: str) -> dt.date:
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text.strip())
    try:
        return dt.date(*map(int, match.groups())) if match else dt.date.fromisoformat(text.strip())
    except ValueError:
        raise HallplanError("today.cell.moment", value=shown) from None


def _time(text: str) -> int:
    """Return a time of day in ms since midnight; a date before it is left out."""
    match = re.fullmatch(r"(?:.*[ T])?(\d{1,2})[:：](\d{2})(?:[:：](\d{2})(?:\.\d+)?)?", text.strip())
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (24, 0, 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise HallplanError("today.cell.time", value=text)
    return ((hours * 60 + minutes) * 60 + seconds) * 1_000


def _whole(least: int, most: int = _MOST_NUMBER) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}(\.0)?", text) or not least <= int(float(text)) <= most:
            raise HallplanError("today.cell.whole", value=text, least=least, most=most)
        return int(float(text))

    return read
