"""The head of the page: what is compared, the buttons, how the simulation is getting on, and what can't keep up.

Comes in: the session.  Goes out: decisions on it; and, while a job is under way, a part of the page that looks after it
by itself, once a second.
"""

from __future__ import annotations

import streamlit as st

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page.jobs import View
from hallplan.page.plans import Plan, lever_catalogue, plan_b, scenario_title
from hallplan.page.results import overloads
from hallplan.page.runs import PlanStudy, Run, background, progress_of, registry
from hallplan.page.session import Session
from hallplan.page.state import reset_changes
from hallplan.page.text import overload_sentences, plain, say, sentence, together
from hallplan.show.words import in_language, pool_title

__all__ = ["buttons", "forewarn", "notes", "progress", "title"]

_POLL_S = 1.0


def title(session: Session) -> None:
    """Say what is compared with what."""
    language, settings = messages.language(), session.settings
    st.title(say("title"), anchor=False)
    st.markdown(
        say(
            "comparing",
            a=plain(scenario_title(settings.a, language)),
            b=plain(scenario_title(settings.b, language)),
            changes=say("changes.none") if not settings.changes else _changes(session),
        )
    )
    with st.container(key="phone-hint"):
        st.caption(say("phone_hint"))


def _changes(session: Session) -> str:
    settings, language, catalogue = session.settings, messages.language(), lever_catalogue()

    def lever_title(name: str) -> str:
        return plain(in_language(catalogue[name].spec.title, name))

    parts = [say("changes.on", lever=lever_title(choice.name)) for choice in settings.on]
    parts += [say("changes.off", lever=lever_title(name)) for name in settings.off if name in catalogue]
    try:
        scenario, idle = plan_b(settings).scenario, plan_b(settings).idle
        parts += [
            say("changes.staff", pool=plain(pool_title(scenario, pool, language)), servers=servers)
            for pool, servers in settings.staff
            if pool not in idle
        ]
    except HallplanError:
        parts += [say("changes.staff", pool=plain(pool), servers=servers) for pool, servers in settings.staff]
    if settings.demand != 1.0:
        parts.append(say("changes.demand_both" if settings.both else "changes.demand", factor=settings.demand))
    return say("changes.some", changes=say("semicolon").join(parts))


def buttons(session: Session, *, shown: Run | None, wanted: PlanStudy | None) -> None:
    """Offer to simulate, or to go on with it, and to take decisions back."""
    history = session.history
    is_stale = wanted is not None and (shown is None or shown.study.name != wanted.name)
    is_under_way = wanted is not None and _is_under_way(session, wanted)
    more = wanted is not None and progress_of(wanted).next_stage is not None
    with st.container(horizontal=True, key="buttons"):
        st.button(
            say("buttons.run" if is_stale or not more else "buttons.go_on"),
            key="run",
            type="primary",
            icon=":material/play_arrow:",
            on_click=session.submit,
            disabled=is_under_way or not more,
        )
        st.button(
            say("buttons.undo"),
            key="undo",
            icon=":material/undo:",
            on_click=session.undo,
            disabled=not history.past,
        )
        st.button(
            say("buttons.redo"),
            key="redo",
            icon=":material/redo:",
            on_click=session.redo,
            disabled=not history.future,
        )
        st.button(
            say("buttons.reset"),
            key="reset",
            icon=":material/restart_alt:",
            on_click=lambda: session.change(reset_changes),
            disabled=session.settings == reset_changes(session.settings),
        )
    if wanted is not None and wanted.has_no_difference:
        st.info(say("no_difference"), icon=":material/compare_arrows:")
    elif shown is not None and is_stale and not is_under_way:
        st.info(say("stale"), icon=":material/update:")


def _is_under_way(session: Session, wanted: PlanStudy) -> bool:
    view = background().view(session.job) if session.job else None
    run = registry().get(session.job)
    return view is not None and view.is_active and run is not None and run.study.name == wanted.name


def forewarn(plans: dict[str, Plan]) -> None:
    """Say what is known before anything is simulated: what can't keep up, plan by plan, and what calendars lack."""
    for letter, plan in plans.items():
        sentences = overload_sentences(letter, overloads(plan.scenario, messages.language()))
        if sentences:
            st.warning(plain(together(*sentences)), icon=":material/warning:")
    years = sorted({year for plan in plans.values() for year in plan.unannounced})
    if years:
        error = HallplanError("warning.no_holiday_notice", years=say("comma").join(map(str, years)))
        st.info(sentence(error), icon=":material/event_busy:")


def notes(session: Session) -> None:
    """Show what there is to say once."""
    for error in session.notes:
        st.warning(sentence(error), icon=":material/info:")
    session.notes.clear()


def progress(session: Session, *, shown: Run | None) -> None:
    """Show how the job is getting on, if one is under way, and what became of it if it failed."""
    view = background().view(session.job) if session.job else None
    if view is not None and view.state == "failed" and view.error is not None:
        st.error(say("failed", why=sentence(view.error)), icon=":material/error:")
    if view is not None and view.is_active:
        run = registry().get(session.job)
        refines = shown is not None and run is not None and shown.study.name == run.study.name
        st.fragment(_watch, run_every=_POLL_S)(session, refines=refines)


def _watch(session: Session, *, refines: bool) -> None:
    # A part that runs by itself does so outside the script, where no language has been chosen.
    with messages.using(session.language):
        view = background().view(session.job) if session.job else None
        if view is None or not view.is_active:
            st.rerun()
        else:
            _bar(session, view, refines=refines)


def _bar(session: Session, view: View, *, refines: bool) -> None:
    if view.state == "waiting" and view.ahead:
        text = say("progress.waiting", ahead=view.ahead)
    else:
        text = say("progress.refining" if refines else "progress.running", done=view.done, total=view.total)
    with st.container(horizontal=True, vertical_alignment="center", key="progress"):
        st.progress(view.done / view.total, text=text)
        if st.button(say("buttons.stop" if refines else "buttons.cancel"), key="cancel", icon=":material/close:"):
            session.cancel()
            session.notes.append(HallplanError("page.progress.stopped" if refines else "page.progress.cancelled"))
            st.rerun()
