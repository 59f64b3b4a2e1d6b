"""The best of several scenarios, the warm-up and control variates on the command line."""

import pandas as pd
import pytest
from cases import for_each
from documents import conforms

import hallplan
from hallplan.cli.faults import FAULT, USAGE

QUICK = ("--days", "2", "--set", "run.warm_up_days=0")
ONE_MORE, TWO_MORE = "add-staff:pool=windows", "add-staff:pool=windows,servers=2"
SELECT = ("select", "textbook-mm3", *QUICK, "--lever", ONE_MORE, "--lever", TWO_MORE, "--metric", "wait_mean_min")
pytestmark = pytest.mark.usefixtures("shared_results")
WARM_UP = ("warm-up", "township-desk", "--reps", "3")


# ---- the best of several -------------------------------------------------------------------------------------------


def test_the_best_is_named_with_what_is_guaranteed(ask):
    answer = ask(*SELECT, "--delta", "1")
    assert answer.code == 0
    lines = answer.out.splitlines()
    ranked = [line.split() for line in lines[3:6]]
    assert [row[0] for row in ranked] == ["1", "2", "3"]
    assert f"textbook-mm3 + {TWO_MORE}" in lines[3]
    assert "With 95% confidence no other of the 3 scenarios is better by 1 min or more" in answer.out
    assert "proved for normal means where the best leads by 1 min" in answer.out
    assert "nothing about other metrics" in answer.out
    assert "有 95% 的把握" in ask(*SELECT, "--delta", "1", "--lang", "zh").out


def test_its_document_and_its_table_say_the_same(ask):
    document = conforms(ask(*SELECT, "--delta", "1", "--confidence", "90%", "--json").document)
    assert (document["procedure"], document["guaranteed"], document["confidence"]) == ("kn", True, 0.9)
    best, second, worst = document["scenarios"]
    assert document["chosen"] == best["label"]
    assert best["difference"] is None
    assert 0 < second["difference"]["low"] < worst["difference"]["low"]
    assert best["mean"]["replications"] == best["run"]["replications"] >= worst["dropped_after"] == 20
    assert document["replications"] == sum(one["run"]["replications"] for one in document["scenarios"])


def test_the_command_line_and_python_choose_alike(ask, monkeypatch, tmp_path):
    quick = {"run.days": 2, "run.warm_up_days": 0}
    halls = [hallplan.load("textbook-mm3", levers=levers, overrides=quick) for levers in ((), (ONE_MORE,), (TWO_MORE,))]
    found = hallplan.best(*halls, metric="wait_mean_min", delta=1)
    document = ask(*SELECT, "--delta", "1", "--json").document
    assert {one["label"]: one["mean"]["mean"] for one in document["scenarios"]} == dict(
        zip(found.names, found.selection.means, strict=True)
    )
    monkeypatch.setenv("HALLPLAN_CACHE_DIR", str(tmp_path))  # simulated anew, by two processes
    assert ask(*SELECT, "--delta", "1", "--json", "--workers", "2").document == document


def test_several_scenarios_get_every_lever(ask):
    words = ("select", "textbook-mm3", "textbook-mm3", *QUICK, "--lever", ONE_MORE, "--metric", "wait_mean_min")
    document = conforms(ask(*words, "--delta", "1", "--json").document)
    assert [one["levers"] for one in document["scenarios"]] == [[ONE_MORE], [ONE_MORE]]
    assert document["scenarios"][1]["difference"]["mean"] == 0


def test_a_share_is_told_apart_by_points_and_the_other_way_round(ask):
    words = ("select", "textbook-mm3", *QUICK, "--lever", ONE_MORE, "--metric")
    answer = ask(*words, "wait_within_15_share", "--delta", "2%")
    assert "better by 2 percentage points or more" in answer.out
    assert "higher is better" in answer.out
    document = ask(*words, "utilisation.windows", "--delta", "2%", "--better", "higher", "--json").document
    assert document["chosen"] == "textbook-mm3"
    assert ask(*words, "utilisation.windows", "--delta", "2%").code == FAULT


def test_halls_with_unequal_demand_are_ranked_only_when_told_to(ask, tmp_path):
    file = tmp_path / "quieter.toml"
    file.write_text('format = 1\nname = "quieter"\nextends = "textbook-mm3"\ndemand = 0.5\n', encoding="utf-8")
    words = ("select", "textbook-mm3", str(file), *QUICK, "--metric", "wait_mean_min", "--delta", "1")
    refused = ask(*words)
    assert refused.code == FAULT
    assert "quieter" in refused.err
    assert "--unequal-demand" in refused.err
    assert ask(*words, "--unequal-demand", "--json").document["chosen"] == "quieter"


def test_a_budget_promises_nothing(ask):
    words = SELECT[:-2]
    document = conforms(ask(*words, "--metric", "wait_mean_min", "--budget", "70", "--json").document)
    assert (document["procedure"], document["guaranteed"]) == ("ocba", False)
    assert document["replications"] == 70
    assert document["delta"] is document["confidence"] is None
    out = ask(*words, "--metric", "wait_mean_min", "--budget", "70").out
    assert "There is no guarantee" in out
    assert "Dropped after" not in out


def test_halls_that_never_differ_are_told_apart_by_nothing(ask):
    words = ("select", "textbook-mm3", "textbook-mm3", *QUICK, "--metric", "wait_mean_min", "--delta", "0.0001")
    answer = ask(*words, "--reps", "20")
    assert "2 scenarios were never dropped" in answer.out
    assert conforms(ask(*words, "--reps", "20", "--json").document)["guaranteed"]


def test_whoever_runs_out_of_replications_is_told(ask, tmp_path):
    for servers in (7, 8):
        text = f'format = 1\nname = "w{servers}"\nextends = "textbook-mm3"\npools.windows.servers = {servers}\n'
        (tmp_path / f"{servers}.toml").write_text(text, encoding="utf-8")
    files = [str(tmp_path / f"{servers}.toml") for servers in (7, 8)]
    words = ("select", *files, *QUICK, "--metric", "wait_mean_min", "--delta", "0.0001", "--reps", "20")
    assert "40 replications did not suffice to be sure" in ask(*words).out
    document = conforms(ask(*words, "--json").document)
    assert (document["procedure"], document["guaranteed"]) == ("kn-stopped", False)


def test_what_falls_behind_is_named_per_scenario_and_changes_the_caption(ask):
    words = ("select", "textbook-mm3", "textbook-mm3", *QUICK, "--set", "pools.windows.servers=2")
    answer = ask(*words, "--metric", "wait_mean_min", "--delta", "1")
    assert "textbook-mm3: Does not keep up" in answer.out
    assert "textbook-mm3 (2): Does not keep up" in answer.out
    assert "no long-run value" in answer.out
    document = conforms(ask(*words, "--metric", "wait_mean_min", "--delta", "1", "--json").document)
    assert [one["regime"] for one in document["scenarios"]] == ["transient"] * 2
    assert "no long-run value" in document["covers"]


def test_a_choice_writes_files(ask, tmp_path):
    words = (*SELECT, "--delta", "1", "--out", str(tmp_path), "--format", "csv")
    assert ask(*words).code == 0
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {
        "candidates.csv",
        "replications.csv",
        "result.json",
        "manifest.json",
        *("citation.json", "stress-des.md"),
        *(f"scenario_{k}.toml" for k in range(3)),
    }
    means = pd.read_csv(tmp_path / "replications.csv").groupby("scenario")["value"].mean()
    frame = pd.read_csv(tmp_path / "candidates.csv").set_index("scenario")
    assert means[frame.index].tolist() == pytest.approx(frame["mean"].tolist())
    refused = ask(*words)
    assert (refused.code, refused.err.count("\n")) == (FAULT, 1)
    assert ask(*words, "--force").code == 0


@for_each(
    ("words", "said"),
    [
        (("select", "textbook-mm3", "--metric", "wait_mean_min", "--delta", "1"), "two scenarios"),
        (SELECT, "--delta is missing"),
        (SELECT[:-2], "--metric is missing"),
        ((*SELECT, "--delta", "0"), "“0”"),
        ((*SELECT, "--delta", "nan"), "“nan”"),
        ((*SELECT, "--delta", "5%"), "in min"),
        ((*SELECT[:-1], "left_share", "--delta", "2"), "in %"),
        ((*SELECT[:-1], "wait_men_min", "--delta", "1"), "did you mean wait_mean_min"),
        ((*SELECT[:-1], "wait_*", "--delta", "1"), "wait_*"),
        ((*SELECT, "--delta", "1", "--confidence", "much"), "“much”"),
        ((*SELECT, "--delta", "1", "--confidence", "95"), "“95”"),
        ((*SELECT, "--delta", "1", "--better", "faster"), "faster"),
        ((*SELECT, "--delta", "1", "--reps", "19"), "from 20 to"),
        ((*SELECT, "--delta", "1", "--budget", "100"), "--delta means nothing"),
        ((*SELECT, "--budget", "100", "--confidence", "90%"), "--confidence means nothing"),
        ((*SELECT, "--budget", "many"), "“many”"),
    ],
)
def test_a_bad_choice_is_one_sentence(ask, words, said):
    answer = ask(*words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (USAGE, "", 1)
    assert said in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*SELECT, "--budget", "59"), "does not suffice for 20 of each of 3"),
        ((*SELECT, "--delta", "1", "--confidence", "20%"), "between 1/3 and 1"),
        ((*SELECT[:-1], "case_elapsed_mean_days", "--delta", "1"), "no finite value"),
    ],
)
def test_a_choice_that_can_not_be_made_is_one_sentence(ask, words, said):
    answer = ask(*words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (FAULT, "", 1)
    assert said in answer.err


# ---- warm-up -------------------------------------------------------------------------------------------------------


def test_the_warm_up_is_said_with_its_curve_and_what_to_do(ask):
    answer = ask(*WARM_UP)
    assert answer.code == 0
    days = hallplan.warm_up("township-desk", replications=3).days
    assert days is not None
    assert f"use run.warm_up_days = {days} or more" in answer.out
    assert answer.out.count("left out\n") == days // 5
    assert "▇" in answer.out
    assert "leaves out 40 working days itself: that is enough" in answer.out
    short = ask(*WARM_UP, "--set", "run.warm_up_days=0", "--days", "100")
    assert f"set run.warm_up_days = {days}" in short.out
    assert "预热" in ask(*WARM_UP, "--lang", "zh").out


def test_the_whole_curve_is_in_the_document_and_in_the_files(ask, tmp_path):
    document = conforms(ask(*WARM_UP, "--json", "--out", str(tmp_path)).document)
    found = hallplan.warm_up("township-desk", replications=3)
    assert document["days"] == document["mser"]["days_left_out"] == found.days
    assert [row["open_mean"] for row in document["curve"]] == found.open_cases.tolist()
    assert [row["smoothed"] for row in document["curve"]] == found.smoothed().tolist()
    assert sum(row["left_out"] for row in document["curve"]) == found.days
    errors = document["mser"]["squared_errors"]
    assert errors.index(min(errors)) * 5 == found.days
    written = pd.read_parquet(tmp_path / "open_cases.parquet")
    assert written["open_mean"].tolist() == found.open_cases.tolist()
    assert (written["open_low"] <= written["open_mean"]).all()
    assert {"mser.csv", "result.json", "scenario.toml"} <= {file.name for file in tmp_path.iterdir()}
    assert ask(*WARM_UP, "--out", str(tmp_path)).code == FAULT


@pytest.mark.parametrize(("language", "said"), [("en", "no number of days"), ("zh", "没有哪一天之后会趋于平稳")])
def test_a_hall_that_never_settles_is_warned_of(ask, language, said):
    words = (*WARM_UP, "--set", "demand=4", "--lang", language)
    out = ask(*words).out
    assert said in out
    assert "agent" in out
    assert "backlog." in out
    document = conforms(ask(*words, "--json").document)
    assert (document["days"], document["regime"], document["falls_behind"]) == (None, "transient", ["agent"])
    assert not any(row["left_out"] for row in document["curve"])


def test_a_short_look_decides_nothing(ask):
    document = conforms(ask(*WARM_UP[:2], "--reps", "1", "--days", "20", "--json").document)
    assert document["days"] is None
    assert "too few" in document["message"]
    assert document["curve"][0]["open_low"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("warm-up", "textbook-mm3"), "nothing to settle"),
    ],
)
def test_a_hall_without_a_beginning_is_one_sentence(ask, words, said):
    answer = ask(*words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (FAULT, "", 1)
    assert said in answer.err


def test_a_stated_backlog_is_no_beginning_to_leave_out(ask, tmp_path):
    file = tmp_path / "today.toml"
    service = next(name for name, one in hallplan.load("township-desk").services.items() if one.case is not None)
    file.write_text(
        f'format = 1\nname = "today"\nextends = "township-desk"\n[backlog.old]\nservice = "{service}"\n'
        'site = "hall"\nages = { "3" = 2 }\n',
        encoding="utf-8",
    )
    answer = ask("warm-up", str(file))
    assert (answer.code, answer.out, answer.err.count("\n")) == (FAULT, "", 1)
    assert "today begins with the cases that are open today" in answer.err


# ---- control variates ----------------------------------------------------------------------------------------------

RUN = ("run", "textbook-mm3", *QUICK, "--reps", "30", "--controls")


def test_controls_are_shown_beside_the_plain_intervals(ask):
    metrics = [word for key in ("visits_per_day", "wait_q95_min", "staff_hours_per_day") for word in ("--metric", key)]
    out = ask("run", "textbook-mm3", "--days", "5", "--reps", "30", "--controls", *metrics).out
    table = out.partition("control variates")[2]
    visits = next(line for line in table.splitlines() if line.startswith("Visits a day"))
    assert visits.split()[-1] == "yes"
    assert "It does not pay for: Wait per call, 95th percentile" in table
    assert "nothing to adjust" in table
    assert "adjusted for how many came" in table
    assert "方差比" in ask(*RUN, "--lang", "zh").out


def test_the_document_has_the_variance_ratios(ask):
    document = conforms(ask(*RUN, "--json").document)
    rows = {row["metric"]: row for row in document["metrics"]}
    visits, wait = rows["visits_per_day"], rows["wait_mean_min"]
    assert visits["controls"]["pays"]
    assert visits["controls"]["variance_ratio"] < 0.1
    narrow, wide = (one["high"] - one["low"] for one in (visits["controls"]["adjusted"], visits))
    assert (narrow / wide) ** 2 == pytest.approx(visits["controls"]["variance_ratio"], rel=0.05)
    assert wait["controls"]["pays"] == (wait["controls"]["variance_ratio"] < document["controls"]["worth_below"])
    assert rows["staff_hours_per_day"]["controls"] is None
    for one in document["controls"]["controls"]:
        assert one["drawn"]["low"] - one["drawn"]["mean"] < one["known_mean"] - one["drawn"]["mean"]
    plain = conforms(ask(*(word for word in RUN if word != "--controls"), "--json").document)
    assert plain["controls"] is None
    assert "controls" not in plain["metrics"][0]


def test_a_hall_that_falls_behind_has_no_long_run_value_with_controls_either(ask):
    out = ask(*RUN, "--set", "pools.windows.servers=2").out
    assert out.partition("control variates")[2].count("no long-run value") == 1


def test_without_a_known_mean_there_is_no_control(ask):
    words = (*RUN, "--set", "arrivals.visitors.batch=2")
    assert "There is no control for this scenario" in ask(*words).out
    document = conforms(ask(*words, "--json").document)
    assert document["controls"]["controls"] == []
    assert all(row["controls"] is None for row in document["metrics"])
