"""The plain walk and the compiled walk write the same."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from benchmarks.equality import drawn_difference
from benchmarks.generator import random_scenario
from scenarios.compose.composing import compose
from scenarios.model import Scenario
from sim.draw.drawing import draw
from sim.draw.tables import GROUP_DTYPE, NODE_DTYPE
from sim.draw.walk import Group, Node


def test_rows_of_nodes_and_groups_have_the_columns_of_their_tables() -> None:
    assert Node._fields == NODE_DTYPE.names
    assert Group._fields == GROUP_DTYPE.names


@pytest.mark.parametrize("name", ["textbook-mm3", "township-desk", "city-hall"])
def test_built_in_halls_are_drawn_alike_by_both_walks(name: str) -> None:
    scenario = compose(name, overrides={"run.warm_up_days": 0, "run.days": 2, "run.follow_up_days": 0})
    for replication in range(2):
        plain, compiled = (draw(scenario, 7, replication, walk=walk) for walk in ("plain", "compiled"))
        assert plain.ops.size > 100
        assert drawn_difference(plain, compiled) == ""


def test_a_walk_that_outgrows_its_tables_goes_on_with_larger_ones() -> None:
    # Each visitor takes 60 steps: five times the operations that the tables have room for at first.
    steps = {f"step-{k}": {"pool": "window", "work": {"dist": "expon", "mean": "1 s"}} for k in range(60)}
    scenario = Scenario.model_validate(
        {
            "format": 1,
            "name": "long",
            "run": {"start": dt.date(2014, 3, 3), "days": 1},
            "calendar": {"hours": ["09:00-17:00"]},
            "pools": {"window": {}},
            "services": {"long": {"visits": {"apply": steps}}},
            "arrivals": {"street": {"services": {"long": 1.0}, "per_day": 300.0}},
        }
    )
    plain, compiled = (draw(scenario, 3, 0, walk=walk) for walk in ("plain", "compiled"))
    roots = np.count_nonzero(compiled.entities["start"] >= 0)
    assert compiled.ops.size > 60 * roots > 10_000
    assert drawn_difference(plain, compiled) == ""


def test_a_program_that_differs_in_one_operation_is_noticed() -> None:
    scenario = random_scenario(np.random.default_rng(1))
    plain, other = draw(scenario, 1, 0, walk="plain"), draw(scenario, 1, 0, walk="compiled")
    assert drawn_difference(plain, other) == ""
    other.ops["amount"][3] += 1
    assert drawn_difference(plain, other).startswith("ops 3: expected ")
    other.entities["parent"][0] = 1
    other.ops["amount"][3] -= 1
    assert drawn_difference(plain, other).startswith("entities 0: expected ")
