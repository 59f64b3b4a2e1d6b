"""What is promised about names: registry, catalogue and documentation tell of the same metrics and columns."""

import re
from pathlib import Path

import pytest
from cases import for_each
from handmade import HALL, two_days

from foundation import messages
from sim.measure import FRAMES, METRICS, measure, metric_of, metric_title
from sim.measure.registry import DENOMINATOR, NUMERATOR, title_with
from sim.run.replications import replicate

DOCUMENT = (Path(__file__).parents[3] / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")


def section(title: str) -> list[list[str]]:
    """Return the cells of the table in a section of the document."""
    body = re.split(rf"^#+ {re.escape(title)}$", DOCUMENT, flags=re.MULTILINE)[1]
    body = re.split(r"^#+ ", body, flags=re.MULTILINE)[0]
    rows = [line.strip("|").split(" | ") for line in body.splitlines() if line.startswith("| `")]
    return [[cell.strip(" `|") for cell in row] for row in rows]


@pytest.fixture(scope="module")
def metrics():
    licence = HALL["services"]["licence"]
    case = {
        "accept": {"mark": "accepted"},
        "inspect": {"pool": "team", "work": "1 h"},
        **licence["case"],
        "finish": {"mark": "finished"},
    }
    pools = HALL["pools"] | {"team": {"role": "inspection"}, "review": HALL["pools"]["review"] | {"role": "section"}}
    services = HALL["services"] | {"licence": {**licence, "case": case}}
    priced = {"sites": {"hall": {"travel": "30 min"}}, "visitors": {"value_of_hour": 20.0}}
    hall = two_days({**HALL, **priced, "pools": pools, "services": services})
    return measure(hall.scenario, hall.program(), hall.plan, hall.log())


@for_each("frame", FRAMES)
def test_the_document_lists_the_columns_of_every_frame_in_order(metrics, frame):
    assert [row[0] for row in section(frame)] == list(getattr(metrics, frame).columns)


def test_the_document_lists_the_columns_of_every_curve_in_order():
    curves = replicate(two_days().scenario, replications=1, seed=1).curves
    assert len(curves) == 4
    for name, frame in curves.items():
        assert [row[0] for row in section(f"curve {name}")] == list(frame.columns), name


def test_the_document_lists_every_scalar_metric_as_the_registry_defines_it():
    defined = [[m.name, m.scope or "–", m.kind, m.better, "yes" if m.is_ratio else "–"] for m in METRICS.values()]
    assert section("Scalar metrics") == defined


def test_a_summary_holds_every_metric_in_the_registry_and_no_other(metrics):
    keys = [key for key in metrics.summary if not key.endswith((NUMERATOR, DENOMINATOR))]
    assert {metric_of(key).name for key in keys} == set(METRICS)


def test_a_ratio_is_its_numerator_over_its_denominator_and_only_ratios_have_them(metrics):
    summary = metrics.summary
    for key, value in summary.items():
        if key.endswith((NUMERATOR, DENOMINATOR)):
            continue
        has_parts = key + NUMERATOR in summary and key + DENOMINATOR in summary
        assert has_parts == metric_of(key).is_ratio, key
        if has_parts and summary[key + DENOMINATOR]:
            assert value == pytest.approx(summary[key + NUMERATOR] / summary[key + DENOMINATOR]), key


@for_each("language", messages.LANGUAGES)
@for_each("name", METRICS)
def test_every_metric_has_title_unit_and_explanation_in_both_languages(name, language):
    metric = METRICS[name]
    title = title_with(metric, "X", language)
    assert title
    assert ("X" in title) == bool(metric.scope)
    assert messages.text(metric.unit_key, language)
    assert messages.text(metric.help_key, language)


def test_the_catalogue_holds_no_metric_that_is_not_defined():
    named = {key.split(".")[1] for key in messages.catalogue() if key.startswith("metric.")}
    assert named == {metric.text_name for metric in METRICS.values()}


def test_titles_name_the_service_or_limit_they_are_of():
    assert metric_title("touched_q95.food-licence", "en") == "Days touched, 95th percentile: food-licence"
    assert metric_title("ticket_wait_within_15_share", "zh") == "15 分钟内叫号率"


@pytest.mark.parametrize("key", ["nonsense", "wait_within_soon_share", "visits_per_item:num"])
def test_an_unknown_key_has_no_metric(key):
    with pytest.raises(KeyError):
        metric_of(key)
