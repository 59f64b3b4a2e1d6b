"""Every place that uses what Windows lacks is named on the page about Windows, and is guarded."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from sources import tree_of

from sim.run import workers

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("foundation", "scenarios", "sim", "calibration", "planner", "verification", "hallplan")
PAGE = (ROOT / "docs" / "reference" / "windows.md").read_text(encoding="utf-8")
LACKING = {
    "os": {"nice", "getuid", "geteuid", "sched_getaffinity", "sysconf", "fork", "killpg", "getpgid", "setsid", "chown"},
    "signal": {"pthread_sigmask", "SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK", "SIGKILL", "SIGALRM", "SIGHUP", "alarm"},
}
MODULES = {"fcntl", "resource", "pwd", "grp", "termios"}
SYSTEM = re.compile(r"/(proc|sys)/")


def posix_places(tree: ast.Module) -> set[str]:
    """Return what of a module's source is there on POSIX only, or asks which system this is."""
    places = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name, owner = node.attr, node.value.id
            if name in LACKING.get(owner, ()) or (owner, name) in {("os", "name"), ("sys", "platform")}:
                places.add(f"{owner}.{name}")
        elif isinstance(node, ast.Import):
            places |= {alias.name for alias in node.names} & MODULES
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and SYSTEM.match(node.value):
            places.add(node.value)
    return places


def test_every_place_that_asks_for_posix_is_named_on_the_page():
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    users = {file.relative_to(ROOT).as_posix() for file in files if posix_places(tree_of(file))}
    assert len(users) > 8
    assert not {user for user in users if f"`{user}`" not in PAGE}


def test_every_file_that_the_page_names_is_there():
    named = re.findall(r"`([a-z_/]+\.py)`", PAGE)
    assert len(named) > 12
    assert not [name for name in named if not (ROOT / name).is_file()]


def test_the_search_notices_what_windows_lacks():
    source = "import os, fcntl\nos.nice(1)\nsignal.pthread_sigmask\nPath('/proc/x')\nos.path.join"
    assert posix_places(ast.parse(source)) == {"fcntl", "os.nice", "signal.pthread_sigmask", "/proc/x"}


def test_a_run_needs_nothing_that_windows_lacks():
    code = f"""
import os, signal, sys
for module, names in {LACKING!r}.items():
    for name in names & set(dir(sys.modules[module])):
        delattr(sys.modules[module], name)
sys.modules["resource"] = None
from hallplan.cli import main
sys.exit(main(["run", "textbook-mm3", "--reps", "2", "--days", "3", "--no-cache", "--json"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_windows_gets_no_more_processes_than_it_can_wait_for(monkeypatch):
    assert workers._at_most(256) == 256
    monkeypatch.setattr(workers, "sys", SimpleNamespace(platform="win32"))
    assert (workers._at_most(256), workers._at_most(2)) == (61, 2)
