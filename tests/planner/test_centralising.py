"""The dial of centralisation: numbers of sections, authority, windows and places, each by its own levers."""

import pytest
from cases import for_each

from foundation.errors import HallplanError
from planner.centralising import Dial, centralised, section_merges, sections_of
from planner.load import offered_load
from scenarios.compose.composing import composed

BEFORE, AFTER = "honghuagang-2013", "honghuagang-2014"
SECTIONS = ["section-a", "section-a-x", "section-a-y", "section-b", "section-b-x", "section-c", "section-d"]


@pytest.fixture(scope="module")
def before():
    return composed(BEFORE)


@for_each(
    "number, merges",
    [
        (7, {}),
        (6, {"section-a-x": "section-a"}),
        (5, {"section-a-x": "section-a", "section-a-y": "section-a"}),
        (4, {"section-a-x": "section-a", "section-a-y": "section-a", "section-b-x": "section-b"}),
    ],
)
def test_sections_of_one_bureau_go_together_first(number, merges):
    assert section_merges(SECTIONS, number) == merges


@for_each("number, groups", [(3, ["a", "b", "c d"]), (2, ["a b", "c d"]), (1, ["a b c d"])])
def test_then_bureaux_side_by_side_go_together(number, groups):
    merges = section_merges(SECTIONS, number)
    for group in groups:
        head, *others = [f"section-{name}" for name in group.split()]
        assert head not in merges
        assert [merges[other] for other in others] == [head] * len(others)


@for_each("number", [0, 8, -1])
def test_an_impossible_number_of_sections_is_refused(number):
    with pytest.raises(HallplanError, match=f"{number} sections are not possible: the hall has 7"):
        section_merges(SECTIONS, number)


@for_each("number, merged", [(46, False), (33, False), (20, True), (7, True), (1, True)])
def test_any_number_of_sections_can_be_had(before, number, merged):
    hall = centralised(before, Dial(sections=number))
    assert len(sections_of(hall)) == number
    assert ("merge-sections" in hall.scenario.levers) == merged, "what one section decides is not countersigned"
    assert offered_load(hall.scenario).overloaded == ()


@for_each(
    "dial, levers",
    [
        (Dial(), []),
        (Dial(authority="none", windows="own"), []),
        (Dial(authority="partial"), ["delegate-in-part"]),
        (Dial(authority="full", windows="field"), ["delegate-sign-off", "windows-by-field"]),
        (Dial(in_hall=True, windows="any"), ["co-locate-reviewers", "pooled-windows"]),
        (Dial(items_out=12), ["decentralise"]),
    ],
)
def test_each_part_of_a_setting_pulls_its_lever(before, dial, levers):
    assert [use.partition(":")[0] for use in centralised(before, dial).scenario.levers] == levers


def test_items_that_move_are_neither_lost_nor_made(before):
    def per_day(hall, name):
        return hall.scenario.arrivals[name].per_day

    moved = centralised(before, Dial(items_in=10, items_out=18))
    assert per_day(moved, "instant") == pytest.approx(per_day(before, "instant") + 10 - 18)
    assert per_day(moved, "reported") == pytest.approx(per_day(before, "reported") - 10)
    for number in range(1, 7):
        name = f"sub-centre-{number}"
        assert per_day(moved, name) == pytest.approx(per_day(before, name) + 3)


def test_more_items_than_there_are_outside_are_refused(before):
    for items in (-1, 1_000):
        with pytest.raises(HallplanError, match=f"{items} items a day cannot move in: 53 are handled outside"):
            centralised(before, Dial(items_in=items))
    with pytest.raises(HallplanError, match="0 are handled outside"):
        centralised(composed(AFTER), Dial(items_in=1))


def test_what_a_scenario_has_is_not_pulled_again():
    after = composed(AFTER)
    assert centralised(after, Dial(sections=20, in_hall=True, authority="full")).scenario == after.scenario


def test_a_scenario_that_is_further_on_is_refused():
    with pytest.raises(HallplanError, match=r"already has the lever delegate-sign-off, which goes further than “none”"):
        centralised(composed(AFTER), Dial(authority="none"))


def test_a_hall_without_sections_is_refused():
    with pytest.raises(HallplanError, match="the hall has 0"):
        centralised(composed("township-desk"), Dial(sections=1))
