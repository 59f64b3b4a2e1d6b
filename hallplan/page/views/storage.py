"""What this server stores, for how long, and a button that deletes it.

Comes in: the session.  Goes out: a table on the screen; what was confirmed is deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd
import streamlit as st

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page.session import Session
from hallplan.page.storage import delete_cache, delete_uploads, holdings
from hallplan.page.text import say, sentence
from hallplan.storage import Holding, Kind
from sim.run.store import keep_days

__all__ = ["storage"]

_MEGABYTE: Final = 1_000_000
_DELETE: Final[dict[str, Callable[[], int]]] = {"uploads": delete_uploads, "cache": delete_cache}
_DELETED_KINDS: Final[dict[str, tuple[Kind, ...]]] = {"uploads": ("uploads",), "cache": ("results", "prepared")}
_KEPT_BY_HAND: Final = ("plans", "plan_results")


def storage(session: Session) -> None:
    """Draw what is stored, and the buttons that delete it."""
    st.subheader(say("storage.title"), anchor=False)
    try:
        days, stored = keep_days(), holdings()
    except HallplanError as error:
        st.error(sentence(error), icon=":material/error:")
        return
    st.markdown(say("storage.intro", days=days))
    st.table(pd.DataFrame([_row(holding, days) for holding in stored]).set_index(say("storage.what")))
    sizes = {holding.kind: holding.count for holding in stored}
    with st.container(horizontal=True):
        for name, kinds in _DELETED_KINDS.items():
            _button(session, name, is_empty=not any(sizes[kind] for kind in kinds))


def _row(holding: Holding, days: int) -> dict[str, str]:
    by_hand = holding.kind in _KEPT_BY_HAND
    size = say("storage.amount", n=holding.count, megabytes=f"{holding.size / _MEGABYTE:,.1f}")
    return {
        say("storage.what"): say(f"storage.kind_{holding.kind}"),
        say("storage.stored"): size if holding.count else "–",
        say("storage.stays"): say("storage.until_deleted") if by_hand else say("storage.for_days", days=days),
    }


def _button(session: Session, name: str, *, is_empty: bool) -> None:
    """Draw a button that opens a question, whose answer deletes."""

    def delete() -> None:
        with messages.using(session.language):
            freed = _DELETE[name]()
            session.notes.append(HallplanError("page.storage.deleted", megabytes=f"{freed / _MEGABYTE:,.1f}"))

    with st.popover(say(f"storage.delete_{name}"), icon=":material/delete:", disabled=is_empty):
        st.markdown(say(f"storage.confirm_{name}"))
        st.button(say("storage.confirm"), on_click=delete, type="primary", key=f"delete-{name}")
