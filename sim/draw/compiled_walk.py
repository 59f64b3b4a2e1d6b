"""The walk through the routes in machine code: :mod:`sim.draw.walk` says what happens, and reads like it.

Input: :class:`~sim.draw.tables.WalkTables`.  Output: the same
:class:`~sim.draw.tables.Walked` as the plain walk returns, bit for bit, some hundred times sooner.  The functions have
the names of the plain walk's methods.  What is written, and what has to be remembered of a family, stands in
:class:`Writer`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import numba
import numpy as np
import numpy.typing as npt

from sim.draw.compiled_philox import uniforms
from sim.draw.compiled_types import (
    BOOL,
    DAY,
    FLOAT,
    GROUP,
    INT,
    LAWS,
    PROGRESS,
    ROUTES,
    SCRATCH,
    TABLES,
    UNDER_WAY,
    WRITER,
    Writer,
)
from sim.draw.tables import (
    DRAW_DTYPE,
    FOR_AMOUNT,
    FOR_PATIENCE,
    KEEPS_COMING,
    LAST_ACCEPTANCE,
    MARK_ACCEPTED,
    OP_WORDS,
    ORDINARY_PRIORITY,
    Action,
    Day,
    ListedLaws,
    People,
    Routes,
    Walked,
    WalkTables,
)
from sim.draw.walk import ABSENT, PERSON, RETURNS
from sim.machine import compiled, ordinary, stored
from sim.program import ENTITY_DTYPE, OP_DTYPE, Code, Kind

__all__ = ["walk"]

Function = TypeVar("Function", bound=Callable[..., Any])
Table = npt.NDArray[np.void]
Record = np.void

_SERVE, _WAIT, _UNTIL, _FORK, _VISIT, _CASE = (int(action) for action in Action if action is not Action.NOTHING)
_IS_VISIT, _IS_ONLINE, _IS_CASE, _IS_BRANCH = (int(kind) for kind in Kind)
_OPS: Final = {code.name: int(code) for code in Code}
_O_END, _O_SERVE, _O_CLOCK, _O_DAYS = _OPS["END"], _OPS["SERVE"], _OPS["CLOCK"], _OPS["DAYS"]
_O_UNTIL, _O_BACK, _O_FORK, _O_JOIN = _OPS["UNTIL"], _OPS["BACK"], _OPS["FORK"], _OPS["JOIN"]
_O_ARRIVE, _O_LEAVE, _O_MARK, _O_RETURN, _O_GOTO = (
    _OPS[name] for name in ("ARRIVE", "LEAVE", "MARK", "RETURN", "GOTO")
)
_NONE: Final = -1
_LARGEST: Final = 2.0**62
_OPS_A_NODE: Final = 16
"""Room for the operations that one node, or one entity's ends, can take."""
_FIRST_GUESS: Final = (16, 2, 8)
"""Operations, entities and draws a root, for the first try: more than halls need, since what is not written costs
nothing, and a second try costs a copy."""

_PERSON: Any
_ABSENT: Any
_RETURNS: Any
_PERSON, _ABSENT, _RETURNS = np.uint64(PERSON), np.uint64(ABSENT), np.uint64(RETURNS)


def _compiled(result: Any, *arguments: Any) -> Callable[[Function], Function]:
    """Compile a function for these types only: Numba would compile it anew for every constant it is called with."""
    return stored(result(*arguments), error_model="numpy", _nrt=False, forceinline=True)


_pasted: Final = compiled(inline="always", error_model="numpy", _nrt=False)
"""Puts a function into the one that calls it before that is compiled: it needs no machine code of its own."""


# ---- chance -------------------------------------------------------------------------------------------------------


@_compiled(INT, FLOAT[::1], INT, INT, FLOAT)
def _pick(edges: npt.NDArray[np.float64], first: int, until: int, u: float) -> int:
    """Return the first place in ``edges[first:until]`` whose cumulative probability exceeds `u`."""
    at = first
    while at < until - 1 and u >= edges[at]:
        at += 1
    return at


@_compiled(INT, LAWS, WRITER, INT, FLOAT, FLOAT, INT)
def _amount(laws: ListedLaws, writer: Writer, law: int, u: float, factor: float, field: int) -> int:
    """Return a law's amount where it has few values; else note that it is to be drawn for the next operation."""
    at, until = laws.bounds[law], laws.bounds[law + 1]
    if at < until:
        while at < until - 1 and u >= laws.choices["share"][at]:
            at += 1
        return int(np.rint(min(max(laws.choices["value"][at] * factor, 0.0), _LARGEST)))
    progress, draws = writer.progress[0], writer.draws
    number = progress["draws"]
    draws["u"][number] = u
    draws["factor"][number] = factor
    draws["word"][number] = progress["ops"] * OP_WORDS + field
    draws["law"][number] = law
    progress["draws"] = number + 1
    return 0


@_compiled(INT, DAY, GROUP, FLOAT, BOOL)
def _time_of_day(day: Day, group: Record, u: float, of_site: bool) -> int:
    """Return the moment by which a share `u` of the day's visitors has come, to the site or from the source."""
    moments, shares = day.moments, day.shares
    at, until = group["day_from"] + 1, group["day_until"]
    if of_site:
        at, until = group["site_day_from"] + 1, group["site_day_until"]
    while at < until - 1 and u > shares[at]:
        at += 1
    width = shares[at] - shares[at - 1]
    part = (u - shares[at - 1]) / width if width > 0 else 0.0
    return max(int(moments[at - 1] + part * (moments[at] - moments[at - 1])), 1)  # midnight is already that day


# ---- what is written ----------------------------------------------------------------------------------------------


@_compiled(numba.void, WRITER, *(INT,) * 7)
def _write(
    writer: Writer, code: int, arg: int, amount: int, patience: int, priority: int, step: int, jump: int
) -> None:
    """Write one operation."""
    ops, at = writer.ops, writer.progress[0]["ops"]
    ops["code"][at] = code
    ops["arg"][at] = arg
    ops["amount"][at] = amount
    ops["patience"][at] = patience
    ops["priority"][at] = priority
    ops["step"][at] = step
    ops["jump"][at] = jump
    writer.progress[0]["ops"] = at + 1


@_pasted
def _emit(writer: Writer, code: int, arg: int, amount: int, step: int) -> None:
    """Write an operation without patience, priority and jump."""
    _write(writer, code, arg, amount, _NONE, 0, step, _NONE)


@_compiled(INT, WRITER, GROUP, *(INT,) * 8)
def _bring_about(
    writer: Writer, group: Record, kind: int, begins: int, urgency: int, case: int, parent: int, purpose: int,
    asked_at: int, asked_count: int,
) -> int:  # fmt: skip
    """Add an entity to the family; return its number."""
    progress, family = writer.progress[0], writer.family[0]
    number = int(progress["entities"])
    entity, scratch = writer.entities[number], writer.scratch[number]
    entity["start"] = _NONE
    entity["first"] = _NONE
    entity["parent"] = parent
    entity["root"] = family["root"]
    entity["case"] = case
    entity["service"] = group["service"]
    entity["source"] = group["source"]
    entity["kind"] = kind
    entity["purpose"] = purpose
    entity["person"] = family["person"]
    scratch["begins"] = begins
    scratch["urgency"] = urgency
    scratch["asked_at"] = asked_at
    scratch["asked_count"] = asked_count
    progress["entities"] = number + 1
    return number


@_compiled(BOOL, ROUTES, WRITER)
def _has_room(routes: Routes, writer: Writer) -> bool:
    """Tell whether another node, and the ends of an entity, can be written; if not, the walk is over."""
    progress = writer.progress[0]
    if (
        progress["ops"] + 2 * _OPS_A_NODE < writer.ops.size
        and progress["draws"] + _OPS_A_NODE < writer.draws.size
        and progress["entities"] + routes.starts.size + 2 < writer.scratch.size
    ):
        return True
    progress["is_full"] = 1
    return False


# ---- trips --------------------------------------------------------------------------------------------------------


@_pasted
def _travel(tables: WalkTables, writer: Writer, law: int, clock: int, u: float, moment: int) -> None:
    """Set out when the time of the law is over; on another day at a time of day."""
    amount = _amount(tables.laws, writer, law, u, 1.0, FOR_AMOUNT)
    by_clock = 0 if clock == _O_DAYS else clock
    _write(writer, _O_BACK, writer.family[0]["site"], amount, moment, by_clock, _NONE, _NONE)


@_pasted
def _make_first_trip(tables: WalkTables, writer: Writer, group: Record, entity: int) -> None:
    """Have the applicant travel, as long after they were asked for as the node says."""
    scratch, family = writer.scratch[entity], writer.family[0]
    node = tables.routes.nodes[scratch["asked_at"]]
    u0, u1, _, _ = uniforms(tables.keys, family["member"], family["key"], node["key"], scratch["asked_count"])
    law, clock = (node["law"], node["after_code"]) if node["law"] >= 0 else (0, _O_DAYS)
    _travel(tables, writer, law, clock, u0, _time_of_day(tables.day, group, u1, True))


@_pasted
def _plan_returns(tables: WalkTables, writer: Writer, group: Record, entity: int, enters: bool, occasion: int) -> None:
    """Write what a visitor does who is turned away."""
    family = writer.family[0]
    if enters:
        _emit(writer, _O_LEAVE, family["site"], 0, _NONE)
    returns = 0
    u0, u1, u2 = 0.0, 0.0, 0.0
    keeps_coming = writer.entities[entity]["parent"] >= 0
    if keeps_coming or group["at_most"] > 0:
        name = tables.routes.nodes[writer.scratch[entity]["begins"]]["key"] ^ _RETURNS
        u0, u1, u2, _ = uniforms(tables.keys, family["member"], family["key"], name, occasion)
    if keeps_coming:
        returns = KEEPS_COMING
    else:
        level = group["share"]
        while returns < group["at_most"] and u0 < level:
            returns += 1
            level *= group["share"]
    _emit(writer, _O_RETURN, 0, returns, _NONE)
    if returns > 0:
        moment = _time_of_day(tables.day, group, u2, writer.scratch[entity]["asked_at"] >= 0)
        _travel(tables, writer, group["after"], group["after_code"], u1, moment)


# ---- steps --------------------------------------------------------------------------------------------------------


@_pasted
def _queue(
    tables: WalkTables, writer: Writer, group: Record, node: Record, entity: int, turned_away: int, law: int,
    u: float, u_patience: float, factor: float,
) -> None:  # fmt: skip
    """Write one service with its queue."""
    priority = node["priority"] if node["priority"] >= 0 else writer.scratch[entity]["urgency"]
    patience_law = node["patience"] if node["patience"] >= 0 else group["patience"]
    patience = _NONE
    if turned_away >= 0 and patience_law >= 0:  # an application does not walk away
        patience = _amount(tables.laws, writer, patience_law, u_patience, 1.0, FOR_PATIENCE)
    amount = _amount(tables.laws, writer, law, u, factor, FOR_AMOUNT)
    _write(writer, _O_SERVE, node["arg"], amount, patience, priority, node["step"], turned_away)


@_pasted
def _serve(
    tables: WalkTables, writer: Writer, group: Record, node: Record, entity: int, turned_away: int,
    visit_count: int, u_amount: float, u_patience: float,
) -> bool:  # fmt: skip
    """Write a service, after a call that was missed if so; return ``False`` if the visitor leaves instead."""
    family = writer.family[0]
    factor = node["factor"] * (family["factor"] if turned_away >= 0 else 1.0)
    if node["absent"] > 0.0:
        v0, v1, v2, _ = uniforms(tables.keys, family["member"], family["key"], node["key"] ^ _ABSENT, visit_count)
        if v0 < node["absent"]:
            _queue(tables, writer, group, node, entity, turned_away, node["call"], v1, u_patience, 1.0)
            if node["leaves"] == 1:
                _write(writer, _O_GOTO, 0, 0, _NONE, 0, _NONE, turned_away)
                return False
            if node["away"] >= 0:
                amount = _amount(tables.laws, writer, node["away"], v2, 1.0, FOR_AMOUNT)
                _emit(writer, node["away_code"], family["site"], amount, _NONE)
    _queue(tables, writer, group, node, entity, turned_away, node["law"], u_amount, u_patience, factor)
    return True


@_pasted
def _fork(tables: WalkTables, writer: Writer, group: Record, node: Record, entity: int) -> None:
    """Start the branches of a fork, and wait for them."""
    first = int(writer.progress[0]["entities"])
    urgency, case = writer.scratch[entity]["urgency"], writer.entities[entity]["case"]
    for branch in range(node["arg"], node["until"]):
        begins = tables.routes.starts[branch]
        _bring_about(writer, group, _IS_BRANCH, begins, urgency, case, entity, _NONE, _NONE, 0)
    _emit(writer, _O_FORK, first, node["until"] - node["arg"], node["step"])
    _emit(writer, _O_JOIN, 0, 0, node["step"])


@_pasted
def _ask_applicant(
    tables: WalkTables, writer: Writer, group: Record, entity: int, turned_away: int, at: int, visit_count: int
) -> None:
    """Have the applicant come; a case may wait for the visit, a visitor does not wait for another visit."""
    node = tables.routes.nodes[at]
    waits = node["waits"] == 1 and turned_away < 0
    parent = entity if waits else _NONE
    urgency, case = writer.family[0]["urgency"], writer.entities[entity]["case"]
    visit = _bring_about(writer, group, _IS_VISIT, node["arg"], urgency, case, parent, node["purpose"], at, visit_count)
    _emit(writer, _O_FORK, visit, 1, node["step"])
    if waits:
        _emit(writer, _O_JOIN, 0, 0, node["step"])


@_compiled(INT, TABLES, WRITER, GROUP, *(INT,) * 3)
def _take_step(tables: WalkTables, writer: Writer, group: Record, entity: int, at: int, turned_away: int) -> int:
    """Write the operations of one node; return the node that follows (-1 after the last)."""
    node, family = tables.routes.nodes[at], writer.family[0]
    visit_count = writer.visit_counts[at]
    if visit_count == 0:
        progress = writer.progress[0]
        writer.met[progress["met"]] = at
        progress["met"] += 1
    writer.visit_counts[at] = visit_count + 1
    branches = node["next_until"] - node["next_from"] > 1
    u0, u1, u2, u3 = 0.0, 0.0, 0.0, 0.0
    if branches or node["share"] < 1.0 or node["law"] >= 0:
        u0, u1, u2, u3 = uniforms(tables.keys, family["member"], family["key"], node["key"], visit_count)
    if u3 >= node["share"]:
        return int(node["skipped"])
    action, step = node["action"], node["step"]
    if action == _SERVE:
        if not _serve(tables, writer, group, node, entity, turned_away, visit_count, u0, u1):
            return _NONE
    elif action == _WAIT:
        amount = _amount(tables.laws, writer, node["law"], u0, 1.0, FOR_AMOUNT)
        _emit(writer, node["arg"], family["site"], amount, step)
    elif action == _UNTIL:
        _emit(writer, _O_UNTIL, node["arg"], 0, step)
    elif action == _FORK:
        _fork(tables, writer, group, node, entity)
    elif action == _VISIT:
        _ask_applicant(tables, writer, group, entity, turned_away, at, visit_count)
    elif action == _CASE:
        case = writer.progress[0]["entities"]
        _bring_about(writer, group, _IS_CASE, node["arg"], group["case_priority"], case, _NONE, _NONE, _NONE, 0)
        _emit(writer, _O_FORK, case, 1, step)
    if node["mark"] >= 0:
        due = group["due"] if node["mark"] <= LAST_ACCEPTANCE else _NONE
        _write(writer, _O_MARK, node["mark"], due, family["site"], 0, step, _NONE)
    following = node["next_from"]
    if branches:
        following = _pick(tables.routes.edges, following, node["next_until"], u2)
    return int(tables.routes.successors[following])


# ---- entities and families ----------------------------------------------------------------------------------------


@_compiled(numba.void, TABLES, WRITER, GROUP, INT)
def _walk_entity(tables: WalkTables, writer: Writer, group: Record, entity: int) -> None:
    """Write the operations of an entity, from the first to its END."""
    if not _has_room(tables.routes, writer):
        return
    progress, family = writer.progress[0], writer.family[0]
    row, scratch, site = writer.entities[entity], writer.scratch[entity], family["site"]
    kind = row["kind"]
    enters = kind == _IS_VISIT and group["enters"] == 1
    occasion = writer.visit_counts[scratch["begins"]]
    first, go_to_begin = progress["ops"], _NONE
    if scratch["asked_at"] >= 0:
        _make_first_trip(tables, writer, group, entity)
        go_to_begin = progress["ops"]
        _emit(writer, _O_GOTO, 0, 0, _NONE)
    turned_away = _NONE
    if kind in (_IS_VISIT, _IS_ONLINE):
        turned_away = progress["ops"]
        _plan_returns(tables, writer, group, entity, enters, occasion)
    if go_to_begin >= 0:
        writer.ops["jump"][go_to_begin] = progress["ops"]
    else:
        first = progress["ops"]
    row["first"] = first
    if entity == family["root"] and kind == _IS_CASE:
        _write(writer, _O_MARK, MARK_ACCEPTED, group["due"], site, 0, _NONE, _NONE)
        _emit(writer, _O_CLOCK, 0, group["resumes"] - family["start"], _NONE)
    if enters:
        _write(writer, _O_ARRIVE, site, 0, _NONE, 0, _NONE, turned_away + 1)
    node = scratch["begins"]
    while node >= 0:
        if not _has_room(tables.routes, writer):
            return
        node = _take_step(tables, writer, group, entity, node, turned_away)
    if enters:
        _emit(writer, _O_LEAVE, site, 0, _NONE)
    _emit(writer, _O_END, 0, 0, _NONE)


@_pasted
def _urgency_of_root(people: People, group: Record, person: int, case: int) -> int:
    """Return the priority of the person, or of the source if the person's is ordinary; of two, the more urgent."""
    of_source, of_person = group["priority"], people.priority[person]
    if of_person == ORDINARY_PRIORITY or case >= 0:
        return int(of_source)
    if of_source == ORDINARY_PRIORITY:
        return int(of_person)
    return int(min(of_person, of_source))


@_pasted
def _walk_family(tables: WalkTables, writer: Writer, root: int) -> None:
    """Walk a root, then the entities that it brings about, then those that these bring about."""
    group, people = tables.groups[tables.roots.group[root]], tables.people
    progress, family = writer.progress[0], writer.family[0]
    family["member"], family["key"], family["site"] = tables.roots.member[root], group["key"], group["site"]
    index = group["people_from"]
    if group["people_until"] - index > 1:
        u0, _, _, _ = uniforms(tables.keys, family["member"], family["key"], _PERSON, 0)
        index = _pick(people.shares, index, group["people_until"], u0)
    person = people.persons[index]
    entity = int(progress["entities"])
    family["person"], family["factor"], family["urgency"] = person, people.work_factor[person], people.priority[person]
    family["root"], family["start"] = entity, tables.roots.start[root]
    case = entity if group["kind"] == _IS_CASE else _NONE
    urgency = _urgency_of_root(people, group, person, case)
    _bring_about(writer, group, group["kind"], group["start"], urgency, case, _NONE, group["purpose"], _NONE, 0)
    writer.entities[entity]["start"] = tables.roots.start[root]
    while entity < progress["entities"] and progress["is_full"] == 0:
        _walk_entity(tables, writer, group, entity)
        entity += 1
    for k in range(progress["met"]):
        writer.visit_counts[writer.met[k]] = 0
    progress["met"] = 0


@_compiled(numba.void, TABLES, WRITER)
def _walk_on(tables: WalkTables, writer: Writer) -> None:
    """Walk the roots that are left, each with its family, as long as there is room for whole families."""
    progress = writer.progress[0]
    while progress["roots"] < tables.roots.start.size:
        ops, entities, draws = progress["ops"], progress["entities"], progress["draws"]
        if _has_room(tables.routes, writer):
            _walk_family(tables, writer, progress["roots"])
        if progress["is_full"]:
            progress["ops"], progress["entities"], progress["draws"] = ops, entities, draws
            return
        progress["roots"] += 1


def walk(tables: WalkTables) -> Walked:
    """Walk all roots; equal to :func:`sim.draw.walk.walk`, bit for bit."""
    n_nodes = tables.routes.nodes.size
    room = [size * tables.roots.start.size + 4 * n_nodes + 1_000 for size in _FIRST_GUESS]
    tables = tables._replace(groups=ordinary(tables.groups))
    writer = Writer(
        progress=np.zeros(1, dtype=PROGRESS),
        ops=np.empty(room[0], dtype=OP_DTYPE),
        entities=np.empty(room[1], dtype=ENTITY_DTYPE),
        draws=np.empty(room[2], dtype=DRAW_DTYPE),
        scratch=np.empty(room[1], dtype=SCRATCH),
        visit_counts=np.zeros(n_nodes, dtype=np.int64),
        met=np.empty(n_nodes, dtype=np.int64),
        family=np.empty(1, dtype=UNDER_WAY),
    )
    progress = writer.progress[0]
    while True:
        _walk_on(tables, writer)
        if not progress["is_full"]:
            ops, entities, draws = (int(progress[name]) for name in ("ops", "entities", "draws"))
            return Walked(writer.ops[:ops], writer.entities[:entities], writer.draws[:draws])
        progress["is_full"] = 0
        writer = writer._replace(
            ops=_doubled(writer.ops),
            entities=_doubled(writer.entities),
            draws=_doubled(writer.draws),
            scratch=_doubled(writer.scratch),
        )


def _doubled(table: Table) -> Table:
    larger = np.empty(2 * table.size, dtype=table.dtype)
    larger[: table.size] = table
    return larger
