"""One claim for each thing that a scenario can say, and for each that a textbook on queues knows.

Every test is a few lines of a scenario file and an answer worked out by hand; where chance takes part, the
bound and its probability of error are stated (the seeds are fixed, so a test that passes keeps passing).  The
checklist at the end insists that nothing is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import TypeVar

import numpy as np
import pytest
from cases import for_each
from tracing import ENGINES, of_text, simulate

from sim.draw.arrivals import day_means
from sim.draw.drawing import draw
from sim.measure import measure
from sim.plan import Layout
from sim.program import Code, Kind, Program

CAN_SAY = (
    "calendar and opening hours",
    "demand per day",
    "demand by time of day",
    "demand by weekday",
    "demand by season",
    "demand around holidays",
    "walk-in channel",
    "appointment channel",
    "online channel",
    "triage desk",
    "ticketing",
    "dedicated windows",
    "pooled windows",
    "cashier",
    "certificate desk",
    "share of demand",
    "instant item",
    "committed item",
    "joint item",
    "referred item",
    "consult only",
    "incomplete material: share",
    "incomplete material: one-time notice",
    "incomplete material: repeated notice",
    "called and absent",
    "first in, first out",
    "priority",
    "earliest due date",
    "approval stages with their own staff",
    "hand-over by courier rounds",
    "hand-over on site",
    "delegated sign-off",
    "a chief who signs twice a week",
    "inspection teams with travel",
    "inspection teams on site",
    "bookings per half day",
    "parallel joint review",
    "sequential joint review with meetings",
    "green channel",
    "priority of appointments",
    "reneging",
    "cut-off",
    "overtime or sent home",
    "sub-centres with couriers between them",
    "cost per server-hour",
    "statutory and promised limit",
)
TEXTBOOK = (
    "open round the clock",
    "Poisson arrivals",
    "renewal arrivals",
    "time-varying arrivals",
    "any SciPy law by its parameters",
    "a law by mean and cv",
    "c servers",
    "finite room",
    "patience",
    "priorities, not preemptive",
    "priorities, preemptive",
    "feedback",
    "tandem",
    "general routing",
    "fork and join",
    "scheduled batch departures",
    "server schedules",
    "batch arrivals",
)

FIVE_SIGMA = 5.0
"""Standard errors allowed where chance takes part: a false alarm has probability 6e-7 by the normal law."""

shown: set[str] = set()


Test = TypeVar("Test", bound=Callable[..., None])


def shows(*items: str) -> Callable[[Test], Test]:
    """Say which things of the lists above a test is about."""
    shown.update(items)
    return lambda test: test


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Every engine in turn."""
    return str(request.param)


DAY = """
calendar.hours = "09:00-17:00"
run.days = 1
"""


def program_of(text: str, seed: int = 1) -> Program:
    return draw(of_text(text), seed, 0)


def within(observed: float, expected: float, sd: float) -> bool:
    """Tell whether a random number is within five standard deviations of what theory says."""
    return bool(abs(observed - expected) <= FIVE_SIGMA * sd)


# ---- calendar and demand ---------------------------------------------------------------------------------------------


@shows("calendar and opening hours")
def test_the_hall_is_open_when_the_calendar_says_so(engine: str) -> None:
    trace = simulate(
        of_text("""
        run.days = 7
        [calendar]
        weekend = ["sat", "sun"]
        off = [2014-03-05]
        work = [2014-03-08]
        [calendar.hours]
        mon = "09:00-17:00"
        tue = "09:00-17:00"
        wed = "09:00-17:00"
        thu = "09:00-17:00"
        fri = "09:00-12:00"
        [pools.window]
        [services.item.visits.apply.serve]
        pool = "window"
        work = "10 min"
        [arrivals]
        monday = { services = "item", at = ["2014-03-03 16:00"] }
        wednesday-off = { services = "item", at = ["2014-03-05 10:00"] }
        friday-noon = { services = "item", at = ["2014-03-07 12:00"] }
        saturday-worked = { services = "item", at = ["2014-03-08 16:00"] }
        sunday = { services = "item", at = ["2014-03-09 10:00"] }
        """),
        engine,
    )
    assert trace.outcomes("come in") == {
        "monday": "done",
        "wednesday-off": "shut",
        "friday-noon": "shut",  # half open: shut at the closing edge
        "saturday-worked": "done",  # no hours of its own: Monday's
        "sunday": "shut",
    }


@shows("demand per day", "Poisson arrivals")
def test_a_day_brings_a_poisson_number_with_the_mean_that_was_asked() -> None:
    text = """
        run.days = 400
        calendar.hours = "09:00-17:00"
        services.item.visits.apply.serve = { pool = "window", work = "1 min" }
        pools.window = {}
        arrivals.street = { services = "item", per_day = 25 }
        """
    starts = program_of(text).entities["start"]
    counts = np.bincount(starts // 86_400_000, minlength=400)
    assert within(counts.mean(), 25, sqrt(25 / 400))
    # Index of dispersion of n Poisson counts: mean 1, variance 2/(n - 1).
    assert within(counts.var(ddof=1) / counts.mean(), 1, sqrt(2 / 399))
    # Demand doubled brings twice as many, and more of the same.
    doubled = program_of("demand = 2.0\n" + text).entities["start"]
    assert within(doubled.size, 2 * 25 * 400, sqrt(2 * 25 * 400))


@shows("demand by time of day", "time-varying arrivals")
def test_visitors_come_by_the_profile_of_the_day() -> None:
    # 4 hours of weight 3, 4 hours of weight 1: 3/4 of the day's demand comes before 13:00.
    entities = program_of("""
        run.days = 100
        calendar.hours = "09:00-17:00"
        services.item.visits.apply.serve = { pool = "window", work = "1 min" }
        pools.window = {}
        arrivals.street = { services = "item", per_day = 40, profile = { "09:00" = 3, "13:00" = 1 } }
        """).entities
    hour = entities["start"] % 86_400_000 / 3_600_000
    assert hour.min() >= 9
    assert hour.max() < 17
    morning = (hour < 13).mean()
    assert within(morning, 0.75, sqrt(0.75 * 0.25 / hour.size))


def means_of(arrival: str, *, start: str = "2014-03-31", days: int = 5, calendar: str = "") -> list[float]:
    scenario = of_text(f"""
        run = {{ start = {start}, days = {days} }}
        calendar = {{ country = "CN", hours = "09:00-17:00" {calendar} }}
        services.item.visits.apply.serve = {{ pool = "window", work = "1 min" }}
        pools.window = {{}}
        arrivals.street = {{ services = "item", per_day = 60, {arrival} }}
        """)
    means = day_means(Layout.of(scenario), scenario.arrivals["street"])
    return [round(mean, 9) for mean in means.tolist()]


@shows("demand by weekday")
def test_weekday_weights_share_out_the_week_and_leave_its_mean_alone() -> None:
    # Weights 2, 1, 1, 1, 1 have mean 6/5: Monday 60 · 2 · 5/6 = 100, the others 50; (100 + 4 · 50)/5 = 60.
    assert means_of("weekday = { mon = 2 }", start="2014-03-10") == [100, 50, 50, 50, 50]


@shows("demand by season")
def test_a_month_has_its_factor() -> None:
    # Monday 31 March, then four days of April, of which Friday 4 is the last.
    assert means_of('month = { "4" = 0.5 }') == [60, 30, 30, 30, 30]


@shows("demand around holidays")
def test_the_days_before_and_after_a_holiday_have_theirs() -> None:
    # Qingming 2014: off from Saturday 5 to Monday 7 April, which makes three days.
    expected = [60, 60, 60, 60, 30, 0, 0, 0, 120, 60]
    assert means_of("before_holiday = 0.5, after_holiday = 2", days=7) == expected


ONE_WINDOW = (
    DAY
    + """
    pools.window = {}
    services.item.visits.apply.serve = { pool = "window", work = "10 min" }
    """
)


@shows("walk-in channel")
def test_a_walk_in_enters_by_the_doors_and_leaves_by_them(engine: str) -> None:
    trace = simulate(of_text(ONE_WINDOW + 'arrivals.anna = { services = "item", at = ["10:00"] }'), engine)
    assert [row[1] for row in trace.told()] == ["come in", "apply/serve", "go out"]


@shows("appointment channel")
def test_appointments_come_at_their_slots_as_far_as_booked_and_kept() -> None:
    text = """
        run.days = 500
        calendar.hours = "09:00-17:00"
        pools.window = {}
        services.item.visits.apply.serve = { pool = "window", work = "10 min" }
        [arrivals.booked]
        services = "item"
        channel = "appointment"
        slots = { times = ["10:00", "09:00"], seats = 2, days = ["mon"] BOOKED }
        """
    starts = program_of(text.replace("BOOKED", "")).entities["start"]
    # Monday 3 March is day 0: two seats at 9, two at 10, every seventh day of 500 (72 Mondays).
    assert (starts[:6] // 3_600_000).tolist() == [9, 9, 10, 10, 7 * 24 + 9, 7 * 24 + 9]
    assert starts.size == 4 * 72
    some = program_of(text.replace("BOOKED", ", booked = 0.8, no_show = 0.25")).entities.size
    kept = 0.8 * 0.75
    assert within(some, 288 * kept, sqrt(288 * kept * (1 - kept)))
    # 5 minutes late to a man; nobody can come before the day begins.
    late = program_of(text.replace("BOOKED", ', lateness = "5 min"')).entities["start"]
    assert (late == starts + 300_000).all()


@shows("online channel")
def test_an_online_application_needs_no_open_door(engine: str) -> None:
    trace = simulate(
        of_text(
            DAY
            + """
            pools.reviewer = {}
            services.item.visits.apply.leave-file = { start_case = true }
            services.item.case.review = { pool = "reviewer", work = "10 min" }
            arrivals.anna = { services = "item", channel = "online", at = ["03:00"] }
            """
        ),
        engine,
    )
    assert trace.told() == [("anna", "case/review", "03-03 03:00", "03-03 09:00", "03-03 09:10", "done")]
    assert trace.number(Kind.ONLINE) == 1


# ---- desks and windows -----------------------------------------------------------------------------------------------

WALK_THROUGH = (
    DAY
    + """
    pools = { triage = {}, window = {}, cashier = {}, certificates = {} }
    [services.item.visits]
    apply.ask = { pool = "triage", work = "2 min" }
    apply.serve = { pool = "window", work = "10 min" }
    apply.pay = { pool = "cashier", work = "3 min" }
    collect.fetch = { pool = "certificates", work = "4 min" }
    [arrivals]
    anna = { services = "item", at = ["09:00"] }
    bo = { services = "item", at = ["09:00"] }
    cai = { services = "item", purpose = "collect", at = ["09:00"] }
    """
)


@shows("triage desk", "cashier", "certificate desk", "tandem")
def test_desks_in_a_row_each_have_their_own_queue(engine: str) -> None:
    trace = simulate(of_text(WALK_THROUGH), engine)
    assert trace.times("apply/ask") == {"anna": "09:00-09:02", "bo": "09:02-09:04"}
    assert trace.times("apply/serve") == {"anna": "09:02-09:12", "bo": "09:12-09:22"}
    assert trace.times("apply/pay") == {"anna": "09:12-09:15", "bo": "09:22-09:25"}
    assert trace.times("collect/fetch") == {"cai": "09:00-09:04"}
    assert trace.waits_min("apply/serve") == {"anna": 0, "bo": 8}


@shows("ticketing")
def test_tickets_are_given_before_the_windows_open(engine: str) -> None:
    trace = simulate(
        of_text(
            ONE_WINDOW
            + """
            sites.hall.doors_open = "15 min"
            arrivals.early = { services = "item", at = ["08:30"] }
            arrivals.later = { services = "item", at = ["08:50"] }
            """
        ),
        engine,
    )
    # The doors open at 08:45; the window begins at 09:00, in the order of the tickets.
    assert trace.dates("come in") == {"early": "03-03 08:45", "later": "03-03 08:50"}
    assert trace.times("apply/serve") == {"early": "09:00-09:10", "later": "09:10-09:20"}
    assert trace.waits_min("apply/serve") == {"early": 15, "later": 20}


TWO_DEPARTMENTS = (
    DAY
    + """
    services.tax.visits.apply.serve = { pool = "tax-window", work = "10 min" }
    services.health.visits.apply.serve = { pool = "health-window", work = "10 min" }
    arrivals.anna = { services = "tax", at = ["09:00"] }
    arrivals.bo = { services = "tax", at = ["09:00"] }
    """
)


@shows("dedicated windows")
def test_a_department_that_has_its_own_window_leaves_another_s_queue_alone(engine: str) -> None:
    trace = simulate(of_text(TWO_DEPARTMENTS + "pools = { tax-window = {}, health-window = {} }"), engine)
    assert trace.times("apply/serve") == {"anna": "09:00-09:10", "bo": "09:10-09:20"}


@shows("pooled windows")
def test_a_pooled_window_serves_any_department_at_the_price_of_generality(engine: str) -> None:
    pooled = """
        pools.any = { servers = 0, work_factor = 1.2 }
        pools.tax-window = { merge_into = "any" }
        pools.health-window = { merge_into = "any" }
        """
    trace = simulate(of_text(TWO_DEPARTMENTS + pooled), engine)
    assert trace.times("apply/serve") == {"anna": "09:00-09:12", "bo": "09:00-09:12"}
    assert [pool.name for pool in trace.plan.pools] == ["any"]


# ---- services --------------------------------------------------------------------------------------------------------


@shows("share of demand")
def test_services_share_the_demand_of_a_source_by_their_weights() -> None:
    text = """
        run.days = 100
        calendar.hours = "09:00-17:00"
        pools.window = {}
        services.often.visits.apply.serve = { pool = "window", work = "1 min" }
        services.seldom.visits.apply.serve = { pool = "window", work = "1 min" }
        arrivals.street = { services = { often = 3, seldom = 1 }, PROCESS }
        """
    for process in ("per_day = 40", 'every = "12 min"', 'slots = { times = ["10:00"], seats = 40 }'):
        program = program_of(text.replace("PROCESS", process))
        share = (program.entities["service"] == program.services.index("seldom")).mean()
        assert within(share, 0.25, sqrt(0.25 * 0.75 / program.entities.size)), process


@shows("instant item", "consult only")
def test_instant_items_and_enquiries_are_over_with_the_visit(engine: str) -> None:
    trace = simulate(
        of_text(
            DAY
            + """
            pools.window = {}
            [services]
            copy.kind = "instant"
            copy.visits.apply.serve = { pool = "window", work = "10 min", mark = "finished" }
            advice.kind = "consult"
            advice.visits.enquire.ask = { pool = "window", work = "5 min" }
            [arrivals]
            anna = { services = "copy", at = ["09:00"] }
            bo = { services = "advice", purpose = "enquire", at = ["09:00"] }
            """
        ),
        engine,
    )
    assert trace.number(Kind.CASE) == 0
    assert trace.dates("(finished)") == {"anna": "03-03 09:10"}
    assert trace.times("enquire/ask") == {"bo": "09:10-09:15"}


@shows("committed item", "statutory and promised limit")
def test_a_committed_item_stays_in_the_hall_and_has_two_limits(engine: str) -> None:
    scenario = of_text("""
        run = { days = 10 }
        calendar.hours = "09:00-17:00"
        pools.window = {}
        [services.licence]
        kind = "committed"
        legal_limit = "5 working days"
        promised_limit = "2 working days"
        visits.apply.accept = { pool = "window", work = "10 min", mark = "accepted" }
        visits.apply.leave-file = { start_case = true }
        case = { decide = { delay = "3 working days", mark = "finished" } }
        [arrivals.anna]
        services = "licence"
        at = ["2014-03-03 09:00"]
        """)
    trace = simulate(scenario, engine)
    assert trace.dates("(accepted)") == {"anna": "03-03 09:10"}
    assert trace.dates("(finished)") == {"anna": "03-06 09:10"}
    case = measure(scenario, trace.program, trace.plan, trace.log).cases.iloc[0]
    # Accepted on the 3rd, done on the 6th: 3 days by the law's count, one more than promised, two less than the limit.
    assert (case["statutory_days"], case["within_promised"], case["within_legal"]) == (3, False, True)


REVIEWS = (
    DAY
    + """
    pools = { fire = {}, health = {}, window = {} }
    services.opening.visits.apply.accept = { pool = "window", work = "10 min" }
    services.opening.visits.apply.leave-file = { start_case = true }
    arrivals.anna = { services = "opening", at = ["09:00"] }
    """
)


@shows("joint item", "parallel joint review", "fork and join")
def test_departments_review_a_joint_item_at_the_same_time(engine: str) -> None:
    trace = simulate(
        of_text(
            REVIEWS
            + """
            [services.opening.case]
            review.fork.fire.check = { pool = "fire", work = "1 h" }
            review.fork.health.check = { pool = "health", work = "2 h" }
            sign = { pool = "window", work = "5 min" }
            """
        ),
        engine,
    )
    assert trace.times("case/review/fire/check") == {"anna": "09:10-10:10"}
    assert trace.times("case/review/health/check") == {"anna": "09:10-11:10"}
    assert trace.times("case/sign") == {"anna": "11:10-11:15"}
    assert trace.number(Kind.BRANCH) == 2


@shows("sequential joint review with meetings")
def test_one_department_after_another_and_then_a_meeting(engine: str) -> None:
    trace = simulate(
        of_text(
            REVIEWS
            + """
            timetables.meeting = { times = ["14:00"], days = ["mon", "thu"] }
            [services.opening.case.review]
            order = "sequential"
            fork.fire.check = { pool = "fire", work = "1 h" }
            fork.health.check = { pool = "health", work = "2 h" }
            [services.opening.case.sign]
            until = "meeting"
            """
        ),
        engine,
    )
    assert trace.times("case/review/fire/check") == {"anna": "09:10-10:10"}
    assert trace.times("case/review/health/check") == {"anna": "10:10-12:10"}
    assert trace.dates("case/sign") == {"anna": "03-03 14:00"}
    assert trace.number(Kind.BRANCH) == 0


@shows("referred item")
def test_an_item_that_a_higher_level_decides_is_away_from_the_hall(engine: str) -> None:
    trace = simulate(
        of_text("""
            run.days = 6
            calendar.hours = "09:00-17:00"
            pools.reviewer = {}
            [services.item]
            kind = "referred"
            visits.apply.leave-file = { start_case = true }
            case.read = { pool = "reviewer", work = "1 h" }
            case.province = { delay = "3 working days" }
            case.hand-over = { pool = "reviewer", work = "1 h" }
            [arrivals]
            anna = { services = "item", at = ["2014-03-03 09:00"] }
            bo = { services = "item", at = ["2014-03-04 09:00"] }
            """),
        engine,
    )
    # The reviewer is free meanwhile: bo's file is read the next morning.
    assert trace.dates("case/read") == {"anna": "03-03 10:00", "bo": "03-04 10:00"}
    assert trace.dates("case/hand-over") == {"anna": "03-06 11:00", "bo": "03-07 11:00"}


# ---- incomplete material ---------------------------------------------------------------------------------------------

INCOMPLETE = """
    run = { days = 300, follow_up_days = 60 }
    calendar.hours = "09:00-17:00"
    pools = { window = { servers = 9 } }
    [services.licence.visits]
    apply = { accept = { pool = "window", work = "1 min" }, leave-file = { start_case = true } }
    supplement = { hand-in = { pool = "window", work = "1 min" } }
    [arrivals.street]
    services = "licence"
    at = ["09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00"]
    [services.licence.case]
    """


def supplements_by_case(program: Program) -> list[int]:
    supplement = program.purposes.index("supplement")
    of = program.entities["case"][(program.entities["purpose"] == supplement)]
    cases = np.flatnonzero(program.entities["kind"] == Kind.CASE)
    return [int((of == case).sum()) for case in cases]


@shows("incomplete material: share", "incomplete material: one-time notice")
def test_with_a_one_time_notice_nobody_comes_back_more_than_once() -> None:
    program = program_of(INCOMPLETE + 'correct = { visit = "supplement", after = "1 working days", share = 0.3 }')
    visits = np.array(supplements_by_case(program))
    assert set(visits.tolist()) == {0, 1}
    assert within(visits.mean(), 0.3, sqrt(0.3 * 0.7 / visits.size))


@shows("incomplete material: repeated notice", "feedback")
def test_a_repeated_notice_sends_for_the_applicant_again_and_again() -> None:
    program = program_of(
        INCOMPLETE
        + """
        read = { pool = "window", work = "1 min", next = { correct = 0.3, end = 0.7 } }
        correct = { visit = "supplement", after = "1 working days", next = "read" }
        """
    )
    # Geometric: P(k corrections) = 0.7 · 0.3^k, mean 0.3/0.7, variance 0.3/0.7².
    visits = np.array(supplements_by_case(program))
    assert within(visits.mean(), 0.3 / 0.7, sqrt(0.3) / 0.7 / sqrt(visits.size))
    assert within((visits >= 3).mean(), 0.3**3, sqrt(0.3**3 / visits.size))


@shows("incomplete material: one-time notice")
def test_the_applicant_is_waited_for(engine: str) -> None:
    trace = simulate(
        of_text(
            'sites.hall.profile = { "08:00" = 1, "08:01" = 0 }\n'
            + INCOMPLETE.replace("days = 300, follow_up_days = 60", "days = 4").replace(
                'at = ["09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00"]',
                'at = ["2014-03-03 09:00"]',
            )
            + """
            correct = { visit = "supplement", after = "2 working days" }
            decide = { pool = "window", work = "30 min" }
            """
        ),
        engine,
    )
    assert trace.dates("case/correct") == {"street": "03-05 09:01"}
    assert trace.dates("case/decide") == {"street": "03-05 09:31"}


# ---- called and absent -----------------------------------------------------------------------------------------------

ABSENT = """
    calendar.hours = "09:00-17:00"
    run.days = 1
    pools.window = {}
    services.dreamer.visits.apply.serve.pool = "window"
    services.dreamer.visits.apply.serve.work = "10 min"
    services.dreamer.visits.apply.serve.absent = { share = 1, call = "1 min" THEN }
    services.item.visits.apply.serve = { pool = "window", work = "10 min" }
    arrivals.anna = { services = "dreamer", at = ["09:00"] }
    arrivals.bo = { services = "item", at = ["09:00"] }
    """


@shows("called and absent")
def test_whoever_misses_the_call_is_skipped_and_queues_again(engine: str) -> None:
    trace = simulate(of_text(ABSENT.replace("THEN", ', away = "5 min"')), engine)
    assert trace.told("apply") == [
        ("anna", "apply/serve", "03-03 09:00", "03-03 09:00", "03-03 09:01", "done"),  # called for a minute, in vain
        ("bo", "apply/serve", "03-03 09:00", "03-03 09:01", "03-03 09:11", "done"),
        ("anna", "apply/serve", "03-03 09:06", "03-03 09:11", "03-03 09:21", "done"),
    ]


@shows("called and absent")
def test_whoever_misses_the_call_may_be_gone_for_good(engine: str) -> None:
    trace = simulate(of_text(ABSENT.replace("THEN", ', then = "leave"')), engine)
    assert trace.times("apply/serve") == {"anna": "09:00-09:01", "bo": "09:01-09:11"}
    assert trace.outcomes("trip fails") == {"anna": "lost"}
    assert trace.outcomes("go out") == {"anna": "done", "bo": "done"}


# ---- queue rules -----------------------------------------------------------------------------------------------------


@shows("first in, first out")
def test_first_come_is_first_served(engine: str) -> None:
    trace = simulate(
        of_text(
            ONE_WINDOW
            + """
            arrivals.third = { services = "item", at = ["09:03"] }
            arrivals.first = { services = "item", at = ["09:00"] }
            arrivals.second = { services = "item", at = ["09:02"] }
            """
        ),
        engine,
    )
    assert trace.times("apply/serve") == {"first": "09:00-09:10", "second": "09:10-09:20", "third": "09:20-09:30"}


@shows("priority", "green channel", "priority of appointments", "priorities, not preemptive")
def test_the_more_urgent_are_called_first_but_take_nobody_s_place_at_the_window(engine: str) -> None:
    trace = simulate(
        of_text(
            ONE_WINDOW
            + """
            [arrivals]
            anna = { services = "item", at = ["09:00"] }
            bo = { services = "item", at = ["09:01"] }
            booked = { services = "item", channel = "appointment", priority = 3, slots = { times = ["09:02"] } }
            project = { services = "item", priority = 1, at = ["09:03"] }
            later = { services = "item", priority = 8, at = ["09:00:30"] }
            """
        ),
        engine,
    )
    assert trace.times("apply/serve") == {
        "anna": "09:00-09:10",
        "project": "09:10-09:20",  # green channel: 1
        "booked": "09:20-09:30",  # appointment: 3
        "bo": "09:30-09:40",  # ordinary: 5
        "later": "09:40-09:50",  # 8, though there before bo
    }


@shows("green channel")
def test_a_service_on_the_green_channel_passes_the_files_on_the_desk(engine: str) -> None:
    trace = simulate(
        of_text(
            DAY
            + """
            pools.reviewer = {}
            [services.licence]
            visits.apply.leave-file = { start_case = true }
            case.review = { pool = "reviewer", work = "1 h" }
            [services.project]
            visits.apply.leave-file = { start_case = true }
            case.review = { pool = "reviewer", work = "1 h" }
            case_priority = 1
            [arrivals]
            anna = { services = "licence", at = ["09:00"] }
            bo = { services = "licence", at = ["09:10"] }
            major = { services = "project", at = ["09:20"] }
            """
        ),
        engine,
    )
    assert trace.times("case/review") == {"anna": "09:00-10:00", "major": "10:00-11:00", "bo": "11:00-12:00"}


@shows("earliest due date")
@pytest.mark.parametrize(
    ("discipline", "expected"),
    [
        ("fifo", {"first": "09:10-10:10", "slow": "10:10-11:10", "quick": "11:10-12:10"}),
        # Accepted on the same day: 10 working days against 2.
        ("due-date", {"first": "09:10-10:10", "quick": "10:10-11:10", "slow": "11:10-12:10"}),
    ],
)
def test_the_file_that_is_due_first_is_taken_first(engine: str, discipline: str, expected: dict[str, str]) -> None:
    trace = simulate(
        of_text(
            DAY
            + f"""
            pools = {{ window = {{}}, reviewer = {{ discipline = "{discipline}" }} }}
            [routes]
            accept.serve = {{ pool = "window", work = "10 min", mark = "accepted" }}
            accept.leave-file = {{ start_case = true }}
            review.review = {{ pool = "reviewer", work = "1 h" }}
            [services]
            slow = {{ promised_limit = "10 working days", visits.apply = "accept", case = "review" }}
            quick = {{ promised_limit = "2 working days", visits.apply = "accept", case = "review" }}
            [arrivals]
            first = {{ services = "slow", at = ["09:00"] }}
            slow = {{ services = "slow", at = ["09:10"] }}
            quick = {{ services = "quick", at = ["09:20"] }}
            """
        ),
        engine,
    )
    assert trace.times("case/review") == expected


# ---- approval --------------------------------------------------------------------------------------------------------


@shows("approval stages with their own staff")
def test_every_stage_has_its_own_staff_and_its_own_queue(engine: str) -> None:
    trace = simulate(
        of_text(
            DAY
            + """
            pools = { clerks = { servers = 2 }, head = {} }
            services.item.visits.apply.leave-file = { start_case = true }
            services.item.case.read = { pool = "clerks", work = "30 min" }
            services.item.case.decide = { pool = "head", work = "20 min" }
            arrivals.anna = { services = "item", at = ["09:00"] }
            arrivals.bo = { services = "item", at = ["09:00"] }
            """
        ),
        engine,
    )
    assert trace.times("case/read") == {"anna": "09:00-09:30", "bo": "09:00-09:30"}
    assert trace.times("case/decide") == {"anna": "09:30-09:50", "bo": "09:50-10:10"}


SIGNING = """
    run = { start = 2014-03-03, days = 5 }
    calendar = { weekend = ["sat", "sun"], hours = "09:00-17:00" }
    pools = { clerk = {}, chief = { CHIEF } }
    timetables = { courier = { times = ["10:00", "16:00"] } }
    services.item.visits.apply.leave-file = { start_case = true }
    services.item.case = { read = { pool = "clerk", work = "30 min" }, RIDE sign = { pool = "chief", work = "10 min" } }
    arrivals.anna = { services = "item", at = ["2014-03-03 10:00"] }
    arrivals.bo = { services = "item", at = ["2014-03-04 09:20"] }
    """


def signed(engine: str, *, chief: str = "", ride: str = "") -> dict[str, str]:
    text = SIGNING.replace("CHIEF", chief).replace("RIDE", ride)
    return simulate(of_text(text), engine).dates("case/sign")


@shows("hand-over by courier rounds", "hand-over on site", "scheduled batch departures")
def test_a_file_waits_for_the_courier_unless_the_offices_are_under_one_roof(engine: str) -> None:
    # Read by 10:30 (anna, Monday) and 09:50 (bo, Tuesday); the courier goes at 10:00 and 16:00.
    ride = 'hand-over = { until = "courier" }, '
    assert signed(engine, ride=ride) == {"anna": "03-03 16:10", "bo": "03-04 10:10"}
    assert signed(engine) == {"anna": "03-03 10:40", "bo": "03-04 10:00"}


@shows("delegated sign-off", "a chief who signs twice a week")
def test_a_chief_who_signs_twice_a_week_makes_files_wait_and_a_delegate_does_not(engine: str) -> None:
    # The chief signs on Tuesday until 9:45, and on Thursday.
    chief = 'hours = { tue = "09:00-09:45", thu = "09:00-12:00" }'
    assert signed(engine, chief=chief) == {"anna": "03-04 09:10", "bo": "03-06 09:10"}
    assert signed(engine) == {"anna": "03-03 10:40", "bo": "03-04 10:00"}


INSPECTION = """
    run.days = 2
    calendar.hours = "09:00-17:00"
    pools.team = {}
    timetables.half-day = { times = ["09:00", "13:00"], capacity = 1 }
    services.item.visits.apply.leave-file = { start_case = true }
    services.item.case = { BOOK inspect = { pool = "team", work = "WORK" } }
    arrivals.anna = { services = "item", channel = "online", at = ["2014-03-03 08:00"] }
    arrivals.bo = { services = "item", channel = "online", at = ["2014-03-03 08:30"] }
    arrivals.cai = { services = "item", channel = "online", at = ["2014-03-03 08:45"] }
    """


@shows("inspection teams with travel", "inspection teams on site", "bookings per half day")
def test_an_inspection_team_is_busy_travelling_and_is_booked_by_the_half_day(engine: str) -> None:
    def inspected(work: str, book: str) -> dict[str, str]:
        text = INSPECTION.replace("WORK", work).replace("BOOK", book)
        return simulate(of_text(text), engine).dates("case/inspect")

    # One hour on the premises, and half an hour there and back where they lie across town.
    assert inspected("1 h", "") == {"anna": "03-03 10:00", "bo": "03-03 11:00", "cai": "03-03 12:00"}
    assert inspected("2 h", "") == {"anna": "03-03 11:00", "bo": "03-03 13:00", "cai": "03-03 15:00"}
    booked = inspected("2 h", 'book = { until = "half-day" }, ')
    assert booked == {"anna": "03-03 11:00", "bo": "03-03 15:00", "cai": "03-04 11:00"}


# ---- leaving, and closing --------------------------------------------------------------------------------------------


@shows("reneging", "patience")
def test_patience_ends_a_wait_but_not_a_service(engine: str) -> None:
    trace = simulate(
        of_text(
            ONE_WINDOW
            + """
            arrivals.anna = { services = "item", at = ["09:00"], patience = "5 min" }
            arrivals.bo = { services = "item", at = ["09:00"], patience = "5 min" }
            arrivals.cai = { services = "item", at = ["09:00"], patience = "10 min" }
            """
        ),
        engine,
    )
    assert trace.outcomes("apply/serve") == {"anna": "done", "bo": "reneged", "cai": "done"}
    assert trace.waits_min("apply/serve") == {"anna": 0, "bo": 5, "cai": 10}


@shows("cut-off")
def test_no_ticket_is_given_in_the_last_minutes(engine: str) -> None:
    trace = simulate(
        of_text(
            ONE_WINDOW
            + """
            sites.hall.tickets_stop = "30 min"
            arrivals.anna = { services = "item", at = ["16:29:59"] }
            arrivals.bo = { services = "item", at = ["16:30"] }
            """
        ),
        engine,
    )
    assert trace.outcomes("come in") == {"anna": "done", "bo": "shut"}


@shows("overtime or sent home")
@for_each(("policy", "ends", "outcome"), [("serve", "03-03 17:15", "done"), ("send-home", "03-03 17:00", "sent home")])
def test_whoever_waits_at_closing_is_served_or_sent_home(engine: str, policy: str, ends: str, outcome: str) -> None:
    trace = simulate(
        of_text(
            ONE_WINDOW
            + f"""
            sites.hall.at_close = "{policy}"
            arrivals.anna = {{ services = "item", at = ["16:55"] }}
            arrivals.bo = {{ services = "item", at = ["16:56"] }}
            """
        ),
        engine,
    )
    assert trace.dates("apply/serve") == {"anna": "03-03 17:05", "bo": ends}
    assert trace.outcomes("apply/serve") == {"anna": "done", "bo": outcome}


@shows("sub-centres with couriers between them")
def test_a_township_desk_accepts_and_the_hall_decides(engine: str) -> None:
    trace = simulate(
        of_text("""
            run.days = 2
            calendar.hours = "09:00-17:00"
            sites = { hall = {}, township = { hours = "10:00-12:00" } }
            pools = { desk = { site = "township" }, reviewer = { site = "hall" } }
            timetables.courier = { times = ["15:00"], site = "township" }
            [services.item]
            visits.apply = { accept = { pool = "desk", work = "10 min" }, leave-file = { start_case = true } }
            case = { ride = { until = "courier" }, review = { pool = "reviewer", work = "1 h" } }
            [arrivals]
            anna = { services = "item", site = "township", at = ["2014-03-03 09:00"] }
            bo = { services = "item", site = "township", at = ["2014-03-03 12:00"] }
            """),
        engine,
    )
    assert trace.dates("come in") == {"anna": "03-03 10:00", "bo": "03-03 12:00"}
    assert trace.times("apply/accept") == {"anna": "10:00-10:10"}
    assert trace.dates("case/ride") == {"anna": "03-03 15:00"}
    assert trace.times("case/review") == {"anna": "15:00-16:00"}
    assert trace.outcomes("come in") == {"anna": "done", "bo": "shut"}


@shows("cost per server-hour")
def test_a_pool_costs_its_rostered_hours(engine: str) -> None:
    scenario = of_text("""
        run.days = 2
        calendar.hours = "09:00-17:00"
        services.item.visits.apply.serve = { pool = "window", work = "10 min" }
        arrivals.anna = { services = "item", at = ["09:00"] }
        [pools.window]
        cost_per_hour = 30.0
        roster = [{ hours = "09:00-17:00", servers = 2 }, { hours = "09:00-11:00", servers = 1 }]
        """)
    trace = simulate(scenario, engine)
    staff = measure(scenario, trace.program, trace.plan, trace.log).staff.iloc[0]
    # (2 · 8 h + 1 · 2 h) · 2 days · 30 yuan, of which 10 minutes a day are work.
    assert staff["rostered_hours"] == 36
    assert staff["cost_yuan"] == 1080
    assert staff["busy_hours"] == pytest.approx(2 / 6)


# ---- the textbook's queues -------------------------------------------------------------------------------------------


@shows("open round the clock")
def test_a_hall_that_never_closes_has_no_doors_and_no_nights(engine: str) -> None:
    trace = simulate(
        of_text("""
            run.days = 2
            pools.window = {}
            services.item.visits.apply.serve = { pool = "window", work = "2 h" }
            arrivals.anna = { services = "item", at = ["2014-03-03 23:00"] }
            arrivals.bo = { services = "item", at = ["2014-03-04 00:30"] }
            """),
        engine,
    )
    assert [row[1] for row in trace.told()] == ["apply/serve", "apply/serve"]
    assert trace.dates("apply/serve") == {"anna": "03-04 01:00", "bo": "03-04 03:00"}


@shows("renewal arrivals")
def test_a_renewal_process_runs_in_opening_time() -> None:
    # Every 7 minutes of a day that is open for an hour: the 9th comes in the 63rd minute, at 09:03 of the next day.
    program = program_of("""
        run.days = 2
        calendar.hours = ["09:00-09:30", "13:00-13:30"]
        pools.window = {}
        services.item.visits.apply.serve = { pool = "window", work = "1 min" }
        arrivals.street = { services = "item", every = "7 min" }
        """)
    minutes = (program.entities["start"] // 60_000).tolist()
    nine, one, next_day = 9 * 60, 13 * 60, 24 * 60
    assert minutes[:4] == [nine + 7, nine + 14, nine + 21, nine + 28]
    assert minutes[4:8] == [one + 5, one + 12, one + 19, one + 26]
    assert minutes[8] == next_day + nine + 3
    assert len(minutes) == 17  # 120 open minutes / 7


@shows("any SciPy law by its parameters")
def test_work_can_follow_any_law_that_scipy_knows() -> None:
    # powerlaw(a=3) on [0, 10 min]: F(x) = (x/10)³, mean 7.5 min, variance 100 · 3/(5 · 16) min².
    program = program_of("""
        run.days = 100
        calendar.hours = "09:00-17:00"
        pools.window = { servers = 50 }
        services.item.visits.apply.serve = { pool = "window", work = { dist = "powerlaw", a = 3, scale = "10 min" } }
        arrivals.street = { services = "item", per_day = 30 }
        """)
    minutes = program.ops["amount"][program.ops["code"] == Code.SERVE] / 60_000
    assert minutes.max() <= 10
    assert within(minutes.mean(), 7.5, sqrt(100 * 3 / 80 / minutes.size))
    assert within((minutes <= 5).mean(), 1 / 8, sqrt(1 / 8 * 7 / 8 / minutes.size))


@shows("a law by mean and cv")
def test_work_can_be_given_by_mean_and_coefficient_of_variation() -> None:
    program = program_of("""
        run.days = 100
        calendar.hours = "09:00-17:00"
        pools.window = { servers = 50 }
        services.item.visits.apply.serve = { pool = "window", work = { dist = "gamma", mean = "8 min", cv = 0.5 } }
        arrivals.street = { services = "item", per_day = 30 }
        """)
    minutes = program.ops["amount"][program.ops["code"] == Code.SERVE] / 60_000
    assert within(minutes.mean(), 8, 4 / sqrt(minutes.size))
    # Var of a sample variance: (kurtosis - 1)/n · sd⁴, and a gamma law of shape 4 has kurtosis 3 + 6/4.
    assert within(minutes.var(ddof=1), 16, 16 * sqrt(3.5 / minutes.size))


@shows("c servers")
def test_c_servers_share_one_queue(engine: str) -> None:
    trace = simulate(
        of_text(
            ONE_WINDOW.replace("pools.window = {}", "pools.window = { servers = 3 }")
            + 'arrivals.street = { services = "item", at = ["09:00"], batch = 4 }'
        ),
        engine,
    )
    assert list(trace.waits_min("apply/serve").values()) == [0, 0, 0, 10]


@shows("finite room")
def test_whoever_finds_the_waiting_room_full_leaves(engine: str) -> None:
    trace = simulate(
        of_text(
            ONE_WINDOW.replace("pools.window = {}", "pools.window = { room = 2 }")
            + 'arrivals.street = { services = "item", at = ["09:00"], batch = 5 }'
        ),
        engine,
    )
    assert list(trace.outcomes("apply/serve").values()).count("full") == 2
    assert list(trace.outcomes("apply/serve").values()).count("done") == 3


@shows("priorities, preemptive")
def test_the_more_urgent_take_the_server_and_give_it_back(engine: str) -> None:
    trace = simulate(
        of_text(
            ONE_WINDOW.replace("pools.window = {}", "pools.window = { preemptive = true }")
            + """
            arrivals.anna = { services = "item", at = ["09:00"] }
            arrivals.urgent = { services = "item", at = ["09:04"], priority = 1 }
            arrivals.equal = { services = "item", at = ["09:05"], priority = 1 }
            """
        ),
        engine,
    )
    assert trace.told("apply") == [
        ("anna", "apply/serve", "03-03 09:00", "03-03 09:00", "03-03 09:04", "preempted"),
        ("urgent", "apply/serve", "03-03 09:04", "03-03 09:04", "03-03 09:14", "done"),
        ("equal", "apply/serve", "03-03 09:05", "03-03 09:14", "03-03 09:24", "done"),  # never an equal's
        ("anna", "apply/serve", "03-03 09:04", "03-03 09:24", "03-03 09:30", "done"),
    ]


@shows("feedback")
def test_a_share_of_those_who_were_served_queue_again() -> None:
    program = program_of("""
        run.days = 100
        calendar.hours = "09:00-17:00"
        pools.window = { servers = 50 }
        services.item.visits.apply.serve = { pool = "window", work = "1 min", next = { serve = 0.25, end = 0.75 } }
        arrivals.street = { services = "item", per_day = 40 }
        """)
    # Passages are geometric: mean 1/0.75, variance 0.25/0.75².
    visitors = program.entities.size
    passages = (program.ops["code"] == Code.SERVE).sum() / visitors
    assert within(passages, 1 / 0.75, 0.5 / 0.75 / sqrt(visitors))


@shows("general routing")
def test_visitors_are_routed_by_probabilities_to_any_step(engine: str) -> None:
    text = """
        run.days = 60
        calendar.hours = "09:00-17:00"
        pools = { a = { servers = 50 }, b = { servers = 50 }, c = { servers = 50 } }
        [services.item.visits.apply]
        first = { pool = "a", work = "1 min", next = { second = 0.2, third = 0.5, end = 0.3 } }
        second = { pool = "b", work = "1 min", next = "end" }
        third = { pool = "c", work = "1 min", next = "second" }
        [arrivals.street]
        services = "item"
        per_day = 50
        """
    trace = simulate(of_text(text), engine)
    n = trace.number(Kind.VISIT)
    second, third = (len(trace.told(f"apply/{step}")) for step in ("second", "third"))
    assert within(third / n, 0.5, sqrt(0.25 / n))
    assert within(second / n, 0.7, sqrt(0.21 / n))  # 0.2 directly, 0.5 by way of the third


@shows("server schedules")
def test_the_number_of_servers_follows_a_schedule(engine: str) -> None:
    trace = simulate(
        of_text(
            DAY
            + """
            services.item.visits.apply.serve = { pool = "window", work = "1 h" }
            arrivals.street = { services = "item", at = ["09:00"], batch = 4 }
            [pools.window]
            roster = [{ hours = "09:00-17:00", servers = 1 }, { hours = "10:00-12:00", servers = 2 }]
            """
        ),
        engine,
    )
    # One server at 9; three from 10 on.
    assert list(trace.waits_min("apply/serve").values()) == [0, 60, 60, 60]


@shows("batch arrivals")
def test_visitors_can_come_in_groups() -> None:
    program = program_of(ONE_WINDOW + 'arrivals.bus = { services = "item", at = ["09:00", "10:00"], batch = 3 }')
    assert (program.entities["start"] // 3_600_000).tolist() == [9, 9, 9, 10, 10, 10]
    text = 'arrivals.bus = { services = "item", per_day = 500, batch = { values = [1, 4], shares = [0.5, 0.5] } }'
    starts = program_of(ONE_WINDOW + text).entities["start"]
    # A compound Poisson number: mean λ·E[B], variance λ·E[B²].
    assert within(starts.size, 500 * 2.5, sqrt(500 * 8.5))


# ---- the checklist ---------------------------------------------------------------------------------------------------


@for_each("item", [*CAN_SAY, *TEXTBOOK])
def test_everything_a_scenario_can_say_is_shown_by_a_test(item: str) -> None:
    assert item in shown


def test_nothing_is_shown_that_no_list_asks_for() -> None:
    assert shown <= {*CAN_SAY, *TEXTBOOK}
