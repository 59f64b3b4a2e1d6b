"""The record that every result carries: written, read back, and enough to make the result again."""

import pandas as pd
import pytest

from foundation.errors import HallplanError
from planner.compare import Comparison
from scenarios.compose.composing import compose
from sim.measure import MeasureOptions
from sim.measure.export import export
from sim.run.keys import RESULTS_VERSION, scenario_digest
from sim.run.policy import Fixed
from sim.run.record import FORMAT, RunRecord, read_record
from sim.run.study import Study, run

HALL = compose("textbook-mm3", overrides={"run.days": 2, "run.warm_up_days": 0})


@pytest.fixture(scope="module")
def result():
    return run(Study.of(HALL, HALL, replications=2, seed=5))


def test_a_record_says_what_a_result_was_made_from(result):
    record = result.provenance
    assert record.software["results_version"] == RESULTS_VERSION
    assert record.libraries["numpy"]
    assert [one["digest"] for one in record.scenarios] == [scenario_digest(HALL)] * 2
    assert record.parameters["seed"] == 5
    assert record.parameters["replications"] == [2, 2]
    assert record.engine in ("compiled", "simpy")


def test_a_record_is_read_back_as_it_was_written(result):
    assert RunRecord.from_json(result.provenance.to_json()) == result.provenance


def test_exported_parquet_carries_the_record(result, tmp_path):
    export(Comparison.of(result), tmp_path)
    assert read_record(tmp_path / "differences.parquet") == result.provenance
    assert len(pd.read_parquet(tmp_path / "summaries_0.parquet")) == 2


def test_a_result_is_made_again_from_its_record(result):
    record = result.provenance
    policy = record.parameters["policy"]
    assert policy == {"kind": "Fixed", "replications": 2}
    options = {key: value for key, value in record.parameters["options"].items() if key != "kind"}
    options["within_min"] = tuple(options["within_min"])
    again = run(
        Study.of(
            HALL,
            HALL,
            policy=Fixed(policy["replications"]),
            seed=record.parameters["seed"],
            options=MeasureOptions(**options),
        )
    )
    pd.testing.assert_frame_equal(again.runs[0].summaries, result.runs[0].summaries, check_exact=True)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": 99}'])
def test_what_is_no_record_is_refused(text):
    with pytest.raises(HallplanError, match=f"format {FORMAT}"):
        RunRecord.from_json(text)
