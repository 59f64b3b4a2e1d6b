"""Everything random about one replication, drawn up front, entity by entity.

Comes in: a scenario, a seed and a replication.  Goes out: a :class:`~sim.program.Program`: every visit with its way
through every branching and rework loop, every service requirement, every patience; the engines that run it draw
nothing.  Each number comes from a stream named by source, service, step, passage and purpose, and each visitor has
a fixed place in it: what one part of a scenario draws doesn't depend on any other part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scenarios.laws import Law
from scenarios.model import MARKS, PURPOSES, Arrival, Route, Scenario, Service, Step
from sim.arrivals import arrival_times, time_of_day_profile
from sim.calendar import IntArray
from sim.distributions import quantile, whole
from sim.plan import Layout
from sim.program import Code, Kind, Program, StepInfo
from sim.streams import Streams
from sim.tape import TAIL, TAIL_OUTSIDE, TO_START, Tape

__all__ = ["draw"]

_ORDINARY = 5
"""Priority of whom nothing makes more or less urgent."""
_KEEPS_COMING = 1_000_000
"""Trips that an applicant tries whose case waits for them."""
_DELAYS = {"plain": Code.CLOCK, "open": Code.OPEN, "days": Code.DAYS}


def draw(scenario: Scenario, seed: int, replication: int, layout: Layout | None = None) -> Program:
    """Draw one replication.

    Parameters
    ----------
    scenario
        What to draw from.
    seed, replication
        Together with the scenario they fix every number.
    layout
        The scenario's layout, if it is at hand.

    Returns
    -------
    Program
        Operations and entities.  Two scenarios that differ only in servers and rosters have the same.
    """
    layout = layout or Layout.of(scenario)
    streams = Streams(seed, replication)
    writer = _Writer(layout)
    for source in scenario.arrivals:
        for service, times in arrival_times(layout, source, streams).items():
            if times.size:
                _Group(writer, streams, source, service, times).write()
    ops, entities = writer.tape.tables()
    return Program(
        ops=ops,
        entities=entities,
        services=tuple(scenario.services),
        sources=tuple(scenario.arrivals),
        purposes=PURPOSES,
        people=tuple(scenario.people),
        steps=tuple(writer.steps.values()),
        marks=MARKS,
    )


class _Writer:
    """What all groups of visitors share: the tape, the hall's layout and the register of steps."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.scenario = layout.scenario
        self.tape = Tape()
        self.steps: dict[str, StepInfo] = {}
        self._numbers: dict[str, int] = {}
        self.services = {name: index for index, name in enumerate(self.scenario.services)}
        self.sources = {name: index for index, name in enumerate(self.scenario.arrivals)}
        self.people = {name: index for index, name in enumerate(self.scenario.people)}
        self.timetables = {name: index for index, name in enumerate(self.scenario.timetables)}
        self.return_profiles = {
            name: time_of_day_profile(layout, source.site, source.profile)[0]
            for name, source in self.scenario.arrivals.items()
        }

    def route(self, route: str | Route) -> Route:
        return self.scenario.routes[route] if isinstance(route, str) else route

    def step_number(self, path: tuple[str, ...], step: Step) -> int:
        """Return the index of a step in the program's register, entering it when it is new."""
        name = "/".join(path)
        if name not in self._numbers:
            self._numbers[name] = len(self.steps)
            self.steps[name] = StepInfo(
                name=name,
                service=path[0],
                route=path[1],
                title=(step.title.en or path[-1], step.title.zh or path[-1]),
                pool=self.layout.pools[step.pool] if step.pool else "",
                spends=_spends(step),
                stops_clock=step.stops_clock or "",
            )
        return self._numbers[name]


def _spends(step: Step) -> str:
    if step.pool:
        return "work"
    if step.delay:
        return {"plain": "clock", "open": "open", "days": "days"}[step.delay.clock]
    if step.until:
        return "until"
    if step.visit:
        return "applicant"
    return "branches" if step.fork else "none"


@dataclass(frozen=True, eq=False)
class _Travellers:
    """Some entities on their way through a route.

    Attributes
    ----------
    ids
        Entities on the tape.
    members
        For each, the position of its root in its group: its place in every stream.
    kind
        What they are.
    path
        The names that lead to the route, repeated passages told apart: what streams are named by.
    shown
        The names by which the register of steps knows the route.
    priority
        Priority where the step gives none.
    """

    ids: IntArray
    members: IntArray
    kind: Kind
    path: tuple[str, ...]
    shown: tuple[str, ...]
    priority: IntArray

    def some(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> _Travellers:
        return replace(self, ids=self.ids[which], members=self.members[which], priority=self.priority[which])


class _Group:
    """The visits that one source brings for one service, and all that comes of them."""

    def __init__(self, writer: _Writer, streams: Streams, source: str, service: str, times: IntArray) -> None:
        self.writer, self.tape, self.streams = writer, writer.tape, streams
        self.source_name, self.service_name, self.times = source, service, times
        scenario = writer.scenario
        self.source: Arrival = scenario.arrivals[source]
        self.service: Service = scenario.services[service]
        self.site = writer.layout.sites.index(self.source.site)
        self.doors = writer.layout.has_doors(self.source.site)

        weights = np.array(list(self.source.people.values()))
        kinds = np.array([writer.people[name] for name in self.source.people])
        which = np.searchsorted(np.cumsum(weights) / weights.sum(), self._uniforms(("person",)), side="right")
        self.person = kinds[np.minimum(which, kinds.size - 1)]
        people = list(scenario.people.values())
        self.work_factor = np.array([person.work_factor for person in people])[self.person]
        self.urgency = np.array([person.priority for person in people], dtype=np.int64)[self.person]

    def _uniforms(self, name: tuple[str, ...], members: IntArray | None = None) -> npt.NDArray[np.float64]:
        key = (self.source_name, self.service_name, *name)
        if members is None:
            return self.streams.uniforms(key, self.times.size)
        return self.streams.uniforms(key, int(members.max(initial=-1)) + 1)[members]

    def _amounts(self, law: Law, name: tuple[str, ...], members: IntArray) -> IntArray:
        return whole(quantile(law, self._uniforms(name, members)))

    def write(self) -> None:
        """Write the whole group on the tape."""
        members = np.arange(self.times.size)
        online = self.source.channel == "online"
        ids = self._entities(members, Kind.ONLINE if online else Kind.VISIT, self.source.purpose, start=self.times)
        self.tape.set(ids, "root", ids)
        # The person's priority holds unless it is the ordinary one; where both say something, the more urgent.
        source = np.full(self.urgency.size, self.source.priority)
        both = np.minimum(self.urgency, source)
        priority = np.where(self.urgency == _ORDINARY, source, np.where(source == _ORDINARY, self.urgency, both))
        kind = Kind.ONLINE if online else Kind.VISIT
        self._visit(
            _Travellers(ids, members, kind, (self.source.purpose,), (self.source.purpose,), priority),
            keeps_coming=False,
        )

    def _entities(self, members: IntArray, kind: Kind, purpose: str, **columns: IntArray | int) -> IntArray:
        return self.tape.entities(
            members.size,
            service=self.writer.services[self.service_name],
            source=self.writer.sources[self.source_name],
            kind=int(kind),
            purpose=PURPOSES.index(purpose) if purpose in PURPOSES else -1,
            person=self.person[members],
            **columns,
        )

    # ---- visits ----------------------------------------------------------------------------------------------------

    def _visit(self, who: _Travellers, *, keeps_coming: bool) -> None:
        """Write a trip: in by the doors, through the visit's route, out; and what becomes of those turned away."""
        tape, enters = self.tape, self.doors and who.kind is Kind.VISIT
        tape.begin_trip(who.ids)
        if enters:
            tape.add(who.ids, Code.ARRIVE, arg=self.site, jump=TAIL_OUTSIDE)
        self._walk(self.writer.route(self.service.visits[who.path[-1]]), who)  # type: ignore[index]
        if enters:
            tape.add(who.ids, Code.LEAVE, arg=self.site)
        tape.end(who.ids)
        if enters:
            tape.add(who.ids, Code.LEAVE, arg=self.site)
        self._come_back(who, keeps_coming=keeps_coming)

    def _come_back(self, who: _Travellers, *, keeps_coming: bool) -> None:
        rule, tape = self.source.comes_back, self.tape
        name = (*who.path, "return")
        tries = np.full(who.ids.size, _KEEPS_COMING if keeps_coming else 0, dtype=np.int64)
        if rule is not None and not keeps_coming:
            # P(at least k returns) = share ** k, k up to at_most: one uniform number tells how often.
            u = self._uniforms((*name, "tries"), who.members)
            levels = rule.share ** np.arange(1, rule.at_most + 1)
            tries = (u[:, None] < levels[None, :]).sum(axis=1).astype(np.int64)
        tape.add(who.ids, Code.RETURN, amount=tries)
        back = who.some(np.flatnonzero(tries > 0))
        if back.ids.size:
            self._wait_for_next_trip(back, rule.after if rule is not None else _NEXT_DAY, name)
            tape.add(back.ids, Code.GOTO, jump=TO_START)

    def _wait_for_next_trip(self, who: _Travellers, after: Law, name: tuple[str, ...]) -> None:
        """Wait for `after`, then for the time of day at which the visitor sets out.

        Whoever comes back two working days on comes on that day, be it at an earlier time of day than now: so working
        days are counted from midnight to midnight.
        """
        if after.clock == "days":
            days = self._amounts(after, (*name, "after"), who.members)
            later = who.some(days > 0)
            self.tape.add(later.ids, Code.AT, arg=self.site, amount=0)
            self.tape.add(later.ids, Code.DAYS, arg=self.site, amount=days[days > 0] - 1)
        else:
            self._wait(who, after, (*name, "after"), step=-1)
        u = self._uniforms((*name, "time of day"), who.members)
        edges, share = self.writer.return_profiles[self.source_name]
        moment = np.floor(np.interp(u, share, edges)).astype(np.int64)
        self.tape.add(who.ids, Code.AT, arg=self.site, amount=moment)

    def _follow_up(self, who: _Travellers, step: Step, name: tuple[str, ...], number: int) -> None:
        """Have the applicant come (again); `who` waits for it where it can."""
        assert step.visit is not None
        waits = step.wait and who.kind in (Kind.CASE, Kind.BRANCH)
        ids = self._entities(
            who.members,
            Kind.VISIT,
            step.visit,
            start=-1,
            parent=who.ids if waits else -1,
            root=self.tape.of(who.ids, "root"),
            case=self.tape.of(who.ids, "case"),
        )
        self.tape.add(who.ids, Code.FORK, arg=ids, amount=1, step=number)
        if waits:
            self.tape.add(who.ids, Code.JOIN, step=number)
        priority = self.urgency[who.members]
        visit = _Travellers(ids, who.members, Kind.VISIT, (*name, step.visit), (step.visit,), priority)
        self._wait_for_next_trip(visit, step.after or _NEXT_DAY, name)
        self._visit(visit, keeps_coming=waits)

    # ---- cases -----------------------------------------------------------------------------------------------------

    def _start_case(self, who: _Travellers, name: tuple[str, ...], number: int) -> None:
        ids = self._entities(who.members, Kind.CASE, "case", start=-1, root=self.tape.of(who.ids, "root"))
        self.tape.set(ids, "case", ids)
        self.tape.add(who.ids, Code.FORK, arg=ids, amount=1, step=number)
        priority = np.full(ids.size, self.service.case_priority, dtype=np.int64)
        assert self.service.case is not None
        case = _Travellers(ids, who.members, Kind.CASE, (*name, "case"), ("case",), priority)
        self._walk(self.writer.route(self.service.case), case)
        self.tape.end(ids)

    def _fork(self, who: _Travellers, step: Step, name: tuple[str, ...], shown: tuple[str, ...], number: int) -> None:
        assert step.fork is not None
        branches = [(branch, self.writer.route(route)) for branch, route in step.fork.items()]
        if step.order == "sequential":
            for branch, route in branches:
                self._walk(route, replace(who, path=(*name, branch), shown=(*shown, branch)))
            return
        # The branches of one entity are numbered in a row, so that one FORK starts them all.
        ids = self._entities(
            np.repeat(who.members, len(branches)),
            Kind.BRANCH,
            "branch",
            start=-1,
            parent=np.repeat(who.ids, len(branches)),
            root=np.repeat(self.tape.of(who.ids, "root"), len(branches)),
            case=np.repeat(self.tape.of(who.ids, "case"), len(branches)),
        ).reshape(-1, len(branches))
        self.tape.add(who.ids, Code.FORK, arg=ids[:, 0], amount=len(branches), step=number)
        self.tape.add(who.ids, Code.JOIN, step=number)
        for column, (branch, route) in enumerate(branches):
            part = replace(who, ids=ids[:, column], kind=Kind.BRANCH, path=(*name, branch), shown=(*shown, branch))
            self._walk(route, part)
            self.tape.end(part.ids)

    # ---- routes ----------------------------------------------------------------------------------------------------

    def _walk(self, route: Route, who: _Travellers) -> None:
        """Take every traveller through `route`, all who are at a step together."""
        names = list(route)
        place = {name: index for index, name in enumerate(names)} | {"end": len(names)}
        waiting: dict[int, list[npt.NDArray[np.intp]]] = {0: [np.arange(who.ids.size)]}
        passages = np.zeros((len(names), 0), dtype=np.int64)
        if _has_loop(route, place):
            passages = np.zeros((len(names), who.ids.size), dtype=np.int64)
        while waiting:
            at = min(waiting)  # forwards, so that those who took different branches meet again
            here = np.sort(np.concatenate(waiting.pop(at)))
            if at == len(names) or not here.size:
                continue
            step = route[names[at]]
            for passage, group in _by_passage(passages[at], here):
                label = names[at] if passage == 0 else f"{names[at]}#{passage}"
                for target, going in self._pass(step, who, group, (*who.path, label), (*who.shown, names[at])):
                    waiting.setdefault(at + 1 if target is None else place[target], []).append(going)

    def _pass(
        self,
        step: Step,
        who: _Travellers,
        group: npt.NDArray[np.intp],
        name: tuple[str, ...],
        shown: tuple[str, ...],
    ) -> Iterator[tuple[str | None, npt.NDArray[np.intp]]]:
        """Take a group through one step; yield where they go on (``None``: the next step) and who does."""
        if step.skip:
            yield None, group
            return
        if step.share < 1:
            takes = self._uniforms((*name, "share"), who.members[group]) < step.share
            yield None, group[~takes]
            group = group[takes]
        stays = self._act(step, who.some(group), name, shown)
        group = group[stays]
        if isinstance(step.next, dict):
            targets = list(step.next)
            edges = np.cumsum(list(step.next.values()))
            u = self._uniforms((*name, "next"), who.members[group])
            which = np.minimum(np.searchsorted(edges, u, side="right"), len(targets) - 1)
            for index, target in enumerate(targets):
                yield target, group[which == index]
        else:
            yield step.next, group

    def _act(
        self, step: Step, who: _Travellers, name: tuple[str, ...], shown: tuple[str, ...]
    ) -> npt.NDArray[np.bool_]:
        """Do what a step does; return who goes on from it."""
        number = self.writer.step_number((self.service_name, *shown), step)
        stays = np.ones(who.ids.size, dtype=np.bool_)
        if not who.ids.size:
            return stays
        if step.pool is not None:
            stays = self._serve(step, who, name, number)
        elif step.delay is not None:
            self._wait(who, step.delay, (*name, "delay"), step=number)
        elif step.until is not None:
            self.tape.add(who.ids, Code.UNTIL, arg=self.writer.timetables[step.until], step=number)
        elif step.route is not None:
            self._walk(self.writer.route(step.route), replace(who, path=name, shown=shown))
        elif step.fork is not None:
            self._fork(who, step, name, shown, number)
        elif step.visit is not None:
            self._follow_up(who, step, name, number)
        elif step.start_case:
            self._start_case(who, name, number)
        if step.mark is not None:
            self._mark(step.mark, who.some(stays), number)
        return stays

    def _mark(self, mark: str, who: _Travellers, number: int) -> None:
        limit = self.service.promised_limit if self.service.promised_limit is not None else self.service.legal_limit
        due = -1 if limit is None or mark not in ("accepted", "accepted-with-gaps") else limit
        self.tape.add(who.ids, Code.MARK, arg=MARKS.index(mark), amount=due, patience=self.site, step=number)

    def _wait(self, who: _Travellers, law: Law, name: tuple[str, ...], *, step: int) -> None:
        amount = self._amounts(law, name, who.members)
        self.tape.add(who.ids, _DELAYS[law.clock], arg=self.site, amount=amount, step=step)

    def _serve(self, step: Step, who: _Travellers, name: tuple[str, ...], number: int) -> npt.NDArray[np.bool_]:
        assert step.pool is not None
        assert step.work is not None
        pool = self.writer.layout.pool_index[step.pool]
        factor = self.writer.scenario.pools[self.writer.layout.pools[step.pool]].work_factor
        visits = who.kind in (Kind.VISIT, Kind.ONLINE)
        base = quantile(step.work, self._uniforms((*name, "work"), who.members))
        work = whole(base * factor * (self.work_factor[who.members] if visits else 1.0))
        patience: IntArray | int = -1
        law = step.patience or self.source.patience
        if visits and law is not None:  # an application doesn't walk away
            patience = self._amounts(law, (*name, "patience"), who.members)
        columns = {
            "arg": pool,
            "patience": patience,
            "priority": who.priority if step.priority is None else step.priority,
            "step": number,
            "jump": TAIL if visits else -1,
        }
        stays = np.ones(who.ids.size, dtype=np.bool_)
        if step.absent is not None:
            stays = self._call_in_vain(step, who, name, columns)
        here = {key: value[stays] if isinstance(value, np.ndarray) else value for key, value in columns.items()}
        self.tape.add(who.ids[stays], Code.SERVE, amount=work[stays], **here)
        return stays

    def _call_in_vain(
        self, step: Step, who: _Travellers, name: tuple[str, ...], columns: dict[str, IntArray | int]
    ) -> npt.NDArray[np.bool_]:
        """Have the number of some called three times and skipped; return who is served all the same."""
        rule = step.absent
        assert rule is not None
        missing = self._uniforms((*name, "absent"), who.members) < rule.share
        gone = who.some(missing)
        there = {key: value[missing] if isinstance(value, np.ndarray) else value for key, value in columns.items()}
        self.tape.add(gone.ids, Code.SERVE, amount=self._amounts(rule.call, (*name, "call"), gone.members), **there)
        if rule.then == "leave":
            self.tape.add(gone.ids, Code.GOTO, jump=TAIL)
            return ~missing
        if rule.away is not None:
            self._wait(gone, rule.away, (*name, "away"), step=-1)
        return np.ones(who.ids.size, dtype=np.bool_)


_NEXT_DAY = Law.model_validate("1 working days")


def _has_loop(route: Route, place: dict[str, int]) -> bool:
    """Tell whether any step leads back to itself or to one before it."""
    for index, step in enumerate(route.values()):
        targets = [step.next] if isinstance(step.next, str) else list(step.next or ())
        if any(place[target] <= index for target in targets):
            return True
    return False


def _by_passage(
    passages: npt.NDArray[np.int64], here: npt.NDArray[np.intp]
) -> Iterator[tuple[int, npt.NDArray[np.intp]]]:
    """Group those at a step by how often they have been there before, and count them in."""
    if not passages.size:
        yield 0, here
        return
    before = passages[here]
    passages[here] += 1
    for passage in np.unique(before).tolist():
        yield passage, here[before == passage]
