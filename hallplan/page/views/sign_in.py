"""Signing in through an identity provider (OIDC), where whoever runs the server has set one up.

Comes in: what Streamlit knows of the visitor.  Goes out: whether the page may be shown; else a button that leads to
the provider.  Without a section ``[auth]`` in Streamlit's secrets nobody has to sign in.
"""

from __future__ import annotations

from importlib.util import find_spec

import streamlit as st

from hallplan.page.text import say

__all__ = ["is_signed_in", "offer_sign_in", "offer_sign_out"]


def is_signed_in() -> bool:
    """Tell whether the visitor may see the page: nobody has to sign in here, or the visitor has."""
    return bool(st.user.get("is_logged_in", True))


def offer_sign_in() -> None:
    """Draw nothing but the way to the provider."""
    st.title(say("sign_in.title"), anchor=False)
    st.markdown(say("sign_in.intro"))
    if find_spec("authlib") is None:
        st.error(say("sign_in.no_library"), icon=":material/error:")
        return
    st.button(say("sign_in.button"), icon=":material/login:", on_click=st.login, type="primary", key="sign-in")


def offer_sign_out() -> None:
    """Draw a button to sign out, if the visitor has signed in."""
    if st.user.get("is_logged_in", False):
        st.button(say("sign_in.sign_out"), icon=":material/logout:", on_click=st.logout, key="sign-out")
