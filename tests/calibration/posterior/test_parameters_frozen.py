"""The parameters of a small hall with every kind of entry, and what a vector sets: all frozen."""

import numpy as np
import pytest
from frozen_lines import frame_lines, lines

from calibration.posterior.parameters import Place, end_of_range, entries_with_places, parameter_table
from calibration.posterior.priors import Prior
from scenarios.compose.composing import compose_text

HALL = """
format = 1
name = "small"
run = { days = 10 }

[pools]
desk = { servers = 1, room = 9 }
window-a = { servers = 1, cost_per_hour = 30 }
window-b = { servers = 4, at_break = "last-call" }
window-c = { servers = 0 }
office = { servers = 2 }

[timetables.signing]
times = ["15:00"]
days = ["tue", "fri"]
capacity = 40
[timetables.shuttle]
every = "30 min"
capacity = 6

[services.permit]
legal_limit = "20 working days"
promised_limit = "5 working days"
[services.permit.visits.apply]
desk = { pool = "desk", work = "3 min", share = 0.5 }
window = { pool = "window-b", work = { dist = "lognorm", mean = "10 min", cv = 0.5 } }
hand-in = { start_case = true }
[services.permit.case]
check = { pool = "office", work = "90 min", priority = 3 }
wait = { delay = { dist = "expon", mean = "2 working days", factor = 0.5 } }
sign = { until = "signing" }
ride = { until = "shuttle" }
done = { mark = "finished" }

[services.quick.visits.apply]
window = { pool = "window-a", work = "5 min" }

[arrivals.people]
services = { permit = 3, quick = 1 }
per_day = 40
patience = "15 min"
weekday = { mon = 2, tue = 1 }

[provenance]
"run" = { kind = "assumed", range = [1, 100], why = "Ours." }
"pools.*.cost_per_hour" = { kind = "assumed", range = [20, 60], why = "Costs." }
"services.*.legal_limit" = { kind = "assumed", range = ["10 working days", "30 working days"], why = "A list." }
"services.*.promised_limit" = { kind = "assumed", range = ["1 working days", "30 working days"], why = "A list." }
"pools.window-*.servers" = { kind = "assumed", range = [1, 6], why = "Not published." }
"pools.office.servers" = { kind = "derived", range = [1, 4], formula = "counted" }
"pools.desk.servers" = { kind = "published", source = "somewhere" }
"pools.desk.room" = { kind = "assumed", range = [12, 20], why = "Outside." }
"services.*.visits.apply.window" = { kind = "assumed", range = ["4 min", "40 min"], why = "Minutes." }
"services.permit.visits.apply.desk.work" = { kind = "assumed", range = ["1 min", "30 min"], why = "Guess." }
"services.permit.visits.apply.desk.share" = { kind = "assumed", range = [0.2, 0.9], why = "Guess." }
"services.permit.case.check" = { kind = "assumed", range = ["30 min", "4 h"], why = "Guess." }
"services.permit.case.check.priority" = { kind = "assumed", range = [1, 5], why = "Order." }
"services.permit.case.wait" = { kind = "assumed", range = ["0.5 working days", "4 working days"], why = "Guess." }
"timetables.signing" = { kind = "assumed", range = ["1 a fortnight", "5 a week"], why = "A habit." }
"timetables.signing.capacity" = { kind = "assumed", range = [40, 40], why = "No room." }
"timetables.shuttle" = { kind = "assumed", range = ["1 a day", "5 a day"], why = "No times." }
"arrivals.people.services" = { kind = "assumed", range = [0, 5], why = "Mix." }
"arrivals.people.weekday" = { kind = "assumed", range = [1, 3], why = "Shape." }
"arrivals.people.per_day" = { kind = "derived", formula = "counted" }
"arrivals.people.patience" = { kind = "assumed", range = ["5 min", "some time"], why = "Words." }
"calendar.hours" = { kind = "assumed", range = ["8 to 16", "9 to 17"], why = "Words." }
"""


@pytest.fixture(scope="module")
def hall():
    return compose_text(HALL, name="small.toml")


@pytest.fixture(scope="module")
def table(hall):
    return parameter_table(hall)


def test_the_parameters_are_frozen(table, snapshot):
    assert frame_lines(table.frame()) == snapshot
    assert "\n".join(f"{entry.key}: {entry.reason} {entry.range}" for entry in table.not_varied) == snapshot


def test_the_places_are_frozen(hall, snapshot):
    places = {
        key: [f"{'.'.join(place.path)} = {place.base:g} of {place.raw}, least {place.least}" for place in covered]
        for key, (_, covered) in entries_with_places(hall).items()
    }
    assert lines(places) == snapshot


def test_what_a_vector_sets_is_frozen(table, snapshot):
    for factor in (0.4, 1.0, 1.6):
        assert lines(table.overrides("small", factor * table.base)) == snapshot
    assert table.applied("small", table.base).scenario == table.scenarios["small"].scenario


def test_a_table_without_some_parameters_still_says_what_is_not_varied(table):
    subset = table.subset(table.keys[:2])
    assert subset.keys == table.keys[:2]
    assert subset.not_varied == table.not_varied
    assert subset.scenarios == table.scenarios


def test_points_of_a_cube_are_quantiles_column_by_column(table):
    unit = np.linspace(0.1, 0.9, 2 * len(table.keys)).reshape(2, -1)
    points = table.from_unit(unit)
    for column, parameter in enumerate(table.parameters):
        assert points[:, column].tolist() == parameter.prior.quantile(unit[:, column]).tolist()
    densities = sum(p.prior.log_density(points[:, c]) for c, p in enumerate(table.parameters))
    np.testing.assert_allclose(table.log_density(points), densities, rtol=1e-12)
    assert table.log_density(points[0]).shape == ()


def test_every_whole_number_of_a_scenario_stays_one():
    text = HALL.replace("range = [12, 20]", "range = [5, 20]").replace("range = [40, 40]", "range = [20, 80]")
    text = text.replace('every = "30 min"\ncapacity = 6', 'count = 7\nlongest = "3 h"').replace(
        '"timetables.shuttle" = { kind = "assumed", range = ["1 a day", "5 a day"]',
        '"timetables.shuttle.count" = { kind = "assumed", range = [2, 20]',
    )
    table = parameter_table(compose_text(text, name="small.toml"))
    vector = [value * 1.3 for value in table.base]
    moved = table.applied("small", vector).scenario
    assert (moved.pools["desk"].room, moved.timetables["shuttle"].count) == (12, 9)
    assert moved.timetables["signing"].capacity == 52


def test_a_pools_room_is_no_number_of_servers():
    entry = '"pools.desk" = { kind = "assumed", range = [1, 12], why = "Guess." }\n"pools.desk.servers"'
    text = HALL.replace('"pools.desk.servers"', entry.partition("\n")[0] + '\n"pools.other.servers"').replace(
        "office = { servers = 2 }", "office = { servers = 2 }\nother = { servers = 1 }"
    )
    text = "\n".join(line for line in text.splitlines() if not line.startswith('"pools.desk.room"'))
    places = entries_with_places(compose_text(text, name="small.toml"))["pools.desk"][1]
    assert [place.path for place in places] == [("pools", "desk", "servers")]


def test_a_whole_number_is_rounded_half_up_and_never_below_its_least():
    place = Place(("pools", "desk", "servers"), 5, 5, least=2)
    for factor, number in ((0.1, 2), (0.49, 2), (0.5, 3), (0.69, 3), (0.7, 4), (1.0, 5), (1.09, 5), (1.1, 6)):
        assert place.override(factor) == ("pools.desk.servers", number), factor
    assert Place(("a", "share"), 0.5, 0.5).override(0.5) == ("a.share", 0.25)


def test_ends_of_ranges_are_in_the_smallest_unit():
    for end, value in (("2 min", 120_000), ("1 h", 3_600_000), ("3 working days", 3), ("2 a day", 10), (0.25, 0.25)):
        assert end_of_range(end) == value


def test_a_prior_is_worked_by_hand():
    """PERT 0, 1, 4: beta with shapes 2 and 4; lognormal 1 to 100: median 10, and ln 10 / 1.6449 its spread."""
    pert = Prior("pert", 0.0, 1.0, 4.0)
    assert float(pert.cdf(2.0)) == pytest.approx(1 - 0.5**4 * (1 + 5) / 2**1, rel=1e-9)
    assert float(pert.log_density(2.0)) == pytest.approx(np.log(20 * 0.5 * 0.5**3 / 4))
    wide = Prior.of_range(1.0, 100.0, bounded=False)
    assert wide.sd == pytest.approx(wide.mean * np.sqrt(np.exp((np.log(10) / 1.6448536269514722) ** 2) - 1))
    assert Prior.of_range(1.0, 10.0, bounded=False).family == "lognormal"
    assert Prior.of_range(1.0, 9.99, bounded=False).family == "pert"
