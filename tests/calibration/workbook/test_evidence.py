"""A workbook and logs written by hand: a log takes the place of assumptions, and what a cell states stays."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from cases import for_each
from hall_tickets import DAYS, TIMES, ticket_rows, write_ledger, write_tickets

from calibration.discovery.discover import discover
from calibration.eventlog import read_log
from calibration.workbook.evidence import HallEvidence, join_log, join_logs, log_files
from calibration.workbook.matching import NameMatcher
from foundation import messages
from foundation.errors import HallplanError
from scenarios.catalogue.reading import built_in_catalogue
from scenarios.model.laws import mean_of
from scenarios.provenance import sourced
from scenarios.workbook.making import make_hall
from scenarios.workbook.model import HallForm, ItemRow, Stated, WindowRow

COUNTER = "Counter"


def stated(value, cell="B3"):
    return Stated(value, "Items", cell)


def item(title, *, row=3, department="", **cells):
    blank = dict.fromkeys(("item_class", "statutory", "promised", "volume", "inspection", "minutes"))
    departments = stated((department,)) if department else None
    return ItemRow(row, departments, stated(title), **blank | {key: stated(value) for key, value in cells.items()})


def form_of(*items, groups=(COUNTER,)):
    windows = [WindowRow(3, stated(group), *[None] * 6) for group in groups]
    return HallForm("hall.xlsx", tuple(items), tuple(windows), {}, {}, None, None, {})


def photo_rows(**options):
    return ticket_rows("Passport photo", **options)


def hall_of(evidence):
    return make_hall(evidence.form, name="hall", estimates=evidence.estimates)


def entries(evidence):
    composed = hall_of(evidence).composed
    return {".".join(number.path): number.entry for number in sourced(composed.scenario, composed.raw)}


def keys(evidence):
    return [note.key.removeprefix("workbook_log.note.") for note in evidence.estimates.notes]


@pytest.fixture(scope="module")
def joined(tmp_path_factory):
    """A workbook that states nothing but a name, and its log."""
    file = write_tickets(tmp_path_factory.mktemp("log"), photo_rows())
    return join_logs(form_of(item("Passport photo")), [file])


# ---- what takes the place of an assumption -------------------------------------------------------------------------


def test_service_times_of_the_log_take_the_place_of_the_assumed_ones(joined):
    step = hall_of(joined).composed.scenario.services["passport-photo"].visits["apply"]["window"]
    # 60% citizens and 25% officers of enterprises need the usual time, 15% elderly 1.2 times as long: 1.03 in the mean.
    assert mean_of(step.work) / 60_000 * 1.03 == pytest.approx(6)
    entry = entries(joined)["services.passport-photo.visits.apply.window.work.values"]
    assert (entry.kind, "240 rows" in entry.formula.en) == ("derived", True)
    # The interval of a mean of 240 numbers that deviate by 2 each: 1.97 standard errors of 2.004 / √240.
    assert entry.range == pytest.approx((6 - 0.255, 6 + 0.255), abs=0.001)
    assert "2025-03-03" in entry.source.zh


def test_what_the_log_does_not_show_stays_assumed(joined):
    kinds = {path: entry.kind for path, entry in entries(joined).items()}
    assert kinds["services.passport-photo.visits.enquire.window.work.mean"] == "assumed"
    assert kinds["arrivals.instant.patience.mean"] == "assumed"


def test_tickets_of_the_log_fill_the_blank_sheet(joined):
    profile = hall_of(joined).composed.scenario.sites["hall"].profile["mon"]
    # Two tickets in the half hour from 9:00 and four in the next but one: twice as many an hour.
    assert profile["10:00"] == 2 * profile["09:00"]
    assert entries(joined)["sites.hall.profile.mon.10:00"].source.en.startswith("Event log (tickets)")
    assert {day: sum(counts.value.values()) for day, counts in joined.form.tickets.items()} == dict.fromkeys(
        ("mon", "tue", "wed", "thu", "fri"), 6
    )


def test_a_volume_follows_from_the_tickets(joined):
    # Six tickets a day on 20.83 days a month; a fifth of them are taken for enquiries (0.25 for each other visit);
    # an application brings about 1 + 0.2 x 0.95 / (1 - 0.1 x 0.95) visits.
    volume = joined.form.items[0].volume
    assert volume.value == pytest.approx(6 * 20.83 / 1.25 / 1.20994, rel=1e-4)
    assert entries(joined)["arrivals.instant.services.passport-photo"].source.en == volume.log.source["en"]


def test_tickets_whose_visitor_had_left_are_not_counted(tmp_path):
    evidence = join_logs(form_of(item("Passport photo")), [write_tickets(tmp_path, photo_rows(left_every=4))])
    assert sum(evidence.form.tickets["tue"].value.values()) == pytest.approx(6 * 0.75)
    assert "25.0%" in evidence.form.tickets["tue"].log.entry["formula"]["en"]


def test_absence_at_the_call_is_that_of_the_log(tmp_path):
    rows = [
        (*row[:4], row[2] + dt.timedelta(seconds=30), *row[5:]) if row[5] == "left" else row
        for row in photo_rows(left_every=5)
    ]
    hall = hall_of(join_logs(form_of(item("Passport photo")), [write_tickets(tmp_path, rows)]))
    step = hall.composed.scenario.services["passport-photo"].visits["apply"]["window"].absent
    assert step.share == pytest.approx(0.2)
    assert mean_of(step.call) == pytest.approx(30_000)
    assert mean_of(step.away) == pytest.approx(6 * 60_000)  # the log does not show it: as assumed


def test_applications_of_a_ledger_are_the_volume_and_its_days_are_told(tmp_path):
    evidence = join_logs(form_of(item("Food licence", statutory=20)), [write_ledger(tmp_path, "Food licence")])
    assert evidence.form.items[0].volume.value == pytest.approx(DAYS / (DAYS + 3) * 20.83, rel=0.1)
    assert keys(evidence) == ["turnaround", "no_minutes"]
    assert "median 3 working days" in evidence.estimates.notes[0].sentence("en")


# ---- what a cell states stays --------------------------------------------------------------------------------------


def test_minutes_of_the_workbook_stay_and_take_their_spread_from_the_log(tmp_path):
    evidence = join_logs(form_of(item("Passport photo", minutes=6)), [write_tickets(tmp_path, photo_rows())])
    work = hall_of(evidence).composed.scenario.services["passport-photo"].visits["apply"]["window"].work
    assert (mean_of(work), work.cv) == (360_000, pytest.approx(2.004 / 6, abs=1e-3))
    kinds = {path: entry.kind for path, entry in entries(evidence).items() if ".apply.window.work" in path}
    start = "services.passport-photo.visits.apply.window.work"
    assert kinds == {f"{start}.mean": "given", f"{start}.cv": "derived"}


def test_tickets_and_volumes_of_the_workbook_stay(tmp_path):
    form = form_of(item("Passport photo", volume=90.0))
    form = replace(form, tickets={"mon": Stated({540: 7.0}, "Tickets", "B3")})
    evidence = join_logs(form, [write_tickets(tmp_path, photo_rows())])
    assert (evidence.form.tickets, evidence.form.items) == (form.tickets, form.items)
    assert keys(evidence) == ["tickets_stated"]
    assert "(7 a day)" in evidence.estimates.notes[0].sentence("en")
    assert "(6 a day)" in evidence.estimates.notes[0].sentence("en")


def test_an_earlier_log_counts_before_a_later_one(tmp_path):
    first, second = (
        write_tickets(tmp_path, photo_rows()),
        write_tickets(tmp_path, photo_rows(times=TIMES[:1]), "b.csv"),
    )
    form = form_of(item("Passport photo"))
    both, alone = join_logs(form, [first, second]), join_logs(form, [first])
    assert hall_of(both).toml == hall_of(alone).toml
    assert (len(both.logs), keys(both)) == (2, ["same_kind", *keys(alone)])
    assert "b.csv: where tickets.csv, a log of the same kind, tells something" in both.estimates.notes[0].sentence("en")


def test_a_log_that_is_named_twice_is_read_once(tmp_path):
    log, form = write_tickets(tmp_path, photo_rows()), form_of(item("Passport photo"))
    twice, once = join_logs(form, [log, tmp_path / "." / log.name]), join_logs(form, [log])
    assert (twice.logs, keys(twice)) == (once.logs, keys(once))


def test_a_log_that_is_not_there_is_named_as_the_cell_names_it(tmp_path):
    (tmp_path / "a.csv").touch()
    form = replace(form_of(item("Passport photo")), answers={"logs": stated(("a.csv", "march/a.csv"))})
    with pytest.raises(HallplanError) as failure:
        log_files(form, tmp_path)
    assert failure.value.values["file"] == "march/a.csv"


# ---- names ---------------------------------------------------------------------------------------------------------


@for_each(
    ("name", "rows"),
    [
        ("Passport photo", [3]),
        (" passport  PHOTO ", [3]),
        ("Police", [3, 4]),
        ("Counter", [5]),
        ("Passport", []),
    ],
)
def test_a_name_is_an_item_a_department_or_a_group_of_windows_and_is_never_guessed(name, rows):
    items = (
        item("Passport photo", department="Police"),
        item("Driving licence", row=4, department="Police"),
        item("Fishing", row=5, department="Counter"),
    )
    matcher = NameMatcher(form_of(*items, groups=("Police", "Counter")))
    assert [each.row for each in matcher.items(name)] == rows
    assert list(matcher.unmatched) == ([] if rows else [name])


def test_a_name_of_the_catalogue_is_known_in_the_other_language():
    title = built_in_catalogue().items[0].title
    assert [each.row for each in NameMatcher(form_of(item(title.zh))).items(title.en)] == [3]
    assert [each.row for each in NameMatcher(form_of(item(title.en))).items(title.zh)] == [3]


def test_times_of_a_department_are_those_of_its_items(tmp_path):
    items = (item("Passport photo", department="Police"), item("Fishing", row=4, department="Water"))
    form = form_of(*items, groups=("Police", "Water"))
    hall = hall_of(join_logs(form, [write_tickets(tmp_path, ticket_rows("Police"))])).composed.scenario
    work = {name: service.visits["apply"]["window"].work for name, service in hall.services.items()}
    assert mean_of(work["passport-photo"]) / 60_000 * 1.03 == pytest.approx(6)
    assert mean_of(work["fishing"]) / 60_000 == 10


def test_names_that_stand_for_nothing_are_listed_with_the_nearest(tmp_path):
    rows = [
        *photo_rows(),
        *[(1000 + row[0], *row[1:6], "Pasport foto") for row in photo_rows(times=("11:05",))],
    ]
    evidence = join_logs(form_of(item("Passport photo")), [write_tickets(tmp_path, rows)])
    assert keys(evidence) == ["unmatched"]
    assert "Pasport foto (did you mean Passport photo?)" in evidence.estimates.notes[0].sentence("en")


def test_the_log_of_another_hall_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(HallplanError) as fault:
        join_logs(form_of(item("Passport photo")), [write_tickets(tmp_path, ticket_rows("Rural pensions"))])
    assert fault.value.key == "workbook_log.fault.no_match"
    assert "Rural pensions" in fault.value.sentence("en")
    assert "其他大厅" in fault.value.sentence("zh")


def test_tickets_without_names_tell_only_when_people_came(tmp_path):
    file = write_tickets(tmp_path, photo_rows())
    pd.read_csv(file).drop(columns=["Service"]).to_csv(file, index=False)
    evidence = join_logs(form_of(item("Passport photo")), [file])
    assert keys(evidence) == ["no_items", "no_minutes", "no_volume"]
    assert (evidence.estimates.steps, sum(evidence.form.tickets["mon"].value.values())) == ((), 6)


def test_a_ledger_without_names_tells_nothing(tmp_path):
    file = write_ledger(tmp_path, "Food licence")
    pd.read_csv(file).drop(columns=["Service"]).to_csv(file, index=False)
    with pytest.raises(HallplanError) as fault:
        join_logs(form_of(item("Food licence")), [file])
    assert fault.value.key == "workbook_log.fault.no_names"


def test_few_rows_leave_the_assumption(tmp_path):
    evidence = join_logs(form_of(item("Passport photo")), [write_tickets(tmp_path, photo_rows()[:24])])
    assert (evidence.estimates.steps, evidence.form.items[0].volume) == ((), None)


def test_a_log_without_ends_tells_no_minutes_and_says_so(tmp_path):
    file = write_tickets(tmp_path, photo_rows())
    frame = pd.read_csv(file).drop(columns=["Start time"])
    frame.to_csv(file, index=False)
    evidence = join_logs(form_of(item("Passport photo")), [file])
    assert "no_times" in keys(evidence)
    assert not [each for each in evidence.estimates.steps if each.path[-1] == "work"]


def test_files_that_a_workbook_names_lie_in_its_folder(tmp_path):
    (tmp_path / "a.csv").touch()
    form = replace(form_of(item("Passport photo")), answers={"logs": stated(("a.csv",), "C23")})
    assert log_files(form, tmp_path) == [tmp_path / "a.csv"]
    assert log_files(form_of(item("Passport photo")), tmp_path) == []
    with pytest.raises(HallplanError, match=r"C23: there is no log b\.csv: copy it into"):
        log_files(replace(form, answers={"logs": stated(("a.csv", "b.csv"), "C23")}), tmp_path)


def test_items_that_the_log_does_not_show_are_said_to_stay_assumed(tmp_path):
    form = form_of(item("Passport photo"), item("Fishing", row=4), item("Hunting", row=5, minutes=9, volume=2.0))
    evidence = join_logs(form, [write_tickets(tmp_path, photo_rows())])
    assert keys(evidence) == ["no_minutes", "no_volume"]
    assert [note.values["items"] for note in evidence.estimates.notes] == ["Fishing", "Fishing"]


def test_a_log_read_in_another_language_makes_the_same_scenario(tmp_path):
    discovery = discover(read_log(write_tickets(tmp_path, photo_rows())))
    texts = []
    for language in messages.LANGUAGES:
        with messages.using(language):
            evidence = join_log(HallEvidence(form_of(item("Passport photo"))), discovery, title="t")
            texts.append(hall_of(evidence).toml)
    assert texts[0] == texts[1]
