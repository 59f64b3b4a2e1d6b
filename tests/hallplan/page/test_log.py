"""An event log on the page: uploaded, looked at, discovered in the background, and taken as a plan."""

import re
import time
from pathlib import Path

import pytest
from page_samples import checked, open_page

from calibration.eventlog.simulated import simulated_log
from calibration.eventlog.write import write_log
from foundation.errors import HallplanError
from hallplan.api import load
from hallplan.page.limits import LARGEST_MB
from hallplan.page.log import ENDINGS, calibrate, peek
from hallplan.page.uploaded import UploadedFiles
from scenarios.compose.composing import compose_text

APP = Path(__file__).parents[3] / "app.py"
PATIENCE_S = 120


@pytest.fixture(scope="module")
def tickets(tmp_path_factory):
    log = simulated_log(load("township-desk", overrides={"run.warm_up_days": 0, "run.days": 20}), "tickets")
    return write_log(log.events, "tickets", tmp_path_factory.mktemp("log") / "tickets.csv")


def open_files(language="en"):
    return open_page("build", "own", lang=language)


def until(page, there):
    end = time.monotonic() + PATIENCE_S
    while not there(page):
        assert time.monotonic() < end, [error.value for error in page.error]
        time.sleep(0.3)
        checked(page.run())
    return page


def upload(page, file):
    page.file_uploader(key="log-upload").set_value((file.name, file.read_bytes(), "text/csv"))
    return checked(page.run())


def button(page, label):
    return next(one for one in page.button if one.label == label)


def has(label):
    return lambda page: any(one.label == label for one in page.button)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "discover", "use"),
    [
        ("en", "Discover", "Take it as plan B"),
        pytest.param("zh", "生成大厅模型", "作为方案 B", marks=pytest.mark.slow),
    ],
)
def test_a_log_becomes_plan_b(tickets, language, discover, use):
    page = until(upload(open_files(language), tickets), has(discover))
    roles = {one.label: one.value for one in page.selectbox}
    assert "Ticket time" in roles.values()
    button(page, discover).click()
    until(checked(page.run()), has(use))
    shown = " ".join(one.value for one in (*page.markdown, *page.caption))
    assert "discovery." not in shown
    assert len(page.dataframe) >= 3
    button(page, use).click()
    checked(page.run())
    assert page.session_state["hallplan"].settings.plan.base.startswith("upload-")


@pytest.mark.slow
def test_a_wrong_guess_is_put_right_and_a_hopeless_file_is_a_sentence(tmp_path):
    file = tmp_path / "odd.csv"
    rows = [
        f"{k},{'ab'[k % 2]},2014-03-{3 + k % 20:02d} 09:{k % 60:02d},2014-03-{3 + k % 20:02d} 10:00" for k in range(60)
    ]
    file.write_text("\n".join(["u,v,w,x", *rows]), encoding="utf-8")
    page = until(upload(open_files(), file), has("Discover"))
    assert page.warning
    assert "Date of times of day" in {one.label for one in page.selectbox}
    button(page, "Discover").click()
    until(checked(page.run()), lambda page: page.error)
    assert "No scenario could be made" in page.error[0].value
    for label, column in (
        ("Case or ticket", "u"),
        ("Activity", "v"),
        ("Start, acceptance", "w"),
        ("End, decision", "x"),
    ):
        next(one for one in page.selectbox if one.label == label).set_value(column)
    button(page, "Discover").click()
    until(checked(page.run()), has("Take it as plan B"))


@pytest.mark.slow
def test_what_the_worker_returns_is_a_scenario(tickets):
    assert peek(tickets).roles["ready"] == "Ticket time"
    assert peek(tickets).error is None
    found = calibrate(tickets, {"service": ""}, "zh")
    assert compose_text(found.toml, name="x").scenario.name == "from-log"
    assert found.caution.startswith("使用本大厅模型须谨慎")
    assert "--all" not in found.caution
    assert re.search("[一-鿿]", found.tables[0].title)


def test_a_short_log_is_discovered_without_a_trial(tmp_path):
    log = simulated_log(load("township-desk", overrides={"run.warm_up_days": 0, "run.days": 6}), "tickets")
    week = log.events[log.events["ready"] < "2014-03-08"]
    found = calibrate(write_log(week, "tickets", tmp_path / "week.csv"), {}, "en")
    assert found.caution.endswith("it was not tried on a part of the log that it has not seen.")
    assert not [table.title for table in found.tables if "simulated" in table.title or "Forecast" in table.title]


def test_files_are_kept_by_their_contents_and_the_oldest_make_room():
    files = UploadedFiles(ENDINGS, stem="log", most=2)
    names = [files.add(text, title=title) for text, title in ((b"a,b", "<b>=x</b>\u202e.csv"), (b"c,d", "../../x.CSV"))]
    assert files.add(b"a,b", title="other.csv") == names[0]
    paths = [files.path(name) for name in names]
    assert [path.read_bytes() for path in paths] == [b"a,b", b"c,d"]
    assert all(path.name == "log.csv" for path in paths)
    files.add(b"e", title="z.xes.gz")
    assert not paths[1].exists()
    with pytest.raises(HallplanError, match="upload it again"):
        files.path(names[1])


@pytest.mark.parametrize("title", ["log.exe", "log", ""])
def test_what_is_no_log_is_refused(title):
    with pytest.raises(HallplanError, match="endings"):
        UploadedFiles(ENDINGS, stem="log").add(b"x", title=title)


def test_what_is_too_large_is_refused():
    with pytest.raises(HallplanError, match=str(LARGEST_MB)):
        UploadedFiles(ENDINGS, stem="log").add(bytes(LARGEST_MB * 1_000_000 + 1), title="log.csv")
