"""Walking every visitor through the graph of routes, in plain Python, to be read.

Input: :class:`~sim.draw.tables.WalkTables`.  Output: the operations and entities of a
:class:`~sim.program.Program`.  Amounts of laws with many values are noted with their uniform numbers, and
:mod:`sim.draw.drawing` fills them in.  :mod:`sim.draw.compiled_walk` does the same, to the last bit, much faster.

A *root* is a visit that a source brings, or a case that is open to begin with.  A root and all entities that it brings
about (branches of forks, cases, visits for a supplement) are a *family*.  The family's entities are walked one after
the other, in the order in which they came about.  What an entity does is a list of operations, laid out like this::

    [travel to the first trip, GOTO begin]        only for a visit that another entity's route asked for
    [LEAVE], RETURN, [travel to the next trip]    only for visitors: where they go on when they are turned away
    begin: [MARK accepted, CLOCK], [ARRIVE]       an open case's acceptance; the doors of the site
    the operations of its nodes, one after the other
    [LEAVE], END
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from sim.draw.philox import uniforms
from sim.draw.tables import (
    DRAW_DTYPE,
    END,
    FOR_AMOUNT,
    FOR_PATIENCE,
    KEEPS_COMING,
    LAST_ACCEPTANCE,
    MARK_ACCEPTED,
    NONE,
    OP_WORDS,
    ORDINARY_PRIORITY,
    Action,
    Walked,
    WalkTables,
)
from sim.program import ENTITY_DTYPE, OP_DTYPE, Code, Kind

__all__ = ["ABSENT", "PERSON", "RETURNS", "Group", "Node", "Walk", "walk"]

PERSON: Final = int.from_bytes(b"person")
ABSENT: Final = int.from_bytes(b"absent")
RETURNS: Final = int.from_bytes(b"return")
"""Names of what is drawn beside the step itself: who comes, whether they miss their call, whether they come back."""
_LARGEST: Final = 2.0**62


class Node(NamedTuple):
    """One row of the table of nodes, in the order of its columns."""

    key: int
    share: float
    factor: float
    absent: float
    action: int
    arg: int
    until: int
    law: int
    patience: int
    call: int
    away: int
    away_code: int
    leaves: int
    priority: int
    purpose: int
    after_code: int
    waits: int
    mark: int
    step: int
    skipped: int
    next_from: int
    next_until: int


class Group(NamedTuple):
    """One row of the table of groups, in the order of its columns."""

    key: int
    share: float
    source: int
    service: int
    purpose: int
    site: int
    enters: int
    kind: int
    priority: int
    start: int
    patience: int
    at_most: int
    after: int
    after_code: int
    case_priority: int
    due: int
    people_from: int
    people_until: int
    day_from: int
    day_until: int
    site_day_from: int
    site_day_until: int
    resumes: int


class Visited(NamedTuple):
    """A node, and how often the family had been there before."""

    node: Node
    visit_count: int


@dataclass(slots=True)
class Entity:
    """An entity: the columns of its row that its walk sets, and what its walk needs.

    Attributes
    ----------
    begins
        Its first node.
    urgency
        Priority at steps that name none.
    asked_for_by
        The node at which another entity's route asked for this visit; ``None`` for all others.
    first
        Its first operation.
    """

    kind: Kind
    begins: int
    urgency: int
    root: int
    case: int = NONE
    parent: int = NONE
    purpose: int = NONE
    asked_for_by: Visited | None = None
    first: int = NONE

    @property
    def travels(self) -> bool:
        """Tell whether it is a visitor: visitors lose patience, are turned away and come back."""
        return self.kind in (Kind.VISIT, Kind.ONLINE)


def walk(tables: WalkTables) -> Walked:
    """Walk all roots; equal to :func:`sim.draw.compiled_walk.walk`, bit for bit."""
    return Walk(tables).run()


class Walk:
    """The walk of one replication: tables that are read, lists that grow, and the family that is under way."""

    def __init__(self, tables: WalkTables) -> None:
        self.keys = tables.keys.tolist()
        self.roots = tables.roots
        self.groups = [Group(*row) for row in tables.groups.tolist()]
        self.nodes = [Node(*row) for row in tables.routes.nodes.tolist()]
        self.successors, self.edges, self.starts = (column.tolist() for column in tables.routes[1:])
        self.person_shares, self.persons, self.person_priority, self.person_factor = (
            column.tolist() for column in tables.people
        )
        self.moments, self.day_shares = (column.tolist() for column in tables.day)
        self.law_bounds = tables.laws.bounds.tolist()
        self.law_shares = tables.laws.choices["share"].tolist()
        self.law_values = tables.laws.choices["value"].tolist()

        self.ops: list[tuple[int, ...]] = []
        self.rows: list[tuple[int, ...]] = []  # of the table of entities
        self.draws: list[tuple[float, float, int, int]] = []

    def run(self) -> Walked:
        """Walk every root with its family."""
        for start, group, member in zip(*(column.tolist() for column in self.roots), strict=True):
            self._walk_family(start, self.groups[group], member)
        return Walked(
            np.array(self.ops, dtype=OP_DTYPE),
            np.array(self.rows, dtype=ENTITY_DTYPE),
            np.array(self.draws, dtype=DRAW_DTYPE),
        )

    # ---- a family --------------------------------------------------------------------------------------------------

    def _walk_family(self, start: int, group: Group, member: int) -> None:
        """Walk a root, then the entities that it brings about, then those that these bring about."""
        self.group, self.member = group, member
        self.visit_counts: Counter[int] = Counter()  # earlier visits of this family, by node
        self.person = self._draw_person()
        self.root, self.root_start = len(self.rows), start
        kind = Kind(group.kind)
        root = Entity(kind, group.start, self._urgency_of_root(), self.root, purpose=group.purpose)
        if kind is Kind.CASE:
            root.case = self.root
        self.family = [root]
        for entity in self.family:  # which grows meanwhile
            self._walk_entity(entity)
            self._write_entity(entity)

    def _bring_about(self, entity: Entity) -> int:
        """Add an entity to the family; return its number."""
        self.family.append(entity)
        return self.root + len(self.family) - 1

    def _draw_person(self) -> int:
        group = self.group
        index = group.people_from
        if group.people_until - index > 1:
            u, _, _, _ = self._uniforms(PERSON, 0)
            index = bisect_right(self.person_shares, u, index, group.people_until - 1)
        return int(self.persons[index])

    def _urgency_of_root(self) -> int:
        """Return the priority of the person, or of the source if the person's is ordinary; of two, the more urgent."""
        of_source, of_person = self.group.priority, int(self.person_priority[self.person])
        if of_person == ORDINARY_PRIORITY or self.group.kind == Kind.CASE:
            return of_source
        return of_person if of_source == ORDINARY_PRIORITY else min(of_person, of_source)

    # ---- an entity -------------------------------------------------------------------------------------------------

    def _walk_entity(self, entity: Entity) -> None:
        """Write the operations of an entity, from the first to its END."""
        group, site = self.group, self.group.site
        enters = entity.kind is Kind.VISIT and group.enters == 1
        occasion = self.visit_counts[entity.begins]
        entity.first = len(self.ops)
        if entity.asked_for_by is not None:
            self._make_first_trip(entity.asked_for_by)
            go_to_begin = self._emit(Code.GOTO)
        turned_away = self._plan_returns(entity, enters, occasion) if entity.travels else NONE
        if entity.asked_for_by is None:
            entity.first = len(self.ops)
        else:
            self.ops[go_to_begin] = _operation(Code.GOTO, jump=len(self.ops))

        if len(self.rows) == self.root and entity.kind is Kind.CASE:
            self._emit(Code.MARK, arg=MARK_ACCEPTED, amount=group.due, patience=site)
            self._emit(Code.CLOCK, amount=group.resumes - self.root_start)
        if enters:
            self._emit(Code.ARRIVE, arg=site, jump=turned_away + 1)
        node = entity.begins
        while node != END:
            node = self._take_step(entity, node, turned_away)
        if enters:
            self._emit(Code.LEAVE, arg=site)
        self._emit(Code.END)

    def _write_entity(self, entity: Entity) -> None:
        """Write an entity's row."""
        group, number = self.group, len(self.rows)
        start = self.root_start if number == self.root else NONE
        names = (group.service, group.source, int(entity.kind), entity.purpose, self.person)
        self.rows.append((start, entity.first, entity.parent, self.root, entity.case, *names))

    # ---- trips -----------------------------------------------------------------------------------------------------

    def _make_first_trip(self, request: Visited) -> None:
        """Have the applicant travel, as long after the request as the node says."""
        u_delay, u_moment, _, _ = self._uniforms(request.node.key, request.visit_count)
        law, clock = (request.node.law, request.node.after_code) if request.node.law >= 0 else (0, Code.DAYS)
        self._travel(law, clock, u_delay, self._time_of_day(u_moment, of_site=True))

    def _plan_returns(self, entity: Entity, enters: bool, occasion: int) -> int:
        """Write what a visitor does who is turned away; return the operation with which it begins.

        It stands before the trip's own operations, and so goes on with the next trip.
        """
        group = self.group
        turned_away = len(self.ops)
        if enters:
            self._emit(Code.LEAVE, arg=group.site)
        u_returns, u_delay, u_moment, _ = self._uniforms(self.nodes[entity.begins].key ^ RETURNS, occasion)
        returns = 0
        if entity.parent >= 0:  # a case waits for this visit
            returns = KEEPS_COMING
        else:
            # P(at least k returns) = share ** k, k up to at_most: one uniform number tells how often.
            level = group.share
            while returns < group.at_most and u_returns < level:
                returns += 1
                level *= group.share
        self._emit(Code.RETURN, amount=returns)
        if returns > 0:
            moment = self._time_of_day(u_moment, of_site=entity.asked_for_by is not None)
            self._travel(group.after, group.after_code, u_delay, moment)
        return turned_away

    def _travel(self, law: int, clock: int, u: float, moment: int) -> None:
        """Set out when the time of the law is over; on another day at a time of day."""
        by_clock = 0 if clock == Code.DAYS else clock
        self._emit(Code.BACK, arg=self.group.site, amount=self._amount(law, u), patience=moment, priority=by_clock)

    def _time_of_day(self, u: float, *, of_site: bool) -> int:
        """Return the moment by which a share `u` of the day's visitors has come, to the site or from the source."""
        group = self.group
        first, until = (group.site_day_from, group.site_day_until) if of_site else (group.day_from, group.day_until)
        at = bisect_left(self.day_shares, u, first + 1, until - 1)
        width = self.day_shares[at] - self.day_shares[at - 1]
        part = (u - self.day_shares[at - 1]) / width if width > 0 else 0.0
        moment = int(self.moments[at - 1] + part * (self.moments[at] - self.moments[at - 1]))
        return max(moment, 1)  # midnight is already that day

    # ---- steps -----------------------------------------------------------------------------------------------------

    def _take_step(self, entity: Entity, number: int, turned_away: int) -> int:
        """Write the operations of one node; return the node that follows (:data:`END` after the last)."""
        node, visit_count = self.nodes[number], self.visit_counts[number]
        self.visit_counts[number] += 1
        u_amount, u_patience, u_branch, u_share = self._uniforms(node.key, visit_count)
        if u_share >= node.share:
            return node.skipped
        match node.action:
            case Action.SERVE:
                if not self._serve(entity, node, visit_count, turned_away, u_amount, u_patience):
                    return END
            case Action.WAIT:
                self._emit(node.arg, arg=self.group.site, amount=self._amount(node.law, u_amount), step=node.step)
            case Action.UNTIL:
                self._emit(Code.UNTIL, arg=node.arg, step=node.step)
            case Action.FORK:
                self._fork(entity, node)
            case Action.VISIT:
                self._ask_applicant(entity, Visited(node, visit_count))
            case Action.CASE:
                number = self.root + len(self.family)
                self._bring_about(Entity(Kind.CASE, node.arg, self.group.case_priority, self.root, case=number))
                self._emit(Code.FORK, arg=number, amount=1, step=node.step)
        if node.mark >= 0:
            due = self.group.due if node.mark <= LAST_ACCEPTANCE else NONE
            self._emit(Code.MARK, arg=node.mark, amount=due, patience=self.group.site, step=node.step)
        branch = bisect_right(self.edges, u_branch, node.next_from, node.next_until - 1)
        return int(self.successors[branch])

    def _serve(
        self, entity: Entity, node: Node, visit_count: int, turned_away: int, u_amount: float, u_patience: float
    ) -> bool:
        """Write a service, after a call that was missed if so; return ``False`` if the visitor leaves instead."""
        priority = node.priority if node.priority >= 0 else entity.urgency
        patience_law = node.patience if node.patience >= 0 else self.group.patience
        if not entity.travels:  # an application does not walk away
            patience_law = NONE

        def queue_and_be_served(law: int, u: float, factor: float) -> None:
            patience = NONE if patience_law == NONE else self._amount(patience_law, u_patience, field=FOR_PATIENCE)
            amount = self._amount(law, u, factor)
            columns = {"amount": amount, "patience": patience, "priority": priority}
            self._emit(Code.SERVE, arg=node.arg, step=node.step, jump=turned_away, **columns)

        if node.absent > 0:
            u_absent, u_call, u_away, _ = self._uniforms(node.key ^ ABSENT, visit_count)
            if u_absent < node.absent:
                queue_and_be_served(node.call, u_call, 1.0)
                if node.leaves:
                    self._emit(Code.GOTO, jump=turned_away)
                    return False
                if node.away >= 0:
                    self._emit(node.away_code, arg=self.group.site, amount=self._amount(node.away, u_away))
        of_person = self.person_factor[self.person] if entity.travels else 1.0
        queue_and_be_served(node.law, u_amount, node.factor * of_person)
        return True

    def _fork(self, entity: Entity, node: Node) -> None:
        """Start the branches of a fork, and wait for them."""
        first = self.root + len(self.family)
        for start in self.starts[node.arg : node.until]:
            self._bring_about(
                Entity(Kind.BRANCH, start, entity.urgency, self.root, case=entity.case, parent=len(self.rows))
            )
        self._emit(Code.FORK, arg=first, amount=node.until - node.arg, step=node.step)
        self._emit(Code.JOIN, step=node.step)

    def _ask_applicant(self, entity: Entity, request: Visited) -> None:
        """Have the applicant come; a case may wait for the visit, a visitor does not wait for another visit."""
        node = request.node
        waits = node.waits == 1 and not entity.travels
        visit = Entity(Kind.VISIT, node.arg, self.person_priority[self.person], self.root, entity.case)
        visit.parent = len(self.rows) if waits else NONE
        visit.purpose, visit.asked_for_by = node.purpose, request
        self._emit(Code.FORK, arg=self._bring_about(visit), amount=1, step=node.step)
        if waits:
            self._emit(Code.JOIN, step=node.step)

    # ---- chance and operations -------------------------------------------------------------------------------------

    def _uniforms(self, name: int, visit_count: int) -> tuple[float, float, float, float]:
        """Return the four uniform numbers of a name, for this visitor and this visit."""
        return uniforms(self.keys, (self.member, self.group.key, name, visit_count))

    def _amount(self, law: int, u: float, factor: float = 1.0, field: int = FOR_AMOUNT) -> int:
        """Return a law's amount where it has few values; else note that it is to be drawn for the next operation."""
        first, until = self.law_bounds[law], self.law_bounds[law + 1]
        if first == until:
            self.draws.append((u, factor, len(self.ops) * OP_WORDS + field, law))
            return 0
        value: float = self.law_values[bisect_right(self.law_shares, u, first, until - 1)]
        return round(min(max(value * factor, 0.0), _LARGEST))

    def _emit(self, code: int, **columns: int) -> int:
        """Write one operation; return its number."""
        self.ops.append(_operation(code, **columns))
        return len(self.ops) - 1


def _operation(
    code: int,
    *,
    arg: int = 0,
    amount: int = 0,
    patience: int = NONE,
    priority: int = 0,
    step: int = NONE,
    jump: int = NONE,
) -> tuple[int, ...]:
    """Return a row of the table of operations, in the order of its columns."""
    return amount, patience, arg, jump, step, code, priority
