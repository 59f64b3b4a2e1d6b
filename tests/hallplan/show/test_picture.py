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
    drawing = ElementTree.fromstring(
        stacked([PICTURE.format(300), PICTURE.format(200)], ["A < B", "C"], title="T", notes=["N"], width=900)
    )
    assert [text.text for text in drawing.iter(f"{SVG}text")] == ["T", "N", "A < B", "C"]
    first, second = drawing.findall(f"{SVG}svg")
    top, lower = (float(inner.attrib["y"]) for inner in (first, second))
    assert top > 2 * 26  # below the title and the note
    assert lower - top == 300 + 26  # below the first picture and a heading
    assert float(drawing.attrib["height"]) == pytest.approx(lower - 13 + 26 + 200)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("word " * 60, 3),  # 300 letters of 6.5 px on lines of 855 px
        ("一二三四五六七八九十" * 12, 2),  # 120 characters of 13 px
        ("一二三 word " * 12, 2),
        ("short", 1),
        ("x" * 200, 1),  # a word is never broken
    ],
    ids=["words", "characters", "both", "short", "word"],
)
def test_a_long_note_is_broken_into_lines_that_fit(text, lines):
    drawing = ElementTree.fromstring(stacked([], [], title="T", notes=[text.strip()], width=900))
    texts = [node.text for node in drawing.iter(f"{SVG}text")][1:]
    assert len(texts) == lines
    assert "".join(texts).replace(" ", "") == text.replace(" ", "")


def test_a_long_title_is_broken_sooner_than_a_note():
    drawing = ElementTree.fromstring(stacked([], [], title="一" * 60, notes=["一" * 60], width=900))
    assert [len(node.text) for node in drawing.iter(f"{SVG}text")] == [42, 18, 60]


def test_without_the_library_or_a_browser_the_refusal_says_what_to_install(monkeypatch):
    monkeypatch.setattr(Chromium, "find_browser", classmethod(lambda *_args, **_options: None))
    with pytest.raises(HallplanError) as refusal:
        require_pictures()
    assert refusal.value.key == "error.charts.no_browser"
    monkeypatch.setattr(picture, "find_spec", lambda _name: None)
    with pytest.raises(HallplanError) as refusal:
        require_pictures()
    assert refusal.value.key == "error.charts.no_kaleido"
