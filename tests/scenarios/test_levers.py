"""Levers: what they may set, scale, add and remove, where globs reach, and when a lever does not apply."""

import pytest
from cases import for_each
from hypothesis import given
from hypothesis import strategies as st
from raw_scenarios import SMALL, laws, minutes, names

from foundation.errors import ScenarioError
from scenarios.compose.composing import compose_text
from scenarios.compose.levers import LeverUse, Operation, apply_operations, lever, levers
from scenarios.compose.merging import plant, strip
from scenarios.model.laws import Law, mean_of

BASE = compose_text(SMALL, name="small")
APPLY = ("services", "licence", "visits", "apply")


@pytest.fixture
def pull(tmp_path):
    """Return a function that writes a lever, pulls it on the small scenario, and returns what comes of it."""

    def pull_it(text, **parameters):
        file = tmp_path / "test-lever.toml"
        file.write_text(f'format = 1\nname = "test-lever"\ntitle = "Test"\n{text}', encoding="utf-8")
        return BASE.changed(levers=[LeverUse(str(file), parameters)])

    return pull_it


def step(result, name, service="licence", purpose="apply"):
    return result.scenario.services[service].visits[purpose][name]


def test_a_lever_sets_scales_adds_and_removes(pull):
    result = pull("""
remove = ["arrivals.questions"]
[set.pools.window]
servers = 5
[scale.services.licence.visits.apply.guide]
work = 0.5
[add.pools.desk]
servers = 2
""")
    assert result.scenario.pools["window"].servers == 5
    assert result.scenario.pools["desk"].servers == 3
    assert mean_of(step(result, "guide").work) == 60_000
    assert list(result.scenario.arrivals) == ["applications"]
    assert result.scenario.levers == ["test-lever"]


def test_a_glob_reaches_every_match_and_passes_over_the_rest(pull):
    result = pull('[set.services."*".visits.apply.guide]\nshare = 0.25\n')
    assert [step(result, "guide", service).share for service in ("licence", "permit")] == [0.25, 0.25]
    assert result.scenario.services["question"] == BASE.scenario.services["question"]


def test_a_glob_over_pools_reaches_those_it_names(pull):
    result = pull('[set.pools."*s*"]\nwork_factor = 2.0\n')
    factors = {name: pool.work_factor for name, pool in result.scenario.pools.items()}
    assert factors == {"desk": 2.0, "window": 1.0, "section": 2.0}


def test_scaling_a_law_scales_its_factor_and_a_text_its_number(pull):
    result = pull('[scale.services."*".visits.*.*]\nwork = 0.5\n'.replace(".*.*]", '."*"."*"]'))
    assert step(result, "window").work.factor == 0.5
    assert step(result, "guide").work == Law.model_validate("1 min")
    assert step(result, "ask", "question", "enquire").work == Law.model_validate("2 min")


def test_scaling_what_the_file_leaves_out_scales_the_default(pull):
    result = pull('[scale]\ndemand = 1.5\n[scale.pools."*"]\nwork_factor = 1.2\n')
    assert result.scenario.demand == 1.5
    assert {pool.work_factor for pool in result.scenario.pools.values()} == {1.2}


def test_a_step_is_added_where_its_neighbour_is(pull):
    result = pull("""
[set.services."*".visits."*".photo]
after_step = "window"
pool = "desk"
work = "1 min"
""")
    assert list(result.scenario.services["licence"].visits["apply"]) == ["guide", "window", "photo", "file"]
    assert list(result.scenario.services["permit"].visits["apply"]) == ["guide", "window", "photo", "pay", "file"]
    assert list(result.scenario.services["question"].visits["enquire"]) == ["ask"]


def test_a_key_that_needs_another_is_set_only_beside_it(pull):
    result = pull('[set.services."*".visits."*"."*"]\npriority = 2\n')
    assert (step(result, "window").priority, step(result, "file").priority) == (2, None)


def test_a_table_of_a_step_can_be_given_to_many(pull):
    text = '[set.services."*".visits."*".window.absent]\nshare = 0.05\ncall = "40 s"\n'
    assert step(pull(text), "window").absent.share == 0.05


def test_a_lever_may_add_a_pool_a_source_and_a_rule(pull):
    result = pull("""
[set.pools.general]
servers = 0
[set.pools."window"]
merge_into = "general"
[set.arrivals.online]
services = "licence"
channel = "online"
per_day = 5
[set.run]
days = 12
""")
    assert result.scenario.pools["window"].merge_into == "general"
    assert result.scenario.arrivals["online"].channel == "online"
    assert result.scenario.run.days == 12


def test_later_services_are_made_from_templates_that_the_lever_has_reached(tmp_path):
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "quick.toml").write_text(
        'format = 1\nname = "quick"\ntitle = "Quick"\n[set.services."*".case.review]\nwork = "5 min"\n'
    )
    (tmp_path / "new.toml").write_text(
        'format = 1\nname = "new"\nextends = "small.toml"\nlevers = ["quick.toml"]\n'
        '[services.food]\nlike = "committed"\n'
    )
    from scenarios.compose.composing import compose

    scenario = compose(tmp_path / "new.toml")
    assert scenario.services["food"].case["review"].work == scenario.services["licence"].case["review"].work
    assert mean_of(scenario.services["food"].case["review"].work) == 300_000


PARAMETERS = """
[parameters.pool]
title = "Pool"
[parameters.servers]
default = 1
[parameters.minutes]
default = 3
[add.pools."${pool}"]
servers = "${servers}"
[set.services.licence.visits.apply.guide]
work = "${minutes} min"
[provenance]
"pools.${pool}.servers" = { kind = "assumed", range = [0, 9], why = "chosen" }
"""


def test_parameters_stand_in_keys_and_values_and_keep_their_type(pull):
    result = pull(PARAMETERS, pool="window", servers=3)
    assert result.scenario.pools["window"].servers == 5
    assert mean_of(step(result, "guide").work) == 180_000
    assert result.scenario.provenance["pools.window.servers"].why.en == "chosen"
    assert result.scenario.levers == ["test-lever:pool=window,servers=3"]


def test_a_parameter_may_be_a_glob(pull):
    assert [pool.servers for pool in pull(PARAMETERS, pool="*").scenario.pools.values()] == [2, 3, 2]


@for_each(
    ("parameters", "key"),
    [
        ({}, "lever_parameter_missing"),
        ({"pool": "window", "server": 2}, "lever_parameter_unknown"),
        ({"pool": "window", "servers": "two"}, "lever_parameter_type"),
        ({"pool": "windows"}, "lever_does_not_apply"),
        ({"pool": "x*"}, "lever_does_not_apply"),
        ({"pool": "window", "servers": -5}, "out_of_range"),
    ],
)
def test_a_wrong_choice_is_refused(pull, parameters, key):
    with pytest.raises(ScenarioError) as caught:
        pull(PARAMETERS, **parameters)
    assert caught.value.key == f"error.{key}"


@for_each(
    ("text", "key", "hint"),
    [
        ("[scale.pools.windw]\nservers = 2\n", "lever_does_not_apply", "window"),
        ('[scale.services."*".visits.apply.windw]\nwork = 2\n', "lever_does_not_apply", "visits.apply.windw.work"),
        ('[scale.services."*".visits.enquire.ask]\npatience = 2\n', "lever_does_not_apply", "patience"),
        ('remove = ["pools.windw"]\n', "lever_does_not_apply", "window"),
        ('remove = ["pools..x"]\n', "bad_path", "pools..x"),
        ("[scale.pools.window]\nservers = -2\n", "lever_bad_factor", "-2"),
        ('[scale.pools.window]\nservers = "2"\n', "lever_bad_factor", "2"),
        ("[scale]\npools = 2\n", "lever_cannot_scale", "numbers"),
        ("[scale.arrivals.applications]\nservices = 2\n", "lever_cannot_scale", "numbers"),
        ("[scale.calendar]\nhours = 2\n", "lever_cannot_scale", "numbers"),
        ('[add.services.licence.visits.apply.guide]\nwork = "2 working days"\n', "lever_cannot_add", "2 min"),
        ('[add.pools.window]\nservers = "two"\n', "lever_cannot_add", "two"),
        ("[scale.pools.window]\nservers = 1.25\n", "wrong_type", "a whole number"),
        ("[set.pools.window]\nseverrs = 2\n", "unknown_key", "servers"),
        ('[set.pools."${pol}"]\nservers = 2\n', "lever_parameter_unknown", "pol"),
        ("[cost]\nyuan = 2\n", "unknown_key", "one_off_yuan"),
        ("[parameters.use]\ndefault = 2\n", "bad_name", "use"),
        ("[scales]\ndemand = 2\n", "unknown_key", "scale"),
        (
            '[set.services."*".visits.apply.photo]\nafter_step = "windw"\nmark = "decided"\n',
            "lever_does_not_apply",
            "photo",
        ),
        (
            '[set.services.licence.visits.apply.photo]\nafter_step = "windw"\nmark = "decided"\n',
            "step_unknown",
            "window",
        ),
    ],
)
def test_a_lever_that_does_not_apply_or_makes_no_sense_says_so(pull, text, key, hint):
    with pytest.raises(ScenarioError) as caught:
        pull(text)
    sentence = caught.value.sentence("en")
    assert caught.value.key == f"error.{key}"
    assert hint in sentence
    assert "test-lever" in sentence
    assert caught.value.sentence("zh")


def test_the_sentence_names_lever_path_and_scenario(pull):
    with pytest.raises(ScenarioError) as caught:
        pull('[scale.services."*".case.signature]\nwork = 2\n')
    for part in ("test-lever", "small", "services.*.case.signature.work"):
        assert part in caught.value.sentence("en")
        assert part in caught.value.sentence("zh")


def test_adding_to_a_pool_with_a_roster_does_not_apply(pull):
    rostered = BASE.changed(overrides={"pools.desk": {"roster": [{"hours": "09:00-12:00", "servers": 2}]}})
    file = pull("[add.pools.desk]\nservers = 1\n").origin["pools", "desk", "servers"]
    with pytest.raises(ScenarioError) as caught:
        rostered.changed(levers=[file])
    assert caught.value.key == "error.lever_does_not_apply"


def test_the_catalogue_tells_what_every_lever_is_and_costs():
    for entry in levers():
        assert lever(entry.name).spec == entry.spec
        assert entry.file.stem == entry.name
        assert entry.spec.title.en
        assert entry.spec.title.zh
        assert entry.spec.why.en
        assert entry.spec.source.en
        assert entry.spec.source.zh
        assert isinstance(entry.spec.later, bool)
        assert entry.spec.cost.every_year_yuan >= 0
        assert all(parameter.title.zh for parameter in entry.spec.parameters.values())
    assert [entry.name for entry in levers()] == sorted(entry.name for entry in levers())


# ---- properties ------------------------------------------------------------------------------------------------------

numbers = st.one_of(st.integers(0, 1_000), st.floats(0, 1_000, allow_nan=False))
amounts = st.one_of(numbers, minutes(), laws())


def done(tree, *operations):
    return apply_operations(tree, operations, origin="test", lever="test", scenario="test")


def tree_of(values):
    """Put values where a work time stands, one service each."""
    services = {name: {"visits": {"apply": {"w": {"work": value}}}} for name, value in values.items()}
    return plant({"services": services}, "base")


def work_at(name):
    return ("services", name, "visits", "apply", "w", "work")


two_works = st.dictionaries(names, amounts, min_size=2, max_size=4)


@given(two_works)
def test_scaling_by_one_is_the_identity(values):
    assert done(tree_of(values), Operation("scale", work_at("*"), 1)) == tree_of(values)


@given(two_works, st.floats(0, 9, allow_nan=False), st.floats(0, 9, allow_nan=False))
def test_levers_on_disjoint_paths_commute(values, first_factor, second_factor):
    one, two, *_ = values
    first, second = Operation("scale", work_at(one), first_factor), Operation("scale", work_at(two), second_factor)
    assert done(tree_of(values), first, second) == done(tree_of(values), second, first)


@given(st.dictionaries(names, st.integers(0, 99), min_size=2, max_size=4), st.integers(-5, 5), st.integers(0, 99))
def test_additions_and_settings_on_disjoint_paths_commute(values, summand, value):
    tree = plant({"pools": {name: {"servers": number} for name, number in values.items()}}, "base")
    one, two, *_ = values
    first = Operation("add", ("pools", one, "servers"), summand)
    second = Operation("set", ("pools", two, "servers"), value)
    third = Operation("remove", ("pools", two, "servers"))
    assert done(tree, first, second) == done(tree, second, first)
    assert done(tree, first, third) == done(tree, third, first)


@given(two_works, st.floats(0.01, 9, allow_nan=False), st.floats(0.01, 9, allow_nan=False))
def test_scaling_twice_is_scaling_by_the_product(values, first, second):
    twice = strip(
        done(tree_of(values), Operation("scale", work_at("*"), first), Operation("scale", work_at("*"), second))
    )
    once = strip(done(tree_of(values), Operation("scale", work_at("*"), first * second)))
    for name in values:
        work, other = (tree["services"][name]["visits"]["apply"]["w"]["work"] for tree in (twice, once))
        assert mean_of(Law.model_validate(work)) == pytest.approx(mean_of(Law.model_validate(other)), rel=1e-9)


@given(two_works, st.floats(0, 9, allow_nan=False))
def test_scaling_a_law_scales_its_mean(values, factor):
    scaled = strip(done(tree_of(values), Operation("scale", work_at("*"), factor)))
    for name, value in values.items():
        after = mean_of(Law.model_validate(scaled["services"][name]["visits"]["apply"]["w"]["work"]))
        assert after == pytest.approx(factor * mean_of(Law.model_validate(value)), rel=1e-9)


@given(two_works, amounts)
def test_setting_twice_is_setting_once_and_touches_nothing_else(values, value):
    one, *others = values
    setting = Operation("set", work_at(one), value)
    changed = done(tree_of(values), setting)
    assert done(changed, setting) == changed
    assert all(changed["services"][name] == tree_of(values)["services"][name] for name in others)


@pytest.mark.slow
@given(st.dictionaries(names, st.integers(0, 99), min_size=1, max_size=4))
def test_an_operation_leaves_the_tree_it_is_given_alone(values):
    tree = plant({"pools": {name: {"servers": number} for name, number in values.items()}}, "base")
    before = strip(tree)
    done(tree, Operation("add", ("pools", "*", "servers"), 1), Operation("remove", ("pools", "*")))
    assert strip(tree) == before


# ---- move ----

ONLINE = '[set.arrivals.online]\nservices = {services}\nchannel = "online"\nper_day = {per_day}\n'
MOVE = '[parameters.share]\ndefault = 0.25\n[move.applications]\nto = "online"\nshare = "${share}"\n'


def visits(result, *sources):
    """Return the visits a day for each service, over some sources."""
    total = {}
    for name in sources:
        source = result.scenario.arrivals[name]
        for service, weight in source.services.items():
            rate = source.per_day * weight / sum(source.services.values())
            total[service] = total.get(service, 0) + rate
    return total


@for_each(
    "per_day, services",
    [(0, '"permit"'), (8, '"permit"'), (8, "{ permit = 3, licence = 1 }"), (0, "{ permit = 3, licence = 1 }")],
)
def test_visits_that_move_are_neither_lost_nor_made(pull, per_day, services):
    door = ONLINE.format(services=services, per_day=per_day)
    before, after = pull(door), pull(door + MOVE)
    together = visits(after, "applications", "online")
    expected = {name: number for name, number in visits(before, "applications", "online").items() if number}
    assert together == pytest.approx(expected)
    assert visits(after, "applications") == pytest.approx(
        {name: 0.75 * number for name, number in visits(before, "applications").items()}
    )


def test_nothing_moves_by_a_share_of_nought_and_all_by_one(pull):
    door = ONLINE.format(services='"permit"', per_day=8)
    before = pull(door)
    assert visits(pull(door + MOVE, share=0), "online") == {"permit": 8}
    everything = pull(door + MOVE, share=1)
    assert everything.scenario.arrivals["applications"].per_day == 0
    total = before.scenario.arrivals["applications"].per_day + 8
    assert sum(visits(everything, "online").values()) == pytest.approx(total)


@for_each("share", [-0.1, 1.5, "half"])
def test_a_share_that_is_none_is_refused(pull, share):
    with pytest.raises(ScenarioError, match=r"is no share of visits that can move: write a number from 0 to 1"):
        pull(ONLINE.format(services='"permit"', per_day=0) + MOVE.replace('"${share}"', repr(share).lower()))


def test_visits_move_between_sources_that_exist_and_state_a_number_a_day(pull):
    with pytest.raises(ScenarioError, match=r"has nothing at arrivals\.online"):
        pull(MOVE)
    renewal = '[set.arrivals.online]\nservices = "permit"\nevery = "10 min"\n'
    with pytest.raises(ScenarioError, match="the source online states no number of visits a day: give it per_day"):
        pull(renewal + MOVE)
