"""What no single table can know: endless loops, visits that bring visits about, volume, and soft findings."""

import datetime as dt

import numpy as np
import pytest
from cases import for_each
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_scenarios import SMALL, scenarios

from foundation.errors import ScenarioError
from scenarios.check import MOST_PASSES, expected_arrivals, warnings
from scenarios.compose.composing import compose_text, composed
from scenarios.compose.writing import to_toml
from scenarios.model import Step
from scenarios.routes import Loop, expected_passes, zero_time_loop

BASE = compose_text(SMALL, name="small")
NEGATIVE = {"dist": "uniform", "low": "-5 min", "high": "20 min"}


def route(**steps):
    return {name: Step.model_validate(step) for name, step in steps.items()}


def delay(**more):
    return {"delay": "1 h", **more}


def changed(**overrides):
    return BASE.changed(overrides={path.replace("__", "."): value for path, value in overrides.items()}).scenario


def found(scenario):
    findings = list(warnings(scenario))
    # Every finding can be said: its words have all the values that they need.
    assert all(finding.sentence(language) for finding in findings for language in ("en", "zh"))
    return {(finding.key, finding.path) for finding in findings}


# ---- loops -----------------------------------------------------------------------------------------------------------


def test_a_step_that_sends_a_share_back_is_passed_a_geometric_number_of_times():
    expected = expected_passes(route(work=delay(), check=delay(next={"work": 0.75, "end": 0.25})))
    assert expected == pytest.approx({"work": 4, "check": 4})


def test_a_share_sends_back_only_those_who_take_the_step():
    expected = expected_passes(route(work=delay(), again=delay(share=0.2, next="work"), done={"mark": "finished"}))
    assert expected == pytest.approx({"work": 1.25, "again": 1.25, "done": 1})


def test_a_step_that_is_skipped_sends_nobody_back():
    assert expected_passes(route(work=delay(), again=delay(skip=True, next="work")))["work"] == 1


def test_who_misses_the_call_and_leaves_goes_no_further():
    step = {"pool": "p", "work": "1 min", "absent": {"share": 0.3, "call": "1 min", "then": "leave"}}
    assert expected_passes(route(window=step, next=delay()))["next"] == pytest.approx(0.7)


def test_a_loop_without_a_way_out_is_named_even_behind_a_way_in():
    with pytest.raises(Loop) as caught:
        expected_passes(route(enter=delay(share=0.5, next="a"), out=delay(next="end"), a=delay(), b=delay(next="a")))
    assert caught.value.names == ["a", "b"]


@settings(max_examples=60)
@given(st.data(), st.integers(2, 6))
def test_expected_passes_solve_the_balance_of_flows(data, size):
    """In equals out at every step, for random routes that go back and forth."""
    names = [f"s{k}" for k in range(size)]
    steps = {}
    for name in names:
        targets = data.draw(st.lists(st.sampled_from([*names, "end"]), min_size=1, max_size=3, unique=True))
        weights = np.array([data.draw(st.integers(1, 9)) for _ in targets], dtype=float)
        shares = dict(zip(targets, (weights / weights.sum()).tolist(), strict=True))
        steps[name] = delay(next=shares, share=data.draw(st.sampled_from([0.3, 0.7, 1.0])))
    table = route(**steps)
    try:
        expected = expected_passes(table)
    except Loop:
        return
    flow = dict.fromkeys([*names, "end"], 0.0) | {names[0]: 1.0}
    for index, name in enumerate(names):
        following = names[index + 1] if index + 1 < size else "end"
        step = table[name]
        flow[following] += expected[name] * (1 - step.share)
        for target, share in step.next.items():
            flow[target] += expected[name] * step.share * share
    assert flow["end"] == pytest.approx(1, rel=1e-6)
    assert {name: flow[name] for name in names} == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_the_bound_on_passes_is_where_it_says():
    def looped(back):
        steps = {"work": delay(), "check": delay(next={"work": back, "end": 1 - back})}
        return BASE.changed(overrides={"services.licence.case": steps, "services.*.visits.apply.file.skip": True})

    looped(1 - 1.01 / MOST_PASSES)
    with pytest.raises(ScenarioError) as caught:
        looped(1 - 0.99 / MOST_PASSES)
    assert caught.value.key == "error.loop_too_long"
    assert "work -> check -> work" in caught.value.sentence("en")


@for_each(
    ("steps", "loop"),
    [
        ({"a": {"mark": "decided"}, "b": {"next": {"a": 0.5, "end": 0.5}}}, ["a", "b"]),
        ({"a": {"delay": "0 min"}, "b": {"next": {"a": 0.5, "end": 0.5}}}, ["a", "b"]),
        ({"a": delay(share=0.5), "b": {"next": {"a": 0.5, "end": 0.5}}}, ["a", "b"]),
        ({"a": {"visit": "collect", "wait": False}, "b": {"next": {"a": 0.5, "end": 0.5}}}, ["a", "b"]),
        ({"a": delay(), "b": {"next": {"a": 0.5, "end": 0.5}}}, []),
        ({"a": {"fork": {"x": "sign-off"}}, "b": {"next": {"a": 0.5, "end": 0.5}}}, []),
        ({"a": {"mark": "decided"}, "b": delay(next={"a": 0.5, "end": 0.5})}, []),
        ({"a": {"mark": "decided"}, "b": {"mark": "finished"}}, []),
    ],
)
def test_a_loop_in_which_no_time_passes_is_found(steps, loop):
    assert zero_time_loop(BASE.scenario, route(**steps)) == loop


def test_visits_that_bring_visits_about_may_not_do_so_for_ever():
    def again(share):
        steps = {"a": {"pool": "desk", "work": "1 min"}, "b": {"visit": "supplement", "share": share}}
        return changed(services__question__visits__supplement=steps)

    assert again(0.9)
    with pytest.raises(ScenarioError) as caught:
        again(1.0)
    assert caught.value.key == "error.visits_endless"
    assert "supplement -> supplement" in caught.value.sentence("en")


def test_a_visit_and_its_case_that_bring_one_another_about_are_found():
    steps = {
        "services.licence.visits.supplement": {"file": {"start_case": True}},
        "services.licence.case.missing": {"visit": "supplement", "before_step": "finished"},
    }
    with pytest.raises(ScenarioError) as caught:
        BASE.changed(overrides=steps)
    assert caught.value.key == "error.visits_endless"
    assert "case" in caught.value.sentence("zh")


def test_routes_that_lead_through_one_another_stop_at_a_depth():
    chain = {f"routes.r{k}": {"go": {"route": f"r{k + 1}"}} for k in range(40)}
    with pytest.raises(ScenarioError) as caught:
        BASE.changed(overrides={**chain, "routes.r40": {"go": {"delay": "1 h"}}})
    assert caught.value.key == "error.routes_too_deep"


def test_a_route_of_very_many_steps_is_refused():
    with pytest.raises(ScenarioError) as caught:
        BASE.changed(overrides={"routes.long": {f"s{k}": {"delay": "1 h"} for k in range(1_001)}})
    assert caught.value.key == "error.route_too_long"


# ---- who may do what -------------------------------------------------------------------------------------------------


@for_each(
    ("overrides", "key", "path"),
    [
        (
            {"services.licence.case.review.absent": {"share": 0.1, "call": "1 min"}},
            "only_for_visitors",
            "services.licence.case.review.absent",
        ),
        ({"routes.sign-off.sign.patience": "1 h"}, "only_for_visitors", "routes.sign-off.sign.patience"),
        ({"pools.section.room": 3}, "only_for_visitors", "pools.section.room"),
        (
            {"services.licence.case.again": {"start_case": True}},
            "case_in_case",
            "services.licence.case.again.start_case",
        ),
        ({"pools.section.at_close": "serve"}, "pause_and_serve", "pools.section.at_break"),
        ({"pools.window.at_break": "pause"}, "pause_and_serve", "pools.window.at_break"),
        ({"services.empty": {"kind": "instant"}}, "no_visits", "services.empty.visits"),
        ({"services.licence.case.split": {"fork": {}}}, "fork_empty", "services.licence.case.split.fork"),
        ({"sites": {}}, "no_sites", "sites"),
        ({"arrivals.questions.every": "0 min"}, "arrival_needs_one_process", "arrivals.questions"),
        ({'provenance."a..b"': {"kind": "published", "source": "x"}}, "bad_path", "provenance"),
    ],
)
def test_what_the_tables_say_of_one_another_must_fit(overrides, key, path):
    with pytest.raises(ScenarioError) as caught:
        BASE.changed(overrides=overrides)
    assert (caught.value.key, caught.value.path) == (f"error.{key}", path)


@for_each(
    "overrides",
    [
        {"pools.window.at_break": "pause", "pools.window.at_close": "keep"},
        {"pools.window.room": 3},
        {"pools.window.preemptive": True, "pools.window.discipline": "due-date"},
        {"services.licence.visits.apply.window.patience": "20 min"},
        {
            "services.licence.visits.apply.both": {
                "order": "sequential",
                "fork": {"x": {"w": {"pool": "desk", "work": "1 min", "patience": "9 min"}}},
            }
        },
        {"arrivals.questions.comes_back": {"after": "1 working days"}},
        {"arrivals.questions.batch": {"values": [1, 2], "shares": [0.9, 0.1]}},
    ],
)
def test_what_fits_is_let_through(overrides):
    assert BASE.changed(overrides=overrides).scenario != BASE.scenario


def test_a_part_of_a_visit_that_runs_beside_it_can_not_leave_a_queue():
    fork = {"x": {"w": {"pool": "desk", "work": "1 min", "patience": "9 min"}}}
    with pytest.raises(ScenarioError) as caught:
        BASE.changed(overrides={"services.licence.visits.apply.both": {"fork": fork}})
    assert caught.value.key == "error.only_for_visitors"


def test_lateness_may_be_negative_and_nothing_else():
    slots = {"times": ["09:00"], "lateness": {"dist": "uniform", "low": "-5 min", "high": "10 min"}}
    source = {"services": "question", "purpose": "enquire", "slots": slots}
    assert changed(arrivals__booked=source).arrivals["booked"].slots.lateness.low.value == -300_000
    with pytest.raises(ScenarioError) as caught:
        changed(arrivals__questions__patience=slots["lateness"])
    assert caught.value.key == "error.law_negative"


# ---- volume ----------------------------------------------------------------------------------------------------------


def test_the_number_of_visits_is_known_before_the_run():
    scenario = changed(
        run={"days": 10, "warm_up_days": 5, "follow_up_days": 5},
        demand=2.0,
        arrivals__questions__month={"1": 13.0},
        arrivals__clock={"services": "question", "purpose": "enquire", "every": "7 min"},
        arrivals__booked={
            "services": "question",
            "purpose": "enquire",
            "slots": {"times": ["09:00", "10:00"], "seats": 3, "booked": 0.5},
        },
        arrivals__stated={"services": "question", "purpose": "enquire", "at": ["09:00"], "batch": {"values": [2, 4]}},
    )
    assert expected_arrivals(scenario) == pytest.approx(
        {
            "applications": 20 * 40 * 2,
            "questions": 20 * 30 * 2 * 2,
            "clock": 20 * 2 * 420 / 7,
            "booked": 20 * 3,
            "stated": 20 * 3,
        }
    )


def test_too_many_visits_are_refused_with_their_number():
    with pytest.raises(ScenarioError) as caught:
        changed(run={"days": 25_000}, arrivals__questions__per_day=3_000)
    assert caught.value.key == "error.too_many_arrivals"
    assert "76,000,000" in caught.value.sentence("en")
    assert changed(run={"days": 25_000}, arrivals__questions__per_day=1_000)


@for_each(
    ("overrides", "key", "path", "number"),
    [
        ({"timetables.van": {"every": "2 ms"}}, "too_many_departures", "timetables.van.every", "43,200,0"),
        (
            {f"backlog.b{k}": {"service": "licence", "ages": {"1": 1_000_000}} for k in range(51)},
            "too_large_backlog",
            "backlog",
            "51,000,000",
        ),
        (
            {"arrivals.questions": {"services": "question", "purpose": "enquire", "every": "1 ms"}, "run.days": 10},
            "too_many_arrivals",
            "arrivals.questions.every",
            "252,",
        ),
    ],
)
def test_what_makes_a_run_too_large_is_refused_by_its_key(overrides, key, path, number):
    small = {"run.days": 1, "run.warm_up_days": 1 if "backlog" in path else 0, "run.follow_up_days": 0}
    with pytest.raises(ScenarioError) as caught:
        BASE.changed(overrides=small | overrides)
    assert (caught.value.key, caught.value.path) == (f"error.{key}", path)
    assert number in caught.value.sentence("en")
    assert number in caught.value.sentence("zh")


@for_each(
    "source",
    [
        {"at": []},
        {"at": ["1999-01-04 09:00"]},
        {"slots": {"times": ["09:00"], "days": []}},
        {"slots": {"times": ["09:00"], "no_show": 1.0}},
    ],
)
def test_a_source_without_a_moment_brings_nobody_and_the_check_says_so(source):
    asked = {"services": "question", "purpose": "enquire"} | source
    scenario = BASE.changed(overrides={"arrivals.questions": asked}).scenario
    assert ("warning.nobody_comes", "arrivals.questions") in found(scenario)


def test_moments_with_a_date_count_once():
    source = {"services": "question", "purpose": "enquire", "at": ["09:00", "2013-12-31 09:00", "2014-03-04 09:00"]}
    run = {"start": dt.date(2014, 3, 3), "days": 10, "warm_up_days": 0, "follow_up_days": 0}
    scenario = BASE.changed(overrides={"arrivals.questions": source, "run": run}).scenario
    assert expected_arrivals(scenario)["questions"] == 11


# ---- soft findings ---------------------------------------------------------------------------------------------------


CITED = {"kind": "published", "source": "x"}


def test_the_small_scenario_has_no_soft_findings():
    assert warnings(BASE.scenario) == []


@for_each(
    ("overrides", "key", "path"),
    [
        ({"pools.spare": {"servers": 1}}, "unused", "pools"),
        ({"timetables.van": {"times": ["10:00"]}}, "unused", "timetables"),
        ({"routes.detour": {"a": {"delay": "1 h"}}}, "unused", "routes"),
        ({"arrivals.applications.services": "licence"}, "unused", "services"),
        ({"pools.desk.servers": 0}, "nobody_serves", "pools.desk"),
        ({"pools.desk.hours": {"mon": []}}, "nobody_serves", "pools.desk"),
        ({"pools.desk.roster": [{"hours": "09:00-12:00", "servers": 0}]}, "nobody_serves", "pools.desk"),
        ({"pools.desk.roster": [{"hours": "09:00-12:00", "servers": 1}]}, "roster_counts", "pools.desk"),
        ({"services.licence.case.accepted.next": "finished"}, "never_reached", "services.licence.case.review"),
        (
            {"services.licence.visits.apply": {"a": {"pool": "desk", "work": "1 min"}}},
            "case_never_starts",
            "services.licence.case",
        ),
        ({"services.licence.legal_limit": "2 working days"}, "promise_beyond_law", "services.licence.promised_limit"),
        ({"arrivals.questions.per_day": 0}, "nobody_comes", "arrivals.questions"),
        ({"arrivals": {}}, "no_arrivals", "arrivals"),
        ({"visitors.value_of_hour": 20}, "way_unknown", "sites.hall.travel"),
        ({"sites": {"hall": {"travel": "30 min"}}}, "hour_without_value", "visitors.value_of_hour"),
        (
            {"services.licence.case.review.stops_clock": "on-site-check"},
            "on_site_check",
            "services.licence.case.review.stops_clock",
        ),
        (
            {'provenance."pools.desc.servers"': {"kind": "published", "source": "x"}},
            "source_of_nothing",
            'provenance."pools.desc.servers"',
        ),
        (
            {
                "arrivals.questions.profile": {"default": {"09:00": 1}, "fri": {"10:00": 1}},
                "provenance": {'arrivals.questions.profile.default."11:00"': CITED},
            },
            "source_of_nothing",
            'provenance."arrivals.questions.profile.default.\\"11:00\\""',
        ),
    ],
)
def test_what_is_probably_not_meant_is_found(overrides, key, path):
    assert (f"warning.{key}", path) in found(BASE.changed(overrides=overrides).scenario)


@for_each(
    "overrides",
    [
        {"pools.general": {"servers": 0}, "pools.desk.merge_into": "general"},
        {"pools.lunch": {"servers": 1, "hours": "12:00-13:00", "merge_into": "desk"}},
        {"services.licence.case.review.stops_clock": "on-site-check", "law.on_site_check_stops_clock": True},
        {'provenance."services.*.case.review"': {"kind": "published", "source": "x"}},
        {"sites": {"hall": {"travel": "30 min"}}, "visitors.value_of_hour": 20},
        {"arrivals.web": {"services": "licence", "channel": "online", "per_day": 0}},
        *(
            {
                "arrivals.questions.profile": profile,
                "provenance": {
                    f"arrivals.questions.profile.{key}": {"kind": "published", "source": "x"} for key in keys
                },
            }
            for profile, keys in (
                ({"default": {"09:00": 1}, "fri": {"10:00": 1}}, ("default", "fri", 'default."09:00"', 'fri."10:00"')),
                ({"09:00": 1}, ('"09:00"',)),
            )
        ),
    ],
)
def test_what_is_meant_is_not_found(overrides):
    assert warnings(BASE.changed(overrides=overrides).scenario) == []


def test_the_way_to_a_site_to_which_nobody_comes_is_not_missed():
    overrides = {
        "sites": {"hall": {"travel": "30 min"}, "branch": {}},
        "visitors.value_of_hour": 20,
        "arrivals.branch": {"services": "licence", "site": "branch", "per_day": 0},
    }
    assert found(BASE.changed(overrides=overrides).scenario) == {("warning.nobody_comes", "arrivals.branch")}


@pytest.mark.slow
@settings(max_examples=25)
@given(scenarios())
def test_every_valid_scenario_can_be_looked_through_in_both_languages(raw):
    scenario = compose_text(to_toml(raw), name="random").scenario
    for finding in warnings(scenario):
        assert finding.path in finding.sentence("en")
        assert finding.sentence("zh").isprintable()


@for_each(
    ("source", "keys"),
    [
        ({"every": "7 min", "profile": {"09:00": 1.0}}, ["profile"]),
        ({"every": "7 min", "weekday": {"mon": 2.0}, "month": {"1": 2.0}}, ["weekday", "month"]),
        ({"at": ["09:00"], "day_dispersion": 2.0, "before_holiday": 1.5}, ["before_holiday", "day_dispersion"]),
        ({"slots": {"times": ["09:00"]}, "after_holiday": 1.5}, ["after_holiday"]),
        ({"per_day": 3, "channel": "online", "patience": "20 min"}, []),
        ({"every": "7 min", "profile": {"09:00": 1.0}, "services": "licence", "purpose": "apply"}, ["profile"]),
        ({"per_day": 3, "profile": {"09:00": 1.0}, "patience": "20 min"}, []),
        ({"every": "7 min", "profile": {"09:00": 1.0}, "comes_back": {"after": "1 working days"}}, []),
    ],
)
def test_a_key_of_a_source_without_effect_is_found(source, keys):
    scenario = BASE.changed(
        overrides={"arrivals.questions": {"services": "question", "purpose": "enquire"} | source}
    ).scenario
    without_effect = [path for key, path in found(scenario) if key == "warning.no_effect"]
    assert sorted(without_effect) == sorted(f"arrivals.questions.{key}" for key in keys)


def test_patience_of_an_online_source_has_no_effect_only_where_nobody_queues():
    source = {"services": "papers", "purpose": "apply", "per_day": 3, "channel": "online", "patience": "20 min"}
    queue = {"pool": "window", "work": "1 min"}
    for route, has_effect in (
        ({"file": {"mark": "accepted"}}, False),
        ({"serve": queue | {"skip": True}, "file": {"mark": "accepted"}}, False),
        ({"serve": queue | {"patience": "5 min"}}, False),
        ({"serve": queue}, True),
        ({"file": {"fork": {"part": {"serve": queue}}}}, False),
    ):
        overrides = {"services.papers": {"visits": {"apply": route}}, "arrivals.papers": source}
        scenario = BASE.changed(overrides=overrides).scenario
        without_effect = [path for key, path in found(scenario) if key == "warning.no_effect"]
        assert without_effect == ([] if has_effect else ["arrivals.papers.patience"])


@for_each(
    ("overrides", "path"),
    [
        ({"services.licence.case.wait": {"delay": NEGATIVE}}, "services.licence.case.wait.delay"),
        (
            {"services.licence.visits.apply": {"a": {"visit": "supplement", "after": NEGATIVE}}},
            "services.licence.visits.apply.a.after",
        ),
        ({"arrivals.questions.comes_back": {"after": NEGATIVE}}, "arrivals.questions.comes_back.after"),
    ],
)
def test_a_law_of_time_that_may_be_negative_is_refused(overrides, path):
    with pytest.raises(ScenarioError) as caught:
        BASE.changed(overrides=overrides)
    assert (caught.value.key, caught.value.path) == ("error.law_negative", path)


def test_an_absence_of_negative_length_is_refused():
    absent = {"share": 0.1, "call": "1 min", "away": NEGATIVE}
    step = {"pool": "desk", "work": "1 min", "absent": absent}
    with pytest.raises(ScenarioError) as caught:
        BASE.changed(overrides={"services.question.visits.enquire": {"serve": step}})
    assert caught.value.key == "error.law_negative"
    assert caught.value.path == "services.question.visits.enquire.serve.absent.away"


def test_words_of_textbooks_lead_to_the_keys_that_say_it():
    with pytest.raises(ScenarioError) as caught:
        BASE.changed(overrides={"arrivals.questions.rate": 3})
    assert "per_day, every" in caught.value.sentence("en")


@for_each(
    ("overrides", "key"),
    [
        ({"arrivals.questions": {"services": "question", "purpose": "enquire"}}, "error.arrival_needs_a_process"),
        ({"services.question.visits.enquire": {"serve": {"pool": "desk", "work": {}}}}, "error.law_needs_a_form"),
    ],
)
def test_a_table_that_says_nothing_is_told_what_it_may_say(overrides, key):
    with pytest.raises(ScenarioError) as caught:
        BASE.changed(overrides=overrides)
    assert caught.value.key == key
    assert "–" not in caught.value.sentence("en")


@for_each("order", ["parallel", "sequential"])
def test_a_pool_in_a_branch_of_a_visit_closes_as_its_site_does(order):
    branches = {"copy": {"copy": {"pool": "copies", "work": "1 min"}}, "wait": {"sit": {"delay": "1 min"}}}
    visit = {"both": {"fork": branches, "order": order}}
    overrides = {
        "pools.copies": {"servers": 1, "at_break": "pause"},
        "services.question.visits.enquire": visit,
    }
    with pytest.raises(ScenarioError) as caught:
        BASE.changed(overrides=overrides)
    assert (caught.value.key, caught.value.path) == ("error.pause_and_serve", "pools.copies.at_break")
    assert BASE.changed(overrides=overrides | {"pools.copies.at_close": "keep"})


LUNCH = {"pools.lunch": {"servers": 1, "hours": ["12:00-13:00"], "merge_into": "window"}}
FRIDAY_AFTERNOON = {
    "pools.lunch": {"merge_into": "window"},
    "arrivals.applications.profile": {"default": {"09:00": 1}, "fri": {"09:00": 1, "12:00": 0}},
}
SILENT = {"arrivals.applications.profile": {"09:00": 3, "12:00": 0, "13:00": 1}}


@for_each(
    ("overrides", "is_found"),
    [
        (LUNCH | SILENT, True),
        (LUNCH, False),
        (LUNCH | SILENT | {"pools.lunch.hours": ["11:59-13:00"]}, False),
        (LUNCH | SILENT | {"pools.lunch.hours": ["12:00-13:01"]}, False),
        (LUNCH | SILENT | {"pools.lunch.merge_into": "section"}, False),
        ({"pools.lunch": {"roster": [{"hours": "12:00-12:30", "servers": 1}], "merge_into": "window"}} | SILENT, True),
        (LUNCH | {"sites": {"hall": {"profile": {"09:00": 3, "12:00": 0, "13:00": 1}}}}, True),
        (LUNCH | SILENT | {"arrivals.booked": {"services": "licence", "slots": {"times": ["12:30"]}}}, False),
        (LUNCH | SILENT | {"arrivals.booked": {"services": "licence", "slots": {"times": ["13:00"]}}}, True),
        (FRIDAY_AFTERNOON | {"pools.lunch.roster": [{"days": ["fri"], "hours": "14:00-15:00", "servers": 1}]}, True),
        (FRIDAY_AFTERNOON | {"pools.lunch.roster": [{"days": ["thu"], "hours": "14:00-15:00", "servers": 1}]}, False),
        (LUNCH | SILENT | {"arrivals.all-day": {"services": "licence", "every": "20 min"}}, False),
        (LUNCH | SILENT | {"arrivals.net": {"services": "licence", "channel": "online", "every": "20 min"}}, True),
    ],
)
def test_a_shift_at_a_time_at_which_nobody_comes_is_found(overrides, is_found):
    silent = {"arrivals.questions.profile": {"09:00": 1, "11:00": 0}} if "sites" not in overrides else {}
    scenario = BASE.changed(overrides=overrides | silent).scenario
    assert (("warning.nobody_comes_then", "pools.lunch") in found(scenario)) == is_found


NIGHT = {"18:00": 1, "23:00": 0}
"""BASE's hall is open from 09:00 to 17:00 on working days."""


@for_each(
    ("overrides", "days"),
    [
        ({"arrivals.applications.profile": NIGHT}, "mon, tue, wed, thu, fri"),
        ({"arrivals.applications.profile": {"default": {"09:00": 1}, "fri": NIGHT}}, "fri"),
        ({"arrivals.applications.profile": {"default": {"09:00": 1}, "sat": NIGHT}}, None),
        (
            {
                "arrivals.applications.profile": {"default": {"09:00": 1}, "fri": NIGHT},
                "arrivals.applications.weekday": {"fri": 0},
            },
            None,
        ),
        ({"arrivals.applications.profile": {"08:00": 1, "09:01": 0}}, None),
        ({"arrivals.applications.profile": {"08:00": 1, "09:00": 0}}, "mon, tue, wed, thu, fri"),
    ],
)
def test_a_profile_that_brings_everybody_of_a_day_to_closed_doors_is_found(overrides, days):
    scenario = BASE.changed(overrides={"calendar.weekend": ["sat", "sun"]} | overrides).scenario
    hits = [finding for finding in warnings(scenario) if finding.key == "warning.profile_outside_hours"]
    assert [(finding.path, finding.values["days"]) for finding in hits] == (
        [("arrivals.applications", days)] if days else []
    )
    if days:
        for language in ("en", "zh"):
            assert f"weekday = {{ {days[:3]} = 0 }}" in hits[0].sentence(language)


def test_the_sentence_about_a_silent_shift_says_when_and_what_it_still_does():
    scenario = composed("honghuagang-2013", levers=["lunch-cover"]).scenario
    (finding,) = [finding for finding in warnings(scenario) if finding.key == "warning.nobody_comes_then"]
    for language in ("en", "zh"):
        for part in ("pools.lunch-window-labour", "12:00", "13:00", "hall"):
            assert part in finding.sentence(language)
