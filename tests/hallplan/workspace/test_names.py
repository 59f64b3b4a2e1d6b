"""Names of plans are file names on every system, and say why they are not."""

import pytest
from cases import for_each

from foundation.errors import HallplanError
from hallplan.workspace import checked_name


@for_each("name", ["五个窗口", "Plan B 2", "方案（二）", "a.b", "COM", "nullable", "lpt-1", "100%"])
def test_an_ordinary_name_stays_as_it_is(name):
    assert checked_name(name) == name


def test_blanks_around_a_name_go_and_letters_have_one_spelling():
    assert checked_name("  Cafe\u0301 ") == "Caf\u00e9"


@for_each(
    ("name", "key"),
    [
        ("   ", "name_empty"),
        ("长" * 61, "name_long"),
        ("😀" * 51, "name_long"),  # 204 bytes
        ("a\u202eb", "name_invisible"),
        ("a\nb", "name_invisible"),
        ("a\0b", "name_invisible"),
        ("../b", "name_character"),
        ("a\\b", "name_character"),
        ("c:b", "name_character"),
        ("a*", "name_character"),
        (".hidden", "name_ends"),
        ("-x", "name_ends"),
        ("~x", "name_ends"),
        ("a.", "name_ends"),
        ("con", "name_reserved"),
        ("LPT9", "name_reserved"),
        ("NUL.txt", "name_reserved"),
        ("com¹", "name_reserved"),
        ("township-desk", "name_built_in"),
        ("Results", "name_built_in"),
    ],
)
def test_a_name_that_no_file_can_have_is_refused(name, key):
    with pytest.raises(HallplanError) as failure:
        checked_name(name)
    assert failure.value.key == f"workspace.{key}"


def test_the_longest_name_is_taken():
    assert checked_name("长" * 60) == "长" * 60


def test_a_refused_character_comes_with_a_name_that_is_taken():
    with pytest.raises(HallplanError) as failure:
        checked_name("../甲/乙")
    assert failure.value.values["near"] == "甲-乙"
    assert checked_name("甲-乙") == "甲-乙"
