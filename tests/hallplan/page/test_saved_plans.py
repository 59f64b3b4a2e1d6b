"""Plans in the server's workspace: saved, opened, renamed and deleted, and nobody's work is lost without a word."""

import pytest
from page_samples import checked, hostile_page, on_page, open_page
from page_server import server

from hallplan.page.plans import plan_of
from hallplan.page.server import WORKSPACE_VARIABLE, workspace
from scenarios.compose.composing import compose

__all__ = ["server"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(tmp_path / "plans"))
    return workspace()


def settings(page):
    return page.session_state["hallplan"].settings


def save_as(page, name):
    page.text_input(key="save-name").set_value(name).run()
    return checked(page.button(key="save-plan").click().run())


def notes(page):
    return [warning.value for warning in page.warning]


def test_without_a_workspace_there_is_nothing_to_save_in(server):
    page = open_page("build")
    assert page.segmented_control(key="part-build").options == ["The plan", "Staff", "Your own hall"]


def test_a_plan_is_saved_under_its_name_and_the_command_line_composes_the_same(server, folder):
    page = save_as(open_page("build", "saved", b_demand="1.1", b_staff="windows:4"), "四个窗口")
    assert notes(page) == ["Plan “四个窗口” is saved\\."]
    assert compose(folder.plan_file("四个窗口")) == folder.composed("四个窗口").scenario
    saved, plan = folder.composed("四个窗口").scenario, plan_of(settings(page).plan).scenario
    assert (saved.demand, saved.pools["windows"].servers) == (plan.demand, 4)
    assert settings(page).plan.title == "四个窗口"


@pytest.mark.parametrize("name", ["", "../x", "a/b", "con"])
def test_a_name_that_no_file_can_have_is_refused_in_a_sentence(server, folder, name):
    page = save_as(open_page("build", "saved"), name)
    assert len(notes(page)) == 1
    assert folder.plans() == []


def test_a_version_that_somebody_else_saved_is_replaced_only_when_told_so(server, folder):
    first, second = open_page("build", "saved", b_demand="1.1"), open_page("build", "saved", b_demand="1.2")
    save_as(first, "shared")
    before = folder.text("shared")
    save_as(second, "shared")
    assert folder.text("shared") == before
    assert len(notes(second)) == 1
    checked(second.button(key="save-anyway").click().run())
    assert folder.composed("shared").scenario.demand == pytest.approx(1.2)
    save_as(first, "shared")
    assert folder.composed("shared").scenario.demand == pytest.approx(1.2), "the first has not seen the second's"


def test_a_saved_plan_is_opened_renamed_and_deleted(server, folder):
    save_as(open_page("build", "saved", b_demand="1.3"), "busy")
    page = open_page("build", "saved")
    checked(page.button(key="open-saved").click().run())
    assert plan_of(settings(page).plan).scenario.demand == pytest.approx(1.3)
    assert settings(page).plan.title == "busy"
    page.text_input(key="new-name").set_value("busier").run()
    checked(page.button(key="rename-saved").click().run())
    assert [plan.name for plan in folder.plans()] == ["busier"]
    checked(page.button(key="delete-saved").click().run())
    assert folder.plans() == []
    assert "No plan is saved yet." in [caption.value for caption in page.caption]


def test_a_plan_of_an_uploaded_scenario_is_saved_whole(server, folder):
    page = on_page(hostile_page("build"), "build", "saved")
    save_as(page, "whole")
    assert folder.composed("whole").scenario.pools["window"].servers == 2
    assert "extends" not in folder.text("whole")
