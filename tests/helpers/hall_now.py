"""A hall whose rest of the day is worked out by hand: two windows, services of ten minutes, nobody else comes."""

from __future__ import annotations

import datetime as dt

from planner.today.state import HallState, Serving, Waiting
from scenarios.compose.composing import compose_text
from scenarios.model import Scenario
from sim.calendar import MINUTE_MS

HALL = """
format = 1
name = "hall"
run = { start = 2026-03-02, days = 5 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
sites.hall = { at_close = "serve", tickets_stop = "0 min" }
pools.window = { servers = 2, title = { en = "Windows", zh = "综合窗口" } }
services.item.title = { en = "Item", zh = "某事项" }
services.item.visits.apply.serve = { pool = "window", work = "10 min", mark = "finished" }
[arrivals.early]
services = "item"
at = ["09:00"]
"""
NOW = dt.datetime(2026, 3, 2, 10, 30)  # noqa: DTZ001 - a hall's own clock


def hall(more: str = "", **overrides: object) -> Scenario:
    """Return the hall, with further lines of its file, and values by path (two underscores for a dot)."""
    values = {path.replace("__", "."): value for path, value in overrides.items()}
    return compose_text(more + HALL, name="hall.toml", overrides=values).scenario


def at(clock: str) -> int:
    """Return a time of day in ms."""
    hours, minutes = clock.split(":")
    return (int(hours) * 60 + int(minutes)) * MINUTE_MS


def state(**changes: object) -> HallState:
    """Three tickets wait; the visitors at the windows sat down at 10:25 and 10:28."""
    values: dict[str, object] = {
        "waiting": tuple(Waiting("window", at(clock)) for clock in ("10:10", "10:15", "10:20")),
        "serving": (Serving("window", at("10:25")), Serving("window", at("10:28"))),
    }
    return HallState(NOW, **(values | changes))  # type: ignore[arg-type]
