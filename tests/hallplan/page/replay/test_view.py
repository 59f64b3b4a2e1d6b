"""The replay on the page: asked for by itself, drawn when it is there, and in one sentence when it can't be."""

import json

import pytest
from page_server import server
from streamlit.testing.v1 import AppTest

from foundation.errors import HallplanError
from hallplan.page.replay import preparing
from hallplan.page.views import replay as view

__all__ = ["server"]


def page() -> None:
    import streamlit as st

    from foundation import messages
    from hallplan.page.plans import plan_of
    from hallplan.page.session import Session
    from hallplan.page.state import History, PlanChoice, Settings
    from hallplan.page.views.replay import replay

    choice = PlanChoice("township-desk", demand=1.1)  # no plan whose day comes with the package
    settings = Settings((choice, choice))
    session = st.session_state.setdefault("session", Session(History(settings), "en"))
    with messages.using("en"):
        replay(session, plan_of(choice))


@pytest.fixture
def drawn(monkeypatch):
    """Every day that is sent to the browser."""
    days = []
    monkeypatch.setattr(view, "draw_day", lambda day, texts, key: days.append((json.loads(day), texts, key)))
    return days


def test_the_day_is_asked_for_by_itself_and_said_to_be_on_its_way(server, drawn):
    shown = AppTest.from_function(page).run(timeout=30)
    assert [caption.value for caption in shown.caption] == ["The day is being prepared …"]
    assert len(server.submitted) == 1
    assert not drawn


def test_the_day_is_drawn_when_it_is_there(server, drawn):
    server.is_immediate = True
    shown = AppTest.from_function(page).run(timeout=30)
    assert not shown.exception
    ((day, texts, _),) = drawn
    assert f"its {len(day['visits'])} visits" in shown.caption[0].value
    assert texts["play"] == "Play"
    shown.run(timeout=30)
    assert len(server.submitted) == 1


def fail(*_):
    raise HallplanError("page.jobs.died")


def test_a_day_that_can_not_be_simulated_is_offered_again(server, drawn, monkeypatch):
    server.is_immediate = True
    monkeypatch.setattr(preparing, "_replay", fail)
    shown = AppTest.from_function(page).run(timeout=30)
    assert [button.label for button in shown.button] == ["Prepare the replay"]
    assert len(shown.error) == 1
    monkeypatch.undo()


def test_a_plan_too_large_for_the_page_is_said_in_one_sentence(server, drawn, monkeypatch):
    monkeypatch.setattr("hallplan.page.runs.MOST_ARRIVALS", 1)
    shown = AppTest.from_function(page).run(timeout=30)
    assert len(shown.caption) == 1
    assert "township" in shown.caption[0].value
    assert not server.submitted
