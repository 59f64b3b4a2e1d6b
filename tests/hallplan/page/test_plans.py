"""What the plans promise: settings mean one scenario, every switch works both ways, and files can do no harm."""

import io

import pandas as pd
import pytest
from cases import for_each
from page_samples import HOSTILE, hostile_comparison, plan_a, plan_b, two_plans

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page.files import Uploads, table_bytes
from hallplan.page.plans import (
    UPLOADS,
    known_scenarios,
    lever_catalogue,
    levers_of,
    plan_of,
    scenario_title,
)
from hallplan.page.runs import MOST_ARRIVALS, JobRegistry, check_size, prepare, stage
from hallplan.page.state import (
    PlanChoice,
    change_plan,
    choose_base,
    set_demand,
    set_demand_of_all,
    set_servers,
    switch_lever,
)
from hallplan.page.text import number, plain, published, range_of, sentence
from hallplan.page.views.staffing import department_in, of_role, role_title, staffing_table
from hallplan.show.comparison_frames import metrics_frame
from hallplan.show.evidence import provenance_frame
from hallplan.show.words import pool_title
from scenarios.compose.composing import compose, compose_text
from scenarios.compose.reading import LARGEST_BYTES
from scenarios.compose.writing import to_toml
from sim.measure import METRICS
from sim.statistics import Interval, mean_interval

BASES = ("honghuagang-2013", "honghuagang-2014")
PLAN = PlanChoice("honghuagang-2014")


# ---- plans ---------------------------------------------------------------------------------------------------------


def test_without_changes_the_plans_are_their_scenarios():
    assert plan_a(two_plans()).scenario == compose("honghuagang-2013")
    assert plan_b(two_plans()).scenario == compose("honghuagang-2014")


@pytest.mark.slow
@for_each("base", BASES)
@for_each("name", sorted(lever_catalogue()))
def test_every_lever_can_be_switched_both_ways(base, name):
    start = choose_base(PLAN, base)
    of_base = name in levers_of(base).own
    switched = switch_lever(start, name, on=not of_base, of_base=of_base)
    plan = plan_of(switched)
    recorded = [record.partition("(")[0] for record in plan.scenario.levers]
    assert (name in recorded) is not of_base
    assert plan.scenario != plan_of(start).scenario
    back = switch_lever(switched, name, on=of_base, of_base=of_base)
    assert plan_of(back).scenario == plan_of(start).scenario


def test_2014_without_its_levers_has_the_offices_of_2013():
    plan = PLAN
    for name in levers_of("honghuagang-2014").own:
        plan = switch_lever(plan, name, on=False, of_base=True)
    without, before = plan_of(plan).scenario, compose("honghuagang-2013")
    assert without.levers == []
    offices = {name: pool for name, pool in without.pools.items() if pool.role not in ("window", "desk")}
    assert offices == {name: before.pools[name] for name in offices}
    assert len(offices) > 100


def test_a_lever_that_needs_a_choice_is_no_switch():
    assert "add-staff" not in lever_catalogue()


def test_staff_and_demand_change_one_plan_alone_unless_all_are_meant():
    changed = set_servers(set_demand(PLAN, 1.2), "window-aic", servers=7, base=3)
    settings = change_plan(two_plans(), lambda plan: changed)
    assert plan_b(settings).scenario.pools["window-aic"].servers == 7
    assert plan_b(settings).scenario.demand == pytest.approx(1.2)
    assert plan_a(settings).scenario == compose("honghuagang-2013")
    assert plan_a(set_demand_of_all(settings, 1.2)).scenario.demand == pytest.approx(1.2)


def test_staff_of_a_pool_that_is_gone_is_idle_and_no_error():
    plan = set_servers(PLAN, "general-windows", servers=7, base=0)
    assert plan_of(plan).idle == ("general-windows",)
    with_it = switch_lever(plan, "pooled-windows", on=True, of_base=False)
    assert plan_of(with_it).idle == ()
    assert plan_of(with_it).scenario.pools["general-windows"].servers == 7


@for_each("name", ["/etc/passwd", "../levers/add-staff", "no-such", "upload-0000000000000000"])
def test_nothing_but_known_scenarios_is_composed(name):
    with pytest.raises(HallplanError) as caught:
        plan_b(two_plans(b=name))
    assert caught.value.key == "page.link.no_scenario"


def test_titles_are_in_the_language_and_fall_back_on_names():
    assert scenario_title("honghuagang-2014", "zh").startswith("红花岗")
    scenario = compose("honghuagang-2014")
    assert pool_title(scenario, "window-aic", "zh") == "工商局窗口"
    assert pool_title(scenario, "gone", "zh") == "gone"


@pytest.mark.slow
def test_a_downloaded_plan_composes_to_the_same_scenario():
    plan = plan_of(switch_lever(set_demand(PLAN, 1.1), "pooled-windows", on=True, of_base=False))
    assert compose_text(to_toml(plan.composed.raw), name="downloaded").scenario == plan.scenario


# ---- runs ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_same_settings_are_the_same_job_and_others_are_not():
    def job(settings):
        study = prepare(settings)
        return stage(study, study.most).name

    assert job(two_plans()) == job(two_plans())
    others = [two_plans(seed=2), two_plans(replications=6), two_plans(demand=1.1), two_plans(a=BASES[1])]
    assert len({job(two_plans()), *map(job, others)}) == 5


def test_more_replications_and_the_unchanged_plan_ask_for_what_is_known_already():
    few = {unit.key for unit in stage(prepare(two_plans()), 5).units}
    many = {unit.key for unit in stage(prepare(two_plans()), 20).units}
    changed = {unit.key for unit in stage(prepare(two_plans(demand=1.1)), 5).units}
    assert few < many
    assert len(few & changed) == 5


def test_a_plan_that_is_too_large_for_the_page_is_refused_in_one_sentence():
    huge = compose("textbook-mm3", overrides={"demand": 500.0})
    with pytest.raises(HallplanError) as caught:
        check_size(huge)
    assert f"{MOST_ARRIVALS:,}" in caught.value.sentence("en")
    assert f"{MOST_ARRIVALS:,}" in caught.value.sentence("zh")


def test_the_book_of_runs_forgets_the_oldest():
    registry = JobRegistry(most=2)
    runs = [stage(prepare(two_plans(a="textbook-mm3", b="textbook-mm3", seed=seed)), 2) for seed in (1, 2, 3)]
    for run in runs:
        registry.add(run)
    assert registry.get(runs[0].name) is None
    assert registry.get(runs[2].name) is runs[2]


# ---- uploads -------------------------------------------------------------------------------------------------------


def test_an_upload_can_be_chosen_as_a_plan():
    upload = UPLOADS.add(HOSTILE.read_bytes(), title="mine.toml")
    assert upload.name in known_scenarios(upload.name)
    assert upload.name not in known_scenarios()
    assert plan_b(two_plans(b=upload.name)).scenario == compose(HOSTILE)
    assert UPLOADS.add(HOSTILE.read_bytes(), title="again.toml").name == upload.name


def test_an_upload_that_extends_a_built_in_scenario_keeps_its_levers_switchable():
    text = 'format = 1\nname = "mine"\nextends = "honghuagang-2013"\nlevers = ["one-time-notice"]\n'
    upload = UPLOADS.add(text.encode(), title="mine.toml")
    assert levers_of(upload.name).own == ("one-time-notice",)
    without = plan_b(two_plans(b=upload.name, off=("one-time-notice",))).scenario
    assert without.services == compose("honghuagang-2013").services


def test_levers_from_further_down_are_not_switchable():
    upload = UPLOADS.add(b'format = 1\nname = "next"\nextends = "honghuagang-2014"\n', title="next.toml")
    assert levers_of(upload.name).own == ()
    assert set(levers_of(upload.name).inherited) == set(levers_of("honghuagang-2014").own)


@for_each(
    "data",
    [
        b"",
        b"not toml at all",
        b"\xff\xfe\x00",
        "format = 1\nname = '大厅'".encode("gb18030"),
        b'format = 1\nname = "x"\nextends = "../../etc/passwd"',
        b'format = 1\nname = "x"\nextends = "/etc/passwd"',
        b'format = 1\nname = "x"\nextends = "honghuagang-2013"\nlevers = ["../../x"]',
        b"[" * 100_000,
        b"a" * (LARGEST_BYTES + 1),
    ],
)
def test_a_file_that_is_no_scenario_is_refused_in_one_sentence_and_not_kept(data):
    uploads = Uploads()
    with pytest.raises(HallplanError) as caught:
        uploads.add(data, title="upload.toml")
    for language in ("en", "zh"):
        told = caught.value.sentence(language)
        assert told
        assert "\n" not in told
        assert "Traceback" not in told
    assert len(uploads) == 0


def test_old_uploads_make_room():
    uploads = Uploads(most=1)
    first = uploads.add(HOSTILE.read_bytes(), title="first.toml")
    uploads.add(HOSTILE.read_bytes() + b"\n", title="second.toml")
    assert uploads.get(first.name) is None


# ---- tables to download --------------------------------------------------------------------------------------------


def test_csv_opens_in_excel_and_wps_and_computes_nothing():
    data = table_bytes(provenance_frame(plan_b(two_plans(b="textbook-mm3")).composed), "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    hostile = pd.DataFrame({"source": ["=HYPERLINK(1)", "+1", "@x", "ordinary"]})
    lines = table_bytes(hostile, "csv").decode("utf-8-sig").split("\r\n")
    assert lines[1:5] == ["'=HYPERLINK(1)", "'+1", "'@x", "ordinary"]


def test_parquet_brings_the_results_back():
    table = metrics_frame(hostile_comparison(), "zh")
    back = pd.read_parquet(io.BytesIO(table_bytes(table, "parquet")))
    pd.testing.assert_frame_equal(back, table, check_dtype=False)


# ---- the staffing table --------------------------------------------------------------------------------------------


def test_the_staffing_table_shows_the_plan_beside_plan_a_its_load_and_its_utilisation():
    from hallplan.show.comparison_frames import utilisation_frame

    a, b = plan_a(two_plans()), plan_of(set_servers(PLAN, "window-aic", servers=7, base=3))
    table = staffing_table(a, b, None, "zh")
    row = table.loc["window-aic"]
    assert (row["first"], row["servers"], row["role"], row["department"]) == (2, 7, "窗口", "工商局")
    assert table["use"].isna().all()
    before = staffing_table(a, plan_of(PLAN), None, "zh").loc["window-aic"]
    assert row["load"] * 7 == pytest.approx(before["load"] * before["servers"]), "the same work over more people"
    upload = UPLOADS.add(HOSTILE.read_bytes(), title="mine.toml")
    plan = plan_b(two_plans(b=upload.name))
    used = utilisation_frame(hostile_comparison(), "en")
    table = staffing_table(plan, plan, used[used["plan"] == "B"], "en")
    assert table["use"].notna().all()
    assert "early" not in table.index


def test_the_staffing_table_shows_the_pools_of_the_selected_role_or_all():
    table = pd.DataFrame({"role": ["window", "back office", "window"]}, index=["tax", "review", "permits"])
    for role, pools in ((None, ["tax", "review", "permits"]), ("window", ["tax", "permits"])):
        assert of_role(table, role).index.tolist() == pools


def test_a_merged_pool_shows_the_servers_of_all_its_parts_and_the_parts_are_left_out():
    first, pooled = plan_a(two_plans()), switch_lever(PLAN, "pooled-windows", on=True, of_base=False)
    used = pd.DataFrame({"pool": ["general-windows"], "plan": ["B"], "mean": [0.5]})
    table = staffing_table(first, plan_of(pooled), used, "en")
    assert "window-aic" not in table.index
    assert table.loc["general-windows", ["servers", "use"]].tolist() == [34, 50]
    assert pd.isna(table.loc["general-windows", "first"])
    resized = plan_of(set_servers(pooled, "general-windows", servers=26, base=34))
    assert staffing_table(first, resized, None, "en").loc["general-windows", "servers"] == 26


def test_a_pool_that_a_lever_merged_shows_the_utilisation_of_the_pool_that_it_adds_to():
    plan = plan_of(switch_lever(PLAN, "lunch-cover", on=True, of_base=False))
    used = pd.DataFrame({"pool": ["window-labour"], "plan": ["B"], "mean": [0.5]})
    assert staffing_table(plan_a(two_plans()), plan, used, "en").loc["lunch-window-labour", "use"] == 50


def test_staff_of_a_pool_that_a_lever_merged_is_idle():
    plan = set_servers(PLAN, "window-aic", servers=7, base=3)
    assert plan_of(switch_lever(plan, "pooled-windows", on=True, of_base=False)).idle == ("window-aic",)


@pytest.mark.parametrize(
    ("department", "english", "chinese"),
    [
        ("工商局 Industry and commerce", "Industry and commerce", "工商局"),
        ("Tax", "Tax", "Tax"),
        ("民政局", "民政局", "民政局"),
    ],
)
def test_a_department_in_two_languages_shows_the_one_in_use(department, english, chinese):
    assert (department_in(department, "en"), department_in(department, "zh")) == (english, chinese)


def test_a_role_that_nobody_has_named_is_shown_as_it_is():
    assert role_title("<role>", "zh") == "<role>"


# ---- texts ---------------------------------------------------------------------------------------------------------


@for_each("name", ["**b** _i_ `c`", "[x](http://evil.example)", "![i](u)", "<b>", "$x$", ":red[x]", "# h", "a\n- b"])
def test_a_name_in_markdown_is_only_a_name(name):
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": True}).parseInline(plain(name))[0].children
    assert {token.type for token in tokens} <= {"text", "text_special"}
    assert "".join(token.content for token in tokens) == " ".join(name.split())


def test_an_error_with_a_hostile_value_is_only_a_sentence():
    assert "<b>" not in sentence(HallplanError("page.link.no_scenario", name="<b>x</b>")).replace("\\<", "")


def test_numbers_are_written_with_signs_and_digits_that_mean_something():
    minutes, share, count = METRICS["ticket_wait_mean_min"], METRICS["instant_share"], METRICS["visits_per_day"]
    assert number(1.04, minutes, signed=True) == "+1.0"
    assert number(-1.04, minutes) == "−1.0"
    assert number(float("nan"), minutes) == "–"
    assert published(0.9425, share) == "94.25%"
    assert published(4000.0, count) == "4,000"
    with messages.using("en"):
        assert range_of(mean_interval([1.0]), minutes) == "no interval"
        assert range_of(mean_interval([1.0, 1.0]), minutes) == "1.0"
        assert range_of(mean_interval([1.0, 1.0]), minutes, signed=True) == "+1.0"
        assert range_of(mean_interval([1.0, 1.001, 1.002, 1.0]), minutes, signed=True) == "+0.999 to +1.002"
        # Up to three more decimals than the value's one tell the ends apart.
        assert range_of(Interval(1.0, 1.0001, 1.0002, 0.95, "mean", 9), minutes) == "1.0001 to 1.0002"
        assert range_of(Interval(1.0, 1.00001, 1.00002, 0.95, "mean", 9), minutes) == "1.0"
        assert range_of(mean_interval([1.0, 1.001, 1.002, 1.0]), minutes) == "0.999 to 1.002"
