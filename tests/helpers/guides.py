"""The pages of the documentation as blocks that can be executed, in the order in which they stand.

Input: a Markdown page.  Output: its fenced blocks, and what happens when each is carried out in a folder:

========================  ==========================================================================================
block                     what is done
========================  ==========================================================================================
``console``               typed into a shell; the exit code and the output shown must be what comes out
``python``                run; all blocks of a page share one session; ``>>>`` lines are compared as doctests
``toml NAME.toml``        saved under this name, composed and checked: it must load without a warning
``toml lever NAME.toml``  saved under this name and read as a lever
``toml sweep NAME.toml``  saved under this name and read as a sweep file
``csv NAME.csv``          saved under this name
``sh``                    too long or too interactive for a test: each ``hallplan`` command in it must exist
========================  ==========================================================================================

Output shown in a guide must match but for spaces, the last digits of numbers, and whatever a single ``…`` stands for.
"""

import doctest
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from hallplan.cli import main
from planner.sweep.running import read_sweep
from scenarios.check import warnings
from scenarios.compose.composing import composed
from scenarios.compose.reading import parse
from scenarios.schema import json_schema, lever_schema

__all__ = ["PAGES", "ROOT", "Block", "Session", "blocks", "hallplan_commands", "matches", "prose"]

ROOT = Path(__file__).resolve().parents[2]
_FILES = (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
PAGES = sorted(str(file.relative_to(ROOT)) for file in _FILES if file.name != "CHANGELOG.md")
FENCE = re.compile(r"^```(\w*)[ ]?(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
NUMBER = re.compile(r"[-−+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")
ANYTHING = "…"
UPDATE = bool(os.environ.get("HALLPLAN_UPDATE_DOCS"))


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the rest of the line that opens it, and its text."""

    language: str
    label: str
    text: str


def blocks(page: str) -> list[Block]:
    """Return all fenced blocks of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [Block(*match) for match in FENCE.findall(text)]


def prose(page: str) -> str:
    """Return a page without its fenced blocks."""
    return FENCE.sub("", (ROOT / page).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Command:
    """One line after a dollar sign, and the lines below it."""

    line: str
    shown: tuple[str, ...]


def commands(block: str) -> list[Command]:
    """Split a console block at its dollar signs."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
    assert not parts[0].strip(), "a console block begins with a dollar sign"
    return [Command(part.splitlines()[0], tuple(part.splitlines()[1:])) for part in parts[1:]]


class Session:
    """Carries out the blocks of one page, in the current folder."""

    def __init__(self, page: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.page = page
        self.capsys = capsys
        self.names: dict[str, object] = {"__name__": "guide"}
        self.text = (ROOT / page).read_text(encoding="utf-8")

    def carry_out(self, block: Block) -> None:
        """Do with a block what its language asks for."""
        if block.language == "console":
            self._console(block.text)
        elif block.language == "python" and block.text.startswith(">>>"):
            self._doctest(block.text)
        elif block.language == "python":
            exec(compile(block.text, self.page, "exec"), self.names)  # noqa: S102 - the project's own documentation
        elif block.language == "sh":
            for command in hallplan_commands(block.text):
                self._exists(command)
        elif file := re.fullmatch(r"(lever |sweep )?([\w-]+\.(?:toml|csv))", block.label):
            Path(file[2]).write_text(block.text, encoding="utf-8")
            if file[1] == "sweep ":
                read_sweep(file[2])
            elif block.language == "toml":
                self._toml(Path(file[2]), lever=bool(file[1]))

    def save_outputs(self) -> None:
        """Write the page with the outputs that came out, if ``HALLPLAN_UPDATE_DOCS`` asks for it."""
        if UPDATE:
            (ROOT / self.page).write_text(self.text, encoding="utf-8")

    def _toml(self, file: Path, *, lever: bool) -> None:
        schema = lever_schema() if lever else json_schema()
        table = parse(file.read_text(encoding="utf-8"), name=file.name)
        document = json.loads(json.dumps(table, default=str))  # TOML has dates, JSON has none
        faults = [fault.message for fault in Draft202012Validator(schema).iter_errors(document)]
        assert faults == [], f"{self.page}: {file}"
        if not lever:
            assert warnings(composed(file).scenario) == [], f"{self.page}: {file}"

    def _doctest(self, text: str) -> None:
        example = doctest.DocTestParser().get_doctest(text, self.names, self.page, self.page, 0)
        assert doctest.DocTestRunner().run(example, clear_globs=False).failed == 0
        self.names.update(example.globs)

    def _exists(self, command: list[str]) -> None:
        words = []
        for word in command:
            if not re.fullmatch(r"[a-z][a-z-]*", word):
                break
            words.append(word)
        while words and main([*words, "--help"]) != 0:  # the last words may be arguments
            words.pop()
        self.capsys.readouterr()
        assert words, f"{self.page}: hallplan {' '.join(command)}: there is no such command"

    def _console(self, block: str) -> None:
        lines = commands(block)
        for index, command in enumerate(lines):
            if command.line == "echo $?":
                continue
            after = lines[index + 1] if index + 1 < len(lines) else None
            expected = int(after.shown[0]) if after is not None and after.line == "echo $?" else 0
            code, printed = self._typed(command.line)
            assert code == expected, (command.line, printed)
            shown = stripped(list(command.shown))
            if shown and not matches(shown, stripped(printed)):
                self._replace(command, shown, printed)

    def _replace(self, command: Command, shown: list[str], printed: list[str]) -> None:
        assert UPDATE, f"{self.page}: {command.line}\n" + "\n".join(printed)
        assert ANYTHING not in map(str.strip, shown[:-1]), f"{self.page}: {command.line}: a … hides what has changed"
        if shown[-1].strip() == ANYTHING:
            printed = [*printed[: len(shown) - 1], ANYTHING]
        old = "\n".join([f"$ {command.line}", *command.shown])
        self.text = self.text.replace(old, "\n".join([f"$ {command.line}", *printed]))

    def _typed(self, line: str) -> tuple[int, list[str]]:
        """Return exit code and output of a command line; one that takes a shell is given to a shell."""
        if not line.startswith("hallplan ") or set(line) & set("<>|&;$"):
            return shell(line)
        self.capsys.readouterr()
        code = main(shlex.split(line)[1:])
        printed = self.capsys.readouterr()
        return code, (printed.out + printed.err).splitlines()


def shell(line: str) -> tuple[int, list[str]]:
    """Return exit code and output of a line that is given to bash."""
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


def hallplan_commands(text: str) -> list[list[str]]:
    """Return the words of every ``hallplan`` command of a block or of a text in code style."""
    lines = [line.split("#")[0].strip().removeprefix("$ ") for line in text.splitlines()]
    return [line.split()[1:] for line in lines if line.startswith("hallplan ")]


def plain(line: str) -> str:
    """Return a line with single spaces and rules of one dash."""
    return " ".join(re.sub("─+", "─", line).split())


def same(shown: str, printed: str) -> bool:
    """Tell whether two lines are alike but for spaces, the last digits of numbers, and what follows a last ``…``."""
    head = shown.rstrip().removesuffix(ANYTHING)
    if head != shown.rstrip() and not printed.rstrip().endswith(ANYTHING):
        form = NUMBER.sub("#", plain(head))
        expected = numbers(head)
        return NUMBER.sub("#", plain(printed)).startswith(form) and close(expected, numbers(printed)[: len(expected)])
    if NUMBER.sub("#", plain(shown)) != NUMBER.sub("#", plain(printed)):
        return False
    return close(numbers(shown), numbers(printed))


def close(first: list[float], second: list[float]) -> bool:
    """Tell whether numbers agree but for their last digits."""
    return all(a == b or abs(a - b) <= 2e-3 * max(abs(a), abs(b)) for a, b in zip(first, second, strict=True))


def numbers(line: str) -> list[float]:
    """Return the numbers of a line."""
    return [float(text.replace(",", "").replace("−", "-")) for text in NUMBER.findall(plain(line))]


def matches(shown: list[str], printed: list[str]) -> bool:
    """Tell whether the lines of a guide are the lines that came out."""
    if not shown:
        return not printed
    if shown[0].strip() == ANYTHING:
        return any(matches(shown[1:], printed[k:]) for k in range(len(printed) + 1))
    return bool(printed) and same(shown[0], printed[0]) and matches(shown[1:], printed[1:])


def stripped(lines: list[str]) -> list[str]:
    """Return lines without blank ones at both ends."""
    return "\n".join(lines).strip("\n").splitlines()
