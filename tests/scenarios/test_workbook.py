"""A hall's own workbook: what it states is in the scenario, what it leaves blank is assumed, wrong cells are named."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import openpyxl
import pytest
from cases import for_each

from foundation import messages
from foundation.errors import HallplanError
from planner.load import offered_load
from scenarios.catalogue.tables import Row, read_sheets
from scenarios.check import warnings
from scenarios.compose.composing import compose_text
from scenarios.compose.writing import canonical
from scenarios.model.vocabulary import WEEKDAYS
from scenarios.provenance import count_kinds, sourced
from scenarios.workbook.assumptions import assumptions
from scenarios.workbook.layout import HALF_HOURS, QUESTIONS, SHEETS, heading, sheet_title
from scenarios.workbook.making import MadeHall, make_hall, scenario_name
from scenarios.workbook.model import CellFault, HallForm
from scenarios.workbook.opening import last_hours, shift_intervals
from scenarios.workbook.reading import read_form, read_workbook
from scenarios.workbook.reforms import applicable_levers
from scenarios.workbook.template import example_rows, workbook_bytes

Cells: TypeAlias = dict[tuple[str, str], object]
SHEET = {sheet.key: sheet for sheet in SHEETS}
ANY_DAY, MONDAY, FRIDAY, SATURDAY = 3, 4, 8, 9
"""Rows of the sheet of hours."""


def row_of(question: str) -> int:
    return 3 + [each.key for each in QUESTIONS].index(question)


def row_at(half_hour: str) -> int:
    return 3 + HALF_HOURS.index(half_hour)


def workbook(folder: Path, language: messages.Language, *, filled: bool = False) -> Path:
    with messages.using(language):
        (folder / "hall.xlsx").write_bytes(workbook_bytes(example_rows() if filled else None))
    return folder / "hall.xlsx"


@cache
def blank_sheets(language: messages.Language) -> dict[str, list[Row]]:
    with TemporaryDirectory() as folder:
        return read_sheets(workbook(Path(folder), language))


def read(cells: Cells, language: messages.Language = "en") -> tuple[HallForm, list[CellFault]]:
    """Read a blank workbook with some cells filled in, by sheet and address."""
    sheets = {title: {row: list(texts) for row, texts in rows} for title, rows in blank_sheets(language).items()}
    for (sheet, address), value in cells.items():
        place, row = ord(address[0]) - ord("A"), int(address[1:])
        texts = sheets[sheet_title(SHEET[sheet], language)].setdefault(row, [])
        texts += [""] * (place + 1 - len(texts))
        texts[place] = "" if value is None else str(value)
    rows_by_title = {title: sorted(rows.items()) for title, rows in sheets.items()}
    return read_form(rows_by_title, name="hall.xlsx")


def least(**more: object) -> Cells:
    """Return the least that a workbook holds, with more cells by the name of sheet and address: ``items_C3``."""
    cells: Cells = {("items", "B3"): "Passport photo", ("windows", "A3"): "Counter"}
    return cells | {(name.rpartition("_")[0], name.rpartition("_")[2]): value for name, value in more.items()}


def form_of(cells: Cells, language: messages.Language = "en") -> HallForm:
    form, faults = read(cells, language)
    assert not [f"{fault.sheet} {fault.cell}: {fault.what}" for fault in faults]
    return form


def made(cells: Cells) -> MadeHall:
    return make_hall(form_of(cells), name="hall")


def faults_of(cells: Cells) -> dict[tuple[str, str], str]:
    return {(fault.sheet, fault.cell): fault.what.key for fault in read(cells)[1]}


@cache
def example(language: messages.Language) -> MadeHall:
    with TemporaryDirectory() as folder:
        form, faults = read_workbook(workbook(Path(folder), language, filled=True))
    assert not faults
    return make_hall(form, name="hall")


# ---- the workbook itself -------------------------------------------------------------------------------------------


@for_each("language", messages.LANGUAGES)
def test_a_workbook_has_a_note_on_every_heading_and_lists_of_words(tmp_path, language):
    book = openpyxl.load_workbook(workbook(tmp_path, language))
    assert book.sheetnames == [sheet_title(sheet, language) for sheet in SHEETS]
    for sheet, target in zip(SHEETS, book.worksheets, strict=True):
        assert [cell.value for cell in target[1]] == [heading(sheet, column, language) for column in sheet.columns]
        assert all(cell.comment.text for cell in target[1])
        assert target["A2"].font.color.rgb.endswith("808080")
    words = [rule.formula1 for target in book.worksheets for rule in target.data_validations.dataValidation]
    assert ('"是,否"' if language == "zh" else '"yes,no"') in words


def test_a_wholly_blank_workbook_says_what_is_missing():
    missing = {("Items", "A2"): "workbook.cell.no_items", ("Windows", "A2"): "workbook.cell.no_windows"}
    assert faults_of({}) == missing


# ---- one item and one window ---------------------------------------------------------------------------------------


def test_one_item_and_one_window_make_a_hall_of_assumptions_and_what_follows_from_them():
    hall = made(least())
    kinds = count_kinds(hall.composed.scenario, hall.composed.raw)
    assert (kinds["given"], kinds["published"], kinds["unsourced"]) == (0, 0, 0)
    assert kinds["assumed"] > 40
    assert hall.unanswered == len(QUESTIONS)
    scenario = hall.composed.scenario
    assert list(scenario.services) == ["passport-photo"]
    assert [*scenario.pools, *scenario.timetables, *scenario.routes] == ["window-counter"]
    assert scenario.arrivals["instant"].per_day == pytest.approx(200 / 20.83, abs=1e-4)


@for_each("language", messages.LANGUAGES)
def test_the_file_composes_to_the_scenario_that_was_made(language):
    hall = example(language)
    again = compose_text(hall.toml, name="hall.toml")
    assert canonical(again.scenario) == canonical(hall.composed.scenario)


# ---- the example ---------------------------------------------------------------------------------------------------


def test_the_example_is_the_same_hall_in_both_languages():
    halls = [example(language).composed.scenario for language in messages.LANGUAGES]
    for read in (
        lambda scenario: [(pool.servers, pool.roster, pool.cost_per_hour) for pool in scenario.pools.values()],
        lambda scenario: [(source.per_day, list(source.services.values())) for source in scenario.arrivals.values()],
        lambda scenario: [service.promised_limit for service in scenario.services.values()],
        lambda scenario: [scenario.timetables, scenario.calendar, scenario.sites["hall"]],
    ):
        assert read(halls[0]) == read(halls[1])


def test_the_example_has_a_source_for_every_number_and_no_fault():
    hall = example("zh")
    composed = hall.composed
    assert count_kinds(composed.scenario, composed.raw)["unsourced"] == 0
    assert not hall.notes
    keys = {fault.key for fault in warnings(composed.scenario)}
    assert keys == {"warning.on_site_check"}


def test_windows_of_the_example_are_visited_as_often_as_its_tickets_count():
    # Traffic equations; the 5% who miss their call are called again.
    load = offered_load(example("zh").composed.scenario)
    visits = sum(pool.servings_per_day for pool in load.pools if pool.pool.startswith("window-"))
    tickets = sum(sum(row[day] for row in example_rows()["tickets"]) for day in WEEKDAYS[:5]) / 5
    assert visits / 1.05 == pytest.approx(tickets, rel=0.05)


def test_the_example_says_in_both_languages_that_it_is_invented():
    for language, word in (("zh", "虚构"), ("en", "invented")):
        with messages.using(language):
            assert word in str(example_rows()["questions"][0]["answer"])


def test_nearly_every_lever_applies_to_the_example():
    hall = example("en")
    names = {use.name for use in applicable_levers(hall.composed)}
    wanted = {"add-staff", "pooled-windows", "lunch-cover", "appointments", "co-locate-inspectors", "one-time-notice"}
    assert wanted <= names
    assert "merge-sections" not in names  # nothing is countersigned there


# ---- what cells become ---------------------------------------------------------------------------------------------


def entry_at(hall: MadeHall, path: str):
    return next(
        each.entry for each in sourced(hall.composed.scenario, hall.composed.raw) if ".".join(each.path) == path
    )


def test_a_stated_number_names_its_sheet_and_cell():
    hall = made(least(items_F3=417, windows_C3=3))
    volume = entry_at(hall, "arrivals.instant.services.passport-photo")
    assert (volume.kind, volume.source.en) == ("given", "hall.xlsx, sheet Items, F3")
    assert hall.composed.scenario.arrivals["instant"].per_day == pytest.approx(417 / 20.83, abs=1e-4)
    assert entry_at(hall, "arrivals.instant.per_day").kind == "derived"
    assert hall.composed.scenario.pools["window-counter"].servers == 3
    assert entry_at(hall, "pools.window-counter.servers").source.zh == "hall.xlsx 工作表“Windows” C3"


def test_a_class_left_blank_follows_from_limits_and_inspection():
    kinds = {}
    for cells in ({}, {"items_D3": 20}, {"items_E3": 5}, {"items_G3": "yes"}, {"items_D3": 20, "items_C3": "instant"}):
        scenario = made(least(**cells)).composed.scenario
        kinds[tuple(cells)] = scenario.services["passport-photo"].kind
    assert list(kinds.values()) == ["instant", "committed", "committed", "committed", "instant"]


def test_a_promise_left_blank_is_the_statutory_limit():
    hall = made(least(items_D3=12))
    service = hall.composed.scenario.services["passport-photo"]
    assert (service.legal_limit, service.promised_limit) == (12, 12)
    assert entry_at(hall, "services.passport-photo.promised_limit").kind == "derived"


def test_tickets_shape_day_and_week_and_leave_the_rest_to_enquiries():
    # Monday 30 and Tuesday 10 tickets: 20 a day on the mean; 208.3 applications a month are 10 a day.
    cells = {"items_F3": 208.3, f"tickets_B{row_at('09:00')}": 20, f"tickets_B{row_at('16:30')}": 10}
    cells |= {f"tickets_C{row_at('09:00')}": 10, f"questions_C{row_of('incomplete')}": "0%"}
    scenario = made(least(**cells)).composed.scenario
    assert scenario.arrivals["instant"].per_day == pytest.approx(10)
    assert scenario.arrivals["enquiries"].per_day == pytest.approx(10)
    assert scenario.arrivals["enquiries"].weekday == {"mon": 30, "tue": 10, "wed": 20, "thu": 20, "fri": 20}
    # The last tickets are given at 16:40: those of the half hour from 16:30 came within its first 10 minutes.
    # Each weekday has its own shape, and one without counts that of the others together.
    profile = scenario.sites["hall"].profile
    assert profile["mon"] == {"09:00": 20, "09:30": 0, "16:30": 30, "16:40": 0}
    assert profile["tue"] == {"09:00": 10, "09:30": 0}
    assert profile["wed"] == profile["fri"] == {"09:00": 30, "09:30": 0, "16:30": 30, "16:40": 0}


def test_tickets_of_a_weekday_that_closes_early_come_until_its_own_last_ticket():
    cells = {f"tickets_B{row_at('09:00')}": 10, f"tickets_F{row_at('11:30')}": 10}
    cells |= {f"hours_B{FRIDAY}": "09:00", f"hours_E{FRIDAY}": "12:00"}
    profile = made(least(**cells)).composed.scenario.sites["hall"].profile
    # The last ticket of Friday is given at 11:40.
    assert profile["fri"] == {"11:30": 30, "11:40": 0}
    assert profile["mon"] == {"09:00": 10, "09:30": 0}


def test_tickets_of_one_weekday_shape_every_day():
    scenario = made(least(**{f"tickets_B{row_at('10:00')}": 10})).composed.scenario
    assert set(map(str, scenario.sites["hall"].profile.values())) == {str({"10:00": 10.0, "10:30": 0.0})}


def test_tickets_alone_set_the_level_of_all_items():
    cells = least(**{f"tickets_B{row_at('09:00')}": 100, f"questions_C{row_of('incomplete')}": "0%"})
    scenario = made(cells).composed.scenario
    assert scenario.arrivals["instant"].per_day == pytest.approx(80, rel=1e-3)
    assert scenario.arrivals["enquiries"].per_day == pytest.approx(20, rel=1e-3)


def test_fewer_tickets_than_visits_are_noted():
    hall = made(least(**{"items_F3": 2083, f"tickets_B{row_at('09:00')}": 10}))
    assert [note.key for note in hall.notes] == ["workbook.note.few_tickets"]
    assert hall.composed.scenario.arrivals["enquiries"].per_day == 0


def test_shifts_lose_the_lunch_break_and_those_of_the_halls_hours_are_servers():
    cells = least(windows_D3=2, windows_E3="09:00", windows_F3="17:00", windows_A4="Counter", windows_D4=1)
    cells |= {("windows", "E4"): "10:00", ("windows", "F4"): "14:00"}
    pools = made(cells).composed.scenario.pools
    assert pools["window-counter"].servers == 2
    shifts = pools["shifts-window-counter"]
    assert shifts.merge_into == "window-counter"
    minutes = [[end // 60_000 for end in shift.hours] for shift in shifts.roster]
    assert minutes == [[600, 720], [780, 840]]


def test_a_shift_that_lies_in_the_lunch_break_is_kept():
    opening = ((540, 720), (780, 1020))
    assert shift_intervals(720, 780, opening) == ((720, 780),)
    assert shift_intervals(540, 1020, opening) == opening
    assert shift_intervals(600, 760, opening) == ((600, 760),)


def test_the_last_hours_of_a_day_reach_over_the_lunch_break():
    opening = ((540, 720), (780, 1020))
    assert last_hours(opening, 180) == ((840, 1020),)
    assert last_hours(opening, 300) == ((660, 720), (780, 1020))
    assert last_hours(opening, 9_999) == opening


def test_hours_of_a_weekday_differ_and_a_saturday_with_hours_is_worked():
    cells = {f"hours_B{ANY_DAY}": "08:30", f"hours_E{ANY_DAY}": "17:30", f"hours_F{ANY_DAY}": 5}
    cells |= {f"hours_B{SATURDAY}": "09:00", f"hours_E{SATURDAY}": "12:00"}
    scenario = made(least(**cells)).composed.scenario
    hours = {day: [[end // 60_000 for end in each] for each in scenario.calendar.hours[day]] for day in ("mon", "sat")}
    assert hours == {"mon": [[510, 1050]], "sat": [[540, 720]]}
    assert scenario.calendar.weekend == ["sun"]
    assert scenario.sites["hall"].doors_open == 5 * 60_000


def test_answers_change_the_offices():
    def scenario_with(**answers: object):
        cells = {f"questions_C{row_of(key)}": value for key, value in answers.items()}
        return made(least(items_C3="committed", items_G3="yes", **cells)).composed.scenario

    assert "courier" in scenario_with().routes["hand-over"]
    assert "courier" not in scenario_with(reviewers_in_hall="是").routes["hand-over"]
    assert list(scenario_with(signer="section head").routes["sign-off"]) == ["head"]
    assert [step.skip for step in scenario_with(signer="主要领导").routes["sign-off"].values()] == [False] * 5
    in_hall = scenario_with(chiefs_in_hall="yes").routes["sign-off"]
    assert [name for name, step in in_hall.items() if step.skip] == ["signing-day", "director-day", "director"]
    inspections = scenario_with(inspection_days="周一、周三", teams=3, inspection_half="morning").timetables
    assert inspections["list-site"].days == ["tue", "fri"]
    assert (inspections["slots-site"].days, inspections["slots-site"].capacity) == (["mon", "wed"], 9)
    assert len(inspections["slots-site"].times) == 1
    sections = scenario_with(reviewers=5, review_hours=2).pools["section-counter"]
    assert (sections.servers, sections.hours["mon"]) == (5, [(15 * 3_600_000, 17 * 3_600_000)])


def test_appointments_are_taken_out_of_the_walk_ins():
    cells = least(**{"items_F3": 208.3, f"questions_C{row_of('appointments')}": 5})
    arrivals = made(cells).composed.scenario.arrivals
    slots = arrivals["appointments"].slots
    assert len(slots.times) * slots.seats * slots.booked == pytest.approx(5, abs=1e-3)
    assert arrivals["instant"].per_day == pytest.approx(10 - 5 * (1 - slots.no_show))


def test_a_joint_item_goes_through_the_departments_that_it_names():
    cells = least(items_A3="Planning; Land; Fire", items_C3="joint")
    scenario = made(cells).composed.scenario
    fork = scenario.routes["joint-passport-photo"]["opinions"].fork
    assert list(fork) == ["land", "fire"]
    assert list(scenario.arrivals["projects"].services) == ["project-passport-photo"]


def test_the_widest_assumption_comes_first():
    rows = assumptions(made(least()).composed)
    widths = [row.width for row in rows]
    assert widths == sorted(widths, reverse=True)
    service = next(row for row in rows if row.path == "services.*.visits.*.window.absent.share")
    assert service.width == pytest.approx((0.08 - 0.03) / 0.05)


def test_a_scenario_is_called_like_its_file():
    assert [scenario_name(stem) for stem in ("Our Hall_2", "大厅")] == ["our-hall-2", "own-hall"]


# ---- wrong cells ---------------------------------------------------------------------------------------------------


SAME_DAY_TWICE = {"hours_A11": "周一", "hours_B11": "9:00", "hours_E11": "12:00"}
SAME_DAY_TWICE |= {f"hours_B{MONDAY}": "9:00", f"hours_E{MONDAY}": "12:00"}


@for_each(
    ("cells", "place", "key"),
    [
        ({"items_C3": "comitted"}, ("Items", "C3"), "word"),
        ({"items_F3": "many"}, ("Items", "F3"), "number"),
        ({"items_F3": -1}, ("Items", "F3"), "bounds"),
        ({"items_D3": 2.5}, ("Items", "D3"), "whole"),
        ({"items_D3": 5, "items_E3": 9}, ("Items", "E3"), "above_law"),
        ({"items_A4": "Tax"}, ("Items", "B4"), "no_title"),
        ({"items_B4": "Passport photo"}, ("Items", "B4"), "repeated"),
        ({"items_A3": "A; B"}, ("Items", "A3"), "several_departments"),
        ({"items_A3": ";"}, ("Items", "A3"), "names"),
        ({"items_C3": "即办件", "items_G3": "有"}, ("Items", "G3"), "instant_inspection"),
        ({"items_A3": "Tax", "windows_A4": "Land"}, ("Items", "A3"), "unserved"),
        ({"windows_A4": "Land"}, ("Items", "A3"), "no_department"),
        ({"items_I1": "Remark"}, ("Items", "I1"), "heading"),
        ({"items_I1": "月办件量"}, ("Items", "I1"), "heading_twice"),
        ({"items_B1": None, "items_B2": None, "items_B3": None}, ("Items", "A1"), "no_column"),
        ({"windows_B4": "Tax"}, ("Windows", "A4"), "no_group"),
        ({"windows_E3": "9 o'clock", "windows_F3": "17:00"}, ("Windows", "E3"), "time"),
        ({"windows_E3": "09:00"}, ("Windows", "F3"), "other_end"),
        ({"windows_E3": "09:00", "windows_F3": "08:00"}, ("Windows", "F3"), "not_after"),
        ({"windows_C3": 2, "windows_D3": 3}, ("Windows", "D3"), "crowded"),
        ({f"tickets_B{row_at('12:00')}": 4}, ("Tickets", f"B{row_at('12:00')}"), "closed"),
        ({f"tickets_G{row_at('09:00')}": 4}, ("Tickets", f"G{row_at('09:00')}"), "closed"),
        ({"tickets_A40": "09:15", "tickets_B40": 4}, ("Tickets", "A40"), "half_hour"),
        ({"tickets_A40": "09:00", "tickets_B40": 4, f"tickets_B{row_at('09:00')}": 1}, ("Tickets", "A40"), "row_twice"),
        ({"tickets_B40": 4}, ("Tickets", "A40"), "no_half_hour"),
        ({f"hours_B{FRIDAY}": "09:00"}, ("Hours", f"E{FRIDAY}"), "other_end"),
        ({f"hours_B{MONDAY}": "09:00", f"hours_E{MONDAY}": "08:00"}, ("Hours", f"E{MONDAY}"), "not_after"),
        ({f"hours_F{FRIDAY}": 10}, ("Hours", f"F{FRIDAY}"), "any_day_only"),
        ({f"hours_B{MONDAY}": "09:00", f"hours_E{MONDAY}": "09:20"}, ("Hours", f"E{MONDAY}"), "short"),
        ({"hours_B11": "09:00"}, ("Hours", "A11"), "no_day"),
        (SAME_DAY_TWICE, ("Hours", "A11"), "row_twice"),
        ({f"questions_C{row_of('signing_days')}": "soon"}, ("Questions", f"C{row_of('signing_days')}"), "days"),
        ({f"questions_C{row_of('signing_days')}": "Fri-Mon"}, ("Questions", f"C{row_of('signing_days')}"), "days"),
        ({f"questions_C{row_of('incomplete')}": "95%"}, ("Questions", f"C{row_of('incomplete')}"), "share"),
        ({"questions_A3": "Q99", "questions_C3": "x"}, ("Questions", "A3"), "no_question"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_with_what_is_wrong(cells, place, key):
    faults = faults_of(least(**cells))
    assert {fault: each.rpartition(".")[2] for fault, each in faults.items()} == {place: key}


def test_all_wrong_cells_are_named_at_once():
    faults = faults_of(least(items_C3="x", items_F3="y", windows_C3="z", **{f"hours_B{MONDAY}": "q"}))
    assert {place for _, place in faults} >= {"C3", "F3", f"B{MONDAY}"}


def test_every_fault_says_what_to_do_in_both_languages():
    for key, texts in messages.catalogue().items():
        if key.startswith("workbook.cell."):
            assert ":" in texts["en"], key
            assert "：" in texts["zh"], key


def test_what_is_no_workbook_is_refused(tmp_path):
    other = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(other)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK no archive")
    keys = []
    for file in (other, broken, tmp_path / "none.xlsx", tmp_path / "hall.csv"):
        with pytest.raises(HallplanError) as failure:
            read_workbook(file)
        keys.append(failure.value.key.rpartition(".")[2])
    assert keys == ["no_sheets", "broken_xlsx", "cannot_read", "no_xlsx"]


@for_each("language", messages.LANGUAGES)
def test_days_are_read_in_either_language(language):
    for text in ("Mon-Wed, Fri", "周一至周三、周五", "星期一 星期二 星期三 星期五", "monday to wednesday and friday"):
        answers = form_of(least(**{f"questions_C{row_of('courier_days')}": text}), language).answers
        assert answers["courier_days"].value == ("mon", "tue", "wed", "fri"), text
