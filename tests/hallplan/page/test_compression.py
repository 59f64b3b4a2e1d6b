"""The page of limits: its question, what it shows at once, and that its answers are the command line's."""

import pytest
from page_samples import checked, open_page
from page_server import server

from hallplan.api_compression import compression, reforms_between
from hallplan.api_promise import promise
from hallplan.page.compression import LimitQuestion, clocks_steps, compression_steps, promise_steps, promised_by_sums
from hallplan.page.plans import plan_of
from hallplan.page.state import LeverChoice, PlanChoice
from planner.promises import PromiseGoal
from scenarios.compose.composing import compose, composed

__all__ = ["server"]

REFORMS = ("accept-with-gaps", "extended-hours")
DESK = {"a": "township-desk", "b": "township-desk", "seed": "5"}


def desk(*reforms, percent=95):
    after = PlanChoice("township-desk", on=tuple(map(LeverChoice, reforms)))
    return LimitQuestion(plan_of(PlanChoice("township-desk")), plan_of(after), percent, 5)


def test_levers_of_one_reform_are_together_and_others_stand_alone():
    base = composed("honghuagang-2013")
    after = base.changed(levers=["extended-hours", "more-review-time", "delegate-sign-off", "merge-sections"])
    groups = [[use.name for use in group] for group in reforms_between(base, after)]
    assert groups == [["more-review-time", "merge-sections"], ["delegate-sign-off"], ["extended-hours"]]


def test_promised_compression_is_of_the_sums_of_limits():
    limits = {"services.birth-certificate.promised_limit": "10 working days"}
    scenario = compose("township-desk", overrides=limits)
    assert promised_by_sums(scenario) == (pytest.approx(10 / 95), 3)  # of 20, 30 and 45 days, 20 are cut to 10


def test_promised_compression_is_there_before_anything_is_simulated(server):
    page = open_page("compression", b_on="extended-hours", **DESK)
    assert [(card.label, card.value) for card in page.metric] == [
        ("Promised: promises against statutory limits", "0.0%")
    ]


def test_a_share_that_is_none_is_refused_and_the_share_in_force_stays(server):
    page = open_page("compression", **DESK)
    for text in ("100", "49", "92.5", "-3", ""):
        checked(page.text_input(key="cuts-percent-field").set_value(text).run())
        assert "is no whole number from 50 to 99: 95 stays" in page.error[0].value
    checked(page.text_input(key="cuts-percent-field").set_value("90").run())
    assert (page.text_input(key="cuts-percent-field").value, len(page.error)) == ("90", 0)


def test_a_hall_without_limits_is_told_so(server):
    page = open_page("compression")
    assert "No item of plan B has both a statutory limit and a promise" in page.info[-1].value


def test_plan_a_is_not_compared_with_itself(server):
    page = open_page("compression", **DESK)
    assert "This is plan A itself" in page.info[-1].value
    assert "cuts-reforms" not in [button.key for button in page.button]


@pytest.mark.slow
def test_the_page_comes_to_what_the_command_line_does(server):
    server.is_immediate = True
    page = open_page("compression", b_on=REFORMS, **DESK)
    question = desk(*REFORMS, percent=90)
    page.text_input(key="cuts-percent-field").set_value("90").run()
    page.button(key="cuts-reforms").click().run()
    checked(page)
    after = question.after.composed
    assert any("A promise 52% below the statutory limits, for 90% of the cases" in text.value for text in page.markdown)
    command = compression("township-desk", after, q=0.9, seed=5)
    answer = compression_steps(question)[-1].results[0]
    for name, frame in command.frames().items():
        assert answer.frames()[name].equals(frame)
    clocks = clocks_steps(question)[-1].results[0]
    assert (clocks.promised, clocks.supported, clocks.realised) == (
        command.clocks.promised,
        command.clocks.supported,
        command.clocks.realised,
    )
    promises = promise(after, PromiseGoal(share=0.9), seed=5)
    shown = promise_steps(question)[-1].results[0]
    for name, frame in promises.frames().items():
        assert shown.frames()[name].equals(frame)


@pytest.mark.slow
def test_the_work_for_the_reforms_shows_how_far_it_is_and_can_be_given_up(server):
    page = open_page("compression", b_on="extended-hours", **DESK)
    page.button(key="cuts-reforms").click().run()
    server.work(6)
    checked(page.run())
    page.button(key="cancel-cuts-reforms").click().run()
    assert page.button(key="cuts-reforms").label == "Compute what each reform contributes"
