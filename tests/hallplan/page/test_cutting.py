"""Shorter limits on the page: what is on paper at once, and the answers of the command line with the same seed."""

import pytest
from page_samples import checked, open_page
from page_server import server

import hallplan
from hallplan.page.cutting import limits_of, promised_cut
from hallplan.page.runs import background
from planner.promises import PromiseGoal
from scenarios.compose.composing import compose, composed
from scenarios.compose.levers import LeverUse

__all__ = ["server"]

SHORT = {"a": "township-desk", "b": "township-desk", "b_on": "accept-with-gaps", "seed": "5"}


def test_promises_are_held_against_the_law_sum_against_sum():
    limits = limits_of(compose("township-desk"))
    statutory, promised = sum(item.statutory for item in limits), sum(item.promised for item in limits)
    assert promised_cut(limits) == pytest.approx((statutory - promised) / statutory)
    assert all(item.cut == pytest.approx(1 - item.promised / item.statutory) for item in limits)


def test_what_is_on_paper_is_there_at_once_and_the_rest_when_asked_for(server):
    page = open_page("compression", **SHORT)
    assert any("On paper: the promised limits of" in text.value for text in page.markdown)
    assert {"cut-promise", "cut-earned"} <= {button.key for button in page.button}


def test_a_share_that_is_none_is_refused(server):
    page = open_page("compression", **SHORT)
    for text in ("", "100", "49", "ninety"):
        checked(page.text_input(key="cut-percent").set_value(text).run())
        assert "is no number from 50 to 99.9: 95 stays" in page.error[0].value.replace("\\", "")


def test_plan_a_alone_has_nothing_to_divide(server):
    page = open_page("compression", plan="a", **SHORT)
    assert any("Look at another plan than A" in caption.value for caption in page.caption)
    assert "cut-earned" not in {button.key for button in page.button}


def test_a_hall_without_limits_is_told_in_a_sentence(server):
    page = open_page("compression")
    assert not page.error
    assert "there is nothing to shorten" in page.info[0].value


@pytest.mark.slow
def test_the_shortest_promises_are_those_of_the_command_line(server):
    page = open_page("compression", **SHORT)
    server.is_immediate = True
    checked(page.button(key="cut-promise").click().run())
    (job,) = [name for name, _, _ in server.submitted if name.startswith("promise:")]
    (result,) = background().results(job)
    stated = hallplan.promise(
        composed("township-desk").changed(levers=[LeverUse("accept-with-gaps")]), PromiseGoal(share=0.95), seed=5
    )
    assert [item.shortest for item in result.judged] == [item.shortest for item in stated.judged]
    assert page.dataframe
