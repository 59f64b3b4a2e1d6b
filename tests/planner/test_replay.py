"""Replay of a day: one replication of a scenario, under its own seed or another."""

import numpy as np

from planner.replay import replay_day
from scenarios.compose.composing import composed
from sim.measure.day_replay import day_replay
from sim.run.simulating import simulate


def test_the_day_is_one_of_the_replication_that_is_named():
    scenario = composed("township-desk").scenario
    replay, same = (
        replay_day(scenario, seed=7, replication=2),
        day_replay(simulate(scenario, seed=7, replication=2)),
    )
    assert replay.date == same.date
    np.testing.assert_array_equal(replay.visits.arrive, same.visits.arrive)
    assert not np.array_equal(replay.visits.arrive, replay_day(scenario).visits.arrive)
