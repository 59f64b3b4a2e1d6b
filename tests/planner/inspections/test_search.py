"""Places of inspection teams by hand: six cases every Monday, one departure a day."""

import pytest
from inspected_hall import HALL, SECOND_TEAM

import hallplan
from foundation.errors import HallplanError
from planner.inspections.search import Effort
from planner.inspections.teams import inspection_teams, joint_fault, with_one_list
from scenarios.compose.composing import compose_text


def hall(more="", **overrides):
    values = {path.replace("__", "."): value for path, value in overrides.items()}
    return compose_text(HALL + more, name="inspected.toml", overrides=values).scenario


def find(scenario, **options):
    return hallplan.inspections(scenario, workers=1, **options)


def test_all_of_a_weeks_cases_are_in_time_with_a_place_for_each():
    # Accepted on Monday at ten past ten, they go out on Tuesday at nine: with six places all, with fewer not.
    (answer,) = find(hall()).teams
    listed, accepted = answer.answer("listed"), answer.answer("accepted")
    assert (listed.outcome, listed.certified.places, listed.certified.share) == ("certified", 6, 1.0)
    assert (accepted.outcome, accepted.certified.places) == ("certified", 6)
    assert [judged.share for judged in listed.tried] == [0, 0, 0, 0, 1, 1, 1, 1]  # 2 to 9 places
    assert answer.team.teams_for(6) == 3  # two places go with one team


def test_half_of_the_cases_need_half_of_the_places():
    (answer,) = find(hall(), cases=0.5).teams
    assert answer.answer("listed").certified.places == 3


def test_by_the_third_day_two_departures_share_the_cases():
    (answer,) = find(hall(), day=3).teams
    assert answer.answer("listed").certified.places == 3


def test_teams_that_go_out_on_fridays_only_are_out_of_reach_whatever_their_places():
    (answer,) = find(hall(**{"timetables__food-list__days": ["fri"]})).teams
    listed = answer.answer("listed")
    assert (listed.outcome, listed.certified, listed.ceiling.share) == ("out_of_reach", None, 0.0)


def test_days_before_the_list_count_from_acceptance_only():
    slow = {"services__licence__case__review": {"delay": "1 working days", "after_step": "accepted"}}
    (answer,) = find(hall(**slow)).teams
    assert answer.answer("accepted").outcome == "out_of_reach"
    assert answer.answer("listed").certified.places == 6


def test_one_list_serves_two_teams_whose_cases_come_on_different_days():
    # Six on Tuesday and six on Thursday: apart six places each, together six.
    result = find(hall(SECOND_TEAM))
    assert [team.answer("listed").certified.places for team in result.teams] == [6, 6]
    assert result.joint is not None
    assert result.joint.answer("listed").certified.places == 6
    assert result.saved_per_day() == 6


def test_teams_that_go_out_at_different_times_share_no_list():
    scenario = hall(SECOND_TEAM, **{"timetables__fire-list__times": ["14:00"]})
    assert joint_fault(scenario, inspection_teams(scenario)) == "times"
    assert joint_fault(hall(), inspection_teams(hall())) == "single"


def test_one_list_keeps_the_people_of_all_teams():
    scenario = hall(SECOND_TEAM)
    together, joint = with_one_list(scenario, inspection_teams(scenario))
    assert (joint.places, joint.teams, joint.wanted) == (4, 2, pytest.approx(12 / 5))
    assert together.pools["food"].servers == 2
    assert together.pools["fire"].merge_into == "food"


def test_a_hall_without_teams_is_one_sentence():
    with pytest.raises(HallplanError) as fault:
        find(hall(pools__food__role="section"))
    assert fault.value.key == "inspections.error.no_team"


def test_a_certificate_takes_three_times_the_weeks_without_a_failure():
    # One team, two counts, first attempt: alpha / 4 = 0.0125. ln 0.0125 / ln 0.95 = 85.4 weeks, ten a replication.
    assert Effort().check(hall(), 0.95, 1) == 26
