"""Laws that hold in every hall: nobody is lost, no time is lost, no server serves two, nobody is overtaken.

The laws are checked from the outside, on the log of small random halls, by code that shares nothing with the engines:
each entity's rows are followed through its own operations, and each pool's through its roster.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from random_halls import halls
from tracing import ENGINES, Trace, of_text, simulate

from scenarios.model import Scenario
from sim.calendar import DAY_MS
from sim.measure import check_conservation
from sim.plan import SEND_HOME, SERVE_ALL
from sim.program import BROKEN_OFF, Code, Kind, Outcome, PoolPlan

_SERVED = (Outcome.DONE, *BROKEN_OFF)
_SILENT = (Code.FORK, Code.GOTO)
"""Operations that write no row."""

many = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@dataclass(frozen=True)
class Stretch:
    """One row, with what its operation says."""

    entity: int
    at: int
    code: Code
    arg: int
    amount: int
    patience: int
    priority: int
    ready: int
    start: int
    end: int
    outcome: Outcome
    can_leave: bool
    first: bool
    """Not the rest of a service that was broken off."""
    joined: int
    """When this entity came to the queue for this service: before it was broken off, if it was."""
    ahead: bool
    """The rest of a service that was paused, at a pool where that goes before the queue."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A log, followed entity by entity.

    Attributes
    ----------
    waiting
        Operation at which each entity that is not done was at the end, and since when.
    """

    trace: Trace
    stretches: list[Stretch]
    waiting: dict[int, tuple[int, int]]

    @classmethod
    def of(cls, trace: Trace) -> Seen:
        """Follow every entity through its operations; fail where its rows are not those."""
        ops, log = trace.program.ops, trace.log
        rows_of: dict[int, list[np.void]] = {}
        for row in log.rows:
            rows_of.setdefault(int(row["entity"]), []).append(row)
        stretches, waiting = [], {}
        for entity, first in enumerate(trace.program.entities["first"].tolist()):
            rows = rows_of.pop(entity, [])
            if log.started[entity] < 0:
                assert not rows
                assert log.ended[entity] < 0
                continue
            at, now, resumed, joined = first, int(log.started[entity]), False, 0
            lost = ahead = False
            for row in rows:
                while ops["code"][at] in _SILENT:
                    at = int(ops["jump"][at]) if ops["code"][at] == Code.GOTO else at + 1
                op, outcome = ops[at], Outcome(row["outcome"])
                assert not lost
                assert row["op"] == at
                assert row["ready"] == now  # no time is lost between two rows
                joined = joined if resumed else now
                stretch = Stretch(
                    entity, at, Code(op["code"]), int(op["arg"]), int(op["amount"]), int(op["patience"]),
                    int(op["priority"]), now, int(row["start"]), int(row["end"]), outcome, bool(op["jump"] >= 0),
                    not resumed, joined, ahead,
                )  # fmt: skip
                stretches.append(stretch)
                now, resumed = stretch.end, outcome in BROKEN_OFF
                ahead = outcome is Outcome.PAUSED and not trace.plan.pools[stretch.arg].preemptive
                lost = outcome is Outcome.LOST
                if outcome in (Outcome.RENEGED, Outcome.FULL, Outcome.SHUT, Outcome.SENT_HOME):
                    assert op["jump"] >= 0
                    at = int(op["jump"])
                elif not resumed:
                    at += 1
            while not lost and ops["code"][at] in _SILENT:
                at = int(ops["jump"][at]) if ops["code"][at] == Code.GOTO else at + 1
            if lost or ops["code"][at] == Code.END:
                assert log.ended[entity] == now
            else:
                assert log.ended[entity] < 0
                waiting[entity] = (at, now)
        assert not rows_of
        return cls(trace, stretches, waiting)

    def at_pool(self, pool: int) -> list[Stretch]:
        """Return the stretches at one pool."""
        return [s for s in self.stretches if s.code is Code.SERVE and s.arg == pool]

    def waiting_at(self, pool: int) -> list[int]:
        """Return since when those have been at a pool, in the queue or served, who are not done there at the end."""
        ops = self.trace.program.ops
        return [now for at, now in self.waiting.values() if ops["code"][at] == Code.SERVE and ops["arg"][at] == pool]

    def begun_at(self, pool: int) -> list[int]:
        """Return when the services of a pool began that were still in hand at the end."""
        ops, begun = self.trace.program.ops, self.trace.log.in_service
        return [
            int(begun[entity])
            for entity, (at, _) in self.waiting.items()
            if ops["code"][at] == Code.SERVE and ops["arg"][at] == pool and begun[entity] >= 0
        ]

    @cached_property
    def inside(self) -> dict[int, list[tuple[int, int]]]:
        """When visitors were inside each site: from, until."""
        found: dict[int, list[tuple[int, int]]] = {index: [] for index in range(len(self.trace.plan.sites))}
        since: dict[int, int] = {}
        for s in self.stretches:
            if s.code is Code.ARRIVE and s.outcome is Outcome.DONE:
                assert s.entity not in since
                since[s.entity] = s.end
            elif s.code is Code.LEAVE:
                found[s.arg].append((since.pop(s.entity), s.end))
        sites = {s.entity: s.arg for s in self.stretches if s.code is Code.ARRIVE}
        for entity, came in since.items():
            found[sites[entity]].append((came, self.trace.plan.stop))
        return found


def every_engine(scenario: Scenario) -> list[Seen]:
    return [Seen.of(simulate(scenario, engine)) for engine in ENGINES]


def on_duty(pool: PoolPlan, t: int) -> int:
    return int(pool.servers[np.searchsorted(pool.times, t, side="right") - 1])


def between(moments: set[int]) -> list[float]:
    """Return the middles of the intervals between moments, where nothing happens."""
    ordered = sorted(moments)
    return [(a + b) / 2 for a, b in pairwise(ordered)]


# ---- entities --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@many
@given(halls())
def test_everybody_takes_their_own_way_and_is_done_or_waiting_at_the_end(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        ops, stop = seen.trace.program.ops, seen.trace.plan.stop
        assert all(s.ready <= s.start <= s.end < stop for s in seen.stretches)
        for at, _ in seen.waiting.values():  # nobody stops at what takes no time
            assert Code(ops["code"][at]) in (
                Code.SERVE, Code.CLOCK, Code.OPEN, Code.DAYS, Code.UNTIL, Code.BACK, Code.JOIN, Code.ARRIVE,
            )  # fmt: skip
        check_conservation(seen.trace.program, seen.trace.log)


@pytest.mark.slow
@many
@given(halls())
def test_everybody_whose_time_has_come_sets_out_once(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        program, log, stop = seen.trace.program, seen.trace.log, seen.trace.plan.stop
        start = program.entities["start"]
        roots = start >= 0
        assert (start[roots] < stop).all()  # nobody is drawn who would come after the end
        assert (log.started[roots] == start[roots]).all()
        # A child sets out the first time that its parent comes to the FORK: at the end of the row before, if any.
        moves = [
            (int(program.entities["first"][who]), int(log.started[who])) for who in np.flatnonzero(log.started >= 0)
        ]
        moves += [(s.at + 1, s.end) for s in seen.stretches if s.outcome in (Outcome.DONE, Outcome.RETURNS)]
        forked: dict[int, int] = {}
        for at, when in moves:
            op = program.ops[at]
            if op["code"] == Code.GOTO:  # from the way to a trip over what failing it means
                op = program.ops[op["jump"]]
            if op["code"] == Code.FORK:
                for child in range(op["arg"], op["arg"] + op["amount"]):
                    forked.setdefault(child, when)
        for child, when in forked.items():
            assert log.started[child] == when


@pytest.mark.slow
@many
@given(halls())
def test_every_wait_lasts_as_long_as_was_drawn(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        plan, log, ops = seen.trace.plan, seen.trace.log, seen.trace.program.ops
        for s in seen.stretches:
            if s.code is Code.CLOCK:
                assert s.end == s.ready + s.amount
            elif s.code is Code.OPEN:
                assert s.end == plan.calendars[s.arg].add(s.ready, s.amount)
            elif s.code is Code.DAYS and s.amount > 0:
                number = plan.calendars[s.arg].workday_number
                assert number(s.end // DAY_MS) - number(s.ready // DAY_MS) == s.amount
                assert (s.end - s.ready) % DAY_MS == 0
            elif s.code is Code.BACK:
                workdays = np.flatnonzero(plan.calendars[s.arg].workdays) * DAY_MS
                at = int(ops["patience"][s.at])
                if s.priority:
                    calendar, site = plan.calendars[s.arg], plan.sites[s.arg]
                    moment = s.ready + s.amount if s.priority == Code.CLOCK else calendar.add(s.ready, s.amount)
                    if s.end != moment:
                        asked_again = s.amount == 0
                        assert asked_again or not ((site.opens <= moment) & (moment < site.closes)).any()
                        assert s.end == workdays[workdays + at > moment][0] + at
                elif s.amount > 0:
                    assert s.end == workdays[workdays >= s.ready][s.amount - 1] + at
                else:
                    assert s.end == workdays[workdays + at > s.ready][0] + at
            elif s.code is Code.JOIN:
                fork = ops[s.at - 1]  # what is joined set out just before
                assert fork["code"] == Code.FORK
                children = log.ended[fork["arg"] : fork["arg"] + fork["amount"]]
                assert (children >= 0).all()
                assert s.end == max(s.ready, *children.tolist())
            elif s.code in (Code.LEAVE, Code.MARK, Code.RETURN, Code.DAYS):
                assert s.ready == s.end


@pytest.mark.slow
@many
@given(halls())
def test_departures_take_as_many_as_they_can_in_the_first_place_there_is(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        (table,) = seen.trace.plan.timetables
        waits = [s for s in seen.stretches if s.code is Code.UNTIL]
        taken = {int(t): sum(s.end == t for s in waits) for t in table.departures if t < seen.trace.plan.stop}
        assert sum(taken.values()) == len(waits)
        for s in waits:
            missed = [t for t in taken if s.ready <= t < s.end]
            assert all(table.capacity >= 0 and taken[t] == table.capacity for t in missed)
        assert table.capacity < 0 or all(number <= table.capacity for number in taken.values())


# ---- pools -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@many
@given(halls())
def test_every_service_is_given_in_full_and_no_more(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        given_work: dict[tuple[int, int, int], int] = {}
        for s in seen.stretches:
            if s.code is Code.SERVE and s.outcome in _SERVED:
                pauses = seen.trace.plan.pools[s.arg].pauses
                key = (s.entity, s.at, s.joined)
                worked = s.end - s.start if pauses is None else pauses.between(s.start, s.end)
                given_work[key] = given_work.get(key, 0) + worked
                if s.outcome is Outcome.DONE:
                    assert given_work.pop(key) == s.amount
                else:
                    assert given_work[key] <= s.amount


SERVES_ON = of_text("""
run = { days = 1, warm_up_days = 0, follow_up_days = 0 }
calendar = { country = "none", hours = "always" }
pools.window = { servers = 2, hours = "09:00-12:00", at_close = "serve" }
services.item.visits.apply.serve = { pool = "window", work = "20 min" }
arrivals.many = { services = "item", every = "7 min", profile = { "11:00" = 1, "12:10" = 0 } }
""")
"""A pool at a site without doors, where people wait at closing: random halls have none."""


def test_the_hall_without_doors_begins_services_after_closing() -> None:
    for seen in every_engine(SERVES_ON):
        (pool,) = seen.trace.plan.pools
        late = [s for s in seen.at_pool(0) if s.outcome is Outcome.DONE and on_duty(pool, s.start) == 0]
        assert len(late) > 1
        assert not seen.trace.plan.sites[pool.site].has_doors


@pytest.mark.slow
@many
@given(halls())
@example(SERVES_ON)
def test_no_more_are_served_than_are_on_duty(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        for index, pool in enumerate(seen.trace.plan.pools):
            served = [s for s in seen.at_pool(index) if s.outcome in _SERVED]
            for s in served:
                busy = sum(o.start <= s.start < o.end for o in served)
                edge = int(np.searchsorted(pool.times, s.start, side="right")) - 1
                servers = int(pool.servers[edge])
                if pool.pauses is not None and servers > 0:  # nor later, until the next edge
                    until = int(pool.times[edge + 1]) if edge + 1 < pool.times.size else seen.trace.plan.stop
                    within = [t for t in between({m for o in served for m in (o.start, o.end)}) if s.start < t < until]
                    assert all(sum(o.start < t < o.end for o in served) <= servers for t in within)
                if servers == 0:  # lingering after closing, while there is somebody inside
                    assert pool.at_close == SERVE_ALL
                    assert pool.day_close[edge]
                    if seen.trace.plan.sites[pool.site].has_doors:
                        assert any(a <= s.start <= b for a, b in seen.inside[pool.site])
                    else:  # somebody has waited all the time since the closing
                        closing, here = int(pool.times[edge]), seen.at_pool(index)
                        moments = {m for o in here for m in (o.ready, o.start) if closing < m < s.start}
                        since = seen.waiting_at(index)
                        for t in between(moments | {closing, s.start}):
                            assert any(o.ready < t < o.start for o in here) or any(begun < t for begun in since)
                    servers = int(pool.servers[edge - 1])
                assert busy <= servers


@pytest.mark.slow
@many
@given(halls())
def test_nobody_waits_while_a_server_on_duty_is_idle(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        for index, pool in enumerate(seen.trace.plan.pools):
            here, left_over = seen.at_pool(index), seen.waiting_at(index)
            moments = {m for s in here for m in (s.ready, s.start, s.end)}
            moments |= set(pool.times[pool.times < seen.trace.plan.stop].tolist())
            for t in between(moments):
                if any(s.ready < t < s.start for s in here):
                    busy = sum(s.start < t < s.end for s in here) + sum(since < t for since in left_over)
                    assert busy >= on_duty(pool, int(t))


@pytest.mark.slow
@many
@given(halls())
def test_nobody_is_overtaken_by_the_less_urgent_or_by_who_came_later(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        for index, pool in enumerate(seen.trace.plan.pools):
            here = seen.at_pool(index)
            for s in here:
                if s.outcome not in _SERVED:
                    continue
                for other in here:
                    if other.ready < s.start < other.start:
                        assert s.ahead >= other.ahead
                        if s.ahead:
                            continue
                        assert s.priority <= other.priority
                        if s.priority == other.priority and not pool.by_due_date:
                            assert s.joined <= other.joined


@pytest.mark.slow
@many
@given(halls())
def test_a_service_pauses_only_when_fewer_servers_are_on_duty_than_work_is_in_hand(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        for index, pool in enumerate(seen.trace.plan.pools):
            served = [s for s in seen.at_pool(index) if s.outcome in _SERVED]
            for s in served:
                if s.outcome is Outcome.PAUSED:
                    assert pool.pauses is not None
                    assert s.end in pool.times
                    go_on = sum(o.start < s.end < o.end for o in served)
                    # Or the more urgent come in that very instant, after the edge.
                    go_on += sum(o.start < s.end == o.end and o.outcome is Outcome.PREEMPTED for o in served)
                    go_on += sum(0 <= b < s.end for b in seen.begun_at(index))
                    assert go_on == on_duty(pool, s.end) > 0


@pytest.mark.slow
@many
@given(halls())
def test_only_the_more_urgent_take_a_server_away(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        for index, pool in enumerate(seen.trace.plan.pools):
            here = seen.at_pool(index)
            for s in here:
                if s.outcome is Outcome.PREEMPTED:
                    assert pool.preemptive
                    takers = [o for o in here if o.start == s.end and o.priority < s.priority]
                    # Who took the server may still be served at the end of the run.
                    ops = seen.trace.program.ops
                    unseen = [
                        at
                        for at, since in seen.waiting.values()
                        if ops["code"][at] == Code.SERVE and ops["arg"][at] == index and since <= s.end
                        and ops["priority"][at] < s.priority
                    ]  # fmt: skip
                    assert takers or unseen


# ---- who is turned away ----------------------------------------------------------------------------------------------


@pytest.mark.slow
@many
@given(halls())
def test_patience_is_kept_to_the_moment(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        for s in seen.stretches:
            if s.code is not Code.SERVE:
                continue
            if s.outcome is Outcome.RENEGED:
                assert s.first  # whoever has been served in part stays
                assert s.end == s.start == s.ready + s.patience
            elif s.first and s.patience >= 0:
                assert s.start - s.ready <= s.patience
            if s.outcome not in _SERVED:
                assert s.can_leave


@pytest.mark.slow
@many
@given(halls())
def test_rooms_are_never_more_than_full_and_turn_nobody_away_before(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        for index, pool in enumerate(seen.trace.plan.pools):
            here = seen.at_pool(index)
            full = [s for s in here if s.outcome is Outcome.FULL]
            assert pool.room >= 0 or not full
            for s in full:
                left_over = sum(since <= s.end for since in seen.waiting_at(index))
                waiting = sum(o.ready <= s.end <= o.start for o in here if o is not s) + left_over
                assert waiting >= pool.room
            if pool.room >= 0 and not pool.preemptive and pool.pauses is None and all(s.can_leave for s in here):
                for t in between({m for s in here for m in (s.ready, s.start)}):
                    assert sum(s.ready < t < s.start for s in here) <= pool.room
        for index, site in enumerate(seen.trace.plan.sites):
            if site.room >= 0:
                for t in between({m for pair in seen.inside[index] for m in pair}):
                    assert sum(a < t < b for a, b in seen.inside[index]) <= site.room
        for s in seen.stretches:
            if s.code is Code.ARRIVE and s.outcome is Outcome.FULL:
                assert sum(a <= s.end <= b for a, b in seen.inside[s.arg]) >= seen.trace.plan.sites[s.arg].room >= 0


@pytest.mark.slow
@many
@given(halls())
def test_doors_and_closings_are_kept(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        for s in seen.stretches:
            if s.code is Code.ARRIVE:
                site = seen.trace.plan.sites[s.arg]
                is_open = bool(((site.opens <= s.end) & (s.end < site.closes)).any())
                assert is_open == (s.outcome is not Outcome.SHUT)
                if s.outcome is Outcome.SHUT:
                    later = site.opens[(site.opens > s.end) & (site.opens // DAY_MS == s.end // DAY_MS)]
                    assert s.ready == s.end
                    assert later.size == 0
                elif s.end > s.ready:
                    assert s.end in site.opens.tolist()
            elif s.outcome is Outcome.SENT_HOME:
                pool = seen.trace.plan.pools[s.arg]
                edge = int(np.searchsorted(pool.times, s.end, side="right")) - 1
                assert pool.at_close == SEND_HOME
                assert pool.day_close[edge]
                assert s.end in (s.ready, pool.times[edge])


@pytest.mark.slow
@many
@given(halls())
def test_whoever_fails_comes_back_no_more_often_than_was_drawn(scenario: Scenario) -> None:
    for seen in every_engine(scenario):
        failures: dict[int, int] = {}
        for s in seen.stretches:
            if s.code is Code.RETURN:
                failures[s.entity] = failures.get(s.entity, 0) + 1
                assert (s.outcome is Outcome.LOST) == (failures[s.entity] > s.amount)


# ---- engines and draws -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@settings(many, max_examples=12)
@given(halls(), st.integers(0, 2))
def test_the_same_program_in_the_same_hall_gives_the_same_log(scenario: Scenario, replication: int) -> None:
    first, *others = [simulate(scenario, engine, replication=replication).log for engine in (*ENGINES, "reference")]
    for other in others:
        assert np.array_equal(first.rows, other.rows)
        assert np.array_equal(first.started, other.started)
        assert np.array_equal(first.ended, other.ended)
        assert np.array_equal(first.in_service, other.in_service)


@pytest.mark.slow
def test_random_halls_have_everything_in_them() -> None:
    outcomes: set[Outcome] = set()
    kinds: set[Kind] = set()
    codes: set[Code] = set()

    @settings(many, max_examples=150, database=None, derandomize=True)
    @given(halls())
    def look(scenario: Scenario) -> None:
        trace = simulate(scenario)
        outcomes.update(Outcome(value) for value in np.unique(trace.log.rows["outcome"]))
        kinds.update(Kind(value) for value in np.unique(trace.program.entities["kind"][trace.log.started >= 0]))
        codes.update(Code(value) for value in np.unique(trace.program.ops["code"]))

    look()
    assert outcomes == set(Outcome)
    assert kinds == set(Kind)
    assert codes == set(Code)
