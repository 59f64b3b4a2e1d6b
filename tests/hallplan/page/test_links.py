"""What a link says word by word, and what it may say: every limit from both sides."""

from cases import for_each

from hallplan.page.link import Address, from_query, to_query
from hallplan.page.state import (
    History,
    LeverChoice,
    PlanChoice,
    Settings,
    set_demand,
    set_parameter,
    set_precision,
    set_replications,
    set_seed,
    set_servers,
    switch_lever,
)

SCENARIOS, LEVERS = ("honghuagang-2013", "honghuagang-2014", "textbook-mm3"), ("pooled-windows", "lunch-cover")
PLAN = PlanChoice(
    "honghuagang-2013",
    on=(LeverChoice("pooled-windows", (("work_factor", 1.3),)), LeverChoice("lunch-cover")),
    off=("lunch-cover", "pooled-windows"),
    staff=(("window-aic", 7), ("x", 0)),
    demand=1.25,
    title="甲 & 乙",
)
FULL = Settings(
    (PlanChoice("textbook-mm3"), PLAN, PlanChoice("honghuagang-2014", demand=0.5)),
    current=2,
    precision=0.035,
    replications=40,
    seed=7,
)
QUERY = {
    "lang": ["zh"],
    "a": ["textbook-mm3"],
    "b": ["honghuagang-2013"],
    "b-on": ['pooled-windows{"work_factor":1.3}', "lunch-cover"],
    "b-off": ["lunch-cover", "pooled-windows"],
    "b-staff": ["window-aic:7,x:0"],
    "b-demand": ["1.25"],
    "b-title": ["甲 & 乙"],
    "c": ["honghuagang-2014"],
    "c-demand": ["0.5"],
    "plan": ["c"],
    "precision": ["3.5"],
    "reps": ["40"],
    "seed": ["7"],
    "job": ["0123456789abcdef"],
}


def read(**query):
    lists = {key: value if isinstance(value, list) else [value] for key, value in query.items()}
    return from_query(lists, scenarios=SCENARIOS, levers=LEVERS)


def test_a_link_says_all_that_is_not_as_usual():
    assert to_query(FULL, language="zh", job="0123456789abcdef") == QUERY
    assert read(**QUERY) == Address(FULL, "zh", "0123456789abcdef", ())
    assert list(to_query(Settings(), language="en")) == ["lang", "a", "b"]


def test_without_a_link_everything_is_as_usual():
    assert read() == Address(Settings(), None, "", ())
    usual = Settings()
    assert [(plan.base, plan.changes) for plan in usual.plans] == [("honghuagang-2013", 0), ("honghuagang-2014", 0)]
    assert (usual.letter, usual.precision, usual.replications, usual.seed) == ("B", 0.1, None, 1)


@for_each(
    "key, text, field, value",
    [
        ("b-demand", "0.1", "demand", 0.1),
        ("b-demand", "0.0999", "demand", None),
        ("b-demand", "5", "demand", 5.0),
        ("b-demand", "5.0001", "demand", None),
        ("b-demand", "1.23456", "demand", 1.2346),
        ("b-demand", "1.1234567", "demand", None),
        ("b-demand", "001", "demand", 1.0),
        ("b-demand", "0001", "demand", None),
        ("b-demand", "1.", "demand", None),
        ("precision", "0.5", "precision", 0.005),
        ("precision", "0.4999", "precision", None),
        ("precision", "50", "precision", 0.5),
        ("precision", "50.1", "precision", None),
        ("precision", "3.333333", "precision", 0.0333),
        ("reps", "2", "replications", 2),
        ("reps", "1", "replications", None),
        ("reps", "200", "replications", 200),
        ("reps", "201", "replications", None),
        ("seed", "0", "seed", 0),
        ("seed", "9007199254740991", "seed", 2**53 - 1),
        ("seed", "9007199254740992", "seed", None),
        ("seed", "0000000000000000007", "seed", 7),
        ("seed", "00000000000000000007", "seed", None),
        ("b-staff", "w:0", "staff", (("w", 0),)),
        ("b-staff", "w:999", "staff", (("w", 999),)),
        ("b-staff", "w:1000", "staff", None),
        ("b-staff", "w:1,w:2,b:3", "staff", (("b", 3), ("w", 2))),
        ("b-staff", "x" * 64 + ":1", "staff", (("x" * 64, 1),)),
        ("b-staff", "x" * 65 + ":1", "staff", None),
        ("b-staff", "-x:1", "staff", None),
    ],
)
def test_a_number_in_a_link_has_limits(key, text, field, value):
    address = read(**{key: text})

    def of(settings):
        return getattr(settings.plan if key.startswith("b-") else settings, field)

    assert of(address.settings) == (of(Settings()) if value is None else value)
    assert len(address.complaints) == (value is None)


def test_a_complaint_names_the_text_and_its_limits():
    cases = {
        ("b-demand", "9"): {"text": "9", "low": 0.1, "high": 5.0},
        ("reps", "x"): {"text": "x", "low": 2, "high": 200},
        ("precision", "99"): {"text": "99", "low": 0.5, "high": 50.0},
        ("b-staff", "w:x"): {"text": "x", "low": 0, "high": 999},
        ("b-staff", "W:1"): {"text": "W:1"},
        ("a", "z"): {"name": "z"},
        ("b-on", "z{}"): {"name": "z"},
        ("b-on", "lunch-cover{"): {"name": "lunch-cover"},
        ("b-on", 'lunch-cover{"a":null}'): {"name": "lunch-cover"},
    }
    for (key, text), values in cases.items():
        (complaint,) = read(**{key: text}).complaints
        assert complaint.values == values, (key, text)


def test_of_several_values_the_last_counts_and_of_several_levers_the_first_of_each_name():
    assert read(seed=["1", "5", "9"]).settings.seed == 9
    levers = ['lunch-cover{"servers":2}', "pooled-windows", "lunch-cover"]
    plan = read(**{"b-on": levers, "b-off": ["lunch-cover", "lunch-cover"]}).settings.plan
    assert plan.on == (LeverChoice("lunch-cover", (("servers", 2),)), LeverChoice("pooled-windows"))
    assert plan.off == ("lunch-cover",)


def test_a_lever_s_parameters_may_be_numbers_texts_and_truth_values():
    choice = read(**{"b-on": 'lunch-cover{"b":1.5,"a":"x","c":true,"d":-3}'}).settings.plan.on[0]
    assert choice.parameters == (("a", "x"), ("b", 1.5), ("c", True), ("d", -3))


def test_a_link_may_name_five_hundred_changes():
    assert len(read(**{"b-off": ["z"] * 600}).complaints) == 500
    staff = ",".join(f"w{number}:1" for number in range(600))
    assert len(read(**{"b-staff": staff}).settings.plan.staff) == 500


def test_plans_of_a_link_go_on_without_a_gap_and_the_one_looked_at_is_one_of_them():
    assert len(read(c="textbook-mm3", e="textbook-mm3").settings.plans) == 3
    assert len(read(**dict.fromkeys("cdefgh", "textbook-mm3")).settings.plans) == 6
    assert [read(plan=letter).settings.letter for letter in ("a", "b", "c", "z", "", "ab")] == list("ABBBBB")
    assert read(**{"b-title": "  a \n b" + "x" * 99}).settings.plan.title == "a b" + "x" * 57


@for_each("job, is_read", [("0" * 8, True), ("f" * 64, True), ("0" * 7, False), ("0" * 65, False), ("g" * 8, False)])
def test_a_job_s_name_is_hexadecimal_and_neither_short_nor_long(job, is_read):
    assert read(job=job).job == (job if is_read else "")
    assert read(job=job).complaints == ()


def test_only_the_page_s_languages_are_read():
    assert [read(lang=language).language for language in ("en", "zh", "de")] == ["en", "zh", None]


# ---- decisions -----------------------------------------------------------------------------------------------------


def test_changes_are_counted_one_by_one():
    assert PLAN.changes == 2 + 2 + 2 + 1
    assert PlanChoice("x", demand=1.1).changes == 1
    assert PlanChoice("x", title="y").changes == 0
    assert (PLAN.is_on("lunch-cover"), PLAN.is_on("no-such")) == (True, False)


def test_numbers_are_cut_to_their_limits_and_rounded():
    plan = PlanChoice("x")
    assert set_demand(plan, 0.123456) == PlanChoice("x", demand=0.1235)
    assert [set_demand(plan, factor).demand for factor in (0.01, 0.1, 5.0, 9.0)] == [0.1, 0.1, 5, 5]
    assert set_precision(Settings(replications=5), 0.123456) == Settings(precision=0.1235)
    assert set_replications(Settings(), 7) == Settings(replications=7)
    assert [set_seed(Settings(), seed).seed for seed in (0, 5, 2**53 - 1, 2**53)] == [0, 5, 2**53 - 1, 2**53 - 1]
    assert [set_servers(plan, "w", servers=n, base=3).staff for n in (0, 999)] == [(("w", 0),), (("w", 999),)]


def test_only_the_lever_that_is_meant_is_changed():
    two = PlanChoice("x", on=(LeverChoice("a", (("x", 1), ("y", 2))), LeverChoice("b", (("x", 1),))))
    changed = set_parameter(two, "a", parameter="x", value=5, default=0)
    assert changed.on == (LeverChoice("a", (("x", 5), ("y", 2))), LeverChoice("b", (("x", 1),)))
    assert set_parameter(two, "a", parameter="x", value=0, default=0).on[0] == LeverChoice("a", (("y", 2),))
    assert switch_lever(two, "a", on=False, of_base=False).on == (LeverChoice("b", (("x", 1),)),)
    off = PlanChoice("x", off=("a", "b"), on=(LeverChoice("a"),))
    assert switch_lever(off, "a", on=True, of_base=True) == PlanChoice("x", off=("b",))
    assert switch_lever(off, "b", on=False, of_base=True) == off
    assert switch_lever(off, "c", on=True, of_base=False).off == ("a", "b")
    without = PlanChoice("x", off=("c",))
    assert switch_lever(without, "c", on=True, of_base=False) == PlanChoice("x", on=(LeverChoice("c"),))


def test_servers_of_several_pools_are_kept_in_order():
    changed = set_servers(PlanChoice("x", staff=(("b", 2), ("d", 4))), "c", servers=3, base=1)
    assert changed.staff == (("b", 2), ("c", 3), ("d", 4))
    assert set_servers(changed, "b", servers=9, base=2).staff == (("b", 9), ("c", 3), ("d", 4))


def test_the_way_back_and_forward_is_walked_step_by_step():
    steps = [Settings(seed=seed) for seed in (1, 2, 3)]
    history = History().then(steps[1]).then(steps[2])
    assert history == History(steps[2], (steps[0], steps[1]), ())
    back = history.undo()
    assert back == History(steps[1], (steps[0],), (steps[2],))
    assert back.undo() == History(steps[0], (), (steps[1], steps[2]))
    assert back.undo().redo() == back
    assert back.redo() == history
