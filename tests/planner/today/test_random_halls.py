"""Halls and states made at random: each becomes a scenario that the check accepts and both engines run alike."""

import datetime as dt
import random

import numpy as np
import pytest

from benchmarks.generator import random_scenario
from foundation.errors import HallplanError
from planner.today.from_now import from_now
from planner.today.places import places_of
from planner.today.state import CasesInProgress, HallState, Serving, Waiting
from scenarios.check import check
from sim.draw.drawing import draw
from sim.engine.kernel import run_compiled
from sim.engine.reference import run_reference
from sim.measure import measure
from sim.measure.rest_of_day import rest_of_day_counts
from sim.plan import Layout, compile_plan

EXPECTED_FAULTS = ("today.error.no_queue", "today.error.closed")


def random_state(scenario, dice):
    """Return a state on the third day on which the first site works."""
    day = int(np.flatnonzero(Layout.of(scenario).calendars[0].workdays)[2])
    now = dt.datetime.combine(
        scenario.run.start + dt.timedelta(days=day), dt.time(dice.randint(0, 23), dice.randint(0, 59))
    )
    ms = (now.hour * 60 + now.minute) * 60_000
    pools = sorted({place.pool for place in places_of(scenario)}) or ["none"]
    cases = [name for name, service in scenario.services.items() if service.case is not None]

    def earlier():
        return dice.randint(0, ms // 1_000) * 1_000

    return HallState(
        now,
        tuple(Waiting(dice.choice(pools), earlier()) for _ in range(dice.randint(0, 8))),
        tuple(Serving(dice.choice(pools), dice.choice([None, earlier()])) for _ in range(dice.randint(0, 3))),
        {dice.choice(pools): dice.randint(0, 3)} if dice.random() < 0.5 else {},
        tuple(CasesInProgress(dice.choice(cases), dice.randint(1, 9)) for _ in range(2)) if cases else (),
        dice.choice([None, 5]),
    )


def outcome(seed):
    scenario = random_scenario(np.random.default_rng(seed))
    try:
        begins = from_now(scenario, random_state(scenario, random.Random(seed)))
    except HallplanError as error:
        if error.key not in EXPECTED_FAULTS:
            raise
        return 0
    check(begins.scenario)
    program, plan = draw(begins.scenario, 1, 0), compile_plan(begins.scenario)
    log = run_compiled(program, plan)
    assert (log.rows == run_reference(program, plan).rows).all()
    tickets = [(source, pool) for pool, source in begins.probes.items()]
    counts = rest_of_day_counts(
        measure(begins.scenario, program, plan, log), tickets=tickets, now=begins.now, moments=[begins.now]
    )
    waits = dict(zip(counts.pools, counts.ticket_wait.tolist(), strict=True))
    assert all(waits[pool] >= 0 for pool in begins.probes)  # infinite if it is not called, never missing
    return 1


def test_a_dozen_random_halls_go_on_from_a_random_state():
    assert sum(map(outcome, range(12))) >= 6


@pytest.mark.slow
def test_two_hundred_random_halls_go_on_from_a_random_state():
    assert sum(map(outcome, range(100, 300))) >= 100
