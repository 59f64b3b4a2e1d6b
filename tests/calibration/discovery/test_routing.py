"""Routes at the edges of their rules: which transitions stay, which cases are open, which services take days."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from discovery_halls import handmade

from calibration.discovery.control_flow import routing
from calibration.discovery.control_flow.routing import (
    _closure,
    _count,
    _reachable,
    _shares,
    _stuck,
    abandoned_cases,
    censored_cases,
    discover_routing,
    services_over_days,
)
from calibration.discovery.control_flow.states import States, _fit, _merged, _occurrence, discover_states
from calibration.discovery.log.reading import read_traces
from calibration.discovery.log.traces import MERGED, Traces

NINE = pd.Timestamp("2014-03-03 09:00")
END = 9
"""The number that stands for the begin and the end of a route."""


def case(number: int, *steps: str, hours: float = 1.0, day: float = 0.0, ended: bool = True) -> list[dict[str, object]]:
    """Return a case whose activities begin so many hours apart and take ten minutes each."""
    rows = []
    for k, activity in enumerate(steps):
        start = NINE + pd.Timedelta(days=day, hours=hours * k)
        rows.append({"case": number, "activity": activity, "start": start, "end": start + pd.Timedelta(minutes=10)})
    if not ended:
        rows[-1]["end"] = pd.NaT
    return rows


def traces_of(*cases: list[dict[str, object]]) -> Traces:
    return read_traces(handmade([row for rows in cases for row in rows]))


def retained(transitions: dict[tuple[int, int], int]) -> list[bool]:
    codes = np.array([(0, *pair) for pair in transitions])
    return _shares(codes, np.array(list(transitions.values())), END)[0].tolist()


@for_each(
    "transitions, is_retained",
    [
        ({(0, 1): 297, (0, 2): 3}, [True, True]),  # one in a hundred
        ({(0, 1): 298, (0, 2): 3}, [True, False]),
        ({(0, 1): 9_000, (0, 2): 5, (0, 3): 4}, [True, True, False]),  # five are no accident
        ({(0, 1): 9_000, (0, END): 1}, [True, True]),  # every state must lead to the end
        ({(0, 1): 2, (0, 2): 2}, [True, True]),
    ],
)
def test_a_transition_stays_if_it_is_frequent_or_leads_to_the_end(transitions, is_retained):
    assert retained(transitions) == is_retained


@for_each("most, is_retained", [(3, False), (4, True), (5, True)])
def test_the_most_frequent_of_too_many_transitions_stay_and_those_that_no_state_can_do_without(
    monkeypatch, most, is_retained
):
    monkeypatch.setattr(routing, "MAX_TRANSITIONS", most)
    codes = np.array([(0, END, 0), (0, 0, 1), (0, 0, END), (0, 1, END), (0, 1, 0)])
    counts = np.array([5, 50, 1, 20, 2])  # nobody needs the last one: more begin at 0, and more from 1 end
    frequent = routing._at_most(np.ones(5, dtype=np.bool_), codes, counts, END)
    assert frequent.tolist() == [True, True, True, True, is_retained]
    without = np.array([True, True, True, True, False])
    assert routing._at_most(without, codes, counts, END).tolist() == without.tolist()


def test_states_from_which_nothing_leads_to_the_end_are_stuck():
    codes = np.array([(0, END, 0), (0, 0, 1), (0, 1, 2), (0, 2, 1), (0, 0, END), (1, END, 0), (1, 0, 3)])
    width = END + 1
    assert _stuck(codes, END).tolist() == [1, 2, width, width + 3]
    assert _stuck(codes[[0, 4]], END).tolist() == []


def test_a_state_from_which_no_case_was_seen_to_end_ends_as_often_as_cases_stop_there():
    """Five cases stop at b, all of them open: each counts as an end, and one more stands for the state."""
    traces = traces_of(*(case(k, "a", "b", day=k) for k in range(5)))
    open_cases, no = np.ones(5, dtype=np.bool_), np.zeros(5, dtype=np.bool_)
    every = np.ones(traces.case.size, dtype=np.bool_)
    states = discover_states(traces, every, open_cases)
    codes, counts = routing._transition_counts(traces, states, seen=every, open_cases=open_cases, begun_before=no)
    end = len(states.names)
    last = int(states.state[1])
    shown = {tuple(code): count for code, count in zip(codes.tolist(), counts.tolist(), strict=True)}
    assert shown[0, last, end] == 6


def test_transitions_from_states_to_which_nothing_leads_are_left_out():
    codes = np.array([(0, END, 0), (0, 0, 1), (0, 1, END), (0, 2, 1), (0, 2, END)])
    every = np.ones(5, dtype=np.bool_)
    assert _reachable(every, codes, END).tolist() == [True, True, True, False, False]
    without = np.array([True, False, True, True, True])
    assert _reachable(without, codes, END).tolist() == [True, False, False, False, False]


def test_what_is_reached_in_several_steps_is_in_the_closure():
    source, target = np.array([1, 2, 3, 7]), np.array([2, 3, 1, 8])
    assert _closure({1}, source, target) == {1, 2, 3}
    assert _closure({7, 3}, source, target) == {1, 2, 3, 7, 8}
    assert _closure(set(), source, target) == set()


def test_equal_triples_are_counted_once_each():
    codes, counts = _count(np.array([(2, 1, 0), (0, 3, 2), (2, 1, 0)]), 4)
    assert codes.tolist() == [[0, 3, 2], [2, 1, 0]]
    assert counts.tolist() == [1, 2]


@for_each("idle_days, n", [(10, 0), (9.99, 1)])
def test_a_case_is_given_up_after_more_days_than_the_limit(idle_days, n):
    traces = traces_of(case(0, "a", "b", ended=False), case(1, "a", day=10, hours=0), case(2, "a", day=10 + 1 / 24))
    assert traces.last - traces.last_moment[0] == 10 * 86_400_000 + 600_000
    last = np.full(traces.n_cases, traces.last - 600_000)
    assert last.size == 3
    days = idle_days + 600_000 / 86_400_000
    assert abandoned_cases(traces, np.array([True, True, False]), days).sum() == n


def test_only_cases_of_activities_are_given_up():
    rows = case(0, "a", ended=False) + case(1, "a", day=400)
    for kind, n in (("activities", 1), ("events", 1), ("tickets", 0)):
        traces = read_traces(handmade([dict(row) for row in rows], kind))
        assert abandoned_cases(traces, np.ones(2, dtype=np.bool_), 365).sum() == n


@for_each("unusual, is_open", [(1, True), (2, False)])
def test_a_case_is_open_if_its_last_activity_ends_less_than_one_case_in_twenty(unusual, is_open):
    """Forty checks, of which one or two are the last of their cases: two are a twentieth."""
    cases = [case(k, *(("check",) if k < unusual else ("check", "sign")), day=k) for k in range(40)]
    open_, _ = censored_cases(traces_of(*cases))
    assert open_[:unusual].all() == is_open
    assert not open_[unusual:].any()


@for_each("hours, is_open", [(0.5, True), (2.0, False)])
def test_a_case_is_open_if_the_log_ends_before_its_successor_would_come(hours, is_open):
    cases = [case(k, *(("check",) if k % 4 == 0 else ("check", "sign")), day=k) for k in range(40)]
    cases.append(case(40, "check", day=39 + (1 + 10 / 60 - hours) / 24))
    open_, _ = censored_cases(traces_of(*cases))
    assert open_[-1] == is_open
    assert open_.sum() == is_open


@for_each(
    "gap, nights, over_days",
    [(5.9, 50, False), (6.1, 50, True), (6.1, 1, False), (6.1, 2, True), (30.0, 1, False)],
)
def test_a_service_takes_days_if_one_case_in_fifty_goes_on_overnight_for_six_hours(gap, nights, over_days):
    rows = []
    for k in range(51 if nights == 1 else 50):
        evening = NINE + pd.Timedelta(days=2 * k, hours=14, minutes=k)
        row = {"case": k, "activity": "a", "start": evening, "end": evening + pd.Timedelta(minutes=10)}
        later = row["end"] + pd.Timedelta(hours=gap if k < nights else 0.5)
        rows += [row, {"case": k, "activity": "b", "start": later, "end": later + pd.Timedelta(minutes=5)}]
    assert services_over_days(read_traces(handmade(rows))) == {0: over_days}


@for_each("column", ["ready", "end"])
def test_a_wait_or_work_overnight_makes_a_service_take_days(column):
    evening = NINE + pd.Timedelta(hours=14)
    row = {"case": 0, "activity": "a", "ready": evening, "start": evening, "end": evening + pd.Timedelta(minutes=5)}
    later = evening + pd.Timedelta(hours=8)
    row |= {"ready": evening, "start": later, "end": later} if column == "ready" else {"end": later}
    assert services_over_days(read_traces(handmade([row]))) == {0: True}
    morning, afternoon = NINE, NINE + pd.Timedelta(hours=7)
    for since, until in ((evening, evening + pd.Timedelta(hours=1.5)), (morning, afternoon)):
        row |= {"ready": since, "start": until, "end": until}
        assert services_over_days(read_traces(handmade([row]))) == {0: False}


def test_tickets_take_no_days_and_ledgers_do():
    rows = [{"case": k, "activity": "a", "start": NINE, "end": NINE + pd.Timedelta(days=k)} for k in (1, 2)]
    assert services_over_days(read_traces(handmade([dict(row) for row in rows], "tickets"))) == {0: False}
    assert services_over_days(read_traces(handmade(rows, "ledger"))) == {0: True}


def test_overlap_and_rework_are_shares_of_transitions_and_of_cases():
    rows = case(0, "a", "b", "a") + case(1, "a", "b", hours=0.1, day=1) + case(2, "a", "b", hours=10 / 60, day=2)
    discovered = discover_routing(read_traces(handmade(rows)))
    assert discovered.overlapping == pytest.approx(1 / 4)  # to begin at the very end is no overlap
    assert discovered.rework == {0: pytest.approx(1 / 2)}  # the last case is open
    assert discovered.coverage == 1
    single = discover_routing(traces_of(case(0, "a"), case(1, "a", day=1)))
    assert (single.overlapping, single.coverage, single.rework) == (0.0, 1.0, {0: 0.0})


# ---- states ----------------------------------------------------------------------------------------------------------


def states_of(traces: Traces) -> States:
    return discover_states(traces, np.ones(traces.n_rows, dtype=np.bool_), np.zeros(traces.n_cases, dtype=np.bool_))


@for_each("n, names", [(49, ("a", "b", "c")), (50, ("a", "a (2)", "b", "c"))])
def test_an_activity_is_split_from_a_hundred_rows_on(n, names):
    traces = traces_of(*(case(k, "a", "b", "a", "c", day=k) for k in range(n)))
    assert states_of(traces).names == names
    assert dict(states_of(traces).split) == ({0: "occurrence"} if n == 50 else {})


def test_contexts_with_fewer_than_thirty_rows_share_the_number_of_the_most_frequent():
    context = np.repeat([7, 3, 5, 4], [29, 30, 60, 31])
    assert [int(_merged(context, 8)[np.flatnonzero(context == k)[0]]) for k in (7, 3, 5, 4)] == [0, 2, 0, 1]
    assert [int(_merged(context, 2)[np.flatnonzero(context == k)[0]]) for k in (7, 3, 5, 4)] == [0, 0, 0, 1]


def test_visit_counts_count_earlier_visits_of_the_same_case():
    traces = traces_of(case(0, "a", "b", "a", "a"), case(1, "a", "b", day=1))
    assert _occurrence(traces).tolist() == [0, 0, 1, 2, 0, 0]


def test_the_third_visit_is_another_context_and_the_fourth_is_not():
    rows = [case(k, *("ababacad" if k % 2 else "ababacacad"), day=k) for k in range(60)]
    states = states_of(traces_of(*rows))
    assert [states.names[k] for k in states.state[:8]] == ["a (2)", "b", "a (3)", "b", "a", "c", "a", "c"]


@for_each("difference, is_split", [(3, False), (6, True)])
def test_a_split_that_tells_little_of_each_row_is_none_however_many_rows_there_are(difference, is_split):
    """After the second visit of fifty so many more go on to ``b`` than after the first, in 5,000 cases."""
    first, second = ["b"] * 25 + ["c"] * 25, ["b"] * (25 + difference) + ["c"] * (25 - difference)
    cases = [case(k, "a", first[k], "a", second[7 * k % 50]) for k in range(50)]
    few = traces_of(*cases)
    times = np.arange(100)[:, None]
    many = replace(
        few,
        case=(few.case + 50 * times).ravel(),
        first_row=np.r_[0, (few.first_row[1:] + few.n_rows * times).ravel()],
        service=np.tile(few.service, 100),
        **{name: np.tile(getattr(few, name), 100) for name in ("activity", "ready", "start", "end", "left")},
    )
    assert (0 in states_of(many).split) == is_split


def test_the_likelihood_of_successors_is_that_of_their_own_shares():
    service, context, following = np.zeros(4, dtype=np.int64), np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    assert _fit(service, context, following, 2) == (pytest.approx(2 * np.log(0.5)), 1)
    together = 3 * np.log(0.75) + np.log(0.25)
    assert _fit(service, np.zeros(4, dtype=np.int64), following, 2) == (pytest.approx(together), 1)


def test_the_last_named_activity_is_that_before_the_merged_ones():
    names = [f"rare {k}" for k in range(120)]
    cases = [case(k, "open", names[k], names[119 - k], "close", day=k) for k in range(120)]
    cases += [case(120 + k, names[k], "close", day=150 + k) for k in range(2)]
    traces = traces_of(*cases)
    named = [traces.activities[k] if k < len(traces.activities) else "" for k in traces.last_named.tolist()]
    shown = [traces.activities[k] for k in traces.activity.tolist()]
    assert MERGED in traces.activities
    for row in range(traces.n_rows):
        before = [shown[k] for k in range(int(traces.first_row[traces.case[row]]), row) if shown[k] != MERGED]
        assert named[row] == (before[-1] if before else "")
