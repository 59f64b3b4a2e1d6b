"""Plans and results in a folder: saved whole, listed, renamed, deleted, and never replaced unseen."""

import threading
from types import SimpleNamespace

import pytest
from cases import for_each

from foundation.errors import HallplanError
from foundation.files import check_manifest
from foundation.locks import lock_folder
from hallplan.workspace import PlanConflictError, folder, open_workspace
from scenarios.compose.composing import compose

PLAN = 'extends = "township-desk"\ntitle = "甲"\n'
OTHER = 'extends = "township-desk"\ntitle = "甲"\ndemand = 1.2\n'


@pytest.fixture
def workspace(tmp_path):
    return open_workspace(tmp_path / "共享")


def refusal(action, *arguments, **options):
    with pytest.raises(HallplanError) as failure:
        action(*arguments, **options)
    return failure.value.key


# ---- plans ---------------------------------------------------------------------------------------------------------


def test_a_saved_plan_is_a_scenario_file_of_its_name(workspace):
    workspace.save("甲", OTHER)
    assert compose(workspace.folder / "甲.toml").demand == 1.2
    assert workspace.composed("甲").scenario.demand == 1.2
    assert workspace.text("甲") == OTHER


def test_plans_are_listed_by_name_and_other_files_are_not(workspace):
    for name in ("b", "甲", "a"):
        workspace.save(name, PLAN)
    (workspace.folder / "notes.txt").write_text("x")
    (workspace.folder / ".c.toml").write_text(PLAN)
    (workspace.folder / "d.toml").symlink_to(workspace.folder / "a.toml")
    assert [plan.name for plan in workspace.plans()] == ["a", "b", "甲"]


def test_a_file_that_somebody_put_there_is_a_plan(workspace):
    (workspace.folder / "mine.toml").write_text(PLAN, encoding="utf-8")
    assert workspace.plan("mine").size == len(PLAN.encode())


def test_a_new_plan_does_not_replace_one_of_the_same_name(workspace):
    workspace.save("甲", PLAN)
    assert refusal(workspace.save, "甲", OTHER) == "workspace.exists"
    assert workspace.text("甲") == PLAN


def test_who_saves_a_version_that_another_has_replaced_is_told(workspace):
    opened = workspace.save("甲", PLAN)
    workspace.save("甲", OTHER, seen=opened.digest)
    third = OTHER.replace("1.2", "1.3")
    assert refusal(workspace.save, "甲", third, seen=opened.digest) == "workspace.changed"
    assert workspace.text("甲") == OTHER


def test_a_plan_is_replaced_on_purpose(workspace):
    workspace.save("甲", PLAN)
    workspace.save("甲", OTHER, overwrite=True)
    assert workspace.text("甲") == OTHER


def test_the_same_text_again_is_no_conflict(workspace):
    assert workspace.save("甲", PLAN) == workspace.save("甲", PLAN)


def test_of_two_who_save_at_the_same_time_one_is_told(workspace):
    barrier, outcomes = threading.Barrier(2), []

    def save(text):
        barrier.wait()
        try:
            outcomes.append(workspace.save("甲", text).name)
        except PlanConflictError as error:
            outcomes.append(error.key)

    threads = [threading.Thread(target=save, args=(text,)) for text in (PLAN, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["workspace.exists", "甲"]


def test_another_process_that_writes_is_waited_for_and_then_named(workspace, monkeypatch):
    monkeypatch.setattr(folder, "_PATIENCE_S", 0.1)
    release = lock_folder(workspace.folder)
    assert refusal(workspace.save, "甲", PLAN) == "files.in_use"
    release()
    assert workspace.save("甲", PLAN).name == "甲"


@for_each(
    ("text", "key"),
    [
        ("extends = ", "error.toml_syntax"),
        ('extends = "no-such-hall"', "error.file_not_found"),
        ('extends = "../x.toml"', "error.file_outside"),
        ('extends = "township-desk"\ndemand = -1', "error.out_of_range"),
    ],
)
def test_a_text_that_is_no_scenario_is_not_saved(workspace, text, key):
    assert refusal(workspace.save, "甲", text) == key
    assert workspace.plans() == []


def test_a_plan_may_start_from_another_plan(workspace):
    workspace.save("甲", OTHER)
    workspace.save("乙", 'extends = "甲.toml"\ntitle = "乙"\n')
    assert workspace.composed("乙").scenario.demand == 1.2


def test_plans_in_a_circle_are_refused(workspace):
    workspace.save("甲", OTHER)
    workspace.save("乙", 'extends = "甲.toml"\n')
    assert refusal(workspace.save, "甲", 'extends = "乙.toml"\n', overwrite=True) == "error.extends_circle"
    assert workspace.text("甲") == OTHER


@for_each("action", ["rename", "delete"])
def test_a_plan_from_which_another_starts_stays(workspace, action):
    workspace.save("甲", OTHER)
    workspace.save("乙", 'extends = "甲.toml"\n')
    arguments = {"rename": ("甲", "丙"), "delete": ("甲",)}[action]
    assert refusal(getattr(workspace, action), *arguments) == "workspace.needed"
    assert [plan.name for plan in workspace.plans()] == ["乙", "甲"]


def test_a_renamed_plan_has_its_new_name_as_title(workspace):
    workspace.save("甲", PLAN)
    assert workspace.rename("甲", "丙").name == "丙"
    assert [plan.name for plan in workspace.plans()] == ["丙"]
    assert workspace.composed("丙").scenario.title.zh == "丙"


def test_a_title_that_was_not_the_name_stays(workspace):
    workspace.save("x", PLAN)
    workspace.rename("x", "y")
    assert workspace.text("y") == PLAN


def test_a_plan_is_not_renamed_over_another(workspace):
    workspace.save("甲", PLAN)
    workspace.save("乙", OTHER)
    assert refusal(workspace.rename, "甲", "乙") == "workspace.name_taken"
    assert workspace.text("乙") == OTHER


def test_names_that_differ_in_capitals_only_are_refused(workspace):
    workspace.save("Plan", PLAN)
    assert refusal(workspace.save, "plan", OTHER) == "workspace.name_twin"


def test_a_deleted_plan_is_gone(workspace):
    workspace.save("甲", PLAN)
    workspace.delete("甲")
    assert workspace.plans() == []
    assert refusal(workspace.plan, "甲") == "workspace.no_plan"


def test_a_plan_that_was_saved_meanwhile_is_not_deleted(workspace):
    opened = workspace.save("甲", PLAN)
    workspace.save("甲", OTHER, seen=opened.digest)
    assert refusal(workspace.delete, "甲", seen=opened.digest) == "workspace.changed"
    assert workspace.text("甲") == OTHER


def test_no_leftovers_lie_beside_a_plan(workspace):
    workspace.save("甲", PLAN)
    workspace.rename("甲", "乙")
    assert sorted(path.name for path in workspace.folder.iterdir()) == ["results", "乙.toml"]


# ---- results -------------------------------------------------------------------------------------------------------


def test_a_result_is_a_folder_of_files_with_a_manifest(workspace):
    saved = workspace.save_result("对比一", {"result.json": b"{}", "waits.csv": b"a"})
    assert (saved.name, saved.files) == ("对比一", ("result.json", "waits.csv"))
    assert check_manifest(workspace.folder / "results" / "对比一") == ["result.json", "waits.csv"]
    assert [result.name for result in workspace.results()] == ["对比一"]


def test_a_result_is_replaced_on_purpose_only(workspace):
    workspace.save_result("r", {"a.csv": b"old"})
    assert refusal(workspace.save_result, "r", {"b.csv": b"new"}) == "workspace.result_exists"
    saved = workspace.save_result("r", {"b.csv": b"new"}, overwrite=True)
    assert saved.files == ("b.csv",)
    assert sorted(path.name for path in (workspace.folder / "results").iterdir()) == ["r"]


def test_a_result_that_can_not_be_written_leaves_nothing_and_the_one_before(workspace, monkeypatch):
    workspace.save_result("r", {"a.csv": b"old"})
    monkeypatch.setattr(folder, "write_manifest", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    assert refusal(workspace.save_result, "r", {"b.csv": b"new"}, overwrite=True) == "workspace.refused"
    assert sorted(path.name for path in (workspace.folder / "results").iterdir()) == ["r"]
    assert workspace.result("r").files == ("a.csv",)


def test_a_result_is_renamed_and_deleted(workspace):
    workspace.save_result("r", {"a.csv": b"x"})
    workspace.save_result("q", {"a.csv": b"x"})
    assert refusal(workspace.rename_result, "r", "q") == "workspace.name_taken"
    assert workspace.rename_result("r", "s").name == "s"
    workspace.delete_result("s")
    assert [result.name for result in workspace.results()] == ["q"]
    assert refusal(workspace.delete_result, "s") == "workspace.no_result"


# ---- the folder ----------------------------------------------------------------------------------------------------


def test_a_file_is_no_workspace(tmp_path):
    (tmp_path / "x").write_text("")
    assert refusal(open_workspace, tmp_path / "x") == "workspace.not_a_folder"


def test_a_folder_that_can_not_be_written_is_refused(tmp_path, monkeypatch):
    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "touch", refuse)
    assert refusal(open_workspace, tmp_path / "x") == "workspace.refused"


def test_without_locks_of_folders_a_plan_is_saved_all_the_same(workspace, monkeypatch):
    monkeypatch.setattr("foundation.locks.os", SimpleNamespace(name="nt"))
    assert workspace.save("甲", PLAN).name == "甲"
