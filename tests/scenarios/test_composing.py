"""Composing: what extends what, what is like what, in which order, and where every value comes from."""

import copy
import datetime as dt
import tomllib

import pytest
from cases import for_each
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_scenarios import SMALL, names, scenarios

from foundation.errors import ScenarioError
from scenarios.compose.composing import compose, compose_text, composed, read_override
from scenarios.compose.levers import LeverUse
from scenarios.compose.merging import leaves, merge, place_steps, plant, strip
from scenarios.compose.writing import to_toml
from scenarios.model.laws import mean_of
from scenarios.paths import dotted, matches, split


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    return tmp_path


def child(folder, text, name="child"):
    file = folder / f"{name}.toml"
    file.write_text(f'format = 1\nname = "{name}"\nextends = "small.toml"\n{text}', encoding="utf-8")
    return file


def test_a_service_is_like_another_but_for_what_it_says_itself():
    scenario = compose_text(SMALL, name="small").scenario
    licence, permit = scenario.services["licence"], scenario.services["permit"]
    assert (licence.promised_limit, permit.promised_limit) == (3, 5)
    assert permit.case == licence.case
    assert list(permit.visits["apply"]) == ["guide", "window", "pay", "file"]
    assert list(licence.visits["apply"]) == ["guide", "window", "file"]


def test_a_service_may_be_like_several_of_which_the_later_change_the_earlier():
    text = (
        '[templates.hurried]\nlegal_limit = "9 working days"\npromised_limit = "2 working days"\n'
        'visits.apply.window.work = "1 min"\n'
        '[services.both]\nlike = ["licence", "hurried"]\nlegal_limit = "8 working days"\n'
    )
    services = compose_text(SMALL + text, name="small").scenario.services
    licence, both = services["licence"], services["both"]
    assert (both.legal_limit, both.promised_limit) == (8, 2)
    assert both.case == licence.case
    assert list(both.visits["apply"]) == list(licence.visits["apply"])
    assert mean_of(both.visits["apply"]["window"].work) == 60_000


def test_pools_timetables_routes_sites_and_sources_may_be_like_others_of_their_table():
    text = """
[sites]
hall = {}
annex = { like = "other", title = "Annex" }
other = { doors_open = "5 min" }
[pools]
twin = { like = "window", title = "Twin" }
[timetables]
early = { times = ["09:00"], days = ["mon"] }
late = { like = "early", times = ["16:00"] }
[routes.way]
go = { pool = "window", work = "3 min" }
like = { until = "early" }
[routes.way-of-the-twin]
like = "way"
go.pool = "twin"
[arrivals]
more = { like = "questions", per_day = 1 }
"""
    base = compose_text(SMALL, name="small").scenario
    scenario = compose_text(SMALL + text, name="small").scenario
    assert scenario.sites["annex"].doors_open == 300_000
    assert scenario.pools["twin"].servers == base.pools["window"].servers
    assert (scenario.timetables["late"].days, scenario.timetables["late"].times) == (["mon"], [16 * 3_600_000])
    way = scenario.routes["way-of-the-twin"]
    assert (list(way), way["go"].pool, way["like"].until) == (["go", "like"], "twin", "early")
    assert scenario.arrivals["more"].services == base.arrivals["questions"].services


def test_an_entry_can_be_like_its_own_table_alone():
    with pytest.raises(ScenarioError) as failure:
        compose_text(SMALL + '[pools]\ntwin = { like = "licence" }\n', name="small")
    assert (failure.value.key, failure.value.path) == ("error.like_unknown", "pools.twin.like")


def test_templates_are_not_part_of_the_scenario():
    result = compose_text(SMALL, name="small")
    assert "templates" not in result.raw
    assert "committed" not in result.scenario.services


def test_a_file_changes_what_it_extends_and_keeps_the_rest(folder):
    scenario = compose(child(folder, "demand = 2.0\n[pools.window]\nservers = 4\n"))
    base = compose(folder / "small.toml")
    assert scenario.demand == 2.0
    assert scenario.pools["window"].servers == 4
    assert scenario.pools["desk"] == base.pools["desk"]
    assert scenario.services == base.services
    assert scenario.name == "child"


def test_a_new_service_may_be_like_a_template_of_the_base(folder):
    scenario = compose(child(folder, '[services.food]\nlike = "committed"\nlegal_limit = "20 working days"\n'))
    assert scenario.services["food"].case == scenario.services["licence"].case
    assert scenario.services["food"].legal_limit == 20


def test_a_files_own_tables_win_over_its_levers_and_the_callers_win_over_both(folder):
    (folder / "busy.toml").write_text(
        'format = 1\nname = "busy"\ntitle = "Busy"\n[set]\ndemand = 3.0\n[set.pools.window]\nservers = 9\n'
    )
    file = child(folder, 'levers = ["busy.toml"]\n[pools.window]\nservers = 4\n')
    result = composed(file)
    assert (result.scenario.demand, result.scenario.pools["window"].servers) == (3.0, 4)
    assert result.scenario.levers == ["busy"]
    again = result.changed(levers=[str(folder / "busy.toml")])
    assert again.scenario.pools["window"].servers == 9
    assert again.scenario.levers == ["busy", "busy"]
    last = composed(file, levers=[str(folder / "busy.toml")], overrides={"pools.window.servers": 7})
    assert last.scenario.pools["window"].servers == 7


def test_levers_of_a_file_that_extends_nothing_work_on_its_own_tables(folder):
    (folder / "more.toml").write_text('format = 1\nname = "more"\ntitle = "More"\n[add.pools."*"]\nservers = 1\n')
    file = folder / "alone.toml"
    file.write_text(SMALL.replace('name = "small"', 'name = "alone"\nlevers = ["more.toml"]'), encoding="utf-8")
    assert [pool.servers for pool in compose(file).pools.values()] == [2, 3, 2]


def test_what_a_file_removes_is_gone(folder):
    file = child(folder, 'remove = ["services.question", "arrivals.questions", "services.*.visits.apply.guide"]\n')
    scenario = compose(file)
    assert list(scenario.services) == ["licence", "permit"]
    assert list(scenario.services["licence"].visits["apply"]) == ["window", "file"]


def test_a_law_and_the_shares_of_next_are_replaced_as_a_whole(folder):
    text = """
[services.licence.visits.apply]
window = { work = { dist = "gamma", a = 2.0, scale = "4 min" } }
guide = { next = { window = 0.25, end = 0.75 } }
"""
    first = child(folder, text)
    work = compose(first).services["licence"].visits["apply"]["window"].work
    assert (work.dist, work.mean) == ("gamma", None)
    second = folder / "second.toml"
    second.write_text(
        'format = 1\nname = "second"\nextends = "child.toml"\n'
        "[services.licence.visits.apply]\nguide = { next = { file = 1.0 } }\n"
    )
    assert compose(second).services["licence"].visits["apply"]["guide"].next == {"file": 1.0}


def test_a_part_of_a_law_can_be_changed(folder):
    scenario = compose(child(folder, '[services.licence.visits.apply]\nwindow.work.mean = "12 min"\n'))
    work = scenario.services["licence"].visits["apply"]["window"].work
    assert (work.dist, work.mean.value, work.cv) == ("lognorm", 720_000, 0.5)


def test_every_value_knows_its_file_lever_or_option(folder):
    (folder / "busy.toml").write_text('format = 1\nname = "busy"\ntitle = "Busy"\n[scale]\ndemand = 3.0\n')
    file = child(folder, "[pools.window]\nservers = 4\n")
    result = composed(file, levers=[str(folder / "busy.toml")], overrides={"run.days": 5})
    assert result.origin["pools", "desk", "servers"].endswith("small.toml")
    assert result.origin["pools", "window", "servers"] == str(file)
    assert result.origin["demand",].endswith("busy.toml")
    assert result.origin["run", "days"] == "--set"


def test_a_fault_is_blamed_on_the_file_that_holds_it(folder):
    (folder / "small.toml").write_text(SMALL.replace("per_day = 30", "per_day = -1"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        compose(child(folder, "demand = 2.0\n"))
    assert caught.value.file.endswith("small.toml")
    with pytest.raises(ScenarioError) as caught:
        compose(folder / "child.toml", overrides={"arrivals.questions.per_day": 1, "pools.desk.servers": -2})
    assert (caught.value.file, caught.value.path) == ("--set", "pools.desk.servers")


def test_extends_stops_at_a_depth(folder):
    for number in range(25):
        base = "small" if number == 0 else f"n{number - 1}"
        (folder / f"n{number}.toml").write_text(f'format = 1\nname = "n{number}"\nextends = "{base}.toml"\n')
    with pytest.raises(ScenarioError) as caught:
        compose(folder / "n24.toml")
    assert caught.value.key == "error.extends_too_long"
    assert compose(folder / "n10.toml").name == "n10"


def test_a_long_chain_of_likes_stops_at_a_depth():
    links = "".join(f'[services.s{k}]\nlike = "s{k + 1}"\n' for k in range(2_000))
    with pytest.raises(ScenarioError) as caught:
        compose_text(SMALL + links + '[services.s2000]\nlike = "permit"\n', name="chain")
    assert caught.value.key == "error.too_deep"


@for_each(
    ("overrides", "key", "hint"),
    [
        ({"pools.windw.servers": 2}, "error.path_not_found", "window"),
        ({"services.licence.visits.aply.window.work": "3 min"}, "error.path_not_found", "apply"),
        ({"pools.win*w.servers": 2, "pools.x*.servers": 2}, "error.path_not_found", "pools.x*.servers"),
        ({"pools.window.severs": 2}, "error.unknown_key", "servers"),
        ({"demnad": 2}, "error.unknown_key", "demand"),
        ({"pools..servers": 2}, "error.bad_path", "pools..servers"),
        ({"": 2}, "error.bad_path", "dotted path"),
    ],
)
def test_an_override_that_leads_nowhere_names_the_nearest(overrides, key, hint):
    with pytest.raises(ScenarioError) as caught:
        compose_text(SMALL, name="small", overrides=overrides)
    assert caught.value.key == key
    assert caught.value.file == "--set"
    assert hint in caught.value.sentence("en")


@for_each(
    ("overrides", "path", "value"),
    [
        ({"run.days": 7}, ("run", "days"), 7),
        ({"law.on_site_check_stops_clock": True}, ("law", "on_site_check_stops_clock"), True),
        (
            {"arrivals.questions.comes_back.after": "1 working days"},
            ("arrivals", "questions", "comes_back", "share"),
            1.0,
        ),
        ({"services.*.promised_limit": "9 working days"}, ("services", "question", "promised_limit"), 9),
        ({"pools.new": {"servers": 6}}, ("pools", "new", "servers"), 6),
    ],
)
def test_an_override_may_fill_in_what_the_file_left_out(overrides, path, value):
    node = compose_text(SMALL, name="small", overrides=overrides).scenario
    for key in path:
        node = node[key] if isinstance(node, dict) else getattr(node, key)
    assert node == value


@for_each(
    ("text", "expected"),
    [
        ("pools.window.servers=5", ("pools.window.servers", 5)),
        ("demand = 1.5", ("demand", 1.5)),
        ("run.start=2014-03-03", ("run.start", dt.date(2014, 3, 3))),
        ("services.a.visits.apply.w.work=8 min", ("services.a.visits.apply.w.work", "8 min")),
        ('x.work={ dist = "expon", mean = "1 h" }', ("x.work", {"dist": "expon", "mean": "1 h"})),
        ("a.hours=09:00-12:00", ("a.hours", "09:00-12:00")),
        ("a.b=1\nc = 2", ("a.b", "1\nc = 2")),
        ("a=", ("a", "")),
    ],
)
def test_an_override_is_read_as_toml_else_as_text(text, expected):
    assert read_override(text) == expected


@pytest.mark.parametrize("text", ["pools.window.servers", "=5", "a..b=5"])
def test_what_is_no_override_is_refused(text):
    with pytest.raises(ScenarioError):
        read_override(text)


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("pool-windows", LeverUse("pool-windows")),
        ("add-staff:pool=window,servers=2", LeverUse("add-staff", {"pool": "window", "servers": 2})),
        ("x:hours=12:00-13:00", LeverUse("x", {"hours": "12:00-13:00"})),
        ("C:\\halls\\busy.toml", LeverUse("C:\\halls\\busy.toml")),
        ("C:/halls/busy.toml:servers=2", LeverUse("C:/halls/busy.toml", {"servers": 2})),
    ],
)
def test_a_lever_is_read_from_a_command_line_and_written_back(text, use):
    assert LeverUse.parse(text) == use
    assert str(use) == text


def test_a_lever_in_text_brings_its_parameters_wherever_scenarios_are_composed():
    text = "add-staff:pool=windows,servers=2"
    expected = compose("textbook-mm3", levers=[LeverUse("add-staff", {"pool": "windows", "servers": 2})])
    assert expected.pools["windows"].servers == 5
    assert compose("textbook-mm3", levers=[text]) == expected
    assert composed("textbook-mm3").changed(levers=[text]).scenario == expected


# ---- properties ------------------------------------------------------------------------------------------------------

scalars = st.one_of(st.integers(-9, 9), st.text(max_size=3), st.booleans())
tables = st.recursive(
    st.dictionaries(names, scalars, max_size=4),
    lambda inner: st.dictionaries(names, st.one_of(scalars, inner), max_size=4),
    max_leaves=12,
)


@given(tables)
def test_merging_with_nothing_or_with_itself_changes_nothing(table):
    tree = plant({"pools": table}, "a")
    assert merge(tree, {}) == tree
    assert merge({}, tree) == tree
    assert strip(merge(tree, tree)) == strip(tree)


@given(tables, tables, tables)
def test_merging_is_associative(first, second, third):
    one, two, three = (plant({"x": table}, name) for table, name in ((first, "1"), (second, "2"), (third, "3")))
    if _same_kinds(first, second) and _same_kinds(second, third) and _same_kinds(first, third):
        assert merge(merge(one, two), three) == merge(one, merge(two, three))


def _same_kinds(first, second):
    """Tables stand over tables and values over values, all the way down."""
    return all(
        isinstance(first[key], dict) == isinstance(second[key], dict)
        and (not isinstance(first[key], dict) or _same_kinds(first[key], second[key]))
        for key in first.keys() & second.keys()
    )


@given(tables, tables)
def test_what_is_laid_over_wins_and_the_rest_stays(base, over):
    merged = dict(leaves(merge(plant({"x": base}, "base"), plant({"x": over}, "over"))))
    on_top = dict(leaves(plant({"x": over}, "over")))
    assert on_top.items() <= merged.items()
    for path, leaf in merged.items():
        assert path in on_top or leaf.origin == "base"


@given(tables, tables)
def test_merging_keeps_the_order_of_what_was_there(base, over):
    merged = merge(plant(base, "a"), plant(over, "b"))
    assert list(merged)[: len(base)] == list(base)


@given(tables)
def test_planting_and_stripping_are_inverse_and_leave_the_table_alone(table):
    before = copy.deepcopy(table)
    assert strip(plant(table, "x")) == table
    assert table == before


@given(st.lists(names, min_size=1, max_size=6, unique=True), st.data())
def test_a_placed_step_stands_right_beside_its_anchor(steps, data):
    anchor = data.draw(st.sampled_from(steps))
    place = data.draw(st.sampled_from(["after_step", "before_step"]))
    new = "the-new-one"
    route = {name: {"mark": "decided"} for name in steps} | {new: {"mark": "decided", place: anchor}}
    placed = place_steps(plant({"routes": {"r": route}}, "x"))["routes"]["r"]
    order = list(placed)
    assert order.index(new) - order.index(anchor) == (1 if place == "after_step" else -1)
    assert [name for name in order if name != new] == steps
    assert set(placed[new]) == {"mark"}


@given(
    st.lists(
        st.one_of(
            names, st.text(st.characters(exclude_characters='"\\\n', exclude_categories=["Cs", "Cc"]), max_size=6)
        ),
        min_size=1,
    )
)
def test_splitting_a_dotted_path_gives_back_its_keys(keys):
    assert split(dotted(keys)) == tuple(keys)


@given(st.lists(names, min_size=1, max_size=5))
def test_a_path_is_meant_by_itself_by_what_is_above_it_and_by_globs(path):
    assert matches(path, path)
    assert matches(path, path[:1])
    assert matches(path, ["*"] * len(path))
    assert not matches(path, [*path, "more"])


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(scenarios())
def test_a_composed_scenario_written_as_a_file_composes_to_an_equal_one(raw):
    first = compose_text(to_toml(raw), name="random")
    text = to_toml(first.raw)
    second = compose_text(text, name="random")
    assert second.scenario == first.scenario
    assert tomllib.loads(text)["name"] == "random"
    assert to_toml(second.raw) == text


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(scenarios(), st.integers(0, 9))
def test_a_child_that_says_nothing_equals_its_base_and_one_change_is_one_change(tmp_path_factory, raw, servers):
    folder = tmp_path_factory.mktemp("composing")
    (folder / "base.toml").write_text(to_toml(raw), encoding="utf-8")
    (folder / "child.toml").write_text('format = 1\nextends = "base.toml"\n')
    base = compose(folder / "base.toml")
    assert compose(folder / "child.toml") == base
    pool = next(iter(raw["pools"]))
    changed = compose(folder / "child.toml", overrides={f"pools.{pool}.servers": servers})
    expected = base.model_dump()
    expected["pools"][pool]["servers"] = servers
    assert changed.model_dump() == expected
