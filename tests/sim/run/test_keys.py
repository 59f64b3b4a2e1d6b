"""The address of a result: the same for what changes no number, another one for everything else."""

from scenarios.compose.composing import compose
from sim.measure import MeasureOptions
from sim.run import keys
from sim.run.keys import scenario_digest, series_of
from sim.run.study import Study, run

SHORT = {"run.days": 2, "run.warm_up_days": 0, "run.follow_up_days": 0}
BASE = compose("township-desk", overrides=SHORT)
WORDS = {
    "title": {"en": "other", "zh": "别的"},
    "description": {"en": "other", "zh": "别的"},
    "run.replications": 7,
    "run.seed": 77,
}


def changed(**overrides):
    return compose("township-desk", overrides=SHORT | overrides)


def test_words_change_neither_the_address_nor_a_number():
    worded = changed(**WORDS).model_copy(update={"name": "other", "levers": ["x"], "provenance": {}, "targets": {}})
    assert worded != BASE
    assert scenario_digest(worded) == scenario_digest(BASE)
    first, second = (run(Study.of(one, seed=1, replications=1)).runs[0].samples[0] for one in (BASE, worded))
    assert (first.names, first.values.tobytes()) == (second.names, second.values.tobytes())


def test_the_digest_of_a_scenario_is_worked_out_once():
    scenario = changed()
    before = keys._digest.cache_info()
    digests = {scenario_digest(scenario) for _ in range(3)}
    after = keys._digest.cache_info()
    assert (len(digests), after.misses - before.misses, after.hits - before.hits) == (1, 1, 2)


def test_everything_else_changes_the_address():
    pool = next(iter(BASE.pools))
    source = next(iter(BASE.arrivals))
    others = [
        changed(**{"run.days": 3}),
        changed(**{"run.warm_up_days": 1}),
        changed(**{f"pools.{pool}.servers": 9}),
        changed(**{f"pools.{pool}.work_factor": 1.25}),
        changed(**{f"arrivals.{source}.priority": 1}),
        changed(demand=1.001),
    ]
    digests = {scenario_digest(one) for one in (BASE, *others)}
    assert len(digests) == len(others) + 1


def test_seed_and_measuring_options_are_part_of_the_address():
    series = {
        series_of(BASE, 1, MeasureOptions()),
        series_of(BASE, 2, MeasureOptions()),
        series_of(BASE, 1, MeasureOptions(days_per_month=22)),
    }
    assert len(series) == 3


def test_the_order_of_named_things_is_part_of_the_address():
    turned = BASE.model_copy(update={"pools": dict(reversed(BASE.pools.items()))})
    assert scenario_digest(turned) != scenario_digest(BASE)
