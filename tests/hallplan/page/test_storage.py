"""What the page's server stores: counted, deleted by hand, and deleted by age."""

import os
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from cases import for_each
from page_samples import HOSTILE
from streamlit.testing.v1 import AppTest

from foundation.errors import HallplanError
from foundation.locks import lock_folder
from hallplan.page import storage, uploaded
from hallplan.page.files import Uploads
from hallplan.page.plans import UPLOADS, plan_of, scenario_title
from hallplan.page.runs import background
from hallplan.page.state import PlanChoice
from hallplan.page.uploaded import UploadedFiles, clear_dead_folders
from hallplan.storage import DAY_S
from hallplan.workspace import open_workspace
from sim.run.keys import Key
from sim.run.sample import Sample
from sim.run.store import default_store

NOW = 2_000_000_000.0


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("HALLPLAN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HALLPLAN_KEEP_DAYS", "7")
    monkeypatch.setattr(uploaded.tempfile, "gettempdir", lambda: str(tmp_path))
    UPLOADS.clear(before=None)
    uploaded.clear_uploaded(before=None)


@pytest.fixture
def logs():
    return UploadedFiles(("csv",), stem="log")


def a_stored_result():
    import numpy as np

    default_store().put({Key("ab" * 20, 0): Sample(("x",), np.array([1.0]))})


def counts():
    return {holding.kind: holding.count for holding in storage.holdings()}


def age(path: Path, days: float) -> None:
    os.utime(path, (NOW - days * DAY_S,) * 2)


def test_everything_that_is_stored_is_counted(logs, tmp_path, monkeypatch):
    assert counts() == {"uploads": 0, "results": 0, "prepared": 0}
    logs.add(b"a,b", title="x.csv")
    UPLOADS.add(HOSTILE.read_bytes(), title="hall.toml")
    a_stored_result()
    workspace = open_workspace(tmp_path / "plans")
    workspace.save("甲", 'extends = "township-desk"\n')
    workspace.save_result("r", {"a.csv": b"x"})
    monkeypatch.setenv("HALLPLAN_WORKSPACE", str(workspace.folder))
    assert counts() == {"uploads": 2, "results": 1, "prepared": 0, "plans": 1, "plan_results": 1}
    assert storage.holdings()[0].size == 3 + len(HOSTILE.read_bytes())


def test_deleted_uploads_are_gone_from_disk_and_from_memory(logs):
    name = logs.add(b"a,b", title="x.csv")
    path, upload = logs.path(name), UPLOADS.add(HOSTILE.read_bytes(), title="hall.toml")
    plan_of(PlanChoice(upload.name))
    background().offer({"seen": 1})
    assert storage.delete_uploads() == 3 + len(HOSTILE.read_bytes())
    assert not path.exists()
    assert counts()["uploads"] == 0
    for ask in (lambda: logs.path(name), lambda: scenario_title(upload.name, "en")):
        with pytest.raises(HallplanError):
            ask()
    assert "seen" not in background()._results


def test_a_file_uploaded_again_after_deleting_is_there_again(logs):
    name = logs.add(b"a,b", title="x.csv")
    storage.delete_uploads()
    assert logs.add(b"a,b", title="x.csv") == name
    assert logs.path(name).read_bytes() == b"a,b"


def test_deleted_results_are_gone_and_uploads_stay(logs):
    a_stored_result()
    logs.add(b"a,b", title="x.csv")
    assert storage.delete_cache() > 0
    assert counts() == {"uploads": 1, "results": 0, "prepared": 0}


def test_what_is_older_than_the_retention_time_is_deleted_and_nothing_else(logs):
    old, new = (logs.path(logs.add(text, title="x.csv")) for text in (b"old", b"new"))
    age(old, 7.1)
    age(new, 6.9)
    storage.sweep(NOW)
    assert (old.exists(), new.exists()) == (False, True)


def test_an_uploaded_scenario_ends_with_the_retention_time(monkeypatch):
    uploads, moments = Uploads(), iter([NOW - 7.1 * DAY_S, NOW - 6.9 * DAY_S])
    monkeypatch.setattr("hallplan.page.files.time", SimpleNamespace(time=lambda: next(moments)))
    monkeypatch.setattr(storage, "UPLOADS", uploads)
    for title, text in (("old", b""), ("new", b"\n")):
        uploads.add(HOSTILE.read_bytes() + text, title=title)
    storage.sweep(NOW)
    assert [upload.title for upload in uploads.all()] == ["new"]


def test_results_and_prepared_scenarios_end_with_the_retention_time(tmp_path):
    a_stored_result()
    (part,) = (tmp_path / "cache").rglob("*.parquet")
    entries = [tmp_path / "cache" / "scenarios" / f"{name}.prepared" for name in ("old", "new")]
    entries[0].parent.mkdir()
    for entry, days in zip(entries, (7.1, 6.9), strict=True):
        entry.write_bytes(b"x")
        age(entry, days)
    os.utime(part, (time.time() - 7.1 * DAY_S,) * 2)
    storage.sweep(NOW)
    assert (part.exists(), [entry.exists() for entry in entries]) == (False, [False, True])


def test_the_uploads_of_a_killed_server_are_deleted_and_those_of_a_running_one_stay(tmp_path):
    dead, alive = tmp_path / "hallplan-uploads-dead", tmp_path / "hallplan-uploads-alive"
    for folder in (dead, alive):
        folder.mkdir()
        (folder / "log.csv").write_bytes(b"abc")
    release = lock_folder(alive)
    (tmp_path / "hallplan-uploads-link").symlink_to(alive)
    assert clear_dead_folders(before=0) == 3
    assert (dead.exists(), (alive / "log.csv").exists()) == (False, True)
    release()


def test_without_locks_only_old_folders_are_taken_for_dead(tmp_path, monkeypatch):
    old, new = tmp_path / "hallplan-uploads-old", tmp_path / "hallplan-uploads-new"
    for folder, days in ((old, 7.1), (new, 6.9)):
        folder.mkdir()
        age(folder, days)
    monkeypatch.setattr(uploaded, "os", SimpleNamespace(name="nt"))
    monkeypatch.setattr(uploaded, "lock_folder", lambda folder: lambda: None)
    clear_dead_folders(before=NOW - 7 * DAY_S)
    assert (old.exists(), new.exists()) == (False, True)


def test_old_things_are_deleted_at_the_start_and_every_day(monkeypatch):
    calls, slept, done = [], [], threading.Event()

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 2:
            done.set()
            threading.Event().wait()  # the rest of this daemon's life

    monkeypatch.setattr(storage, "sweep", lambda now: calls.append(now) or 0)
    monkeypatch.setattr(storage, "time", SimpleNamespace(time=lambda: NOW, sleep=sleep))
    storage.start_sweeping.cache_clear()
    storage.start_sweeping()
    assert done.wait(10)
    assert (calls, slept) == ([NOW, NOW], [86_400.0, 86_400.0])
    assert storage.start_sweeping() is storage.start_sweeping()


@for_each("value", ["0", "-1", "1.5", "x", "3651", "９"])
def test_a_retention_time_that_is_none_is_refused(monkeypatch, value):
    monkeypatch.setenv("HALLPLAN_KEEP_DAYS", value)
    with pytest.raises(HallplanError) as failure:
        storage.sweep(NOW)
    assert failure.value.key == "store.bad_keep_days"


# ---- the view ------------------------------------------------------------------------------------------------------


def view():
    import streamlit as st

    from foundation import messages
    from hallplan.page.session import Session
    from hallplan.page.state import History
    from hallplan.page.views.storage import storage

    language = st.query_params.get("lang", "en")
    if "hallplan" not in st.session_state:
        st.session_state["hallplan"] = Session(History(), language)
    with messages.using(language):
        storage(st.session_state["hallplan"])


def test_the_view_says_what_is_stored_and_for_how_long(logs):
    logs.add(bytes(1_500_000), title="x.csv")
    page = AppTest.from_function(view).run(timeout=30)
    assert not page.exception
    assert "for 7 days" in page.markdown[0].value
    rows = page.table[0].value
    assert list(rows.loc["Uploaded files"]) == ["1, 1.5 MB", "7 days after the last use"]
    assert list(rows.loc["Computed results"]) == ["–", "7 days after the last use"]


def test_nothing_is_deleted_before_it_is_confirmed(logs):
    logs.add(bytes(1_500_000), title="x.csv")
    page = AppTest.from_function(view).run(timeout=30)
    assert counts()["uploads"] == 1
    page.button(key="delete-uploads").click().run(timeout=30)
    assert not page.exception
    assert counts()["uploads"] == 0
    assert [str(note) for note in page.session_state["hallplan"].notes] == ["Deleted: 1.5 MB."]


def test_the_view_is_in_chinese_too():
    page = AppTest.from_function(view)
    page.query_params["lang"] = "zh"
    page.run(timeout=30)
    assert [button.label for button in page.button] == ["确认删除", "确认删除"]
    assert page.subheader[0].value == "本服务器保存的内容"
