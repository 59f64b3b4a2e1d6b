"""The queue step by step, without processes: places, owners, what is remembered, and in which order things go."""

import inspect
import multiprocessing
import time
from types import SimpleNamespace

import pytest
from page_server import Server

from foundation.errors import HallplanError
from hallplan.page import jobs as module
from hallplan.page.jobs import Jobs, Unit, View


def unit(key, value=None):
    return Unit(key, int, (value if value is not None else len(key),))


def states(queue, *names):
    return [(view.state, view.ahead, view.done) for view in map(queue.view, names)]


def test_a_queue_has_two_processes_sixteen_jobs_and_ten_minutes_for_a_unit_unless_told_otherwise():
    options = {name: parameter.default for name, parameter in inspect.signature(Jobs).parameters.items()}
    assert options == {
        "workers": 2,
        "most_active": 16,
        "most_kept": 64,
        "most_results": 2_000,
        "unit_seconds": 600.0,
        "niceness": 10,
        "on_done": None,
    }


def test_jobs_go_in_the_order_in_which_they_came_and_know_their_place():
    queue = Server()
    for name in ("first", "second", "third"):
        queue.submit(name, [unit(f"{name} 1"), unit(f"{name} 2")], owner="me")
    assert states(queue, "first", "second", "third") == [("waiting", 0, 0), ("waiting", 1, 0), ("waiting", 2, 0)]
    queue.work(1)
    assert states(queue, "first", "second", "third") == [("running", 0, 1), ("waiting", 1, 0), ("waiting", 2, 0)]
    queue.work(1)
    assert states(queue, "first", "second", "third") == [("done", 0, 2), ("waiting", 0, 0), ("waiting", 1, 0)]
    assert queue.view("second") == View("waiting", 0, 0, 2)
    assert [queue.view(name).is_active for name in ("first", "second")] == [False, True]


def test_a_job_s_results_are_in_the_order_of_its_units_and_only_when_it_is_done():
    queue = Server()
    queue.submit("sums", [unit("b", 2), unit("a", 1)], owner="me")
    queue.work(1)
    for name in ("sums", "never"):
        with pytest.raises(HallplanError) as failure:
            queue.results(name)
        assert failure.value.key == "page.jobs.gone"
    queue.work()
    assert queue.results("sums") == [2, 1]


def test_only_active_jobs_fill_the_queue():
    queue = Server(most_active=2)
    queue.submit("done", [], owner="me")
    queue.submit("a", [unit("a")], owner="me")
    queue.submit("b", [unit("b")], owner="me")
    with pytest.raises(HallplanError) as failure:
        queue.submit("c", [unit("c")], owner="me")
    assert (failure.value.key, failure.value.values) == ("page.jobs.full", {"most": 2})
    queue.cancel("a", owner="me")
    assert queue.submit("c", [unit("c")], owner="me").state == "waiting"


def test_only_so_many_ended_jobs_are_remembered_and_the_oldest_are_forgotten_first():
    queue = Server(most_kept=2)
    queue.submit("active", [unit("x")], owner="me")
    for name in "abcd":
        queue.submit(name, [], owner="me")
    remembered = {name for name in ("active", *"abcd") if queue.view(name) is not None}
    assert remembered == {"active", "c", "d"}


def test_results_asked_for_lately_are_remembered_longest():
    queue = Server(most_results=2)
    queue.offer({"a": 1, "b": 2})
    queue.submit("again", [unit("a")], owner="me")  # asked for: b is now the oldest
    queue.offer({"c": 3})
    assert [item.key for item in queue.missing([unit("a"), unit("b"), unit("c")])] == ["b"]
    queue.offer({"a": 4})
    queue.offer({"d": 5})
    assert [item.key for item in queue.missing([unit("a"), unit("c"), unit("d")])] == ["c"]
    assert queue.submit("new", [unit("a")], owner="me").state == "done"
    assert queue.results("new") == [4]


def test_a_job_stops_when_all_who_asked_for_it_have_cancelled_it():
    queue = Server()
    for owner in ("me", "you"):
        queue.submit("shared", [unit("x"), unit("y")], owner=owner)
    queue.cancel("shared", owner="me")
    queue.cancel("shared", owner="me")
    queue.cancel("shared", owner="somebody else")
    assert queue.view("shared").state == "waiting"
    queue.cancel("shared", owner="you")
    assert queue.view("shared") == View("cancelled", 0, 0, 2)
    queue.work()
    assert queue.view("shared").done == 0, "what waited is not begun"
    queue.cancel("shared", owner="you")
    assert queue.submit("shared", [unit("x")], owner="me").total == 1, "it can be asked for again"


def test_a_job_that_has_ended_cannot_be_cancelled():
    queue = Server()
    queue.submit("sum", [unit("x")], owner="me")
    queue.work()
    queue.cancel("sum", owner="me")
    assert queue.view("sum").state == "done"


def test_results_that_come_after_a_job_was_given_up_are_remembered():
    queue = Server()
    queue.submit("given up", [unit("x", 7), unit("y")], owner="me")
    job, index = queue._next()
    queue.cancel("given up", owner="me")
    queue._finish(job, index, 7)
    assert queue.view("given up") == View("cancelled", 0, 0, 2)
    assert queue.submit("other", [unit("x")], owner="me").state == "done"
    queue._fail(job, HallplanError("page.jobs.died"))
    assert queue.view("given up").error is None


def test_a_unit_whose_process_dies_is_tried_twice_and_before_the_others():
    queue = Server()
    queue.submit("mortal", [unit("x"), unit("y")], owner="me")
    job, index = queue._next()
    queue._died(job, index)
    assert (queue.deaths, list(job.waiting), queue.view("mortal").state) == (1, [0, 1], "running")
    assert queue._next() == (job, 0)
    queue._died(job, 0)
    view = queue.view("mortal")
    assert (queue.deaths, view.state, view.error.key, list(job.waiting)) == (2, "failed", "page.jobs.died", [])


def test_a_death_after_cancelling_puts_nothing_back():
    queue = Server()
    queue.submit("mortal", [unit("x")], owner="me")
    job, index = queue._next()
    queue.cancel("mortal", owner="me")
    queue._died(job, index)
    assert (list(job.waiting), queue.view("mortal").state) == ([], "cancelled")


def test_jobs_that_are_done_are_announced_once_each_in_order():
    announced = []
    queue = Server(on_done=lambda units, results: announced.append(([item.key for item in units], results)))
    queue.submit("a", [unit("x", 1), unit("y", 2)], owner="me")
    queue.submit("b", [unit("y", 2), unit("x", 1)], owner="me")
    queue.work()
    assert announced == [(["x", "y"], [1, 2]), (["y", "x"], [2, 1])]


def test_a_closed_queue_gives_up_what_is_active_and_hands_out_nothing():
    queue = Server()
    queue.submit("done", [], owner="me")
    queue.submit("waiting", [unit("x")], owner="me")
    queue.close()
    assert [queue.view(name).state for name in ("done", "waiting")] == ["done", "cancelled"]
    assert queue._next() is None


def fail_with(error):
    def function():
        raise error

    return function


def test_what_goes_wrong_in_a_unit_is_one_sentence():
    own = HallplanError("page.jobs.full", most=3)
    assert module._attempt(int, ("7",)) == ("done", 7)
    assert module._attempt(fail_with(own), ()) == ("error", own)
    for error, key, values in (
        (MemoryError(), "page.jobs.memory", {}),
        (ZeroDivisionError("by zero"), "page.jobs.fault", {"what": "ZeroDivisionError: by zero"}),
    ):
        verdict, sentence = module._attempt(fail_with(error), ())
        assert (verdict, sentence.key, sentence.values) == ("error", key, values)


class Pipe:
    """The end of a pipe in the process: a list of requests, and what was sent back."""

    def __init__(self, *requests):
        self.requests, self.sent = list(requests), []

    def recv(self):
        if not self.requests:
            raise EOFError
        return self.requests.pop(0)

    def send(self, value):
        self.sent.append(value)


def test_a_process_lowers_its_priority_and_answers_until_the_pipe_closes(monkeypatch):
    lowered = []
    monkeypatch.setattr(module.os, "nice", lowered.append)
    pipe = Pipe((int, ("1",)), (int, ("2",)))
    module._work(pipe, 10)
    assert (lowered, pipe.sent) == ([10], [("done", 1), ("done", 2)])


def test_a_queue_that_cannot_start_a_process_says_why(monkeypatch):
    def refuse(niceness):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(module, "_Worker", refuse)
    queue = Jobs(workers=1)
    try:
        queue.submit("sum", [unit("x")], owner="me")
        end = time.monotonic() + 60
        while queue.view("sum").is_active:
            assert time.monotonic() < end
            time.sleep(0.01)
        error = queue.view("sum").error
        assert (error.key, error.values) == ("page.jobs.no_process", {"why": "Cannot allocate memory"})
    finally:
        queue.close()


def test_processes_are_spawned_and_end_with_the_server():
    worker = module._Worker(0)
    try:
        assert worker.is_alive
        assert worker._process.daemon
        assert type(worker._process) is multiprocessing.get_context("spawn").Process
        job = SimpleNamespace(is_active=True)
        assert worker.do(Unit("x", int, ("7",)), 60, job) == ("done", 7)
    finally:
        worker.stop()
    assert not worker.is_alive
