import pytest

from foundation import messages
from hallplan.show.words import lever_titles, weekday_names


@pytest.mark.parametrize(
    ("weekdays", "english", "chinese"),
    [
        ([0, 1, 2, 3, 4], "Mon–Fri", "周一至周五"),
        ([0, 1, 3, 4, 5], "Mon, Tue, Thu–Sat", "周一、周二、周四至周六"),
        ([2], "Wed", "周三"),
    ],
)
def test_weekdays_in_a_row_are_named_by_the_first_and_the_last(weekdays, english, chinese):
    with messages.using("en"):
        assert weekday_names(weekdays) == english
    with messages.using("zh"):
        assert weekday_names(weekdays) == chinese


def test_levers_have_their_titles_and_those_of_a_user_their_names():
    uses = "merge-sections+add-staff:pool=desk+mine"
    with messages.using("zh"):
        assert lever_titles(uses) == "整合行政审批科 + 增加人员 (pool=desk) + mine"
    assert lever_titles("merge-sections", "en") == "Merge the approval sections"
