"""Fitted interactions: games with pairs only, worked by hand; what a sample does not tell apart; a third player."""

import numpy as np
import pytest

from sim.statistics.pair_effects import pair_effects
from sim.statistics.shapley import order_pairs, shapley

K = 5
ORDERS = order_pairs(K, 6, seed=1)


def sampled(orders=ORDERS):
    single = 1 << np.arange(K)
    along = np.cumsum(1 << orders, axis=1).ravel()
    return np.unique(np.concatenate([[0], single, (1 << K) - 1 - single, along]))


def pairs_only(members):
    """Player i adds i + 1; 0 and 3 save 2 less together, 1 and 2 save 4 more; two replications, the second doubled."""
    has = [members >> i & 1 for i in range(K)]
    worth = sum((i + 1) * has[i] for i in range(K)) - 2 * has[0] * has[3] + 4 * has[1] * has[2]
    return np.stack([worth, 2 * worth], axis=1).astype(float)


def test_a_game_with_pairs_only_has_its_own_interactions_without_error():
    members = sampled()
    effects = pair_effects(pairs_only(members), members, ORDERS)
    expected = dict.fromkeys(zip(*np.triu_indices(K, 1), strict=True), 0.0) | {(0, 3): -2.0, (1, 2): 4.0}
    assert effects.interactions[:, 0] == pytest.approx(list(expected.values()), abs=1e-9)
    assert effects.interactions[:, 1] == pytest.approx([2 * value for value in expected.values()], abs=1e-9)
    assert np.ptp(effects.by_pair, axis=0) == pytest.approx(0, abs=1e-9)


def test_all_coalitions_give_the_interactions_of_the_exact_game():
    members = np.arange(1 << K)
    exact = shapley(pairs_only(members)).interactions[np.triu_indices(K, 1)]
    assert pair_effects(pairs_only(members), members, ORDERS).interactions == pytest.approx(exact, abs=1e-9)


def test_pairs_that_one_order_does_not_tell_apart_have_no_value():
    orders = np.array([[0, 1, 2, 3, 4], [4, 3, 2, 1, 0]])
    members = sampled(orders)
    assert np.isnan(pair_effects(pairs_only(members), members, orders).interactions).all()


def test_three_players_who_need_each_other_show_as_error_of_the_sample():
    members = sampled()
    worth = ((members & 7) == 7).astype(float)[:, None]
    assert np.ptp(pair_effects(worth, members, ORDERS).by_pair, axis=0).max() > 0.01
