"""The page for the leader is one sheet of A4 in print, in both languages, with two plans and with six."""

import os
import re

import pytest
from cases import for_each
from playwright.sync_api import sync_playwright
from report_plans import changed, source_of, two_plans
from report_samples import NUMBERS

from foundation import messages
from hallplan.show.report import report_of

pytestmark = pytest.mark.browser
A4_PT = (595, 842)
LONG = {
    "en": "A very long title of a hall that was reformed many times",
    "zh": "一个改革了很多次因而名称很长很长的政务服务大厅",
}


def six_plans():
    """Return six plans of long titles with every warning there is."""
    worse = {"unserved_share": 0.3, "left_share": 0.25}
    plans = [({f"title__{language}": f"{title} {k}" for language, title in LONG.items()}, NUMBERS) for k in range(5)]
    plans = [(titles, changed(1.1 + k / 10, **worse) if k else NUMBERS) for k, (titles, _) in enumerate(plans)]
    busier = {"pools__archive__servers": 0, "arrivals__askers__per_day": 150}
    return source_of(*plans, (busier, changed(1.6, **worse)))


@pytest.fixture(scope="module")
def printed():
    chromium = os.environ.get("HALLPLAN_CHROMIUM")
    assert chromium, "name a Chromium in HALLPLAN_CHROMIUM, or run `python3 dev.py browser`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        page = browser.new_page(offline=True)

        def print_page(text):
            page.set_content(text)
            return page.pdf(prefer_css_page_size=True)

        yield print_page
        browser.close()


@for_each("language", ["en", "zh"])
@for_each("source", [two_plans, six_plans])
def test_the_page_for_the_leader_is_one_sheet_of_a4(printed, language, source):
    with messages.using(language):
        data = printed(report_of(source()).file("html").decode("utf-8"))
    assert len(re.findall(rb"/Type\s*/Page\b", data)) == 1
    (size,) = set(re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", data))
    assert all(abs(float(length) - a4) < 1 for length, a4 in zip(size, A4_PT, strict=True))
