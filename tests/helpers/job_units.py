"""What units of work call in the tests of the queue: a spawned process imports them by this name."""

import os
import threading

from foundation.errors import HallplanError


def refuse():
    raise HallplanError("page.jobs.full", most=7)


def fail():
    raise ZeroDivisionError("no good reason")


def give_something_that_cannot_travel():
    return threading.Lock()


def niceness_and_process():
    return os.nice(0), os.getpid()


def die_once(flag):
    """End this process the first time, and answer the second."""
    if not os.path.exists(flag):  # noqa: PTH110 - nothing but a marker
        os.close(os.open(flag, os.O_CREAT))
        os._exit(3)
    return "alive"
