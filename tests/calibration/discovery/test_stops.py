"""Stops of the statutory clock: from stamps of suspension, from names alone, and from neither."""

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from discovery_halls import hall, handmade
from scipy import stats

from calibration.discovery.accuracy.accuracy import accuracy
from calibration.discovery.accuracy.holdout import forecast_scenarios, hold_out
from calibration.discovery.discover import discover
from calibration.discovery.log.stop_names import stop_rule
from calibration.discovery.log.suspensions import match_owners, separate_suspensions
from calibration.discovery.result import Discovery
from calibration.discovery.scenario.table import compose_scenario, scenario_table, scenario_text
from calibration.eventlog import read_log
from calibration.eventlog.simulated import simulated_log
from calibration.eventlog.write import write_log
from scenarios.compose.composing import compose_text
from scenarios.model import STOPS
from sim.draw.drawing import draw
from sim.engine.kernel import run_compiled
from sim.measure import measure
from sim.plan import compile_plan

NINE = pd.Timestamp("2014-03-03 09:00")  # a Monday


def at(day: int, hour: float) -> pd.Timestamp:
    return NINE.normalize() + pd.Timedelta(days=day, hours=hour)


def row(case, activity, start, end, **more):
    return {"case": case, "activity": activity, "start": start, "end": end, "stop": False, "resource": "", **more}


# ---- pauses in the work ----------------------------------------------------------------------------------------------


def test_work_with_two_stops_in_it_is_three_pieces_of_work():
    log = handmade(
        [
            row(1, "review", at(0, 9), at(4, 12), ready=at(0, 8), resource="x"),
            row(1, "review", at(0, 10), at(2, 9), stop=True),
            row(1, "review", at(2, 11), at(4, 11.5), stop=True),
        ]
    )
    events = separate_suspensions(log.events).events.sort_values("start")
    pieces = events[["activity", "ready", "start", "end", "stop", "resumed"]].to_numpy().tolist()
    none = pd.NaT
    assert [[str(cell) for cell in piece] for piece in pieces] == [
        [str(cell) for cell in piece]
        for piece in (
            ("review", at(0, 8), at(0, 9), at(0, 10), False, False),
            ("review: suspended", none, at(0, 10), at(2, 9), True, False),
            ("review", at(2, 9), at(2, 9), at(2, 11), False, True),
            ("review: suspended", none, at(2, 11), at(4, 11.5), True, False),
            ("review", at(4, 11.5), at(4, 11.5), at(4, 12), False, True),
        )
    ]


def test_stops_that_overlap_interrupt_the_work_once():
    rows = [row(1, "review", at(0, 9), at(4, 12))]
    rows += [row(1, "review", at(0, 10), at(2, 9), stop=True), row(1, "review", at(1, 10), at(3, 9), stop=True)]
    events = separate_suspensions(handmade(rows).events).events
    pieces = events.loc[~events["stop"], ["start", "end"]].sort_values("start").to_numpy().tolist()
    assert pieces == [[at(0, 9).value, at(0, 10).value], [at(3, 9).value, at(4, 12).value]]


def test_a_stop_interrupts_the_piece_of_work_that_it_lies_in():
    rows = [row(1, "review", at(0, 9), at(0, 10)), row(1, "review", at(1, 9), at(4, 10))]
    rows += [row(1, "review", at(2, 9), at(3, 9), stop=True), row(2, "review", at(0, 9), at(4, 10))]
    events = separate_suspensions(handmade(rows).events).events
    assert events["resumed"].sum() == 1
    assert len(events) == 5
    assert (events.loc[events["case"] == 2, "end"] == at(4, 10)).all()


def test_work_put_aside_for_an_hour_stops_no_clock():
    rows = [row(1, "review", at(0, 9), at(0, 12)), row(1, "review", at(0, 10), at(0, 11), stop=True)]
    paused = separate_suspensions(handmade(rows).events)
    assert paused.same_day == 1
    assert paused.events[["start", "end"]].to_numpy().tolist() == [[at(0, 9).value, at(0, 12).value]]


def test_what_waited_when_the_clock_stopped_waits_anew_from_when_it_goes_on():
    rows = [
        row(1, "sign", at(3, 10), at(3, 11), ready=at(0, 9)),  # had come to the desk, and was not begun
        row(1, "sign", at(0, 10), at(3, 9), stop=True),
        row(2, "sign", None, at(3, 11)),  # nobody knows when it was begun
        row(2, "sign", at(0, 10), at(3, 9), stop=True),
    ]
    events = separate_suspensions(handmade(rows).events).events
    assert (events.loc[~events["stop"], "ready"] == at(3, 9)).all()
    assert len(events) == 4


def test_work_that_is_suspended_still_has_not_gone_on():
    rows = [row(1, "review", at(0, 9), None), row(1, "review", at(0, 10), None, stop=True)]
    events = separate_suspensions(handmade(rows).events).events
    assert events["end"].isna().tolist() == [False, True]
    assert events["stop"].tolist() == [False, True]


def test_every_stop_interrupts_the_first_piece_of_work_that_can_have_held_it():
    rng = np.random.default_rng(3)

    def moment(share_unknown):
        return None if rng.random() < share_unknown else at(int(rng.integers(0, 40)), float(rng.integers(9, 17)))

    work, stops = [], []
    for _ in range(300):
        case, activity = int(rng.integers(0, 6)), "ab"[int(rng.integers(0, 2))]
        start, end = moment(0.3), moment(0.2)
        if start is None and end is None:
            continue
        start, end = (end, start) if None not in (start, end) and end < start else (start, end)
        ready = None if start is None or rng.random() < 0.5 else start - pd.Timedelta(days=3)
        work.append(row(case, activity, start, end, ready=ready))
    for _ in range(200):
        begin, days = moment(0), float(rng.integers(1, 5))
        end = None if rng.random() < 0.2 else begin + pd.Timedelta(days=days)
        stops.append(row(int(rng.integers(0, 7)), "ab"[int(rng.integers(0, 2))], begin, end, stop=True))

    def holds(piece, stop):
        since = piece["start"] if piece["ready"] is None else piece["ready"]
        there = piece["start"] is None or since <= stop["start"]
        undone = piece["end"] is None or (stop["end"] is not None and stop["end"] <= piece["end"])
        return all(piece[name] == stop[name] for name in ("case", "activity")) and there and undone

    by_hand = [next((k for k, piece in enumerate(work) if holds(piece, stop)), -1) for stop in stops]
    assert min(by_hand) < 0 < max(by_hand)
    events = handmade(work + stops).events
    held = match_owners(events[~events["stop"]], events[events["stop"]])
    wanted = sorted((owner, stop["start"]) for owner, stop in zip(by_hand, stops, strict=True) if owner >= 0)
    assert list(zip(held["owner"], held["begin"], strict=True)) == wanted


@pytest.mark.slow
def test_a_case_that_is_never_done_may_be_suspended_any_number_of_times():
    days = range(0, 60_000, 3)
    work = [row(1, "review", at(day, 9), at(day + 2, 9)) for day in days]
    stops = [row(1, "review", at(day, 10), at(day + 1, 10), stop=True) for day in days]
    events = separate_suspensions(
        handmade(work + stops).events
    ).events  # a table of all pairs would have 400 million rows
    assert (len(events), int(events["resumed"].sum())) == (3 * len(days), len(days))


def chores(weeks: int) -> list[dict[str, object]]:
    """Make something happen at another desk all day long on every weekday, so that it is a working day."""
    return [
        row(
            f"chore-{week}-{day}-{hour}", "door", at(7 * week + day, hour), at(7 * week + day, hour + 0.2), resource="z"
        )
        for week in range(weeks)
        for day in range(5)
        for hour in np.arange(9, 17, 0.25).tolist()
    ]


def suspended_reviews(cases: int) -> list[dict[str, object]]:
    """Make cases of two hours' review, every other one with a stop of Monday to Thursday after its first half-hour."""
    rows = chores(cases // 2)
    for k in range(cases):
        day = 7 * (k // 2)
        begin = at(day, 9 + 3 * (k % 2))
        if k % 2:
            rows.append(row(k, "review", begin, begin + pd.Timedelta(hours=2), resource="x"))
        else:
            stop = begin + pd.Timedelta(minutes=30), begin + pd.Timedelta(days=3)
            rows.append(row(k, "review", begin, stop[1] + pd.Timedelta(minutes=90), resource="x"))
            rows.append(row(k, "review", *stop, stop=True))
    return rows


def test_a_stop_is_no_work_and_no_rework():
    found = discover(handmade(suspended_reviews(60)))
    (stop,) = found.stops.values()
    assert (stop.name, stop.stop.rule.reason, stop.stop.recorded) == ("review: suspended", "on-record", True)
    assert (stop.n, stop.cases, stop.open, stop.days) == (30, 30, 0, 3)
    work = next(one.fitted.mean for one in found.durations if found.traces.activities[one.activity] == "review")
    assert work == pytest.approx(120 * 60_000 * 60 / 90)  # 60 cases of two hours, 90 pieces
    assert found.routing.rework == {0: 0}
    assert [pool.resources for pool in found.pools] == [1, 1]
    assert found.decomposition is not None
    # From Monday 9:30 to Thursday 9:00 are 23.5 hours of 8 a day, in 30 of 60 + 30 * 5 * 32 cases.
    assert found.decomposition.outside == pytest.approx(30 * 23.5 / 4_860, rel=0.03)
    assert found.decomposition.unknown == pytest.approx(0, abs=1e-6)
    assert stopping(found) == {"review: suspended": ("on-record", "delay")}
    said = {one.key: one for one in found.findings}
    assert not said["stop"].assumed
    assert "1% of the cases" in said["stop"].words("en")


# ---- names -----------------------------------------------------------------------------------------------------------


@for_each(
    ("name", "reason", "after"),
    [
        ("补正告知", "applicant", True),
        ("一次性告知", "applicant", True),
        ("补正", "applicant", False),
        ("申请人补交材料", "applicant", False),
        ("The applicant supplies the missing papers", "applicant", False),
        ("专家评审", "expert-review", False),
        ("检验检测", "testing", False),
        ("检疫", "quarantine", False),
        ("设备检验", "inspection", False),
        ("听证会", "hearing", False),
        ("招标", "auction", False),
        ("鉴定", "appraisal", False),
        ("现场勘验", "on-site-check", False),
        ("Inspection", "on-site-check", False),
        ("中止计时", "on-record", True),
        ("公示", "", False),
        ("Public notice", "", False),
    ],
)
def test_names_say_why_the_clock_stands_still(name, reason, after):
    word = stop_rule(name)
    assert word is not None
    assert (word.reason, word.after) == (reason, after)
    assert word.reason in ("", *STOPS)


@for_each("name", ["审查", "受理", "窗口", "Review", "Latest review", "Contest", "Protested", "审批", "制证"])
def test_other_names_say_nothing(name):
    assert stop_rule(name) is None


def by_name(middle: str, *, hours: float = 48, named: bool = False, ends_only: bool = False) -> Discovery:
    """Discover 100 cases of half an hour's review, something from the next morning on, and a seal after it."""
    rows = chores(20)
    for k in range(100):
        day = 7 * (k // 5) + k % 2
        begin = at(day, 9 + (k % 5))
        since = at(day + 1, 9)
        until = since + pd.Timedelta(hours=hours)
        rows.append(row(k, "review", begin, begin + pd.Timedelta(minutes=30), resource="x"))
        rows.append(row(k, middle, since, until, resource="y" if named else ""))
        rows.append(row(k, "seal", until + pd.Timedelta(minutes=1), until + pd.Timedelta(minutes=11), resource="x"))
    for one in rows if ends_only else ():
        one["start"] = None
    return discover(handmade(rows, "events" if ends_only else "activities"))


def stopping(found: Discovery) -> dict[str, tuple[str, str]]:
    """Return by step that stops the clock why, and what its time is."""
    service = compose_scenario(found).services["service-1"]
    steps = {**service.visits["apply"], **(service.case or {})}
    return {
        step.title.en: (step.stops_clock, "delay" if step.delay is not None else "work" if step.pool else "until")
        for step in steps.values()
        if step.stops_clock
    }


def test_a_wait_that_only_its_name_tells_is_a_stop_by_assumption():
    found = by_name("专家评审")
    assert stopping(found) == {"专家评审": ("expert-review", "delay")}
    (stop,) = found.stops.values()
    assert (stop.n, stop.days, stop.stop.recorded) == (100, 2, False)
    (said,) = [one for one in found.findings if one.key == "stop_named"]
    assert said.assumed
    assert "Administrative Licensing Law, art. 45" in said.words("en")
    assert "《行政许可法》第45条" in said.words("zh")
    (entry,) = [one for path, one in scenario_table(found)["provenance"].items() if path.endswith(".stops_clock")]
    assert entry["kind"] == "assumed"
    assert entry["range"] == ["", "expert-review"]


def test_where_only_ends_are_known_the_stop_began_with_the_end_before_it():
    found = by_name("检测", ends_only=True)
    assert stopping(found) == {"检测": ("testing", "delay")}
    (stop,) = found.stops.values()
    assert stop.days == 3  # a day until it begins, which nobody can tell from it, and two


def test_an_hour_of_somebody_s_work_is_work_while_the_clock_stands_still():
    assert stopping(by_name("听证", hours=1, named=True)) == {"听证": ("hearing", "work")}


def test_to_take_in_what_was_missing_is_no_wait_for_it():
    assert not by_name("补正材料", hours=1, named=True).stops
    assert stopping(by_name("补正材料")) == {"补正材料": ("applicant", "delay")}


def test_an_on_site_check_is_marked_and_counted_unless_a_local_list_says_otherwise():
    found = by_name("现场勘验", hours=2, named=True)
    assert stopping(found) == {"现场勘验": ("on-site-check", "work")}
    (said,) = [one for one in found.findings if one.key == "stop_counted"]
    assert "law.on_site_check_stops_clock = true" in said.words("en")


def test_a_publication_is_told_and_counted():
    found = by_name("公示")
    assert stopping(found) == {}
    assert "stop_counted" in {one.key for one in found.findings}


@pytest.mark.parametrize(
    ("name", "reason", "key", "words"),
    [
        ("补正告知", "applicant", "stop_named", "Administrative Licensing Law, art. 32"),
        ("中止计时", "on-record", "stop_registered", "its name alone, which gives no reason"),
    ],
)
def test_after_a_notice_the_clock_stands_still_until_the_next_activity(name, reason, key, words):
    rows = chores(20)
    for k in range(100):
        day = 7 * (k // 5)
        begin, again = at(day, 9 + (k % 5)), at(day + 3, 9 + (k % 5) + k / 110)
        rows.append(row(k, name, begin, begin + pd.Timedelta(minutes=5), resource="x"))
        rows.append(row(k, "审查", again, again + pd.Timedelta(minutes=5), ready=again, resource="x"))
    found = discover(handmade(rows))
    assert stopping(found) == {f"{name} → 审查": (reason, "delay")}
    (stop,) = found.stops.values()
    assert stop.days == 3
    (said,) = [one for one in found.findings if one.key == key]
    assert said.assumed
    assert words in said.words("en")


@pytest.mark.parametrize("kind", ["tickets", "ledger"])
def test_a_service_s_name_is_no_stage(kind):
    rows = [row(k, "检验检测", at(k % 5, 9), at(k % 5, 9.5), resource="x") for k in range(40)]
    assert not discover(handmade(rows, kind)).stops


def test_that_a_stop_may_hide_is_said_of_every_log():
    for kind in ("tickets", "activities", "ledger"):
        rows = [row(k, "window", at(k % 5, 9), at(k % 5, 9.5), resource="x") for k in range(40)]
        assert "no_stops" in {one.key for one in discover(handmade(rows, kind)).findings if one.assumed}


def test_the_interval_of_a_few_stops_is_student_s():
    rows, lasting = chores(4), [1, 2, 4]
    for k, days in enumerate(lasting):
        rows.append(row(k, "review", at(7 * k, 9), at(7 * k + days, 11), resource="x"))
        rows.append(row(k, "review", at(7 * k, 10), at(7 * k + days, 10), stop=True))
    (stop,) = discover(handmade(rows)).stops.values()
    assert (stop.n, stop.days) == (3, np.mean(lasting))
    low, high = stats.t.interval(0.95, 2, np.mean(lasting), stats.sem(lasting))
    assert (stop.low, stop.high) == (0.0, pytest.approx(high))
    assert low < 0


def test_services_whose_stops_last_differently_have_a_law_each():
    rows, days = chores(20), {"short": 1, "long": 3}
    for k in range(240):
        service, monday = ("short", "long")[k % 2], 7 * (k // 12)
        begin, until = at(monday, 9 + k % 12 / 2), at(monday + 1 + days[service], 9)
        steps = [("review", begin, begin + pd.Timedelta(minutes=30), "x"), ("专家评审", at(monday + 1, 9), until, "")]
        steps.append(("seal", until + pd.Timedelta(minutes=1), until + pd.Timedelta(minutes=11), "x"))
        rows += [row(k, *step, resource=person, attr_service=service) for *step, person in steps]
    discovery = discover(handmade(rows))
    (stop,) = discovery.stops.values()
    services = discovery.traces.services
    assert {services[code]: delay.mean for code, delay in stop.delays.items() if code >= 0} == days


# ---- there and back --------------------------------------------------------------------------------------------------


def statutory_days(scenario) -> tuple[float, float]:
    """Return the mean statutory and elapsed days of the decided cases of one long run."""
    long = scenario.model_copy(update={"run": scenario.run.model_copy(update={"days": 400, "follow_up_days": 40})})
    program, plan = draw(long, 77, 0), compile_plan(long)
    cases = measure(long, program, plan, run_compiled(program, plan)).frames()["cases"]
    closed = cases[~cases["censored"]]
    assert len(closed) > 2_000
    return float(closed["statutory_days"].mean()), float(closed["elapsed_days"].mean())


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "ending"), [("events", ".csv"), ("events", ".xlsx"), ("activities", ".xes")])
def test_statutory_days_come_back_from_a_log_with_stops(tmp_path, kind, ending):
    known = hall("laboratory")
    log = simulated_log(known, kind, shows_stops="recorded")
    read = read_log(write_log(log.events, kind, tmp_path / f"log{ending}"))
    assert read.events["stop"].sum() == log.events["stop"].sum() > 200
    found = discover(read)
    (stop,) = found.stops.values()
    assert stop.name == "Sample away"
    assert stop.low <= 5.5 <= stop.high
    assert abs(stop.cases / found.traces.n_cases - 0.3) < 0.05
    again = compose_text(scenario_text(found), name="again").scenario
    truth, elapsed = statutory_days(known)
    counted, lasted = statutory_days(again)
    assert counted == pytest.approx(truth, rel=0.04)
    assert lasted == pytest.approx(elapsed, rel=0.05)
    # Counted with its stops, the days would be those of another hall: 0.3 of 5.5 days more.
    services = {
        name: service.model_copy(
            update={"case": {key: step.model_copy(update={"stops_clock": None}) for key, step in service.case.items()}}
        )
        for name, service in again.services.items()
    }
    unmarked, _ = statutory_days(again.model_copy(update={"services": services}))
    assert unmarked - counted == pytest.approx(0.3 * 5.5, rel=0.15)


@pytest.mark.slow
def test_the_forecast_of_a_log_with_stops_knows_them():
    log = simulated_log(hall("laboratory"), "activities", shows_stops="recorded")
    earlier, begin, end = hold_out(log)
    tried = accuracy(log, forecast_scenarios(discover(earlier), discover(log), begin, end, 6), begin, end)
    floor = tried.distances.loc["n_gram", ["log_halves", "between_simulated"]].max()
    assert tried.distances.loc["n_gram", "simulated"] < 2.5 * floor
    assert tried.forecasts.loc["cycle_mean_h", "inside"]


def test_a_log_without_a_place_for_moments_has_none_for_stops(tmp_path):
    log = simulated_log(hall("laboratory"), "activities", shows_stops="recorded")
    read = read_log(write_log(log.events, "activities", tmp_path / "log.csv"))
    assert not read.events["stop"].any()
    assert len(read.events) == (~log.events["stop"]).sum()
    assert not discover(read).stops
    plain = simulated_log(hall("laboratory"), "activities").events
    assert np.array_equal(plain["end"].notna().sum(), log.events.loc[~log.events["stop"], "end"].notna().sum())


# ---- the log's own count of days -------------------------------------------------------------------------------------


def counting(middle: str, *, held: bool, hidden: int = 0, first: int = 0) -> Discovery:
    """Discover 100 cases of a review on a Monday or Tuesday, every other one with two days of something in the middle.

    They end two days later without it, and four days later with it, in a column of days used that holds the two days or
    doesn't; the first `hidden` of those without it have a day taken out that nothing shows.
    """
    rows = chores(20)
    for k in range(100):
        begin = at(7 * (k // 5), 9 + (k % 5))
        more = k % 2
        used = 2 + 2 * (more and held) + first - (k < 2 * hidden and not more)
        rows.append(row(k, "review", begin, begin + pd.Timedelta(minutes=30), resource="x", attr_办理用时=str(used)))
        until = begin + pd.Timedelta(days=2 + 2 * more)
        if more:
            rows.append(row(k, middle, begin + pd.Timedelta(days=1), begin + pd.Timedelta(days=3)))
        rows.append(row(k, "seal", until, until + pd.Timedelta(minutes=10), resource="x"))
    return discover(handmade(rows))


@pytest.mark.slow
@for_each(
    ("middle", "held", "marked"),
    [
        ("专家评审", False, "expert-review"),
        ("专家评审", True, None),  # by its name it stops the clock, but they count it
        ("公示", False, "on-record"),  # by law it is counted, but they don't
        ("公示", True, None),
    ],
)
@for_each("first", [0, 1])
def test_the_log_s_own_count_outweighs_a_name(middle, held, marked, first):
    found = counting(middle, held=held, first=first)
    assert found.days_used is not None
    assert found.days_used.first_counts == bool(first)
    assert (found.days_used.n, found.days_used.agree, found.days_used.fewer) == (50, 50, 0)
    (tested,) = found.days_used.stops.values()
    assert (tested.n, tested.without, tested.within) == (50, float(not held), float(held))
    assert stopping(found) == ({middle: (marked, "delay")} if marked else {})
    said = {one.key: one for one in found.findings}
    assert not said["counted_stop"].assumed
    assert ("the clock runs" in said["counted_stop"].words("en")) == held
    (told,) = {"stop", "stop_named", "stop_registered", "stop_counted", "stop_left_out", "stop_held"} & set(said)
    assert told == ("stop_held" if held else "stop_left_out")
    assert ("so the clock runs" in said[told].words("en")) == held
    assert not said[told].assumed
    kinds = {one["kind"] for path, one in scenario_table(found)["provenance"].items() if path.endswith("stops_clock")}
    assert kinds == ({"derived"} if marked else set())


def test_days_taken_out_that_nothing_shows_are_told():
    found = counting("专家评审", held=False, hidden=5)
    (said,) = [one for one in found.findings if one.key == "counted"]
    assert said.estimate == 0.9
    assert "in 10.0% it is smaller" in said.words("en")


def test_a_column_that_counts_something_else_tells_nothing():
    found = counting("专家评审", held=True, hidden=30)
    assert found.days_used is not None
    assert not found.days_used.believed
    assert not found.days_used.stops
    assert stopping(found) == {"专家评审": ("expert-review", "delay")}
    assert "counted_otherwise" in {one.key for one in found.findings}


def test_a_ledger_s_own_count_tells_how_many_cases_had_days_taken_out(tmp_path):
    days = pd.bdate_range("2014-01-06", periods=140)
    rows = [f"{k},许可,{days[k]:%Y-%m-%d},{days[k + 5]:%Y-%m-%d},{3 if k % 10 == 0 else 5}" for k in range(130)]
    file = tmp_path / "ledger.csv"
    file.write_text("\n".join(["受理号,事项名称,受理日期,办结日期,办理用时（工作日）", *rows]), encoding="utf-8")
    found = discover(read_log(file))
    assert found.traces.kind == "ledger"
    (said,) = [one for one in found.findings if one.key == "counted"]
    assert (said.subject, said.n, said.estimate) == ("办理用时（工作日）", 130, 0.9)
    assert "in 10.0% it is smaller" in said.words("en")
