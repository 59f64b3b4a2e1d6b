"""What the page promises in a real browser: it answers, fits a phone, speaks two languages, and shows no fault.

Run with `python3 dev.py browser`. Screenshots of what was seen are left in the folder that HALLPLAN_ARTIFACTS names.
"""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from defusedxml import ElementTree
from page_samples import PARTS
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

from foundation import messages
from hallplan.show.charts import ChartDocument, staffing_chart

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[3]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = (1440, 900), (390, 844)
PATIENCE_MS = 240_000
CARDS = ".st-key-cards"
expect.set_options(timeout=60_000)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page of our own, on a port of our own, with no results of earlier runs."""
    port = free_port()
    options = ["--server.port", str(port), "--server.headless", "true", "--server.address", "127.0.0.1"]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), *options]
    environment = {**os.environ, "HALLPLAN_LANG": "en", "HALLPLAN_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 60
        while not is_healthy(url):
            assert server.poll() is None, "the page has ended by itself"
            assert time.monotonic() < end, "the page never answered"
            time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()


def is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:  # noqa: S310 - our own server
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def browser():
    chromium = os.environ.get("HALLPLAN_CHROMIUM")
    assert chromium, "name a Chromium in HALLPLAN_CHROMIUM, or run `python3 dev.py browser`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


def is_fault(message: ConsoleMessage) -> bool:
    """Whether a message is one: opened at a page of its own, Streamlit first asks for its server under that address."""
    return message.type == "error" and "/_stcore/" not in message.location.get("url", "")


@contextmanager
def visit(browser: Browser, url: str, size: tuple[int, int] = DESKTOP):
    """Open the page as a new visitor; at the end nothing may have gone wrong behind the scenes."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, has_touch=size == PHONE)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if is_fault(message) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(url)
    try:
        yield page
        assert page.get_by_test_id("stException").count() == 0
        assert faults == []
    finally:
        context.close()


def wait_for_results(page: Page) -> None:
    """Wait until all is there that the page has asked for."""
    page.locator(CARDS).wait_for()
    expect(page.locator(".st-key-progress")).to_have_count(0, timeout=PATIENCE_MS)
    settle(page)
    expect(page.locator(CARDS).get_by_test_id("stMetricValue")).not_to_have_count(0)


def settle(page: Page) -> None:
    """Wait until the script has stopped, and the browser has had time to draw."""
    page.wait_for_timeout(300)
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.wait_for_timeout(700)


def is_on_screen(place: Locator) -> bool:
    box = place.bounding_box()
    return box is not None and box["x"] >= 0


def go(page: Page, language: str, name: str, part: str = "") -> None:
    """Go to a page, and to a part of it, as a visitor does."""
    with messages.using(language):
        link = page.get_by_test_id("stSidebarNavLink").filter(has_text=messages.text(f"page.pages.{name}")).first
        if not is_on_screen(link):  # on a phone the panel is closed, and stands outside of the screen
            page.get_by_test_id("stExpandSidebarButton").click()
            page.wait_for_timeout(500)
        heading = page.get_by_role("heading", name=messages.text(f"page.pages.{name}"), exact=True)
        link.click()
        settle(page)
        if not heading.first.is_visible():
            # Streamlit forgets a click that falls together with the rerun of a part that looks after itself.
            link.click()
            settle(page)
        expect(heading.first).to_be_visible()
        if page.viewport_size["width"] < 600 and is_on_screen(link):
            page.get_by_test_id("stSidebarCollapseButton").locator("button").click()
            settle(page)
        if part:
            label = messages.text(f"page.parts.{name}.{part}")
            page.locator(f".st-key-part-{name}").get_by_text(label, exact=True).click()
            settle(page)


def card(page: Page, title: str) -> Locator:
    """The value on the card of a title."""
    return page.locator(CARDS).get_by_test_id("stMetric").filter(has_text=title).get_by_test_id("stMetricValue")


def card_of(page: Page, title: str) -> str:
    """Everything that the card of a title says."""
    return page.locator(f"{CARDS} [data-testid=stVerticalBlock]").filter(has_text=title).last.inner_text()


def width_of_the_difference(text: str) -> float:
    low, high = re.search(r"B − A: (\S+) to (\S+)", text).groups()
    return float(high.replace("−", "-")) - float(low.replace("−", "-"))


def numbers(page: Page) -> list[str]:
    """Every value on the cards."""
    return page.locator(CARDS).get_by_test_id("stMetricValue").all_inner_texts()


def keep(page: Page, name: str, *, whole: bool = False) -> None:
    """Leave a screenshot in the artefacts, if there is a folder for them."""
    folder = os.environ.get("HALLPLAN_ARTIFACTS")
    if not folder:
        return
    size = page.viewport_size
    if whole:
        height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": height + 20})
        page.wait_for_timeout(700)
    page.screenshot(path=str(Path(folder) / f"{name}.png"))
    page.set_viewport_size(size)


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return page.evaluate(
        """() => {
            const main = document.querySelector('[data-testid=stMain]');
            return document.documentElement.scrollWidth <= innerWidth && main.scrollWidth <= main.clientWidth;
        }"""
    )


def hurried(address: str, **query: str) -> str:
    """The default plans with the fewest replications, of a seed that no other test uses."""
    return f"{address}/compare?" + "&".join(f"{key}={value}" for key, value in ({"reps": "2"} | query).items())


# ---- charts as files -----------------------------------------------------------------------------------------------


def test_charts_are_drawn_as_one_picture_the_same_each_time():
    frame = pd.DataFrame({"half_hour": ["11:00"], "required": [2], "on_duty": [3], "erlang_c": [2]})
    figure = staffing_chart(frame, "zh")
    document = ChartDocument((("甲 & 乙", figure), ("丙", figure)), "zh", "题", ("注",))
    first = document.svg()
    assert first == document.svg()
    texts = [text.text for text in ElementTree.fromstring(first).iter("{http://www.w3.org/2000/svg}text")]
    assert [text for text in texts if text in {"题", "注", "甲 & 乙", "丙"}] == ["题", "注", "甲 & 乙", "丙"]
    assert texts.count("方案在岗人数") == 2


# ---- how it looks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "device"), [(DESKTOP, "desktop"), (PHONE, "phone")])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_part_fits_the_screen_and_shows_no_fault(browser, address, language, size, device):
    with visit(browser, f"{address}/?lang={language}", size) as page:
        wait_for_results(page)
        for name, part in PARTS:
            go(page, language, name, part)
            assert fits(page), f"{name} {part} is wider than the screen"
            keep(page, f"page-{language}-{device}-{name}{part and f'-{part}'}", whole=True)
        assert page.get_by_test_id("stAlertContentError").count() == 0


def test_the_page_opens_by_itself_on_2013_against_2014(browser, address):
    with visit(browser, address) as page:
        wait_for_results(page)
        keep(page, "page-first-sight")
        before, after = (float(text.replace(",", "")) for text in card(page, "Visits a day").inner_text().split("→"))
        assert 200 <= before <= 250
        assert 700 <= after <= 750
        expect(page.locator(".js-plotly-plot")).to_have_count(1)
        assert "job=" in page.url


def test_charts_are_drawn_with_their_labels_in_chinese(browser, address):
    with visit(browser, f"{address}/compare?lang=zh") as page:
        wait_for_results(page)
        for label in ("平均等候（分钟）", "工作日", "承诺时限", "法定时限", "总服务台"):
            expect(page.locator(".js-plotly-plot svg text").filter(has_text=label).first).to_be_attached()


# ---- what can be done ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "upload", "apply"), [("en", "Choose a file", "Enter to"), ("zh", "选择文件", "回车")]
)
def test_widgets_speak_the_language_of_the_page(browser, address, language, upload, apply):
    written = "element => getComputedStyle(element, '::after').content"
    with visit(browser, hurried(address, lang=language, a="textbook-mm3", b="textbook-mm3", seed="27")) as page:
        wait_for_results(page)
        go(page, language, "build", "own")
        buttons = page.get_by_test_id("stFileUploaderDropzone").locator("button p")
        expect(buttons).to_have_count(4)  # for a scenario, a workbook, its log, and a log alone
        assert [button.evaluate(written) for button in buttons.all()] == [f'"{upload}"'] * 4
        for limit in page.get_by_text("per file").all():
            expect(limit).to_be_hidden()
        go(page, language, "build", "plan")
        page.locator(".st-key-demand input").fill("95")
        assert apply in page.get_by_test_id("InputInstructions").first.locator("span").evaluate(written)
        keep(page, f"page-{language}-desktop-widgets")


def test_the_language_can_be_switched_in_the_page(browser, address):
    with visit(browser, f"{address}/?lang=en") as page:
        wait_for_results(page)
        page.get_by_role("radio", name="中文").or_(page.get_by_text("中文", exact=True)).first.click()
        expect(page.get_by_role("heading", name="大厅概况")).to_be_visible()
        settle(page)
        page.wait_for_url(re.compile("lang=zh"))
        expect(page.locator(CARDS)).to_contain_text("日均办事人次")


def test_levers_and_staff_are_changed_simulated_seen_and_taken_back(browser, address):
    with visit(browser, hurried(address, lang="en", seed="21")) as page:
        wait_for_results(page)
        first_wait, first_cost = (card(page, title).inner_text() for title in ("Mean wait", "Staff cost"))

        go(page, "en", "build", "plan")
        page.get_by_text("Later measures").click()
        page.get_by_text("Pooled windows: any window, any item").click()
        expect(page.get_by_text("with “Pooled windows: any window, any item”")).to_be_visible()
        expect(page.get_by_text("Longer opening hours").first).to_be_visible()  # the group stays open

        go(page, "en", "build", "staff")
        refuse_servers_of_the_first_pool(page, "2.7", "-3", "100000")
        change_servers_of_the_first_pool(page, "7")
        expect(page.get_by_text("Service desk: 7 on duty")).to_be_visible()
        page.wait_for_url(re.compile("b-staff=service-desk(%3A|:)7"))
        keep(page, "page-en-desktop-changed")

        go(page, "en", "compare")
        wait_for_results(page)
        expect(page.get_by_text("before your last changes")).to_have_count(0, timeout=PATIENCE_MS)
        expect(card(page, "Mean wait")).not_to_have_text(first_wait)
        expect(card(page, "Staff cost")).not_to_have_text(first_cost)
        shared = page.url

        for _ in range(2):
            page.get_by_role("button", name="Undo").click()
            settle(page)
        expect(card(page, "Mean wait")).to_have_text(first_wait)
        expect(card(page, "Staff cost")).to_have_text(first_cost)
        assert "staff=" not in page.url

    with visit(browser, shared) as colleague:
        wait_for_results(colleague)
        expect(card(colleague, "Staff cost")).not_to_have_text(first_cost)
        go(colleague, "en", "build", "plan")
        expect(colleague.get_by_text("Service desk: 7 on duty")).to_be_visible()


def servers_of_the_first_pool(page: Page) -> Locator:
    """Open the field as a user does: go to the cell beside the first pool's name, press Enter."""
    grid = page.get_by_test_id("stDataFrame").first
    grid.scroll_into_view_if_needed()
    chosen = "document.activeElement.id"
    end = time.monotonic() + 30
    while page.evaluate(chosen) != "glide-cell-0-0":  # the table is a canvas, and takes its time to listen
        assert time.monotonic() < end, "the table never took the click"
        box = grid.bounding_box()
        page.mouse.click(box["x"] + 60, box["y"] + 52)
        page.wait_for_timeout(500)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    field = page.locator("#portal textarea")
    field.wait_for()
    return field


def change_servers_of_the_first_pool(page: Page, servers: str) -> None:
    field = servers_of_the_first_pool(page)
    field.fill(servers)
    field.press("Enter")
    field.wait_for(state="detached")
    settle(page)


def refuse_servers_of_the_first_pool(page: Page, *impossible: str) -> None:
    """Type what no pool can have: nothing is taken, least of all another number."""
    before = None
    for text in impossible:
        field = servers_of_the_first_pool(page)
        before = field.input_value() if before is None else before
        assert field.input_value() == before
        field.fill(text)
        field.press("Enter")
        settle(page)
        page.keyboard.press("Escape")
        assert "staff=" not in page.url


def test_a_reload_finds_the_settings_and_the_results(browser, address):
    with visit(browser, hurried(address, lang="zh", seed="22", **{"b-demand": "1.1"})) as page:
        wait_for_results(page)
        shown = numbers(page)
        page.reload()
        wait_for_results(page)
        assert numbers(page) == shown
        assert "b-demand=1.1" in page.url


def scenario_file(page):
    """Return where a scenario is uploaded; the other place on the tab is for a log."""
    return page.locator('[data-testid="stFileUploaderDropzoneInput"][accept*=".toml"]')


def test_files_come_down_and_go_up(browser, address, tmp_path):
    with visit(browser, hurried(address, lang="en", seed="23")) as page:
        wait_for_results(page)
        go(page, "en", "report")
        with page.expect_download() as download:
            page.get_by_role("button", name="Plan B (TOML)").click()
        assert download.value.suggested_filename == "hallplan-b-honghuagang-2014.toml"
        plan = tmp_path / "plan.toml"
        download.value.save_as(plan)
        assert 'name = "honghuagang-2014"' in plan.read_text(encoding="utf-8")
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV").click()
        table = tmp_path / "table.csv"
        download.value.save_as(table)
        assert table.read_bytes().startswith(b"\xef\xbb\xbf")
        assert "visits_per_day" in table.read_text(encoding="utf-8")

        go(page, "en", "build", "own")
        broken = tmp_path / "broken.toml"
        broken.write_text("format = 1\nname = \n", encoding="utf-8")
        scenario_file(page).set_input_files(broken)
        expect(page.get_by_text("your plans are unchanged")).to_be_visible()
        assert "b=honghuagang-2014" in page.url

        scenario_file(page).set_input_files(plan)
        expect(page.get_by_text("is now the start of plan B.")).to_be_visible()
        page.wait_for_url(re.compile(r"b=upload-[0-9a-f]{16}"))


def test_another_visitor_is_answered_while_a_job_runs_and_the_job_can_be_cancelled(browser, address):
    with visit(browser, f"{address}/?lang=en&reps=200&precision=2&seed=24") as busy:
        expect(busy.get_by_text(re.compile("Simulating|Refining"))).to_be_visible()
        with visit(browser, f"{address}/?lang=en&reps=200&precision=2&seed=25") as idle:
            expect(idle.get_by_role("heading", name="The hall", exact=True)).to_be_visible()
            expect(idle.get_by_text(re.compile("In the queue|Simulating|Refining"))).to_be_visible()
            for seen, text in (("大厅概况", "中文"), ("The hall", "English"), ("大厅概况", "中文")):
                idle.get_by_text(text, exact=True).first.click()
                expect(idle.get_by_role("heading", name=seen, exact=True)).to_be_visible(timeout=PATIENCE_MS)
            busy.get_by_role("button", name=re.compile("Cancel|Stop here")).click()
            expect(busy.get_by_text(re.compile("The simulation was cancelled|Stopped here"))).to_be_visible()
            expect(busy.get_by_role("button", name=re.compile("Simulate|Refine"))).to_be_enabled()
            idle.get_by_role("button", name=re.compile("取消|停止计算")).click()  # or the next test's job waits for it
            expect(idle.get_by_role("button", name=re.compile("^(取消|停止计算)$"))).to_have_count(0)


def test_a_first_look_comes_soon_and_narrows_until_it_is_precise(browser, address):
    with visit(browser, f"{address}/compare?lang=en&b-demand=0.9&precision=6&seed=26") as page:
        known = page.locator(".st-key-known")
        expect(known).to_contain_text(re.compile(r"\d replications of each plan so far"))
        first = width_of_the_difference(card_of(page, "Mean wait"))
        keep(page, "page-en-desktop-refining")
        expect(known).to_contain_text("the precision of ±6% is reached", timeout=PATIENCE_MS)
        wait_for_results(page)
        assert width_of_the_difference(card_of(page, "Mean wait")) < first
        shown = known.inner_text()
        page.reload()
        wait_for_results(page)
        assert known.inner_text() == shown


def test_the_panel_opens_on_a_phone(browser, address):
    with visit(browser, hurried(address, lang="zh", seed="22", **{"b-demand": "1.1"}), PHONE) as page:
        wait_for_results(page)
        expect(page.get_by_text("左上角 » 打开的面板里")).to_be_visible()
        page.get_by_test_id("stExpandSidebarButton").click()
        expect(page.get_by_text("当前方案").first).to_be_visible()
        page.wait_for_timeout(500)
        keep(page, "page-zh-phone-panel")


def test_the_hint_for_phones_is_hidden_on_a_desktop(browser, address):
    with visit(browser, hurried(address, lang="zh", seed="22", **{"b-demand": "1.1"})) as page:
        wait_for_results(page)
        expect(page.get_by_text("左上角 » 打开的面板里")).to_be_hidden()


@pytest.mark.parametrize(
    ("language", "size", "device"), [("en", DESKTOP, "desktop"), ("zh", PHONE, "phone"), ("en", PHONE, "phone")]
)
def test_a_choice_and_the_method_fit_the_screen_when_they_are_there(browser, address, language, size, device):
    words = {
        "en": ("Choose", "Look at the beginning", "Compute", "Rank them even so"),
        "zh": ("开始比选", "查看开头", "计算方差比", "仍然照此排序"),
    }[language]
    seed = {"desktop": "61", "phone": "62"}[device] + {"en": "1", "zh": "2"}[language]
    link = hurried(
        address, lang=language, a="township-desk", b="township-desk", seed=seed, reps="5", **{"b-demand": "1.2"}
    )
    with visit(browser, link, size) as page:
        wait_for_results(page)
        go(page, language, "compare", "choice")
        page.locator(f".st-key-choice-levers-{language}").get_by_role("button").first.click()
        settle(page)
        page.locator(".st-key-choice-rank-anyway").get_by_text(words[3]).click()
        settle(page)
        page.get_by_role("button", name=words[0], exact=True).click()
        expect(page.get_by_test_id("stAlertContentSuccess")).to_be_visible()
        settle(page)
        assert fits(page), "the choice is wider than the screen"
        keep(page, f"page-{language}-{device}-choice-made", whole=True)
        go(page, language, "evidence", "method")
        page.get_by_role("button", name=words[1]).click()
        expect(page.locator(".st-key-chart-beginning .js-plotly-plot")).to_be_visible()
        settle(page)
        page.get_by_role("button", name=words[2]).click()
        expect(page.get_by_test_id("stDataFrame").locator("visible=true")).to_have_count(1)
        settle(page)
        assert fits(page), "the method is wider than the screen"
        keep(page, f"page-{language}-{device}-method-shown", whole=True)
