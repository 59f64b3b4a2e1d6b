"""What a planner's choices promise: every step can be taken back, and a link brings every choice with it."""

import math

import pytest
from cases import for_each
from hypothesis import given
from hypothesis import strategies as st

from hallplan.page.link import from_query, to_query
from hallplan.page.state import (
    DEMAND,
    MOST_PLANS,
    MOST_SERVERS,
    PRECISION,
    REPLICATIONS,
    SEEDS,
    History,
    LeverChoice,
    PlanChoice,
    Settings,
    add_plan,
    change_plan,
    choose_base,
    look_at,
    remove_plan,
    rename_plan,
    reset_plan,
    set_demand,
    set_demand_of_all,
    set_parameter,
    set_precision,
    set_replications,
    set_seed,
    set_servers,
    switch_lever,
)

SCENARIOS = ("honghuagang-2013", "honghuagang-2014", "textbook-mm3")
LEVERS = ("pooled-windows", "one-time-notice", "lunch-cover", "green-channel")

names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
values = st.one_of(
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
)
parameters = st.dictionaries(names, values, max_size=3).map(lambda chosen: tuple(sorted(chosen.items())))
choices = st.lists(
    st.builds(LeverChoice, st.sampled_from(LEVERS), parameters), max_size=4, unique_by=lambda one: one.name
).map(tuple)
staff = st.dictionaries(names, st.integers(0, MOST_SERVERS), max_size=5).map(
    lambda chosen: tuple(sorted(chosen.items()))
)
plans = st.builds(
    PlanChoice,
    st.sampled_from(SCENARIOS),
    on=choices,
    off=st.lists(st.sampled_from(LEVERS), max_size=4, unique=True).map(tuple),
    staff=staff,
    demand=st.integers(round(DEMAND[0] * 10_000), round(DEMAND[1] * 10_000)).map(lambda n: n / 10_000),
    title=st.text(max_size=20).map(lambda text: " ".join(text.split())),
)
settings = st.builds(
    lambda plans, current, **others: Settings(tuple(plans), current % len(plans), **others),
    st.lists(plans, min_size=2, max_size=MOST_PLANS),
    st.integers(0, MOST_PLANS - 1),
    precision=st.integers(round(PRECISION[0] * 10_000), round(PRECISION[1] * 10_000)).map(lambda n: n / 10_000),
    replications=st.none() | st.integers(*REPLICATIONS),
    seed=st.integers(*SEEDS),
)


def read(query):
    return from_query(query, scenarios=SCENARIOS, levers=LEVERS)


# ---- the link ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(settings, st.sampled_from(["en", "zh"]), st.from_regex(r"[0-9a-f]{20}", fullmatch=True))
def test_a_link_brings_back_every_choice(chosen, language, job):
    address = read(to_query(chosen, language=language, job=job))
    assert address.settings == chosen
    assert (address.language, address.job, address.complaints) == (language, job, ())


def test_a_link_without_choices_is_short():
    assert to_query(Settings(), language="zh") == {
        "lang": ["zh"],
        "a": ["honghuagang-2013"],
        "b": ["honghuagang-2014"],
    }


KEYS = [
    "a",
    "b",
    "c",
    "b-on",
    "a-off",
    "b-staff",
    "b-demand",
    "c-title",
    "plan",
    "reps",
    "precision",
    "seed",
    "lang",
    "job",
    "else",
]
lever_texts = st.sampled_from(LEVERS) | st.builds("{}{}".format, st.sampled_from(LEVERS), st.text(max_size=30))


def links(text: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, list[str]]]:
    return st.dictionaries(st.sampled_from(KEYS), st.lists(text, max_size=3))


@pytest.mark.slow
@given(links(st.text(max_size=30) | st.sampled_from(SCENARIOS) | lever_texts))
def test_no_link_whatsoever_breaks_the_page(query):
    address = read(query)
    assert {plan.base for plan in address.settings.plans} <= set(SCENARIOS)
    assert 0 <= address.settings.current < len(address.settings.plans)
    assert all(error.sentence("en") and error.sentence("zh") for error in address.complaints)


@given(st.lists(lever_texts, min_size=1, max_size=3), st.sampled_from(LEVERS))
def test_a_link_switches_on_only_levers_that_exist(texts, lever):
    address = read({"b-on": [*texts, lever]})
    names = [choice.name for choice in address.settings.plan.on]
    assert lever in names
    assert set(names) <= set(LEVERS)


@for_each("place", ["/etc/passwd", "../../secret.toml", "library/textbook-mm3.toml", "textbook-mm3\n"])
@for_each("key", ["a", "b"])
def test_a_link_can_name_no_file(key, place):
    address = read({key: [place]})
    assert address.settings == Settings()
    (complaint,) = address.complaints
    assert complaint.key == "page.link.no_scenario"


@for_each(
    ("query", "key"),
    [
        ({"b-on": ["no-such-lever"]}, "page.link.no_lever"),
        ({"b-off": ["no-such-lever"]}, "page.link.no_lever"),
        ({"b-on": ["pooled-windows{"]}, "page.link.bad_parameters"),
        ({"b-on": ['pooled-windows{"work_factor":1e400}']}, "page.link.bad_parameters"),
        ({"b-on": ['pooled-windows{"work_factor":NaN}']}, "page.link.bad_parameters"),
        ({"b-on": ['pooled-windows{"work_factor":[1]}']}, "page.link.bad_parameters"),
        ({"b-on": ["pooled-windows" + '{"a":' * 5_000]}, "page.link.bad_parameters"),
        ({"b-staff": ["window-aic"]}, "page.link.bad_number"),
        ({"b-staff": ["window-aic:-1"]}, "page.link.bad_number"),
        ({"b-staff": ["window-aic:1e3"]}, "page.link.bad_number"),
        ({"b-staff": ["<b>:1"]}, "page.link.bad_staff"),
        ({"b-demand": ["0"]}, "page.link.bad_number"),
        ({"b-demand": ["nan"]}, "page.link.bad_number"),
        ({"reps": ["1"]}, "page.link.bad_number"),
        ({"precision": ["0"]}, "page.link.bad_number"),
        ({"precision": ["5%"]}, "page.link.bad_number"),
        ({"precision": ["99"]}, "page.link.bad_number"),
        ({"reps": ["100000"]}, "page.link.bad_number"),
        ({"seed": ["٣"]}, "page.link.bad_number"),
        ({"seed": ["9" * 5_000]}, "page.link.bad_number"),
    ],
)
def test_what_a_link_gets_wrong_is_said_and_the_rest_is_kept(query, key):
    address = read(query | {"a": ["textbook-mm3"]})
    assert address.settings == Settings((PlanChoice("textbook-mm3"), PlanChoice("honghuagang-2014")))
    assert [complaint.key for complaint in address.complaints] == [key]


# ---- undo and redo -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(st.lists(settings, min_size=1, max_size=20))
def test_every_step_can_be_taken_back_and_made_again(steps):
    history = History()
    for step in steps:
        history = history.then(step)
    walked = 0
    back = history
    while back.past:
        back, walked = back.undo(), walked + 1
    assert back.present == Settings()
    for _ in range(walked):
        back = back.redo()
    assert back == history


def test_a_new_step_forgets_what_was_undone():
    history = History().then(Settings(seed=2)).then(Settings(seed=3)).undo().then(Settings(seed=4))
    assert history.redo() == history
    assert history.undo().present == Settings(seed=2)


def test_no_step_is_no_step():
    history = History().then(Settings(seed=2))
    assert history.then(Settings(seed=2)) is history
    assert History().undo() == History()
    assert History().redo() == History()


def test_the_way_back_is_long_but_not_endless():
    history = History()
    for seed in range(2, 1_002):
        history = history.then(Settings(seed=seed))
    assert len(history.past) == 200


# ---- decisions -----------------------------------------------------------------------------------------------------


PLAN = PlanChoice("honghuagang-2014")


def test_a_lever_of_the_scenario_is_left_out_and_put_back():
    without = switch_lever(PLAN, "green-channel", on=False, of_base=True)
    assert without.off == ("green-channel",)
    assert switch_lever(without, "green-channel", on=True, of_base=True) == PLAN


def test_another_lever_is_put_on_top_and_taken_off():
    with_it = switch_lever(PLAN, "pooled-windows", on=True, of_base=False)
    assert with_it.on == (LeverChoice("pooled-windows"),)
    assert switch_lever(with_it, "pooled-windows", on=True, of_base=False) == with_it
    assert switch_lever(with_it, "pooled-windows", on=False, of_base=False) == PLAN


def test_levers_keep_the_order_in_which_they_were_switched_on():
    plan = PLAN
    for name in ("pooled-windows", "lunch-cover", "one-time-notice"):
        plan = switch_lever(plan, name, on=True, of_base=False)
    plan = set_parameter(plan, "pooled-windows", parameter="work_factor", value=1.3, default=1.15)
    assert [choice.name for choice in plan.on] == ["pooled-windows", "lunch-cover", "one-time-notice"]


def test_a_parameter_at_its_default_is_no_choice():
    plan = switch_lever(PLAN, "pooled-windows", on=True, of_base=False)
    changed = set_parameter(plan, "pooled-windows", parameter="work_factor", value=1.3, default=1.15)
    assert changed.on[0].parameters == (("work_factor", 1.3),)
    assert set_parameter(changed, "pooled-windows", parameter="work_factor", value=1.15, default=1.15) == plan


def test_as_many_servers_as_before_are_no_change():
    changed = set_servers(PLAN, "window-aic", servers=5, base=3)
    assert changed.staff == (("window-aic", 5),)
    assert changed.changes == 1
    assert set_servers(changed, "window-aic", servers=3, base=3) == PLAN


@pytest.mark.parametrize(("asked", "given_"), [(-4, 0), (10**9, MOST_SERVERS)])
def test_servers_stay_within_reason(asked, given_):
    assert set_servers(PLAN, "window-aic", servers=asked, base=3).staff == (("window-aic", given_),)


def test_another_start_takes_the_changes_back_and_the_same_one_does_not():
    changed = rename_plan(set_servers(PLAN, "window-aic", servers=5, base=3), "mine")
    assert choose_base(changed, changed.base) == changed
    assert choose_base(changed, "textbook-mm3") == PlanChoice("textbook-mm3", title="mine")


def test_reset_takes_back_the_changes_and_leaves_the_name():
    changed = set_demand(set_servers(PLAN, "window-aic", servers=5, base=3), 1.2)
    assert reset_plan(rename_plan(changed, "mine")) == PlanChoice(PLAN.base, title="mine")


@given(st.floats(allow_nan=False))
def test_demand_stays_within_bounds(factor):
    demand = set_demand(PLAN, factor).demand
    assert DEMAND[0] <= demand <= DEMAND[1]
    assert math.isclose(demand, round(demand, 4))


# ---- several plans -------------------------------------------------------------------------------------------------


def test_a_decision_changes_the_plan_that_is_looked_at_alone():
    first = change_plan(look_at(Settings(), 0), lambda plan: set_demand(plan, 1.5))
    assert [plan.demand for plan in first.plans] == [1.5, 1.0]
    assert [plan.demand for plan in set_demand_of_all(first, 0.8).plans] == [0.8, 0.8]


def test_a_plan_is_copied_up_to_six_and_removed_down_to_two():
    settings = change_plan(Settings(), lambda plan: rename_plan(set_demand(plan, 1.5), "mine"))
    copied = add_plan(settings)
    assert (copied.letter, copied.plan) == ("C", PlanChoice(PLAN.base, demand=1.5))
    for _ in range(9):
        copied = add_plan(copied)
    assert (len(copied.plans), copied.letter) == (6, "F")
    fewer = remove_plan(look_at(copied, 1))
    assert (len(fewer.plans), fewer.letter, fewer.plan.title) == (5, "B", "")
    last = remove_plan(look_at(fewer, 4))
    assert (len(last.plans), last.letter) == (4, "D")
    assert remove_plan(Settings()) == Settings()


def test_looking_at_another_plan_is_no_step_to_take_back():
    history = History().then(Settings(seed=2))
    looking = history.looking(look_at(history.present, 0))
    assert (looking.present.letter, looking.past) == ("A", history.past)
    assert [look_at(Settings(), place).letter for place in (-3, 9)] == ["A", "B"]


def test_replications_and_seed_stay_within_bounds():
    assert set_replications(Settings(), 1).replications == 2
    assert set_replications(Settings(), 10**6).replications == 200
    assert set_precision(Settings(), 0.0).precision == 0.005
    assert set_precision(Settings(), 7.0).precision == 0.5
    assert set_seed(Settings(), -1).seed == 0
    assert set_seed(Settings(), 2**60).seed == 2**53 - 1


def test_a_precision_and_a_number_of_replications_exclude_each_other():
    counted = set_replications(Settings(), 5)
    assert counted.replications == 5
    assert set_precision(counted, 0.02).replications is None
    assert to_query(set_precision(counted, 0.02), language="en")["precision"] == ["2"]
