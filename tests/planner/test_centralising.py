"""The dial of centralisation: numbers of sections, authority, windows and places, each by its own levers."""

import pytest
from cases import for_each

from foundation import messages
from foundation.errors import HallplanError
from planner.centralising import Dial, centralised, dial_path, dial_title, dial_titles, section_merges, sections_of
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
    ],
)
def test_each_part_of_a_setting_pulls_its_lever(before, dial, levers):
    assert [use.partition(":")[0] for use in centralised(before, dial).scenario.levers] == levers


def test_the_parts_of_a_setting_go_together(before):
    hall = centralised(
        before, Dial("busiest:3", sections=1, in_hall=True, authority="full", windows="any", items_out="busiest:1")
    ).scenario
    assert {"item-12", "item-108", "item-216", "sub-centre-1-item-20"} <= set(hall.services)
    window = hall.pools["window-agriculture-and-livestock"]
    assert window.merge_into == "general-windows", "a window that came with an item is pooled as any other"


def test_a_path_adds_one_part_after_the_other_and_ends_at_the_setting():
    dial = Dial("busiest:1", sections=20, windows="any", items_out="busiest:1", towns=2, desks=3)
    path = dial_path(dial)
    assert path == [
        Dial("busiest:1"),
        Dial("busiest:1", sections=20),
        Dial("busiest:1", sections=20, windows="any"),
        dial,
    ]
    assert dial_path(Dial()) == []


@for_each(
    "language, titles, together",
    [
        ("en", ["1. 20 sections", "2. full authority"], "20 sections, full authority"),
        ("zh", ["1. 20 个科室", "2. 充分授权"], "20 个科室、充分授权"),
    ],
)
def test_a_setting_is_called_by_its_parts_and_a_step_by_what_it_adds(language, titles, together):
    dial = Dial(sections=20, authority="full")
    with messages.using(language):
        assert dial_titles(dial_path(dial)) == titles
        assert dial_title(dial) == together
        assert dial_title(Dial(sections=1)) == messages.text("centralise.step.seal")


@for_each("language, title", [("en", "one town, one desk at each place"), ("zh", "1 个乡镇、每处 1 个窗口")])
def test_one_town_is_no_plural(language, title):
    with messages.using(language):
        assert dial_title(Dial(towns=1, desks=1)) == title


@for_each(
    "setting, sentence",
    [
        ({"towns": 2}, "Towns and desks need items: say which move out"),
        ({"desks": 2}, "Towns and desks need items: say which move out"),
        ({"items_out": "busiest:1", "towns": 51}, "51 towns are not possible: choose from 0 to 50"),
        ({"items_out": "busiest:1", "desks": 0}, "0 desks are not possible: choose from 1 to 100"),
        ({"sections": 47}, "47 sections are not possible: the hall has 46"),
    ],
)
def test_an_impossible_setting_is_refused_in_one_sentence(before, setting, sentence):
    with pytest.raises(HallplanError, match=sentence):
        centralised(before, Dial(**setting))


def test_what_a_scenario_has_is_not_pulled_again():
    after = composed(AFTER)
    assert centralised(after, Dial(sections=20, in_hall=True, authority="full")).scenario == after.scenario


def test_a_scenario_that_is_further_on_is_refused():
    with pytest.raises(HallplanError, match=r"already has the lever delegate-sign-off, which goes further than “none”"):
        centralised(composed(AFTER), Dial(authority="none"))


def test_a_hall_without_sections_is_refused():
    with pytest.raises(HallplanError, match="township-desk has no approval sections: it needs pools called section-"):
        centralised(composed("township-desk"), Dial(sections=1))
