"""Where an identity provider is set up, nobody sees the page before signing in; elsewhere nobody is asked."""

from importlib import util
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from hallplan.page.views import sign_in

APP = Path(__file__).parents[3] / "app.py"


def open_page(language="en"):
    page = AppTest.from_file(str(APP), default_timeout=60)
    for key, value in {"a": "textbook-mm3", "b": "textbook-mm3", "reps": "2", "seed": "81", "lang": language}.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


@pytest.fixture
def stranger(monkeypatch):
    """Be somebody who has not signed in, as Streamlit says where a provider is set up."""
    monkeypatch.setattr(sign_in.st, "user", {"is_logged_in": False})


@pytest.fixture
def library(monkeypatch):
    """Say that the library of the sign-in is there."""
    monkeypatch.setattr(sign_in, "find_spec", lambda name: util.find_spec("json"))


@pytest.mark.parametrize(("language", "label"), [("en", "Sign in"), ("zh", "登录")])
def test_who_has_not_signed_in_sees_nothing_but_the_way_to_do_so(stranger, library, language, label):
    page = open_page(language)
    assert [button.label for button in page.button] == [label]
    assert not page.selectbox
    assert "hallplan" not in page.session_state, "nothing is computed for a stranger"


def test_a_missing_library_is_said(stranger):
    page = open_page()
    assert "Authlib is missing" in page.error[0].value
    assert not page.button


def test_who_has_signed_in_sees_the_page_and_may_sign_out(monkeypatch):
    monkeypatch.setattr(sign_in.st, "user", {"is_logged_in": True})
    assert "Sign out" in [button.label for button in open_page().button]


def test_without_a_provider_nobody_is_asked():
    page = open_page()
    assert "hallplan" in page.session_state
    assert not {"Sign in", "Sign out"} & {button.label for button in page.button}
