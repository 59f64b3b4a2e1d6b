"""Random scenario tables for the property tests, and one small scenario that the examples change."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Any

from hypothesis import strategies as st

from scenarios.model import WEEKDAYS

SMALL = """
format = 1
name = "small"

[calendar]
country = "CN"
hours = ["09:00-12:00", "13:00-17:00"]

[pools.desk]
servers = 1

[pools.window]
servers = 2

[pools.section]
servers = 1
at_break = "pause"

[timetables.courier]
times = ["16:00"]

[routes.sign-off]
wait = { until = "courier" }
sign = { pool = "section", work = "10 min" }

[templates.committed]
kind = "committed"
promised_limit = "3 working days"

[templates.committed.visits.apply]
guide = { pool = "desk", work = "2 min", share = 0.5 }
window = { pool = "window", work = { dist = "lognorm", mean = "10 min", cv = 0.5 } }
file = { start_case = true }

[templates.committed.case]
accepted = { mark = "accepted" }
review = { pool = "section", work = "1 h" }
sign-off = { route = "sign-off" }
finished = { mark = "finished" }

[services.licence]
like = "committed"

[services.permit]
like = "licence"
promised_limit = "5 working days"

[services.permit.visits.apply]
pay = { pool = "window", work = "3 min", after_step = "window" }

[services.question]
kind = "consult"

[services.question.visits.enquire]
ask = { pool = "desk", work = "4 min" }

[arrivals.applications]
services = { licence = 2, permit = 1 }
per_day = 40

[arrivals.questions]
services = "question"
purpose = "enquire"
per_day = 30
"""


def small() -> dict[str, Any]:
    """Return the small scenario's table."""
    return tomllib.loads(SMALL)


def minutes(low: float = 0.5, high: float = 240) -> st.SearchStrategy[str]:
    """Texts of plain times, in several units."""
    thousandths = range(round(low * 1000), round(high * 1000) + 1)
    units = ("min", "s", "h")

    def decode(number: int) -> str:
        return f"{thousandths[number // 3] / 1000} {units[number % 3]}"

    return st.integers(0, 3 * len(thousandths) - 1).map(decode)


def name_of(number: int) -> str:
    """Return the name of a number, one of up to eight characters for each."""
    number, first = divmod(number, 26)
    name = LETTERS[first]
    while number:
        number, following = divmod(number, len(LETTERS) + 1)
        name += LETTERS[following - 1] if following else "0"
    return name


LETTERS = "abcdefghijklmnopqrstuvwxyz123456789-"
LONGEST_NAME = 8
# Names, times and shares are decoded from one whole number each: Hypothesis takes a hundred times as long to follow
# a pattern.
shares = st.integers(0, 10**6).map(lambda x: x / 10**6)
names = (
    st.integers(1, LONGEST_NAME - 1)
    .flatmap(lambda following: st.integers(0, 26 * (len(LETTERS) + 1) ** following - 1))
    .map(name_of)
    .filter(lambda name: name != "end")
)


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Any]:
    """Profiles of the day, the same on every weekday or by weekday."""
    day = st.floats(0, 5, allow_nan=False).map(lambda weight: {"09:00": 1, "13:30": weight})
    if draw(st.booleans()):
        return draw(day)
    return {"default": draw(day), draw(st.sampled_from(WEEKDAYS)): draw(day)}


@st.composite
def laws(draw: st.DrawFn) -> Any:
    """Laws of plain times, in every form."""
    form = draw(st.sampled_from(["constant", "lognorm", "expon", "pert", "gamma", "values", "mixture"]))
    if form == "constant":
        return draw(minutes())
    if form == "lognorm":
        return {"dist": form, "mean": draw(minutes()), "cv": draw(st.floats(0, 3).map(lambda x: round(x, 4)))}
    if form == "expon":
        return {"dist": form, "mean": draw(minutes())}
    if form == "pert":
        low, mode, high = sorted(draw(st.lists(st.integers(1, 500), min_size=3, max_size=3, unique=True)))
        return {"dist": form, "low": f"{low} min", "mode": f"{mode} min", "high": f"{high} min"}
    if form == "gamma":
        return {"dist": form, "a": draw(st.floats(0.2, 9).map(lambda x: round(x, 3))), "scale": draw(minutes())}
    first = draw(shares)
    parts = [draw(minutes()), draw(minutes())]
    return {form: parts, "shares": [first, 1 - first]}


@st.composite
def routes(draw: st.DrawFn, pools: list[str], depth: int = 0) -> dict[str, Any]:
    """Routes that lead forwards, with forks inside."""
    steps = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    route: dict[str, Any] = {}
    for position, name in enumerate(steps):
        kind = draw(st.sampled_from(["pool", "delay", "mark", "fork"] if depth < 2 else ["pool", "delay", "mark"]))
        step: dict[str, Any] = {"share": draw(shares)} if draw(st.booleans()) else {}
        if kind == "pool":
            step |= {"pool": draw(st.sampled_from(pools)), "work": draw(laws())}
        elif kind == "delay":
            step |= {"delay": draw(st.sampled_from(["2 working hours", "3 working days", "90 min"]))}
        elif kind == "mark":
            step |= {"mark": draw(st.sampled_from(["accepted", "decided", "finished"]))}
        else:
            step |= {"fork": {name: draw(routes(pools, depth + 1)) for name in ("a", "b")}}
        if position + 1 < len(steps) and draw(st.booleans()):
            step["next"] = draw(st.sampled_from([*steps[position + 1 :], "end"]))
        route[name] = step
    return route


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    """Whole valid scenario tables without composing keys."""
    pools = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    services = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    named = {"routes": {"shared": draw(routes(pools))}} if draw(st.booleans()) else {}
    purposes = ["apply", "enquire", "collect"]
    return {
        "format": 1,
        "name": "random",
        "title": {"en": draw(st.text(max_size=20)), "zh": draw(st.text(max_size=20))},
        "run": {"start": draw(st.dates(dt.date(2010, 1, 1), dt.date(2030, 1, 1))), "days": draw(st.integers(1, 99))},
        "pools": {
            name: {"servers": draw(st.integers(0, 9)), "work_factor": draw(st.floats(0.1, 9, allow_nan=False))}
            | ({"roster": [{"hours": "09:00-12:00", "servers": 2}]} if draw(st.booleans()) else {})
            for name in pools
        },
        **named,
        "services": {
            name: {
                "visits": {
                    purpose: "shared" if named and draw(st.booleans()) else draw(routes(pools))
                    for purpose in draw(st.permutations(purposes))
                }
            }
            for name in services
        },
        "arrivals": {
            "walk-in": {
                "services": {name: draw(st.floats(0.1, 9, allow_nan=False)) for name in services},
                "per_day": draw(st.floats(0, 500, allow_nan=False)),
                "profile": draw(profiles()),
            }
        },
        "provenance": {"pools.*.servers": {"kind": "assumed", "range": [0, 9], "why": draw(st.text(min_size=1))}},
    }
