"""The report of the page: the numbers of the results on the screen, in the files that `hallplan report` writes."""

from page_samples import two_plans

from foundation import messages
from hallplan.page.reporting import plan_names, report_files, report_unit
from hallplan.page.runs import prepare, stage
from hallplan.show.report import BRIEF, ReportSource, report_of
from planner.compare import Comparison
from planner.outlook import outlook_of
from sim.run.study import run

CHANGED = two_plans("textbook-mm3", "textbook-mm3", staff=(("windows", 4),), replications=2)


def results():
    study = prepare(CHANGED)
    return stage(study, 2), Comparison.of(run(study.study))


def test_the_work_of_a_report_is_the_same_for_the_same_results_and_words():
    shown, comparison = results()
    units = [
        report_unit(shown, comparison, ["A", "B"], sections=(BRIEF,), language=language)
        for language in ("en", "en", "zh")
    ]
    assert units[0].key == units[1].key != units[2].key


def test_the_files_of_a_report_have_the_numbers_on_the_screen():
    shown, comparison = results()
    unit = report_unit(shown, comparison, ["As it is", "One more"], sections=("answer", "figures"), language="en")
    files = unit.function(*unit.arguments)
    assert set(files) == {"html", "docx", "xlsx", "md"}
    assert "STRESS" in files["md"].decode("utf-8")
    plans = tuple(plan.composed for plan in shown.study.plans)
    outlooks = tuple(outlook_of(plan.scenario, plan.raw) for plan in plans)
    with messages.using("en"):
        source = ReportSource(comparison, plans, outlooks, "", ("As it is", "One more"))
        assert report_of(source, ("answer", "figures")).file("html") == files["html"]
    assert "“One more”" in files["html"].decode("utf-8")


def test_the_command_of_a_report_names_the_files_to_download():
    shown, comparison = results()
    unit = report_unit(shown, comparison, ["A", "B"], sections=("record",), language="en")
    page = report_files(*unit.arguments)["html"].decode("utf-8")
    files = "hallplan-a-textbook-mm3.toml hallplan-b-textbook-mm3.toml"
    assert f"hallplan report {files} --sections record --reps 2 --seed 1 --lang en" in page


def test_plans_of_one_name_are_told_apart_by_their_letters():
    assert plan_names({"A": "Hall", "B": "Desk"}) == ["Hall", "Desk"]
    assert plan_names({"A": "Hall", "B": "Hall"}) == ["A · Hall", "B · Hall"]
