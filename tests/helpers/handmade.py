"""A log written by hand: two measured days in a small hall, with every number worked out on paper.

In come a scenario and stretches of time typed one by one; out come the Program, Plan and Log that an engine would have
made of them.  No engine and no chance is involved, so that a metric can be held against arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scenarios.model import MARKS, PURPOSES, Scenario
from sim.plan import compile_plan
from sim.program import ENTITY_DTYPE, LOG_DTYPE, OP_DTYPE, Code, Kind, Log, Outcome, Plan, Program, StepInfo

MON, TUE, WED = 0, 1, 2
HALL = {
    "format": 1,
    "name": "handmade",
    "run": {"days": 2, "follow_up_days": 1},
    "calendar": {"country": "CN", "hours": ["09:00-17:00"]},
    "pools": {
        "window": {"servers": 1, "cost_per_hour": 30.0},
        "review": {
            "servers": 1,
            "hours": ["09:00-12:00", "13:00-17:00"],
            "at_break": "pause",
            "cost_per_hour": 50.0,
        },
    },
    "timetables": {"courier": {"times": ["15:00"], "transfer": True}, "signing": {"times": ["10:00"]}},
    "services": {
        "copy": {"kind": "instant", "visits": {"apply": {"serve": {"pool": "window", "work": "10 min"}}}},
        "licence": {
            "kind": "committed",
            "promised_limit": "1 working days",
            "legal_limit": "5 working days",
            "visits": {"apply": {"serve": {"pool": "window", "work": "10 min"}, "file": {"start_case": True}}},
            "case": {"review": {"pool": "review", "work": "1 h"}},
        },
    },
    "people": {"citizen": {}, "enterprise": {}},
    "arrivals": {
        "street": {"services": "copy", "per_day": 3.0},
        "booked": {"services": "licence", "per_day": 1.0, "channel": "appointment"},
        "web": {"services": "licence", "per_day": 1.0, "channel": "online"},
    },
}
STEPS = {
    "serve": StepInfo("copy/apply/serve", "copy", "apply", ("Serve", "办理"), "window", "work", ""),
    "review": StepInfo("licence/case/review", "licence", "case", ("Review", "审查"), "review", "work", ""),
    "correct": StepInfo("licence/case/correct", "licence", "case", ("Correct", "补正"), "", "applicant", "applicant"),
    "joint": StepInfo("licence/case/joint", "licence", "case", ("Joint", "联审"), "", "branches", ""),
    "carry": StepInfo("licence/case/carry", "licence", "case", ("Carry", "流转"), "", "open", ""),
    "notice": StepInfo("licence/case/notice", "licence", "case", ("Notice", "公示"), "", "days", ""),
    "sign": StepInfo("licence/case/sign", "licence", "case", ("Sign", "签批"), "", "until", ""),
    "test": StepInfo("licence/case/test", "licence", "case", ("Test", "检测"), "", "days", "testing"),
    "check": StepInfo("licence/case/check", "licence", "case", ("Check", "核查"), "review", "work", "on-site-check"),
}


def at(day: int, clock: str) -> int:
    """Return a moment in ms: ``at(TUE, "09:30")``."""
    hours, minutes = clock.split(":")
    return ((day * 24 + int(hours)) * 60 + int(minutes)) * 60_000


@dataclass
class Stretch:
    """One row to be, and the operation behind it."""

    code: Code
    ready: int
    start: int
    end: int
    arg: int = 0
    outcome: Outcome = Outcome.DONE
    step: str = ""
    again: bool = False  # the same operation as the stretch before: a service taken up again
    passes_over: int = 0  # operations after it that are jumped over when it fails


@dataclass
class Handmade:
    """Collects entities, then lays them out."""

    raw: dict[str, Any] = field(default_factory=lambda: HALL)
    entities: list[tuple[Any, ...]] = field(default_factory=list)
    ops: list[tuple[Any, ...]] = field(default_factory=list)
    rows: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    started: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    in_service: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scenario: Scenario = Scenario.model_validate(self.raw)
        self.plan: Plan = compile_plan(self.scenario)
        self.pools = [pool.name for pool in self.plan.pools]
        self.tables = [table.name for table in self.plan.timetables]

    def entity(
        self,
        kind: Kind,
        *stretches: Stretch,
        service: str = "copy",
        source: str = "street",
        purpose: str = "apply",
        person: str = "citizen",
        parent: int = -1,
        root: int | None = None,
        case: int | None = None,
        started: int | None = None,
        ended: int | None = None,
        pending: Stretch | None = None,
        in_service: int = -1,
    ) -> int:
        """Add an entity that did `stretches`, and return its number.

        `pending` is what it did when the run ended, with `in_service` since when, if it was being served.
        """
        number, first, at_op = len(self.entities), len(self.ops), len(self.ops) - 1
        for stretch in stretches:
            if not stretch.again:
                at_op = self._operation(stretch)
            for _ in range(stretch.passes_over):
                self._operation(stretch)
            self.rows.append((number, at_op, int(stretch.outcome), stretch.ready, stretch.start, stretch.end))
        if pending is not None:
            self._operation(pending)
        self.ops.append((int(Code.END), 0, 0, -1, -1, 0, -1))
        begun = stretches[0].ready if stretches else pending.ready if pending else 0
        self.started.append(begun if started is None else started)
        self.in_service.append(in_service)
        over = -1 if pending is not None else stretches[-1].end if stretches else begun
        self.ended.append(over if ended is None else ended)
        names = self.scenario
        of_case = number if kind is Kind.CASE else -1
        self.entities.append(
            (
                first,
                parent,
                number if root is None else root,
                of_case if case is None else case,
                list(names.services).index(service),
                list(names.arrivals).index(source),
                int(kind),
                PURPOSES.index(purpose) if kind in (Kind.VISIT, Kind.ONLINE) else -1,
                list(names.people).index(person),
                self.started[-1] if root is None else -1,
            )
        )
        return number

    def _operation(self, stretch: Stretch) -> int:
        step = list(STEPS).index(stretch.step) if stretch.step else -1
        jump = len(self.ops) + 1 + stretch.passes_over
        self.ops.append((int(stretch.code), 0, stretch.arg, jump, step, 0, -1))
        return len(self.ops) - 1

    # ---- shorthand for stretches -----------------------------------------------------------------------------------

    def serve(
        self, ready: int, start: int, end: int, *, pool: str = "window", step: str = "serve", **more: Any
    ) -> Stretch:
        return Stretch(Code.SERVE, ready, start, end, self.pools.index(pool), step=step, **more)

    def until(self, ready: int, end: int, *, table: str) -> Stretch:
        return Stretch(Code.UNTIL, ready, ready, end, self.tables.index(table), step="sign")

    def mark(self, when: int, name: str) -> Stretch:
        return Stretch(Code.MARK, when, when, when, MARKS.index(name))

    def plain(self, code: Code, ready: int, end: int | None = None, **more: Any) -> Stretch:
        return Stretch(code, ready, ready, ready if end is None else end, **more)

    def trip(
        self,
        arrive: int,
        *inside: Stretch,
        leave: int,
    ) -> list[Stretch]:
        return [self.plain(Code.ARRIVE, arrive), *inside, self.plain(Code.LEAVE, leave)]

    def program(self) -> Program:
        names = self.scenario
        return Program(
            ops=_records(self.ops, _OP_ORDER, OP_DTYPE),
            entities=_records(self.entities, _ENTITY_ORDER, ENTITY_DTYPE),
            services=tuple(names.services),
            sources=tuple(names.arrivals),
            purposes=PURPOSES,
            people=tuple(names.people),
            steps=tuple(STEPS.values()),
            marks=MARKS,
        )

    def log(self) -> Log:
        ordered = sorted(self.rows, key=lambda row: row[5])
        return Log(
            rows=_records(ordered, _ROW_ORDER, LOG_DTYPE),
            started=np.array(self.started, dtype=np.int64),
            ended=np.array(self.ended, dtype=np.int64),
            in_service=np.array(self.in_service, dtype=np.int64),
        )


_OP_ORDER = ("code", "priority", "arg", "jump", "step", "amount", "patience")
_ENTITY_ORDER = ("first", "parent", "root", "case", "service", "source", "kind", "purpose", "person", "start")
_ROW_ORDER = ("entity", "op", "outcome", "ready", "start", "end")


def _records(rows: list[tuple[Any, ...]], order: tuple[str, ...], dtype: np.dtype[Any]) -> Any:
    table = np.zeros(len(rows), dtype=dtype)
    for k, name in enumerate(order):
        table[name] = [row[k] for row in rows]
    return table


def two_days(raw: dict[str, Any] = HALL) -> Handmade:
    """Return the worked example.  See ``test_metrics.py`` for what follows from it.

    Monday, window (one server): A 09:00-09:10; B came 09:00, 09:10-09:30; D (appointment) came 09:05, 09:30-10:00;
    C came 09:20, left the queue 09:35, returns; F came 16:50, served to 17:20; E came 18:00, found the doors shut,
    lost.  Tuesday: C again 10:00-10:10; G (the supplement to D's case) 10:30-11:00.
    Cases: L (from the web) Monday 09:00, reviewed to 11:30, signed Tuesday 10:00.  K (D's) Monday 10:00, reviewed
    11:30-13:30 with an hour's break, corrected Tuesday 11:00, two branches to 14:30, a day's notice to Wednesday
    14:30, delivered 15:00.  N (web) Monday 09:00, still with the courier at the end.  M (web) Tuesday 16:00, still in
    the queue.
    """
    h = Handmade(raw=raw)
    visit, case, branch = Kind.VISIT, Kind.CASE, Kind.BRANCH

    def copied(arrive: int, start: int, end: int) -> list[Stretch]:
        return h.trip(arrive, h.serve(arrive, start, end), h.mark(end, "finished"), leave=end)

    h.entity(visit, *copied(at(MON, "09:00"), at(MON, "09:00"), at(MON, "09:10")))  # A
    h.entity(visit, *copied(at(MON, "09:00"), at(MON, "09:10"), at(MON, "09:30")), person="enterprise")  # B
    gone, home = at(MON, "09:35"), at(TUE, "09:35")
    h.entity(  # C
        visit,
        h.plain(Code.ARRIVE, at(MON, "09:20")),
        h.serve(at(MON, "09:20"), gone, gone, outcome=Outcome.RENEGED),
        h.plain(Code.LEAVE, gone),
        h.plain(Code.RETURN, gone, outcome=Outcome.RETURNS),
        h.plain(Code.DAYS, gone, home),
        h.plain(Code.BACK, home, at(TUE, "10:00")),
        *copied(at(TUE, "10:00"), at(TUE, "10:00"), at(TUE, "10:10")),
    )
    d = h.entity(
        visit,
        *h.trip(
            at(MON, "09:05"),
            h.serve(at(MON, "09:05"), at(MON, "09:30"), at(MON, "10:00")),
            leave=at(MON, "10:00"),
        ),
        service="licence",
        source="booked",
        person="enterprise",
    )
    h.entity(  # E
        visit,
        h.plain(Code.ARRIVE, at(MON, "18:00"), outcome=Outcome.SHUT),
        h.plain(Code.RETURN, at(MON, "18:00"), outcome=Outcome.LOST),
    )
    h.entity(visit, *copied(at(MON, "16:50"), at(MON, "16:50"), at(MON, "17:20")))  # F

    licence = {"service": "licence", "source": "web"}
    web = [h.entity(Kind.ONLINE, service="licence", source="web", started=t, ended=t) for t in (at(MON, "09:00"),) * 2]
    late_web = h.entity(Kind.ONLINE, started=at(TUE, "16:00"), ended=at(TUE, "16:00"), **licence)
    signed = at(TUE, "10:00")
    h.entity(  # L
        case,
        h.serve(at(MON, "09:00"), at(MON, "09:00"), at(MON, "11:30"), pool="review", step="review"),
        h.until(at(MON, "11:30"), signed, table="signing"),
        h.mark(signed, "decided"),
        h.mark(signed, "finished"),
        root=web[0],
        **licence,
    )
    k = len(h.entities)
    corrected, joined, done, delivered = at(TUE, "11:00"), at(TUE, "14:30"), at(WED, "14:30"), at(WED, "15:00")
    h.entity(  # K
        case,
        h.mark(at(MON, "10:00"), "accepted"),
        h.serve(at(MON, "10:00"), at(MON, "11:30"), at(MON, "13:30"), pool="review", step="review"),
        h.plain(Code.JOIN, at(MON, "13:30"), corrected, step="correct"),
        h.mark(corrected, "accepted"),
        h.plain(Code.JOIN, corrected, joined, step="joint"),
        h.plain(Code.DAYS, joined, done, step="notice"),
        h.mark(done, "decided"),
        h.mark(done, "finished"),
        h.until(done, delivered, table="courier"),
        h.mark(delivered, "delivered"),
        root=d,
        service="licence",
        source="booked",
    )
    of_k = {"service": "licence", "source": "booked", "root": d, "case": k, "parent": k}
    h.entity(  # G
        visit,
        h.plain(Code.DAYS, at(MON, "13:30"), at(TUE, "09:30")),
        h.plain(Code.BACK, at(TUE, "09:30"), at(TUE, "10:30")),
        *h.trip(at(TUE, "10:30"), h.serve(at(TUE, "10:30"), at(TUE, "10:30"), corrected), leave=corrected),
        purpose="supplement",
        **of_k,
    )
    carried = at(TUE, "14:00")
    h.entity(branch, h.serve(corrected, corrected, at(TUE, "11:45"), pool="review", step="review"), **of_k)
    h.entity(
        branch,
        h.plain(Code.OPEN, corrected, carried, step="carry"),
        h.serve(carried, carried, joined, pool="review", step="review"),
        **of_k,
    )
    waiting = h.until(at(MON, "09:00"), -1, table="courier")
    h.entity(case, pending=waiting, root=web[1], **licence)  # N
    in_queue = h.serve(at(TUE, "16:00"), -1, -1, pool="review", step="review")
    h.entity(case, pending=in_queue, root=late_web, **licence)  # M
    return h
