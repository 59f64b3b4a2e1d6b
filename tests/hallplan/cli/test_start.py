"""How the program starts: quickly, without what it doesn't need, and with completions for every shell."""

import importlib.metadata
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from cases import for_each

from scenarios.compose.composing import scenario_names
from scenarios.compose.levers import levers

HEAVY = ("pandas", "scipy", "numba", "streamlit", "pydantic", "numpy", "simpy", "plotly", "pyarrow")


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


@for_each(
    "code",
    [
        "import hallplan",
        "import hallplan.cli",
        "import hallplan.cli.commands",
        "import hallplan.cli as c, contextlib\nwith contextlib.redirect_stdout(None): c.main(['--help'])",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(code):
    assert modules_after(code) & set(HEAVY) == set()


@pytest.mark.slow
def test_the_test_of_imports_notices_one():
    assert "numpy" in modules_after("import hallplan\nhallplan.draw")


@pytest.mark.parametrize("words", [("version",), ("--version",)])
def test_the_version_is_that_of_the_package(command, words):
    assert command(*words).out == f"hallplan {importlib.metadata.version('hallplan')}\n"


def test_the_module_runs_as_the_program_does():
    done = subprocess.run([sys.executable, "-m", "hallplan.cli", "version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("hallplan ")


# ---- completion ----------------------------------------------------------------------------------------------------


def completed(command, line: str) -> list[str]:
    words = line.split(" ")
    answer = command(_HALLPLAN_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1))
    return answer.out.split()


@pytest.mark.slow
def test_commands_options_scenarios_and_levers_complete(command):
    assert completed(command, "hallplan c") == [
        "compare",
        "centralise",
        "compression",
        "check",
        "catalogue",
        "claims",
        "calibrate",
        "cache",
    ]
    assert completed(command, "hallplan run ho") == ["honghuagang-2013", "honghuagang-2014"]
    assert set(completed(command, "hallplan check ")) >= set(scenario_names())
    assert completed(command, "hallplan compare textbook-mm3 town") == ["township-desk"]
    assert completed(command, "hallplan run textbook-mm3 --lever ") == [one.name for one in levers()]
    assert completed(command, "hallplan run textbook-mm3 --lever one-t") == ["one-time-notice"]
    assert completed(command, "hallplan run textbook-mm3 --wor") == ["--workers"]
    assert completed(command, "hallplan run textbook-mm3 --lang z") == ["zh"]


@pytest.mark.slow
def test_files_complete_where_a_scenario_is_wanted(command, tmp_path, monkeypatch):
    (tmp_path / "mine.toml").write_text("", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    (tmp_path / "more").mkdir()
    monkeypatch.chdir(tmp_path)
    assert completed(command, "hallplan run m") == ["more/", "mine.toml"] or completed(command, "hallplan run m") == [
        "mine.toml",
        "more/",
    ]
    assert completed(command, f"hallplan run {tmp_path}/mi") == [f"{tmp_path}/mine.toml"]
    assert completed(command, "hallplan run no/such/") == []


@pytest.mark.slow
def test_completions_are_explained_in_the_users_language(command):
    answer = command(
        _HALLPLAN_COMPLETE="complete_fish",
        _TYPER_COMPLETE_ARGS="hallplan run x --lever add",
        _TYPER_COMPLETE_FISH_ACTION="get-args",
        HALLPLAN_LANG="zh",
    )
    assert answer.out == "add-staff\t增加人员\n"
    options = command(_HALLPLAN_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="hallplan run --re", HALLPLAN_LANG="zh")
    assert "模拟次数" in options.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_a_script(command, shell):
    answer = command(_HALLPLAN_COMPLETE=f"source_{shell}")
    assert answer.code == 0
    assert "_HALLPLAN_COMPLETE" in answer.out


# ---- the page ------------------------------------------------------------------------------------------------------


def test_the_page_is_started_where_it_is_installed_with_the_users_own_options(monkeypatch, tmp_path):
    import os

    from hallplan import cli
    from hallplan.page import start

    started: list[tuple[list[str], dict[str, str]]] = []

    class ReplacedError(Exception):
        """Stands for the moment at which this program is gone."""

    def replace(_program: str, words: list[str], environment: dict[str, str]) -> None:
        started.append((words, environment))
        raise ReplacedError

    monkeypatch.setattr(os, "execve", replace)
    monkeypatch.chdir(tmp_path)
    cli.main(["app", "--lang", "zh", "--server.port", "8600"])
    words, environment = started[0]
    script = Path(words[4])
    assert words[1:4] == ["-m", "streamlit", "run"]
    assert script == Path(str(start.__file__))
    assert words[-2:] == ["--server.port", "8600"]
    assert environment["HALLPLAN_LANG"] == "zh"
    assert "--server.address=127.0.0.1" in words


HERE, NO_PASSWORD = "on this machine only", "has no password"


@pytest.fixture
def started(monkeypatch):
    """The words and the environment of every page that is started."""
    import os

    pages: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda _program, words, environment: pages.append((words, environment)))
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "")
    return pages


@for_each(
    ("options", "variable", "address", "is_said"),
    [
        ([], "", "127.0.0.1", HERE),
        ([], "0.0.0.0", "0.0.0.0", NO_PASSWORD),  # noqa: S104 - what a user may ask for
        (["--address", "0.0.0.0"], "", "0.0.0.0", "every address of this machine (0.0.0.0)"),  # noqa: S104
        (["--address", "::"], "", "::", "every address of this machine (::)"),
        (["--address", "10.1.2.3"], "", "10.1.2.3", "listens on 10.1.2.3 and has no password"),
        (["--address", "::1"], "0.0.0.0", "::1", HERE),  # noqa: S104
        (["--server.address", "10.1.2.3"], "", "10.1.2.3", NO_PASSWORD),
        (["--server.address=::1"], "", "::1", HERE),
        (["--server.address=localhost"], "0.0.0.0", "localhost", HERE),  # noqa: S104
    ],
)
def test_who_can_reach_the_page_is_decided_by_the_address_and_said(
    ask, started, monkeypatch, options, variable, address, is_said
):
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", variable)
    started.clear()
    answer = ask("app", *options)
    assert f"--server.address={address}" in started[0][0]
    assert is_said in answer.err


def test_who_can_reach_the_page_is_said_in_chinese_too(ask, started):
    assert "仅限本机打开" in ask("app", "--lang", "zh").err
    assert "没有密码" in ask("app", "--lang", "zh", "--address", "10.1.2.3").err


def test_port_and_path_are_handed_to_the_server(ask, started):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    assert ask("app", "--port", str(port), "--base-path", "/tools/hallplan/").code == 0
    assert {f"--server.port={port}", "--server.baseUrlPath=tools/hallplan"} <= set(started[0][0])


def test_a_port_that_another_program_has_is_said_before_the_start(ask, started):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        answer = ask("app", "--port", str(port))
    assert (answer.code, started) == (1, [])
    assert f"127.0.0.1, port {port}" in answer.err


def test_an_address_of_another_machine_is_said_before_the_start(ask, started):
    answer = ask("app", "--address", "192.0.2.1", "--port", "8600")  # kept for documents, no machine has it
    assert (answer.code, started) == (1, [])


@for_each(
    "options",
    [
        ("--address", "hall.example"),
        ("--address", "256.1.1.1"),
        ("--port", "0"),
        ("--port", "65536"),
        ("--base-path", "/"),
        ("--base-path", "a//b"),
        ("--base-path", "../a"),
        ("--base-path", "a b"),
        ("--workspace", ""),
        ("--keep-days", "0"),
    ],
)
def test_an_option_of_the_server_that_can_not_be_is_refused(ask, started, options):
    assert (ask("app", *options).code, started) == (2, [])


def test_the_workspace_is_made_and_handed_to_the_page(ask, started, tmp_path, monkeypatch):
    from hallplan.page.server import workspace

    assert ask("app", "--workspace", str(tmp_path / "共享")).code == 0
    folder = started[0][1]["HALLPLAN_WORKSPACE"]
    assert folder == str(tmp_path / "共享")
    assert workspace() is None
    monkeypatch.setenv("HALLPLAN_WORKSPACE", folder)
    assert workspace().folder == tmp_path / "共享"


@for_each(
    ("options", "variable", "days"),
    [((), "", "90"), ((), "30", "30"), (("--keep-days", "7"), "30", "7")],
)
def test_the_retention_time_is_said_and_handed_to_the_page(ask, started, monkeypatch, options, variable, days):
    monkeypatch.setenv("HALLPLAN_KEEP_DAYS", variable)
    started.clear()
    answer = ask("app", *options)
    assert started[0][1]["HALLPLAN_KEEP_DAYS"] == days
    assert f"deleted {days} days after" in answer.err


def test_what_is_too_old_is_deleted_at_the_start(ask, started, monkeypatch, tmp_path):
    import os
    import time

    monkeypatch.setenv("HALLPLAN_CACHE_DIR", str(tmp_path))
    entries = [tmp_path / "scenarios" / f"{name}.prepared" for name in ("old", "new")]
    entries[0].parent.mkdir()
    for entry, days in zip(entries, (8, 6), strict=True):
        entry.write_bytes(b"x")
        os.utime(entry, (time.time() - days * 86_400,) * 2)
    ask("app", "--keep-days", "7")
    assert [entry.exists() for entry in entries] == [False, True]


def test_a_workspace_that_is_a_file_is_refused(ask, started, tmp_path):
    (tmp_path / "x").write_text("")
    answer = ask("app", "--workspace", str(tmp_path / "x"))
    assert (answer.code, started) == (1, [])
    assert "is no folder" in answer.err


def test_the_page_s_server_takes_what_its_label_and_its_own_check_promise():
    import tomllib

    from hallplan.page.limits import LARGEST_MB

    root = Path(__file__).parents[3]
    for file in (root / ".streamlit/config.toml", root / "hallplan/.streamlit/config.toml"):
        server = tomllib.loads(file.read_text(encoding="utf-8"))["server"]
        assert (server["maxUploadSize"], server["address"]) == (LARGEST_MB, "127.0.0.1")
