"""Canonical text, fingerprint and written files: equal for equal scenarios, and for no others."""

import json
import math
import subprocess
import sys
import tomllib

import pytest
from cases import for_each
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_scenarios import SMALL, scenarios

from scenarios.compose.composing import compose, compose_text, composed, scenario_names
from scenarios.compose.levers import LeverUse
from scenarios.compose.writing import canonical, fingerprint, to_toml

BASE = compose_text(SMALL, name="small")


@pytest.mark.slow
@for_each("name", scenario_names())
def test_a_built_in_scenario_written_as_a_file_is_the_same_scenario(name):
    original = composed(name)
    back = compose_text(to_toml(original.raw), name=name)
    assert back.scenario == original.scenario
    assert fingerprint(back.scenario) == fingerprint(original.scenario)


def test_applied_levers_are_noted_and_not_pulled_again(tmp_path):
    file = tmp_path / "more.toml"
    file.write_text('format = 1\nname = "more"\ntitle = "More"\n[add.pools."*"]\nservers = 1\n')
    result = BASE.changed(levers=[LeverUse(str(file))])
    text = to_toml(result.raw)
    assert tomllib.loads(text)["levers_applied"] == ["more"]
    back = compose_text(text, name="x").scenario
    assert back.levers == ["more"]
    assert back.pools == result.scenario.pools


def test_a_written_file_can_be_extended_and_its_note_goes_along(tmp_path):
    first = BASE.raw | {"levers": ["more"]}
    (tmp_path / "first.toml").write_text(to_toml(first), encoding="utf-8")
    (tmp_path / "second.toml").write_text('format = 1\nname = "second"\nextends = "first.toml"\n')
    assert compose(tmp_path / "second.toml").levers == ["more"]


def test_the_order_of_steps_counts_and_the_order_of_purposes_does_not():
    steps = BASE.raw["services"]["licence"]["case"]
    turned = BASE.changed(overrides={"services.licence.case": dict(reversed(steps.items()))})
    assert fingerprint(turned.scenario) != fingerprint(BASE.scenario)
    visits = {purpose: {"ask": {"pool": "desk", "work": "4 min"}} for purpose in ("enquire", "apply")}
    one = BASE.changed(overrides={"services.question.visits": visits})
    two = BASE.changed(overrides={"services.question.visits": dict(reversed(visits.items()))})
    assert canonical(one.scenario) == canonical(two.scenario)


def test_a_profile_by_weekday_is_written_a_line_for_each_weekday():
    week = {"default": {"09:00": 3, "13:00": 1}, "fri": {"09:00": 1}}
    scenario = BASE.changed(overrides={"sites": {"hall": {"profile": week}}})
    text = to_toml(scenario.raw)
    lines = ["[sites.hall.profile]", 'default = {"09:00" = 3, "13:00" = 1}', 'fri = {"09:00" = 1}']
    assert "\n".join(lines) in text
    assert compose_text(text, name="small").scenario == scenario.scenario


def test_a_profile_for_every_weekday_equals_the_plain_one():
    plain = {"09:00": 3, "13:00": 1}
    same = {"default": {"09:00": 9}, **dict.fromkeys(("sun", "sat", "fri", "thu", "wed", "tue", "mon"), plain)}
    scenarios_made = [
        BASE.changed(overrides={"sites": {"hall": {"profile": profile}}}).scenario for profile in (plain, same)
    ]
    assert canonical(scenarios_made[0]) == canonical(scenarios_made[1])


def test_branches_keep_their_order_in_a_written_file():
    fork = {"a": {"x": {"delay": "1 h"}}, "b": "sign-off", "c": {"x": {"delay": "2 h"}}}
    result = BASE.changed(overrides={"services.licence.case.split": {"fork": fork, "order": "sequential"}})
    back = compose_text(to_toml(result.raw), name="x").scenario
    assert list(back.services["licence"].case["split"].fork) == ["a", "b", "c"]


@for_each(
    "text", ['"quoted"', "back\\slash", "tab\there", "line\nbreak", "]] = [[", "𝔘 政务 é", "", "'", "#", "\x00\x1f"]
)
def test_any_text_survives_being_written(text):
    result = BASE.changed(overrides={"title": {"en": text, "zh": text}, "pools.desk.department": text})
    back = compose_text(to_toml(result.raw), name="x").scenario
    assert (back.title.en, back.pools["desk"].department) == (text, text)


@pytest.mark.slow
@settings(max_examples=40)
@given(scenarios(), st.integers(0, 10_000))
def test_canonical_texts_are_equal_exactly_for_equal_scenarios(raw, seed):
    one = compose_text(to_toml(raw), name="one").scenario
    two = compose_text(to_toml(raw | {"run": raw["run"] | {"seed": seed}}), name="two").scenario
    assert (canonical(one) == canonical(two)) == (one == two)
    assert json.loads(canonical(one))["name"] == "random"
    assert len(fingerprint(one)) == 64


@settings(max_examples=40)
@given(st.floats(0.1, 1e5, allow_nan=False))
def test_the_last_bit_of_a_number_counts(number):
    one = BASE.changed(overrides={"arrivals.questions.per_day": number}).scenario
    two = BASE.changed(overrides={"arrivals.questions.per_day": math.nextafter(number, math.inf)}).scenario
    assert fingerprint(one) != fingerprint(two)


def test_the_fingerprint_is_the_same_in_another_process():
    code = (
        "from scenarios.compose.composing import composed; from scenarios.compose.writing import fingerprint; "
        "print(fingerprint(composed('textbook-mm3').scenario))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == fingerprint(compose("textbook-mm3"))
