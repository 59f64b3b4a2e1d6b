"""Small random halls for property tests: every rule of the format takes part, all times are multiples of five minutes.

Coarse times make ties frequent, and ties are where engines go wrong.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from foundation.errors import ScenarioError
from scenarios.check import check
from scenarios.model import Scenario

__all__ = ["halls"]

MONDAY, SATURDAY = "2014-03-03", "2014-05-03"  # the second lies in a holiday with a make-up Sunday after it


def _choice(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def _without_nones(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


minutes = st.integers(0, 12).map(lambda five: f"{5 * five} min")
some_minutes = st.integers(1, 18).map(lambda five: f"{5 * five} min")
law = st.one_of(minutes, st.builds(lambda values: {"values": values}, st.lists(minutes, min_size=1, max_size=3)))
hours = _choice(
    "always",
    "09:00-11:00",
    ["09:00-10:00", "10:30-12:00"],
    {"default": "09:00-12:00", "tue": ["09:00-09:30", "11:00-12:00"]},
)
pool_hours = _choice("09:00-12:00", ["09:00-10:00", "11:00-11:30"], {"mon": "09:30-10:30", "wed": "09:00-10:00"})
shift = st.builds(
    lambda start, length, servers, days: {
        "hours": f"{start:02d}:00-{start + length:02d}:00",
        "servers": servers,
        "days": sorted(days),
    },
    st.integers(8, 11),
    st.integers(1, 3),
    st.integers(0, 2),
    st.sets(_choice("mon", "tue", "wed"), min_size=1),
)
# A roster with fewer servers in the middle of the morning.
fall = st.just([{"hours": f"{hours}:00", "servers": 1} for hours in ("09:00-10", "09:00-13", "11:00-13")])


@st.composite
def pools(draw: st.DrawFn, sites: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in ("window", "desk", "office", "chief"):
        visitors = name in ("window", "desk")
        at_break = draw(_choice("finish", "pause"))
        closings = ("send-home", "keep") if at_break == "pause" else (None, "serve", "send-home", "keep")
        made[name] = _without_nones(
            site=draw(st.sampled_from(sites)),
            servers=draw(_choice(*([0] if name == "desk" else []), 1, 1, 2)),
            hours=draw(_maybe(pool_hours)),
            roster=draw(_maybe(st.one_of(st.lists(shift, min_size=1, max_size=3), fall))),
            discipline=draw(_choice("fifo", "fifo", "due-date")),
            preemptive=draw(_choice(True, True, False)),
            at_close=draw(_choice(*closings)) if visitors else None,
            room=draw(_maybe(st.integers(0, 3))) if name == "window" else None,
            at_break=at_break,
            work_factor=draw(_choice(1.0, 1.0, 2.0)),
        )
    if draw(st.booleans()):
        made["chief"] |= {"merge_into": "office", "site": made["office"]["site"]}
    return made


def _serve(pool: st.SearchStrategy[str], visitors: bool) -> st.SearchStrategy[dict[str, Any]]:
    absent = st.builds(
        lambda share, away: _without_nones(share=share, call="5 min", away=away),
        _choice(0.3, 1.0),
        _maybe(some_minutes),
    )
    return st.builds(
        _without_nones,
        pool=pool,
        work=law,
        priority=_maybe(st.integers(0, 9)),
        patience=_maybe(minutes) if visitors else st.none(),
        absent=_maybe(absent) if visitors else st.none(),
        share=_choice(1.0, 0.5),
    )


_delay = st.builds(
    lambda delay: {"delay": delay},
    _choice("0 min", "30 min", "2 h", "40 working min", "1 working days", "0 working days"),
)
_until = st.just({"until": "courier"})


_case_serve = _serve(st.sampled_from(["office", "chief", "window"]), visitors=False)
_visit_serve = _serve(st.sampled_from(["window", "desk"]), visitors=True)
_part_serve = _serve(st.sampled_from(["window", "desk"]), visitors=False)


def _numbered(steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {f"step-{index}": step for index, step in enumerate(steps)}


_plain_case = st.lists(st.one_of(_case_serve, _case_serve, _delay, _until), min_size=1, max_size=3).map(_numbered)
_review = st.builds(
    lambda one, two, order: {"fork": {"one": one, "two": two}, "order": order},
    _plain_case,
    _plain_case,
    _choice("parallel", "parallel", "sequential"),
)
_supplement = st.builds(
    lambda after, wait: {"visit": "supplement", "after": after, "wait": wait, "share": 0.5},
    _choice("0 working days", "1 working days", "2 h"),
    st.booleans(),
)
case_steps = st.lists(
    st.one_of(_case_serve, _case_serve, _delay, _until, _review, _supplement), min_size=1, max_size=3
).map(_numbered)
_parts = st.builds(lambda one, two: {"fork": {"one": {"step": one}, "two": {"step": two}}}, _part_serve, _part_serve)
_visit_route = st.lists(
    st.one_of(_visit_serve, _visit_serve, _visit_serve, _delay, _parts), min_size=1, max_size=3
).map(_numbered)


@st.composite
def visit_steps(draw: st.DrawFn, *, case: bool) -> dict[str, Any]:
    route = draw(_visit_route)
    if case:
        named = list(route.items())
        named.insert(draw(st.integers(0, len(named))), ("file", {"start_case": True, "mark": "accepted"}))
        route = dict(named)
    if draw(st.booleans()):
        route["again"] = {"delay": "5 min", "next": {next(iter(route)): 0.3, "end": 0.7}}
    return route


_clock = st.builds(lambda hour, five: f"{hour:02d}:{5 * five:02d}", st.integers(8, 12), st.integers(0, 11))
_process = st.one_of(
    st.builds(lambda at: {"at": at}, st.lists(_clock, min_size=1, max_size=8)),
    st.builds(lambda n: {"per_day": n}, st.integers(1, 12)),
    st.builds(lambda every: {"every": every}, _choice("20 min", "35 min")),
    st.builds(
        lambda times, seats: {"slots": {"times": times, "seats": seats}, "channel": "appointment"},
        st.lists(_clock, min_size=1, max_size=3),
        st.integers(1, 3),
    ),
)
_back = st.builds(
    lambda share, after, most: {"share": share, "after": after, "at_most": most},
    _choice(1.0, 0.5),
    _choice("0 working days", "1 working days", "30 min", "1 working h"),
    st.integers(1, 3),
)
_source = st.builds(
    _without_nones,
    services=_choice("item", {"item": 1.0, "quick": 2.0}),
    batch=_choice(None, 2),
    channel=_choice(None, None, None, None, "online"),
    priority=_choice(5, 5, 2, 8),
    patience=_maybe(minutes),
    comes_back=_maybe(_back),
    people=_choice(None, {"citizen": 1.0, "elderly": 1.0}),
)


@st.composite
def arrivals(draw: st.DrawFn, sites: list[str]) -> dict[str, Any]:
    return {"site": draw(st.sampled_from(sites))} | draw(_source) | draw(_process)


@st.composite
def halls(draw: st.DrawFn) -> Scenario:
    """Draw a hall that passes every check of the format."""
    sites: dict[str, Any] = {}
    for name in ("hall", "branch")[: draw(st.integers(1, 2))]:
        sites[name] = _without_nones(
            hours=draw(_maybe(hours)),
            doors_open=draw(_choice("0 min", "30 min")),
            tickets_stop=draw(_choice("0 min", "20 min")),
            at_close=draw(_choice("serve", "send-home")),
            room=draw(_maybe(st.integers(1, 4))),
        )
    names = list(sites)
    scenario = Scenario.model_validate(
        {
            "format": 1,
            "name": "random",
            "run": {"start": dt.date.fromisoformat(draw(_choice(MONDAY, SATURDAY))), "days": draw(st.integers(1, 3))},
            "calendar": {"country": draw(_choice("none", "CN")), "hours": draw(hours)},
            "sites": sites,
            "people": {"citizen": {}, "elderly": {"priority": 3, "work_factor": 2.0}},
            "pools": draw(pools(names)),
            "timetables": {
                "courier": _without_nones(times=["10:00", "11:00", "11:30"], capacity=draw(_maybe(st.integers(1, 2))))
            },
            "services": {
                "item": {
                    "promised_limit": draw(_choice("0 working days", "2 working days")),
                    "visits": {"apply": draw(visit_steps(case=True)), "supplement": draw(visit_steps(case=False))},
                    "case": draw(case_steps),
                    "case_priority": draw(_choice(5, 1)),
                },
                "quick": {
                    "promised_limit": "1 working days",
                    "visits": {"apply": draw(visit_steps(case=False))},
                },
            },
            "arrivals": {f"source-{index}": draw(arrivals(names)) for index in range(draw(st.integers(1, 3)))},
        }
    )
    try:
        check(scenario)
    except ScenarioError:
        reject()  # a room that no visitor waits in, and the like
    return scenario
