"""The catalogue of items: what the built-in table holds, and which cell of a user's table is wrong."""

import csv
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from cases import for_each

from calibration.facts.evidence import evidence
from foundation import messages
from foundation.errors import HallplanError
from scenarios.catalogue import reading
from scenarios.catalogue.columns import COLUMNS, heading
from scenarios.catalogue.model import CatalogueItem
from scenarios.catalogue.reading import built_in_catalogue, citations, read_catalogue, sections, service_views
from scenarios.catalogue.summary import summary, viewed_items
from scenarios.catalogue.template import write_template
from scenarios.compose.composing import compose
from scenarios.compose.reading import LEVER_FOLDER, LIBRARY_FOLDER

CATALOGUE = built_in_catalogue()
ITEMS = CATALOGUE.items
WORKING_DAYS_A_YEAR, DAYS_A_YEAR = 250, 365
GENERAL = {"《行政许可法》第42条": 20, "《行政许可法》第42条第2款": 45, "《行政许可法》第43条": 20}

HEADINGS = ["title_en", "department_en", "class", "place", "statutory_mode", "promised_mode", "volume_mode"]
ROW = ["Licence of a ferry", "Transport", "committed", "hall", "20", "5", "30"]


def library(name: str) -> dict:
    return tomllib.loads((LIBRARY_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def table(path: Path, *rows: list[str], headings: list[str] = HEADINGS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([headings, *rows])
    return path


def with_column(column: str, cell: str, row: list[str] = ROW) -> tuple[list[str], list[str]]:
    if column in HEADINGS:
        return HEADINGS, [cell if name == column else old for name, old in zip(HEADINGS, row, strict=True)]
    return [*HEADINGS, column], [*row, cell]


def sentence_of(path: Path, language: str = "en") -> str:
    with pytest.raises(HallplanError) as failure:
        read_catalogue(path)
    return failure.value.sentence(language)


# ---- the built-in table --------------------------------------------------------------------------------------------


def test_the_table_has_the_published_232_items_of_which_169_in_the_hall():
    assert Counter(item.place for item in ITEMS) == {"hall": 169, "outside": 63}


def test_the_counts_are_those_of_the_articles_evidence():
    facts, counts = evidence("article"), summary(CATALOGUE)
    keys = ("approval_items", "items_in_hall", "sections_before", "sections_now")
    published = [facts[key].value for key in keys]
    assert [counts.items, counts.in_place("hall"), counts.sections_before, counts.sections_after] == published


def test_no_two_items_share_department_and_title_in_either_language():
    for language in messages.LANGUAGES:
        assert len({(item.department.said(language), item.title.said(language)) for item in ITEMS}) == 232


def test_every_text_is_in_both_languages():
    chinese = [text for item in ITEMS for text in (item.department.zh, item.title.zh)]
    english = [text for item in ITEMS for text in (item.department.en, item.title.en)]
    assert all(any("一" <= letter <= "鿿" for letter in text) for text in chinese)
    assert not any("一" <= letter <= "鿿" for text in english for letter in text)


def test_each_of_the_46_sections_has_work_and_becomes_its_one_of_20():
    merged = {section.before: section.after for section in sections()}
    assert (len(merged), len(set(merged.values()))) == (46, 20)
    cases = Counter(dict.fromkeys(merged, 0))
    for item in ITEMS:
        assert bool(item.section_before) == bool(item.section_after)
        if item.section_before:
            assert item.section_after == merged[item.section_before], item.title.en
            cases[item.section_before] += item.volume.low
    assert set(cases) == set(merged)
    assert min(cases.values()) > 0


def test_sections_are_the_pools_of_2013_and_what_the_lever_merges_them_into():
    pools = library("honghuagang-2013")["pools"]
    lever = tomllib.loads((LEVER_FOLDER / "merge-sections.toml").read_text(encoding="utf-8"))["set"]["pools"]
    assert {section.before: section.title_before.model_dump() for section in sections()} == {
        name: pool["title"] for name, pool in pools.items() if name.startswith("section-")
    }
    assert {section.after: section.title_after.model_dump() for section in sections()} == {
        name: patch["title"] for name, patch in lever.items() if "title" in patch
    }
    for section in sections():
        if section.before != section.after:
            assert lever[f"{section.after}-*"]["merge_into"] == section.after
            assert section.before.startswith(f"{section.after}-")


def test_each_of_the_113_services_is_a_view_and_every_kind_is_a_service():
    services = library("honghuagang-2013")["services"]
    assert len(services) == 113
    assert [view.service for view in service_views()] == list(services)
    kinds = {item.kind for item in ITEMS}
    in_hall = {item.kind for item in ITEMS if item.place == "hall"}
    for view in service_views():
        assert set(view.kinds) <= in_hall, view.service
    viewed = {kind for view in service_views() if view.view == "hall" for kind in view.kinds}
    assert viewed == in_hall
    assert kinds - viewed == {"reported-item"}


def test_every_item_in_the_hall_belongs_to_one_service_and_the_outside_view_has_the_instant_rest():
    in_hall = Counter(
        item.title.en for view in service_views() if view.view == "hall" for item in viewed_items(view, CATALOGUE)
    )
    assert len(in_hall) == 169
    assert set(in_hall.values()) == {1}
    viewed = {view.service: viewed_items(view, CATALOGUE) for view in service_views()}
    assert len(viewed["reported-item"]) == sum(
        item.place == "outside" and item.item_class == "instant" for item in ITEMS
    )
    assert {item.kind for item in viewed["sub-centre-3-aid"]} == {"low-income-aid"}
    assert [view.service for view in service_views() if not viewed[view.service]] == [
        *("general-enquiry", "petition", "fire-advice", "information-disclosure", "companion")
    ]


def test_an_item_whose_unit_has_no_service_of_its_own_belongs_to_the_view_that_has_the_kinds_name(tmp_path):
    headings = [*HEADINGS, "section_before", "section_after", "kind"]
    aid = [*ROW, "section-labour", "section-labour", "legal-aid"]
    other = ["Licence of a lock", *ROW[1:], "section-locks", "section-locks", "legal-aid"]
    catalogue = read_catalogue(table(tmp_path / "own.csv", aid, other, headings=headings))
    viewed = {view.service: [item.title.en for item in viewed_items(view, catalogue)] for view in service_views()}
    assert {service: items for service, items in viewed.items() if items} == {
        "social-insurance-transfer": ["Licence of a ferry"],
        "legal-aid": ["Licence of a lock"],
    }


def test_a_kind_is_the_name_of_a_route_and_not_of_a_section_s_share_of_it(tmp_path):
    own = table(tmp_path / "own.csv", [*ROW, "vat-approval"], headings=[*HEADINGS, "kind"])
    assert "vat-approval" in sentence_of(own)


def test_an_instant_item_has_a_route_without_a_case_and_no_other_does_but_the_agents_notary():
    services = compose("honghuagang-2013").services
    for item in ITEMS:
        without_case = services[item.kind].case is None
        assert without_case == (item.item_class == "instant" or item.title.en == "Notarisation handled by an agent")


def test_the_share_of_instant_cases_in_the_hall_is_the_published_one():
    hall = [item for item in ITEMS if item.place == "hall"]
    instant = sum(item.volume.mode for item in hall if item.item_class == "instant")
    assert instant / sum(item.volume.mode for item in hall) == pytest.approx(36_259 / 38_471, abs=1e-4)


def test_the_twenty_busiest_items_have_more_than_half_of_the_cases():
    volumes = sorted((item.volume.mode for item in ITEMS), reverse=True)
    assert sum(volumes[:20]) > sum(volumes) / 2


def test_a_cited_article_is_on_the_list_of_those_that_were_read_and_the_list_has_no_other():
    cited = {item.law for item in ITEMS if item.law}
    assert cited == set(citations())
    assert all(bool(item.law) == (item.basis != "assumed") for item in ITEMS)
    assert {item.law for item in ITEMS if item.basis == "general-rule"} == set(GENERAL)


def test_an_edition_counts_as_in_force_if_it_is_not_later_than_the_article_on_the_hall():
    published = evidence("article").source.published.isoformat()
    assert {cited.law for cited in citations().values() if cited.in_force_2014} == {
        cited.law for cited in citations().values() if cited.edition <= published
    }


def test_a_limit_from_an_items_own_law_is_what_the_article_states():
    for item in ITEMS:
        if item.basis != "own-law":
            continue
        cited = citations()[item.law]
        if cited.unit == "months":
            days = round(cited.amount * WORKING_DAYS_A_YEAR / 12)
            assert item.statutory == (days, days, days)
        elif cited.unit == "days":  # calendar days, or working days as halls count them: the range holds both
            least = round(cited.amount * WORKING_DAYS_A_YEAR / DAYS_A_YEAR)
            assert item.statutory == (least, cited.amount, cited.amount), item.title.en
        else:
            assert item.statutory == (cited.amount,) * 3, item.title.en


def test_a_limit_by_the_general_rule_is_the_rules_and_has_a_range():
    for item in ITEMS:
        if item.basis == "general-rule":
            assert item.statutory.mode == GENERAL[item.law]
            assert item.statutory.low < item.statutory.high


def test_a_promise_depends_on_the_kind_alone_but_for_the_law_and_the_published_licence():
    """Within a kind promises differ only where the law leaves less time; three items are exceptions, and named."""
    exceptions = {"Catering licence", "Identity card", "Notarisation handled by an agent"}
    by_kind: dict[str, list[CatalogueItem]] = {}
    for item in ITEMS:
        if item.title.en not in exceptions and item.statutory != (1, 1, 1):  # the law itself says "on the spot"
            by_kind.setdefault(item.kind, []).append(item)
    assert len(by_kind) > 40
    for items in by_kind.values():
        longest = tuple(max(item.promised[end] for item in items) for end in range(3))
        for item in items:
            capped = tuple(min(pair) for pair in zip(longest, item.statutory, strict=True))
            assert item.promised == capped, item.title.en
    licence = next(item for item in ITEMS if item.title.en == "Catering licence")
    assert licence.promised == (3, 3, 3)


# ---- a table of one's own ------------------------------------------------------------------------------------------


@for_each("language", ["en", "zh"])
@for_each("ending", ["csv", "xlsx"])
def test_a_template_is_read_back(tmp_path, language, ending):
    with messages.using(language):
        write_template(tmp_path / f"hall.{ending}")
    items = read_catalogue(tmp_path / f"hall.{ending}").items
    assert items == tuple(ITEMS[row - 1] for row in (1, 4, 12))


def test_a_workbooks_template_explains_each_column_on_a_second_sheet(tmp_path):
    with messages.using("zh"):
        write_template(tmp_path / "hall.xlsx")
        headings = [heading(column) for column in COLUMNS]
    sheet = openpyxl.load_workbook(tmp_path / "hall.xlsx").worksheets[1]
    rows = [[cell.value for cell in row] for row in sheet.rows]
    assert [row[0] for row in rows[1:]] == headings
    assert all(row[1] for row in rows)


def test_a_template_replaces_no_file(tmp_path):
    (tmp_path / "hall.csv").write_text("mine")
    with pytest.raises(HallplanError) as failure:
        write_template(tmp_path / "hall.csv")
    assert failure.value.key == "catalogue.fault.file_exists"
    assert (tmp_path / "hall.csv").read_text() == "mine"


def test_a_table_needs_only_the_required_columns(tmp_path):
    (item,) = read_catalogue(table(tmp_path / "own.csv", ROW)).items
    assert (item.title.zh, item.item_class, item.basis, item.needs) == (
        "Licence of a ferry",
        "committed",
        "assumed",
        (),
    )
    assert (item.statutory, item.promised, item.volume) == ((20, 20, 20), (5, 5, 5), (30, 30, 30))


@for_each("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@for_each("delimiter", [",", ";", "\t"])
def test_chinese_headings_and_words_are_read_in_every_encoding(tmp_path, encoding, delimiter):
    lines = (
        ["部门", "事项名称", "办件类型", "办理地点", "法定时限", "承诺时限", "办件量", "特别程序"],
        ["交通局", "渡口许可", "承诺件", "厅外", "20", "5", "1，200", "现场勘查、专家评审"],
    )
    text = "\n".join(delimiter.join(line) for line in lines)
    (tmp_path / "own.csv").write_bytes(text.encode(encoding))
    (item,) = read_catalogue(tmp_path / "own.csv").items
    assert (item.department.en, item.item_class, item.place) == ("交通局", "committed", "outside")
    assert (item.volume.mode, item.needs) == (1200, ("inspection", "expert-review"))


@for_each(
    ("column", "cell", "parts"),
    [
        ("class", "comitted", ["“comitted”", "committed"]),
        ("class", "", ["empty"]),
        ("place", "upstairs", ["“upstairs”", "hall, outside"]),
        ("basis", "own-laws", ["“own-laws”", "own-law"]),
        ("needs", "inspection; expert revue", ["“expert revue”", "expert review"]),
        ("kind", "food-licences", ["“food-licences”", "food-licence"]),
        ("statutory_mode", "20 days", ["“20 days”", "digits"]),
        ("statutory_mode", "0", ["0 is not allowed", "above 0"]),
        ("statutory_mode", "1e9", ["1e9", "3000"]),
        ("statutory_mode", "nan", ["“nan”"]),
        ("statutory_low", "25", ["25", "20"]),
        ("statutory_high", "19", ["19", "20"]),
        ("promised_mode", "21", ["21", "20", "statutory"]),
        ("promised_mode", "-1", ["-1", "from 0"]),
        ("volume_mode", "", ["empty"]),
        ("volume_mode", "-5", ["-5", "from 0"]),
        ("title_en", "", ["empty"]),
        ("department_en", "", ["empty"]),
    ],
)
def test_a_wrong_cell_is_named_with_row_column_value_and_remedy(tmp_path, column, cell, parts):
    headings, wrong = with_column(column, cell)
    good = [*ROW, ""][: len(wrong)]
    path = table(tmp_path / "own.csv", ["Another", *good[1:]], wrong, headings=headings)
    sentence = sentence_of(path)
    assert sentence.startswith(f"own.csv, row 3, column {column}: "), sentence
    assert all(part in sentence for part in parts), sentence
    assert sentence_of(path, "zh").startswith(f"own.csv 第 3 行“{column}”列：")


def test_a_law_of_its_own_is_cited(tmp_path):
    headings, row = [*HEADINGS, "basis", "law"], [*ROW, "own law", ""]
    assert "column law: " in sentence_of(table(tmp_path / "own.csv", row, headings=headings))
    table(tmp_path / "own.csv", [*row[:-1], "Law, art. 3"], headings=headings)
    assert read_catalogue(tmp_path / "own.csv").items[0].law == "Law, art. 3"


@for_each(("before", "after", "column"), [("A", "", "section_after"), ("", "B", "section_before")])
def test_a_section_is_named_before_and_after_or_not_at_all(tmp_path, before, after, column):
    headings = [*HEADINGS, "section_before", "section_after"]
    assert f"column {column}: " in sentence_of(table(tmp_path / "own.csv", [*ROW, before, after], headings=headings))


def test_a_repeated_item_names_both_rows(tmp_path):
    sentence = sentence_of(table(tmp_path / "own.csv", ROW, ["Other", *ROW[1:]], ROW))
    assert sentence.startswith("own.csv, row 4, column title_en: ")
    assert "row 2" in sentence


def test_the_same_title_in_another_department_is_another_item(tmp_path):
    assert len(read_catalogue(table(tmp_path / "own.csv", ROW, [ROW[0], "Water", *ROW[2:]])).items) == 2


def test_further_faults_are_counted(tmp_path):
    sentence = sentence_of(table(tmp_path / "own.csv", [*ROW[:2], "x", "y", *ROW[4:]]))
    assert "column class" in sentence
    assert sentence.endswith("(Faults in other cells: 1.)")


def test_empty_rows_are_passed_over_but_counted(tmp_path):
    wrong = [*ROW[:2], "x", *ROW[3:]]
    path = tmp_path / "own.csv"
    path.write_text("\n".join([",".join(HEADINGS), "", ",,,,", ",".join(wrong)]), encoding="utf-8")
    assert sentence_of(path).startswith("own.csv, row 4, column class: ")


def test_a_cell_of_a_workbook_is_named_as_one_of_a_csv_file(tmp_path):
    book = openpyxl.Workbook()
    for row in (HEADINGS, [*ROW[:4], 20, "five", 30]):
        book.active.append(row)
    book.save(tmp_path / "own.xlsx")
    assert sentence_of(tmp_path / "own.xlsx").startswith("own.xlsx, row 2, column promised_mode: “five”")


@for_each(
    ("headings", "key", "part"),
    [
        ([*HEADINGS, "promissed_low"], "unknown_column", "promised_low"),
        ([*HEADINGS, "class"], "column_twice", "class"),
        (HEADINGS[:-1], "missing_column", "volume_mode"),
        (HEADINGS[1:], "missing_column", "title_zh"),
    ],
)
def test_a_wrong_heading_is_named(tmp_path, headings, key, part):
    table(tmp_path / "own.csv", ROW[: len(headings)], headings=headings)
    with pytest.raises(HallplanError) as failure:
        read_catalogue(tmp_path / "own.csv")
    assert failure.value.key == f"catalogue.fault.{key}"
    assert part in failure.value.sentence("en")


def archive(path: Path, member: str, content: bytes = b"") -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(member, content)


@for_each(
    ("name", "content", "key"),
    [
        ("own.docx", b"x", "no_table"),
        ("own.csv", b"", "no_items"),
        ("own.csv", ",".join(HEADINGS).encode(), "no_items"),
        ("own.csv", b"\xff\xff\xff", "no_text"),
        ("own.csv", b"a\0b", "no_text"),
        ("own.csv", b"x" * 3_000, "long_cell"),
        ("own.csv", b"x," * 300 + b"x", "too_wide"),
        ("own.csv", b"\n" * 20_001 + b"x", "too_long"),
        ("own.csv", b"x" * 20_000_001, "too_large"),
        ("own.csv", b'"' + b"x" * 200_000, "cannot_read"),
        ("own.xlsx", b"PK\x03\x04", "broken_xlsx"),
    ],
    ids=lambda case: (case[0], case[2]),
)
def test_a_file_that_is_no_catalogue_gives_one_sentence(tmp_path, name, content, key):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(HallplanError) as failure:
        read_catalogue(tmp_path / name)
    assert failure.value.key == f"catalogue.fault.{key}"


@for_each(
    ("member", "content", "key"),
    [
        ("word/document.xml", b"", "not_xlsx"),
        ("xl/workbook.xml", b"", "broken_xlsx"),
        ("xl/workbook.xml", b"0" * 2_000_000, "bomb"),
    ],
)
def test_an_archive_that_is_no_catalogue_is_refused_before_it_is_unpacked(tmp_path, member, content, key):
    archive(tmp_path / "own.xlsx", member, content)
    with pytest.raises(HallplanError) as failure:
        read_catalogue(tmp_path / "own.xlsx")
    assert failure.value.key == f"catalogue.fault.{key}"


def test_an_archive_of_an_unknown_version_is_a_damaged_workbook(tmp_path):
    """Python's own reader raises another error for it than for a bad archive."""
    archive(tmp_path / "own.xlsx", "xl/workbook.xml")
    content = (tmp_path / "own.xlsx").read_bytes()
    entry = content.index(b"PK\x01\x02")
    (tmp_path / "own.xlsx").write_bytes(content[: entry + 6] + b"\x6e\x00" + content[entry + 8 :])
    with pytest.raises(HallplanError) as failure:
        read_catalogue(tmp_path / "own.xlsx")
    assert failure.value.key == "catalogue.fault.broken_xlsx"


def test_a_file_that_is_not_there_gives_one_sentence(tmp_path):
    with pytest.raises(HallplanError) as failure:
        read_catalogue(tmp_path / "none.csv")
    assert failure.value.key == "catalogue.fault.cannot_read"


def test_the_built_in_tables_open_in_a_spreadsheet():
    """Excel takes a CSV file for UTF-8 only if it begins with a byte order mark."""
    files = sorted(reading.FOLDER.glob("*.csv"))
    assert [file.name for file in files] == ["items.csv", "laws.csv", "sections.csv", "services.csv"]
    assert all(file.read_bytes().startswith(b"\xef\xbb\xbf") for file in files)
