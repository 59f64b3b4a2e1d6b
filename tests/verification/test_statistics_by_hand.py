"""Statistics of a hall that can be worked by hand: four visitors a day, ten minutes each, one window."""

from types import SimpleNamespace

import numpy as np
import pytest
from cases import for_each

from scenarios.compose.composing import compose_text
from sim.calendar import DAY_MS, MINUTE_MS
from sim.engine.choice import prepare
from sim.program import Code
from verification import statistics as read
from verification.runs import runs, scenario_of, served

HEAD = """
    format = 1
    name = "by-hand"
    run = { start = 2014-03-03, warm_up_days = 1, days = 2, follow_up_days = 1, replications = 1, seed = 4 }
"""
FOUR = """
    pools.window = {}
    services.item.visits.apply.serve = { pool = "window", work = "10 min" }
    arrivals.visitors = { services = "item", purpose = "apply", at = ["09:00", "09:02", "09:10", "09:40"] }
"""
"""Served from 9:00, 9:10, 9:20 and 9:40 on, ten minutes each; waits of 0, 8, 10 and 0 minutes."""
DAYS = 2


def only_run(text, **options):
    scenario = compose_text(HEAD + text, name="by-hand").scenario
    (run,) = runs(scenario, engine=prepare(), **options)
    return run


@pytest.fixture(scope="module")
def four():
    return only_run(FOUR)


@for_each(
    "statistic, top, bottom",
    [
        (read.mean_wait("window"), 18, 4),
        (read.mean_wait("window", "item"), 18, 4),
        (read.mean_wait_everywhere, 18, 4),
        (read.wait_of_all("window"), 18, 4),
        (read.square_wait("window"), 164, 4),
        (read.waits_longer_than("window", 0), 2, 4),
        (read.waits_longer_than("window", 8), 1, 4),
        (read.waits_longer_than("window", 10), 0, 4),
        (read.waits_of_all_longer_than("window", 8), 1, 4),
        (read.waits_of_all_longer_than("window", 7.9), 2, 4),
        (read.working_time_wait("window"), 18, 4),
        (read.refused_share("window"), 0, 4),
        (read.left_share("window"), 0, 4),
        (read.sent_home_share("window"), 0, 4),
        (read.number_inside("window"), 58 * MINUTE_MS, DAY_MS),
        (read.number_inside("window", 545, 560), 30 * MINUTE_MS, 15 * MINUTE_MS),
        (read.number_inside("window", 0, 542), 2 * MINUTE_MS, 542 * MINUTE_MS),
        (read.down_share("window", 4), 58 * MINUTE_MS, 4 * DAY_MS),
        (read.share_inside_at_least(1, "window"), 40 * MINUTE_MS, DAY_MS),
        (read.share_inside_at_least(2, ("window",)), 18 * MINUTE_MS, DAY_MS),
        (read.share_inside_at_least(3, "window"), 0, DAY_MS),
        (read.share_with_nobody(("window",)), DAY_MS - 40 * MINUTE_MS, DAY_MS),
        (read.found_number("window"), 2, 4),  # who leaves at ten past nine is not there for who comes then
        (read.found_at_least("window", 1), 2, 4),
        (read.found_at_least("window", 2), 0, 4),
        (read.busy_period("window"), 40, 2),
        (read.unfinished_work("window"), 4 * 50 + 10 * 18, 1_440),
        (read.mean_sojourn(), 58, 4),
        (read.mean_sojourn("item"), 58, 4),
        (read.sojourn_longer_than(18), 1, 4),
        (read.sojourn_longer_than(20), 0, 4),
        (read.share_between(542, 550), 1, 4),  # from two past nine, up to before ten past nine
        (read.share_between(0, 1_440), 4, 4),
        (read.without_events(lambda run: run.log.started[run.visits()], 10), 144 - 3, 144),
    ],
    ids=lambda case: case[1:],
)
def test_a_statistic_of_one_day_is_what_the_hand_works_out(four, statistic, top, bottom):
    assert statistic(four) == (pytest.approx(top * DAYS), pytest.approx(bottom * DAYS))


def test_as_many_visitors_every_day_have_no_dispersion(four):
    assert read.day_count_dispersion(four) == (0, 4)


def test_weighted_waits_are_means_times_loads(four):
    assert read.weighted_waits("window", {"item": 3.0})(four) == (pytest.approx(3 * 18 / 4), 1)


def test_the_variance_of_counts_is_that_of_a_sample():
    starts = np.array([0, 1, 2, DAY_MS, 2 * DAY_MS, 2 * DAY_MS + 5]) + 7 * DAY_MS
    run = SimpleNamespace(
        log=SimpleNamespace(started=starts),
        visits=lambda: np.arange(6),
        window=SimpleNamespace(begin=7 * DAY_MS),
        length=4 * DAY_MS,
    )
    assert read.day_count_dispersion(run) == (pytest.approx(5 / 3), 1.5)  # 3, 1, 2 and 0 visitors


def test_who_stays_over_midnight_counts_on_either_side_of_the_measured_days():
    late = only_run(FOUR.replace('["09:00", "09:02", "09:10", "09:40"]', '["23:55"]').replace("10 min", "20 min"))
    # Fifteen minutes from the day before, twenty between, five at the end.
    assert read.number_inside("window")(late) == (40 * MINUTE_MS, DAYS * DAY_MS)
    assert read.share_inside_at_least(1, "window")(late) == (40 * MINUTE_MS, DAYS * DAY_MS)
    assert read.mean_sojourn()(late) == (40, 2)
    assert read.found_number("window")(late) == (0, 2)
    assert read.busy_period("window")(late) == (40, 2)


ROOM = """
    pools.window = { room = 1 }
    services.item.visits.apply.serve = { pool = "window", work = "10 min" }
    arrivals.visitors = { services = "item", at = ["09:00", "09:01", "09:02", "09:03"] }
"""


def test_who_finds_the_room_full_is_refused():
    full = only_run(ROOM)
    assert read.refused_share("window")(full) == (2 * DAYS, 4 * DAYS)
    assert read.mean_wait("window")(full) == (9 * DAYS, 2 * DAYS)
    assert read.wait_of_all("window")(full) == (9 * DAYS, 4 * DAYS)


def test_a_scenario_s_replications_and_seed_are_its_own_unless_others_are_stated():
    scenario = compose_text(HEAD.replace("replications = 1", "replications = 3") + FOUR, name="by-hand").scenario
    assert len(list(runs(scenario, engine=prepare()))) == 3
    assert len(list(runs(scenario, engine=prepare(), replications=2))) == 2
    random = scenario_of("mm1", {"run.days": 2, "run.warm_up_days": 0, "run.replications": 1})

    def starts(**options):
        (run,) = runs(random, engine=prepare(), **options)
        return run.log.started.tolist()

    assert starts() == starts(seed=random.run.seed) != starts(seed=0)


def test_rows_of_a_run_are_those_of_an_operation_a_pool_and_a_service():
    both = only_run("""
        pools = { window = {}, office = {} }
        services.a.visits.apply.serve = { pool = "window", work = "1 min" }
        services.b.visits.apply.one = { pool = "window", work = "2 min" }
        services.b.visits.apply.two = { pool = "office", work = "3 min" }
        arrivals = { a = { services = "a", at = ["09:00"] }, b = { services = "b", at = ["10:00"] } }
    """)
    sizes = [
        both.at("window").size,
        both.at("office").size,
        both.at("window", "a").size,
        both.at("window", "b").size,
        both.at("office", "a").size,
        both.rows(Code.SERVE).size,
        both.rows(Code.JOIN).size,
        both.visits().size,
        both.visits("b").size,
        both.begun(both.at("window")).size,
        served(both.at("window")).size,
    ]
    assert sizes == [8, 4, 4, 4, 0, 12, 0, 4, 2, 4, 8]  # of four days, of which two are measured
    assert both.length == DAYS * DAY_MS
    (stay,) = {int(work) for work in both.at("office").end - both.at("office").start}
    assert stay == 3 * MINUTE_MS


def test_a_run_that_ends_before_its_visitors_are_done_is_refused():
    text = FOUR.replace("10 min", "12 h").replace('"09:02", "09:10", ', "")
    late = only_run(text.replace("pools.window = {}", "pools.window = { servers = 2 }"))
    assert late.visits().size == 4
    with pytest.raises(ValueError, match="by-hand: 8 are not done; follow them up for longer"):
        only_run(FOUR.replace("10 min", "18 h")).visits()  # those of the first day keep the window for three
