"""Every example in the guides runs, exits as the guide says, and prints what the guide shows.

Blocks marked ``console`` are typed into a shell, in order, in an empty folder; blocks marked ``python`` are run in one
session.  Where a guide shows output it must be what comes out, but for spaces, the last digits of numbers, and whatever
a line with a single ``…`` stands for.  With ``HALLPLAN_UPDATE_DOCS=1`` the output in the guides is brought up to date.
"""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from hallplan.cli import main
from sim.engine.choice import prepare

ROOT = Path(__file__).resolve().parents[2]
GUIDES = (
    "README.md",
    "README.zh.md",
    "docs/reference/cli.md",
    "docs/reference/python.md",
    "docs/reference/statistics.md",
    "docs/reference/event-logs.md",
)
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"[-−+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")
ANYTHING = "…"
UPDATE = bool(os.environ.get("HALLPLAN_UPDATE_DOCS"))


@dataclass(frozen=True)
class Command:
    """One line after a dollar sign, and the lines below it."""

    line: str
    shown: tuple[str, ...]


def commands(block: str) -> list[Command]:
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
    assert not parts[0].strip(), "a console block begins with a dollar sign"
    return [Command(part.splitlines()[0], tuple(part.splitlines()[1:])) for part in parts[1:]]


def plain(line: str) -> str:
    return " ".join(re.sub("─+", "─", line).split())


def same(shown: str, printed: str) -> bool:
    """Tell whether two lines are alike but for spaces, the last digits of numbers, and what follows a last ``…``."""
    head = shown.rstrip().removesuffix(ANYTHING)
    if head != shown.rstrip() and not printed.rstrip().endswith(ANYTHING):
        form = NUMBER.sub("#", plain(head))
        known = numbers(head)
        return NUMBER.sub("#", plain(printed)).startswith(form) and close(known, numbers(printed)[: len(known)])
    if NUMBER.sub("#", plain(shown)) != NUMBER.sub("#", plain(printed)):
        return False
    return close(numbers(shown), numbers(printed))


def close(first: list[float], second: list[float]) -> bool:
    return all(a == b or abs(a - b) <= 2e-3 * max(abs(a), abs(b)) for a, b in zip(first, second, strict=True))


def numbers(line: str) -> list[float]:
    return [float(text.replace(",", "").replace("−", "-")) for text in NUMBER.findall(plain(line))]


def matches(shown: list[str], printed: list[str]) -> bool:
    if not shown:
        return not printed
    if shown[0].strip() == ANYTHING:
        return any(matches(shown[1:], printed[k:]) for k in range(len(printed) + 1))
    return bool(printed) and same(shown[0], printed[0]) and matches(shown[1:], printed[1:])


def stripped(lines: list[str]) -> list[str]:
    return "\n".join(lines).strip("\n").splitlines()


def typed(line: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Return exit code and output of a command line, here; one that takes a shell is given to one."""
    if not line.startswith("hallplan ") or set(line) & set("<>|&;$"):
        return shell(line)
    capsys.readouterr()
    code = main(shlex.split(line)[1:])
    printed = capsys.readouterr()
    return code, (printed.out + printed.err).splitlines()


def shell(line: str) -> tuple[int, list[str]]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "HALLPLAN_LANG": "en", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        ["bash", "-c", line],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


@pytest.fixture(scope="module", autouse=True)
def _machine_code() -> None:
    """Compile what there is to compile, so that no guide has to speak of it."""
    prepare()


@pytest.mark.parametrize("name", GUIDES)
def test_what_is_typed_does_what_the_guide_says(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HALLPLAN_LANG", "en")
    guide = ROOT / name
    text = guide.read_text(encoding="utf-8")
    for language, block in BLOCK.findall(text):
        if language != "console":
            continue
        lines = commands(block)
        for place, command in enumerate(lines):
            if command.line == "echo $?":
                continue
            after = lines[place + 1] if place + 1 < len(lines) else None
            expected = int(after.shown[0]) if after is not None and after.line == "echo $?" else 0
            code, printed = typed(command.line, capsys)
            assert code == expected, (command.line, printed)
            shown = stripped(list(command.shown))
            if shown and not matches(shown, stripped(printed)):
                assert UPDATE, f"{name}: {command.line}\n" + "\n".join(printed)
                assert ANYTHING not in map(str.strip, shown[:-1]), f"{name}: {command.line}: a … hides what has changed"
                if shown[-1].strip() == ANYTHING:
                    printed = [*printed[: len(shown) - 1], ANYTHING]
                old = "\n".join([f"$ {command.line}", *command.shown])
                text = text.replace(old, "\n".join([f"$ {command.line}", *printed]))
    if UPDATE:
        guide.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in GUIDES if "```python" in (ROOT / name).read_text(encoding="utf-8")])
def test_the_code_of_a_guide_runs(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HALLPLAN_LANG", "en")
    session: dict[str, object] = {"__name__": "guide"}
    blocks = [
        block for language, block in BLOCK.findall((ROOT / name).read_text(encoding="utf-8")) if language == "python"
    ]
    for block in blocks:
        exec(compile(block, name, "exec"), session)  # noqa: S102 - the project's own documentation
    assert capsys.readouterr().out


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_names_no_machine_and_links_to_what_is_there(name):
    guide = ROOT / name
    text = guide.read_text(encoding="utf-8")
    assert not re.search(r"/(?:home|root|work|tmp|Users)/", text)
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert "://" in target or (guide.parent / target).exists(), target


def test_the_comparison_of_outputs_notices_a_difference():
    assert matches(["a 1.2345", "…", "c"], ["a  1.2346", "x", "y", "c"])
    assert not matches(["a 1.2"], ["a 1.3"])
    assert matches(["a 1.2 is …"], ["a 1.2 is 7"])
    assert not matches(["a 1.2 is …"], ["a 1.3 is 7"])
    assert not matches(["a 1.2 is …"], ["b 1.2 is 7"])
    assert not matches(["a"], ["a", "b"])
    assert not matches(["…", "c"], ["a", "b"])
