"""What is printed of scenarios, levers, claims and catalogues: tables in both languages and documents, whole."""

import datetime as dt
from pathlib import Path

import pytest
from report_samples import HALL, INF, NAN, document_text, hall, outlook, rounded, text_of

from calibration.facts.claims import claims
from foundation import messages
from hallplan.show.catalogue import levers_document, levers_table, scenarios_document, scenarios_table
from hallplan.show.claims import claims_document, claims_tables
from hallplan.show.document import interval_document, number_or_null, plain
from hallplan.show.evidence import overview_table, provenance_frame, show_document, sources_table
from hallplan.show.forecast import spread_notes
from hallplan.show.item_catalogue import CatalogueReport, catalogue_document, catalogue_tables
from hallplan.show.load import CheckReport, check_document, check_tables, load_tables
from hallplan.show.metrics import metric_label, metric_title
from hallplan.show.notes import coverage_note, near_capacity_note, overload_notes
from hallplan.show.words import heading, pool_title, service_title
from planner.load import Load, PoolLoad, TimetableLoad
from planner.outlook import Outlook
from planner.promised_limits import CatalogueCompression, CutReading
from planner.regime import Regime
from scenarios.catalogue.reading import built_in_catalogue, read_catalogue
from scenarios.catalogue.summary import summary
from scenarios.check import warnings
from scenarios.compose.lever_files import Lever, LeverFile
from scenarios.provenance import sourced

LANGUAGES = ("en", "zh")

RAW = {
    "bare": {},
    "plain": {"title": "Plain", "description": "In one language."},
    "both": {"title": {"en": "Both", "zh": "双语"}, "description": {"en": "English only."}},
}
LEVERS = [
    {"name": "bare", "title": {"en": "Bare", "zh": "基本"}},
    {
        "name": "rich",
        "title": {"en": "Rich", "zh": "详尽"},
        "why": {"en": "To see all.", "zh": "以便查看。"},
        "source": {"en": "Report, page 6", "zh": "报告第 6 页"},
        "later": True,
        "cost": {"one_off_yuan": 12000, "per_year_yuan": 3400, "note": {"en": "a guess", "zh": "估计"}},
        "parameters": {"pool": {"title": "Pool"}, "servers": {"default": 1, "title": {"en": "Servers", "zh": "人数"}}},
    },
    {"name": "yearly", "title": "Yearly", "cost": {"per_year_yuan": 500}},
]
LOAD = Load(
    pools=(
        PoolLoad("window", 102, 11.0, 14.0, 7.0),
        PoolLoad("archive", 12, 8.4, 7.0, 7.0),
        PoolLoad("guide", 1, 1.0, 0.0, 0.0),
        PoolLoad("idle", 0, 0.0, 7.0, 7.0),
    ),
    timetables=(TimetableLoad("ferry", 12, 20), TimetableLoad("ferry", 30, 20), TimetableLoad("ferry", 0, 20)),
    arrivals_per_day={},
    days=10,
)


def levers() -> list[Lever]:
    return [Lever(Path("lever.toml"), LeverFile.model_validate({"format": 1} | spec), {}) for spec in LEVERS]


def test_scenarios_and_levers_are_listed_as_they_were(snapshot):
    for language in LANGUAGES:
        with messages.using(language):
            assert text_of([scenarios_table(RAW), levers_table(levers())]) == snapshot(name=language)
    documents = [scenarios_document(RAW), levers_document(levers())]
    assert "\n".join(map(document_text, documents)) == snapshot(name="documents")


def test_a_check_is_printed_as_it_was(snapshot):
    behind = hall(pools__archive__servers=0, arrivals__captains__per_day=40)
    for language in LANGUAGES:
        with messages.using(language):
            for name, place in (("keeps-up", hall()), ("behind", behind)):
                report = CheckReport(place, warnings(place.scenario), outlook(place))
                assert text_of(check_tables(report)).replace(str(HALL), "FILE") == snapshot(name=f"{name}-{language}")
    assert document_text(check_document(report)) == snapshot(name="document")


def test_a_load_lists_the_busiest_and_all_that_are_overloaded(snapshot):
    scenario = hall().scenario
    with messages.using("en"):
        assert text_of(load_tables(LOAD, scenario)) == snapshot(name="fifteen")
        # Two of the three that work are overloaded: both are shown, whatever the limit.
        for most, rows in ((1, 2), (2, 2), (3, 3), (None, 3)):
            (pools, _) = load_tables(LOAD, scenario, most=most)
            assert len(pools.rows) == rows
            assert len(pools.notes) == (2 if rows == 2 else 1), "what is left out is counted"
        assert text_of(load_tables(Load((), (), {}, 10), scenario)) == snapshot(name="nothing")
        many = Load(tuple(PoolLoad(f"p{place}", 1, 1.0, 7.0, 7.0) for place in range(17)), (), {}, 10)
        assert len(load_tables(many, scenario)[0].rows) == 15
        report = CheckReport(hall(), [], Outlook(many, Regime((), (), ()), {}, ()))
        shown = [[len(table.rows) for table in check_tables(report, **how)] for how in ({}, {"all_pools": True})]
        assert shown == [[0, 15, 0], [0, 17, 0]]


def test_a_scenario_and_its_sources_are_shown_as_they_were(snapshot):
    place = hall()
    numbers = sourced(place.scenario, place.raw)
    for language in LANGUAGES:
        with messages.using(language):
            tables = [overview_table(place.scenario), sources_table(numbers, place.origin)]
            assert text_of(tables).replace(str(HALL), "FILE") == snapshot(name=language)
            frame = provenance_frame(place)
            assert rounded(frame.to_dict("list")) == snapshot(name=f"page-{language}")
    document = show_document(place, numbers[:4], {"run": place.raw["run"]})
    assert document_text(document).replace(str(HALL), "FILE") == snapshot(name="document")


def test_only_twelve_names_of_a_kind_are_listed():
    pools = hall().scenario.pools
    for number, ends in ((12, "p11"), (13, "p11, …")):
        many = {f"p{place}": pools["window"] for place in range(number)}
        row = overview_table(hall().scenario.model_copy(update={"pools": many})).rows[1]
        assert (row[1], row[2].endswith(ends)) == (str(number), True)


def test_claims_are_printed_as_they_were(snapshot, tmp_path):
    file = tmp_path / "quay.toml"
    file.write_text(
        'format = 1\nname = "quay"\ntitle = { en = "Quay", zh = "码头" }\ninvented = true\n'
        '[source]\ntext = { en = "leaflet", zh = "传单" }\n'
        '[visits]\nnow = "700+ a day"\n[items]\nnow = "about 5,600 a month"\n'
        "[count]\nstart = 2023-01-01\nend = 2023-06-30\naccepted = 31200\nfinished = 30950\nopen = 310\n"
        '[percentages.limits]\nvalue = "52%"\nwords = "limits cut"\n',
        encoding="utf-8",
    )
    bare = tmp_path / "bare.toml"
    bare.write_text('format = 1\nname = "bare"\n', encoding="utf-8")
    for language in LANGUAGES:
        with messages.using(language):
            tables = [*claims_tables(claims(str(file))), *claims_tables(claims(str(bare)))]
            assert text_of(tables) == snapshot(name=language)
    document = claims_document(claims(str(file)))
    assert (document["command"], document["name"]) == ("claims", "quay")


ITEMS = """title_en,department_en,class,place,statutory_mode,promised_mode,volume_mode,basis,law
Ferry,Transport,committed,hall,20,5,30,own-law,"Provincial Regulations on Ferries, art. 9"
Buoy,Transport,committed,outside,10,8,5,,
Crane,Port,instant,hall,5,1,10,,
"""


def catalogue_report(*, is_built_in: bool, is_articles_cut: bool, tmp_path: Path) -> CatalogueReport:
    file = tmp_path / "items.csv"
    file.write_text(ITEMS, encoding="utf-8")
    items = built_in_catalogue() if is_built_in else read_catalogue(file)
    readings = (
        CutReading("item_mean", 0.5, 0.45, 0.55, 0.4, 0.6, can_give=True, factor=0.96),
        CutReading("by_volume", NAN, NAN, NAN, NAN, NAN, can_give=False, factor=NAN),
    )
    compression = CatalogueCompression(0.52, {"all": 3, "hall": 2}, {"all": readings, "hall": readings[:1]})
    return CatalogueReport(items, summary(items), compression, is_articles_cut=is_articles_cut)


@pytest.mark.parametrize("is_built_in", [True, False])
def test_a_catalogue_of_items_is_printed_as_it_was(snapshot, tmp_path, is_built_in):
    report = catalogue_report(is_built_in=is_built_in, is_articles_cut=is_built_in, tmp_path=tmp_path)
    for language in LANGUAGES:
        with messages.using(language):
            assert text_of(catalogue_tables(report)) == snapshot(name=language)
    document = catalogue_document(report)
    for key in ("services", "citations", "items"):
        document[key] = document[key][:2]
    assert document_text(document) == snapshot(name="document")


def test_a_claim_of_ones_own_and_the_articles_are_told_apart(tmp_path):
    counts = []
    for is_built_in, is_articles_cut in ((True, True), (True, False), (False, True), (False, False)):
        report = catalogue_report(is_built_in=is_built_in, is_articles_cut=is_articles_cut, tmp_path=tmp_path)
        notes = catalogue_tables(report)[-1].notes
        claim = "article" if is_articles_cut else "own_claim"
        assert notes[0] == messages.text(f"cli.catalogue.{claim}", target="52%")
        counts.append(len(notes))
    assert counts == [5, 4, 3, 3]


# ---- words and notes -----------------------------------------------------------------------------------------------


def test_what_has_no_title_is_called_by_its_name():
    scenario = hall().scenario
    with messages.using("zh"):
        assert heading(scenario) == "港口大厅 [harbour]"
        assert heading(
            scenario.model_copy(update={"title": scenario.title.model_copy(update={"en": "", "zh": ""})})
        ) == ("harbour")
        names = ("window", "archive", "nowhere")
        assert [pool_title(scenario, name) for name in names] == ["窗口", "archive", "nowhere"]
        assert [pool_title(scenario, name, "en") for name in names] == ["Window", "archive", "nowhere"]
        assert [service_title(scenario, name) for name in ("advice", "berth", "none")] == ["咨询", "berth", "none"]
        assert service_title(scenario, "advice", "en") == "Advice"


def test_metrics_are_called_by_the_titles_of_their_things(snapshot):
    keys = [
        *("ticket_wait_mean_min", "ticket_wait_within_15_share", "utilisation.window", "pool_wait_mean_min.window"),
        *("elapsed_mean_days.advice", "purpose_visits_per_day.enquire", "purpose_visits_per_day.other"),
        *("channel_visits_per_day.appointment", "channel_visits_per_day.boat", "within_legal_share.berth"),
    ]
    scenario = hall().scenario
    lines = [
        f"{key}: {metric_title(key, scenario, language)} / {metric_label(key, scenario, language)}"
        for language in LANGUAGES
        for key in keys
    ]
    assert "\n".join(lines) == snapshot


def test_intervals_near_capacity_are_doubted_from_eighty_per_cent_on_with_few_replications():
    def note(utilisation, replications):
        load = Load((PoolLoad("window", 1, 7 * utilisation, 7.0, 7.0),), (), {}, 10)
        return near_capacity_note(load, replications)

    with messages.using("en"):
        assert [bool(note(use, 30)) for use in (0.79, 0.8, 0.99, 1.0)] == [False, True, True, False]
        assert [bool(note(0.9, n)) for n in (1, 2, 79, 80)] == [False, True, True, False]
        assert "window" in note(0.9, 30)
        assert "80" in note(0.9, 30)


def test_a_spread_of_fewer_than_forty_runs_is_called_rough():
    assert [len(spread_notes(16, replications)) for replications in (39, 40)] == [2, 1]


def test_overloads_are_told_apart_and_named_once():
    regime = Regime(("a", "b"), falls_behind=("a", "b"), overruns=("c", "a"), unstaffed=("a",))
    with messages.using("en"):
        notes = overload_notes(regime)
        assert [note.rpartition(": ")[2] for note in notes] == ["a.", "b.", "c."]
        keys = ("cli.note.unstaffed", "cli.note.overloaded", "cli.note.overruns")
        assert notes == [messages.text(key, names=name) for key, name in zip(keys, "abc", strict=True)]
        assert overload_notes(Regime((), (), ())) == []
        assert coverage_note([regime]) == messages.text("cli.json.covers_transient")
        steady = Regime(("a",), (), ())
        assert coverage_note([steady, regime]) == messages.text("cli.json.covers_transient")
        assert coverage_note([steady, steady]) == messages.text("cli.json.covers")


def test_documents_hold_json_s_own_types():
    assert [number_or_null(value) for value in (1, 0.5, NAN, INF, -INF)] == [1.0, 0.5, None, None, None]
    assert interval_document(None) is None
    content = {"day": dt.date(2031, 3, 3), "rows": [{"n": 1}, 2.5, True, "x"], 3: None}
    assert plain(content) == {"day": "2031-03-03", "rows": [{"n": 1}, 2.5, True, "x"], "3": "None"}
