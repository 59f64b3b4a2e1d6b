"""Walking every visitor through the graph of routes, in machine code: who goes where, and what it takes.

Comes in: the roots (visits that sources bring, in order of time), the :class:`~sim.draw.graph.Graph` and a table of
groups (a source's visits for one service).  Goes out: the operations and entities of a
:class:`~sim.program.Program`, all but the amounts of laws that have more than a few values; those are noted with
their uniform numbers, for :mod:`sim.draw.drawing` to fill in.

Chance is Philox 4x64-10 (Salmon et al. 2011): the key is (seed, replication), the counter is (the visitor's place
in the group, the group's name, the node's name, the passage), so that each step of each visitor has four uniform
numbers of its own, which no other part of the scenario can shift.  A passage is the how-manieth time this visitor's
affair is at the node.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic, overload

from sim.draw.graph import DRAW_DTYPE, FOR_AMOUNT, FOR_PATIENCE, GROUP_DTYPE, NODE_DTYPE, OP_WORDS, Action
from sim.draw.laws import CHOICE_DTYPE
from sim.machine import kept
from sim.program import ENTITY_DTYPE, OP_DTYPE, Code, Kind

__all__ = ["round_keys", "uniforms", "walk"]

Function = TypeVar("Function", bound=Callable[..., Any])

_NOTHING, _SERVE, _WAIT, _UNTIL, _FORK, _VISIT, _CASE = (int(action) for action in Action)
_IS_VISIT, _IS_ONLINE, _IS_CASE, _IS_BRANCH = (int(kind) for kind in Kind)
_OPS: Final = {code.name: int(code) for code in Code}
_O_END, _O_SERVE, _O_CLOCK, _O_DAYS = _OPS["END"], _OPS["SERVE"], _OPS["CLOCK"], _OPS["DAYS"]
_O_UNTIL, _O_BACK, _O_FORK, _O_JOIN = _OPS["UNTIL"], _OPS["BACK"], _OPS["FORK"], _OPS["JOIN"]
_O_ARRIVE, _O_LEAVE, _O_MARK, _O_RETURN, _O_GOTO = (
    _OPS[name] for name in ("ARRIVE", "LEAVE", "MARK", "RETURN", "GOTO")
)
_ORDINARY: Final = 5
"""Priority of whom nothing makes more or less urgent."""
_KEEPS_COMING: Final = 1_000_000
"""Trips that an applicant tries whose case waits for them."""
_MARK_ACCEPTED: Final = 0
_ACCEPTED: Final = 1
"""Marks up to this one are acceptances."""
_NOWHERE: Final = -1
_OPS_A_NODE: Final = 16
"""Room for the operations that one node, or one entity's ends, can take."""

_M0: Final = np.uint64(0xD2E7470EE14C6C93)
_M1: Final = np.uint64(0xCA5A826395121157)
_PERSON: Final = np.uint64(0x7065_7273_6F6E)
_ABSENT: Final = np.uint64(0x6162_7365_6E74)
_RETURNS: Final = np.uint64(0x7265_7475_726E)
_TO_UNIT: Final = 1.0 / 9007199254740992.0
_DISCARD: Final = np.uint64(11)


_I, _F, _U = numba.int64, numba.float64, numba.uint64
_tuple: Any = numba.types.Tuple
_OF_OPS, _OF_ENTITIES, _OF_DRAWS, _OF_GROUPS, _OF_NODES, _OF_CHOICES = (
    numba.types.Array(numba.from_dtype(dtype), 1, "C")
    for dtype in (OP_DTYPE, ENTITY_DTYPE, DRAW_DTYPE, GROUP_DTYPE, NODE_DTYPE, CHOICE_DTYPE)
)
_GROUP: Final = numba.from_dtype(GROUP_DTYPE)
_KEYS: Final = _U[:, ::1]


def _compiled(result: Any, *arguments: Any) -> Callable[[Function], Function]:
    """Compile a function for these types only: Numba would compile it anew for every constant it is called with."""
    return kept(result(*arguments), error_model="numpy", _nrt=False, forceinline=True)


def round_keys(seed: int, replication: int) -> npt.NDArray[np.uint64]:
    """Return Philox's key schedule, shape (10, 2)."""
    mask = (1 << 64) - 1
    return np.array(
        [((seed + r * 0x9E3779B97F4A7C15) & mask, (replication + r * 0xBB67AE8584CAA73B) & mask) for r in range(10)],
        dtype=np.uint64,
    )


def _multiply(a: Any, b: Any) -> Any:
    """Return the upper and lower 64 bits of a product."""
    product = int(a) * int(b)
    return np.uint64(product >> 64), np.uint64(product & 0xFFFF_FFFF_FFFF_FFFF)


@intrinsic
def _wide_product(_: Any, a: Any, b: Any) -> Any:
    """Do :func:`_multiply` in the one instruction that processors have for it, and Numba no word."""

    def code(_: Any, builder: Any, __: Any, factors: Any) -> Any:
        word, wide = ir.IntType(64), ir.IntType(128)
        product = builder.mul(*(builder.zext(factor, wide) for factor in factors))
        halves = [builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), word), builder.trunc(product, word)]
        return cgutils.pack_array(builder, halves)  # type: ignore[no-untyped-call]

    return _tuple((_U, _U))(_U, _U), code


@overload(_multiply)
def _(a: Any, b: Any) -> Any:
    def multiply(a: Any, b: Any) -> Any:
        return _wide_product(a, b)  # type: ignore[call-arg]  # Numba's, without the builder's part

    return multiply


@_compiled(_tuple((_F, _F, _F, _F)), _KEYS, _I, _U, _U, _I)
def uniforms(keys: Any, member: Any, group: Any, name: Any, passage: Any) -> Any:
    """Return the four uniform numbers, in [0, 1), of a counter: one block of Philox 4x64-10."""
    c0, c1, c2, c3 = np.uint64(member), np.uint64(group), np.uint64(name), np.uint64(passage)
    for r in range(10):
        high0, low0 = _multiply(_M0, c0)
        high1, low1 = _multiply(_M1, c2)
        c0, c1, c2, c3 = high1 ^ c1 ^ keys[r, 0], low1, high0 ^ c3 ^ keys[r, 1], low0
    return (
        float(c0 >> _DISCARD) * _TO_UNIT,
        float(c1 >> _DISCARD) * _TO_UNIT,
        float(c2 >> _DISCARD) * _TO_UNIT,
        float(c3 >> _DISCARD) * _TO_UNIT,
    )


@_compiled(_I, _F[::1], _I, _I, _F)
def _pick(edges: Any, first: Any, until: Any, u: Any) -> Any:
    """Return the first place in ``edges[first:until]`` whose cumulative probability exceeds `u`."""
    at = first
    while at < until - 1 and u >= edges[at]:
        at += 1
    return at


@_compiled(_I, _OF_OPS, *(_I,) * 8)
def _emit(
    ops: Any, at: Any, code: Any, arg: Any, amount: Any, patience: Any, priority: Any, step: Any, jump: Any
) -> Any:
    """Write one operation; return the place of the next."""
    ops["code"][at] = code
    ops["arg"][at] = arg
    ops["amount"][at] = amount
    ops["patience"][at] = patience
    ops["priority"][at] = priority
    ops["step"][at] = step
    ops["jump"][at] = jump
    return at + 1


@_compiled(_I, _OF_OPS, *(_I,) * 5)
def _simple(ops: Any, at: Any, code: Any, arg: Any, amount: Any, step: Any) -> Any:
    return _emit(ops, at, code, arg, amount, -1, 0, step, _NOWHERE)


@_compiled(_tuple((_I, _I)), _I[::1], _OF_CHOICES, _OF_DRAWS, _I, _I, _F, _F, _I, _I)
def _amount(
    bounds: Any, choices: Any, draws: Any, noted: Any, law: Any, u: Any, factor: Any, op: Any, field: Any
) -> Any:
    """Return a law's amount where it has few values; else note what is to be drawn.  Also how many are noted now."""
    at, until = bounds[law], bounds[law + 1]
    if at < until:
        while at < until - 1 and u >= choices["share"][at]:
            at += 1
        return int(np.rint(min(max(choices["value"][at] * factor, 0.0), 4.611686018427388e18))), noted
    draws["u"][noted] = u
    draws["factor"][noted] = factor
    draws["word"][noted] = op * OP_WORDS + field
    draws["law"][noted] = law
    return 0, noted + 1


@_compiled(_I, _OF_ENTITIES, _I, _GROUP, *(_I,) * 6)
def _entity(
    entities: Any, number: Any, group: Any, kind: Any, parent: Any, root: Any, case: Any, purpose: Any, person: Any
) -> Any:
    entities["start"][number] = -1
    entities["first"][number] = -1
    entities["parent"][number] = parent
    entities["root"][number] = root
    entities["case"][number] = case
    entities["service"][number] = group["service"]
    entities["source"][number] = group["source"]
    entities["kind"][number] = kind
    entities["purpose"][number] = purpose
    entities["person"][number] = person
    return number + 1


@_compiled(_tuple((_I, _I)), _OF_OPS, _I, _I[::1], _OF_CHOICES, _OF_DRAWS, _I, _I, _I, _I, _F, _I)
def _next_trip(
    ops: Any,
    at: Any,
    bounds: Any,
    choices: Any,
    draws: Any,
    noted: Any,
    law: Any,
    code: Any,
    site: Any,
    u: Any,
    moment: Any,
) -> Any:
    """Write the way to a trip: wait as the law says, then for the time of day of setting out."""
    days = 0
    if code == _O_DAYS:
        days, noted = _amount(bounds, choices, draws, noted, law, u, 1.0, at, FOR_AMOUNT)
    else:
        amount, noted = _amount(bounds, choices, draws, noted, law, u, 1.0, at, FOR_AMOUNT)
        at = _simple(ops, at, code, site, amount, -1)
    return _emit(ops, at, _O_BACK, site, days, moment, 0, -1, _NOWHERE), noted


@_compiled(_I, _F[::1], _F[::1], _I, _I, _F)
def _time_of_day(moments: Any, shares: Any, first: Any, until: Any, u: Any) -> Any:
    """Return the moment of the day by which a share `u` of the day's visitors has come, in ms."""
    at = first + 1
    while at < until - 1 and u > shares[at]:
        at += 1
    width = shares[at] - shares[at - 1]
    part = (u - shares[at - 1]) / width if width > 0 else 0.0
    return max(int(moments[at - 1] + part * (moments[at] - moments[at - 1])), 1)  # midnight is already that day


@_compiled(
    _tuple((_I, _I, _I)),
    _KEYS,
    _tuple((_I[::1], _I[::1], _I[::1])),
    _OF_GROUPS,
    _tuple((_F[::1], _I[::1], _I[::1], _F[::1])),
    _tuple((_F[::1], _F[::1])),
    _tuple((_OF_NODES, _I[::1], _F[::1], _I[::1])),
    _tuple((_I[::1], _OF_CHOICES)),
    _I[::1],
    _I[::1],
    _tuple((_OF_OPS, _OF_ENTITIES, _OF_DRAWS, _I[::1], _I[::1], _I[::1], _I[::1])),
)
def walk(
    keys: Any,
    roots: Any,
    groups: Any,
    people: Any,
    day: Any,
    graph: Any,
    few_values: Any,
    passages: Any,
    touched: Any,
    out: Any,
) -> Any:
    """Walk all roots.

    Parameters
    ----------
    keys
        From :func:`round_keys`.
    roots
        ``(start ms, group, place in the group)``, arrays in order of start.
    groups
        Table of :data:`~sim.draw.graph.GROUP_DTYPE`.
    people
        ``(cumulative shares, person, priority by person, work factor by person)``.
    day
        ``(moments, shares)``: how demand runs through the day.
    graph
        ``(nodes, successors, edges, starts)``.
    few_values
        ``(bounds, choices)`` of the laws that have few values (:class:`sim.draw.laws.Laws`).
    passages, touched
        Zeros, one a node; and as much room for scratch.
    out
        ``(ops, entities, draws, begins, via, via_passage, urgency)``: what is written, and scratch a row an entity.

    Returns
    -------
    tuple of int
        How many operations, entities and draws were written; the first is -1 if the tables were too small.
    """
    starts_ms, group_of, member_of = roots
    person_shares, person_of, person_priority, person_factor = people
    moments, day_shares = day
    nodes, successors, edges, branch_starts = graph
    bounds, choices = few_values
    ops, entities, draws, begins, via, via_passage, urgency = out
    n_ops, n_entities, noted = 0, 0, 0
    most_branches = branch_starts.size + 2
    for root_index in range(starts_ms.size):
        group = groups[group_of[root_index]]
        member, group_key, site = member_of[root_index], group["key"], group["site"]
        n_touched = 0
        if n_entities + most_branches >= begins.size:
            return -1, n_entities, noted
        who = group["people_from"]
        if group["people_until"] - who > 1:
            u0, _, _, _ = uniforms(keys, member, group_key, _PERSON, 0)
            who = _pick(person_shares, who, group["people_until"], u0)
        person = person_of[who]
        factor, person_urgency = person_factor[person], person_priority[person]
        root = n_entities
        its_case = root if group["kind"] == _IS_CASE else -1
        n_entities = _entity(entities, root, group, group["kind"], -1, root, its_case, group["purpose"], person)
        entities["start"][root] = starts_ms[root_index]
        begins[root], via[root] = group["start"], -1
        # The person's priority holds unless it is the ordinary one; where both say something, the more urgent.
        source_urgency = group["priority"]
        if person_urgency == _ORDINARY or its_case >= 0:
            urgency[root] = source_urgency
        elif source_urgency == _ORDINARY:
            urgency[root] = person_urgency
        else:
            urgency[root] = min(person_urgency, source_urgency)
        entity = root
        while entity < n_entities:
            kind, case = int(entities["kind"][entity]), int(entities["case"][entity])
            entities["first"][entity] = n_ops
            travels = kind in (_IS_VISIT, _IS_ONLINE)
            enters = kind == _IS_VISIT and group["enters"] == 1
            if n_ops + 2 * _OPS_A_NODE >= ops.size or noted + _OPS_A_NODE >= draws.size:
                return -1, n_entities, noted
            node, way = begins[entity], -1
            occasion, door_key = passages[node], nodes["key"][node]
            if via[entity] >= 0:  # a visit that another entity's way led to
                by = nodes[via[entity]]
                u0, u1, _, _ = uniforms(keys, member, group_key, by["key"], via_passage[entity])
                law, code = (by["law"], by["after_code"]) if by["law"] >= 0 else (0, _O_DAYS)
                moment = _time_of_day(moments, day_shares, group["day_from"], group["day_until"], u1)
                n_ops, noted = _next_trip(ops, n_ops, bounds, choices, draws, noted, law, code, site, u0, moment)
                way = n_ops
                n_ops = _simple(ops, n_ops, _O_GOTO, 0, 0, -1)
            tail = _NOWHERE
            if travels:  # what those do who are turned away: it stands before the trip, to go on with the next one
                tail = n_ops
                if enters:
                    n_ops = _simple(ops, n_ops, _O_LEAVE, site, 0, -1)
                tries = 0
                u0, u1, u2 = 0.0, 0.0, 0.0
                keeps_coming = entities["parent"][entity] >= 0
                if keeps_coming or group["at_most"] > 0:
                    u0, u1, u2, _ = uniforms(keys, member, group_key, door_key ^ _RETURNS, occasion)
                if keeps_coming:
                    tries = _KEEPS_COMING
                else:
                    # P(at least k returns) = share ** k, k up to at_most: one uniform number tells how often.
                    level = group["share"]
                    while tries < group["at_most"] and u0 < level:
                        tries += 1
                        level *= group["share"]
                n_ops = _simple(ops, n_ops, _O_RETURN, 0, tries, -1)
                if tries > 0:
                    moment = _time_of_day(moments, day_shares, group["day_from"], group["day_until"], u2)
                    n_ops, noted = _next_trip(
                        ops,
                        n_ops,
                        bounds,
                        choices,
                        draws,
                        noted,
                        group["after"],
                        group["after_code"],
                        site,
                        u1,
                        moment,
                    )
            if way >= 0:
                ops["jump"][way] = n_ops
            else:
                entities["first"][entity] = n_ops
            if entity == root and its_case >= 0:
                n_ops = _emit(ops, n_ops, _O_MARK, _MARK_ACCEPTED, group["due"], site, 0, -1, _NOWHERE)
                n_ops = _simple(ops, n_ops, _O_CLOCK, 0, group["resumes"] - starts_ms[root_index], -1)
            if enters:
                n_ops = _emit(ops, n_ops, _O_ARRIVE, site, 0, -1, 0, -1, tail + 1)
            while node >= 0:
                if n_ops + 2 * _OPS_A_NODE >= ops.size or noted + _OPS_A_NODE >= draws.size:
                    return -1, n_entities, noted
                if n_entities + most_branches >= begins.size:
                    return -1, n_entities, noted
                here = nodes[node]
                passage = passages[node]
                if passage == 0:
                    touched[n_touched] = node
                    n_touched += 1
                passages[node] = passage + 1
                name, step, law = here["key"], here["step"], here["law"]
                many = here["next_until"] - here["next_from"] > 1
                patience_law = here["patience"] if here["patience"] >= 0 else group["patience"]
                u0, u1, u2, u3 = 0.0, 0.0, 0.0, 0.0
                if many or here["share"] < 1.0 or law >= 0:
                    u0, u1, u2, u3 = uniforms(keys, member, group_key, name, passage)
                if u3 >= here["share"]:
                    node = here["skipped"]
                    continue
                action = here["action"]
                if action == _SERVE:
                    priority = here["priority"] if here["priority"] >= 0 else urgency[entity]
                    patience = -1
                    if here["absent"] > 0.0:
                        v0, v1, v2, _ = uniforms(keys, member, group_key, name ^ _ABSENT, passage)
                        missing = v0 < here["absent"]
                        if missing:
                            if travels and patience_law >= 0:
                                patience, noted = _amount(
                                    bounds, choices, draws, noted, patience_law, u1, 1.0, n_ops, FOR_PATIENCE
                                )
                            amount, noted = _amount(
                                bounds, choices, draws, noted, here["call"], v1, 1.0, n_ops, FOR_AMOUNT
                            )
                            n_ops = _emit(ops, n_ops, _O_SERVE, here["arg"], amount, patience, priority, step, tail)
                            if here["leaves"] == 1:
                                n_ops = _emit(ops, n_ops, _O_GOTO, 0, 0, -1, 0, -1, tail)
                                break
                            if here["away"] >= 0:
                                amount, noted = _amount(
                                    bounds, choices, draws, noted, here["away"], v2, 1.0, n_ops, FOR_AMOUNT
                                )
                                n_ops = _simple(ops, n_ops, here["away_code"], site, amount, -1)
                    patience = -1
                    if travels and patience_law >= 0:  # an application doesn't walk away
                        patience, noted = _amount(
                            bounds, choices, draws, noted, patience_law, u1, 1.0, n_ops, FOR_PATIENCE
                        )
                    scale = here["factor"] * (factor if travels else 1.0)
                    amount, noted = _amount(bounds, choices, draws, noted, law, u0, scale, n_ops, FOR_AMOUNT)
                    n_ops = _emit(ops, n_ops, _O_SERVE, here["arg"], amount, patience, priority, step, tail)
                elif action == _WAIT:
                    amount, noted = _amount(bounds, choices, draws, noted, law, u0, 1.0, n_ops, FOR_AMOUNT)
                    n_ops = _simple(ops, n_ops, here["arg"], site, amount, step)
                elif action == _UNTIL:
                    n_ops = _simple(ops, n_ops, _O_UNTIL, here["arg"], 0, step)
                elif action == _FORK:
                    first = n_entities
                    for branch in range(here["arg"], here["until"]):
                        begins[n_entities], via[n_entities] = branch_starts[branch], -1
                        urgency[n_entities] = urgency[entity]
                        n_entities = _entity(entities, n_entities, group, _IS_BRANCH, entity, root, case, -1, person)
                    n_ops = _simple(ops, n_ops, _O_FORK, first, n_entities - first, step)
                    n_ops = _simple(ops, n_ops, _O_JOIN, 0, 0, step)
                elif action == _VISIT:
                    waits = here["waits"] == 1 and not travels
                    begins[n_entities], via[n_entities] = here["arg"], node
                    via_passage[n_entities], urgency[n_entities] = passage, person_urgency
                    n_ops = _simple(ops, n_ops, _O_FORK, n_entities, 1, step)
                    parent = entity if waits else -1
                    n_entities = _entity(
                        entities, n_entities, group, _IS_VISIT, parent, root, case, here["purpose"], person
                    )
                    if waits:
                        n_ops = _simple(ops, n_ops, _O_JOIN, 0, 0, step)
                elif action == _CASE:
                    begins[n_entities], via[n_entities] = here["arg"], -1
                    urgency[n_entities] = group["case_priority"]
                    n_ops = _simple(ops, n_ops, _O_FORK, n_entities, 1, step)
                    n_entities = _entity(entities, n_entities, group, _IS_CASE, -1, root, n_entities, -1, person)
                if here["mark"] >= 0:
                    due = group["due"] if here["mark"] <= _ACCEPTED else -1
                    n_ops = _emit(ops, n_ops, _O_MARK, here["mark"], due, site, 0, step, _NOWHERE)
                at = here["next_from"]
                if many:
                    at = _pick(edges, at, here["next_until"], u2)
                node = successors[at]
            if enters:
                n_ops = _simple(ops, n_ops, _O_LEAVE, site, 0, -1)
            n_ops = _simple(ops, n_ops, _O_END, 0, 0, -1)
            entity += 1
        for at in range(n_touched):
            passages[touched[at]] = 0
    return n_ops, n_entities, noted
