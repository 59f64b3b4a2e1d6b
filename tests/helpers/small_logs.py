"""Small logs without random numbers: each shows many of the things that discovery looks for.

Input: none.  Output: logs that are the same on every machine.  What varies follows fractions of multiples of irrational
numbers, which fill an interval evenly.
"""

import heapq
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, partial

import pandas as pd
from discovery_halls import handmade
from published_logs import DAY_MIN, OPEN_MIN, at_open, open_minutes

from calibration.discovery.discover import discover
from calibration.discovery.result import Discovery, Settings
from calibration.eventlog.simulated import SimulatedLog

MONDAY = pd.Timestamp("2014-03-03")
GOLDEN, SILVER, THIRD = (math.sqrt(5) - 1) / 2, math.sqrt(2) - 1, math.sqrt(3) - 1


def even(k: int, step: float = GOLDEN) -> float:
    """Return the k-th of numbers that fill the interval from 0 to 1 evenly."""
    return (k * step) % 1


def exponential(k: int, mean: float, step: float = GOLDEN) -> float:
    return -mean * math.log(1 - even(k, step))


def at(minute: float) -> pd.Timestamp:
    """Return the moment so many minutes after Monday 0:00, to the second."""
    return MONDAY + pd.Timedelta(seconds=round(60 * minute))


@dataclass
class Work:
    """A piece of work: how long it takes, and what comes after it (its case is done after ``None``)."""

    activity: str
    pool: str
    length: float
    priority: int = 0
    after: Callable[[float], tuple[float, "Work"] | None] = lambda _: None
    until: float = math.inf
    outcome: str = "done"


@dataclass
class Hall:
    """Serves work in the order of its priority, then first come, first served; with `pauses`, in opening hours only.

    A roster says by pool from which minute of the day on how many servers begin new work.
    """

    servers: dict[str, int]
    pauses: bool = False
    rosters: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    rows: list[dict[str, object]] = field(default_factory=list)

    def run(self, arrivals: Iterable[tuple[float, int, Work, dict[str, object]]]) -> list[dict[str, object]]:
        free = {pool: [f"{pool} {k + 1}" for k in range(n)] for pool, n in self.servers.items()}
        queues: dict[str, list] = {pool: [] for pool in self.servers}
        events = [(came, number, "ready", case, work, more) for number, (came, case, work, more) in enumerate(arrivals)]
        count = len(events)
        for day in {int(event[0] // DAY_MIN) for event in events}:
            for pool, roster in self.rosters.items():
                for clock, _ in roster:
                    count += 1
                    events.append((day * DAY_MIN + clock, count, "shift", -1, Work("", pool, 0), {}))
        heapq.heapify(events)
        while events:
            now, _, kind, case, work, more = heapq.heappop(events)
            if kind == "ready":
                count += 1
                heapq.heappush(queues[work.pool], (work.priority, now, count, case, work, more))
            elif kind != "shift":
                free[work.pool].append(kind)
                following = work.after(now)
                if following is not None:
                    count += 1
                    heapq.heappush(events, (following[0], count, "ready", case, following[1], more))
            while queues[work.pool] and self.servers[work.pool] - len(free[work.pool]) < self.on_duty(work.pool, now):
                _, ready, _, waiting_case, task, columns = heapq.heappop(queues[work.pool])
                row = {"case": waiting_case, "activity": task.activity, "ready": at(ready), **columns}
                if task.until < now:
                    self.rows.append({**row, "end": at(task.until), "outcome": "left"})
                    continue
                server = min(free[work.pool])
                free[work.pool].remove(server)
                end = at_open(open_minutes(now) + task.length) if self.pauses else now + task.length
                self.rows.append({**row, "start": at(now), "end": at(end), "resource": server, "outcome": task.outcome})
                count += 1
                heapq.heappush(events, (end, count, server, waiting_case, task, columns))
        return self.rows

    def on_duty(self, pool: str, now: float) -> int:
        begun = [n for clock, n in self.rosters.get(pool, []) if clock <= now % DAY_MIN]
        return begun[-1] if begun else self.servers[pool]


def work_days(n: int) -> list[int]:
    """Return days since Monday: Mondays to Fridays without Monday 7 April 2014, a public holiday in China."""
    return [day for day in range(2 * n) if day % 7 < 5 and day != 35][:n]


@cache
def counter() -> SimulatedLog:
    """Return tickets of a counter with two windows, of which questions have the better priority.

    The days have many visitors and few in turn.  Visitors leave when their patience ends.  Some are not there when they
    are called, and every second one of these comes back ten minutes later.
    """
    arrivals = []
    for index, day in enumerate(work_days(26)):
        for _ in range(40 if index % 2 else 18):
            case = len(arrivals)
            is_morning = even(case, SILVER) < 0.7
            clock = 540 + 170 * even(case) ** 1.5 if is_morning else 780 + 170 * even(case) ** 2
            is_question = case % 5 < 2
            length = 1 + exponential(case, 6 if is_question else 14, THIRD)
            priority = 0 if is_question else 1
            task = Work("Window", "window", length, priority, until=day * DAY_MIN + clock + 5 + exponential(case, 40))
            if case % 12 == 0:
                back = Work("Window", "window", length, 0)
                comes = (lambda now, back=back: (now + 10, back)) if case % 24 == 0 else (lambda _: None)
                task = Work("Window", "window", 1.0, priority, after=comes, outcome="left")
            service = "Question" if is_question else "Permit"
            arrivals.append((day * DAY_MIN + clock, case, task, {"attr_service": service}))
    return handmade(Hall({"window": 2}).run(arrivals), "tickets")


@cache
def hall() -> SimulatedLog:
    """Return activities of visitors on one day: gate, window, cashier, and the gate again; Mondays are busy.

    The clerks of the windows also hand out papers, and do so first.  One visitor in six is sent back to the window.
    Who waits at closing is still served.
    """
    arrivals = []
    for day in work_days(25):
        for _ in range(30 if day % 7 == 0 else 20 + day % 3):
            case = len(arrivals)
            clock = 545 + 470 * even(case) ** 0.8

            def leave(now: float) -> tuple[float, Work]:
                return now + 0.5, Work("Gate", "gate", 1)

            def pay(now: float, *, case: int = case, leave: Callable = leave) -> tuple[float, Work]:
                collect = Work("Collect", "window", 2 + 3 * even(case, THIRD), 0, leave)
                return now + 2 + 3 * even(case, SILVER), collect

            length = 10 + exponential(case, 14, SILVER)
            window = Work("Window", "window", length, 1, pay)
            if case % 6 == 5:
                again = Work("Window", "window", 4, 1, pay)
                window = Work("Window", "window", length, 1, lambda now, again=again: (now + 5, again))
            gate = Work("Gate", "gate", 1, after=lambda now, window=window: (now, window))
            arrivals.append((day * DAY_MIN + clock, case, gate, {}))
    return handmade(Hall({"gate": 1, "window": 2}).run(arrivals), "activities")


@dataclass
class _Office:
    """The ways of the files of :func:`office`."""

    used: dict[float, int] = field(default_factory=dict)
    rows: list[dict[str, object]] = field(default_factory=list)
    days_left_out: dict[int, int] = field(default_factory=dict)

    def arrival(self, case: int) -> tuple[float, int, Work, dict[str, object]]:
        service = "Building permit" if case % 3 else "Shop licence"
        receive = Work("Receive", "desk", 6 + 12 * even(case), after=partial(self.by_courier, case))
        return at_open(400 * case + 900 * math.sin(case / 9) + 900), case, receive, {"attr_service": service}

    def by_courier(self, case: int, now: float) -> tuple[float, Work]:
        """Leave at 10:00 on the next Tuesday of every second week on which the courier has room for a file."""
        departure = (8 + now // (14 * DAY_MIN) * 14) * DAY_MIN + 600
        while departure <= now or self.used.get(departure, 0) >= 13:
            departure += 14 * DAY_MIN
        self.used[departure] = self.used.get(departure, 0) + 1
        after = self.suspended if case % 12 in (1, 5) else self.papers if case % 9 in (1, 2) else self.report
        return departure, Work("Review", "section", 60 + 120 * even(case, SILVER), after=partial(after, case))

    def suspended(self, case: int, now: float) -> tuple[float, Work]:
        until = self.away(case, "Review", now, 3, stop=True)
        return until, Work("Review, goes on", "section", 45, after=partial(self.report, case))

    def papers(self, case: int, now: float) -> tuple[float, Work]:
        until = self.away(case, "Missing papers", now, 2 + case % 4, is_counted=True)
        return until, Work("Review", "section", 30, after=partial(self.report, case))

    def report(self, case: int, now: float) -> tuple[float, Work]:
        ready = self.away(case, "Expert report", now, 2 + case % 2, resource="expert") if case % 9 in (0, 3) else now
        return ready, Work("Sign", "chief", 15, after=partial(self.collect, case))

    def collect(self, case: int, now: float) -> tuple[float, Work]:
        return at_open(open_minutes(now) + 180 + 120 * even(case)), Work("Collect", "desk", 6)

    def away(
        self, case: int, activity: str, now: float, days: int, *, is_counted: bool = False, **more: object
    ) -> float:
        until = at_open(open_minutes(now) + days * OPEN_MIN)
        self.rows.append({"case": case, "activity": activity, "start": at(now), "end": at(until), **more})
        if not is_counted:
            self.days_left_out[case] = self.days_left_out.get(case, 0) + days
        return until


@cache
def office() -> SimulatedLog:
    """Return activities of an office, in cases that take days.

    Papers are received, go with a courier to the section, are reviewed, and signed by a chief.  Some permits wait for
    missing papers and are reviewed again; some are suspended during the review; some licences wait for an expert.  The
    office records the days used: it leaves out suspensions and reports, and counts the wait for papers.
    """
    ways = _Office()
    rows = Hall({"desk": 1, "section": 2, "chief": 1}, pauses=True).run(ways.arrival(case) for case in range(180))
    ends = {row["case"]: row["end"] for row in rows if row["activity"] == "Review, goes on"}
    came = {row["case"]: row["ready"] for row in rows if row["activity"] == "Receive"}
    rows = [row for row in rows if row["activity"] != "Review, goes on"]
    for row in rows:
        case = row["case"]
        if row["activity"] == "Review" and case in ends:
            row["end"] = ends[case]
        if row["activity"] == "Collect":
            passed = len(pd.bdate_range(came[case].normalize(), row["end"].normalize())) - 1
            row["attr_days used"] = passed - ways.days_left_out.get(case, 0)
    service = {row["case"]: row["attr_service"] for row in rows}
    rows += [{"attr_service": service[row["case"]], **row} for row in ways.rows]
    return handmade(as_seen([{"stop": False, **row} for row in rows], MONDAY + pd.Timedelta(days=150)), "activities")


def as_seen(rows: list[dict[str, object]], until: pd.Timestamp) -> list[dict[str, object]]:
    """Return rows as a log has them that ends at a moment: what comes later is not there."""
    seen = [{name: value for name, value in row.items() if not _is_later(value, until)} for row in rows]
    return [row for row in seen if row.keys() & {"ready", "start", "end"}]


def _is_later(value: object, until: pd.Timestamp) -> bool:
    return isinstance(value, pd.Timestamp) and (value is pd.NaT or value >= until)


@cache
def marks() -> SimulatedLog:
    """Return events without starts: the office's, of which receipts have a date only."""
    events = office().events
    rows = events[events["end"].notna() & ~events["stop"].astype(bool)].to_dict("records")
    for row in rows:
        row["end"] = row["end"].normalize() if row["activity"] == "Receive" else row["end"]
    columns = ("case", "activity", "resource", "end", "attr_service")
    return handmade([{name: row[name] for name in columns} for row in rows], "events")


def ledger_of(rows: list[dict[str, object]], n_days: int) -> SimulatedLog:
    """Return a ledger of the cases that come in so many working days, without what comes later."""
    until = pd.bdate_range(MONDAY, periods=n_days + 1)[-1]
    return handmade(as_seen([{"activity": "case", "date_only": True, **row} for row in rows], until), "ledger")


@cache
def ledger() -> SimulatedLog:
    """Return dates of acceptance and decision, of two services and a rare one, and the open cases."""
    rows: list[dict[str, object]] = []
    for index, day in enumerate(pd.bdate_range(MONDAY, periods=60)):
        for _ in range(2 + index % 3):
            case = len(rows)
            service = "rare" if case % 40 == 7 else ("fast", "slow")[case % 3 // 2]
            length = 2 + int(4 * even(case)) if service == "fast" else 8 + int(20 * even(case) ** 2)
            rows.append({"case": case, "start": day, "end": day + pd.offsets.BDay(length), "attr_service": service})
    return ledger_of(rows, 60)


@cache
def closed_since() -> SimulatedLog:
    """Return a ledger of the cases that were closed after a date, some of which came long before; they end together."""
    boards = [5, 9, 15, 22, 27, 38, 44, 51, 60, 64, 75, 83, 90, 99, 103, 110, 117, 124, 135, 141, 150, 155]
    days = pd.bdate_range(MONDAY, periods=160)
    rows: list[dict[str, object]] = []
    for case in range(320):
        index = case * 100 // 320
        board = next(board for board in boards if board > index + int(50 * even(case) ** 4))
        if board >= 44:
            rows.append({"case": case, "start": days[index], "end": days[board]})
    return ledger_of(rows, 105)


@cache
def rounds() -> SimulatedLog:
    """Return a ledger of cases that wait for a board on the third Thursday of four, and of the days after it."""
    rows: list[dict[str, object]] = []
    for index, day in enumerate(pd.bdate_range(MONDAY, periods=140)):
        for _ in range(2 + index % 2):
            case, board = len(rows), day
            while board <= day or board.weekday() != 3 or (board - MONDAY).days // 7 % 4 != 2:
                board += pd.Timedelta(days=1)
            end = board + pd.offsets.BDay(1 + int(6 * even(case) ** 2))
            rows.append({"case": case, "start": day, "end": end, "attr_service": ("club", "fair")[case % 2]})
    return ledger_of(rows, 140)


@cache
def centre() -> SimulatedLog:
    """Return activities of a centre open day and night: calls are asked for, and made days later by idle people.

    One robot has many checks in hand at once; a third of its checks has no end on record.
    """
    rows: list[dict[str, object]] = []
    for case in range(240):
        came = 250 * case + 60 * even(case)
        end = came + 620 + 25 * even(case, SILVER)
        called = end + 1500 + exponential(case, 900, SILVER)
        check = {"case": case, "activity": "Check", "resource": "robot", "ready": at(came), "start": at(came)}
        rows.append(check | ({} if case % 3 == 0 and case < 230 else {"end": at(end)}))
        call = {"case": case, "activity": "Call", "resource": f"caller {case % 4}", "ready": at(end)}
        done = called + 2 + 8 * even(case)
        rows.append(call | {"start": at(called)} | ({} if case % 20 == 19 else {"end": at(done)}))
        if case % 4 == 0:
            rows.append({"case": case, "activity": "File", "resource": "", "start": at(done), "end": at(done)})
    return handmade(rows, "activities")


@cache
def shifts() -> SimulatedLog:
    """Return activities of a hall with three clerks in the morning and one in the afternoon, and of a back office.

    The back office opens at 13:00, is left with work at closing, and finishes it on the same day.  On Saturdays the
    hall is open in the morning.  Requests that nobody answers are left at the end.
    """
    arrivals = []
    for day in (day for day in range(35) if day % 7 < 6):
        for index in range(16 if day % 7 == 5 else 34):
            case = len(arrivals)
            clock = 480 + 235 * even(case) if index < 16 or day % 7 == 5 else 720 + 235 * even(case)
            copy = Work("Copy", "office", 4 + 3 * even(case, THIRD))
            after = (lambda now, copy=copy: (now, copy)) if case % 3 == 0 and day % 7 < 5 else (lambda _: None)
            length = 38 + 14 * even(case, SILVER) if index < 16 else 11 + 2 * even(case)
            arrivals.append((day * DAY_MIN + clock, case, Work("Serve", "clerks", length, after=after), {}))
    rosters = {"clerks": [(0, 3), (720, 1)], "office": [(0, 0), (780, 1)]}
    rows = Hall({"clerks": 3, "office": 1}, rosters=rosters).run(arrivals)
    last = at(34 * DAY_MIN)
    return handmade([row for row in rows if row["ready"] < last], "activities")


@cache
def notices() -> SimulatedLog:
    """Return single events of cases with Chinese names: a notice of what is missing, a site visit, a publication.

    From the notice on the clock stands still until the review.  The site visit is work of the hall; the publication
    lasts days, and nobody works on it.  Two services differ in how long their applicants take.
    """
    rows: list[dict[str, object]] = []
    for case in range(160):
        moment = at_open(230 * case + 60 * even(case))
        service = ("建筑许可", "食品许可")[case % 2]
        steps = [("受理", 0.1, "窗口"), ("现场勘验", 9, "勘验员") if case % 3 == 0 else ("审查", 4, "科员")]
        if case % 4 == 1:
            steps += [("补正告知", 0.5, "科员"), ("审查", 20 + 30 * (case % 2) + 10 * even(case), "科员")]
        if case % 5 == 0:
            steps.append(("公示", 50, ""))
        steps.append(("决定", 6 + 4 * even(case, SILVER), "科长"))
        for activity, hours, resource in steps:
            begin, moment = moment, at_open(open_minutes(moment) + 60 * hours)
            row = {"case": case, "activity": activity, "resource": resource, "attr_事项": service, "end": at(moment)}
            start = at_open(open_minutes(moment) - 20) if activity not in ("公示", "受理") else begin
            rows.append(row | {"start": at(start)})
    return handmade(as_seen(rows, MONDAY + pd.Timedelta(days=80)), "activities")


@cache
def since() -> SimulatedLog:
    """Return the office's activities from its seventh week on: five cases had begun before, three were given up."""
    events = office().events
    first = events[["ready", "start", "end"]].min(axis=1)
    came, day = first.groupby(events["case"]).transform("min"), MONDAY + pd.Timedelta(days=45)
    is_there = (came >= day) | ((first >= day) & (events["case"] % 12 == 5))
    is_there &= (events["case"] % 25 != 12) | (events["activity"] == "Receive")
    columns = ["case", "activity", "resource", "ready", "start", "end", "attr_service", "stop", "outcome"]
    rows = events[is_there][columns].to_dict("records")
    for row in rows:
        row["end"] = pd.NaT if row["case"] % 25 == 12 else row["end"]
    return handmade([{name: value for name, value in row.items() if value is not pd.NaT} for row in rows], "activities")


@cache
def lanes() -> SimulatedLog:
    """Return activities of which 110 are rare: they go together as one, whose successor depends on what came before."""
    rows: list[dict[str, object]] = []
    for case in range(130):
        moment = at_open(190 * case + 30 * even(case))
        for activity, k in (("Open", 0), ("Check", 1), ("Decide", 2)):
            row = {"case": case, "activity": activity, "resource": ("ann", "bob")[k // 2], "start": at(moment)}
            moment = at_open(open_minutes(moment) + 12 + 8 * even(case + k, SILVER))
            rows.append(row | {"end": at(moment)})
            if (case + k) % 2 == 0:
                moment = at_open(open_minutes(moment) + 300 * even(case, THIRD))
                rare = {"case": case, "activity": f"Rare {len(rows) % 109}", "start": at(moment)}
                rows.append(rare | {"resource": "cyd", "end": at(moment + 1)})
                moment = at_open(open_minutes(moment) + 200 * even(case + k))
    return handmade(rows, "activities")


LOGS = {
    "counter": counter,
    "hall": hall,
    "office": office,
    "marks": marks,
    "centre": centre,
    "ledger": ledger,
    "closed since": closed_since,
    "rounds": rounds,
    "shifts": shifts,
    "notices": notices,
    "since": since,
    "lanes": lanes,
}


SETTINGS = {"since": Settings(name="since-april", seed=2, idle_days=40.0)}


@cache
def discovery_of(name: str) -> Discovery:
    """Return what discovery makes of a log, once for all the tests that only look at it."""
    return discover(LOGS[name](), settings=SETTINGS.get(name))
