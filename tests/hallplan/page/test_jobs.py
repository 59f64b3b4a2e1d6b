"""What the background promises: it queues, says where everybody stands, stops when asked, and outlives its workers."""

import operator
import os
import threading
import time

import pytest
from job_units import die_once, fail, give_something_that_cannot_travel, niceness_and_process, refuse

from foundation.errors import HallplanError
from hallplan.page.jobs import Jobs, Unit

PATIENCE_S = 60


@pytest.fixture
def jobs():
    queue = Jobs(workers=2, most_active=4, unit_seconds=30)
    yield queue
    queue.close()


@pytest.fixture
def single():
    queue = Jobs(workers=1, most_active=4, unit_seconds=30)
    yield queue
    queue.close()


def add(number, key=None):
    return Unit(key or f"add-{number}", operator.add, (number, 1))


def sleep(seconds, key):
    return Unit(key, time.sleep, (seconds,))


def until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def finish(jobs, name):
    until(lambda: not jobs.view(name).is_active, f"{name} never ended: {jobs.view(name)}")
    return jobs.view(name)


def test_a_job_gives_its_units_results_in_order(jobs):
    jobs.submit("sums", [add(number) for number in range(20)], owner="me")
    assert finish(jobs, "sums").state == "done"
    assert jobs.results("sums") == [number + 1 for number in range(20)]


def test_units_run_in_other_processes_at_low_priority(jobs):
    jobs.submit("nice", [Unit("nice", niceness_and_process)], owner="me")
    finish(jobs, "nice")
    ((niceness, process),) = jobs.results("nice")
    assert niceness >= 10
    assert process != os.getpid()


def test_progress_counts_the_units_that_are_done(single):
    units = [add(1), add(2), sleep(60, "long")]
    assert single.submit("mixed", units, owner="me").total == 3
    until(lambda: single.view("mixed").done == 2, "two short units were never counted")
    view = single.view("mixed")
    assert (view.state, view.done, view.total, view.ahead) == ("running", 2, 3, 0)


def test_everybody_is_told_how_many_are_before_them(single):
    single.submit("first", [sleep(60, "s")], owner="me")
    until(lambda: single.view("first").state == "running", "the first job never began")
    places = [single.submit(name, [add(k)], owner="me").ahead for k, name in enumerate(["second", "third"])]
    assert places == [1, 2]
    single.cancel("first", owner="me")
    assert finish(single, "third").state == "done"


def test_a_full_queue_says_so_and_takes_no_more(single):
    for k in range(4):
        single.submit(f"job-{k}", [sleep(60, f"s{k}")], owner="me")
    with pytest.raises(HallplanError, match="queue is full") as caught:
        single.submit("one too many", [add(1)], owner="me")
    assert caught.value.sentence("zh").startswith("队列已满")
    assert single.view("one too many") is None
    assert single.submit("job-2", [sleep(60, "s2")], owner="you").state == "waiting"


def test_cancelling_stops_at_once_and_lets_the_next_one_in(single):
    single.submit("long", [sleep(600, "long")], owner="me")
    until(lambda: single.view("long").state == "running", "the long job never began")
    single.submit("next", [add(1)], owner="me")
    began = time.monotonic()
    single.cancel("long", owner="me")
    assert single.view("long").state == "cancelled"
    assert finish(single, "next").state == "done"
    assert time.monotonic() - began < 30
    assert single.deaths == 0


def test_a_job_that_somebody_else_waits_for_goes_on(single):
    single.submit("shared", [sleep(0.5, "half"), add(1)], owner="me")
    single.submit("shared", [sleep(0.5, "half"), add(1)], owner="you")
    single.cancel("shared", owner="me")
    assert finish(single, "shared").state == "done"


def test_a_cancelled_job_can_be_asked_for_again(jobs):
    jobs.submit("again", [add(1), sleep(600, "never")], owner="me")
    jobs.cancel("again", owner="me")
    jobs.submit("again", [add(1)], owner="me")
    assert finish(jobs, "again").state == "done"


def test_what_is_known_is_not_computed_again(jobs):
    jobs.submit("first", [Unit("same", niceness_and_process)], owner="me")
    finish(jobs, "first")
    view = jobs.submit("second", [Unit("same", fail)], owner="you")
    assert view.state == "done"
    assert jobs.results("second") == jobs.results("first")


def test_work_that_another_job_does_meanwhile_is_not_done_twice(single):
    units = [sleep(0.3, "slow"), Unit("same", niceness_and_process)]
    single.submit("first", units, owner="me")
    single.submit("second", [Unit("same", fail), add(1)], owner="you")
    assert finish(single, "second").state == "done"
    assert single.results("second")[0] == single.results("first")[1]


def test_old_results_and_jobs_make_room():
    jobs = Jobs(workers=1, most_kept=2, most_results=2)
    try:
        for k in range(5):
            jobs.submit(f"job-{k}", [add(k)], owner="me")
            finish(jobs, f"job-{k}")
        jobs.submit("last", [add(9)], owner="me")
        finish(jobs, "last")
        assert jobs.view("job-0") is None
        with pytest.raises(HallplanError, match="not kept any more"):
            jobs.results("job-0")
    finally:
        jobs.close()


def test_a_refusal_travels_back_as_its_sentence(jobs):
    jobs.submit("refused", [Unit("refused", refuse), add(1)], owner="me")
    view = finish(jobs, "refused")
    assert view.state == "failed"
    assert "7 simulations" in view.error.sentence("en")


@pytest.mark.parametrize("function", [fail, give_something_that_cannot_travel])
def test_a_fault_of_the_program_is_one_sentence_and_the_queue_goes_on(jobs, function):
    jobs.submit("faulty", [Unit("faulty", function)], owner="me")
    view = finish(jobs, "faulty")
    assert view.state == "failed"
    assert "\n" not in view.error.sentence("en")
    jobs.submit("after", [add(1)], owner="me")
    assert finish(jobs, "after").state == "done"


def test_arguments_that_cannot_travel_are_a_fault_and_the_queue_goes_on(single):
    single.submit("faulty", [Unit("faulty", operator.is_, (threading.Lock(), None))], owner="me")
    assert finish(single, "faulty").state == "failed"
    single.submit("after", [add(1)], owner="me")
    assert finish(single, "after").state == "done"


def test_a_process_that_dies_is_replaced_and_its_unit_tried_again(single, tmp_path):
    flag = str(tmp_path / "flag")
    single.submit("mortal", [add(1), Unit("mortal", die_once, (flag,)), add(2)], owner="me")
    assert finish(single, "mortal").state == "done"
    assert single.results("mortal") == [2, "alive", 3]
    assert single.deaths == 1


def test_a_process_that_dies_twice_is_reported_in_one_sentence(jobs):
    jobs.submit("deadly", [Unit("deadly", os._exit, (3,))], owner="me")
    view = finish(jobs, "deadly")
    assert (view.state, view.error.key) == ("failed", "page.jobs.died")
    jobs.submit("after", [add(number) for number in range(5)], owner="me")
    assert finish(jobs, "after").state == "done"


def test_a_unit_that_takes_too_long_is_stopped():
    jobs = Jobs(workers=1, unit_seconds=1)
    try:
        jobs.submit("endless", [sleep(600, "endless")], owner="me")
        view = finish(jobs, "endless")
        assert (view.state, view.error.key) == ("failed", "page.jobs.late")
    finally:
        jobs.close()


def test_an_empty_job_is_done():
    jobs = Jobs()
    assert jobs.submit("nothing", [], owner="me").state == "done"
    assert jobs.results("nothing") == []
    jobs.close()


def test_nobody_knows_a_job_that_was_never_submitted(jobs):
    assert jobs.view("never") is None
    jobs.cancel("never", owner="me")
    with pytest.raises(HallplanError):
        jobs.results("never")


def test_closing_stops_everything():
    jobs = Jobs(workers=2)
    jobs.submit("long", [sleep(600, "one"), sleep(600, "two")], owner="me")
    until(lambda: jobs.view("long").state == "running", "the job never began")
    began = time.monotonic()
    jobs.close()
    assert time.monotonic() - began < 30
    assert jobs.view("long").state == "cancelled"


def test_results_that_are_offered_are_not_computed_and_the_rest_is_missing(single):
    units = [Unit("known", fail), add(1)]
    single.offer({"known": 42})
    assert [unit.key for unit in single.missing(units)] == ["add-1"]
    single.submit("mixed", units, owner="me")
    assert finish(single, "mixed").state == "done"
    assert single.results("mixed") == [42, 2]


def test_a_job_that_is_done_is_announced_with_its_units_and_results():
    announced = []
    queue = Jobs(workers=1, on_done=lambda units, results: announced.append(([unit.key for unit in units], results)))
    try:
        queue.submit("sums", [add(1), add(2)], owner="me")
        until(lambda: announced, "nothing was announced")
        assert announced == [(["add-1", "add-2"], [2, 3])]
    finally:
        queue.close()
