"""Charts as SVG: one picture of all, with headings as text, and a plain refusal where nothing can draw."""

import pytest
from choreographer.browsers.chromium import Chromium
from defusedxml import ElementTree

from foundation.errors import HallplanError
from hallplan.show.charts import picture
from hallplan.show.charts.picture import require_pictures, stacked

SVG = "{http://www.w3.org/2000/svg}"
PICTURE = '<svg class="main-svg" xmlns="http://www.w3.org/2000/svg" width="900" height="{}"><g/></svg>'


def test_pictures_stand_below_each_other_each_under_its_heading():
    whole = ElementTree.fromstring(
        stacked([PICTURE.format(300), PICTURE.format(200)], ["A < B", "C"], title="T", notes=["N"], width=900)
    )
    assert [text.text for text in whole.iter(f"{SVG}text")] == ["T", "N", "A < B", "C"]
    first, second = whole.findall(f"{SVG}svg")
    top, lower = (float(inner.attrib["y"]) for inner in (first, second))
    assert top > 2 * 26  # below the title and the note
    assert lower - top == 300 + 26  # below the first picture and a heading
    assert float(whole.attrib["height"]) == pytest.approx(lower - 13 + 26 + 200)


@pytest.mark.parametrize(
    ("note", "lines"),
    [("word " * 60, 3), ("一二三四五六七八九十" * 12, 3), ("short", 1)],
    ids=["words", "characters", "one"],
)
def test_a_long_note_is_broken_into_lines_that_fit(note, lines):
    whole = ElementTree.fromstring(stacked([], [], title="T", notes=[note.strip()], width=900))
    texts = [text.text for text in whole.iter(f"{SVG}text")][1:]
    assert len(texts) == lines
    assert "".join(texts).replace(" ", "") == note.replace(" ", "")


def test_without_the_library_or_a_browser_the_refusal_says_what_to_install(monkeypatch):
    monkeypatch.setattr(Chromium, "find_browser", classmethod(lambda *_args, **_options: None))
    with pytest.raises(HallplanError) as refusal:
        require_pictures()
    assert refusal.value.key == "error.charts.no_browser"
    monkeypatch.setattr(picture, "find_spec", lambda _name: None)
    with pytest.raises(HallplanError) as refusal:
        require_pictures()
    assert refusal.value.key == "error.charts.no_kaleido"
