"""What is promised about the package itself: the lock, the wheel, the set-up command and the version.

In come the project's own files, and the wheel built from them; what is claimed here is what a person relies
on who installs Hallplan on a machine that has never seen it.
"""

import ast
import errno
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from cases import for_each

import dev
import hallplan

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = {"foundation", "scenarios", "sim", "calibration", "planner", "verification", "hallplan"}
DIST_INFO = f"hallplan-{PROJECT['project']['version']}.dist-info"


def test_the_lock_is_fresh_fully_hashed_and_names_no_place():
    assert dev.lock_faults() == []


@for_each(
    ("line", "complaint"),
    [
        ("--index-url somewhere", "is an option"),
        ("    --find-links wheels", "is an option"),
        ("tool @ file:///tmp/tool.whl", "names a place"),
        ("    # from https://mirror.example/simple", "names a place"),
        ("tool==1.0", "has no hash"),
    ],
)
def test_a_lock_that_names_a_place_or_an_option_is_refused(tmp_path, monkeypatch, line, complaint):
    spoilt = tmp_path / "requirements.lock"
    spoilt.write_text(dev.LOCK.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    monkeypatch.setattr(dev, "LOCK", spoilt)
    assert [complaint in fault for fault in dev.lock_faults()].count(True) == 1


def test_a_lock_older_than_the_project_file_is_refused(tmp_path, monkeypatch):
    changed = tmp_path / "pyproject.toml"
    text = dev.PROJECT.read_text(encoding="utf-8")
    changed.write_text(text.replace('"simpy>=4.1",', '"simpy>=4.1", "never-heard-of",'), encoding="utf-8")
    monkeypatch.setattr(dev, "PROJECT", changed)
    faults = dev.lock_faults()
    assert any("has changed since the lock was made" in fault for fault in faults)
    assert any(fault.startswith("never-heard-of is required") for fault in faults)


def test_dev_py_needs_nothing_but_the_standard_library():
    tree = ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported <= sys.stdlib_module_names


def test_an_old_python_can_read_dev_py_and_is_turned_away_before_it_imports_anything_new():
    tree = ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"), feature_version=(3, 7))
    guard = next(place for place, node in enumerate(tree.body) if isinstance(node, ast.If))
    before = [
        alias.name
        for node in tree.body[:guard]
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]
    assert before == ["annotations", "sys"]


def test_dev_py_knows_its_commands_and_says_so_when_asked_for_another():
    done = subprocess.run([sys.executable, "dev.py", "tset"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "'tset'" in done.stdout
    listed = set(re.findall(r"^  ([a-z]+)", dev.USAGE, flags=re.MULTILINE))
    assert listed == set(dev.COMMANDS)


@for_each(
    ("output", "sentence"),
    [
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE",
            "not the one the lock pins",
        ),
        (
            "WARNING: Retrying ... NewConnectionError(': Temporary failure in name resolution')",
            "not be reached",
        ),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for numba==0.1", "no ready-made package of numba==0.1"),
        ("no such option: --python", "older than 22.3"),
        ("ERROR: something else\nhint: look here", "pip failed: ERROR: something else"),
    ],
)
def test_a_failed_installation_is_told_in_one_sentence(output, sentence):
    told = dev.pip_failure(output)
    assert sentence in told
    assert "\n" not in told


def test_bytecode_is_kept_in_the_environment_where_none_is_wanted_in_the_tree(monkeypatch):
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    assert "PYTHONPYCACHEPREFIX" not in dev.child_environment()
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environment = dev.child_environment()
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert Path(environment["PYTHONPYCACHEPREFIX"]).parent == dev.VENV
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "elsewhere")
    assert dev.child_environment()["PYTHONPYCACHEPREFIX"] == "elsewhere"


def test_a_python_with_neither_pip_nor_ensurepip_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(dev, "runs", lambda command: False)
    with pytest.raises(dev.SetupError, match="neither pip nor ensurepip"):
        dev.pip_for(Path("python"))


def test_a_second_set_up_names_the_process_it_waits_for_and_gives_up_in_the_end(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(dev, "GUARD", tmp_path / "guard")
    with dev.only_one():
        monkeypatch.setattr(dev, "GUARD_WAIT_SECONDS", -1)
        with pytest.raises(dev.SetupError, match=f"process {os.getpid()} has been setting up"), dev.only_one():
            pass
    assert f"process {os.getpid()} is already setting up" in capsys.readouterr().out
    with dev.only_one():
        assert (tmp_path / "guard").read_text(encoding="ascii") == f"{os.getpid()}\n"


def test_the_version_is_one_and_the_same_everywhere():
    version = PROJECT["project"]["version"]
    assert hallplan.__version__ == version
    assert importlib.metadata.version("hallplan") == version
    newest = re.search(r"^## \[?([0-9][^\] ]*)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == version


def test_the_continuous_check_runs_the_same_commands_that_a_developer_types():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    used = set(re.findall(r"python3 dev\.py ([a-z]+)", script))
    assert used == set(dev.COMMANDS) - {"app", "setup"}


def test_the_bundle_s_lock_has_what_hallplan_needs_and_nothing_for_developers():
    pins = [line for line in dev.runtime_lock().splitlines() if not line.startswith(" ")]
    names = {dev.plain_name(pin) for pin in pins}
    assert {dev.plain_name(requirement) for requirement in PROJECT["project"]["dependencies"]} <= names
    assert {"llvmlite", "starlette", "colorama"} <= names  # of numba, of streamlit, on Windows only
    assert not names & {"pytest", "ruff", "mypy", "playwright", "kaleido", "uv"}
    assert set(pins) <= {line.rstrip() for line in dev.LOCK.read_text(encoding="utf-8").splitlines()}


def test_every_pin_of_the_bundle_is_hashed_and_no_comment_is_left():
    text = dev.runtime_lock()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "#" not in text


def test_a_bundle_takes_one_new_folder(tmp_path):
    (tmp_path / "file").write_text("")
    for arguments in ([], ["a", "b"], [str(tmp_path)], [str(tmp_path / "file")]):
        with pytest.raises(dev.SetupError):
            dev.command_bundle(arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_runs_without_a_network_reaches_its_own_loopback_only():
    prefix = dev.without_network()
    if not prefix:
        pytest.skip("this system can't cut the network")
    code = (
        "import socket\nserver = socket.create_server(('127.0.0.1', 0))\nsocket.create_connection(server.getsockname())"
        "\ntry:\n    socket.create_connection(('192.0.2.1', 80), 5)\nexcept OSError as error:\n    print(error.errno)"
    )
    done = subprocess.run([*prefix, sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == errno.ENETUNREACH


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built by way of the source archive as a release would be."""
    dist = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = dist.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


@pytest.mark.slow
def test_the_wheel_carries_the_packages_and_nothing_beside_them(wheel):
    assert {name.split("/")[0] for name in wheel} == PACKAGES | {DIST_INFO}


@pytest.mark.slow
def test_the_wheel_carries_every_file_of_the_packages(wheel):
    tracked = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True)
    names = set(tracked.stdout.rstrip("\0").split("\0"))
    assert any(name.endswith(".toml") for name in names)
    assert names <= wheel


@pytest.mark.slow
def test_the_wheel_carries_its_licence_and_its_command(wheel):
    assert f"{DIST_INFO}/licenses/LICENSE" in wheel
    assert f"{DIST_INFO}/licenses/hallplan/show/fonts/OFL.txt" in wheel  # the font's own
    assert f"{DIST_INFO}/entry_points.txt" in wheel
