"""What every click decides: settings, address, queue and downloads, with a queue that works in this process."""

import tomllib
from dataclasses import replace
from types import SimpleNamespace

import pytest
from page_drawn import drawing
from page_samples import HOSTILE, checked, hostile_page, on_page, open_page, plan_b, two_plans
from page_server import server
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page import runs
from hallplan.page.plans import UPLOADS
from hallplan.page.runs import background, prepare, progress_of, registry
from hallplan.page.session import Session
from hallplan.page.state import History, LeverChoice, PlanChoice, Settings, change_plan
from hallplan.page.views import files, results, staffing
from scenarios.compose.composing import compose
from sim.measure import metric_of
from sim.statistics import Interval

__all__ = ["drawing", "server"]

SMALL = "below 1\\.0, which we take as the least that matters"


def session(page: AppTest) -> Session:
    own_session: Session = page.session_state["hallplan"]
    return own_session


def settings(page: AppTest) -> Settings:
    return session(page).settings


def query(page: AppTest) -> dict[str, list[str]]:
    values = {key: page.query_params[key] for key in page.query_params}
    return {key: value if isinstance(value, list) else [value] for key, value in values.items()}


@pytest.mark.slow
def test_every_choice_is_a_step_that_can_be_taken_back(server):
    page = open_page("build", seed="3")
    steps = [settings(page)]

    def step(wanted):
        checked(page)
        assert settings(page) == wanted
        steps.append(wanted)

    def with_plan(**changes):
        return change_plan(steps[-1], lambda plan: replace(plan, **changes))

    page.text_input(key="demand").set_value("120").run()
    step(with_plan(demand=1.2))
    page.segmented_control(key="demand-for").set_value("all").run()
    step(replace(steps[-1], plans=tuple(replace(plan, demand=1.2) for plan in steps[-1].plans)))
    page.selectbox(key="base").set_value("township-desk").run()
    step(with_plan(base="township-desk"))
    page.toggle(key="lever-extended-hours").set_value(True).run()
    step(with_plan(on=(LeverChoice("extended-hours"),)))
    page.text_input(key="plan-title").set_value("  longer  hours ").run()
    step(with_plan(title="longer hours"))
    page.button(key="add-plan").click().run()
    step(replace(steps[-1], plans=(*steps[-1].plans, replace(steps[-1].plan, title="")), current=2))
    page.button(key="remove-plan").click().run()
    step(replace(steps[-1], plans=steps[-1].plans[:2], current=1))
    on_page(page, "evidence", "method")
    page.segmented_control(key="precision").set_value(0.02).run()
    step(replace(steps[-1], precision=0.02, replications=None))
    page.segmented_control(key="precision").set_value(5).run()
    step(replace(steps[-1], replications=5))
    page.text_input(key="seed").set_value("9").run()
    step(replace(steps[-1], seed=9))
    count = session(page).step
    for before in reversed(steps[:-1]):
        checked(page.button(key="undo").click().run())
        assert settings(page) == before
    assert session(page).step == count + len(steps) - 1
    for after in steps[1:]:
        checked(page.button(key="redo").click().run())
        assert settings(page) == after
    on_page(page, "build", "plan")
    checked(page.button(key="reset").click().run())
    assert settings(page).plan == PlanChoice("township-desk", title="longer hours")


def test_another_plan_is_looked_at_and_changed(server):
    page = open_page("build", seed="3")
    checked(page.radio(key="looked-at").set_value(0).run())
    assert query(page)["plan"] == ["a"]
    page.text_input(key="demand").set_value("90").run()
    assert [plan.demand for plan in settings(page).plans] == [0.9, 1.0]


def test_a_number_that_is_none_is_refused_with_the_reason_and_the_demand_stays(server):
    page = open_page("build", seed="3")
    for text in ("", "9", "501", "1e2", "１２０", "-3", "120.00001", "nan"):
        checked(page.text_input(key="demand").set_value(text).run())
        assert (page.text_input(key="demand").value, settings(page).plan.demand) == ("100", 1.0)
        assert "is no number from 10 to 500: 100 stays" in page.error[0].value
    checked(page.text_input(key="demand").set_value("102.5").run())
    assert (page.text_input(key="demand").value, settings(page).plan.demand, len(page.error)) == ("102.5", 1.025, 0)


def test_a_label_of_the_other_language_is_no_choice(server, monkeypatch):
    """A browser names its choice by a label; clicked while the language changes, it is none of the options."""
    page = open_page("build", seed="3")
    before = settings(page)
    for box in page.selectbox:
        box.options.append("红花岗区政务服务中心（改革前，2013年）")
    monkeypatch.setattr(Selectbox, "index", property(lambda box: len(box.options) - 1))
    page.run()
    monkeypatch.undo()
    assert settings(page) == before
    checked(page.run())


@pytest.mark.slow
def test_levers_of_the_scenario_are_left_out_and_numbers_of_levers_are_set(server):
    page = open_page("build", b="honghuagang-2014")
    page.toggle(key="lever-green-channel").set_value(False).run()
    assert settings(page).plan.off == ("green-channel",)
    page.toggle(key="lever-green-channel").set_value(True).run()
    assert settings(page).plan.off == ()
    page.toggle(key="lever-lunch-cover").set_value(True).run()
    page.text_input(key="lever-lunch-cover-servers").set_value("2").run()
    page.text_input(key="lever-lunch-cover-hours").set_value("12:00-12:30").run()
    assert settings(page).plan.on == (LeverChoice("lunch-cover", (("hours", "12:00-12:30"), ("servers", 2))),)
    page.text_input(key="lever-lunch-cover-servers").set_value("1000001").run()
    assert "is no whole number from -1000000 to 1000000: 2 stays" in page.error[0].value
    page.text_input(key="lever-lunch-cover-servers").set_value("1").run()
    assert settings(page).plan.on == (LeverChoice("lunch-cover", (("hours", "12:00-12:30"),)),)
    page.toggle(key="lever-pooled-windows").set_value(True).run()
    page.text_input(key="lever-pooled-windows-work_factor").set_value("1.3").run()
    assert settings(page).plan.on[1] == LeverChoice("pooled-windows", (("work_factor", 1.3),))


def test_the_language_is_chosen_and_tables_start_afresh(server):
    page = open_page("build")
    step = session(page).step
    checked(page.segmented_control(key="language").set_value("zh").run())
    assert (session(page).language, session(page).step, page.title[0].value) == ("zh", step + 1, "搭建方案")
    assert query(page)["lang"] == ["zh"]


def test_the_address_has_the_job_under_way_or_the_one_shown(server):
    page = hostile_page("build")
    (job,) = {name for name, _, _ in server.submitted}
    assert query(page)["job"] == [job] == [session(page).job]
    assert registry().get(job).name == job
    server.work()
    page.run()
    assert (session(page).shown, query(page)["job"]) == (job, [job])
    page.text_input(key="demand").set_value("90").run()
    assert query(page)["job"] == [session(page).job] != [job]
    page.button(key="cancel").click().run()
    assert (session(page).job, query(page)["job"]) == ("", [job])
    assert background().view(server.submitted[-1][0]).state == "cancelled"


def test_a_visitor_who_comes_back_by_a_link_joins_the_job_that_is_known(server):
    first = hostile_page("build")
    (job,) = {name for name, _, _ in server.submitted}
    again = hostile_page("build", job=job)
    assert session(again).job == job
    assert session(again).owner != session(first).owner
    assert len(server.submitted) == 1, "nothing is submitted twice"
    server.cancel(job, owner=session(first).owner)
    hostile_page("build", job=job)
    assert len(server.submitted) == 2, "what was cancelled is submitted again"


@pytest.mark.slow
def test_the_next_stage_follows_by_itself_unless_the_plans_are_others(server):
    page = hostile_page("build", reps="12")
    sizes = []
    while progress_of(prepare(settings(page))).next_stage is not None:
        server.work()
        checked(page.run())
        sizes.append(registry().get(session(page).shown).replications)
    assert sizes == [5, 10, 12]
    step = session(page).step
    page.text_input(key="demand").set_value("90").run()
    assert session(page).step == step + 1
    assert registry().get(session(page).job).replications == 5
    server.work()
    page.run()
    assert session(page).step == step + 2, "other results make tables start afresh"


def test_what_was_simulated_before_is_there_at_once(server):
    page = hostile_page("build")
    server.work()
    page.run()
    assert server.options["on_done"] is runs._store
    shared = {key: value for key, value in server.options.items() if key != "on_done"}
    assert shared == {"workers": 2, "most_active": 32, "most_kept": 256, "most_results": 4_000}
    server._jobs.clear()
    server._results.clear()  # a server that starts anew has its store of results
    again = hostile_page("build")
    assert session(again).shown == session(page).shown
    assert not any(job.waiting for job in server._jobs.values())


def test_a_full_queue_is_told_once_and_no_job_is_kept(server, monkeypatch):
    monkeypatch.setattr(server, "_most_active", 0)
    page = open_page("build", seed="10")
    assert session(page).job == ""
    assert "queue is full" in page.warning[0].value
    page.run()
    assert not [warning for warning in page.warning if "queue is full" in warning.value]


def test_plans_that_cannot_be_composed_show_the_results_there_were(server):
    server.is_immediate = True
    page = hostile_page("build")
    shown = session(page).shown
    page.toggle(key="lever-merge-sections").set_value(True).run()
    checked(page)
    assert "do not go together" in page.error[0].value
    on_page(page, "compare")
    assert "do not go together" in page.error[0].value
    assert (session(page).shown, bool(page.metric)) == (shown, True)
    assert "run" not in {button.key for button in page.button}


def test_results_that_made_room_are_no_longer_shown(server):
    server.is_immediate = True
    page = hostile_page("build")
    server.is_immediate = False
    server._jobs.clear()
    page.text_input(key="demand").set_value("90").run()
    assert session(page).results() is None
    assert not on_page(page, "compare").metric


# ---- downloads and uploads -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_downloads_bear_names_and_hold_the_plans_and_tables(server, monkeypatch, snapshot):
    server.is_immediate = True
    offered = {}

    def download(label, data, **options):
        offered[options["file_name"]] = (data if isinstance(data, str) else data(), options["mime"])

    monkeypatch.setattr(files.st, "download_button", download)
    page = hostile_page("report")
    kinds = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
    plans = {"hallplan-a-hostile.toml": 1, "hallplan-b-hostile.toml": 2}
    for name, servers in plans.items():
        text, mime = offered.pop(name)
        assert mime == "application/toml"
        assert tomllib.loads(text)["pools"]["window"]["servers"] == servers
    heads = {}
    for table in ("all", "waits", "turnaround", "utilisation", "targets", "replications", "provenance"):
        page.session_state["table"] = table
        checked(page.run())
        assert {offered[f"hallplan-{table}.{kind}"][1] for kind in kinds} == set(kinds.values())
        head, *rows = offered[f"hallplan-{table}.csv"][0].decode("utf-8-sig").splitlines()
        heads[table] = (head, len(rows) > 0)
        assert offered[f"hallplan-{table}.parquet"][0][:4] == b"PAR1"
    assert {table: head.split(",")[:3] for table, (head, _) in heads.items()} == snapshot
    assert all(has_rows for _, has_rows in heads.values())


def test_an_uploaded_scenario_is_the_start_of_the_plan_and_stays_to_choose(server):
    page = open_page("build", "own")
    key = f"upload-{session(page).step}"
    data = HOSTILE.read_bytes()
    page.file_uploader(key=key).set_value(("mine*.toml", data, "application/toml"))
    checked(page.run())
    name = settings(page).plan.base
    assert UPLOADS.get(name).data == data
    assert session(page).uploads == (name,)
    assert [warning.value for warning in page.warning if "mine" in warning.value]
    checked(page.button(key="undo").click().run())
    assert settings(page).plan.base == "textbook-mm3"
    options = on_page(page, "build", "plan").selectbox(key="base").options
    assert any("img src" in option for option in options)


def test_a_file_that_is_no_scenario_is_refused_and_the_plans_stay(server):
    page = open_page("build", "own")
    page.file_uploader(key=f"upload-{session(page).step}").set_value(("bad.toml", b"format = 9", "application/toml"))
    checked(page.run())
    (error,) = page.error
    assert error.value.startswith(messages.text("page.files.upload_failed", "en", why="").rstrip(" ."))
    assert settings(page).plan.base == "textbook-mm3"
    assert session(page).uploads == ()


# ---- the staffing table --------------------------------------------------------------------------------------------


@pytest.fixture
def editor(monkeypatch):
    """Stand in for the table that is edited in place: keep what it is given, so that the test can type into it."""
    tables = []

    def data_editor(frame, **options):
        tables.append(SimpleNamespace(frame=frame, **options))

    monkeypatch.setattr(staffing.st, "data_editor", data_editor)
    return tables


def typed(page, table, rows):
    """Type numbers of servers into rows of the table, and draw the page again."""
    page.session_state[table.key] = {"edited_rows": rows}
    session_ = session(page)
    with messages.using("en"):
        state = {table.key: {"edited_rows": rows}}
        original = staffing.st.session_state
        staffing.st.session_state = state
        try:
            table.on_change()
        finally:
            staffing.st.session_state = original
    checked(page.run())
    return session_.settings.plan.staff


def test_numbers_that_are_typed_are_servers_of_plan_b_and_those_of_the_scenario_are_no_change(server, editor):
    page = hostile_page("build", "staff", b_staff="office:3")
    table = editor[-1]
    assert table.frame["servers"].tolist() == ["1", "3"]
    assert typed(page, table, {"0": {"servers": "4"}, "1": {}}) == (("office", 3), ("window", 4))
    assert editor[-1].key == table.key, "what is being typed is left alone"
    assert editor[-1].frame["servers"].tolist() == ["1", "3"], "the table stays as it was when its edits began"
    assert typed(page, table, {"0": {"servers": "1"}, "1": {"servers": "2"}}) == (("office", 2),)
    checked(page.button(key="undo").click().run())
    assert editor[-1].key != table.key
    assert editor[-1].frame["servers"].tolist() == ["4", "3"]


def test_another_table_without_edits_shows_the_numbers_in_force(server, editor):
    page = hostile_page("build", "staff")
    assert editor[-1].frame["servers"].tolist() == ["2", "1"]
    session(page).change_plan(lambda plan: replace(plan, staff=(("window", 5),)), fresh=False)
    checked(page.run())
    assert editor[-1].frame["servers"].tolist() == ["5", "1"]


# ---- parts by themselves -------------------------------------------------------------------------------------------


def difference(metric, *, base=10.0, change=None, clear=True):
    interval = None if change is None else Interval(change, change - 0.1, change + 0.1, 0.95, "difference", 9)
    return SimpleNamespace(
        metric=metric,
        base=None if base is None else Interval(base, base - 1, base + 1, 0.95, "mean", 9),
        change=interval,
        is_clear=clear,
        is_primary=True,
    )


def judged(shown, *, unserved=None, held_back=()):
    extra = {} if unserved is None else {"unserved_share": unserved}
    run = SimpleNamespace(scenario=compose("textbook-mm3"))
    comparison = SimpleNamespace(metrics=tuple(extra), difference=lambda key, which: extra[key], runs=(run, run))
    pair = SimpleNamespace(comparison=comparison, which=1, held_back=held_back)
    with messages.using("en"):
        return results._judged(pair, shown, metric_of(shown.metric))


def test_the_cost_of_all_visitors_is_judged_only_where_as_many_come():
    halls = [compose("textbook-mm3", overrides=changes) for changes in ({}, {"arrivals.visitors.every.mean": "4 min"})]
    dearer = difference("visitor_cost_per_day", base=100.0, change=90.0)
    for places, verdict in (((0, 0), ("orange", "worse")), ((0, 1), ("off", ""))):
        runs = tuple(SimpleNamespace(scenario=halls[place]) for place in places)
        pair = SimpleNamespace(comparison=SimpleNamespace(metrics=(), runs=runs), which=1, held_back=())
        with messages.using("en"):
            assert results._judged(pair, dearer, metric_of(dearer.metric)) == verdict


def test_what_must_be_said_first_lets_no_card_shine():
    better, worse = (difference("ticket_wait_mean_min", change=change) for change in (-5.0, 5.0))
    assert judged(better, held_back=("better",)) == ("off", "")
    assert judged(worse, held_back=("better",)) == ("orange", "worse")
    assert judged(worse, held_back=("better", "worse")) == ("off", "")


def test_only_what_was_named_in_advance_is_better_or_worse():
    shown = difference("ticket_wait_mean_min", change=-5.0)
    shown.is_primary = False
    assert judged(shown) == ("off", "")


def test_a_difference_is_judged_by_whether_it_is_clear_matters_and_is_for_the_better():
    worse = difference("unserved_share", base=0.1, change=0.05)
    unclear = difference("unserved_share", base=0.1, change=0.05, clear=False)
    fewer = difference("unserved_share", base=0.1, change=-0.05)
    cases = (
        (difference("ticket_wait_mean_min", change=-5.0), None, ("blue", "better")),
        (difference("ticket_wait_mean_min", change=5.0), None, ("orange", "worse")),
        (difference("ticket_wait_mean_min", change=-5.0, clear=False), None, ("off", "no clear difference")),
        (difference("ticket_wait_mean_min"), None, ("off", "no clear difference")),
        (difference("ticket_wait_mean_min", base=None, change=-5.0), None, ("off", "no clear difference")),
        (difference("items_finished_per_month", base=500.0, change=90.0), None, ("blue", "better")),
        (difference("items_finished_per_month", base=500.0, change=-90.0), None, ("orange", "worse")),
        (difference("visits_per_day", base=500.0, change=90.0), None, ("off", "")),
        (difference("ticket_wait_mean_min", change=-5.0), worse, ("off", "")),
        (difference("ticket_wait_mean_min", change=5.0), worse, ("orange", "worse")),
        (difference("ticket_wait_mean_min", change=-5.0), unclear, ("blue", "better")),
        (difference("ticket_wait_mean_min", change=-5.0), fewer, ("blue", "better")),
        (worse, worse, ("orange", "worse")),
        (fewer, fewer, ("off", "")),
    )
    for shown, unserved, verdict in cases:
        assert judged(shown, unserved=unserved) == verdict
    assert judged(difference("ticket_wait_mean_min", change=-0.01)) == ("off", SMALL)


def test_a_difference_as_large_as_the_smallest_that_matters_matters():
    smallest = results.smallest_difference("ticket_wait_mean_min", 10.0)
    assert judged(difference("ticket_wait_mean_min", change=-smallest))[0] == "blue"
    assert judged(difference("ticket_wait_mean_min", change=-0.99 * smallest))[0] == "off"


def first_groups() -> None:
    import pandas as pd
    import streamlit as st

    from hallplan.page.views.results import _first

    for number in (10, 11):
        frame = pd.DataFrame({"pool": [f"p{k}" for k in range(number)] * 2})
        st.caption(str(len(_first(frame, "pool", "utilisation"))))


def test_ten_groups_are_shown_before_all_are_asked_for():
    page = checked(AppTest.from_function(first_groups).run())
    assert [caption.value for caption in page.caption] == ["20", "20"]
    (toggle,) = page.toggle
    assert (toggle.key, toggle.value) == ("all-utilisation", False)
    assert "11" in toggle.label
    page.toggle(key="all-utilisation").set_value(True).run()
    assert [caption.value for caption in page.caption] == ["20", "22"]


def all_parameters() -> None:
    from types import SimpleNamespace

    import streamlit as st

    from hallplan.page.views.plans import _parameter

    seen = st.session_state.setdefault("seen", [])
    session = SimpleNamespace(change_plan=lambda decide: seen.append(decide.keywords))
    choice = SimpleNamespace(name="lever", parameters=(("share", 0.25),))
    no_title = SimpleNamespace(said=lambda language: "")
    for name, default in (("is_on", True), ("number", 3), ("share", 0.5), ("word", "desk")):
        _parameter(session, choice, name, SimpleNamespace(default=default, title=no_title))


def test_a_parameter_of_every_kind_has_a_field_of_its_own():
    page = checked(AppTest.from_function(all_parameters).run())
    assert (page.checkbox(key="lever-lever-is_on").value, page.text_input(key="lever-lever-number").value) == (
        True,
        "3",
    )
    assert page.text_input(key="lever-lever-share").value == "0.25"
    assert page.text_input(key="lever-lever-word").value == "desk"
    page.checkbox(key="lever-lever-is_on").set_value(False).run()
    page.text_input(key="lever-lever-number").set_value("4").run()
    page.text_input(key="lever-lever-share").set_value("0.75").run()
    page.text_input(key="lever-lever-word").set_value("window").run()
    changes = [("is_on", False, True), ("number", 4, 3), ("share", 0.75, 0.5), ("word", "window", "desk")]
    assert page.session_state["seen"] == [
        {"lever": "lever", "parameter": name, "value": value, "default": default} for name, value, default in changes
    ]


def test_a_plan_without_a_change_of_staff_is_the_base_of_the_staffing_table():
    state = two_plans(a="textbook-mm3", b="textbook-mm3", staff=(("windows", 9),), demand=2.0)
    page_session = Session(History(state), "en")
    assert staffing._bases(page_session) == {"windows": 3}
    assert plan_b(state).scenario.pools["windows"].servers == 9


def test_a_table_of_staff_has_no_base_for_a_pool_with_a_roster():
    name = UPLOADS.add(HOSTILE.read_bytes(), title="mine.toml").name
    plan = plan_b(two_plans(b=name))
    table = staffing.staffing_table(plan, plan, None, "en")
    assert table.index.tolist() == ["window", "office"]
    assert table[["first", "servers"]].to_numpy().tolist() == [[1, 1], [1, 1]]


def test_a_job_that_cannot_be_queued_is_said_once(server, monkeypatch):
    page = hostile_page("evidence", "method")

    def refuse(*arguments, **options):
        raise HallplanError("page.jobs.full", most=32)

    monkeypatch.setattr(server, "submit", refuse)
    page.button(key="warm-up").click().run()
    assert "queue is full" in page.warning[0].value


def test_a_warning_names_three_pools_counts_the_rest_and_leads_to_the_staff_of_its_plan(server):
    page = open_page("hall", a="honghuagang-2014", b="honghuagang-2014", a_demand="5")
    (line,) = [text.value for text in page.markdown if "too few officers" in text.value]
    assert line.count("%") == 3
    assert "34 more" in line
    checked(page.button(key="staff-A").click().run())
    assert (page.title[0].value, session(page).settings.letter) == ("Build", "A")
    assert page.session_state["part-build-open"] == "staff"


def test_a_plan_compared_with_itself_makes_no_difference_before_anything_is_simulated(server):
    page = open_page("hall", seed="77")
    assert page.subheader[0].value == "No difference: Plan B is the same as Plan A"
    assert not page.metric


def test_the_hall_page_names_neither_replications_nor_seeds(server):
    server.is_immediate = True
    page = hostile_page("hall")
    said = " ".join(text.value for kind in (page.caption, page.markdown, page.subheader) for text in kind)
    assert len(page.metric) == 2
    assert not [word for word in ("replication", "seed", "Monte") if word in said]
