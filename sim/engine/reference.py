"""The reference engine: the hall as a SimPy model, to be read and extended.

Input: a :class:`~sim.program.Program` (what everybody will do) and a :class:`~sim.program.Plan` (who serves them
when).  Output: a :class:`~sim.program.Log`.  Every entity is a SimPy process that works through its operations,
every pool a SimPy resource whose capacity follows a roster.  No randomness, no averages: the compiled engine must
return the same log, bit for bit, and the rule for ties in :mod:`sim.program` is what both obey.

A researcher's own rules go into a subclass of :class:`Hall`: its public methods decide what a rule could change.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Generator
from typing import Any, NamedTuple

import numpy as np
import simpy

from sim.calendar import DAY_MS, NEVER
from sim.engine.reference_pool import Moment, Pool, Turn
from sim.plan import SEND_HOME, SERVE_ALL
from sim.program import (
    AHEAD_OF_ALL,
    ENDS,
    LOG_DTYPE,
    MOVES,
    RENEGES,
    ROSTER,
    Code,
    Log,
    Outcome,
    Plan,
    Program,
    SitePlan,
    TimetablePlan,
)

__all__ = ["Hall", "Pool", "run_reference"]

Process = Generator[simpy.Event, Any, None]


class Operation(NamedTuple):
    """One row of the operation table, in the order of its columns."""

    amount: int
    patience: int
    arg: int
    jump: int
    step: int
    code: int
    priority: int


class Site:
    """A place with doors, and how many visitors are inside."""

    def __init__(self, plan: SitePlan) -> None:
        self.plan = plan
        self.opens, self.closes = plan.opens.tolist(), plan.closes.tolist()
        self.inside = 0
        self.pools: list[Pool] = []

    def doors_open_at(self, now: int) -> int | None:
        """Return when somebody who comes now can enter: now, when the doors open today, or ``None`` (not today)."""
        day = bisect_right(self.opens, now)
        if day > 0 and now < self.closes[day - 1]:
            return now
        if day < len(self.opens) and self.opens[day] // DAY_MS == now // DAY_MS:
            return int(self.opens[day])
        return None

    def gives_tickets(self, moment: int) -> bool:
        """Tell whether the doors are open at a moment."""
        return self.doors_open_at(moment) == moment

    def is_full(self) -> bool:
        """Tell whether the next visitor has to be turned away."""
        return 0 <= self.plan.room <= self.inside

    def leave(self) -> None:
        """Let one visitor out; after closing, the last one lets the staff go home."""
        self.inside -= 1
        if self.inside == 0:
            for pool in self.pools:
                if pool.lingers:
                    pool.lingers = False
                    pool.staff(0)


class Departures:
    """A timetable: everybody takes the first departure that still has a place."""

    def __init__(self, departures: list[int], capacity: int) -> None:
        self.departures, self.capacity = departures, capacity
        self.filling = 0
        self.taken = 0

    def board(self, now: int) -> int:
        """Take a place and return when it departs."""
        index = bisect_left(self.departures, now)
        if self.capacity >= 0:
            if index <= self.filling:
                full = self.taken >= self.capacity
                index = self.filling + full
            if index > self.filling:
                self.filling, self.taken = index, 0
            self.taken += 1
        return self.departures[index] if index < len(self.departures) else NEVER


class Gathering:
    """A timetable that departs by count: those who have gathered since the last departure."""

    def __init__(self, env: simpy.Environment, plan: TimetablePlan) -> None:
        self.env, self.plan = env, plan
        self.members = 0
        self.departure = env.event()

    def join(self) -> simpy.Event:
        """Take a place; return the departure, which comes at once with the last place."""
        self.members += 1
        departure = self.departure
        if self.members == self.plan.count:
            self.depart()
        return departure

    def depart(self) -> None:
        """Depart with all who have gathered."""
        self.departure.succeed()
        self.departure, self.members = self.env.event(), 0


class Hall:
    """The model: entities as processes, pools as resources, one SimPy environment.

    A subclass may override :meth:`service_time`, :meth:`queue_key`, :meth:`turned_away` and :meth:`may_enter`; a study
    runs it like any other engine (``hallplan.run(..., engine=MyHall)``).
    """

    def __init__(self, program: Program, plan: Plan) -> None:
        self.env = simpy.Environment()
        self.plan = plan
        self.operations = [Operation(*row) for row in program.ops.tolist()]
        self.entities = program.entities
        self.pools = [Pool(self.env, pool) for pool in plan.pools]
        self.sites = [Site(site) for site in plan.sites]
        for pool in self.pools:
            self.sites[pool.plan.site].pools.append(pool)
        self.timetables = [Departures(table.departures.tolist(), table.capacity) for table in plan.timetables]
        by_count = {index: table for index, table in enumerate(plan.timetables) if table.count > 0}
        self.gatherings = {index: Gathering(self.env, table) for index, table in by_count.items()}
        self.workdays = [np.flatnonzero(calendar.workdays).tolist() for calendar in plan.calendars]
        number = len(program.entities)
        self.started, self.ended, self.in_service = ([-1] * number for _ in range(3))
        self.due = [NEVER] * number
        self.keys: dict[int, tuple[int, int, int]] = {}
        """By entity: its place in the queue of the pool to which it came last."""
        self.set_out: set[int] = set()
        self.children: dict[int, list[simpy.Process]] = {}
        self.rows: list[tuple[int, int, int, int, int, int]] = []

    def run(self) -> Log:
        """Simulate until the plan's end."""
        for index, pool in enumerate(self.pools):
            self.env.process(self._keep_roster(index, pool))
        for entity, start in enumerate(self.entities["start"].tolist()):
            if start >= 0:
                self.env.process(self._live(entity, start))
        self.env.run(until=self.plan.stop)
        return Log(
            rows=np.array(self.rows, dtype=LOG_DTYPE),
            started=np.array(self.started, dtype=np.int64),
            ended=np.array(self.ended, dtype=np.int64),
            in_service=np.array(self.in_service, dtype=np.int64),
        )

    # ---- rules that a subclass may change --------------------------------------------------------------------------

    def service_time(self, pool: Pool, entity: int, work: int) -> int:
        """Return how long a service that begins now will take, in ms of the pool's working time.

        Parameters
        ----------
        pool, entity
            Who serves whom.
        work
            The service time that was drawn, in ms.
        """
        return work

    def queue_key(self, pool: Pool, entity: int, priority: int) -> tuple[int, int, int]:
        """Return the place of an entity that joins the queue of a pool now: the lowest key is called next.

        The first part is the priority by which a pool with preemption interrupts services.
        """
        return priority, self.due[entity] if pool.plan.by_due_date else 0, next(pool.joined)

    def turned_away(self, pool: Pool, entity: int, work: int) -> Outcome | None:
        """Return why a visitor who comes to a pool now, for `work` ms, can't join its queue; ``None`` if they can."""
        return pool.turns_away(self.keys[entity], work)

    def may_enter(self, site: Site, entity: int) -> bool:
        """Tell whether a visitor who stands at the open doors of a site comes in."""
        return not site.is_full()

    @property
    def now(self) -> int:
        """The present moment, in ms since midnight of the first day."""
        return int(self.env.now)  # SimPy's clock may be a float; ours never is

    # ---- the hall's own processes ----------------------------------------------------------------------------------

    def _keep_roster(self, index: int, pool: Pool) -> Process:
        plan = pool.plan
        columns = (plan.times, plan.servers, plan.day_close, plan.last_calls)
        for time, servers, day_close, last_call in zip(*(column.tolist() for column in columns), strict=True):
            yield Moment(self.env, time, ROSTER, index)
            site, serves_on = self.sites[plan.site], day_close and plan.at_close == SERVE_ALL
            pool.lingers = serves_on and site.inside > 0
            pool.stays = serves_on and not site.plan.has_doors and len(pool.put_queue) > 0
            pool.sends_home = day_close and plan.at_close == SEND_HOME
            pool.last_call = last_call
            if not (pool.lingers or pool.stays):
                pool.staff(servers)
            if pool.sends_home:
                for turn in list(pool.put_queue):
                    if turn.can_leave:
                        turn.proc.interrupt(Outcome.SENT_HOME)

    # ---- an entity's process ---------------------------------------------------------------------------------------

    def _live(self, entity: int, start: int) -> Process:
        yield self._turn_at(start, entity)
        self.started[entity] = self.now
        at = int(self.entities["first"][entity])
        failed_trips = 0
        while True:
            op = self.operations[at]
            now, following = self.now, at + 1
            match op.code:
                case Code.SERVE:
                    if (yield from self._be_served(entity, at, op)) is not Outcome.DONE:
                        following = op.jump
                case Code.UNTIL if op.arg in self.gatherings:
                    yield from self._gather(entity, self.gatherings[op.arg])
                    self._write(entity, at, Outcome.DONE, now, now)
                case Code.BACK:
                    yield self._turn_at(self._comes_back(op, now, failed_trips > 0), entity)
                    self._write(entity, at, Outcome.DONE, now, now)
                case Code.CLOCK | Code.OPEN | Code.DAYS | Code.UNTIL:
                    yield self._turn_at(self._waits_until(op, now), entity)
                    self._write(entity, at, Outcome.DONE, now, now)
                case Code.FORK:
                    for child in range(op.arg, op.arg + op.amount):
                        self._set_out(child, entity)
                case Code.JOIN:
                    yield simpy.AllOf(self.env, self.children.pop(entity, []))
                    yield self._turn_at(self.now, entity)
                    self._write(entity, at, Outcome.DONE, now, now)
                case Code.ARRIVE:
                    if (yield from self._come_in(entity, at, self.sites[op.arg])) is not Outcome.DONE:
                        following = op.jump
                case Code.LEAVE:
                    self._write(entity, at, Outcome.DONE, now, now)
                    self.sites[op.arg].leave()
                case Code.MARK:
                    self._write(entity, at, Outcome.DONE, now, now)
                    if op.amount >= 0:
                        self.due[entity] = self._days_on(now // DAY_MS * DAY_MS, op.amount, op.patience) + DAY_MS
                case Code.RETURN:
                    failed_trips += 1
                    lost = failed_trips > op.amount
                    self._write(entity, at, Outcome.LOST if lost else Outcome.RETURNS, now, now)
                    if lost:
                        break
                case Code.GOTO:
                    following = op.jump
                case Code.END:
                    break
            at = following
        self.ended[entity] = self.now

    def _set_out(self, child: int, parent: int) -> None:
        if child in self.set_out:
            return  # on an earlier trip of the parent's
        self.set_out.add(child)
        self.due[child] = self.due[parent]
        process = self.env.process(self._live(child, self.now))
        if self.entities["parent"][child] == parent:
            self.children.setdefault(parent, []).append(process)

    def _be_served(self, entity: int, at: int, op: Operation) -> Generator[simpy.Event, Any, Outcome]:
        pool = self.pools[op.arg]
        can_leave = op.jump >= 0
        key = self.keys[entity] = self.queue_key(pool, entity, op.priority)
        if can_leave and (refused := self.turned_away(pool, entity, op.amount)) is not None:
            self._write(entity, at, refused, self.now, self.now)
            return refused
        work: int | None = None  # until the service begins
        patience, pauses, is_back = op.patience, pool.plan.pauses, False
        while True:
            ready, start = self.now, None
            turn = Turn(pool, key, can_leave, op.amount if work is None else work, is_back)
            with turn:
                try:
                    if patience < 0:
                        yield turn
                    else:
                        yield turn | Moment(self.env, ready + patience, RENEGES, entity)
                        if not turn.triggered:
                            self._write(entity, at, Outcome.RENEGED, ready, self.now)
                            return Outcome.RENEGED
                    start = self.in_service[entity] = self.now
                    if work is None:
                        work = self.service_time(pool, entity, op.amount)
                    end = start + work if pauses is None else pauses.add(start, work)
                    turn.end = end
                    yield Moment(self.env, end, ENDS, entity)
                    self.in_service[entity] = -1
                    self._write(entity, at, Outcome.DONE, ready, start)
                    return Outcome.DONE
                except simpy.Interrupt as interrupt:
                    now, self.in_service[entity] = self.now, -1
                    if interrupt.cause is Outcome.SENT_HOME:
                        self._write(entity, at, Outcome.SENT_HOME, ready, now)
                        return Outcome.SENT_HOME
                    # Broken off: perhaps in the very instant in which the server had become free for us.
                    start = now if start is None else start
                    outcome: Outcome = interrupt.cause  # type: ignore[assignment]
                    self._write(entity, at, outcome, ready, start)
                    if outcome is Outcome.PAUSED and not pool.plan.preemptive:
                        key = AHEAD_OF_ALL, 0, turn.begun
                    if work is not None:
                        work -= now - start if pauses is None else pauses.between(start, now)
                    patience, is_back = -1, True

    def _gather(self, entity: int, gathering: Gathering) -> Process:
        """Wait until enough have gathered; the first one also looks at the clock."""
        plan = gathering.plan
        departure = gathering.join()
        if gathering.members == 1 and plan.longest >= 0:
            deadline = self.plan.calendars[plan.site].add(self.now, plan.longest)
            yield departure | Moment(self.env, deadline, RENEGES, entity)
            if not departure.triggered:
                gathering.depart()
        else:
            yield departure
        yield self._turn_at(self.now, entity)

    def _come_in(self, entity: int, at: int, site: Site) -> Generator[simpy.Event, Any, Outcome]:
        now = self.now
        entry = site.doors_open_at(now)
        outcome = Outcome.SHUT
        if entry is not None:
            if entry > now:
                yield self._turn_at(entry, entity)
            outcome = Outcome.DONE if self.may_enter(site, entity) else Outcome.FULL
        if outcome is Outcome.DONE:
            site.inside += 1
            self.due[entity] = self.now
        self._write(entity, at, outcome, now, now)
        return outcome

    # ---- time ------------------------------------------------------------------------------------------------------

    def _turn_at(self, time: int, entity: int) -> Moment:
        return Moment(self.env, time, MOVES, entity)

    def _waits_until(self, op: Operation, now: int) -> int:
        match op.code:
            case Code.CLOCK:
                return now + op.amount
            case Code.OPEN:
                return self.plan.calendars[op.arg].add(now, op.amount)
            case Code.DAYS:
                return self._days_on(now, op.amount, op.arg)
            case _:
                return self.timetables[op.arg].board(now)

    def _comes_back(self, op: Operation, now: int, has_failed: bool) -> int:
        """Return when a visitor comes who was turned away, or asked to come."""
        if op.priority == 0:
            return self._at_time_of_day(now, op.amount, op.patience, op.arg)
        moment = now + op.amount if op.priority == Code.CLOCK else int(self.plan.calendars[op.arg].add(now, op.amount))
        if (moment > now or not has_failed) and self.sites[op.arg].gives_tickets(moment):
            return moment
        return self._at_time_of_day(moment, 0, op.patience, op.arg)

    def _days_on(self, now: int, days: int, calendar: int) -> int:
        """Return the same time of day, `days` working days on."""
        workdays = self.workdays[calendar]
        index = bisect_right(workdays, now // DAY_MS) - 1 + days
        if days == 0:
            return now
        return workdays[index] * DAY_MS + now % DAY_MS if index < len(workdays) else NEVER

    def _at_time_of_day(self, now: int, days: int, time_of_day: int, calendar: int) -> int:
        """Return `time_of_day` on the working day that is `days` on from midnight; later today or next for none."""
        workdays = self.workdays[calendar]
        earliest = now if days > 0 else now + 1 - time_of_day
        index = bisect_left(workdays, -(-earliest // DAY_MS)) + max(days - 1, 0)
        return workdays[index] * DAY_MS + time_of_day if index < len(workdays) else NEVER

    def _write(self, entity: int, at: int, outcome: Outcome, ready: int, start: int) -> None:
        self.rows.append((ready, start, self.now, entity, at, int(outcome)))


def run_reference(program: Program, plan: Plan) -> Log:
    """Simulate `program` in the hall of `plan` with SimPy.

    Returns
    -------
    Log
        The same, bit for bit, as the compiled engine's.
    """
    return Hall(program, plan).run()
