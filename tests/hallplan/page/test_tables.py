"""A table of the page: its rows as they are, its title above, its notes below, and no frame where there is no row."""

from streamlit.testing.v1 import AppTest


def drawn() -> None:
    from hallplan.page.views.tables import draw_table
    from hallplan.show.text_table import Column, TextTable, notes_only

    draw_table(TextTable((Column("Pool"), Column("Servers", is_number=True)), (("desk", "3"),), title="*Pools*"))
    draw_table(notes_only("No pool is [overloaded].", title="Load"))


def test_rows_are_a_frame_and_notes_alone_are_none():
    page = AppTest.from_function(drawn).run()
    assert not page.exception
    (frame,) = page.dataframe
    assert frame.value.to_dict("list") == {"Pool": ["desk"], "Servers": ["3"]}
    assert [text.value for text in page.markdown] == [r"**\*Pools\***", "**Load**"]
    assert [note.value for note in page.caption] == [r"No pool is \[overloaded\]\."]
