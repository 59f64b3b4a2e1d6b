"""Every text that a user reads stands in the catalogue, in Chinese and in English, and nothing stands there in vain."""

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cases import for_each
from sources import nodes_of

from foundation import messages
from foundation.errors import HallplanError, ScenarioError

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("foundation", "scenarios", "sim", "calibration", "planner", "verification", "hallplan", "benchmarks")
SOURCES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py")) + sorted(ROOT.glob("app.py"))
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9_-]*)+")
ALWAYS_A_KEY = re.compile(r"(error|warning)\.[a-z0-9_.-]+")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@cache
def literals() -> list[tuple[str, str]]:
    """Return every string constant of our sources with its place, that of f-strings as patterns."""
    patterns = []
    for file in SOURCES:
        name = file.relative_to(ROOT)
        for node in nodes_of(file):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                patterns.append((re.escape(node.value), f"{name}:{node.lineno}"))
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(part.value) if isinstance(part, ast.Constant) else r"[a-z0-9_.-]+" for part in node.values
                ]
                patterns.append(("".join(parts), f"{name}:{node.lineno}"))
    return patterns


def calls() -> Iterator[tuple[str, set[str] | None, str]]:
    """Yield every call that is given a message: its key, the values' names (``None``: not to be seen), its place."""
    for file in SOURCES:
        for node in nodes_of(file):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
                continue
            if (name == "text" or name.endswith("Error") or name == "_fault") and KEY.fullmatch(first.value):
                seen = all(keyword.arg is not None for keyword in node.keywords)
                names = {keyword.arg or "" for keyword in node.keywords} if seen else None
                yield first.value, names, f"{file.relative_to(ROOT)}:{node.lineno}"


@for_each("key", sorted(messages.catalogue()))
def test_a_message_says_the_same_in_both_languages(key):
    entry = messages.catalogue()[key]
    assert all(entry[language].strip() for language in messages.LANGUAGES)
    assert placeholders(entry["en"]) == placeholders(entry["zh"])


def test_every_message_that_is_asked_for_exists_and_gets_its_values():
    known = messages.catalogue()
    faults = []
    for key, values, place in calls():
        if key not in known:
            faults.append(f"{place}: no message {key}")
        elif values is not None and not placeholders(known[key]["en"]) <= values:
            faults.append(f"{place}: {key} needs {sorted(placeholders(known[key]['en']) - values)}")
    assert not faults, "\n".join(faults)


def test_every_text_that_looks_like_an_error_key_is_one():
    known = messages.catalogue()
    texts = [(pattern.replace("\\", ""), place) for pattern, place in literals()]
    missing = [
        f"{place}: no message {text}" for text, place in texts if ALWAYS_A_KEY.fullmatch(text) and text not in known
    ]
    assert not missing, "\n".join(missing)


def key_patterns() -> list[re.Pattern[str]]:
    """Return the f-strings of our sources that can spell a key: they begin with its first word; each gap is a group."""
    patterns = set()
    for file in SOURCES:
        for node in nodes_of(file):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(part.value) if isinstance(part, ast.Constant) else r"([\w-]+)" for part in node.values
                ]
                patterns.add("".join(parts))
    return [re.compile(pattern) for pattern in patterns if re.match(r"[a-z_]+\\\.", pattern)]


def names_in_the_code() -> set[str]:
    """Return what a gap in a key may stand for: constants and identifiers of the sources, and words of our data."""
    names = set()
    for file in SOURCES:
        for node in nodes_of(file):
            match node:
                case ast.Constant(value=str(text)):
                    names.add(text.removeprefix("#"))
                case ast.Attribute(attr=name) | ast.keyword(arg=str(name)) | ast.AnnAssign(target=ast.Name(id=name)):
                    names.add(name)
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.toml"):
            if file.parent.name != "texts":
                names.update(re.findall(r"[\w-]+", file.read_text(encoding="utf-8")))
    return names


COMPOSED = (r"split_\w+", r"kind_\w+", r"mg1-\w+-wait", r"priorities(-mm3)?-\w+-wait", r"preemption-\w+-sojourn")
"""Names that the code puts together from parts of its own."""
OF_CLICK = {"cli.option.install_completion", "cli.option.show_completion"}
"""Texts of options that Typer adds."""


def test_the_code_uses_every_message():
    """The page's short keys have a test of their own (tests/hallplan/page)."""
    constants = {pattern.replace("\\", "") for pattern, _ in literals()}
    patterns, names = key_patterns(), names_in_the_code()

    def is_name(word: str) -> bool:
        return word in names or any(re.fullmatch(pattern, word) for pattern in COMPOSED)

    unused = [
        key
        for key in messages.catalogue()
        if not key.startswith("page.") and key not in constants | OF_CLICK
        if not any(
            (match := pattern.fullmatch(key)) and all(is_name(word) for word in match.groups()) for pattern in patterns
        )
    ]
    assert not unused


def test_no_key_stands_in_two_files():
    files_of: dict[str, list[str]] = {}
    for file, keys in messages.catalogue_by_file().items():
        for key in keys:
            files_of.setdefault(key, []).append(file)
    assert len(files_of) > 1_000
    assert not {key: files for key, files in files_of.items() if len(files) > 1}


def test_every_file_of_texts_bears_the_name_of_a_package():
    packages = {file.removesuffix(".toml").replace(".", "/") for file in messages.catalogue_by_file()}
    assert not {package for package in packages if not (ROOT / package).is_dir()} - {"hallplan/cli"}


def test_a_sentence_inside_a_sentence_speaks_the_same_language():
    inner = HallplanError("error.did_you_mean", names="desk")
    outer = ScenarioError("error.unknown_key", name="dsek", near=inner)
    assert outer.sentence("zh") == "这里没有名为 dsek 的键：您是否想写 desk？"
    assert outer.sentence("en") == "There is no key dsek here: did you mean desk?"


def test_the_language_in_use_is_the_one_set_and_then_the_environments(monkeypatch):
    monkeypatch.setenv("HALLPLAN_LANG", "zh_CN.UTF-8")
    assert messages.language() == "zh"
    with messages.using("en"):
        assert messages.language() == "en"
    monkeypatch.delenv("HALLPLAN_LANG")
    for variable in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert messages.language() == "en"


@for_each("nasty", ["a\nb", "\x1b[31mred", "\u202eevil", "x" * 10_000, "\ud800"])
def test_a_value_can_not_break_the_line_or_the_terminal(nasty):
    sentence = ScenarioError("error.bad_name", value=nasty).at(file=nasty).sentence("en")
    assert sentence.isprintable()
    assert len(sentence) < 1_000


def test_an_error_survives_the_way_between_processes():
    import pickle

    error = ScenarioError("error.bad_name", value="<x>").at(file="a.toml", path="name")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (str(copy), copy.key, copy.file, copy.path) == (str(error), "error.bad_name", "a.toml", "name")


def test_what_an_error_knows_of_its_place_stays():
    error = ScenarioError("error.file_empty").at(file="lever.toml")
    assert error.at(file="scenario.toml", path="levers").file == "lever.toml"
    assert error.at(file="scenario.toml", path="levers").path == ""
