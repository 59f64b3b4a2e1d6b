"""Years whose holidays nobody has announced are named, and a year that the scenario speaks of is not."""

import datetime as dt

import pytest
from cases import for_each

import hallplan
from hallplan.cli import main
from planner.notices import calendar_warnings, unannounced_years
from scenarios.compose.composing import compose
from sim.calendar import years_without_notice


def desk(start, **calendar):
    return compose("township-desk", overrides={"run.start": start, **{f"calendar.{k}": v for k, v in calendar.items()}})


def test_years_that_the_state_council_has_spoken_of_have_a_notice():
    assert years_without_notice("CN", 2007, 2026) == ()
    assert years_without_notice("CN", 2098, 2099) == (2098, 2099)
    assert years_without_notice(None, 2098, 2099) == ()
    assert years_without_notice("DE", 2098, 2099) == (), "festivals say all there"


def test_a_run_into_such_a_year_is_warned_of_unless_the_scenario_says_what_is_worked():
    assert unannounced_years(compose("honghuagang-2014")) == ()
    late = desk(dt.date(2098, 11, 3))
    assert unannounced_years(late) == (2098, 2099)
    assert unannounced_years(desk(dt.date(2098, 11, 3), off=[dt.date(2098, 12, 31)])) == (2099,)
    assert unannounced_years(desk(dt.date(2098, 11, 3), country="none")) == ()
    (warning,) = calendar_warnings(late)
    assert warning.path == "calendar.country"
    assert all("2098, 2099" in warning.sentence(language) for language in ("en", "zh"))
    assert warning.sentence() in [one.sentence() for one in hallplan.check(late).warnings]


@pytest.mark.slow
@for_each(
    "words",
    [
        ("check", "township-desk"),
        ("run", "township-desk", "--reps", "1", "--days", "2"),
        ("compare", "township-desk", "--lever", "add-staff:pool=agent", "--reps", "2", "--days", "2"),
    ],
)
@for_each(("language", "told"), [("en", "No official notice"), ("zh", "放假调休通知")])
def test_the_command_line_says_so(capsys, words, language, told):
    assert main([*words, "--lang", language]) == 0
    assert told not in capsys.readouterr().out
    assert main([*words, "--set", "run.start=2098-03-03", "--lang", language]) == 0
    assert told in capsys.readouterr().out


def test_a_run_that_ends_with_the_year_is_not_warned_of_the_next():
    days = {"run.start": dt.date(2098, 12, 1), "run.warm_up_days": 0, "run.follow_up_days": 0}
    # 1 to 31 December 2098 hold 23 working days, the last of them the 31st.
    assert unannounced_years(compose("township-desk", overrides=days | {"run.days": 23})) == (2098,)
    assert unannounced_years(compose("township-desk", overrides=days | {"run.days": 24})) == (2098, 2099)
