"""The replay in a real browser: what it shows, that keys and fingers reach it, and that a frame is drawn in time.

Run with `python3 dev.py browser`.
"""

import os
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from benchmarks.pages.replay import DARK, LIGHT, chromium, day_of, frame_times, open_replay, replay_document
from planner.replay import replay_day
from scenarios.compose.composing import composed
from sim.measure.visits import OUTCOMES

pytestmark = pytest.mark.browser

DISTRICT = "honghuagang-2014"
PHONE = (390, 844)
HOPELESS_MS = 50.0
"""Less than twenty frames a second: no busy machine explains that."""


@pytest.fixture(scope="module")
def browser():
    assert os.environ.get("HALLPLAN_CHROMIUM"), "name a Chromium, or run `python3 dev.py browser`"
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def documents():
    return {language: replay_document(*day_of(DISTRICT, language), LIGHT) for language in ("en", "zh")}


@pytest.fixture
def page(browser, documents):
    """The district hall's day, paused, with nothing in the console."""
    faults = []
    with open_replay(browser, documents["en"]) as page:
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        assert faults == []


def jump(page, hours, minutes=0):
    page.locator(".replay").evaluate("(root, t) => root.replay.jump(t)", (hours * 60 + minutes) * 60)


def figures(page):
    """The numbers beside the clock, by their words."""
    pairs = page.locator("dl div:not([hidden])").all()
    return {pair.locator("dt").inner_text(): int(pair.locator("dd").inner_text()) for pair in pairs}


def test_the_figures_are_those_of_the_simulated_day(page):
    replay = replay_day(composed(DISTRICT).scenario)
    visits, legs = replay.visits, replay.visit_legs
    for hours in (10, 11, 15):
        jump(page, hours)
        now = hours * 3_600_000
        gone = visits.leave <= now
        waiting = (legs.ready <= now) & (np.where(legs.seat >= 0, legs.start, legs.end) > now)
        assert figures(page) == {
            "in the hall": int(((visits.enter <= now) & ~gone).sum()),
            "waiting": int(waiting.sum()),
            "served so far": int((gone & (visits.outcome == OUTCOMES.index("served"))).sum()),
            "left unserved": int((gone & (visits.outcome == OUTCOMES.index("left"))).sum()),
            "sent home at closing": 0,
        }


def test_who_asks_for_less_motion_gets_a_still_picture_of_the_busiest_moment(page):
    play = page.get_by_role("button", name="Play")
    expect(play).to_have_attribute("aria-pressed", "false")
    before = page.get_by_label("Time", exact=True).inner_text()
    page.wait_for_timeout(400)
    assert page.get_by_label("Time", exact=True).inner_text() == before
    assert figures(page)["in the hall"] > 20


def test_it_plays_by_itself_where_motion_is_welcome(browser, documents):
    with open_replay(browser, documents["en"], reduced_motion=False) as page:
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        page.wait_for_function("document.getElementById('host').shadowRoot.querySelector('.clock').value > '09:05'")
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_keys_play_move_and_close(page):
    hall = page.get_by_role("group", name=re.compile("Replay of a day"))
    hall.focus()
    jump(page, 10)
    page.keyboard.press("ArrowRight")
    clock = page.get_by_label("Time", exact=True)
    expect(clock).to_have_text("10:05")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(clock).to_have_text("09:55")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("End")
    expect(clock).to_have_text("18:00")


def test_a_counter_and_the_people_at_it_tell_their_story(page):
    jump(page, 10, 25)
    page.get_by_text("The same as a table").click()
    page.get_by_role("button", name="Service desk").click()
    story = page.locator(".story")
    expect(story.get_by_role("heading")).to_have_text("Service desk")
    expect(story).to_contain_text("4 on duty, 4 being served")
    story.get_by_role("button", name=re.compile("Visitor")).first.click()
    expect(story.get_by_role("heading")).to_contain_text("Visitor")
    expect(story).to_contain_text(re.compile(r"\d\d:\d\d came"))
    expect(story).to_contain_text("joined the queue: Service desk")
    story.get_by_role("button", name="Close").click()
    expect(story).to_be_hidden()


def test_a_click_on_the_picture_finds_the_person_and_the_counter(page):
    jump(page, 10, 25)
    point = page.locator(".replay").evaluate(
        """(root) => {
            const { motion } = root.replay;
            const token = motion.isShown.findIndex((isShown, k) => isShown && motion.kind[k] === 1);
            return [motion.x[token], motion.y[token], token + 1];
        }"""
    )
    canvas = page.locator(".layers canvas").last
    canvas.click(position={"x": point[0], "y": point[1]})
    expect(page.locator(".story").get_by_role("heading")).to_have_text(f"Visitor {point[2]}")
    page.get_by_role("button", name="Close").click()
    cell = page.locator(".replay").evaluate("(root) => root.replay.plan.cells[root.replay.plan.cells.length - 1]")
    canvas.click(position={"x": cell["x"] + cell["w"] - 3, "y": cell["y"] + cell["h"] - 3})
    expect(page.locator(".story")).to_contain_text("Files here now")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_phone_shows_it_without_scrolling_sideways_and_with_targets_for_a_finger(browser, documents, language):
    with open_replay(browser, documents[language], size=PHONE) as page:
        page.locator("summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        for control in page.locator("button, select, input, summary").all():
            box = control.bounding_box()
            assert box is None or min(box["width"], box["height"]) >= 24
        cells = page.locator(".replay").evaluate("(root) => root.replay.plan.cells.map((cell) => [cell.w, cell.h])")
        assert min(min(cell) for cell in cells) >= 24


def test_a_dark_page_has_light_ink_on_a_dark_floor(browser):
    with open_replay(browser, replay_document(*day_of("township-desk", "zh"), DARK)) as page:
        colours = page.locator(".replay").evaluate("(root) => root.replay.colours")
        assert (colours["ink"], colours["paper"], colours["served"]) == (DARK["text"], DARK["background"], "#56b4e9")


def test_another_language_goes_on_at_the_same_moment(browser):
    texts = {language: day_of("township-desk", language) for language in ("en", "zh")}
    with open_replay(browser, replay_document(*texts["en"], LIGHT)) as page:
        jump(page, 10, 30)
        day, words = texts["zh"]
        page.locator(".replay").evaluate("(root, data) => root.replay.show(data)", {"day": day, "words": words})
        expect(page.get_by_role("button", name="播放")).to_be_visible()
        expect(page.get_by_label("时刻", exact=True).last).to_have_text("10:30")


def test_a_hall_to_which_nobody_comes_is_drawn_empty(browser):
    empty = '{"date":"2014-03-03","places":[],"services":[],"purposes":[],"channels":[],"visits":[],"files":[]}'
    with open_replay(browser, replay_document(empty, day_of("township-desk", "en")[1], LIGHT)) as page:
        assert set(figures(page).values()) == {0}


def test_frames_are_drawn_in_time(browser, documents):
    with open_replay(browser, documents["en"], reduced_motion=False) as page:
        times = frame_times(page, 300)
    high = float(np.quantile(times, 0.95))
    print(f"median {np.median(times):.1f} ms, 95% within {high:.1f} ms")
    assert high < HOPELESS_MS
