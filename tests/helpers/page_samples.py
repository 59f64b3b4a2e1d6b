"""Comparisons that the page's tests draw: simulated once, small, and with names that try to be something else."""

from functools import cache
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from hallplan.page.plans import UPLOADS, Plan, plan_of
from hallplan.page.script import PAGES
from hallplan.page.state import LeverChoice, PlanChoice, Settings
from planner.compare import Comparison
from scenarios.compose.composing import Composed, compose, composed
from scenarios.model import Scenario
from sim.run.study import Study, run

APP = Path(__file__).parents[2] / "app.py"
HOSTILE = Path(__file__).with_name("hostile.toml")
REPLICATIONS = 3
PARTS = (
    ("hall", ""),
    ("build", "plan"),
    ("build", "staff"),
    ("build", "own"),
    ("compare", "results"),
    ("compare", "choice"),
    ("staffing", ""),
    ("compression", ""),
    ("evidence", "targets"),
    ("evidence", "provenance"),
    ("evidence", "method"),
    ("evidence", "stored"),
    ("report", ""),
)
"""Every page, and every part of it."""


@cache
def hostile() -> Composed:
    return composed(HOSTILE)


def compared(a: Scenario, b: Scenario, *, replications: int = REPLICATIONS) -> Comparison:
    return Comparison.of(run(Study.of(a, b, replications=replications, seed=1, curves=True)))


@cache
def hostile_comparison() -> Comparison:
    """The hostile hall against itself with a second window and a lame office."""
    a = hostile().scenario
    b = hostile().changed(overrides={"pools.window.servers": 2, "pools.office.work_factor": 1.1}).scenario
    return compared(a, b)


@cache
def textbook_comparison() -> Comparison:
    """Three windows against four, with nothing but one instant service."""
    a, b = (compose("textbook-mm3", overrides={"run.days": 5, "pools.windows.servers": servers}) for servers in (3, 4))
    return compared(a, b)


def two_plans(
    a: str = "honghuagang-2013",
    b: str = "honghuagang-2014",
    *,
    on: tuple[LeverChoice, ...] = (),
    off: tuple[str, ...] = (),
    staff: tuple[tuple[str, int], ...] = (),
    demand: float = 1.0,
    **settings: Any,
) -> Settings:
    """Choose two plans: A as its scenario is, and B with changes."""
    return Settings((PlanChoice(a), PlanChoice(b, on, off, staff, demand)), **settings)


def plan_a(settings: Settings) -> Plan:
    return plan_of(settings.plans[0])


def plan_b(settings: Settings) -> Plan:
    return plan_of(settings.plans[1])


def on_page(page: AppTest, name: str, part: str = "") -> AppTest:
    """Go to a page, and to a part of it."""
    page._page_hash = calc_hash("" if name == PAGES[0].name else name)
    if part:
        page.session_state[f"part-{name}-open"] = part
    return checked(page.run())


def open_page(name: str = "compare", part: str = "", **query: str) -> AppTest:
    """Open a page by a link; two replications of the textbook hall unless the link says more.

    What belongs to a plan is named with its letter: ``b_demand="1.1"``.
    """
    page = AppTest.from_file(str(APP), default_timeout=300)
    usual = {"a": "textbook-mm3", "b": "textbook-mm3", "lang": "en"}
    query = usual | ({} if "precision" in query else {"reps": "2"}) | query
    for key, value in query.items():
        page.query_params[key.replace("_", "-")] = value
    return on_page(page, name, part)


def checked(page: AppTest) -> AppTest:
    """See that the page has no fault."""
    assert not page.exception, [fault.message for fault in page.exception]
    return page


def hostile_page(name: str = "compare", part: str = "", **query: str) -> AppTest:
    """Open the page on the hostile hall against itself with a second window."""
    hall = UPLOADS.add(HOSTILE.read_bytes(), title="<b>mine</b>.toml").name
    return open_page(name, part, **({"a": hall, "b": hall, "b_staff": "window:2", "reps": "3"} | query))
