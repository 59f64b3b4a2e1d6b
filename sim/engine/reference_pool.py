"""A pool of the SimPy model: servers that share a queue, in a number that follows a roster.

Input: a :class:`~sim.program.PoolPlan`.  Output: a SimPy resource that calls, interrupts, pauses and turns away, and
the two kinds of event that it is used with.  :mod:`sim.engine.reference` is the model around it.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import simpy
from simpy.resources.resource import Release, Request, SortedQueue

from sim.calendar import NEVER
from sim.program import AHEAD_OF_ALL, NO_LAST_CALL, Outcome, PoolPlan, event_rank

__all__ = ["Moment", "Pool", "Turn"]

_AFTER_SIMPY = 2  # SimPy's own events at an instant have priority 0 or 1; ours come after them, by rank


class Moment(simpy.Event):
    """A point in time that takes its turn, among the events of its instant, by rank."""

    def __init__(self, env: simpy.Environment, time: int, kind: int, number: int) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        rank = simpy.events.EventPriority(_AFTER_SIMPY + event_rank(kind, number))
        env.schedule(self, priority=rank, delay=time - env.now)


class Turn(Request):
    """A place in a pool's queue, then at one of its servers."""

    def __init__(self, pool: Pool, key: tuple[int, int, int], can_leave: bool, work: int, is_back: bool) -> None:
        self.key = key
        self.can_leave = can_leave
        self.work = work
        self.begun = -1
        """Place in the order in which services of the pool began, if it began."""
        self.end = NEVER
        """When the service will end."""
        pool.broken_off -= is_back
        super().__init__(pool)


class Pool(simpy.Resource):
    """Servers that share a queue, in a number that changes with the roster (SimPy's own resources have a fixed
    capacity).

    A server who is no longer on duty finishes the service in hand and begins no other.  Where servers pause, the
    services that are more than the servers on duty are broken off, and go on before anybody else is called.
    """

    PutQueue = SortedQueue

    def __init__(self, env: simpy.Environment, plan: PoolPlan) -> None:
        super().__init__(env, capacity=1)
        self.plan = plan
        self.joined, self.begun = count(), count()
        self.lingers = False  # staying on after closing, for those who are still inside
        self.stays = False  # at a site without doors: for those who still wait here
        self.broken_off = 0
        """Those whose service has been broken off in this instant, before they are in the queue again."""
        self.sends_home = False
        self.staffed_since = -1
        """When the servers on duty began, after the last time without any."""
        self.last_call = NO_LAST_CALL
        self.staff(0)

    def staff(self, servers: int) -> None:
        """Have `servers` on duty from now on."""
        if self.capacity == 0 < servers:
            self.staffed_since = int(self._env.now)
        self._capacity = servers
        if self.plan.pauses is not None and servers > 0:
            self._pause_excess()
        self._trigger_put(None)

    def _trigger_put(self, get_event: simpy.resources.base.Get[Any] | None) -> None:
        """Call those whom the free servers can serve; who has stayed for them goes home when nobody waits any more."""
        super()._trigger_put(get_event)
        if self.stays and not self.put_queue and self.broken_off == 0:
            self.stays = False
            self.staff(0)

    def calls(self, work: int) -> bool:
        """Tell whether a server on duty calls somebody whose service takes `work` ms: not if it would end too late.

        At an opening everybody is called, so that a service longer than any opening interval is begun at some time.
        """
        now = int(self._env.now)
        return now + work <= self.last_call or now == self.staffed_since

    def turns_away(self, key: tuple[int, int, int], work: int) -> Outcome | None:
        """Return why a visitor who comes now, for a service of `work` ms, can't join; ``None`` if they can.

        Whoever goes to a server at once needs no place to wait.
        """
        if self.sends_home:
            return Outcome.SENT_HOME
        if 0 <= self.plan.room <= len(self.put_queue) and not self.serves_at_once(key, work):
            return Outcome.FULL
        return None

    def serves_at_once(self, key: tuple[int, int, int], work: int) -> bool:
        """Tell whether who comes now is served now, by a free server or by one taken from the less urgent."""
        if not self.calls(work) or (self.put_queue and self.put_queue[0].key < key):
            return False
        return self.count < self.capacity or self._can_preempt(key)

    def release(self, turn: Request) -> None:  # type: ignore[override]
        """Free the server of `turn` (or give up the place in the queue); the next in the queue is served at once."""
        Release(self, turn)
        self._trigger_put(None)

    def _do_put(self, turn: Turn) -> bool:  # type: ignore[override]
        if not self.calls(turn.work):
            return False  # and those behind it wait too
        if self._can_preempt(turn.key):
            last = self._last_in_order()
            self.users.remove(last)
            self.broken_off += 1
            last.proc.interrupt(Outcome.PREEMPTED)  # type: ignore[union-attr]
        super()._do_put(turn)
        if turn.triggered:
            turn.begun = turn.key[2] if turn.key[0] == AHEAD_OF_ALL else next(self.begun)
        return turn.triggered

    def _pause_excess(self) -> None:
        """Break off what is more than the servers on duty; a service that ends at this instant is complete."""
        in_hand = [user for user in self.users if user.end > self._env.now]  # type: ignore[attr-defined]
        by_key, by_beginning = (lambda user: user.key), (lambda user: user.begun)
        in_hand.sort(key=by_key if self.plan.preemptive else by_beginning)
        for turn in reversed(in_hand[int(self.capacity) :]):
            self.users.remove(turn)
            self.broken_off += 1
            turn.proc.interrupt(Outcome.PAUSED)  # type: ignore[union-attr]

    def _last_in_order(self) -> Turn:
        return max(self.users, key=lambda user: user.key)  # type: ignore[attr-defined, return-value]

    def _can_preempt(self, key: tuple[int, int, int]) -> bool:
        is_full = 0 < self.capacity == self.count
        return self.plan.preemptive and is_full and key[0] < self._last_in_order().key[0]
