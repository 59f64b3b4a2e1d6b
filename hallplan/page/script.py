"""The page: what Streamlit runs, from top to bottom, at every click.

Comes in: a browser's session.  Goes out: the page that is open.  Nothing is simulated here: the script submits jobs and
shows what is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from foundation import messages
from hallplan.page.pages import build, compare, compression, evidence, hall, report, staffing
from hallplan.page.screen import Screen, screen_of
from hallplan.page.session import Session, link_language, open_session
from hallplan.page.text import say
from hallplan.page.views.head import head
from hallplan.page.views.panel import panel
from hallplan.page.views.sign_in import is_signed_in, offer_sign_in, offer_sign_out

__all__ = ["PAGES", "PageFile", "main"]

_PANEL_PX: Final = 300
_STYLE: Final = Path(__file__).with_name("style.css")


@dataclass(frozen=True)
class PageFile:
    """A page: its name in the address and in the catalogue, its icon, and what draws it."""

    name: str
    icon: str
    draw: Callable[[Screen], None]


PAGES: Final = (
    PageFile("hall", ":material/account_balance:", hall.draw),
    PageFile("build", ":material/construction:", build.draw),
    PageFile("compare", ":material/compare_arrows:", compare.draw),
    PageFile("staffing", ":material/groups:", staffing.draw),
    PageFile("compression", ":material/compress:", compression.draw),
    PageFile("evidence", ":material/fact_check:", evidence.draw),
    PageFile("report", ":material/description:", report.draw),
)
"""The pages in their order; the first opens by itself."""


def main() -> None:
    """Draw the page that is open, or the way to sign in."""
    if not is_signed_in():
        with messages.using(link_language()):
            st.set_page_config(page_title=say("browser_title"), page_icon="🏛️")
            offer_sign_in()
        return
    session = open_session()
    with messages.using(session.language):
        st.set_page_config(
            page_title=say("browser_title"), page_icon="🏛️", layout="wide", initial_sidebar_state=_PANEL_PX
        )
        st.html(_STYLE)
        st.html(_widget_texts())
        navigation = st.navigation([_page(page, session, is_first=page is PAGES[0]) for page in PAGES])
        with st.sidebar:
            panel(session)
            offer_sign_out()
        navigation.run()
        session.write_address()


def _page(page: PageFile, session: Session, *, is_first: bool) -> st.Page:
    def draw() -> None:
        screen = screen_of(session)
        head(screen, page.name)
        page.draw(screen)

    return st.Page(draw, title=say(f"pages.{page.name}"), icon=page.icon, url_path=page.name, default=is_first)


def _widget_texts() -> str:
    """Return the style that puts our words in the place of texts which Streamlit has in English only."""
    words = {"--upload": say("widgets.upload"), "--apply": say("widgets.apply")}
    return "<style>:root {" + "".join(f'{name}: "{word}";' for name, word in words.items()) + "}</style>"
