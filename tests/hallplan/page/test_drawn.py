"""Every part of the page as it is drawn, in the states that a visitor can see, frozen widget by widget.

The queue works in this process, and only when the test says so: what is seen halfway is always the same.
"""

import re

import pytest
from page_drawn import drawing
from page_samples import HOSTILE, PARTS, checked, hostile_page, on_page, open_page
from page_server import server
from streamlit.testing.v1 import AppTest

from foundation.errors import HallplanError
from hallplan.page.jobs import Unit
from hallplan.page.plans import UPLOADS
from hallplan.page.runs import background, registry

__all__ = ["drawing", "server"]

FROZEN = tuple(part for part in PARTS if part != ("evidence", "stored"))
"""What is stored differs from one machine to another."""
PLAN = re.compile(r"(Plan|方案) [AB]\*\*")


def body(drawing):
    """Return what is below the head of a page: from what the plans are, or from the choice of its parts."""
    lines = drawing.text("main").splitlines()
    first = next((place for place, line in enumerate(lines) if PLAN.search(line) or "key=part-" in line), 0)
    return "\n".join(lines[first:])


def head(drawing):
    """Return what is above that."""
    return drawing.text("main")[: -len(body(drawing))]


def test_every_part_of_the_page_with_results(drawing, server, snapshot):
    server.is_immediate = True
    page = hostile_page("compare")
    for name, part in FROZEN:
        on_page(page, name, part)
        assert body(drawing) == snapshot(name=f"{name} {part}")


@pytest.mark.slow
def test_every_part_of_the_page_before_there_are_results(drawing, server, snapshot):
    page = open_page("compare", lang="zh", b_staff="no-such-pool:3", b_demand="1.1")
    for name, part in FROZEN:
        on_page(page, name, part)
        assert body(drawing) == snapshot(name=f"{name} {part}")


@pytest.mark.slow
def test_results_of_a_hall_without_cases_that_does_not_keep_up(drawing, server, snapshot):
    server.is_immediate = True
    page = open_page("compare", b_demand="1.3", lang="zh")
    assert body(drawing) == snapshot
    on_page(page, "hall")
    assert drawing.text("main") == snapshot(name="hall")


@pytest.mark.slow
def test_waits_of_a_hall_to_which_hardly_anybody_comes(drawing, server):
    server.is_immediate = True
    page = open_page("compare", a_demand="0.1", b_demand="0.1")
    assert "Nobody waits at a half-hour that can be shown." in " ".join(text.value for text in page.caption)
    assert "chart-waits" not in drawing.text()


@pytest.mark.slow
def test_turnaround_on_another_clock(drawing, server, snapshot):
    server.is_immediate = True
    page = hostile_page("compare")
    for clock in ("touched", "elapsed"):
        page.session_state["clock"] = clock
        checked(page.run())
        assert drawing.part("key=clock", "key=head-utilisation") == snapshot(name=clock)


# ---- the head ------------------------------------------------------------------------------------------------------


def test_the_head_while_a_job_waits_and_runs_and_when_it_is_done(drawing, server, snapshot):
    for number in (1, 2):
        background().submit(f"other {number}", [Unit(f"other {number}", int)], owner="somebody")
    page = hostile_page("compare", b_demand="1.1")
    assert head(drawing) == snapshot(name="third in the queue")
    server.work(2)
    page.run()
    assert head(drawing) == snapshot(name="first in the queue")
    server.work(2)
    page.run()
    assert head(drawing) == snapshot(name="two of six are done")
    server.work()
    page.run()
    assert head(drawing) == snapshot(name="done")


@pytest.mark.slow
def test_the_head_while_results_are_refined(drawing, server, snapshot):
    page = hostile_page("compare", reps="12", lang="zh")
    server.work(10)
    page.run()  # the first five replications are there, the next stage begins
    server.work(3)
    page.run()
    assert head(drawing) == snapshot(name="refining")
    assert drawing.part("key=known", "key=cards") == snapshot(name="known by now")
    page.button(key="cancel").click().run()
    assert head(drawing) == snapshot(name="stopped")


@pytest.mark.slow
def test_the_head_after_a_change_and_after_cancelling(drawing, server, snapshot):
    page = hostile_page("compare")
    page.button(key="cancel").click().run()
    assert head(drawing) == snapshot(name="cancelled")
    page.button(key="run").click().run()
    server.work()
    page.run()
    on_page(page, "build")
    page.text_input(key="demand").set_value("90").run()
    on_page(page, "compare")
    assert head(drawing) == snapshot(name="under way")


@pytest.mark.slow
def test_the_head_of_equal_plans_and_of_plans_that_cannot_be(drawing, server, snapshot):
    open_page("compare", b_on="merge-sections", b_staff="windows:4", lang="en")
    assert head(drawing) == snapshot(name="cannot be composed")
    open_page("compare", lang="zh")
    assert head(drawing) == snapshot(name="equal")


def test_the_head_says_what_a_link_got_wrong_and_what_was_changed(drawing, server, snapshot):
    changes = {
        "b_on": "lunch-cover",
        "b_off": "green-channel",
        "b_staff": "window-aic:7,gone:2",
        "b_demand": "1.25",
        "seed": "x",
    }
    page = open_page("build", b="honghuagang-2014", **changes)
    assert head(drawing) == snapshot(name="first")
    assert body(drawing).splitlines()[0] == snapshot(name="changes")
    page.run()
    assert "seed" not in head(drawing)


@pytest.mark.slow
def test_the_head_warns_of_years_without_notice_and_of_failed_jobs(drawing, server, snapshot):
    data = HOSTILE.read_bytes().replace(b"start = 2014-03-03", b"start = 2098-12-22", 1)
    upload = UPLOADS.add(data.replace(b"per_day = 26", b"per_day = 260"), title="later.toml")
    page = open_page("compare", b=upload.name)
    (job,) = {name for name, _, _ in server.submitted}
    server._fail(server._jobs[job], HallplanError("page.jobs.died"))
    page.run()
    assert head(drawing) == snapshot


# ---- the panel -----------------------------------------------------------------------------------------------------


def test_the_panel_with_levers_of_the_scenario_and_more(drawing, server, snapshot):
    open_page(
        "build",
        b="honghuagang-2014",
        b_on="lunch-cover",
        b_off="green-channel",
        b_staff="window-aic:7",
        b_demand="1.25",
    )
    assert drawing.text("sidebar") == snapshot(name="panel")
    panel = body(drawing).splitlines()
    without_help = [line for line in panel if not line.startswith("     ") or "key=" in line or "disabled" in line]
    assert "\n".join(without_help) == snapshot(name="levers")
    assert drawing.part("key=levers-article", "key=lever-co-locate") == snapshot(name="first lever")


@pytest.mark.slow
def test_levers_from_further_down_are_on_and_cannot_be_switched(drawing, server):
    upload = UPLOADS.add(b'format = 1\nname = "next"\nextends = "honghuagang-2014"\n', title="next.toml")
    page = open_page("build", b=upload.name)
    assert [
        (page.toggle(key=f"lever-{name}").value, page.toggle(key=f"lever-{name}").disabled)
        for name in ("green-channel", "merge-sections", "lunch-cover")
    ] == [(True, True), (True, True), (False, False)]
    assert "Levers of the article: 10 of 10 on" in drawing.text()
    assert "Later measures: 0 of 12 on" in drawing.text()


@pytest.mark.slow
def test_the_panel_with_a_number_of_replications_or_a_precision(drawing, server, snapshot):
    for name, query in (
        ("seven", {"reps": "7", "lang": "zh"}),
        ("four per cent", {"precision": "4"}),
        ("quick", {"reps": "5"}),
    ):
        open_page("evidence", "method", **query)
        assert drawing.part("key=precision", "key=seed") == snapshot(name=name)


# ---- side jobs -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_method_s_jobs_waiting_running_and_done(drawing, server, snapshot):
    page = hostile_page("evidence", "method")
    server.work()
    page.run()
    page.button(key="warm-up").click().run()
    server.work(3)
    page.run()
    assert body(drawing) == snapshot(name="three of ten")
    server.work()
    page.run()
    page.button(key="controls").click().run()
    server.work()
    page.run()
    assert body(drawing) == snapshot(name="done")
    page.session_state["method-plan-2-B"] = "A"
    page.run()
    assert body(drawing) == snapshot(name="plan A")


@pytest.mark.slow
def test_a_side_job_that_failed_can_be_begun_again(drawing, server, snapshot):
    page = hostile_page("evidence", "method")
    page.button(key="warm-up").click().run()
    job = server.submitted[-1][0]
    server._fail(server._jobs[job], HallplanError("page.jobs.died"))
    page.run()
    assert drawing.part("key=method-plan", "key=controls") == snapshot


@pytest.mark.slow
def test_the_choice_s_questions_and_their_answers(drawing, server, snapshot):
    page = hostile_page("compare", "choice", lang="en")
    page.session_state["choice-levers-en"] = ["extended-hours", "merge-sections"]
    page.session_state["choice-metric-en"] = "ticket_wait_within_15_share"
    page.run()
    assert body(drawing) == snapshot(name="a share")
    page.session_state["choice-how"] = "budget"
    page.run()
    assert body(drawing) == snapshot(name="a budget")
    page.button(key="choice").click().run()
    assert drawing.part("key=progress-choice", "button_group") == snapshot(name="under way")
    server.is_immediate = True
    server.work()
    page.run()
    assert drawing.part("key=choice-budget-4", "button_group") == snapshot(name="chosen")


@pytest.mark.slow
def test_plans_to_which_different_numbers_come_are_ranked_only_when_asked(drawing, server, snapshot):
    server.is_immediate = True
    page = hostile_page("compare", "choice", b_demand="1.1", lang="zh")
    assert drawing.part("format=WARNING", "button_group") == snapshot(name="refused")
    page.checkbox(key="choice-rank-anyway").check().run()
    page.button(key="choice").click().run()
    assert drawing.part("key=choice-rank-anyway", "button_group") == snapshot(name="ranked")


def test_equal_plans_are_no_choice(drawing, server, snapshot):
    open_page("compare", "choice")
    assert drawing.part("key=choice-delta-ticket_wait_mean_min", "button_group") == snapshot


def card_of_one_plan() -> None:
    from types import SimpleNamespace

    from foundation import messages
    from hallplan.page.views.results import _card
    from planner.compare import Difference
    from scenarios.compose.composing import compose
    from sim.statistics import Interval

    comparison = SimpleNamespace(runs=(None, SimpleNamespace(scenario=compose("textbook-mm3"))))
    pair = SimpleNamespace(comparison=comparison, which=1, letters=("A", "B"))
    mean = Interval(5.0, 4.0, 6.0, 0.95, "mean", 9)
    with messages.using("en"):
        for base, other in ((mean, None), (None, mean)):
            _card(pair, Difference("ticket_wait_mean_min", base, other, None, None, True, float("nan")))


def test_a_card_of_what_one_plan_alone_has(drawing, snapshot):
    checked(AppTest.from_function(card_of_one_plan).run())
    assert drawing.text() == snapshot


@pytest.mark.slow
def test_cards_of_plans_of_which_one_has_no_cases(drawing, server, snapshot):
    server.is_immediate = True
    hostile_page("compare", a="textbook-mm3", reps="2")
    assert drawing.part("key=cards", "key=head-waits") == snapshot


def asked_for_differences() -> None:
    import streamlit as st

    from hallplan.page.views.choice import _delta

    metrics = ("ticket_wait_mean_min", "elapsed_mean_days", "visits_per_day", "unserved_share", "cost_per_day")
    st.session_state["deltas"] = {metric: _delta(metric) for metric in metrics}


def test_the_smallest_difference_that_matters_depends_on_the_unit(drawing):
    page = checked(AppTest.from_function(asked_for_differences).run())
    fields = [(field.value, field.min, field.max, field.step) for field in page.number_input]
    assert fields == [
        (1.0, 0.01, 1_000.0, 0.5),
        (1.0, 0.01, 1_000.0, 0.5),
        (5.0, 0.05, 5_000.0, 2.5),
        (1.0, 0.01, 99.0, 0.5),
        (100.0, 1.0, 100_000.0, 50.0),
    ]
    assert list(page.session_state["deltas"].values()) == [1.0, 1.0, 5.0, 0.01, 100.0]
    labels = [field.label for field in page.number_input]
    assert [label.rpartition(", ")[2] for label in labels] == ["min", "working days", "visits", "points", "yuan"]


# ---- evidence and staffing -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_only_the_selected_kind_of_evidence_is_shown(drawing, server, snapshot):
    page = hostile_page("evidence", "provenance", lang="zh")
    page.session_state["provenance-kind"] = "published"
    page.session_state["provenance-plan-2-B"] = "A"
    page.run()
    assert body(drawing) == snapshot


@pytest.mark.slow
def test_a_scenario_without_published_figures_has_none_to_compare(drawing, server):
    server.is_immediate = True
    data = HOSTILE.read_bytes()
    bare = UPLOADS.add(data[: data.index(b"[targets]")] + data[data.index(b"[provenance]") :], title="bare.toml").name
    open_page("evidence", a=bare, b=bare)
    assert "None of the plans has published figures to be held against." in body(drawing)
    assert "alert" not in body(drawing)


@pytest.mark.slow
def test_only_the_selected_role_is_in_the_table_of_staff(drawing, server, snapshot):
    page = hostile_page("build", "staff")
    page.session_state["role-en"] = "<role>"
    page.run()
    assert drawing.part("rows=", "caption") == snapshot
    assert registry().get(server.submitted[0][0]) is not None


@pytest.mark.slow
def test_long_tables_have_a_limited_height(drawing, server):
    page = open_page("build", "staff", a="honghuagang-2014", b="honghuagang-2014")
    assert '{"pixelHeight": 620}' in body(drawing)
    on_page(page, "evidence", "provenance")
    assert '{"pixelHeight": 560}' in body(drawing)
