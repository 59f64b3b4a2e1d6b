"""State files: the same hall from CSV, a workbook and JSON, in both languages; and every wrong cell by its place."""

import datetime as dt
import json

import openpyxl
import pytest
from hall_now import NOW, at, hall

from foundation import messages
from foundation.errors import HallplanError
from planner.today.reading import read_state
from planner.today.state import CasesInProgress, HallState, Serving, Waiting
from planner.today.template import template_of

CASES = """
pools.section = {}
services.licence.visits.apply.file = { start_case = true }
services.licence.case = { review = { pool = "section", work = "1 h" }, decided = { mark = "decided" } }
"""
ROWS = [
    {"what": "now", "time": "2026-03-02 10:30"},
    {"what": "ticket", "pool": "window", "time": "10:05", "number": "2"},
    {"what": "ticket", "pool": "Windows", "time": "10:12:30", "service": "Item"},
    {"what": "windows", "pool": "综合窗口", "number": "1"},
    {"what": "serving", "pool": "window", "time": "10:25"},
    {"what": "issued", "number": "31"},
    {"what": "case", "service": "licence", "age": "3", "number": "4", "stage": "decided"},
]
STATE = HallState(
    NOW,
    (*[Waiting("window", at("10:05"))] * 2, Waiting("window", at("10:12") + 30_000, "item")),
    (Serving("window", at("10:25")),),
    {"window": 1},
    (CasesInProgress("licence", 3, 4, "decided"),),
    31,
)
COLUMNS = ("what", "pool", "time", "number", "service", "stage", "age")


def table(rows, titles=COLUMNS):
    return [list(titles), *([row.get(column, "") for column in COLUMNS] for row in rows)]


def csv_text(rows, titles=COLUMNS):
    return "\n".join(",".join(row) for row in table(rows, titles)) + "\n"


def written(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return file


def read(file, today=None):
    return read_state(file, hall(CASES), today=today)


def test_csv_in_either_encoding_and_either_language_is_the_same_hall(tmp_path):
    zh = [messages.text(f"today.column.{column}", "zh") for column in COLUMNS]
    rows = [{**row, "what": messages.text(f"today.kind.{row['what']}", "zh")} for row in ROWS]
    assert read(written(tmp_path, "en.csv", csv_text(ROWS))) == STATE
    assert read(written(tmp_path, "zh.csv", csv_text(rows, zh).encode("gb18030"))) == STATE


def test_a_workbook_with_cells_of_time_is_the_same_hall(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for number, row in enumerate(table(ROWS)):
        values = [int(cell) if cell.isdigit() else cell for cell in row]
        if number == 1:
            values[2] = NOW
        if number in (2, 5):
            values[2] = dt.time.fromisoformat(row[2])
        sheet.append(values)
    book.save(tmp_path / "state.xlsx")
    assert read(tmp_path / "state.xlsx") == STATE


def test_json_with_numbers_is_the_same_hall(tmp_path):
    rows = [{key: int(cell) if cell.isdigit() else cell for key, cell in row.items()} for row in ROWS]
    assert read(written(tmp_path, "state.json", json.dumps(rows))) == STATE


def test_a_time_without_a_date_is_todays(tmp_path):
    file = written(tmp_path, "state.csv", "what,time\nnow,10:30\n")
    assert read(file, today=dt.date(2026, 3, 2)).now == NOW


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".json"])
def test_a_template_is_a_state_of_its_scenario(tmp_path, ending, language):
    scenario = hall(CASES)
    with messages.using(language):
        content = template_of(scenario, ending=ending)
    state = read_state(written(tmp_path, f"template{ending}", content), scenario)
    assert (state.now, len(state.waiting), state.windows) == (NOW, 3, {"window": 2})


NOW_ROW = "now,,2026-03-02 10:30,,,,\n"


@pytest.mark.parametrize(
    ("row", "where", "what"),
    [
        ("tickets,window,10:05,,,,", "row 3, column What", "no kind of row"),
        ("now,,10:31,,,,", "row 3, column What", "row 2 is “now” already"),
        ("ticket,windw,10:05,,,,", "row 3, column Pool", "did you mean window?"),
        ("ticket,window,,,,,", "row 3, column Time", "is empty"),
        ("ticket,window,25:05,,,,", "row 3, column Time", "no time of day"),
        ("ticket,window,10:31,,,,", "row 3, column Time", "10:31 is later than now, 10:30"),
        ("ticket,window,10:05,0,,,", "row 3, column Number", "no whole number from 1"),
        ("ticket,window,10:05,9999999999999,,,", "row 3, column Number", "no whole number"),
        ("ticket,window,10:05,,nothing,,", "row 3, column Service", "no service"),
        ("windows,window,10:00,2,,,", "row 3, column Time", "has nothing here"),
        ("case,,,,item,,3", "row 3, column Service", "has no cases"),
        ("case,,,,licence,sleep,3", "row 3, column Stage", "no step of the case"),
        ("case,,,,licence,,0", "row 3, column Age", "from 1 to"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(tmp_path, row, where, what):
    file = written(tmp_path, "state.csv", ",".join(COLUMNS) + "\n" + NOW_ROW + row + "\n")
    with messages.using("en"), pytest.raises(HallplanError) as fault:
        read(file)
    sentence = fault.value.sentence("en")
    assert f"state.csv, {where}" in sentence
    assert what in sentence


def test_further_faults_are_counted(tmp_path):
    rows = NOW_ROW + "ticket,x,10:05,,,,\nticket,window,99,,,,\n"
    with messages.using("en"), pytest.raises(HallplanError, match=r"Faults in other cells: 1\."):
        read(written(tmp_path, "state.csv", ",".join(COLUMNS) + "\n" + rows))


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("state.toml", "format = 1", "today.fault.ending"),
        ("state.csv", "what,pool\nwindows,window\n", "today.fault.cell"),
        ("state.csv", "what,queue\nnow,x\n", "today.fault.heading"),
        ("state.csv", "what,What\nnow,x\n", "today.fault.heading_twice"),
        ("state.csv", "pool,time\nwindow,10:30\n", "today.fault.no_column"),
        ("state.csv", "what,pool,number\nwindows,window,1\n", "today.fault.no_now"),
        ("state.csv", "what,time\nnow,10:30,x\n", "today.fault.misfit"),
        ("state.json", "{", "today.fault.not_json"),
        ("state.json", "[" * 100_000, "today.fault.not_json"),
        ("state.json", '{"now": "10:30"}', "today.fault.no_list"),
        ("state.json", "[]", "today.fault.no_list"),
        ("state.json", "[{}, {}]", "today.fault.no_list"),
        ("state.xlsx", "no workbook", "eventlog.fault.no_heading"),
    ],
)
def test_a_file_that_is_no_state_is_one_sentence(tmp_path, name, content, key):
    with pytest.raises(HallplanError) as fault:
        read(written(tmp_path, name, content))
    assert fault.value.key == key


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    for name in ("none.json", "none.csv"):
        with pytest.raises(HallplanError, match=f"{name}: the file can't be read"), messages.using("en"):
            read(tmp_path / name)


def test_a_row_for_more_visitors_than_any_hall_has_is_refused(tmp_path):
    rows = NOW_ROW + "ticket,window,10:05,4000,,,\n" * 2
    with pytest.raises(HallplanError) as fault:
        read(written(tmp_path, "state.csv", ",".join(COLUMNS) + "\n" + rows))
    assert fault.value.key == "today.fault.too_many"


def test_a_row_with_fewer_cells_than_headings_is_not_said_to_have_more(tmp_path):
    with pytest.raises(HallplanError, match=r"row 3 has more or fewer cells"):
        read(written(tmp_path, "state.csv", "what,time,number\nnow,10:30,\nissued,3\n"))
