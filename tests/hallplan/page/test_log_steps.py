"""A log on the page step by step: what is offered, what is kept, and what discovery is asked for."""

import pytest
from page_drawn import drawing
from page_samples import checked, open_page
from page_server import server

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page import log as log_module
from hallplan.page import uploaded as uploaded_module
from hallplan.page.limits import LARGEST_MB
from hallplan.page.log import ENDINGS, LogFound, Peek
from hallplan.page.plans import UPLOADS
from hallplan.page.uploaded import UploadedFiles
from hallplan.page.views import log as view_module
from hallplan.show.text_table import Column, TextTable

__all__ = ["drawing", "server"]

ROWS = b"u,v,w,x\n1,a,2014-03-03 09:00,2014-03-03 09:10\n2,a,2014-03-03 09:20,2014-03-03 09:40\n"
TOML = 'format = 1\nname = "from-log"\nextends = "textbook-mm3"\n'


def looked_at(path):
    assert path.read_bytes() == ROWS
    return Peek(("u", "v", "w"), {"case": "u", "end": "gone"}, HallplanError("page.upload.gone"))


def discovered(path, mapping, language):
    table = TextTable((Column("a"),), (("1",),), title="Found")
    return LogFound(TOML, f"Careful {sorted(mapping.items())} {language}", (table,))


@pytest.fixture
def steps(server, monkeypatch):
    view_module._files.cache_clear()
    monkeypatch.setattr(view_module, "peek", looked_at)
    monkeypatch.setattr(view_module, "calibrate", discovered)
    yield server
    view_module._files.cache_clear()


def uploaded(**query):
    page = open_page("build", "own", **query)
    page.file_uploader(key="log-upload").set_value(("odd.csv", ROWS, "text/csv"))
    return checked(page.run())


def part(drawing):
    return drawing.text("main").partition("key=log-upload")[2]


def test_a_log_is_looked_at_discovered_and_taken_as_plan_b(steps, drawing, snapshot):
    page = uploaded(seed="5")
    assert part(drawing) == snapshot(name="waiting")  # for the simulation of the page that has just been opened
    steps.work(4)
    checked(page.run())
    assert part(drawing) == snapshot(name="working")
    name, keys, owner = steps.submitted[-1]
    assert (name, keys, owner) == (name, (name,), page.session_state["hallplan"].owner)
    assert name.startswith("log-peek-")
    assert name.endswith("-csv")
    steps.work()
    checked(page.run())
    assert part(drawing) == snapshot(name="columns")
    choices = {box.label: box.value for box in page.selectbox if str(box.key).startswith("log-")}
    assert choices.pop(messages.text("page.log.role_case", "en")) == "u"
    assert set(choices.values()) == {""}, "a guess that is no column is none"
    next(box for box in page.selectbox if str(box.key).endswith("-activity")).set_value("v")
    next(box for box in page.selectbox if str(box.key).endswith("-case")).set_value("")
    next(button for button in page.button if button.label == "Discover").click()
    checked(page.run())
    assert part(drawing).count("body=Working on the file … format=INFO icon=:material/hourglass_top:") == 1
    steps.work()
    checked(page.run())
    assert drawing.part("key=FormSubmitter", "button_group options=[{", indent=0) == snapshot(name="found")
    assert "Careful" in page.warning[-1].value
    assert "activity" in page.warning[-1].value
    next(button for button in page.button if button.label == "Take it as plan B").click()
    checked(page.run())
    settings = page.session_state["hallplan"].settings
    assert UPLOADS.get(settings.plan.base).data == TOML.encode()
    assert page.session_state["hallplan"].uploads == (settings.plan.base,)
    assert any(messages.text("page.log.plan_title", "en") in warning.value for warning in page.warning)


def test_a_log_that_cannot_be_read_is_a_sentence(steps, monkeypatch, drawing):
    def fail(path):
        raise HallplanError("page.upload.gone")

    monkeypatch.setattr(view_module, "peek", fail)
    steps.is_immediate = True
    page = uploaded(lang="zh")
    assert [error.value for error in page.error] == [
        messages.text("page.log.failed", "zh", why=HallplanError("page.upload.gone").sentence("zh"))
    ]


def test_a_full_queue_is_said_where_the_log_is(steps, monkeypatch):
    page = open_page("build", "own")
    monkeypatch.setattr(steps, "_most_active", 0)
    page.file_uploader(key="log-upload").set_value(("odd.csv", ROWS, "text/csv"))
    checked(page.run())
    assert "queue is full" in page.error[0].value


def test_files_are_named_by_contents_and_ending_and_kept_a_dozen():
    files = UploadedFiles(ENDINGS, stem="log")
    names = [files.add(b"%d" % number, title=f"x.{ending}") for number, ending in enumerate(ENDINGS * 2)]
    assert len(set(names)) == 12
    assert [name.rpartition("-")[2] for name in names] == list(ENDINGS) * 2
    assert all(len(name.partition("-")[0]) == 24 for name in names)
    assert files.path(names[5]).name == "log.xes.gz"
    assert files.path(names[3]).name == "log.xlsx"
    files.add(b"0", title="x.CSV")  # asked for again: the second is now the oldest
    files.add(b"more", title="x.csv")
    assert files.path(names[0]).exists()
    with pytest.raises(HallplanError) as failure:
        files.path(names[1])
    assert failure.value.key == "page.upload.gone"


def test_a_file_may_have_fifty_million_bytes(monkeypatch):
    monkeypatch.setattr(uploaded_module, "LARGEST_MB", 1)
    assert LARGEST_MB == 50
    files = UploadedFiles(ENDINGS, stem="log")
    assert files.add(bytes(1_000_000), title="x.csv")
    with pytest.raises(HallplanError) as failure:
        files.add(bytes(1_000_001), title="x.csv")
    assert (failure.value.key, failure.value.values) == ("error.file_too_large", {"largest_mb": 1})
    with pytest.raises(HallplanError) as failure:
        files.add(b"", title="x.exe")
    assert failure.value.values == {"title": "x.exe", "known": "csv, txt, tsv, xlsx, xes, gz"}


def test_discovery_is_tried_on_a_part_of_the_log_where_it_is_long_enough(monkeypatch, tmp_path):
    import hallplan.api_log as api
    import hallplan.show.log as shown
    from calibration.discovery.findings import cautions

    calls = []

    class Calibration:
        toml, cautions = TOML, ()

    def calibrate_log(path, *, mapping, split, logs):
        calls.append((mapping, split, logs, messages.language()))
        if split is not None and mapping:
            raise HallplanError(mapping["fault"])
        return Calibration()

    monkeypatch.setattr(api, "calibrate_log", calibrate_log)
    monkeypatch.setattr(shown, "result_tables", lambda calibration, *, every: [every])
    monkeypatch.setattr(cautions, "caution_sentence", lambda calibrated, *, listed: f"listed {listed}")
    calibrated = log_module.calibrate(tmp_path, {}, "zh")
    assert (calibrated, calls) == (LogFound(TOML, "listed True", (True,)), [({}, 0.3, 5, "zh")])
    calls.clear()
    short = {"fault": "discovery.fault.too_short"}
    log_module.calibrate(tmp_path, short, "en")
    assert [call[1] for call in calls] == [0.3, None]
    with pytest.raises(HallplanError) as failure:
        log_module.calibrate(tmp_path, {"fault": "page.upload.gone"}, "en")
    assert failure.value.key == "page.upload.gone"
