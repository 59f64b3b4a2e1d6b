"""``--wait-limit``: waiting limits of one's own from the command line."""

import pytest
from cases import for_each

pytestmark = pytest.mark.usefixtures("shared_results")
QUICK = ("textbook-mm3", "--days", "2", "--set", "run.warm_up_days=0", "--reps", "2")


def test_a_limit_of_ones_own_is_in_the_headline_with_its_title_in_both_languages(ask):
    words = ("run", *QUICK, "--wait-limit", "8 min", "--wait-limit", "1 h")
    english, chinese = ask(*words).out, ask("--lang", "zh", *words).out
    assert "Called within 8 minutes" in english
    assert "Called within 60 minutes" in english
    assert "8 分钟内叫号率" in chinese
    metrics = {row["metric"] for row in ask(*words, "--json").document["metrics"]}
    assert {"ticket_wait_within_8_share", "ticket_wait_within_60_share", "ticket_wait_within_15_share"} <= metrics
    assert {"wait_within_8_share", "wait_within_60_share"} <= metrics


def test_a_comparison_and_a_selection_know_the_limit_too(ask):
    own = ("--wait-limit", "8 min", "--lever", "add-staff:pool=windows")
    compared = ask("compare", *QUICK, *own, "--metric", "ticket_wait_within_8_share")
    assert (compared.code, "Called within 8 minutes" in compared.out) == (0, True)
    selection = ("select", *QUICK[:-2], *own, "--metric", "ticket_wait_within_8_share", "--budget", "40")
    assert ask(*selection).code == 0


def test_the_limit_takes_the_place_of_the_scenarios_own(ask):
    document = ask("run", *QUICK, "--set", "run.wait_limits_min=[7]", "--wait-limit", "8 min", "--json").document
    metrics = {row["metric"] for row in document["metrics"]}
    assert "wait_within_8_share" in metrics
    assert "wait_within_7_share" not in metrics


@for_each("text", ["8", "0 min", "90 s", "25 h", "2 working days", "soon", "-5 min"])
def test_what_is_no_time_in_whole_minutes_is_refused_in_one_sentence(ask, text):
    answer = ask("run", *QUICK, "--wait-limit", text)
    assert answer.code == 2
    assert f"not “{text}”" in answer.err
    assert "from 1 to 1440" in answer.err


@for_each("text", ["1 min", "24 h"])
def test_the_shortest_and_the_longest_limit_are_taken(ask, text):
    assert ask("run", *QUICK, "--wait-limit", text, "--metric", "ticket_wait_within_1*").code == 0
