"""What the command line prints: tables that stay tables in Chinese and in a pipe, JSON that keeps its form."""

import ast
import json
import re
from pathlib import Path

import jsonschema
import pytest
from cases import for_each
from documents import conforms
from rich.cells import cell_len

import hallplan
from foundation import messages
from scenarios.compose.composing import composed, scenario_names
from scenarios.compose.levers import levers

ROOT = Path(__file__).resolve().parents[3]
TOWNSHIP = ("township-desk", "--reps", "2", "--days", "10")
SHORT_PAIR = ("--reps", "2", "--days", "2", "--set", "run.warm_up_days=2", "--set", "run.follow_up_days=2")


def columns_of(table: list[str]) -> list[set[int]]:
    """Return for each line the cells at which a blank ends and a word begins."""
    starts = []
    for line in table:
        cells = "".join(letter + "\0" * (cell_len(letter) - 1) for letter in line)
        starts.append({match.end() for match in re.finditer(r"(?:^|   )(?=[^ ])", cells)})
    return starts


# ---- tables --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@for_each("language", ["en", "zh"])
@for_each("words", [("levers",), ("scenarios",), ("check", "honghuagang-2013"), ("run", *TOWNSHIP)])
def test_rules_are_as_wide_as_the_cells_they_stand_over(ask, language, words):
    lines = ask(*words, "--lang", language).out.splitlines()
    rules = [place for place, line in enumerate(lines) if line and set(line) == {"─"}]
    assert rules
    for place in rules:
        end = next((k for k in range(place, len(lines)) if not lines[k]), len(lines))
        widest = max(cell_len(line) for line in lines[place - 1 : end] if not line.startswith("─"))
        assert 0 <= len(lines[place]) - widest <= 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_left_columns_begin_in_the_same_cell_on_every_line(ask, language):
    lines = ask("check", "honghuagang-2013", "--lang", language).out.splitlines()
    rule = next(place for place, line in enumerate(lines) if line.startswith("─"))
    rows = lines[rule + 1 : lines.index("", rule)]
    names = columns_of(rows)
    assert len(rows) == 15
    assert len(set.intersection(*names)) >= 3  # title, name and verdict


@pytest.mark.slow
@pytest.mark.parametrize("words", [("levers",), ("show", "honghuagang-2014"), ("check", "honghuagang-2013", "--all")])
def test_a_pipe_gets_no_colour_no_fold_and_no_cut(command, words):
    answer = command(*words, COLUMNS="40", TERM="xterm-256color")
    assert answer.code == 0
    assert "\x1b" not in answer.out
    assert not re.search(r" +$", answer.out, re.MULTILINE)
    if words[0] == "levers":
        lines = answer.out.splitlines()
        for lever in levers():
            assert sum(line.startswith(lever.name) and lever.spec.source.en in line for line in lines) == 1
    if words[0] == "show":
        assert "…" not in answer.out.partition("Path")[2]


def test_a_narrow_terminal_folds_cells_and_cuts_none(monkeypatch):
    import io

    from rich.console import Console

    from hallplan.cli import output
    from hallplan.show.text_table import Column, TextTable

    stream = io.StringIO()

    def narrow(**options: object) -> Console:
        return Console(file=stream, force_terminal=True, color_system=None, width=30, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("rich.console.Console", narrow)
    table = TextTable(
        (Column("事项名称"), Column("n", is_number=True)), (("城市生活垃圾经营性清扫收集运输处置许可", "12"),)
    )
    output.show([table])
    lines = stream.getvalue().splitlines()
    assert all(cell_len(line) <= 30 for line in lines)
    assert "".join(re.findall("[一-鿿]", stream.getvalue())).endswith("城市生活垃圾经营性清扫收集运输处置许可")


def test_names_in_brackets_and_markup_are_printed_as_they_are(ask, tmp_path):
    file = tmp_path / "hostile.toml"
    file.write_text(
        'format = 1\nname = "hostile"\nextends = "textbook-mm3"\n'
        'title = "[bold red]loud[/] :smile: \\u001b[31m"\n'
        'pools.windows.title = "[link=x]y[/link]"\n',
        encoding="utf-8",
    )
    out = ask("check", str(file)).out + ask("show", str(file)).out
    assert "[link=x]y[/link]" in out
    assert "[bold red]loud[/] :smile:" in out
    assert "\x1b" not in out


def test_output_that_cannot_show_chinese_still_comes(command):
    answer = command("levers", "--lang", "zh", PYTHONIOENCODING="ascii")
    assert answer.code == 0
    assert "?" in answer.out
    document = command("levers", "--json", PYTHONIOENCODING="ascii")
    assert json.loads(document.out)["levers"][0]["title"]["zh"]


def test_a_run_says_what_it_is_and_what_its_interval_covers(ask):
    out = ask("run", *TOWNSHIP).out
    assert "Monte-Carlo" in out
    assert "what is uncertain about the inputs" in out
    assert "2 replications of 10 measured working days" in out
    assert "assumed" in out


def test_figures_are_held_against_what_was_published(ask):
    answer = ask("run", "honghuagang-2013", *SHORT_PAIR, "--metric", "visits_per_day", "--metric", "wait_mean_min")
    row = next(line for line in answer.out.splitlines() if line.startswith("Visits a day"))
    assert "200–250" in row
    assert row.split()[-1] == "published"
    assert re.search(r"\b(yes|no)\b", row)
    assert "Visits a day (visits): ¶5: 200-odd visitors a day before" in answer.out
    wait = next(line for line in answer.out.splitlines() if line.startswith("Mean wait"))
    assert wait.split()[-1] == "simulated"


def test_a_comparison_shows_both_sides_and_the_difference(ask):
    answer = ask("compare", "honghuagang-2013", "honghuagang-2014", *SHORT_PAIR)
    lines = answer.out.splitlines()
    row = next(line for line in lines if line.startswith("Visits a day"))
    assert row.count("±") + row.count("(") >= 3 + 1  # a unit, two means and a difference
    assert row.count("published") == 2
    assert "200–250" in row
    assert "700–750" in row
    for metric in ("Items finished a month", "Mean wait", "Open cases", "Median days touched"):
        assert any(line.startswith(metric) for line in lines), metric


def test_metrics_named_in_advance_are_corrected_together_and_the_others_marked(ask):
    single = ask("compare", "textbook-mm3", "--lever", "add-staff:pool=windows", "--reps", "2", "--days", "2").out
    assert "textbook-mm3 + add-staff:pool=windows against textbook-mm3" in single
    primary = [
        line for line in single.splitlines() if line.startswith(("Mean wait (min)", "Share of visits not served"))
    ]
    assert len(primary) == 2
    assert not any("°" in line for line in primary)
    assert any(line.startswith("Visits a day (visits) °") for line in single.splitlines())
    number = int(re.search(r"The (\d+) differences of the primary metrics", single)[1])
    assert f"intervals are {1 - 0.05 / number:.2%} each" in single
    assert "Exploratory, not named in advance" in single
    several = ask("compare", "textbook-mm3", "textbook-mm3", "textbook-mm3", "--reps", "2", "--days", "2").out
    assert f"The {2 * number} differences of the primary metrics" in several


OVERLOADED = """
format = 1
name = "overloaded"
run = { days = 5, replications = 3 }
calendar = { country = "none", hours = "09:00-17:00" }
[pools.desk]
servers = 1
at_close = "keep"
[services.item.visits.apply.serve]
pool = "desk"
work = { dist = "expon", mean = "60 min" }
[arrivals.street]
services = "item"
per_day = 24
"""


def test_a_run_says_whom_its_figures_leave_out(ask, tmp_path):
    file = tmp_path / "overloaded.toml"
    file.write_text(OVERLOADED, encoding="utf-8")
    out = ask("run", str(file)).out
    assert re.search(r"Visits a day \(visits\) +2[0-9]\.", out)  # 24 come, 8 can be served
    assert re.search(r"\d+\.\d% of the visits were not served", out)
    assert "they leave out" in out
    assert "Mean wait with everybody, at least" in out
    document = ask("run", str(file), "--json").document
    share = next(row for row in document["metrics"] if row["metric"] == "unserved_share")
    assert 0.4 < share["mean"] < 0.9
    assert len(document["omissions"]) == 2


def test_a_run_that_leaves_nobody_out_says_nothing_of_it(ask):
    document = ask("run", "textbook-mm3", "--set", "pools.windows.servers=9", "--days", "2", "--json").document
    assert document["omissions"] == []


@pytest.mark.slow
def test_few_replications_near_capacity_are_said_to_be_less_sure(ask):
    words = ("run", "textbook-mm3", "--days", "2", "--reps")  # offered load 0.8 a server
    assert "less often than they say" in ask(*words, "4").out
    assert "less often than they say" not in ask(*words, "4", "--set", "pools.windows.servers=9").out
    assert "less often than they say" not in ask(*words, "80").out


def test_pool_beyond_capacity_is_not_said_to_be_near_it(ask):
    words = ("run", "textbook-mm3", "--days", "2", "--reps", "2", "--set")
    for servers in ("2", "0"):  # offered load 2.4
        assert "Near capacity" not in ask(*words, f"pools.windows.servers={servers}").out


def test_interval_is_said_to_be_over_the_replications_that_have_the_figure(ask):
    words = ("run", "textbook-mm3", "--days", "2", "--reps", "2", "--set", "pools.windows.servers=0")
    out = ask(*words, "--metric", "wait_mean_min", "--metric", "visits_per_day").out
    assert "interval over 2 replications" in out
    assert "over 0 replications" not in ask(*words, "--metric", "wait_mean_min").out


def test_staff_without_a_price_are_not_shown_as_free(ask):
    words = ("run", "textbook-mm3", "--days", "2", "--reps", "2")
    assert "Staff cost" not in ask(*words).out
    assert "Staff cost" in ask(*words, "--set", "pools.windows.cost_per_hour=24").out


def test_check_of_a_scenario_to_which_nobody_comes_says_so(ask, tmp_path):
    file = tmp_path / "nobody.toml"
    text = OVERLOADED.split("[arrivals", 1)[0] + '[arrivals.visitors]\nservices = "item"\nat = []\n'
    file.write_text(text, encoding="utf-8")
    out = ask("check", str(file)).out
    assert "This source brings nobody" in out
    assert "No work reaches any pool" in out


def test_one_replication_is_said_to_have_no_interval(ask):
    out = ask("run", "textbook-mm3", "--days", "2", "--reps", "1").out
    assert "1 replication of 2 measured working days" in out
    assert "One replication has no interval" in out
    assert not re.search(r"\d–\d", out)


def test_comparison_of_halls_with_unequal_demand_says_so(ask):
    words = ("compare", "textbook-mm3", "--reps", "2", "--days", "2", "--lever")
    assert "waits and shares differ for that reason too" not in ask(*words, "add-staff:pool=windows").out
    scaled = ("compare", "textbook-mm3", "township-desk", "--reps", "2", "--days", "2")
    out = ask(*scaled).out
    assert re.search(
        r"“township-desk” expects \d+ arrivals a day and “textbook-mm3” 288, return visits aside: waits", out
    )


def test_an_overloaded_pool_is_named_after_a_run(ask):
    out = ask("run", "textbook-mm3", "--set", "pools.windows.servers=2", "--reps", "2", "--days", "2").out
    assert "so that queues grow as long as the run lasts: windows" in out


def test_show_lists_every_number_with_its_source(ask):
    lines = ask("show", "township-desk", "--path", "pools.agent").out.splitlines()
    row = next(line for line in lines if line.startswith("pools.agent.cost_per_hour"))
    assert "assumed" in row
    assert row.endswith("library/township-desk.toml")
    assert all(line.startswith("pools.agent") for line in lines[2:])


def test_date_has_no_range_of_the_numbers_beside_it(ask):
    document = ask("show", "township-desk", "--path", "run", "--json").document
    numbers = {row["path"]: row for row in document["numbers"]}
    assert numbers["run.start"]["range"] is None
    assert numbers["run.days"]["range"] == [1, 250]
    start = next(line for line in ask("show", "township-desk", "--path", "run").out.splitlines() if "run.start" in line)
    assert "250" not in start


def test_show_toml_is_a_file_that_runs(ask, tmp_path):
    file = tmp_path / "copy.toml"
    file.write_text(ask("show", "township-desk", "--toml", "--set", "pools.agent.servers=2").out, encoding="utf-8")
    wanted = composed("township-desk", overrides={"pools.agent.servers": 2}).scenario
    assert composed(file).scenario == wanted


# ---- help ----------------------------------------------------------------------------------------------------------

COMMANDS = (
    "run",
    "compare",
    "centralise",
    "select",
    "staff",
    "slim",
    "report",
    "compression",
    "promise",
    "next",
    "frontier",
    "inspections",
    "today",
    "backtest",
    "sweep",
    "results",
    "warm-up",
    "check",
    "show",
    "scenarios",
    "levers",
    "new",
    "catalogue",
    "claims",
    "verify",
    "schema",
    "app",
    "version",
)


@pytest.mark.slow
@for_each("language", ["en", "zh"])
@for_each("name", ["", *COMMANDS])
def test_help_is_all_in_the_users_language(ask, name, language):
    answer = ask("--lang", language, *name.split(), "--help")
    assert (answer.code, answer.err) == (0, "")
    assert "cli." not in answer.out.replace("docs/reference/cli.md", "")
    is_chinese = any("一" <= letter <= "鿿" for letter in answer.out)
    assert is_chinese == (language == "zh")
    if language == "zh":
        assert not re.search(r"\b(Usage|Options|Commands|Arguments|Show|Install)\b", answer.out)


def test_every_command_is_listed_and_its_every_option_explained(ask):
    overview = ask("--help").out
    for name in COMMANDS:
        assert f"  {name} " in overview
        page = ask(name, "--help").out
        for line in page.partition("Options")[2].splitlines():
            assert not line.strip() or len(re.split(r" {3,}", line.strip())) == 2, line


# ---- JSON ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@for_each(
    "words",
    [
        ("run", *TOWNSHIP),
        ("run", "textbook-mm3", "--reps", "1", "--days", "1"),
        ("run", "honghuagang-2014", *SHORT_PAIR),
        ("compare", "township-desk", "--lever", "add-staff:pool=agent", "--reps", "2", "--days", "5"),
        ("compare", "textbook-mm3", "township-desk", "--reps", "2", "--days", "3"),
        ("check", "honghuagang-2013"),
        ("check", "textbook-mm3", "--set", "pools.windows.servers=0"),
        ("show", "honghuagang-2014"),
        ("scenarios",),
        ("levers",),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_json_has_the_form_that_is_documented(ask, words):
    answer = ask(*words, "--json")
    assert (answer.code, answer.err) == (0, "")
    assert "NaN" not in answer.out
    assert "Infinity" not in answer.out
    assert conforms(answer.document)["command"] == words[0]


def test_the_documented_form_notices_what_is_missing(ask):
    document = ask("scenarios", "--json").document
    del document["scenarios"][0]["title"]["zh"]
    with pytest.raises(jsonschema.ValidationError):
        conforms(document)


def test_json_and_python_give_the_same_numbers(ask):
    document = ask("run", *TOWNSHIP, "--json").document
    result = hallplan.run(hallplan.load("township-desk", overrides={"run.days": 10}), replications=2)
    shown = {row["metric"]: row for row in document["metrics"]}
    assert set(shown) == set(result.summary.index)
    for key in ("wait_mean_min", "visits_per_day", "utilisation.agent"):
        assert shown[key]["mean"] == result.summary.loc[key, "mean"]
        assert shown[key]["low"] == result.summary.loc[key, "low"]


def test_processes_do_not_change_a_number(ask, monkeypatch, tmp_path):
    answers = []
    for workers in ("1", "2"):
        monkeypatch.setenv("HALLPLAN_CACHE_DIR", str(tmp_path / workers))  # neither reads what the other simulated
        answers.append(ask("run", *TOWNSHIP, "--json", "--workers", workers))
    assert answers[0] == answers[1]


def test_only_the_metrics_asked_for(ask):
    document = ask("run", *TOWNSHIP, "--json", "--metric", "wait_*_min", "--metric", "utilisation.agent").document
    assert [row["metric"] for row in document["metrics"]] == [
        "wait_mean_min",
        "wait_median_min",
        "wait_q90_min",
        "wait_q95_min",
        "wait_sd_min",
        "wait_all_mean_min",
        "wait_per_trip_mean_min",
        "utilisation.agent",
    ]


def test_schema_prints_the_schemas_of_the_files(ask):
    scenario, lever = ask("schema").document, ask("schema", "--lever").document
    assert "arrivals" in scenario["properties"]
    assert "cost" in lever["properties"]


def test_the_lists_are_those_of_the_library(ask):
    assert [one["name"] for one in ask("scenarios", "--json").document["scenarios"]] == scenario_names()
    assert [one["name"] for one in ask("levers", "--json").document["levers"]] == [one.name for one in levers()]


# ---- messages ------------------------------------------------------------------------------------------------------


def test_every_key_that_the_command_line_uses_is_in_the_catalogue_and_none_lies_idle():
    families = (
        *("cli.kind.", "cli.count.", "cli.purpose.", "cli.channel.", "cli.things.", "cli.option.", "cli.column."),
        *(
            "cli.new.column.",
            "cli.compression.column.",
            "cli.promise.column.",
            "cli.headroom.column.",
            "cli.stops.column.",
            "cli.headroom.demand.",
            "cli.compression.clock.",
            "cli.compression.verdict.",
            "cli.compression.earned_",
            "cli.frontier.ended_",
            "cli.slim.hall.",
            *("cli.next.column.", "cli.next.reason.", "cli.next.move_", "cli.next.title_"),
            *("cli.inspections.accepted.", "cli.inspections.listed.", "cli.inspections.no_joint_"),
            *("cli.backtest.figure.", "cli.backtest.kind."),
            "cli.weekday.",
        ),
        *(f"cli.catalogue.{family}." for family in ("column", "measure", "origin", "population")),
    )
    words = {
        node.value
        for file in (ROOT / "hallplan").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    keys = {word for word in words if re.fullmatch(r"cli\.[a-z_.]*[a-z]", word)}
    headings = {f"cli.column.{word.lstrip('#')}" for word in words}
    known = {key for key in messages.catalogue() if key.startswith("cli.")}
    assert keys - known - {"cli.md"} == set()
    built = {key for key in known if key.startswith(families) and key not in keys}
    assert known - keys - built == set()
    assert {key for key in built if key.startswith("cli.column.")} - headings == set()
