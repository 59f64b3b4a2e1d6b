"""A stated backlog: cases that are open when the measured days begin, with their ages and stages."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from cases import for_each

from foundation.errors import ScenarioError
from scenarios.compose.composing import compose
from sim.draw.drawing import draw
from sim.engine.kernel import run_compiled
from sim.engine.reference import run_reference
from sim.measure import measure
from sim.plan import compile_plan
from sim.program import Kind

HALL = {
    "calendar.hours": "09:00-17:00",
    "calendar.weekend": ["sat", "sun"],
    "run.start": dt.date(2014, 3, 3),  # a Monday
    "run.warm_up_days": 5,
    "run.days": 5,
    "run.follow_up_days": 5,
    "pools.windows": {"servers": 1, "at_close": "keep"},
    "services.item": {
        "kind": "committed",
        "promised_limit": "4 working days",
        "visits": {"apply": {"file": {"start_case": True}}},
        "case": {
            "look": {"delay": "1 working days"},
            "review": {"pool": "windows", "work": "2 h"},
            "finished": {"mark": "finished"},
        },
    },
    "arrivals.visitors": {"services": "item", "at": ["10:00"]},
}
"""One office with one reviewer, 2 h a case, and one application a day at ten."""


def hall(**backlog):
    return compose("textbook-mm3", overrides=HALL | {"backlog": {"today": {"service": "item"} | backlog}})


def run(scenario, *, engine=run_compiled):
    program, plan = draw(scenario, 1, 0), compile_plan(scenario)
    return measure(scenario, program, plan, engine(program, plan))


def moments(metrics, column):
    """Return when something happened to the cases, as text, in order of acceptance."""
    when = pd.Timestamp(2014, 3, 3) + pd.to_timedelta(getattr(metrics.case_table, column), unit="ms")
    return [f"{one:%a %d %H:%M}" for one in when]


def test_cases_go_on_at_their_stage_and_count_their_days_from_their_acceptance():
    # The measured days begin on Monday 10.  Accepted three working days before: Wednesday 5, and one: Friday 7, at
    # nine.  Both lie before the reviewer on Monday at nine: finished at 11 and at 13.  Statutory days are those after
    # the day of acceptance: 6, 7, 10 are three, and 10 is one.
    metrics = run(hall(stage="review", ages={"3": 1, "1": 1}))
    cases = metrics.case_table
    assert moments(metrics, "opened")[:2] == ["Wed 05 09:00", "Fri 07 09:00"]
    assert moments(metrics, "accepted")[:2] == moments(metrics, "opened")[:2]
    assert moments(metrics, "closed")[:2] == ["Mon 10 11:00", "Mon 10 13:00"]
    assert cases.statutory_days[:2].tolist() == [3, 1]
    assert cases.in_cohort[:2].tolist() == [False, False]


def test_without_a_stage_they_are_at_the_beginning():
    # "look" takes one working day, from midnight before the first measured day: Tuesday at midnight; then 9 to 11
    metrics = run(hall(ages={"2": 1}))
    assert moments(metrics, "closed")[0] == "Tue 11 11:00"


def test_the_days_before_are_history_in_which_nobody_comes():
    metrics = run(hall(ages={"5": 2}))
    opened = moments(metrics, "opened")
    assert opened[:3] == ["Mon 03 09:00", "Mon 03 09:00", "Mon 10 10:00"]
    assert len(opened) == 2 + 10
    assert metrics.summary["cases_measured.item"] == 5


def test_open_cases_begin_with_the_backlog_and_those_that_finish_are_finished_items():
    # Monday: four of 2 h each are done by 17:00, the application of ten o'clock looks for a day: 6 + 1 - 4 = 3 open.
    # Tuesday: two done by 13:00, then Monday's application by 15:00: 3 + 1 - 3 = 1, and so on.
    metrics = run(hall(stage="review", ages={"4": 6}))
    assert metrics.open_cases["open"].tolist() == [3, 1, 1, 1, 1]
    assert metrics.summary["items_finished_per_day"] == pytest.approx((4 + 3 + 1 + 1 + 1) / 5)
    # The trips of those from before are not known, and each of the others took one.
    assert metrics.summary["trips_per_item"] == 1
    assert metrics.summary["trips_per_item:den"] == 4


def test_which_of_the_backlog_keep_their_limit_can_be_told():
    # Promised in 4 working days.  Accepted on Tuesday 4 (age 4): day 4 is Monday 10, when four of the six are done.
    metrics = run(hall(stage="review", ages={"4": 6}))
    kept, late = metrics.case_table.within(metrics.case_table.promised)
    backlog = metrics.case_table.accepted < metrics.table.window.begin
    assert (kept[backlog].sum(), late[backlog].sum()) == (4, 2)


def test_a_backlog_goes_by_due_date_where_the_pool_does():
    # The younger case is listed first in the file, but its due date is later.
    due = compose(
        "textbook-mm3",
        overrides=HALL
        | {
            "pools.windows": {"servers": 1, "at_close": "keep", "discipline": "due-date"},
            "backlog": {
                "young": {"service": "item", "stage": "review", "ages": {"1": 1}},
                "old": {"service": "item", "stage": "review", "ages": {"5": 1}},
            },
        },
    )
    metrics = run(due)
    assert moments(metrics, "opened")[:2] == ["Mon 03 09:00", "Fri 07 09:00"]
    assert moments(metrics, "closed")[:2] == ["Mon 10 11:00", "Mon 10 13:00"]


def test_both_engines_agree_on_a_backlog():
    scenario = hall(stage="review", ages={"1": 3, "4": 2})
    program, plan = draw(scenario, 1, 0), compile_plan(scenario)
    reference, compiled = run_reference(program, plan), run_compiled(program, plan)
    assert (reference.rows == compiled.rows).all()
    assert (reference.ended == compiled.ended).all()
    assert (reference.in_service == compiled.in_service).all()


def test_a_case_of_the_backlog_may_call_its_applicant():
    calls = HALL | {
        "services.item.visits.supplement": {"hand-in": {"pool": "windows", "work": "10 min"}},
        "services.item.case": {
            "ask": {"visit": "supplement", "after": "1 working days"},
            "finished": {"mark": "finished"},
        },
        "backlog": {"today": {"service": "item", "stage": "ask", "ages": {"2": 3}}},
    }
    metrics = run(compose("textbook-mm3", overrides=calls))
    visits = metrics.visits
    assert (visits["source"] == "backlog/today").sum() == 3
    assert (metrics.case_table.closed[:3] > metrics.table.window.begin).all()


def test_everybody_else_is_the_same_person_with_and_without_a_backlog():
    busy = {"arrivals.visitors": {"services": "item", "per_day": 20}}
    plain = compose("textbook-mm3", overrides=HALL | busy)
    with_backlog = compose(
        "textbook-mm3", overrides=HALL | busy | {"backlog": {"today": {"service": "item", "ages": {"1": 5}}}}
    )
    begin = 7 * 86_400_000
    first, second = (draw(one, 3, 0) for one in (plain, with_backlog))
    coming = [
        p.entities["start"][(p.entities["start"] >= begin) & (p.entities["kind"] == Kind.VISIT)]
        for p in (first, second)
    ]
    assert (coming[0] == coming[1]).all()
    assert coming[0].size > 100
    assert (second.entities["start"] < begin).sum() - (second.entities["start"] < 0).sum() == 5


@for_each(
    ("wrong", "key", "where"),
    [
        ({"ages": {"6": 1}}, "error.backlog_too_old", "backlog.today.ages"),
        ({"ages": {"0": 1}}, "error.bad_age", "backlog.today.ages"),
        ({"ages": {"1.5": 1}}, "error.bad_age", "backlog.today.ages"),
        ({"service": "itme", "ages": {"1": 1}}, "error.unknown_name", "backlog.today.service"),
        ({"stage": "reviw", "ages": {"1": 1}}, "error.unknown_name", "backlog.today.stage"),
        ({"site": "annex", "ages": {"1": 1}}, "error.unknown_name", "backlog.today.site"),
        ({"service": "advice", "ages": {"1": 1}}, "error.backlog_without_case", "backlog.today.service"),
    ],
)
def test_a_backlog_that_can_not_be_is_refused_with_its_place(wrong, key, where):
    advice = {"services.advice": {"visits": {"enquire": {"ask": {"pool": "windows", "work": "5 min"}}}}}
    with pytest.raises(ScenarioError) as failure:
        compose("textbook-mm3", overrides=HALL | advice | {"backlog": {"today": {"service": "item"} | wrong}})
    assert failure.value.key == key
    assert failure.value.path.startswith(where)
    assert failure.value.sentence("zh") != failure.value.sentence("en")


def test_an_empty_backlog_of_ages_is_refused():
    with pytest.raises(ScenarioError):
        hall(ages={})


def test_a_group_of_no_cases_is_nothing():
    metrics = run(hall(ages={"1": 0}))
    assert np.all(metrics.case_table.opened >= metrics.table.window.begin)
