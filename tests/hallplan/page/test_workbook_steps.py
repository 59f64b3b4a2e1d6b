"""A hall's workbook on the page: what is offered, what faults say, and what becomes plan B."""

import io

import openpyxl
import pytest
from hall_tickets import ticket_rows, write_tickets
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
    page = open_page("build", "own", **query)
    page.file_uploader(key="workbook-upload").set_value((name, content, XLSX))
    return checked(page.run())


def made(path, language, log):
    return WorkbookHall(TOML, (), (TextTable((Column("a"),), (("1",),), title=f"Made in {language}"),))


def test_a_workbook_becomes_plan_b(steps, monkeypatch):
    monkeypatch.setattr(view_module, "hall_of_workbook", made)
    page = uploaded(b"a workbook")
    assert any("Made in en" in text.value for text in page.markdown)
    next(button for button in page.button if button.key == "workbook-use").click()
    checked(page.run())
    session = page.session_state["hallplan"]
    assert UPLOADS.get(session.settings.plan.base).data == TOML.encode()
    assert session.uploads == (session.settings.plan.base,)
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


def asked_for(page):
    texts = (info.value.replace("\\", "") for info in page.info)
    return [text for text in texts if text.startswith("The workbook names a log")]


def test_a_log_is_uploaded_beside_the_workbook_and_takes_the_place_of_assumptions(steps, tmp_path):
    log = write_tickets(tmp_path, ticket_rows("Marriage registration")).read_bytes()
    page = open_page("build", "own")
    page.file_uploader(key="workbook-log-upload").set_value(("tickets.csv", log, "text/csv"))
    page.file_uploader(key="workbook-upload").set_value(("hall.xlsx", example(wrong=[("Items", "H14", None)]), XLSX))
    page = checked(page.run())
    shown = " ".join(text.value.replace("\\", "") for text in (*page.markdown, *page.caption))
    assert "Event log (tickets), 2025-03-03" in shown
    assert not asked_for(page)


def test_a_file_that_a_workbook_names_is_asked_for_and_never_read(steps, tmp_path):
    of_the_server = write_tickets(tmp_path, ticket_rows("Marriage registration"))
    content = example(wrong=[("Items", "H14", None), ("Questions", "C23", str(of_the_server))])
    page = uploaded(content)
    assert [of_the_server.name in text for text in asked_for(page)] == [True]
    path = tmp_path / "hall.xlsx"
    path.write_bytes(content)
    assert "Event log" not in hall_of_workbook(path, "en").toml
    assert "Event log" in hall_of_workbook(path, "en", of_the_server).toml


def test_a_log_of_another_hall_is_a_sentence(tmp_path):
    log = write_tickets(tmp_path, ticket_rows("Rural pensions"))
    path = tmp_path / "hall.xlsx"
    path.write_bytes(example())
    with pytest.raises(HallplanError, match="Rural pensions"):
        hall_of_workbook(path, "en", log)


def test_a_file_with_another_ending_is_refused(steps):
    with pytest.raises(HallplanError, match="xlsx"):
        view_module._files().add(b"x", title="hall.csv")
