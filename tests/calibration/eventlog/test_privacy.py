"""Whose name, number or key a column holds: by its heading or its cells, on both sides of every threshold."""

from __future__ import annotations

import pandas as pd

from calibration.eventlog.read.attributes import select_attributes
from calibration.eventlog.read.cells import RawTable, distinct_names, find_heading
from calibration.eventlog.read.columns import find_columns
from calibration.eventlog.read.privacy import _apart, hashed, is_personal

PHONE = "13800138000"


def texts(*cells: str) -> pd.Series:
    return pd.Series(cells, dtype="str")


def test_a_heading_that_speaks_of_a_person_is_enough() -> None:
    harmless = texts("a", "b")
    for heading in (
        "姓名",
        "经办人",
        "applicantName",
        "Tel",
        "user id",
        "e-mail",
        "办件员编号",
        "case:concept:applicant",
    ):
        assert is_personal(heading, harmless), heading
    for heading in ("人数", "window", "hotel", "usage", "case:concept:name", "org:resource", "time:timestamp"):
        assert not is_personal(heading, harmless), heading


def test_more_than_one_in_twenty_kinds_of_cells_make_a_column_personal() -> None:
    others = [f"x{n}" for n in range(19)]
    assert not is_personal("remark", texts(PHONE, *others))
    assert is_personal("remark", texts(PHONE, *others[:18]))
    assert is_personal("remark", texts(PHONE, *others[:18], *["x0"] * 100, *[""] * 100))
    assert not is_personal("remark", texts("", ""))


def test_a_column_that_repeats_more_than_half_of_a_hashed_key_is_personal() -> None:
    key = texts("bob", "ann", "cid", "dan")
    assert is_personal("desk", texts("bob", "ann", "cid", "x-1", "x-2"), [texts("z"), key])
    assert not is_personal("desk", texts("bob", "ann", "x-1", "x-2"), [key])
    assert not is_personal("desk", texts("1", "22"), [texts("1", "22")])  # counts, maybe
    assert is_personal("desk", texts("333"), [texts("333")])


def test_a_hash_is_of_the_cell_and_the_salt_alone() -> None:
    column = texts("bob", "", "ann", "bob")
    keys = hashed(column, b"salt")
    assert keys.tolist() == ["a31477e1964e", "", "aa6ce1b223cf", "a31477e1964e"]
    assert keys.index.equals(column.index)
    assert hashed(column[2:], b"salt").index.tolist() == [2, 3]
    assert hashed(column, b"other")[0] != keys[0]


def test_equal_hashes_of_different_cells_are_told_apart() -> None:
    assert _apart(["a", "b", "a", "a", "b"]) == ["a", "b", "a-1", "a-2", "b-1"]


def selected(cells: list[str], *, keep: tuple[str, ...] = (), name: str = "note") -> str:
    """Return what becomes of a column: the type of the attribute, or the note about it."""
    frame = pd.DataFrame({"case": [f"C{n}" for n in range(len(cells))], "end": "2014-01-06", name: cells}, dtype="str")
    columns = find_columns(frame, source="log.csv")
    raw = RawTable(frame, frame.index.to_numpy(), "log.csv")
    attributes, notes = select_attributes(raw, columns, keep=keep, drop=())
    (attribute,) = attributes or ("",)
    if attribute:
        return f"{attribute} {attributes[attribute].dtype}"
    assert notes[-1].values["columns"] == name
    return notes[-1].key.rpartition(".")[2]


def test_an_attribute_has_at_most_two_hundred_kinds_or_is_a_number() -> None:
    kinds = [f"k{n % 200}" for n in range(1000)]
    assert selected(kinds) == "attr_note category"
    assert selected([*kinds, "k200"]) == "texts"
    assert selected([f"{n % 201 + 0.5}" for n in range(1000)]) == "attr_note float64"
    assert selected([f"{n % 201}" for n in range(1000)]) == "attr_note int64"
    assert selected([f"{n % 200 + 0.5}" for n in range(1000)]) == "attr_note category"
    assert selected(["", *[f"{n % 201 + 0.5}" for n in range(999)]]) == "attr_note float64"


def test_a_column_that_tells_rows_apart_is_no_attribute_unless_it_is_measured() -> None:
    assert selected(["a", "b", "a", "b"]) == "attr_note category"
    assert selected(["a", "b", "c", "a"]) == "texts"
    assert selected([str(n) for n in range(1000)]) == "texts"
    assert selected([f"{n}.5" for n in range(1000)]) == "attr_note float64"
    assert selected(["a", "b", "c", "a"], keep=("note",)) == "attr_note category"
    assert selected(["a", "b", "c", "d"], name="service") == "attr_service category"
    assert selected(["a", "b", "a", "b"], name="case:level") == "attr_level category"


def test_names_of_columns_are_different() -> None:
    heading = [" a ", "", "a", "\ufeffb", "a", "b", "", "a (2)"]
    assert distinct_names(heading) == ["a", "column 2", "a (2)", "b", "a (3)", "b (2)", "column 7", "a (2) (2)"]


def test_a_heading_is_among_the_first_fifty_rows() -> None:
    title = ("a title", None)
    assert find_heading(iter([("", "x"), title, ("a", 0)])) == (3, ("a", 0))
    assert find_heading(iter([title] * 49 + [("a", "b")])) == (50, ("a", "b"))
    assert find_heading(iter([title] * 50 + [("a", "b")])) is None
    assert find_heading(iter([title])) is None
