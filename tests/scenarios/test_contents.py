"""The contents of a scenario, put together from parts: the text that pydantic writes for the whole."""

import pytest

from scenarios.compose.composing import compose, scenario_names
from scenarios.contents import contents_json

WORDS = {"title": True, "pools": {"__all__": {"title": True}}}


@pytest.mark.parametrize("name", scenario_names())
def test_contents_of_parts_are_those_of_the_whole(name):
    scenario = compose(name)
    expected = scenario.model_dump_json(
        exclude=WORDS | {"services": {"__all__": {"title": True}}}, exclude_defaults=True
    )
    assert contents_json(scenario, WORDS) == expected


def test_a_change_of_a_named_route_shows_in_the_contents():
    scenario = compose("honghuagang-2014")
    name, route = next(iter(scenario.routes.items()))
    shorter = scenario.model_copy(update={"routes": {**scenario.routes, name: dict(list(route.items())[1:])}})
    assert contents_json(shorter, WORDS) != contents_json(scenario, WORDS)
