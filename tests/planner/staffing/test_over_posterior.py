"""A certified plan over draws of the parameters: in how many it holds, and with what probability."""

from types import SimpleNamespace

import numpy as np
import pytest

from planner.staffing.certificate import Cell, Certificate
from planner.staffing.over_posterior import PosteriorCheck, check_over_posterior
from planner.staffing.plan import planned
from planner.staffing.requirement import requirements
from planner.staffing.targets import WaitTarget
from scenarios.compose.composing import composed
from sim.measure.day_counts import DayCounts
from sim.statistics.clustered_shares import ShareBounds

TARGETS = (WaitTarget(0.9, 15),)
CELLS = (Cell(0, "a", (20,), False, 9.0), Cell(0, "b", (20,), False, 9.0))


def certificate(*cells) -> Certificate:
    """Return a certificate of cells, each a share with its bounds."""
    low, share, high = (np.array(column) for column in zip(*cells, strict=True))
    return Certificate(TARGETS, CELLS, ShareBounds(share, low, high, np.full(2, 100.0)), 0.95, 4, 48)


SURE, NEARLY, SHORT, MISSED = (0.91, 0.95, 0.97), (0.88, 0.92, 0.95), (0.80, 0.88, 0.93), (0.6, 0.7, 0.8)


def test_the_probability_counts_draws_that_reach_every_target():
    draws = [(SURE, SURE)] * 4 + [(SURE, NEARLY)] * 2 + [(NEARLY, SHORT)] + [(SURE, MISSED)] * 3
    check = PosteriorCheck(CELLS, tuple(certificate(*cells) for cells in draws), 0.95)
    assert (check.draws, int(check.reaches.sum()), check.surely_kept, check.surely_missed) == (10, 6, 4, 3)
    # Clopper and Pearson: 4 of 10 is 0.1216 to 0.7376, 7 of 10 is 0.3475 to 0.9333.
    probability = check.probability
    assert (probability.estimate, probability.low, probability.high) == pytest.approx((0.6, 0.1216, 0.9333), abs=1e-4)
    assert check.weakest(3) == [(CELLS[1], 4)]


def test_every_draw_has_its_own_replications_and_all_the_same_numbers():
    seen = []

    def simulate(systems, targets, first, replications):
        (system,) = systems
        seen.extend((first + k, system.simulated(first + k)) for k in range(replications))
        counts = DayCounts(("agent",), np.full((5, 1, 48), 10), np.full((5, 1, 48), 10))
        return [[(counts,)] * replications]

    desk = composed("township-desk")
    plan = planned(desk.scenario, requirements(desk.scenario, TARGETS))

    class Moving:
        def __len__(self):
            return 9

        def moves(self, scenario):
            return ("demand",)

        def applied(self, scenario, draw):
            return scenario.changed(overrides={"demand": 1 + draw / 10})

    cells = (Cell(0, "agent", (20,), False, 9.0),)
    settings = {"targets": TARGETS, "cells": cells, "simulate": simulate, "draws": 3}
    check = check_over_posterior(plan, desk, Moving(), **settings)
    assert check.draws == 3
    assert len(seen) == 12
    assert [hall.demand for _, hall in seen[:4]] == pytest.approx([1.0, 1.3, 1.6, 1.0])


def test_a_hall_without_calibrated_numbers_is_not_checked():
    hall = composed("textbook-mm3")
    plan = planned(hall.scenario, requirements(hall.scenario, TARGETS))
    nothing = SimpleNamespace(moves=lambda _: ())
    assert check_over_posterior(plan, hall, nothing, targets=TARGETS, cells=CELLS, simulate=None) is None
