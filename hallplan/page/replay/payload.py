"""What the browser is sent of a day: one compact JSON, and the words beside it.

Input: a :class:`~sim.measure.day_replay.DayReplay` and its scenario.  Output: JSON in which every moment is a whole
second since midnight, and every leg six numbers; back offices without a file on that day are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, Literal

import numpy as np

from foundation import messages
from foundation.arrays import IntArray
from foundation.messages import Language
from hallplan.show.words import in_language, pool_title, service_title
from scenarios.model import Scenario
from scenarios.model.vocabulary import WINDOW_ROLES
from sim.calendar import DAY_MS, SECOND_MS
from sim.measure.day_replay import DayReplay, Legs
from sim.measure.registry import VISIT_CHANNELS

__all__ = ["PLACEHOLDERS", "WORDS", "Zone", "day_json", "words", "zone_of"]

Zone = Literal["desk", "window", "elsewhere", "office", "signature", "inspection", "transit"]
"""Where a pool stands on the canvas."""

WORDS: Final = (
    *("title", "play", "pause", "scrub", "speed", "speed_label", "keys", "clock"),
    *("inside", "waiting", "served", "left", "sent_home", "turned_away"),
    *("zone_desk", "zone_window", "zone_elsewhere", "zone_office", "zone_signature", "zone_inspection"),
    *("zone_transit", "door", "more"),
    *("legend_waits", "legend_served", "legend_moves", "legend_leaves", "legend_file", "legend_file_waits"),
    *("legend_free", "legend_off"),
    *("hint", "close", "visitor", "file", "visitor_kind", "file_kind", "again"),
    *("came", "let_in", "joined", "called", "done", "interrupted", "gave_up", "full", "was_sent_home"),
    *(
        "waits_now",
        "served_now",
        "went_served",
        "went_left",
        "went_sent_home",
        "went_full",
        "went_shut",
        "still_inside",
    ),
    *("file_joined", "file_called", "file_done", "file_waits_for", "file_departed"),
    *("pool_now", "office_now", "pool_nobody", "pool_so_far", "pool_files", "pool_people", "off_duty_now"),
    *("table", "table_pool", "table_on_duty", "table_served", "table_waiting", "table_files", "at_moment"),
)
"""Texts of the component, by their last word in the catalogue."""

PLACEHOLDERS: Final = (
    *("time", "from", "until", "minutes", "pool", "number", "service", "purpose", "channel"),
    *("n", "servers", "waiting", "served", "files", "timetable", "inside"),
)
"""What the browser fills in."""


def day_json(replay: DayReplay, scenario: Scenario, language: Language) -> str:
    """Return a day as JSON, with the titles of its pools and services in a language."""
    used = _used_places(replay)
    services = np.unique(np.concatenate((replay.visits.service, replay.files.service)))
    place_of, service_of = _positions(used), _positions(services)
    day = {
        "date": replay.date.isoformat(),
        "places": [_place(replay, scenario, int(place), language) for place in used],
        "services": [service_title(scenario, replay.services[service], language) for service in services],
        "purposes": [_word("purpose", name, language) for name in replay.purposes],
        "channels": [_word("channel", name, language) for name in VISIT_CHANNELS],
        "visits": list(_visit_rows(replay, service_of, place_of)),
        "files": list(_file_rows(replay, service_of, place_of)),
    }
    return json.dumps(day, ensure_ascii=False, separators=(",", ":"))


def words() -> dict[str, str]:
    """Return the component's texts in the language in use, with the gaps that the browser fills in."""
    gaps = {name: f"{{{name}}}" for name in PLACEHOLDERS}
    return {name: messages.text(f"page.replay.{name}", **gaps) for name in WORDS}


def zone_of(role: str, *, serves_visitors: bool, is_elsewhere: bool) -> Zone:
    """Return where a pool stands: by its role, and by whether any visitor came to it.

    Parameters
    ----------
    role
        Of the pool; a free word, of which a few have a meaning.
    serves_visitors
        Whether any visitor came to it in the run.
    is_elsewhere
        Whether it stands at another site than most visitors go to.
    """
    if role == "inspection":
        return "inspection"
    if serves_visitors or role in WINDOW_ROLES:
        if is_elsewhere:
            return "elsewhere"
        return "desk" if role == "desk" else "window"
    return "signature" if role == "signature" else "office"


def _used_places(replay: DayReplay) -> IntArray:
    """Return where somebody or something was on the day, and visitors' pools with anybody on duty."""
    legs = np.concatenate((replay.visit_legs.place, replay.file_legs.place))
    staffed = [duty.servers.any() and serves for duty, serves in zip(replay.duty, replay.serves_visitors, strict=True)]
    return np.unique(np.append(legs, np.flatnonzero(staffed))).astype(np.int64)


def _positions(used: IntArray) -> dict[int, int]:
    return {int(value): position for position, value in enumerate(used)}


def _place(replay: DayReplay, scenario: Scenario, place: int, language: Language) -> dict[str, Any]:
    if place >= len(replay.pools):
        name = replay.timetables[place - len(replay.pools)]
        timetable = scenario.timetables.get(name)
        title = in_language(timetable.title, name, language) if timetable is not None else name
        return {"title": title, "zone": "transit", "duty": [], "seats": 0}
    name, duty = replay.pools[place], replay.duty[place]
    pool = scenario.pools[name]
    zone = zone_of(
        pool.role,
        serves_visitors=bool(replay.serves_visitors[place]),
        is_elsewhere=pool.site != _busiest_site(replay, scenario),
    )
    at_pool = [legs.seat[legs.place == place] for legs in (replay.visit_legs, replay.file_legs)]
    seats = max(int(duty.servers.max()), *(int(seat.max(initial=-1)) + 1 for seat in at_pool))
    edges = [[_seconds(moment), int(servers)] for moment, servers in zip(duty.times, duty.servers, strict=True)]
    return {"title": pool_title(scenario, name, language), "zone": zone, "duty": edges, "seats": seats}


def _busiest_site(replay: DayReplay, scenario: Scenario) -> str:
    """Return the site with most legs of visitors on the day, the first of the visitors' pools where nobody came."""
    counts = dict[str, int]()
    legs = np.bincount(replay.visit_legs.place, minlength=len(replay.pools))
    for name, serves, number in zip(replay.pools, replay.serves_visitors, legs, strict=False):
        if serves:
            site = scenario.pools[name].site
            counts[site] = counts.get(site, 0) + int(number)
    return max(counts, key=counts.__getitem__) if counts else next(iter(scenario.pools.values())).site


def _visit_rows(replay: DayReplay, service_of: dict[int, int], place_of: dict[int, int]) -> Iterator[list[Any]]:
    visits, legs = replay.visits, _leg_rows(replay.visit_legs, replay.visits.arrive.size, place_of)
    for visit, own_legs in enumerate(legs):
        yield [
            *(_seconds(moments[visit]) for moments in (visits.arrive, visits.enter, visits.leave)),
            int(visits.outcome[visit]),
            service_of[int(visits.service[visit])],
            int(visits.purpose[visit]),
            int(visits.channel[visit]),
            int(visits.number[visit]),
            own_legs,
        ]


def _file_rows(replay: DayReplay, service_of: dict[int, int], place_of: dict[int, int]) -> Iterator[list[Any]]:
    files, legs = replay.files, _leg_rows(replay.file_legs, replay.files.case.size, place_of)
    for file, own_legs in enumerate(legs):
        yield [int(files.case[file]), service_of[int(files.service[file])], own_legs]


def _leg_rows(legs: Legs, owners: int, place_of: dict[int, int]) -> list[list[int]]:
    """Return by owner the legs, six numbers each: place, joined, called, done, outcome, seat."""
    rows: list[list[int]] = [[] for _ in range(owners)]
    columns = (legs.owner, legs.place, legs.ready, legs.start, legs.end, legs.outcome, legs.seat)
    for owner, place, ready, start, end, outcome, seat in zip(*(column.tolist() for column in columns), strict=True):
        rows[owner] += [place_of[place], _seconds(ready), _seconds(start), _seconds(end), outcome, seat]
    return rows


def _seconds(moment: int) -> int:
    """Return whole seconds; what is later than the next day is as good as never."""
    return min(int(moment) // SECOND_MS, 2 * DAY_MS // SECOND_MS)


def _word(family: str, name: str, language: Language) -> str:
    key = f"cli.{family}.{name}"
    return messages.text(key, language) if key in messages.catalogue() else name
