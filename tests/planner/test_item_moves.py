"""Items of the catalogue that move into the hall or out of it: which, how many visits, by which way, at what cost."""

import pytest
from cases import for_each

from foundation import messages
from foundation.errors import HallplanError
from planner.item_choice import choose_inside, choose_outside, items_inside, items_outside
from planner.item_moves import moved_in, moved_out
from scenarios.catalogue.reading import built_in_catalogue
from scenarios.compose.composing import compose_table, composed
from scenarios.compose.writing import to_toml
from scenarios.provenance import sourced

BEFORE, AFTER = "honghuagang-2013", "honghuagang-2014"
OUTSIDE = 13_582
"""Cases in the catalogue of the instant items outside the hall, added up by hand."""
INSTANT = 80_261
"""Those of the instant items in the hall."""


@pytest.fixture(scope="module")
def before():
    return composed(BEFORE)


def demand(hall):
    """Return the visits a day for each service, over all sources."""
    total = {}
    for source in hall.scenario.arrivals.values():
        for service, weight in source.services.items():
            rate = (source.per_day or 0) * weight / sum(source.services.values())
            total[service] = total.get(service, 0) + rate
    return total


def names(items):
    return [placed.name for placed in items]


def unsourced(hall):
    return [number.path for number in sourced(hall.scenario, hall.raw) if number.kind is None]


# ---- which items ----


def test_the_bureaux_settle_fifteen_instant_items_with_all_visits_of_their_counters(before):
    items = items_outside(before.scenario)
    catalogue = built_in_catalogue().items
    expected = [
        f"item-{row}"
        for row, item in enumerate(catalogue, 1)
        if (item.place, item.item_class) == ("outside", "instant")
    ]
    assert names(items) == expected
    assert sum(placed.per_day for placed in items) == pytest.approx(53)


def test_an_item_has_its_share_of_the_volume(before):
    by_name = {placed.name: placed for placed in items_outside(before.scenario)}
    assert by_name["item-108"].item.title.en == "Residence permit"
    assert by_name["item-108"].per_day == pytest.approx(53 * 2580 / OUTSIDE)
    inside = {placed.name: placed.per_day for placed in items_inside(before.scenario)}
    assert inside["item-1"] == pytest.approx(118 * 3780 / INSTANT), "registration of an individual business"


def test_items_inside_are_instant_or_committed(before):
    classes = {placed.item.item_class for placed in items_inside(before.scenario)}
    assert classes == {"instant", "committed"}


@for_each(
    "text, expected",
    [
        ("Residence permit", ["item-108"]),
        ("residence PERMIT", ["item-108"]),
        ("居住证办理", ["item-108"]),
        ("item-108", ["item-108"]),
        ("Residence permit; Filing of employment", ["item-62", "item-108"]),
        ("居住证办理；劳动用工备案；", ["item-62", "item-108"]),
        ("department:Commerce", ["item-224", "item-226"]),
        ("department: 商务局", ["item-224", "item-226"]),
        ("busiest:3", ["item-12", "item-108", "item-216"]),
        ("busiest:1; department:商务局; 居住证办理", ["item-12", "item-108", "item-224", "item-226"]),
    ],
)
def test_items_are_chosen_by_title_department_or_volume(before, text, expected):
    assert names(choose_outside(text, before.scenario)) == expected


@for_each(
    "text, sentence",
    [
        ("Residence permits", "has no item Residence permits: did you mean Residence permit"),
        ("居住证", "has no item 居住证: did you mean 居住证办理"),
        ("Marriage registration", "Marriage registration cannot move in, because only instant items at"),
        ("item-231", "item-231 cannot move in, because only instant items at"),
        ("item-233", "has no item item-233"),
        ("department:Comerce", "has no department Comerce: did you mean Commerce"),
        ("department:Finance", "The department Finance has no item at a counter outside the hall: use one of Industry"),
        ("busiest:16", "The 16 busiest items cannot move in: 15 are handled"),
        ("busiest:0", "The 0 busiest items cannot move in"),
        ("busiest:many", "The many busiest items cannot move in"),
        (" ; ", "No item is named: write titles, department:NAME or busiest:N"),
        ("busiest:", "No item is named"),
        ("department: ", "No item is named"),
    ],
)
def test_items_that_cannot_move_in_are_refused_in_one_sentence(before, text, sentence):
    with messages.using("en"), pytest.raises(HallplanError, match=sentence):
        choose_outside(text, before.scenario)


@for_each(
    "text, sentence",
    [
        ("Residence permit", "Residence permit cannot move out, because only instant and committed items"),
        ("department:Commerce", "The department Commerce has no item that can leave the hall"),
        ("busiest:155", "The 155 busiest items cannot move out: 154 can leave the hall"),
    ],
)
def test_items_that_cannot_move_out_are_refused_in_one_sentence(before, text, sentence):
    with messages.using("en"), pytest.raises(HallplanError, match=sentence):
        choose_inside(text, before.scenario)


def test_a_scenario_without_such_items_is_refused():
    with pytest.raises(HallplanError, match="honghuagang-2014 handles no items outside the hall: none can move in"):
        choose_outside("busiest:1", composed(AFTER).scenario)
    with pytest.raises(HallplanError, match="textbook-mm3 has no service of the catalogue at the hall's windows"):
        choose_inside("busiest:1", composed("textbook-mm3").scenario)


# ---- into the hall ----


@for_each("text", ["busiest:1", "busiest:15", "department:Public security"])
def test_visits_that_move_in_are_neither_lost_nor_made(before, text):
    items = choose_outside(text, before.scenario)
    hall = moved_in(before, items)
    expected = demand(before) | {placed.name: placed.per_day for placed in items}
    expected["reported-item"] -= sum(placed.per_day for placed in items)
    assert demand(hall) == pytest.approx(expected, abs=1e-6)
    assert unsourced(hall) == unsourced(before)


def test_an_item_goes_the_way_of_the_halls_service_of_its_kind_and_department(before):
    hall = moved_in(before, choose_outside("Residence permit", before.scenario)).scenario
    item, home = hall.services["item-108"], hall.services["household"]
    assert item.model_copy(update={"title": home.title}) == home
    assert item.title.zh == "居住证办理"
    assert set(hall.pools) == set(before.scenario.pools)


def test_a_department_without_a_window_gets_its_first_which_costs_its_hours(before):
    hall = moved_in(before, choose_outside("department:Agriculture and livestock", before.scenario)).scenario
    window = hall.pools["window-agriculture-and-livestock"]
    assert (window.servers, window.site, window.role, window.cost_per_hour) == (1, "hall", "window", 24)
    assert set(hall.pools) - set(before.scenario.pools) == {"window-agriculture-and-livestock"}
    steps = hall.services["item-216"].visits["apply"]
    counter = before.scenario.services["reported-item"].visits["apply"]["counter"]
    assert (steps["counter"].pool, steps["counter"].work) == ("window-agriculture-and-livestock", counter.work)


def test_what_has_moved_in_cannot_move_again_and_the_others_keep_their_visits(before):
    once = moved_in(before, choose_outside("busiest:2", before.scenario))
    twice = moved_in(once, choose_outside("busiest:1", once.scenario))
    together = moved_in(before, choose_outside("busiest:3", before.scenario))
    assert demand(twice) == pytest.approx(demand(together), abs=1e-6)
    with pytest.raises(HallplanError, match="item-12 cannot move in"):
        choose_outside("item-12", once.scenario)


# ---- out of the hall ----


def places(hall):
    return [name for name in hall.scenario.sites if name.startswith(("sub-centre-", "town-"))]


@for_each("text, towns", [("busiest:2", 0), ("busiest:2", 3), ("Catering licence", 0), ("department:Housing", 2)])
def test_visits_that_move_out_are_neither_lost_nor_made_and_go_in_equal_shares(before, text, towns):
    items = choose_inside(text, before.scenario)
    hall = moved_out(before, items, towns=towns)
    sites = places(hall)
    assert len(sites) == 6 + towns
    expected = demand(before)
    for placed in items:
        expected[placed.service] -= placed.per_day
        expected |= {f"{site}-{placed.name}": placed.per_day / len(sites) for site in sites}
    assert demand(hall) == pytest.approx(expected, abs=1e-6)
    assert unsourced(hall) == unsourced(before)


def test_an_item_keeps_its_steps_and_the_desk_of_the_place_stands_at_them(before):
    (placed,) = choose_inside("item-1", before.scenario)
    hall = moved_out(before, [placed], towns=1).scenario
    own = before.scenario.services["individual-business"].visits["apply"]
    for place in ("sub-centre-1", "town-1"):
        steps = hall.services[f"{place}-item-1"].visits["apply"]
        assert list(steps) == list(own)
        assert {step.pool for step in steps.values() if step.pool is not None} == {f"desk-{place}"}
        assert steps["window"].work == own["window"].work
        assert steps["payment"].skip


def test_a_town_has_its_own_site_source_and_desk_and_desks_can_be_set(before):
    items = choose_inside("busiest:1", before.scenario)
    hall = moved_out(before, items, towns=2, desks=3).scenario
    for place in ("town-1", "town-2"):
        assert hall.sites[place].profile == hall.sites["sub-centre-1"].profile
        assert hall.arrivals[place].site == hall.pools[f"desk-{place}"].site == place
    desks = {name: pool for name, pool in hall.pools.items() if name.startswith("desk-")}
    assert {name: pool.servers for name, pool in desks.items()} == dict.fromkeys(desks, 3)
    assert {pool.cost_per_hour for pool in desks.values()} == {22}


def test_the_courier_takes_files_to_the_hall_and_certificates_back(before):
    (placed,) = choose_inside("Catering licence", before.scenario)
    hall = moved_out(before, [placed], towns=1).scenario
    case = hall.services[f"town-1-{placed.name}"].case
    order = list(case)
    assert order[order.index("accepted") + 1] == "bag"
    assert order[order.index("collect") - 1] == "bag-back"
    assert case["bag"].route == case["bag-back"].route == "town-hand-over"
    assert case["again"].next == "bag", "a file that is supplemented travels again"
    assert hall.timetables["town-courier"].times == hall.timetables["sub-centre-courier"].times
    assert hall.services[f"sub-centre-1-{placed.name}"].case["bag"].route == "sub-centre-hand-over"


def test_a_hall_without_sub_centres_needs_towns():
    raw = {key: value for key, value in composed(BEFORE).raw.items() if key != "levers"}
    for table in ("sites", "pools", "arrivals", "services"):
        raw[table] = {name: entry for name, entry in raw[table].items() if "sub-centre" not in name}
    hall = compose_table(raw, name="hall")
    items = choose_inside("Catering licence", hall.scenario)
    with pytest.raises(HallplanError, match="has no sub-centre: let towns open a desk"):
        moved_out(hall, items)
    opened = moved_out(hall, items, towns=1).scenario
    assert (opened.pools["desk-town-1"].servers, opened.arrivals["town-1"].channel) == (1, "walk-in")


def test_what_has_moved_out_cannot_move_again(before):
    once = moved_out(before, choose_inside("item-1", before.scenario))
    with pytest.raises(HallplanError, match="item-1 cannot move out"):
        choose_inside("item-1", once.scenario)


def test_a_hall_whose_items_have_moved_is_a_file_that_composes_to_itself(before, tmp_path):
    hall = moved_out(
        moved_in(before, choose_outside("busiest:3", before.scenario)), choose_inside("busiest:2", before.scenario)
    )
    file = tmp_path / "hall.toml"
    file.write_text(to_toml(hall.raw), encoding="utf-8")
    assert composed(file).scenario == hall.scenario
