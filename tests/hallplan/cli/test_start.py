"""How the program starts: quickly, without what it doesn't need, and with completions for every shell."""

import importlib.metadata
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
    assert "重复运行" in options.out


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


@pytest.mark.parametrize(
    ("options", "variable", "address", "is_said"),
    [
        ([], "", "127.0.0.1", False),
        ([], "0.0.0.0", "0.0.0.0", True),  # noqa: S104 - what a user may ask for
        (["--server.address", "10.1.2.3"], "", "10.1.2.3", True),
        (["--server.address=::1"], "", "::1", False),
        (["--server.address=localhost"], "0.0.0.0", "localhost", False),  # noqa: S104
    ],
)
def test_the_page_listens_here_alone_unless_an_address_is_given(
    monkeypatch, capsys, options, variable, address, is_said
):
    import os

    from hallplan import cli

    started: list[list[str]] = []
    monkeypatch.setattr(os, "execve", lambda _program, words, _environment: started.append(words))
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", variable)
    monkeypatch.setenv("HALLPLAN_LANG", "en")
    cli.main(["app", *options])
    assert f"--server.address={address}" in started[0]
    assert ("has no password" in capsys.readouterr().err) == is_said


def test_the_page_s_server_takes_what_its_label_and_its_own_check_promise():
    import tomllib

    from hallplan.page.limits import LARGEST_MB

    root = Path(__file__).parents[3]
    for file in (root / ".streamlit/config.toml", root / "hallplan/.streamlit/config.toml"):
        server = tomllib.loads(file.read_text(encoding="utf-8"))["server"]
        assert (server["maxUploadSize"], server["address"]) == (LARGEST_MB, "127.0.0.1")
