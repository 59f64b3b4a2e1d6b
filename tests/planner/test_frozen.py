"""What the planner works out of small inputs, frozen whole: every figure of a result, and every sentence about it."""

import math
from dataclasses import asdict, replace
from types import SimpleNamespace

import numpy as np
import pytest
from studies import beginning_of

from foundation import messages
from foundation.errors import HallplanError
from planner.compare import Comparison, unequal_demand
from planner.compression import realised, supported
from planner.controls import controls_of
from planner.forecast import ComparedForecasts, DrawnScenarios, Forecast, Spread, forecast_systems
from planner.load import offered_load
from planner.outlook import outlook_of
from planner.promised_limits import cut_readings, draw_limits
from planner.regime import regime_of
from planner.select import Best, check_candidates, check_equal_demand
from planner.warm_up import from_the_beginning
from scenarios.compose.composing import compose, compose_text, composed
from sim.run.replications import Replications, replicate
from sim.run.sample import Sample
from sim.statistics import Interval, Selection

TEXTBOOK = compose("textbook-mm3", overrides={"run.days": 2, "run.warm_up_days": 0, "run.follow_up_days": 1})


def rounded(value):
    """Return figures with nine significant digits, so that they are the same on every machine."""
    if isinstance(value, dict):
        return {str(key): rounded(part) for key, part in value.items()}
    if isinstance(value, np.ndarray):
        return rounded(value.tolist())
    if isinstance(value, (list, tuple)):
        return [rounded(part) for part in value]
    return f"{value:.9g}" if isinstance(value, (float, np.floating)) else value


def rows(frame):
    return [rounded(row) for row in frame.to_dict("records")]


def replications(values, *, name="base"):
    scenario = TEXTBOOK.model_copy(update={"name": name})
    samples = [Sample(tuple(values), np.array(row, dtype=float)) for row in zip(*values.values(), strict=True)]
    return Replications(scenario, 1, tuple(samples))


BASE = {
    "unserved_share": [0.1, 0.2, 0.1, 0.15],
    "ticket_wait_mean_min": [1.0, 2.0, 3.0, 4.0],
    "ticket_wait_mean_min:num": [10.0, 20.0, 60.0, 80.0],
    "ticket_wait_mean_min:den": [10.0, 10.0, 20.0, 20.0],
    "visits_per_day": [7.0, 8.0, 9.0, 7.0],
    "same": [5.0, 5.0, 5.0, 5.0],
    "gaps": [1.0, math.nan, 2.0, 4.0],
}
MORE = {
    "unserved_share": [0.2, 0.1, 0.3, 0.25],
    "ticket_wait_mean_min": [2.0, 3.5, 4.0, 6.0],
    "ticket_wait_mean_min:num": [20.0, 35.0, 80.0, 120.0],
    "ticket_wait_mean_min:den": [10.0, 10.0, 20.0, 20.0],
    "visits_per_day": [9.0, 10.5, 11.0, 9.0],
    "same": [5.0, 6.0, 5.0, 6.0],
    "gaps": [2.0, 3.0, math.nan, 5.5],
    "own": [1.0, 2.0, 3.0, 4.0],
}


def test_a_comparison_of_three_scenarios(snapshot):
    runs = (replications(BASE), replications(MORE, name="more"), replications(BASE, name="again"))
    comparison = Comparison(runs, 0.9)
    assert rows(comparison.frame()) == snapshot
    assert rounded(
        [comparison.simultaneous_level, asdict(comparison.exploratory), comparison.primary, comparison.metrics]
    ) == snapshot(name="levels")
    assert {name: frame.shape for name, frame in comparison.frames().items()} == snapshot(name="frames")
    assert comparison.frame(["visits_per_day"])["scenario"].tolist() == ["more", "again"]
    named = replace(comparison, titles=("x", "y", "z"))
    assert named.frame(["visits_per_day"])["scenario"].tolist() == ["y", "z"]
    with pytest.raises(KeyError):
        comparison.difference("none")
    for which in (0, 3, -1):
        with pytest.raises(IndexError):
            comparison.difference("same", which)


def test_runs_that_are_no_pairs_are_refused():
    base = replications(BASE)
    short = replace(base, samples=base.samples[:3])
    for other in (replace(base, seed=2), replace(base, first=1), short):
        with pytest.raises(HallplanError) as failure:
            Comparison((base, base, other))
        assert failure.value.key == "error.compare.unpaired"
    with pytest.raises(HallplanError) as failure:
        Comparison((base,))
    assert (failure.value.key, failure.value.values) == ("error.compare.too_few", {"n": 1})


def test_questions_online_are_no_arrivals():
    hall = compose("honghuagang-2013")
    more = {"channel": "online", "purpose": "enquire", "services": hall.arrivals["enquiries"].services, "per_day": 60}
    assert unequal_demand([hall, compose("honghuagang-2013", overrides={"arrivals.questions": more})], "ab") is None


def test_demand_differs_from_more_than_a_hundredth_on():
    halls = [compose("textbook-mm3", overrides={"demand": demand}) for demand in (1.0, 1.0099, 1.02, 0.995)]
    assert unequal_demand(halls[:2], "ab") is None
    extremes = unequal_demand(halls, "abcd")
    assert rounded(extremes) == {"few": "d", "least": "286.56", "many": "c", "most": "293.76"}
    with pytest.raises(HallplanError) as failure:
        check_equal_demand(halls, "abcd")
    assert (failure.value.key, failure.value.values) == ("statistics.select.unequal_demand", extremes)
    check_candidates(halls, unequal_demand=True)
    with pytest.raises(HallplanError):
        check_candidates(halls)


HALLS = tuple(TEXTBOOK.model_copy(update={"name": name}) for name in ("three", "five", "four"))
VALUES = (np.array([9.0, 11.0]), np.array([5.0, 6.0, 7.5]), np.array([4.0, 6.0, 9.0]))
SELECTION = Selection(1, tuple(float(value.mean()) for value in VALUES), (2, 3, 3), (1, 2), "kn")


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_choice_says_what_it_is_worth(language, snapshot):
    best = Best(HALLS, "ticket_wait_mean_min", "lower", SELECTION, VALUES, 1, 1.5, 0.9)
    share = replace(best, metric="ticket_wait_within_15_share", delta=0.02)
    said = [best.message(language), share.message(language, metric="Quick"), replace(best, draws=7).message(language)]
    said += [
        replace(best, selection=replace(SELECTION, procedure=procedure)).message(language)
        for procedure in ("kn-stopped", "ocba")
    ]
    assert said == snapshot


def test_the_frames_of_a_choice(snapshot):
    best = Best(HALLS, "ticket_wait_mean_min", "lower", SELECTION, VALUES, 1, 1.5, 0.9, unserved=(0.1, 0.0, math.nan))
    assert rows(best.frame()) == snapshot
    assert rows(best.frames()["replications"]) == snapshot(name="replications")
    assert best.scenario.name == "five"
    assert replace(best, titles=("a", "b", "c")).frame()["scenario"].tolist() == ["a", "b", "c"]
    assert replace(best, unserved=()).frame()["unserved_share"].isna().all()
    with pytest.raises(ValueError, match="selected no system"):
        Best.of(SimpleNamespace(study=SimpleNamespace(policy=None), selection=None))


# ---- before anything is simulated ----------------------------------------------------------------------------------

HALL = """
    format = 1
    name = "hall"
    run = { start = 2014-03-03, warm_up_days = 1, days = 5, follow_up_days = 1 }
    calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
    people = { citizen = {}, elderly = { work_factor = 2.0 } }
    pools.window = { servers = 2, work_factor = 1.2, at_close = "serve" }
    pools.office = { servers = 1, at_close = "keep" }
    pools.closed = { servers = 0 }
    pools.shift = { roster = [{ days = ["mon"], hours = "09:00-12:00", servers = 4 }] }
    timetables.round = { times = ["10:00"], capacity = 30 }
    timetables.bus = { times = ["11:00"] }
    routes.opinion.write = { pool = "office", work = "6 min" }

    [services.item.visits.apply]
    serve = { pool = "window", work = "10 min", absent = { share = 0.1, call = "1 min", then = "leave" } }
    ask = { fork = { a = "opinion", b = "opinion" }, share = 0.5 }
    ride = { until = "bus" }
    file = { start_case = true, share = 0.5 }

    [services.item.visits.supplement]
    again = { pool = "window", work = "4 min" }

    [services.item.case]
    review = { pool = "office", work = "12 min" }
    enough = { share = 0.7, next = "end", mark = "decided" }
    board = { until = "round" }
    back = { visit = "supplement", after = "1 working days", next = "review" }

    [services.other.visits.apply]
    look = { pool = "closed", work = "1 min", next = { look = 0.25, end = 0.75 } }

    [arrivals]
    people = { services = { item = 3, other = 1 }, per_day = 42, people = { citizen = 3, elderly = 1 } }
    booked.services = "item"
    booked.slots = { times = ["09:00"], days = ["mon"], seats = 5, booked = 0.5, no_show = 0.2 }
    stated = { services = "item", at = ["09:30", "2014-03-03 11:00", "2014-03-05 11:00", "2014-03-11 09:00"] }
    online = { services = "other", channel = "online", every = { dist = "gamma", mean = "1 h", cv = 0.5 } }
"""


@pytest.fixture(scope="module")
def hall():
    return compose_text(HALL, name="hall").scenario


def test_the_load_of_a_hall_with_everything(hall, snapshot):
    load = offered_load(hall)
    figures = [asdict(part) | {"utilisation": part.utilisation} for part in (*load.pools, *load.timetables)]
    assert rounded(figures) == snapshot
    assert rounded([load.arrivals_per_day, load.days, load.overloaded]) == snapshot(name="arrivals")
    assert rows(load.frame()) == snapshot(name="frame")


def test_the_regime_of_a_hall_with_everything(hall, snapshot):
    regime = regime_of(hall)
    assert (asdict(regime), regime.kind) == snapshot
    assert regime_of(hall, offered_load(hall)) == regime
    outlook = outlook_of(hall)
    assert (outlook.regime, outlook.unannounced, outlook.inputs) == (regime, (), {})
    full = composed("township-desk")
    assert dict(outlook_of(full.scenario, full.raw).inputs) == snapshot(name="inputs")


def test_a_night_s_work_is_carried_over_and_less_than_that_is_not():
    def carries(servers_hours):
        text = HALL.replace('"serve" }', '"serve", hours = "09:00-10:00" }').replace("servers = 2", "servers = 1")
        scenario = compose_text(text.replace("per_day = 42", f"per_day = {servers_hours}"), name="x").scenario
        load = next(part for part in offered_load(scenario).pools if part.pool == "window")
        return "window" in regime_of(scenario).carries_over, load.work_h_per_day

    results = [carries(number) for number in range(100, 190, 10)]
    assert {is_carried for is_carried, _ in results} == {True, False}
    assert all(is_carried == (work >= 24) for is_carried, work in results)


# ---- beginnings, controls, forecasts -------------------------------------------------------------------------------


def filling():
    """Return a hall in which each application lies for three working days: four open after three days, one a day."""
    services = {
        "kind": "committed",
        "visits": {"apply": {"file": {"start_case": True}}},
        "case": {"lie": {"delay": "3 working days", "mark": "finished"}},
    }
    changes = {"services.item": services, "arrivals.visitors.every": "6 h", "run.days": 20, "run.warm_up_days": 3}
    return compose("textbook-mm3", overrides=changes)


def test_a_beginning_with_its_curve_and_its_advice(snapshot):
    beginning = beginning_of(filling(), replications=2)
    assert rows(beginning.curve())[:6] == snapshot(name="curve")
    assert {name: frame.shape for name, frame in beginning.frames().items()} == snapshot(name="frames")
    assert rows(beginning.frames()["mser"])[:3] == snapshot(name="mser")
    said = {
        language: [beginning.message(language), beginning.advice(language), replace_days(beginning, 50, language)]
        for language in messages.LANGUAGES
    }
    assert said == snapshot(name="said")
    assert (beginning.days, beginning.own_days, beginning.replications) == snapshot(name="days")
    assert beginning.interval(2) == Interval(11.0, 11.0, 11.0, 0.95, "mean", 2)


def replace_days(beginning, days, language):
    return replace(beginning, own_days=days).advice(language)


def test_days_to_look_at_are_the_run_s_own_but_sixty_at_the_least():
    for days, warm_up, looked_at in ((30, 10, 60), (50, 10, 60), (51, 10, 61), (90, 0, 90)):
        changed = compose("township-desk", overrides={"run.days": days, "run.warm_up_days": warm_up})
        run = from_the_beginning(changed).run
        assert (run.warm_up_days, run.days, run.follow_up_days) == (0, looked_at, 0)
    with pytest.raises(HallplanError) as failure:
        from_the_beginning(TEXTBOOK)
    assert failure.value.values == {"name": "textbook-mm3"}


def test_controls_of_a_small_hall(snapshot):
    controls = controls_of(replicate(TEXTBOOK, replications=5, seed=3, curves=False))
    assert rounded([controls.drawn, controls.expected]) == snapshot
    adjusted = controls.adjust("ticket_wait_mean_min", level=0.9)
    assert rounded([asdict(adjusted.best), asdict(adjusted.plain)]) == snapshot(name="adjusted")


def test_a_spread_of_few_runs_worked_by_hand():
    actual = Spread.of(np.array([1.0, 3.0, math.nan, 5.0]), np.array([2.0, 3.0, math.inf]), 0.5)
    # Of 1, 3 and 5: variance 4, quartiles 2 and 4; of 2 and 3: variance one half.
    assert actual == Spread(3.0, 2.0, 4.0, 0.5, 3, 1 - 0.5 / 4)
    assert Spread.of(np.array([1.0, 2.0]), np.array([1.0, 9.0]), 0.95).parameters == 0.0
    for drawn, own in (([1.0], [1.0, 2.0]), ([1.0, 2.0], [1.0]), ([2.0, 2.0], [1.0, 2.0])):
        assert math.isnan(Spread.of(np.array(drawn), np.array(own), 0.95).parameters)
    nothing = Spread.of(np.array([math.nan]), np.array([1.0]), 0.95)
    assert (nothing.n, nothing.level) == (0, 0.95)
    assert all(map(math.isnan, (nothing.mean, nothing.low, nothing.high, nothing.parameters)))


class Draws:
    """Stands in for a posterior: a draw is the number of the scenario."""

    def __init__(self):
        self.applied_draws = []

    def __len__(self):
        return 3

    def overrides(self, composed_, draw):
        assert draw == 0

    def applied(self, composed_, draw):
        self.applied_draws.append(draw)
        return SimpleNamespace(scenario=f"{composed_.scenario.name} {draw}")


def test_draws_are_composed_once_when_they_are_asked_for():
    posterior = Draws()
    scenarios = DrawnScenarios(SimpleNamespace(scenario=TEXTBOOK), posterior)
    assert len(scenarios) == 3
    assert [scenarios[-1], scenarios[2], scenarios[0], scenarios[-3]] == [
        "textbook-mm3 2",
        "textbook-mm3 2",
        "textbook-mm3 0",
        "textbook-mm3 0",
    ]
    assert scenarios[1:] == ["textbook-mm3 1", "textbook-mm3 2"]
    assert posterior.applied_draws == [2, 0, 1]
    for draw in (3, -4):
        with pytest.raises(IndexError):
            scenarios[draw]


def test_forecasts_hold_their_own_runs_first_and_the_drawn_ones_after():
    own, drawn, third, fourth = (replications(BASE, name=name) for name in "abcd")
    systems = [SimpleNamespace(draws=()), SimpleNamespace(draws=range(7))]
    study = SimpleNamespace(systems=systems, level=0.8, titles=())
    result = Forecast.of(SimpleNamespace(runs=(own, drawn), study=study, provenance="made"))
    assert (
        result.own,
        result.drawn,
        result.draws,
        result.level,
        result.provenance,
    ) == (own, drawn, 7, 0.8, "made")
    both = ComparedForecasts.of(SimpleNamespace(runs=(own, drawn, third, fourth), study=study, provenance="made"))
    assert (both.own.runs, both.drawn.runs, both.draws, both.level) == ((own, drawn), (third, fourth), 7, 0.8)
    assert both.own.provenance == both.provenance == "made"
    assert (both.own.level, both.spread("visits_per_day").level) == (0.8, 0.8)
    with pytest.raises(HallplanError) as failure:
        forecast_systems([composed("textbook-mm3")] * 65, Draws())
    assert failure.value.key == "error.compare.too_many"


# ---- limits --------------------------------------------------------------------------------------------------------


def test_readings_of_a_small_catalogue(snapshot):
    statutory, promised = [[8, 10, 12], [20, 20, 20], [5, 30, 60]], [[1, 2, 4], [9, 12, 20], [0, 0, 3]]
    volumes = [[1, 5, 9], [100, 200, 300], [10, 10, 10]]
    drawn = draw_limits(statutory, promised, volumes, draws=60)
    modes = [[row[1] for row in spreads] for spreads in (statutory, promised, volumes)]
    assert rounded([asdict(reading) for reading in cut_readings(*modes, target=0.6, drawn=drawn)]) == snapshot
    assert drawn.volumes.shape == (60, 3)


def test_supported_and_realised_limits_of_items_without_cases(snapshot):
    actual = supported([1, 2, 3, 4, 33, 30], [10, 30, 20], items=[0, 0, 0, 0, 2, 2], q=0.5)
    after = realised([10, 8, 6], [5, 1, 2], items_before=[0, 1, 3], items_after=[0, 2, 3])
    assert rounded([actual.limits, vars_of(actual.cuts), vars_of(after)]) == snapshot


def vars_of(cuts):
    return {name: getattr(cuts, name) for name in ("item_mean", "of_sums", "by_volume", "largest")}
