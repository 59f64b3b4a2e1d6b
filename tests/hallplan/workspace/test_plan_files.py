"""A plan's file says what it extends, and composes to the plan."""

import tomllib

from hallplan.workspace import plan_text
from scenarios.compose.composing import compose_text, composed
from scenarios.compose.levers import LeverUse
from sim.run.keys import scenario_digest

BASE = composed("township-desk")
POOL = next(iter(BASE.scenario.pools))


def test_a_plan_says_its_base_its_levers_and_its_own_values():
    uses, overrides = (
        [LeverUse("extended-hours"), LeverUse("add-staff", {"pool": POOL, "servers": 2})],
        {f"pools.{POOL}.servers": 5},
    )
    plan = BASE.changed(levers=uses, overrides=overrides)
    text = plan_text(plan, title="五个窗口", extends="township-desk", levers=uses, overrides=overrides)
    assert tomllib.loads(text) == {
        "format": 1,
        "title": "五个窗口",
        "extends": "township-desk",
        "levers": ["extended-hours", {"use": "add-staff", "pool": POOL, "servers": 2}],
        "pools": {POOL: {"servers": 5}},
    }
    assert scenario_digest(compose_text(text, name="x").scenario) == scenario_digest(plan.scenario)


def test_a_plan_that_its_parts_do_not_make_is_written_in_full():
    plan = BASE.changed(overrides={"demand": 1.5})
    text = plan_text(plan, title="Busy", extends="township-desk", overrides={"demand": 1.2})
    assert "extends" not in tomllib.loads(text)
    assert scenario_digest(compose_text(text, name="x").scenario) == scenario_digest(plan.scenario)


def test_a_plan_without_a_base_is_written_in_full():
    text = plan_text(BASE, title="本所", extends="")
    assert tomllib.loads(text)["title"] == "本所"
    assert scenario_digest(compose_text(text, name="x").scenario) == scenario_digest(BASE.scenario)


def test_a_change_of_many_keys_at_once_is_written_in_full():
    plan = BASE.changed(overrides={"pools.*.servers": 7})
    text = plan_text(plan, title="Seven", extends="township-desk", overrides={"pools.*.servers": 7})
    assert scenario_digest(compose_text(text, name="x").scenario) == scenario_digest(plan.scenario)
