"""One visitor's page: the settings and their history, the language, and which results are on the screen.

Comes in: what the browser's address says, and the visitor's clicks.  Goes out: the settings to draw, and the address
kept up to date, so that a reload, a reconnect or a colleague who is sent the link finds the same page.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from foundation.errors import HallplanError
from foundation.messages import LANGUAGES, Language, language
from hallplan.page.link import Address, from_query, to_query
from hallplan.page.plans import UPLOADS, known_scenarios, lever_catalogue
from hallplan.page.runs import Run, background, prepare, progress_of, registry, submit
from hallplan.page.state import History, PlanChoice, Settings, change_plan, look_at
from hallplan.page.storage import start_sweeping
from hallplan.show.comparison_frames import LETTERS

__all__ = ["Session", "link_language", "open_session"]

_KEY = "hallplan"


@dataclass
class Session:
    """What the server remembers of one visitor.

    Attributes
    ----------
    history
        Settings, and the way back.
    language
        Of the page.
    owner
        Who the visitor is to the queue.
    job
        The job submitted last, "" before the first and after one that was given up.
    shown
        The job whose results are on the screen, "" if none.
    uploads
        Uploaded scenarios that the visitor can choose from.
    step
        Counts what makes tables with edits in them start afresh.
    notes
        Sentences to show once.
    """

    history: History
    language: Language
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
    job: str = ""
    shown: str = ""
    uploads: tuple[str, ...] = ()
    step: int = 0
    notes: list[HallplanError] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.history.present

    def change(self, decide: Callable[[Settings], Settings], *, fresh: bool = True) -> None:
        """Take a decision and simulate what it means; `fresh` if tables must show it (not when it was made in one)."""
        self._go(self.history.then(decide(self.settings)), fresh)

    def change_plan(self, decide: Callable[[PlanChoice], PlanChoice], *, fresh: bool = True) -> None:
        """Take a decision about the plan that is looked at."""
        self.change(lambda settings: change_plan(settings, decide), fresh=fresh)

    def look_at(self, place: int) -> None:
        """Look at another plan."""
        self.history = self.history.looking(look_at(self.settings, place))
        self.step += 1

    def undo(self) -> None:
        """Take back the last decision."""
        self._go(self.history.undo(), True)

    def redo(self) -> None:
        """Take back the taking back."""
        self._go(self.history.redo(), True)

    def _go(self, history: History, fresh: bool) -> None:
        if history == self.history:
            return
        self.history = history
        self.step += fresh
        self.submit()

    def submit(self) -> None:
        """Queue the next stage of the comparison that the settings mean, past those whose results are there."""
        try:
            study = prepare(self.settings)
        except HallplanError:  # the page says why
            self.cancel()
            return
        try:
            while (run := progress_of(study).next_stage) is not None:
                view = submit(run.name, run.units, owner=self.owner)
                registry().add(run)
                if self.job != run.name:
                    self.cancel()
                self.job = run.name
                if view.state != "done":
                    return
        except HallplanError as error:
            self.job = ""
            self.notes.append(error)

    def go_on(self) -> None:
        """Queue the next stage if the one submitted last is done, and belongs to what the settings mean."""
        view, run = background().view(self.job), registry().get(self.job)
        if view is None or view.state != "done" or run is None:
            return
        try:
            is_wanted = prepare(self.settings).name == run.study.name
        except HallplanError:
            return
        if is_wanted:
            self.submit()

    def cancel(self) -> None:
        """Give up the job submitted last, if it is under way."""
        if self.job:
            background().cancel(self.job, owner=self.owner)
        self.job = ""

    def results(self) -> Run | None:
        """Return the run to show: the furthest that the settings mean, else the latest that was done."""
        wanted = self._furthest()
        if wanted is not None:
            self._show(wanted)
            return wanted
        for name in (self.job, self.shown):
            view = background().view(name) if name else None
            run = registry().get(name) if name else None
            if view is not None and view.state == "done" and run is not None:
                self._show(run)
                return run
        return None

    def _show(self, run: Run) -> None:
        before = registry().get(self.shown)
        if before is None or before.study.name != run.study.name:
            self.step += 1  # more replications of the same plans leave alone what is being typed
        self.shown = run.name

    def _furthest(self) -> Run | None:
        try:
            return progress_of(prepare(self.settings)).done
        except HallplanError:
            return None

    def write_address(self) -> None:
        """Say in the browser's address what is on the page."""
        query = to_query(self.settings, language=self.language, job=self.job or self.shown)
        if {key: st.query_params.get_all(key) for key in st.query_params} != query:
            st.query_params.from_dict(query)


def link_language() -> Language:
    """Return the language that the address names, else the one in use."""
    named = st.query_params.get("lang", "")
    return next((candidate for candidate in LANGUAGES if candidate == named), language())


def open_session() -> Session:
    """Return the visitor's session; the first time, as the address says."""
    if _KEY not in st.session_state:
        start_sweeping()
        st.session_state[_KEY] = _from_address()
    session: Session = st.session_state[_KEY]
    return session


def _from_address() -> Session:
    query = {key: st.query_params.get_all(key) for key in st.query_params}
    named = [name for letter in LETTERS.lower() for name in query.get(letter, [])]
    address: Address = from_query(query, scenarios=known_scenarios(*named), levers=lever_catalogue())
    session = Session(
        History(address.settings),
        address.language or language(),
        uploads=tuple(name for name in dict.fromkeys(named) if UPLOADS.get(name) is not None),
        notes=list(address.complaints),
    )
    view = background().view(address.job) if address.job else None
    if view is not None and view.state != "cancelled" and registry().get(address.job) is not None:
        session.job = address.job
    else:
        session.submit()
    return session
