"""The page of staffing: its question, and that its answer is the command line's."""

import pytest
from page_samples import checked, open_page
from page_server import server

from hallplan.api_staffing import staff
from hallplan.page.plans import plan_of
from hallplan.page.runs import background
from hallplan.page.staffing import StaffQuestion, staff_unit
from planner.staffing.targets import HallWaitTarget, WaitTarget

__all__ = ["server"]


def test_a_question_is_the_target_that_the_command_line_reads():
    assert StaffQuestion(92.5, 20).target == WaitTarget(0.925, 20)
    assert StaffQuestion(80, 10, True).target == HallWaitTarget(0.8, 10)


def test_a_share_that_is_none_is_refused_and_the_question_stays(server):
    server.is_immediate = True
    page = open_page("staffing", a="township-desk", b="township-desk")
    page.text_input(key="staff-percent").set_value("100").run()
    assert "90" in checked(page).error[0].value
    assert page.text_input(key="staff-percent").value == "90"


@pytest.mark.slow
def test_the_page_comes_to_what_the_command_line_does_and_takes_it_as_a_new_plan(server):
    server.is_immediate = True
    page = open_page("staffing", a="township-desk", b="township-desk", seed="5")
    settings = page.session_state["hallplan"].settings
    page.button(key="staff").click().run()
    unit = staff_unit(plan_of(settings.plan), StaffQuestion(), seed=5)
    (answer,) = background().results(unit.key)
    command = staff("township-desk", "90% within 15 min", seed=5)
    for name, frame in command.frames().items():
        assert answer.frames()[name].equals(frame)
    page.button(key="staff-take").click().run()
    settings = checked(page).session_state["hallplan"].settings
    assert (len(settings.plans), settings.plan.title) == (3, "Plan B in shifts")
