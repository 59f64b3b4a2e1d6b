"""What the browser is sent of a day, by hand: whole seconds, titles of the language, no office without a file."""

import json

import pytest
from cases import for_each
from handmade import HALL, two_days

from foundation import messages
from hallplan.page.replay.component import script
from hallplan.page.replay.payload import PLACEHOLDERS, WORDS, day_json, words, zone_of
from planner.replay import replay_day
from scenarios.compose.composing import composed
from sim.measure import measure
from sim.measure.day_replay import day_replay

TITLED = {**HALL, "pools": {**HALL["pools"], "window": {"servers": 1, "title": {"en": "Window", "zh": "窗口"}}}}


@pytest.fixture(scope="module")
def monday():
    """The Monday of the two days: six visits, and three files."""
    hall = two_days(TITLED)
    replay = day_replay(measure(hall.scenario, hall.program(), hall.plan, hall.log()))
    return json.loads(day_json(replay, hall.scenario, "zh"))


def clock(hours: int, minutes: int = 0) -> int:
    return (hours * 60 + minutes) * 60


def test_places_are_pools_and_timetables_with_their_hours(monday):
    window, review, courier, signing = monday["places"]
    assert window == {"title": "窗口", "zone": "window", "duty": [[0, 0], [clock(9), 1], [clock(17), 0]], "seats": 1}
    assert (review["title"], review["zone"], review["seats"]) == ("review", "office", 1)
    assert [(place["title"], place["zone"]) for place in (courier, signing)] == [
        ("courier", "transit"),
        ("signing", "transit"),
    ]


def test_a_visit_is_its_moments_and_six_numbers_a_leg(monday):
    # C came at 9:20, was let in at once, and left the queue at 9:35: outcome "left" of the trip (1) and of the leg (2)
    left = monday["visits"][3]
    assert left[:4] == [clock(9, 20), clock(9, 20), clock(9, 35), 1]
    assert left[-1] == [0, clock(9, 20), clock(9, 35), clock(9, 35), 2, -1]
    assert monday["purposes"][left[5]] == "申请"
    assert monday["channels"][left[6]] == "现场取号"


def test_moments_later_than_the_next_day_are_two_days(monday):
    courier = monday["files"][2][-1]
    assert courier[:4] == [2, clock(9), clock(48), clock(48)]
    shut = monday["visits"][5]
    assert shut[1] == clock(48)


def test_back_offices_without_a_file_on_the_day_are_left_out():
    scenario = composed("honghuagang-2013").scenario
    replay = replay_day(scenario)
    places = json.loads(day_json(replay, scenario, "en"))["places"]
    used = set(replay.visit_legs.place) | set(replay.file_legs.place)
    offices = [place for place in places if place["zone"] in ("office", "signature", "inspection", "transit")]
    assert len(offices) <= len(used)


@for_each(
    ("role", "serves_visitors", "is_elsewhere", "zone"),
    [
        ("desk", True, False, "desk"),
        ("window", True, False, "window"),
        ("window", False, False, "window"),
        ("", True, False, "window"),
        ("counter", True, True, "elsewhere"),
        ("desk", False, False, "office"),
        ("section", False, True, "office"),
        ("signature", False, True, "signature"),
        ("inspection", False, False, "inspection"),
        ("", False, False, "office"),
    ],
)
def test_a_pool_stands_where_its_role_and_its_visitors_say(role, serves_visitors, is_elsewhere, zone):
    assert zone_of(role, serves_visitors=serves_visitors, is_elsewhere=is_elsewhere) == zone


def test_the_district_halls_day_is_small_enough_to_send():
    scenario = composed("honghuagang-2014").scenario
    text = day_json(replay_day(scenario), scenario, "zh")
    day = json.loads(text)
    assert len(day["visits"]) > 600
    assert len(text.encode()) < 300_000


@for_each("language", messages.LANGUAGES)
def test_every_word_keeps_its_gaps_for_the_browser(language):
    with messages.using(language):
        texts = words()
    assert texts.keys() == set(WORDS)
    assert "{time}" in texts["came"]
    assert "{n}" in texts["speed_label"]
    assert set(PLACEHOLDERS) >= {"time", "minutes", "pool", "number"}


def test_the_script_uses_every_word():
    source = script()
    composed_names = {"zone_", "table_"}
    missing = [
        name
        for name in WORDS
        if f"words.{name}" not in source
        and f'"{name}"' not in source
        and not any(name.startswith(prefix) for prefix in composed_names)
    ]
    assert not missing


def test_the_script_is_one_module_that_fetches_nothing():
    source = script()
    assert source.count("export default") == 1
    assert "import " not in source.replace("important ", "")
    assert "http" not in source
