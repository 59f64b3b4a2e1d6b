"""Reading files: what is taken, what is refused, and that reading is quick even for the nastiest file."""

import subprocess
import sys
import time

import pytest
from cases import for_each
from hypothesis import example, given
from hypothesis import strategies as st

import scenarios
from foundation.errors import ScenarioError
from scenarios.compose.reading import DEEPEST, LARGEST_BYTES, locate, locate_beside, parse, read, value_of


@for_each("data", ["a = 1", b"a = 1", b"\xef\xbb\xbfa = 1", "\ufeffa = 1", b"a = 1\r\n"])
def test_text_bytes_marks_and_line_ends_make_no_difference(data):
    assert parse(data, name="x") == {"a": 1}


def test_chinese_text_in_utf_8_is_read_as_it_stands():
    assert parse('a = "政务大厅"'.encode(), name="x") == {"a": "政务大厅"}


@for_each(
    ("text", "line", "column"),
    [("a = 1\nb 2", 2, 3), ("a = [1,\n2", 2, 2), ("\n\n a = \n", 3, 6), ("[a]\n[a]", 2, 3), ("a = 1\na = 2", 2, 6)],
)
def test_a_syntax_error_says_line_and_column(text, line, column):
    with pytest.raises(ScenarioError) as caught:
        parse(text, name="x.toml")
    assert (caught.value.values["line"], caught.value.values["column"]) == (line, column)
    assert str(line) in caught.value.sentence("zh")


@pytest.mark.parametrize("opening", ["{a = ", "["])
def test_depth_is_bounded_where_it_says(opening):
    closing = "}" if opening[0] == "{" else "]"
    assert parse("a = " + opening * (DEEPEST - 1) + "1" + closing * (DEEPEST - 1), name="x")
    with pytest.raises(ScenarioError, match="more than 40 deep"):
        parse("a = " + opening * DEEPEST + "1" + closing * DEEPEST, name="x")


NASTY = {
    "one dotted key": "a" + ".a" * 400_000 + " = 1",
    "one quoted dotted key": '"a"' + '."a"' * 200_000 + " = 1",
    "one dotted header": "[a" + ".a" * 400_000 + "]\nx = 1",
    "one spaced dotted key": "a" + " . a" * 200_000 + " = 1",
    "one long key": "a" * 900_000 + " = 1",
    "one long text": 'a = "' + "b.c" * 300_000 + '"',
    "spaces": " " * 900_000,
    "quotes": "'\"" * 400_000,
    "brackets": "[" * 900_000,
    "inline tables": "a = " + "{a = " * 150_000,
    "digits": "a = " + "9" * 900_000,
    "hexadecimal digits": "a = 0x" + "f" * 900_000,
    "dots": "." * 900_000,
    "tables of tables": "".join(f"[[a]]\nb{k} = 1\n" for k in range(40_000)),
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_the_nastiest_megabyte_is_read_or_refused_in_seconds(text):
    assert len(text) <= LARGEST_BYTES
    began = time.process_time()
    try:
        table = parse(text, name="nasty")
    except ScenarioError as error:
        table = {}
        sentence = error.sentence("en")
        assert len(sentence) < 700, sentence
    assert isinstance(table, dict)
    assert time.process_time() - began < 10


@example("\ue000 = 1".encode())
@example("\u3000\u0378".encode())
@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_a_sentence(data):
    try:
        table = parse(data, name="x")
    except ScenarioError as error:
        table = {}
        sentences = [error.sentence("en"), error.sentence("zh")]
        assert all(sentence.isprintable() for sentence in sentences), sentences
    assert isinstance(table, dict)


@for_each(
    ("text", "value"),
    [
        ("5", 5),
        (" 1.5 ", 1.5),
        ("true", True),
        ("[1, 2]", [1, 2]),
        ("8 min", "8 min"),
        ('"5"', "5"),
        ("", ""),
        ("x=1", "x=1"),
    ],
)
def test_a_value_from_a_command_line_is_toml_or_text(text, value):
    assert value_of(text) == value


def test_a_built_in_name_wins_over_a_file_of_the_same_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "built-in").mkdir()
    (tmp_path / "built-in" / "one.toml").write_text("a = 1")
    (tmp_path / "one").write_text("a = 2")
    (tmp_path / "two").write_text("a = 3")
    assert read(locate("one", tmp_path / "built-in")) == {"a": 1}
    assert read(locate("two", tmp_path / "built-in")) == {"a": 3}
    assert read(locate(tmp_path / "one", tmp_path / "built-in")) == {"a": 2}


def test_a_file_may_name_only_what_lies_in_its_folder_or_below(tmp_path):
    built_in = tmp_path / "built-in"
    inner = tmp_path / "mine" / "inner"
    inner.mkdir(parents=True)
    built_in.mkdir()
    for file in (inner / "a.toml", tmp_path / "outside.toml", built_in / "known.toml"):
        file.write_text("a = 1")
    mine = tmp_path / "mine"
    assert locate_beside("inner/a.toml", built_in, folder=mine) == inner / "a.toml"
    assert locate_beside("known", built_in, folder=mine) == built_in / "known.toml"
    for reference in ("../outside.toml", "inner/../../outside.toml", str(tmp_path / "outside.toml")):
        with pytest.raises(ScenarioError) as caught:
            locate_beside(reference, built_in, folder=mine)
        assert caught.value.key == "error.file_outside"


def test_the_package_offers_what_it_lists_and_nothing_else():
    for name in scenarios.__all__:
        assert getattr(scenarios, name).__name__ == name
    with pytest.raises(AttributeError):
        scenarios.nothing  # noqa: B018


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, scenarios; print([m for m in ('pydantic', 'numpy', 'scipy', 'tomlkit') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
