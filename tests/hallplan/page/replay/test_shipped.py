"""Days in the package: one for every built-in scenario, of this version, the same as one simulated now."""

import json
from importlib.resources import files

import numpy as np
import pytest
from page_server import server

from hallplan.page.jobs import Unit
from hallplan.page.plans import plan_of
from hallplan.page.replay.payload import day_json
from hallplan.page.replay.preparing import replay_unit
from hallplan.page.replay.shipped import DAYS, as_bytes, file_name, from_bytes, offer_shipped
from hallplan.page.state import PlanChoice, Settings
from planner.replay import replay_day
from scenarios.compose.composing import scenario_names

__all__ = ["server"]

FOLDER = files("hallplan.page.replay").joinpath(DAYS)


def unit_of(name):
    return replay_unit(plan_of(PlanChoice(name)), seed=Settings().seed)


@pytest.fixture(scope="module")
def desk():
    scenario = plan_of(PlanChoice("township-desk")).scenario
    return scenario, replay_day(scenario, seed=Settings().seed)


def test_the_package_has_the_day_of_every_built_in_scenario_and_no_other():
    names = {file_name(unit_of(name).key) for name in scenario_names()}
    assert {file.name for file in FOLDER.iterdir()} == names, "run `python -m benchmarks.results package`"


def test_the_package_s_day_is_the_one_that_is_simulated_now(desk):
    scenario, replay = desk
    shipped = from_bytes(FOLDER.joinpath(file_name(unit_of("township-desk").key)).read_bytes())
    assert json.loads(day_json(shipped, scenario, "zh")) == json.loads(day_json(replay, scenario, "zh"))


def test_a_day_survives_being_written_and_read(desk):
    _, replay = desk
    again = from_bytes(as_bytes(replay))
    assert (again.date, again.median, again.pools) == (replay.date, replay.median, replay.pools)
    for part in ("visits", "visit_legs", "files", "file_legs"):
        for name, column in vars(getattr(replay, part)).items():
            np.testing.assert_array_equal(getattr(getattr(again, part), name), column)


def test_a_shipped_day_is_there_without_a_process(server):
    unit = unit_of("township-desk")
    offer_shipped(unit)
    assert server.missing([unit]) == []


def test_nothing_is_offered_for_a_hall_that_is_not_built_in(server):
    unit = Unit("replay:0", unit_of, ("x",))
    offer_shipped(unit)
    assert server.missing([unit]) == [unit]
