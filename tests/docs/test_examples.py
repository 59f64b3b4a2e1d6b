"""Every block of every page of the documentation is carried out, and every page names only what exists.

With ``HALLPLAN_UPDATE_DOCS=1`` the output in the guides is brought up to date.
"""

import re

import pytest
from guides import PAGES, ROOT, Session, blocks, hallplan_commands, matches, prose

from hallplan.cli import main
from sim.engine.choice import prepare

LONGEST = 200
"""Most lines of a page that is read from top to bottom; pages of reference, to look things up, may be longer."""
OWN_TESTS = {"scenario", "fragment", "lever", "claims"}
"""Labels of TOML blocks that tests of their own pages load: the scenario format, and claims files."""


LONG_WORK = {
    *("docs/explanation/calibration.md", "docs/how-to/scenario-from-an-event-log.md"),
    *("docs/reference/cli.md", "docs/reference/python.md", "docs/tutorials/manager.md"),
}
"""Pages whose blocks take seconds."""


def with_blocks():
    marks = {page: [pytest.mark.slow] if page in LONG_WORK else [] for page in PAGES if blocks(page)}
    assert set(marks) >= LONG_WORK
    return [pytest.param(page, marks=mark) for page, mark in marks.items()]


@pytest.fixture(scope="module")
def machine_code() -> None:
    """Compile what there is to compile, so that no guide has to speak of it."""
    prepare()


@pytest.mark.usefixtures("machine_code")
@pytest.mark.parametrize("page", with_blocks())
def test_every_block_of_a_page_does_what_the_page_says(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HALLPLAN_LANG", "en")
    session = Session(page, capsys)
    for block in blocks(page):
        session.carry_out(block)
    session.save_outputs()


def test_every_block_is_of_a_kind_that_is_carried_out():
    for page in PAGES:
        for block in blocks(page):
            kind = f"{block.language} {block.label}".strip()
            own = block.language == "toml" and block.label in OWN_TESTS
            assert own or re.fullmatch(
                r"console|python|sh|text|mermaid|toml (lever |sweep )?\S+\.toml|csv \S+\.csv", kind
            ), (
                page,
                kind,
            )


def test_commands_are_in_blocks_that_are_carried_out():
    for page in PAGES:
        assert not re.search(r"^(    |\t)\$? ?hallplan ", prose(page), re.MULTILINE), page


def test_every_command_in_a_sentence_exists(capsys):
    spoken = {
        words[0]
        for page in PAGES
        for code in re.findall(r"`([^`]+)`", prose(page))
        for words in hallplan_commands(code)
        if re.fullmatch(r"[a-z-]+[a-z]", words[0])
    }
    assert {"run", "check"} <= spoken
    for word in sorted(spoken):
        assert main([word, "--help"]) == 0, f"hallplan {word}"


def test_pages_name_no_machine_and_link_to_what_is_there():
    for page in PAGES:
        text = prose(page)
        assert not re.search(r"/(?:home|root|work|tmp|Users)/", (ROOT / page).read_text(encoding="utf-8")), page
        for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)]*))?\)", text):
            if "://" in target:
                continue
            file = (ROOT / page).parent / target if target else ROOT / page
            assert file.exists(), (page, target)
            if anchor:
                assert anchor in headings(file.read_text(encoding="utf-8")), (page, target, anchor)


def headings(text):
    """Return the anchors of a page's headings, as they are made by GitHub."""
    without_code = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", without_code, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_a_page_that_is_read_is_short_and_begins_with_a_sentence():
    for page in PAGES:
        lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("# "), page
        assert "/reference/" in page or len(lines) <= LONGEST, (page, len(lines))


def test_a_how_to_page_asserts_what_to_expect():
    for page in PAGES:
        if "/how-to/" in page:
            code = "".join(block.text for block in blocks(page) if block.language == "python")
            assert "assert " in code, page
            assert "## What to expect" in prose(page), page


def test_the_index_names_every_page():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        if page.startswith("docs/") and page != "docs/README.md":
            assert f"]({page.removeprefix('docs/')})" in index, page


def test_the_comparison_of_outputs_notices_a_difference():
    assert matches(["a 1.2345", "…", "c"], ["a  1.2346", "x", "y", "c"])
    assert not matches(["a 1.2"], ["a 1.3"])
    assert matches(["a 1.2 is …"], ["a 1.2 is 7"])
    assert not matches(["a 1.2 is …"], ["a 1.3 is 7"])
    assert not matches(["a 1.2 is …"], ["b 1.2 is 7"])
    assert not matches(["a"], ["a", "b"])
    assert not matches(["…", "c"], ["a", "b"])
