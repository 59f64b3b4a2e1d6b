"""How many replications a question has by default."""

from planner.frontier.budget import default_budget
from scenarios.compose.composing import composed


def test_longer_replications_are_fewer_but_never_fewer_than_the_least():
    """24 a day on 160 working days are 3,840 arrivals; 1,000 times as many go five times into 20 million."""
    desk = composed("township-desk").scenario
    busy = composed("township-desk", overrides={"demand": 1_000}).scenario
    assert default_budget(desk, most=600) == 600
    assert default_budget(busy, most=600) == 5
    assert default_budget(busy, most=600, least=16) == 16
