"""Scenarios share what they have in common, and nothing that can differ is taken over from an earlier one."""

import pytest
from hypothesis import given, settings
from raw_scenarios import SMALL, scenarios

from foundation.errors import ScenarioError
from scenarios.compose.composing import compose, compose_text, composed, scenario_names
from scenarios.compose.validating import validated_table
from scenarios.compose.writing import canonical, to_toml
from scenarios.model import Scenario

SMALL_HALL = compose_text(SMALL, name="small")


def fault_of(**overrides):
    with pytest.raises(ScenarioError) as caught:
        SMALL_HALL.changed(overrides={path.replace("__", "."): value for path, value in overrides.items()})
    return caught.value.key, caught.value.path


@pytest.mark.slow
def test_built_in_scenarios_put_together_from_parts_equal_those_validated_whole():
    for name in scenario_names():
        result = composed(name)
        validated = Scenario.model_validate(result.raw)
        assert result.scenario == validated, name
        assert canonical(result.scenario) == canonical(validated), name
        assert result.scenario.model_fields_set == validated.model_fields_set, name


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(scenarios())
def test_any_scenario_put_together_from_parts_equals_the_one_validated_whole(raw):
    result = compose_text(to_toml(raw), name="raw")
    assert canonical(result.scenario) == canonical(Scenario.model_validate(result.raw))


def test_a_change_of_one_pool_leaves_all_other_parts_the_same_objects():
    hall = compose_text(SMALL, name="small")  # now: parts composed long ago may have been forgotten
    changed = hall.changed(overrides={"pools.window.servers": 9}).scenario
    assert changed.pools["window"].servers == 9
    assert hall.scenario.pools["window"].servers != 9
    assert changed.pools["desk"] is hall.scenario.pools["desk"]
    assert changed.services["licence"] is hall.scenario.services["licence"]


@pytest.mark.parametrize("name", ["township-desk", "textbook-mm3"])
def test_a_plain_table_gives_the_scenario_that_validating_it_whole_gives(name):
    raw = composed(name).raw
    scenario = validated_table(raw)
    assert scenario == Scenario.model_validate(raw)
    assert scenario.model_fields_set == Scenario.model_validate(raw).model_fields_set


def test_equal_steps_of_several_services_are_one_object_and_others_are_not():
    services = SMALL_HALL.scenario.services  # a permit is like a licence, and is paid for
    licence, permit = (services[name].visits["apply"] for name in ("licence", "permit"))
    assert set(permit) - set(licence) == {"pay"}
    assert all(licence[step] is permit[step] for step in licence)
    assert permit["pay"] is not permit["window"]


def test_a_faulty_plain_table_is_refused_with_the_place_of_the_fault():
    raw = compose_text(SMALL, name="small").raw
    licence = raw["services"]["licence"]
    step = next(iter(licence["visits"]["apply"]))
    apply = {**licence["visits"]["apply"], step: {"delay": "-5 min"}}
    faulty = {**licence, "visits": {**licence["visits"], "apply": apply}}
    with pytest.raises(ValueError, match=step):
        validated_table({**raw, "services": {**raw["services"], "licence": faulty}})


def test_the_same_change_undone_gives_an_equal_scenario():
    servers = SMALL_HALL.scenario.pools["window"].servers
    there = SMALL_HALL.changed(overrides={"pools.window.servers": servers + 1})
    back = there.changed(overrides={"pools.window.servers": servers})
    assert canonical(back.scenario) == canonical(SMALL_HALL.scenario)


def test_a_table_changed_by_its_reader_does_not_change_later_scenarios():
    first = compose_text(SMALL, name="small")
    first.raw["pools"]["window"]["servers"] = 77
    assert first.changed().scenario.pools["window"].servers != 77


def test_a_file_its_base_or_its_lever_rewritten_is_read_again(tmp_path):
    base, child, lever = tmp_path / "small.toml", tmp_path / "child.toml", tmp_path / "more.toml"
    base.write_text(SMALL, encoding="utf-8")
    lever.write_text('format = 1\nname = "more"\ntitle = "x"\n[set]\ndemand = 2.0\n', encoding="utf-8")
    head = 'format = 1\nname = "child"\nextends = "small.toml"\nlevers = ["more.toml"]\n'
    child.write_text(head, encoding="utf-8")
    assert compose(child).demand == 2.0
    lever.write_text(lever.read_text(encoding="utf-8").replace("2.0", "3.0"), encoding="utf-8")
    assert compose(child).demand == 3.0
    base.write_text(SMALL.replace("servers = 2", "servers = 6"), encoding="utf-8")
    assert compose(child).pools["window"].servers == compose(base).pools["window"].servers
    child.write_text(head + "demand = 4.0\n", encoding="utf-8")
    assert compose(child).demand == 4.0
    base.unlink()
    with pytest.raises(ScenarioError, match=r"small\.toml"):
        compose(child)


def test_a_fault_in_one_part_is_found_beside_parts_that_passed_before():
    assert fault_of(services__permit__promised_limit="x") == ("error.bad_quantity", "services.permit.promised_limit")
    assert fault_of(services__permit__visits__apply__window__pool="none")[1].endswith("window.pool")


def test_faults_are_reported_in_the_order_of_the_check_whichever_part_changed():
    loop = {"services__licence__visits__apply__window__next": "window"}
    name = {"services__permit__visits__apply__window__pool": "none"}
    assert fault_of(**loop)[0] == "error.loop_endless"
    assert fault_of(**loop, **name)[0] == "error.unknown_name"


def test_an_unchanged_service_is_checked_again_when_a_pool_it_uses_goes(tmp_path):
    base, child = tmp_path / "small.toml", tmp_path / "child.toml"
    base.write_text(SMALL, encoding="utf-8")
    compose(base)
    child.write_text(
        'format = 1\nname = "child"\nextends = "small.toml"\nremove = ["pools.window"]\n', encoding="utf-8"
    )
    with pytest.raises(ScenarioError) as caught:
        compose(child)
    assert caught.value.key == "error.unknown_name"


ROUTED = """
format = 1
name = "routed"
[pools.window]
[routes.serve.window]
pool = "window"
work = "5 min"
[services.licence.visits]
apply = "serve"
[arrivals.walk-in]
services = "licence"
per_day = 10
"""


def test_an_unchanged_service_is_checked_again_when_a_route_it_goes_through_changes():
    hall = compose_text(ROUTED, name="routed")
    with pytest.raises(ScenarioError) as caught:
        hall.changed(overrides={"routes.serve.again": {"visit": "apply"}})
    assert caught.value.key == "error.visits_endless"
