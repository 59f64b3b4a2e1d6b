"""Who sets out when: drawn once for scenarios in which the same visitors come."""

from scenarios.compose.composing import compose
from sim.draw import drawing
from sim.plan import Layout

SHORT = {"run.days": 2, "run.warm_up_days": 0, "run.follow_up_days": 0}


def root_draws(**overrides):
    return drawing._Prepared.of(Layout.of(compose("township-desk", overrides=SHORT | overrides))).root_draws


def test_other_servers_share_the_drawn_roots():
    base, other = root_draws(), root_draws(**{"pools.*.servers": 7})
    assert other.roots(1, 0) is base.roots(1, 0)


def test_another_demand_or_replication_or_seed_has_roots_of_its_own():
    base, busier = root_draws(), root_draws(demand=2.0)
    first = base.roots(1, 0)
    assert busier.roots(1, 0).start.size > first.start.size
    assert base.roots(1, 1).start.tolist() != first.start.tolist()
    assert base.roots(2, 0).start.tolist() != first.start.tolist()


def test_many_roots_are_not_remembered():
    crowd = root_draws(demand=1_000.0, **{"run.days": 10})
    assert crowd.roots(1, 0) is not crowd.roots(1, 0)
