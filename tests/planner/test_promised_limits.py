"""The readings of "limits cut by so many per cent", worked by hand on small catalogues."""

import math

import numpy as np
import pytest
from cases import for_each

from planner.promised_limits import (
    MEASURES,
    POPULATIONS,
    LimitDraws,
    catalogue_compression,
    cut_readings,
    draw_limits,
    promise_factor,
    triangular_quantiles,
)
from scenarios.catalogue.model import Catalogue
from scenarios.catalogue.reading import built_in_catalogue

STATUTORY, PROMISED, VOLUMES = (10, 20, 30), (9, 1, 18), (500, 100, 5)
"""Cuts of 10%, 95% and 40%; sums 28 of 60; case-days 4,690 of 7,150."""
ARTICLE = 0.52


def exactly(values):
    """Return ranges without width."""
    return np.repeat(np.asarray(values, dtype=float)[:, None], 3, axis=1)


def readings_of(statutory, promised, volumes, target=ARTICLE, **options):
    drawn = draw_limits(*(np.asarray(spreads, dtype=float) for spreads in (statutory, promised, volumes)), **options)
    modes = [np.asarray(spreads, dtype=float)[:, 1] for spreads in (statutory, promised, volumes)]
    return {reading.measure: reading for reading in cut_readings(*modes, target=target, drawn=drawn)}


def test_without_ranges_each_reading_is_its_cut_worked_by_hand():
    readings = readings_of(exactly(STATUTORY), exactly(PROMISED), exactly(VOLUMES))
    by_hand = {
        "item_mean": (0.1 + 0.95 + 0.4) / 3,
        "of_sums": 1 - 28 / 60,
        "by_volume": 1 - (500 * 9 + 100 * 1 + 5 * 18) / (500 * 10 + 100 * 20 + 5 * 30),
        "largest": 0.95,
    }
    for measure, cut in by_hand.items():
        reading = readings[measure]
        ends = (reading.cut, reading.low, reading.high, reading.least, reading.greatest)
        assert ends == pytest.approx([cut] * 5), measure
        assert not reading.can_give


def test_a_percentage_between_the_least_and_the_greatest_cut_can_be_given():
    """One item of 10 days whose promise lies between 2 and 6 days: cuts of 40% to 80%."""
    for target, can_give in ((0.39, False), (0.52, True), (0.81, False)):
        (reading,) = (
            reading
            for measure, reading in readings_of([[10] * 3], [[2, 3, 6]], [[1] * 3], target).items()
            if measure == "of_sums"
        )
        assert reading.can_give is can_give
        assert 0.4 <= reading.least < reading.low < reading.cut < reading.high < reading.greatest <= 0.8


def test_promises_move_together_so_that_their_errors_do_not_cancel():
    """A hundred like items have the interval of a single one."""
    alone, many = (
        readings_of([[10] * 3] * n, [[2, 4, 6]] * n, [[1] * 3] * n, draws=400)["item_mean"] for n in (1, 100)
    )
    assert (many.low, many.high) == pytest.approx((alone.low, alone.high))


def test_the_interval_holds_95_per_cent_of_a_triangular_range():
    """Promises of 2, 4, 6 of 10 days: the 2.5% quantile is 2 + sqrt(0.025 * 4 * 2) days, the other end mirrors it."""
    reading = readings_of([[10] * 3], [[2, 4, 6]], [[1] * 3], draws=4_000)["of_sums"]
    tail = math.sqrt(0.2)
    assert (reading.low, reading.high) == pytest.approx(((4 + tail) / 10, (8 - tail) / 10), abs=0.015)


def test_no_promise_is_drawn_longer_than_the_law():
    drawn = draw_limits([[2, 20, 30]], [[1, 10, 30]], [[1] * 3])
    assert (drawn.promised <= drawn.statutory).all()
    assert (drawn.promised == drawn.statutory).any()


def test_the_same_seed_gives_the_same_draws_and_another_gives_others():
    spreads = [[[5, 10, 20]], [[1, 2, 4]], [[1, 3, 9]]]
    first, again, other = (draw_limits(*spreads, seed=seed) for seed in (1, 1, 2))
    for name in LimitDraws.__dataclass_fields__:
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))


@for_each(
    ("probability", "value"),
    [(0.0, 2), (1 / 12, 3), (1 / 3, 4), (2 / 3, 8 - math.sqrt(8)), (1.0, 8)],
)
def test_triangular_quantiles_worked_by_hand(probability, value):
    """Between 2 and 8 with the mode at 4, below which a third lies: F(x) = (x - 2)^2 / 12, then 1 - (8 - x)^2 / 24."""
    assert triangular_quantiles([[probability]], [[2, 4, 8]]).item() == pytest.approx(value)


@for_each("spread", [(3, 3, 3), (0, 0, 4), (0, 4, 4)])
def test_triangular_quantiles_stay_in_a_range_whose_mode_is_at_its_end(spread):
    values = triangular_quantiles(np.linspace(0, 1, 11)[:, None], [spread]).ravel()
    assert (values[0], values[-1]) == (spread[0], spread[2])
    assert (np.diff(values) >= 0).all()


@for_each(
    ("measure", "target", "factor"),
    [
        ("of_sums", 0.52, 28.8 / 28),  # 28.8 of 60 days; no promise reaches its limit
        ("of_sums", 0.25, 5),  # 45 of 60 days: the first and the third promise are capped, 10 + f + 30 = 45
        ("item_mean", 0.52, 3 * 0.48 / 1.55),  # 0.9 f + 0.05 f + 0.6 f = 3 * 0.48
        ("by_volume", 0.52, 0.48 * 7_150 / 4_690),
        ("largest", 0.52, 9.6),  # the second item has the largest cut, and 52% is 9.6 of its 20 days
    ],
)
def test_the_factor_of_the_promises_worked_by_hand(measure, target, factor):
    assert promise_factor(STATUTORY, PROMISED, VOLUMES, measure=measure, target=target) == pytest.approx(factor)


def test_no_factor_lengthens_a_promise_of_no_days():
    assert math.isnan(promise_factor([10, 20], [0, 0], [1, 1], measure="of_sums", target=ARTICLE))
    assert math.isnan(promise_factor([10, 20], [0, 2], [1, 1], measure="largest", target=ARTICLE))
    # With one of two items promised at once the mean cut cannot fall below 50%, but 52% is 0.96 of the other's limit.
    assert promise_factor([10, 20], [0, 2], [1, 1], measure="item_mean", target=ARTICLE) == pytest.approx(9.6)


def test_without_volumes_there_is_no_cut_by_volume_and_the_others_stay():
    readings = readings_of(exactly(STATUTORY), exactly(PROMISED), exactly((0, 0, 0)))
    assert math.isnan(readings["by_volume"].cut)
    assert math.isnan(readings["by_volume"].factor)
    assert not readings["by_volume"].can_give
    assert readings["largest"].cut == pytest.approx(0.95)


def test_the_built_in_catalogue_is_read_in_each_way_over_each_population():
    compression = catalogue_compression(built_in_catalogue(), target=ARTICLE)
    in_visit = sum(item.place == "hall" and item.item_class == "instant" for item in built_in_catalogue().items)
    assert compression.counts == {"all": 232, "hall": 169, "hall-not-instant": 169 - in_visit}
    assert tuple(compression.readings) == POPULATIONS
    for population in POPULATIONS:
        assert tuple(reading.measure for reading in compression.readings[population]) == MEASURES
        for reading in compression.readings[population]:
            assert reading.least <= reading.low <= reading.high <= reading.greatest
            assert reading.can_give == (reading.least <= ARTICLE <= reading.greatest)


def test_the_cut_of_a_catalogue_is_that_of_its_likeliest_values():
    compression = catalogue_compression(built_in_catalogue(), target=ARTICLE)
    items = [item for item in built_in_catalogue().items if item.statutory.mode > 0]
    cuts = {reading.measure: reading.cut for reading in compression.readings["all"]}
    assert cuts["largest"] == pytest.approx(max(1 - item.promised.mode / item.statutory.mode for item in items))
    promised, statutory = (sum(getattr(item, name).mode for item in items) for name in ("promised", "statutory"))
    assert cuts["of_sums"] == pytest.approx(1 - promised / statutory)


def test_a_population_without_items_is_left_out():
    outside = tuple(item for item in built_in_catalogue().items if item.place == "outside")
    compression = catalogue_compression(Catalogue("", outside), target=ARTICLE)
    assert compression.counts == {"all": 63}
