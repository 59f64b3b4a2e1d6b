"""Chance comes in by name: the same program for the same names, and nobody's numbers shifted by somebody else's.

A visitor's *story* is everything that was drawn for a root and all that comes of it, written without the numbers that
depend on who else there is.  Most claims here are equalities of stories between two scenarios.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from math import log, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from cases import for_each
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tracing import Trace, day, of_text, simulate

from foundation.errors import HallplanError
from scenarios.model import PURPOSES, Scenario
from sim.calendar import DAY_MS
from sim.draw import drawing as draws
from sim.draw import philox
from sim.draw.compiled_philox import uniforms
from sim.draw.drawing import draw, drawn_digest
from sim.draw.streams import Streams
from sim.plan import Layout
from sim.program import Code, Kind, Program

TOWN = """
run = { days = 5, follow_up_days = 5 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
sites = { hall = { tickets_stop = "20 min" }, township = {} }
timetables.courier = { times = ["11:00", "16:00"] }
[people]
citizen = {}
elderly = { priority = 4, work_factor = 1.5 }
[pools]
window.servers = 2
cashier = {}
reviewer = {}
fire = {}
desk.site = "township"

[services.licence]
kind = "committed"
promised_limit = "3 working days"
[services.licence.visits]
apply.accept = { pool = "window", work = { dist = "lognorm", mean = "8 min", cv = 0.6 }, mark = "accepted" }
apply.leave-file = { start_case = true }
supplement.hand-in = { pool = "window", work = { dist = "gamma", mean = "5 min", cv = 0.5 } }
collect.fetch = { pool = "cashier", work = { dist = "expon", mean = "4 min" }, mark = "delivered" }
[services.licence.case]
read = { pool = "reviewer", work = { dist = "expon", mean = "20 min" }, next = { correct = 0.3, joint = 0.7 } }
correct = { visit = "supplement", after = { values = ["1 working days", "3 working days"] }, next = "read" }
joint.fork.fire.check = { pool = "fire", work = { dist = "expon", mean = "30 min" } }
joint.fork.health.check = { pool = "reviewer", work = { dist = "expon", mean = "30 min" } }
ride = { until = "courier", share = 0.5 }
sign = { delay = { dist = "expon", mean = "3 working hours" }, mark = "finished" }
pick-up = { visit = "collect", after = "1 working days", wait = false }

[services.copy.visits.apply]
serve = { pool = "window", work = { dist = "expon", mean = "3 min" }, absent = { share = 0.1, call = "1 min" } }
pay = { pool = "cashier", work = "2 min", share = 0.6 }

[arrivals.street]
services = { licence = 1, copy = 3 }
per_day = 30
people = { citizen = 3, elderly = 1 }
patience = { dist = "expon", mean = "40 min" }
comes_back = { share = 0.7, after = { values = ["1 working days", "2 working days"] }, at_most = 2 }

[arrivals.booked]
services = "licence"
channel = "appointment"
slots = { times = ["09:30", "14:00"], seats = 2, booked = 0.8 }

[arrivals.web]
services = "copy"
channel = "online"
every = { dist = "gamma", mean = "50 min", cv = 0.8 }
"""

Story = tuple[Any, ...]


def town(overrides: Mapping[str, Any] | None = None, extra: str = "") -> Scenario:
    return of_text(TOWN + extra, overrides)


def own_operations(program: Program) -> list[range]:
    """Return where every entity's operations stand: each one's end with an END."""
    ends = np.flatnonzero(program.ops["code"] == Code.END).tolist()
    return [range(before + 1, end + 1) for before, end in zip([-1, *ends[:-1]], ends, strict=True)]


def stories(program: Program, *, skip: tuple[str, ...] = ()) -> dict[tuple[str, str], list[Story]]:
    """Return the stories of every source and service, in order of arrival, without steps named like one of `skip`."""
    entities, ops = program.entities, program.ops
    own = own_operations(program)
    told: dict[tuple[str, str], list[Story]] = {}
    families: dict[int, list[int]] = {}
    for entity, root in enumerate(entities["root"].tolist()):
        families.setdefault(root, []).append(entity)
    for root, family in sorted(families.items()):
        place = {entity: index for index, entity in enumerate(family)}
        lines: list[Story] = [("start", int(entities["start"][root]), program.people[entities["person"][root]])]
        for entity in family:
            parent = int(entities["parent"][entity])
            lines.append((Kind(entities["kind"][entity]).name, place.get(parent, -1)))
            for at in own[entity]:
                op = ops[at]
                step = program.steps[op["step"]].name if op["step"] >= 0 else ""
                if any(word in step for word in skip):
                    continue
                code = Code(op["code"])
                arg = place[int(op["arg"])] if code is Code.FORK else int(op["arg"])
                line = (code.name, arg, int(op["amount"]), int(op["patience"]), int(op["priority"]))
                lines.append((*line, int(op["jump"]) >= 0, step))
        key = (program.sources[entities["source"][root]], program.services[entities["service"][root]])
        told.setdefault(key, []).append(tuple(lines))
    return told


def same(one: Program, other: Program) -> bool:
    equal = np.array_equal(one.ops, other.ops) and np.array_equal(one.entities, other.entities)
    return equal and one.steps == other.steps


def works(program: Program, step: str) -> npt.NDArray[np.int64]:
    """Return the service requirements at a step, in order of the program."""
    numbers = [index for index, info in enumerate(program.steps) if info.name == step]
    ops = program.ops[np.isin(program.ops["step"], numbers) & (program.ops["code"] == Code.SERVE)]
    return ops["amount"].copy()


def within(observed: float, expected: float, sd: float) -> bool:
    """Allow five standard errors: a false alarm has probability 6e-7 by the normal law."""
    return bool(abs(observed - expected) <= 5 * sd)


# ---- the same names, the same numbers --------------------------------------------------------------------------------


@given(st.integers(0, 2**63 - 1), st.integers(0, 10**9))
@settings(max_examples=20, deadline=None)
def test_a_seed_and_a_replication_fix_everything(seed: int, replication: int) -> None:
    assert same(draw(town(), seed, replication), draw(town(), seed, replication))


def test_other_seeds_and_other_replications_draw_other_programs() -> None:
    programs = [draw(town(), seed, replication) for seed, replication in [(1, 0), (1, 1), (2, 0), (0, 1)]]
    for index, program in enumerate(programs):
        assert [same(program, other) for other in programs] == [index == k for k in range(4)]


def test_a_layout_at_hand_changes_nothing() -> None:
    layout = Layout.of(town())
    for replication in range(3):
        assert same(draw(town(), 7, replication), draw(town(), 7, replication, layout))


CAPACITY: dict[str, st.SearchStrategy[Any]] = {
    "pools.window.servers": st.integers(0, 9),
    "pools.reviewer.servers": st.integers(0, 9),
    "pools.cashier.roster": st.just([{"hours": "10:00-11:00", "servers": 3}]),
    "pools.window.discipline": st.sampled_from(["fifo", "due-date"]),
    "pools.reviewer.at_break": st.sampled_from(["finish", "pause"]),
    "pools.window.at_close": st.sampled_from(["serve", "send-home"]),
    "pools.window.room": st.integers(0, 5),
    "pools.reviewer.preemptive": st.booleans(),
    "pools.cashier.hours": st.just("13:00-15:00"),
    "pools.fire.cost_per_hour": st.floats(0, 100),
    "timetables.courier.capacity": st.integers(1, 5),
    "timetables.courier.times": st.just(["12:00"]),
    "sites.hall.at_close": st.sampled_from(["serve", "send-home"]),
    "sites.hall.doors_open": st.just("30 min"),
    "sites.hall.travel": st.just("30 min"),
    "visitors.value_of_hour": st.floats(0, 100),
}


@pytest.mark.slow
@given(st.fixed_dictionaries({}, optional=CAPACITY), st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_servers_rosters_and_rules_of_the_queue_change_no_draw(changes: dict[str, Any], seed: int) -> None:
    assert drawn_digest(town()) == drawn_digest(town(changes))
    assert same(draw(town(), seed, 0), draw(town(changes), seed, 0))


@for_each(
    "change",
    [{"demand": 1.1}, {"run.days": 7}, {"pools.fire.work_factor": 2.0}, {"pools.fire.merge_into": "reviewer"}],
    ids=lambda change: next(iter(change)),
)
def test_whatever_changes_a_draw_is_known_to(change: dict[str, Any]) -> None:
    assert drawn_digest(town()) != drawn_digest(town(change))
    assert not same(draw(town(), 1, 0), draw(town(change), 1, 0))


def test_pooled_windows_do_the_same_work() -> None:
    apart, pooled = draw(town(), 3, 0), draw(town({"pools.fire.merge_into": "reviewer"}), 3, 0)
    assert [line[2:] for story in stories(apart)["street", "licence"] for line in story if line[0] == "SERVE"] == [
        line[2:] for story in stories(pooled)["street", "licence"] for line in story if line[0] == "SERVE"
    ]


# ---- nobody's numbers are shifted by somebody else's -----------------------------------------------------------------

ELSEWHERE = {
    "another service": """
        [services.other.visits.apply.serve]
        pool = "window"
        work = { dist = "expon", mean = "9 min" }
        """,
    "another source": """
        [arrivals.bus]
        services = "copy"
        per_day = 12
        batch = 3
        """,
    "another pool": "[pools.spare]\nservers = 4\n",
    "another kind of person": "[people.agent]\nwork_factor = 0.5\n",
    "another purpose": """
        [services.copy.visits.enquire.ask]
        pool = "window"
        work = { dist = "expon", mean = "2 min" }
        """,
}


@pytest.mark.slow
@for_each("what", ELSEWHERE)
@for_each("seed", [1, 2, 3])
def test_adding_something_elsewhere_changes_nobody_s_story(what: str, seed: int) -> None:
    before, after = stories(draw(town(), seed, 0)), stories(draw(town(extra=ELSEWHERE[what]), seed, 0))
    assert {key: after[key] for key in before} == before
    assert set(after) - set(before) == ({("bus", "copy")} if what == "another source" else set())


@pytest.mark.slow
@given(st.integers(0, 10**6))
@settings(max_examples=8, deadline=None)
def test_a_step_more_changes_only_the_visitors_of_its_service_and_only_there(seed: int) -> None:
    step = {"pool": "cashier", "work": {"dist": "expon", "mean": "1 min"}}
    route = {"extra": step, **tomllib.loads(TOWN)["services"]["copy"]["visits"]["apply"]}
    before = stories(draw(town(), seed, 0))
    after = stories(draw(town({"services.copy.visits.apply": route}), seed, 0), skip=("/extra",))
    assert after == before


@given(st.integers(0, 10**6))
@settings(max_examples=5, deadline=None)
def test_the_order_of_services_and_sources_in_the_file_changes_no_story(seed: int) -> None:
    scenario = town()
    turned = scenario.model_copy(
        update={
            "services": dict(reversed(scenario.services.items())),
            "arrivals": dict(reversed(scenario.arrivals.items())),
        }
    )
    assert stories(draw(scenario, seed, 0)) == stories(draw(turned, seed, 0))


@pytest.mark.slow
@given(st.integers(1, 6), st.integers(0, 10**6))
@settings(max_examples=8, deadline=None)
def test_a_longer_run_begins_like_a_shorter_one(more: int, seed: int) -> None:
    short, long = draw(town(), seed, 0), draw(town({"run.days": 5 + more}), seed, 0)
    end = Layout.of(town()).stop
    longer = stories(long)
    for key, told in stories(short).items():
        early = [story for story in longer[key] if story[0][1] < end]
        assert early == [story for story in told if story[0][1] < end], key


@pytest.mark.slow
@given(st.floats(1, 4), st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_more_demand_brings_the_same_visitors_sooner(more: float, seed: int) -> None:
    fewer, many = stories(draw(town(), seed, 0)), stories(draw(town({"demand": more}), seed, 0))
    for key in [("street", "licence"), ("street", "copy"), ("web", "copy")]:
        for slow, quick in zip(fewer[key], many[key], strict=False):
            assert quick[1:] == slow[1:]  # the same person with the same needs
            assert quick[0][1] <= slow[0][1]
            assert quick[0][2] == slow[0][2]
        assert len(many[key]) >= len(fewer[key])
    assert many["booked", "licence"] == fewer["booked", "licence"]  # seats are seats


@pytest.mark.slow
@given(st.sampled_from(["expon", "gamma", "lognorm", "weibull_min"]), st.floats(1, 5), st.integers(0, 10**6))
@settings(max_examples=12, deadline=None)
def test_a_longer_mean_makes_every_service_longer_and_moves_nothing_else(dist: str, more: float, seed: int) -> None:
    def with_mean(minutes: float) -> Program:
        law = {"dist": dist, "mean": f"{minutes:.9f} min"} | ({} if dist == "expon" else {"cv": 0.7})
        return draw(town({"services.copy.visits.apply.serve.work": law}), seed, 0)

    short, long = with_mean(3), with_mean(3 * more)
    assert (works(long, "copy/apply/serve") >= works(short, "copy/apply/serve")).all()
    assert works(long, "copy/apply/pay").tolist() == works(short, "copy/apply/pay").tolist()
    assert stories(long, skip=("apply/serve",)) == stories(short, skip=("apply/serve",))


@pytest.mark.slow
@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 10**6))
@settings(max_examples=12, deadline=None)
def test_a_larger_share_takes_in_everybody_that_a_smaller_one_did(first: float, second: float, seed: int) -> None:
    def payers(share: float) -> set[int]:
        told = stories(draw(town({"services.copy.visits.apply.pay.share": share}), seed, 0))["street", "copy"]
        return {index for index, story in enumerate(told) if any("pay" in str(line[-1]) for line in story)}

    low, high = sorted((first, second))
    assert payers(low) <= payers(high)


# ---- the streams -----------------------------------------------------------------------------------------------------

NAMES = [("a",), ("b",), ("a", "b"), ("ab",), ("b", "a"), ("licence", "window", "work"), ("licence", "window", "next")]
word = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
names = st.lists(word, min_size=1, max_size=4)


@given(names.map(tuple), names.map(tuple), st.integers(0, 2**63 - 1), st.integers(0, 10**6), st.integers(1, 300))
def test_a_stream_does_not_depend_on_what_was_drawn_before(
    one: tuple[str, ...], other: tuple[str, ...], seed: int, replication: int, number: int
) -> None:
    forwards, backwards = Streams(seed, replication), Streams(seed, replication)
    first, second = forwards.uniforms(one, number), forwards.uniforms(other, 7)
    again_second, again_first = backwards.uniforms(other, 7), backwards.uniforms(one, number)
    assert (first == again_first).all()
    assert (second == again_second).all()
    if one != other:
        assert not set(first.tolist()) & set(second.tolist())


@given(names.map(tuple), st.integers(0, 2**63 - 1), st.integers(0, 500), st.integers(0, 500))
def test_a_longer_stream_begins_like_a_shorter_one(name: tuple[str, ...], seed: int, number: int, more: int) -> None:
    streams = Streams(seed, 0)
    assert (streams.uniforms(name, number + more)[:number] == streams.uniforms(name, number)).all()


@given(names.map(tuple), st.integers(0, 2**63 - 1), st.integers(1, 500))
def test_uniform_numbers_lie_in_the_unit_interval(name: tuple[str, ...], seed: int, number: int) -> None:
    u = Streams(seed, 3).uniforms(name, number)
    assert ((u >= 0) & (u < 1)).all()


def many_streams(number: int) -> npt.NDArray[np.float64]:
    """Return streams that differ as little as can be in name, replication or seed, shape (streams, number)."""
    keys = [(1, 0, name) for name in NAMES] + [(seed, k, ("a",)) for seed, k in [(1, 1), (1, 2), (2, 0), (0, 1)]]
    return np.array([Streams(seed, replication).uniforms(name, number) for seed, replication, name in keys])


def test_every_stream_is_uniform() -> None:
    # Kolmogorov-Smirnov (Massart's bound): each of 11 streams errs with probability 1e-6.
    for u in many_streams(20_000):
        assert stats.ks_1samp(u, stats.uniform.cdf).statistic <= sqrt(log(2e6) / 2 / u.size)


def test_streams_are_not_correlated_with_one_another_nor_with_themselves_later() -> None:
    u = many_streams(20_000)
    together = np.vstack([u[:, :-2], u[:, 1:-1], u[:, 2:]])
    correlation = np.corrcoef(together)
    np.fill_diagonal(correlation, 0)
    # 33 rows make 528 pairs: six standard errors, 2e-9 each, 1e-6 in all.
    assert np.abs(correlation).max() <= 6 / sqrt(u.shape[1])


def test_pairs_fill_the_unit_square_evenly() -> None:
    for u in many_streams(20_000):
        cells = np.bincount((u[::2] * 8).astype(int) * 8 + (u[1::2] * 8).astype(int), minlength=64)
        assert stats.chisquare(cells).pvalue >= 1e-6


@given(
    st.integers(0, 2**63 - 1),
    st.integers(0, 10**9),
    st.integers(1, 2**40),
    *(st.integers(0, 2**63 - 1) for _ in range(2)),
    st.integers(0, 1000),
)
def test_both_walks_draw_numpys_philox(
    seed: int, replication: int, member: int, group: int, name: int, visit_count: int
) -> None:
    # NumPy's generator steps its counter on before it draws a block.
    counter = np.array([member - 1, group, name, visit_count], dtype=np.uint64)
    bits = np.random.Philox(counter=counter, key=np.array([seed, replication], dtype=np.uint64))
    expected = np.random.Generator(bits).random(4).tolist()
    keys = philox.round_keys(seed, replication)
    compiled = uniforms(keys, member, np.uint64(group), np.uint64(name), visit_count)
    assert list(compiled) == expected
    assert list(philox.uniforms(keys.tolist(), (member, group, name, visit_count))) == expected


# ---- what is drawn ---------------------------------------------------------------------------------------------------


def test_work_patience_and_persons_have_their_laws() -> None:
    program = draw(town({"run.days": 300}), 1, 0)
    entities = program.entities
    roots = (entities["start"] >= 0) & (entities["source"] == program.sources.index("street"))
    elderly = entities["person"][roots] == program.people.index("elderly")
    assert within(elderly.mean(), 0.25, sqrt(0.25 * 0.75 / elderly.size))
    ops, number = program.ops, [info.name for info in program.steps].index("licence/apply/accept")
    served = ops[(ops["step"] == number) & (ops["code"] == Code.SERVE)]
    patience = served["patience"][served["patience"] >= 0] / 60_000
    assert within(patience.mean(), 40, 40 / sqrt(patience.size))
    # 0.25 of the street's visitors are elderly and take half as long again; appointments bring citizens only.
    minutes = np.sort(served["amount"][served["patience"] >= 0]) / 60_000
    assert within(minutes.mean(), 8 * 1.125, 8 * sqrt(1.36 * 1.3125 - 1.2656) / sqrt(minutes.size))


def test_how_often_a_visitor_comes_back_is_geometric_up_to_the_most() -> None:
    program = draw(town({"run.days": 200}), 1, 0)
    entities, ops = program.entities, program.ops
    street = np.flatnonzero((entities["start"] >= 0) & (entities["source"] == program.sources.index("street")))
    own_ops = own_operations(program)
    tries = []
    for entity in street.tolist():
        own = ops[list(own_ops[entity])]
        tries += own["amount"][own["code"] == Code.RETURN].tolist()
    counts = np.bincount(tries, minlength=3) / len(tries)
    assert len(tries) == street.size
    for observed, expected in zip(counts, (0.3, 0.7 * 0.3, 0.49), strict=True):
        assert within(observed, expected, sqrt(expected * (1 - expected) / street.size))


def test_branchings_and_absences_happen_by_their_shares() -> None:
    program = draw(town({"run.days": 200}), 1, 0)
    ops, names = program.ops, [info.name for info in program.steps]
    copies = (program.entities["service"] == program.services.index("copy")).sum()
    serves = ((ops["step"] == names.index("copy/apply/serve")) & (ops["code"] == Code.SERVE)).sum()
    pays = (ops["step"] == names.index("copy/apply/pay")).sum()
    assert within(serves / copies, 1.1, sqrt(0.09 / copies))
    assert within(pays / copies, 0.6, sqrt(0.24 / copies))
    cases = (program.entities["kind"] == Kind.CASE).sum()
    reads = ((ops["step"] == names.index("licence/case/read")) & (ops["code"] == Code.SERVE)).sum()
    assert within(reads / cases, 1 / 0.7, sqrt(0.3) / 0.7 / sqrt(cases))


@pytest.mark.slow
def test_whether_a_step_is_taken_and_where_it_leads_are_drawn_apart() -> None:
    text = """
        run.days = 200
        calendar.hours = "09:00-17:00"
        pools = { window = { servers = 99 }, desk = { servers = 99 } }
        [services.item.visits.apply]
        first.pool = "window"
        first.work = { dist = "expon", mean = "5 min" }
        first.share = 0.5
        first.next = { then = 0.5, end = 0.5 }
        last = { pool = "window", work = "1 min", next = "end" }
        then.pool = "desk"
        then.work = { dist = "expon", mean = "5 min" }
        then.absent = { share = 0.5, call = "1 min", away = "1 min" }
        [arrivals.street]
        services = "item"
        per_day = 40
        """
    program = draw(of_text(text), 1, 0)
    told = stories(program)["street", "item"]
    count = len(told)

    def has(story: Story, step: str, times: int = 1) -> bool:
        return sum(str(line[-1]).endswith(f"/{step}") for line in story) >= times

    for number, expected in [
        (sum(has(story, "first") for story in told), 0.5),
        (sum(has(story, "then") for story in told), 0.25),
        (sum(has(story, "then", 2) for story in told), 0.125),
        (sum(has(story, "last") for story in told), 0.5),
    ]:
        assert within(number / count, expected, sqrt(expected * (1 - expected) / count))
    # How long a step takes says nothing about where it leads, nor about having been absent when called.
    for step, times in (("first", 1), ("then", 2)):
        served = [story for story in told if has(story, step)]
        work = np.array([[line[2] for line in story if str(line[-1]).endswith(step)][-1] for story in served])
        split = np.array([has(story, "then", times) for story in served])
        assert stats.ks_2samp(work[split], work[~split]).pvalue >= 1e-6


@pytest.mark.slow
def test_the_draws_of_one_visitor_are_independent() -> None:
    program = draw(town({"run.days": 400}), 1, 0)
    told = stories(program)["street", "licence"]
    table = []
    for story in told:
        accept = next(line for line in story if line[-1] == "licence/apply/accept")
        read = next(line for line in story if line[-1] == "licence/case/read" and line[0] == "SERVE")
        fire = next(line for line in story if line[-1] == "licence/case/joint/fire/check")
        health = next(line for line in story if line[-1] == "licence/case/joint/health/check")
        table.append((accept[2] / (1.5 if story[0][2] == "elderly" else 1), accept[3], read[2], fire[2], health[2]))
    ranks = np.apply_along_axis(stats.rankdata, 0, np.array(table))
    correlation = np.corrcoef(ranks.T)
    np.fill_diagonal(correlation, 0)
    assert np.abs(correlation).max() <= 5.5 / sqrt(len(table))  # ten pairs: 4e-7 in all


# ---- who is how urgent -----------------------------------------------------------------------------------------------


@for_each(
    ("person", "source", "expected"),
    [
        (5, 5, 5),
        (3, 5, 3),  # whoever says something is heard
        (5, 3, 3),
        (7, 5, 7),
        (5, 8, 8),
        (2, 4, 2),  # both do: the more urgent
        (4, 2, 2),
        (7, 8, 7),
    ],
)
def test_the_priority_of_a_visitor(person: int, source: int, expected: int) -> None:
    text = f"""
        calendar.hours = "09:00-17:00"
        run.days = 1
        people.someone = {{ priority = {person} }}
        pools.window = {{}}
        services.item.visits.apply.serve = {{ pool = "window", work = "1 min" }}
        arrivals.a = {{ services = "item", at = ["10:00"], priority = {source}, people = {{ someone = 1 }} }}
        """
    ops = draw(of_text(text), 1, 0).ops
    assert ops["priority"][ops["code"] == Code.SERVE].tolist() == [expected]


@pytest.mark.parametrize("moment", ["2014-03-03 10:00", "2014-03-03  10:00", " 2014-03-03 10:00 "])
def test_a_stated_moment_may_have_more_spaces_than_one(moment: str) -> None:
    text = f"""
        calendar.hours = "09:00-17:00"
        run = {{ start = 2014-03-03, days = 1 }}
        pools.window = {{}}
        services.item.visits.apply.serve = {{ pool = "window", work = "1 min" }}
        arrivals.a = {{ services = "item", at = ["{moment}"] }}
        """
    assert draw(of_text(text), 1, 0).entities["start"].tolist() == [10 * 3_600_000]


def test_a_step_s_priority_overrules_the_visitor_s_and_a_case_has_its_service_s() -> None:
    text = """
        calendar.hours = "09:00-17:00"
        run.days = 1
        pools.window = {}
        [services.item]
        case_priority = 2
        visits.apply.first = { pool = "window", work = "1 min" }
        visits.apply.urgent = { pool = "window", work = "1 min", priority = 0 }
        visits.apply.file = { start_case = true }
        case.read = { pool = "window", work = "1 min" }
        case.last = { pool = "window", work = "1 min", priority = 9 }
        [arrivals.a]
        services = "item"
        at = ["10:00"]
        priority = 7
        """
    ops = draw(of_text(text), 1, 0).ops
    assert ops["priority"][ops["code"] == Code.SERVE].tolist() == [7, 0, 2, 9]


# ---- coming back -----------------------------------------------------------------------------------------------------

BACK = """
run = { days = 6, follow_up_days = 8 }
calendar = { weekend = ["sat", "sun"], hours = "09:00-17:00" }
pools.window = {}
[services.item.visits.apply]
serve = { pool = "window", work = "1 min" }
file = { start_case = true }
[services.item.visits.collect]
fetch = { pool = "window", work = "1 min" }
[services.item.case]
decide = { delay = "1 h" }
collect = { visit = "collect", after = "NDAYS working days" }
"""


@given(st.integers(0, 4), st.integers(0, 4), st.integers(9 * 60, 16 * 60 - 1), st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_a_follow_up_n_working_days_later_is_on_that_day(start: int, after: int, minute: int, seed: int) -> None:
    source = f'[arrivals.anna]\nservices = "item"\nat = ["2014-03-0{3 + start} {minute // 60:02d}:{minute % 60:02d}"]\n'
    trace = simulate(of_text(BACK.replace("NDAYS", str(after)) + source), seed=seed)
    entered = {row[2]: row for row in trip_days(trace)}
    first, last = min(entered), max(entered)
    calendar = trace.plan.calendars[0]
    decided = minute * 60_000 + start * DAY_MS + 60_000 + 3_600_000
    gap = calendar.workday_number(day(last)) - calendar.workday_number(day(first))
    came = entered[last][3]
    if after > 0:
        assert gap == after
    else:  # today if the time of day is still to come, else tomorrow
        assert gap == int(came % DAY_MS < decided % DAY_MS)
    assert came >= decided


def trip_days(trace: Trace) -> list[tuple[int, int, int, int]]:
    """Return (entity, operation, start, end) of every row at which somebody came to the doors."""
    arrive = trace.program.ops["code"][trace.log.rows["op"]] == Code.ARRIVE
    return [(int(r["entity"]), int(r["op"]), int(r["ready"]), int(r["end"])) for r in trace.log.rows[arrive]]


@given(st.integers(1, 4), st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_whoever_is_sent_home_in_the_evening_comes_back_n_working_days_later(after: int, seed: int) -> None:
    text = f"""
        run.days = 8
        calendar = {{ weekend = ["sat", "sun"], hours = "09:00-17:00" }}
        sites.hall.at_close = "send-home"
        pools.window = {{}}
        services.item.visits.apply.serve = {{ pool = "window", work = "1 h" }}
        [arrivals]
        before = {{ services = "item", at = ["2014-03-06 16:30"] }}
        anna = {{ services = "item", at = ["2014-03-06 16:40"], comes_back = {{ after = "{after} working days" }} }}
        """
    # A Thursday; the time of day at which anna sets out again is drawn, and is nearly always earlier than 17:00.
    trace = simulate(of_text(text), seed=seed)
    assert trace.outcomes("trip fails") == {"anna": "returns"}
    calendar = trace.plan.calendars[0]
    assert calendar.workday_number(day(trip_days(trace)[-1][2])) == calendar.workday_number(3) + after


@for_each("after", ["0 working days", "0 min", "0 working min", {"values": ["0 working days"]}])
def test_nobody_fails_twice_in_one_instant(after: Any) -> None:
    text = """
        run.days = 3
        calendar.hours = "09:00-17:00"
        pools.window = {}
        pools.desk = { servers = 0, room = 0 }
        [services.item.visits]
        apply.file = { start_case = true }
        supplement.hand-in = { pool = "desk", work = "5 min" }
        [services.item.case]
        correct = { visit = "supplement", after = "0 working days" }
        [arrivals.anna]
        services = "item"
        at = ["2014-03-03 10:00"]
        comes_back = { after = "1 working days" }
        """
    # The desk never has a place, and the application waits: anna tries again and again, once a day.
    trace = simulate(of_text(text, {"arrivals.anna.comes_back.after": after}))
    tries = [row[4] for row in trace.told("supplement")]
    assert 2 <= len(tries) <= 3
    assert len(set(tries)) == len(tries)


@for_each(
    "profile",
    [
        '"09:00" = 3, "13:00" = 1',
        'default = { "16:00" = 1 }, mon = { "09:00" = 3, "13:00" = 1 }',
    ],
)
def test_who_comes_again_follows_the_profile_of_mondays(profile: str) -> None:
    """On Tuesdays the hall closes before noon; on other days a quarter come again in the afternoon."""
    text = """
        run.days = 20
        calendar.hours = { default = "09:00-17:00", tue = "09:00-12:00" }
        pools.window = { servers = 0, room = 0 }
        services.item.visits.apply.serve = { pool = "window", work = "5 min" }
        [arrivals.street]
        services = "item"
        at = ["10:00", "11:00", "14:00", "15:00"]
        profile = { PROFILE }
        comes_back = { after = "1 working days" }
        """
    trace = simulate(of_text(text.replace("PROFILE", profile)))
    moments = [int(row["ready"]) for row in trace.log.rows if trace.step(row) == "trip fails"]
    hours = [moment % DAY_MS / 3_600_000 for moment in moments if moment // DAY_MS % 7 in (2, 3, 4)]
    again = [hour for hour in hours if hour not in (10, 11, 14, 15)]
    assert len(again) > 50
    assert within(np.mean([hour < 13 for hour in again]), 0.75, sqrt(0.75 * 0.25 / len(again)))


def test_a_mixture_of_days_treats_everybody_alike() -> None:
    text = BACK.replace('"NDAYS working days"', '{ values = ["0 working days", "1 working days", "3 working days"] }')
    text = text.replace("days = 6", "days = 60") + '[arrivals.street]\nservices = "item"\nat = ["09:00", "15:00"]\n'
    trace = simulate(of_text(text))
    entities, calendar = trace.program.entities, trace.plan.calendars[0]
    collects = np.flatnonzero(entities["purpose"] == PURPOSES.index("collect"))
    gaps = []
    for visit in collects.tolist():
        rows = [row for row in trip_days(trace) if row[0] == visit]
        if rows:
            set_out = int(trace.log.started[visit])
            gaps.append(calendar.workday_number(day(rows[0][2])) - calendar.workday_number(day(set_out)))
    shares = np.bincount(gaps, minlength=4) / len(gaps)
    assert set(gaps) <= {0, 1, 3}
    assert within(shares[3], 1 / 3, sqrt(2 / 9 / len(gaps)))


def test_an_application_does_not_walk_away() -> None:
    ops = draw(town(), 1, 0).ops
    waits = ops[(ops["code"] == Code.SERVE) & (ops["patience"] >= 0)]
    assert (waits["jump"] >= 0).all()


# ---- a program holds together ----------------------------------------------------------------------------------------


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_operations_lead_nowhere_but_to_their_own_entity(seed: int) -> None:
    program = draw(town(), seed, 0)
    entities, ops = program.entities, program.ops
    ends = np.flatnonzero(ops["code"] == Code.END)
    assert ends.size == entities.size
    assert ends[-1] == ops.size - 1
    owner = np.searchsorted(ends, np.arange(ops.size))
    assert (owner[entities["first"]] == np.arange(entities.size)).all()
    jumps = ops["jump"] >= 0
    assert (owner[ops["jump"][jumps]] == owner[jumps]).all()
    assert (ops["amount"][ops["code"] != Code.MARK] >= 0).all()


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_everybody_sets_out_once(seed: int) -> None:
    program = draw(town(), seed, 0)
    entities, ops = program.entities, program.ops
    forks = ops[ops["code"] == Code.FORK]
    started = [child for op in forks for child in range(op["arg"], op["arg"] + op["amount"])]
    assert sorted(started) == np.flatnonzero(entities["start"] < 0).tolist()
    numbers = np.arange(entities.size)
    root, case = entities["root"], entities["case"]
    assert (entities["start"][root] >= 0).all()
    assert (root[entities["start"] >= 0] == numbers[entities["start"] >= 0]).all()
    assert (np.diff(entities["start"][root]) >= 0).all()  # families in order of time
    assert (entities["kind"][case[case >= 0]] == Kind.CASE).all()
    assert (case[entities["kind"] == Kind.CASE] == numbers[entities["kind"] == Kind.CASE]).all()
    parents = entities["parent"]
    assert (parents < numbers).all()
    assert (root[parents[parents >= 0]] == root[parents >= 0]).all()
    assert (entities["service"] == entities["service"][root]).all()
    assert (entities["person"] == entities["person"][root]).all()


def test_steps_are_named_by_service_route_and_place() -> None:
    program = draw(town(), 1, 0)
    steps = {step.name: step for step in program.steps}
    fire = steps["licence/case/joint/fire/check"]
    assert (fire.service, fire.route, fire.pool, fire.spends) == ("licence", "case", "fire", "work")
    kinds = {name: step.spends for name, step in steps.items()}
    assert kinds["licence/case/correct"] == "applicant"
    assert kinds["licence/case/joint"] == "branches"
    assert kinds["licence/case/ride"] == "until"
    assert kinds["licence/case/sign"] == "open"
    assert steps["licence/supplement/hand-in"].route == "supplement"


def test_a_run_that_no_memory_can_hold_is_refused_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    town = of_text(TOWN)
    layout = Layout.of(town)
    demand = {name: draws.Demand.of(layout, name) for name in town.arrivals}
    visits = sum(draws.expected_visits(town, demand).values())
    monkeypatch.setattr(draws, "usable_bytes", lambda: int(visits * draws.BYTES_A_VISIT) - 1)
    with pytest.raises(HallplanError, match=f"{round(visits):,} visits"):
        draw(town, 1, 0)
    monkeypatch.setattr(draws, "usable_bytes", lambda: int(visits * draws.BYTES_A_VISIT) + 1)
    assert draw(of_text(TOWN), 1, 0).entities.size > 0


@pytest.mark.parametrize(
    ("tables", "key"),
    [
        ({"arrivals": {"crowd": {"services": "item", "every": "1 ms"}}}, "arrivals.crowd"),
        ({"arrivals": {"crowd": {"services": "item", "at": ["09:00"] * 10, "batch": 1_000_000}}}, "arrivals.crowd"),
        ({"arrivals": {}, "backlog": {"old": {"service": "item", "ages": {"1": 1_000_000}}}}, "backlog.old"),
    ],
)
def test_memory_of_every_process_and_of_the_backlog_counts_and_the_largest_key_is_named(
    monkeypatch: pytest.MonkeyPatch, tables: dict[str, Any], key: str
) -> None:
    calendar = {"hours": "09:00-10:00"}
    case = {"visits": {"apply": {"hand-in": {"start_case": True}}}, "case": {"look": {"delay": "1 min"}}}
    raw = {"format": 1, "name": "x", "calendar": calendar, "run": {"days": 1, "warm_up_days": 1, "replications": 1}}
    monkeypatch.setattr(draws, "usable_bytes", lambda: 500_000_000)
    with pytest.raises(HallplanError, match=f"most from {key}"):
        draw(Scenario.model_validate(raw | {"services": {"item": case}} | tables), 1, 0)


def test_where_the_system_does_not_tell_its_memory_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "usable_bytes", lambda: 0)
    assert draw(of_text(TOWN), 1, 0).entities.size > 0
