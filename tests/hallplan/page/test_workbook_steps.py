"""A hall's workbook on the page: what is offered, what faults say, and what becomes plan B."""

import io

import openpyxl
import pytest
from page_drawn import drawing
from page_samples import checked, open_page
from page_server import server

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page.plans import UPLOADS
from hallplan.page.views import workbook as view_module
from hallplan.page.workbook import WorkbookHall, hall_of_workbook
from hallplan.show.text_table import Column, TextTable
from scenarios.compose.composing import compose_text
from scenarios.workbook.template import example_rows, workbook_bytes

__all__ = ["drawing", "server"]

TOML = 'format = 1\nname = "own-hall"\nextends = "textbook-mm3"\n'
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def example(*, wrong=()):
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(example_rows())))
    for sheet, cell, value in wrong:
        book[sheet][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def steps(server):
    view_module._files.cache_clear()
    server.is_immediate = True
    yield server
    view_module._files.cache_clear()


def uploaded(content, name="hall.xlsx", **query):
    page = open_page("files", **query)
    page.file_uploader(key="workbook-upload").set_value((name, content, XLSX))
    return checked(page.run())


def made(path, language):
    return WorkbookHall(TOML, (), (TextTable((Column("a"),), (("1",),), title=f"Made in {language}"),))


def test_a_workbook_becomes_plan_b(steps, monkeypatch):
    monkeypatch.setattr(view_module, "hall_of_workbook", made)
    page = uploaded(b"a workbook")
    assert any("Made in en" in text.value for text in page.markdown)
    next(button for button in page.button if button.key == "workbook-use").click()
    checked(page.run())
    session = page.session_state["hallplan"]
    assert UPLOADS.get(session.settings.b).data == TOML.encode()
    assert session.uploads == (session.settings.b,)
    assert any(messages.text("page.workbook.plan_title", "en") in warning.value for warning in page.warning)


def test_faulty_cells_are_listed_in_the_language_of_the_page_and_nothing_is_offered(steps):
    page = uploaded(example(wrong=[("Items", "C3", "<b>imediate</b>"), ("Items", "F4", "many")]), lang="zh")
    assert [error.value for error in page.error] == [messages.text("page.workbook.faults", "zh")]
    listed = [text.value for text in page.markdown if text.value.startswith("- ")]
    assert ["C3" in listed[0], "F4" in listed[1], len(listed)] == [True, True, 2]
    assert "<b>" not in listed[0].replace("\\<", "")
    assert not [button for button in page.button if button.key == "workbook-use"]


def test_what_is_no_workbook_is_a_sentence(steps):
    page = uploaded(b"no workbook at all")
    assert len(page.error) == 1
    assert page.error[0].value.startswith("No scenario could be made of the workbook.")


def test_the_example_makes_a_scenario_with_its_counts(tmp_path):
    path = tmp_path / "hall.xlsx"
    path.write_bytes(example())
    hall = hall_of_workbook(path, "zh")
    assert hall.faults == ()
    assert compose_text(hall.toml, name="x").scenario.name == "own-hall"
    notes = " ".join(note for table in hall.tables for note in table.notes)
    assert messages.text("cli.new.made", "zh", items=14, windows=4) in notes
    assert "hallplan" not in notes
    assert hall.tables[1].rows


def test_a_file_with_another_ending_is_refused(steps):
    with pytest.raises(HallplanError, match="xlsx"):
        view_module._files().add(b"x", title="hall.csv")
