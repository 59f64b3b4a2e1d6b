"""Comparisons that the page's tests draw: simulated once, small, and with names that try to be something else."""

from functools import cache
from pathlib import Path

from streamlit.testing.v1 import AppTest

from foundation import messages
from hallplan.page.plans import UPLOADS
from planner.compare import Comparison
from scenarios.compose.composing import Composed, compose, composed
from scenarios.model import Scenario
from sim.run.study import Study, run

APP = Path(__file__).parents[2] / "app.py"
HOSTILE = Path(__file__).with_name("hostile.toml")
REPLICATIONS = 3


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


def open_page(tab: str = "results", **query: str) -> AppTest:
    """Open the page on one of its tabs, by a link; two replications of the textbook hall unless the link says more."""
    page = AppTest.from_file(str(APP), default_timeout=300)
    usual = {"a": "textbook-mm3", "b": "textbook-mm3", "lang": "en"}
    query = usual | ({} if "precision" in query else {"reps": "2"}) | query
    for key, value in query.items():
        page.query_params[key] = value
    title = messages.text(f"page.tabs.{tab}", "zh" if query["lang"] == "zh" else "en")
    page.session_state[f"tabs-{query['lang']}"] = title
    return checked(page.run())


def checked(page: AppTest) -> AppTest:
    """See that the page has no fault."""
    assert not page.exception, [fault.message for fault in page.exception]
    return page


def hostile_page(tab: str, **query: str) -> AppTest:
    """Open the page on the hostile hall against itself with a second window."""
    name = UPLOADS.add(HOSTILE.read_bytes(), title="<b>mine</b>.toml").name
    return open_page(tab, **({"a": name, "b": name, "staff": "window:2", "reps": "3"} | query))
